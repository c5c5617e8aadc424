import { type Iot, ServiceError } from "@hearth/contract";
import { compareDecimals, type Decimal, parseDecimal } from "./decimal.ts";

export type ParameterValue = Iot.CommandParameterValue;
export type ParameterType = Iot.CommandParameterType;
/** What a command's execution is given by whoever starts it, or by its default (reference 14). */
export type Parameter = Iot.CommandParameter & { readonly type: ParameterType };
export type Values = Readonly<Record<string, ParameterValue>>;

export const invalid = (message: string): ServiceError => new ServiceError("ValidationException", message);

/** The member of a value that each type has. */
const MEMBERS: Readonly<Record<ParameterType, keyof ParameterValue>> = {
  STRING: "S",
  INTEGER: "I",
  LONG: "L",
  UNSIGNEDLONG: "UL",
  DOUBLE: "D",
  BOOLEAN: "B",
  BINARY: "BIN",
};
const LARGEST_UNSIGNED = (1n << 64n) - 1n;

/** Throws ValidationException for a value that is not one of the parameter's type. */
export function checkValue(name: string, type: ParameterType, value: ParameterValue): void {
  const given = Object.entries(value).filter(([, member]) => member !== undefined);
  const member = MEMBERS[type];
  if (given.length !== 1 || given[0]?.[0] !== member) {
    throw invalid(`Parameter ${name} is of type ${type}: give its value as ${member}, and nothing else`);
  }
  const { I, L, UL, D } = value;
  if (I !== undefined && I !== (I | 0)) throw invalid(`Parameter ${name}: I must be an integer of 32 bits`);
  if (L !== undefined && !Number.isSafeInteger(L)) {
    throw invalid(`Parameter ${name}: L must be an integer that a JSON number holds exactly, up to 2^53 - 1`);
  }
  if (UL !== undefined && (!/^\d{1,20}$/.test(UL) || BigInt(UL) > LARGEST_UNSIGNED)) {
    throw invalid(`Parameter ${name}: UL must be an integer from 0 to 2^64 - 1`);
  }
  if (D !== undefined && !Number.isFinite(D)) throw invalid(`Parameter ${name}: D must be a finite number`);
}

/** The value of a number parameter, exactly; undefined for other types. */
function numberOf({ I, L, UL, D }: ParameterValue): Decimal | undefined {
  const number = I ?? L ?? UL ?? D;
  return number === undefined ? undefined : parseDecimal(String(number));
}

const NUMERIC: ReadonlySet<ParameterType> = new Set(["INTEGER", "LONG", "UNSIGNEDLONG", "DOUBLE"]);
type Operator = Iot.CommandParameterValueComparisonOperator;
type Operand = Iot.CommandParameterValueComparisonOperand;

/** The operand that an operator takes for numbers and for text. */
const OPERANDS: Readonly<Record<Operator, readonly [forNumbers: keyof Operand, forText: keyof Operand | undefined]>> = {
  EQUALS: ["number", "string"],
  NOT_EQUALS: ["number", "string"],
  LESS_THAN: ["number", undefined],
  LESS_THAN_EQUALS: ["number", undefined],
  GREATER_THAN: ["number", undefined],
  GREATER_THAN_EQUALS: ["number", undefined],
  IN_SET: ["numbers", "strings"],
  NOT_IN_SET: ["numbers", "strings"],
  IN_RANGE: ["numberRange", undefined],
  NOT_IN_RANGE: ["numberRange", undefined],
};

function decimal(name: string, text: string): Decimal {
  const found = parseDecimal(text);
  if (!found) throw invalid(`Parameter ${name}: ${text.slice(0, 80)} in its conditions is not a number`);
  return found;
}

