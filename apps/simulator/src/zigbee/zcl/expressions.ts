import type { Expression } from "./cluster.ts";
import type { ZclValue } from "./data-types.ts";

export interface Scope {
  attribute(path: string): ZclValue;
  field(name: string): ZclValue;
}

type Calculation = (scope: Scope, operands: readonly Expression[]) => ZclValue;

/** @throws RangeError at an operation that does not exist: the catalogue is wrong then, not the frame */
export function evaluate(scope: Scope, expression: Expression | undefined): ZclValue {
  if (expression === undefined) return 0;
  if (typeof expression !== "object") return expression;
  const [operator, ...operands] = expression;
  const operation = operations.get(String(operator));
  if (!operation) throw new RangeError(`the catalogue names the operation ${operator}, which does not exist`);
  return operation(scope, operands);
}

const numbers =
  (calculate: (a: number, b: number, c: number) => number): Calculation =>
  (scope, [a, b, c]) =>
    calculate(Number(evaluate(scope, a)), Number(evaluate(scope, b)), Number(evaluate(scope, c)));

const operations = new Map<string, Calculation>([
  ["get", (scope, [path]) => scope.attribute(String(path))],
  ["field", (scope, [name]) => scope.field(String(name))],
  ["not", (scope, [a]) => !evaluate(scope, a)],
  ["and", (scope, [a, b]) => Boolean(evaluate(scope, a)) && Boolean(evaluate(scope, b))],
  ["or", (scope, [a, b]) => Boolean(evaluate(scope, a)) || Boolean(evaluate(scope, b))],
  ["=", (scope, [a, b]) => evaluate(scope, a) === evaluate(scope, b)],
  [">", (scope, [a, b]) => Number(evaluate(scope, a)) > Number(evaluate(scope, b))],
  ["if", (scope, [condition, a, b]) => (evaluate(scope, condition) ? evaluate(scope, a) : evaluate(scope, b))],
  ["+", numbers((a, b) => a + b)],
  ["-", numbers((a, b) => a - b)],
  ["*", numbers((a, b) => a * b)],
  ["div", numbers((a, b) => (b === 0 ? 0 : Math.trunc(a / b)))],
  ["round", numbers((a, b) => (b === 0 ? 0 : Math.round(a / b)))],
  ["mod", numbers((a, b) => (b === 0 ? 0 : a % b))],
  ["clamp", numbers((a, low, high) => Math.min(Math.max(a, low), high))],
]);
