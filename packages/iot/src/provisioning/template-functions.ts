/** The functions of provisioning templates: Ref, Fn::Join, Fn::Select, Fn::FindInMap, Fn::Split, Fn::Sub (reference 6). */
export type Expression = string | { readonly [name: string]: unknown };

export interface Scope {
  values: ReadonlyMap<string, string>;
  mappings: unknown;
}

/** No template needs longer texts, and a device that repeats itself through Fn::Sub gets no further. */
const LONGEST_TEXT = 65_536;

const FUNCTIONS: Readonly<Record<string, (argument: unknown, scope: Scope) => string | string[]>> = {
  Ref: (argument, scope) => variable(plain(argument, "Ref"), scope.values),
  "Fn::Join": (argument, scope) => {
    const [delimiter, list] = pair(argument, "Fn::Join");
    return bounded(listOf(list, scope, "Fn::Join"), plain(delimiter, "Fn::Join"));
  },
  "Fn::Select": (argument, scope) => {
    const [index, list] = pair(argument, "Fn::Select");
    const position = typeof index === "number" ? index : Number(textOf(evaluate(index, scope)));
    const chosen = Number.isInteger(position) ? listOf(list, scope, "Fn::Select")[position] : undefined;
    if (chosen === undefined) throw new Error("Fn::Select: no such element");
    return chosen;
  },
  "Fn::Split": (argument, scope) => {
    const [delimiter, source] = pair(argument, "Fn::Split");
    const separator = plain(delimiter, "Fn::Split");
    if (separator === "") throw new Error("Fn::Split: the delimiter is empty");
    return textOf(evaluate(source, scope)).split(separator);
  },
  "Fn::FindInMap": (argument, scope) => {
    if (!Array.isArray(argument) || argument.length !== 3) throw new Error("Fn::FindInMap takes three arguments");
    let found: unknown = scope.mappings;
    for (const part of argument) {
      const key = textOf(evaluate(part, scope));
      found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
    }
    if (typeof found === "string") return found;
    if (Array.isArray(found) && found.every((element) => typeof element === "string")) return found as string[];
    throw new Error("Fn::FindInMap: no such entry");
  },
  "Fn::Sub": (argument, scope) => {
    const [source, own] = Array.isArray(argument) ? pair(argument, "Fn::Sub") : [argument, {}];
    if (!isObject(own)) throw new Error("Fn::Sub: the second argument must be an object");
    const values = new Map(scope.values);
    for (const [name, value] of Object.entries(own)) values.set(name, textOf(evaluate(value, scope)));
    return bounded(
      substitutions(plain(source, "Fn::Sub")).map((part) =>
        part.name === undefined ? part.text : variable(part.name, values),
      ),
      "",
    );
  },
};

export function evaluate(expression: unknown, scope: Scope): string | string[] {
  if (typeof expression === "string") return expression;
  const [name, argument] = callOf(expression);
  return FUNCTIONS[name]!(argument, scope);
}

export function textOf(value: string | string[]): string {
  if (typeof value !== "string") throw new Error("a list stands where a text is needed");
  return value;
}

/** Throws an Error that says why, for malformed calls and for references to what is not declared. */
export function checkReferences(expression: unknown, declared: ReadonlySet<string>): void {
  if (typeof expression === "string") return;
  if (typeof expression === "number") throw new Error("a number stands where a text is needed");
  const [name, argument] = callOf(expression);
  const known = (reference: string): void => {
    if (!declared.has(reference)) throw new Error(`the parameter ${reference} is not declared`);
  };
  if (name === "Ref") {
    known(plain(argument, "Ref"));
  } else if (name === "Fn::Sub") {
    const [source, own] = Array.isArray(argument) ? pair(argument, "Fn::Sub") : [argument, {}];
    if (!isObject(own)) throw new Error("Fn::Sub: the second argument must be an object");
    for (const value of Object.values(own)) checkReferences(value, declared);
    for (const { name: reference } of substitutions(plain(source, "Fn::Sub"))) {
      if (reference !== undefined && !Object.hasOwn(own, reference)) known(reference);
    }
  } else {
    if (!Array.isArray(argument)) throw new Error(`${name} takes a list of arguments`);
    // The index of Fn::Select may be a number.
    for (const part of argument.flat().filter((part) => typeof part !== "number")) checkReferences(part, declared);
  }
}

/** `${Name}` is replaced, `${!Name}` stands for `${Name}` itself. */
function substitutions(source: string): { text: string; name?: string }[] {
  const parts: { text: string; name?: string }[] = [];
  let at = 0;
  for (;;) {
    const start = source.indexOf("${", at);
    const end = start < 0 ? -1 : source.indexOf("}", start);
    if (end < 0) break;
    const name = source.slice(start + 2, end);
    parts.push({ text: source.slice(at, start) });
    parts.push(name.startsWith("!") ? { text: `\${${name.slice(1)}}` } : { text: "", name });
    at = end + 1;
  }
  return [...parts, { text: source.slice(at) }];
}

function callOf(expression: unknown): [string, unknown] {
  const entries = isObject(expression) ? Object.entries(expression) : [];
  const call = entries[0];
  if (entries.length !== 1 || !call || !Object.hasOwn(FUNCTIONS, call[0])) {
    throw new Error("must be a text or a call of Ref, Fn::Join, Fn::Select, Fn::FindInMap, Fn::Split or Fn::Sub");
  }
  return call;
}

function listOf(value: unknown, scope: Scope, where: string): string[] {
  const list = Array.isArray(value) ? value.map((element) => textOf(evaluate(element, scope))) : evaluate(value, scope);
  if (typeof list === "string") throw new Error(`${where}: the second argument must be a list`);
  return list;
}

function pair(argument: unknown, where: string): [unknown, unknown] {
  if (!Array.isArray(argument) || argument.length !== 2) throw new Error(`${where} takes two arguments`);
  return [argument[0], argument[1]];
}

function plain(value: unknown, where: string): string {
  if (typeof value !== "string") throw new Error(`${where}: a text is needed`);
  return value;
}

function variable(name: string, values: ReadonlyMap<string, string>): string {
  const value = values.get(name);
  if (value === undefined) throw new Error(`${name} has no value`);
  return value;
}

function bounded(parts: readonly string[], delimiter: string): string {
  const length = parts.reduce((sum, part) => sum + part.length + delimiter.length, 0);
  if (length > LONGEST_TEXT) throw new Error(`a text is longer than ${LONGEST_TEXT} characters`);
  return parts.join(delimiter);
}

export const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