/** Throws ValidationException unless the condition means something for a parameter of this type. */
function checkCondition(name: string, type: ParameterType, condition: Iot.CommandParameterValueCondition): void {
  const { comparisonOperator: operator, operand } = condition;
  const member = NUMERIC.has(type) ? OPERANDS[operator][0] : type === "STRING" ? OPERANDS[operator][1] : undefined;
  if (member === undefined) throw invalid(`Parameter ${name}: ${operator} says nothing about a value of type ${type}`);
  const given = Object.entries(operand).filter(([, value]) => value !== undefined);
  if (given.length !== 1 || given[0]?.[0] !== member) {
    throw invalid(`Parameter ${name}: the operand of ${operator} is ${member}, and nothing else`);
  }
  for (const number of [...(operand.number === undefined ? [] : [operand.number]), ...(operand.numbers ?? [])]) {
    decimal(name, number);
  }
  const { numberRange: range } = operand;
  if (range && compareDecimals(decimal(name, range.min), decimal(name, range.max)) > 0) {
    throw invalid(`Parameter ${name}: the range of ${operator} ends before it begins`);
  }
}

/** The parameters of a new command. Throws ValidationException. */
export function checkParameters(given: readonly Iot.CommandParameter[]): Parameter[] {
  const names = new Set<string>();
  return given.map((parameter) => {
    const { name, type, value, defaultValue, valueConditions } = parameter;
    if (names.has(name)) throw invalid(`mandatoryParameters: ${name} is there twice`);
    names.add(name);
    if (type === undefined) throw invalid(`mandatoryParameters: ${name} needs a type`);
    if (value !== undefined) checkValue(name, type, value);
    if (defaultValue !== undefined) checkValue(name, type, defaultValue);
    for (const condition of valueConditions ?? []) checkCondition(name, type, condition);
    return { ...parameter, type };
  });
}

function holds(value: ParameterValue, { comparisonOperator: operator, operand }: Iot.CommandParameterValueCondition) {
  const number = numberOf(value);
  // What cannot be read is refused when the command is created.
  const order = (text: string): number => {
    const other = parseDecimal(text);
    return number && other ? compareDecimals(number, other) : Number.NaN;
  };
  const equals = (text: string | undefined): boolean =>
    text !== undefined && (number ? order(text) === 0 : value.S === text);
  const among = (): boolean => (operand.numbers ?? operand.strings ?? []).some(equals);
  const { min = "", max = "" } = operand.numberRange ?? {};
  const inRange = (): boolean => order(min) >= 0 && order(max) <= 0;
  switch (operator) {
    case "EQUALS":
      return equals(operand.number ?? operand.string);
    case "NOT_EQUALS":
      return !equals(operand.number ?? operand.string);
    case "LESS_THAN":
      return order(operand.number ?? "") < 0;
    case "LESS_THAN_EQUALS":
      return order(operand.number ?? "") <= 0;
    case "GREATER_THAN":
      return order(operand.number ?? "") > 0;
    case "GREATER_THAN_EQUALS":
      return order(operand.number ?? "") >= 0;
    case "IN_SET":
      return among();
    case "NOT_IN_SET":
      return !among();
    case "IN_RANGE":
      return inRange();
    // The bounds belong to both (the model of CommandParameterValueCondition).
    case "NOT_IN_RANGE":
      return order(min) <= 0 || order(max) >= 0;
  }
}

/** The value of each parameter of an execution: what is given, else the command's own. Throws ValidationException. */
export function resolveParameters(parameters: readonly Parameter[], given: Values): Values {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  for (const name of Object.keys(given)) {
    if (!known.has(name)) throw invalid(`The command has no parameter ${name}`);
  }
  const values = parameters.map((parameter): [string, ParameterValue] => {
    const { name, type, valueConditions = [] } = parameter;
    const value = (Object.hasOwn(given, name) ? given[name] : undefined) ?? parameter.value ?? parameter.defaultValue;
    if (value === undefined) throw invalid(`Parameter ${name} has no default: give it a value`);
    checkValue(name, type, value);
    for (const condition of valueConditions) {
      if (!holds(value, condition)) {
        throw invalid(`Parameter ${name}: its value does not satisfy the condition ${condition.comparisonOperator}`);
      }
    }
    return [name, value];
  });
  return Object.fromEntries(values);
}
