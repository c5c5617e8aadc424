import { type ArnPattern, compileArnPattern, matchArn } from "./arn-pattern.ts";
import { canonicalKey, contextValue, type PolicyContext } from "./context.ts";
import type { Condition, ConditionOperator } from "./document.ts";
import { inRange, parseIpAddress, parseIpRange } from "./ip-address.ts";
import { compileTemplate, matchTemplate, type Template, type Variable, variableValue } from "./template.ts";

export interface CompiledCondition {
  text: string;
  key: string;
  values: readonly string[];
  variables: readonly Variable[];
  holds(context: PolicyContext | undefined): boolean;
}

/** Whether one request value meets one policy value; undefined when a variable in the latter does not resolve. */
type Test = (value: string, context: PolicyContext | undefined) => boolean | undefined;

interface CompiledValue {
  test: Test;
  variables: readonly Variable[];
}

/** The opposite operator and, with it, the sense of the answer. */
const NEGATED: Partial<Record<ConditionOperator, ConditionOperator>> = {
  StringNotEquals: "StringEquals",
  StringNotEqualsIgnoreCase: "StringEqualsIgnoreCase",
  StringNotLike: "StringLike",
  NumericNotEquals: "NumericEquals",
  DateNotEquals: "DateEquals",
  NotIpAddress: "IpAddress",
  ArnNotEquals: "ArnEquals",
  ArnNotLike: "ArnLike",
};

/**
 * Prepares a condition. Throws `SyntaxError` for a value that its operator cannot compare: such a condition would
 * otherwise fail, or a negated one hold, for ever without a word.
 */
export function compileCondition(condition: Condition, variables: boolean): CompiledCondition {
  const { key, text, quantifier, ifExists } = condition;
  const canonical = canonicalKey(key);
  const positive = NEGATED[condition.operator];
  const negated = positive !== undefined;
  const named = { text, key, values: condition.values };

  if (condition.operator === "Null") {
    const absent = condition.values.map(parseBoolean);
    return {
      ...named,
      variables: [],
      holds: (context) => absent.includes(isEmpty(contextValue(context, key, canonical))),
    };
  }

  const values = condition.values.map((value) => compileValue(positive ?? condition.operator, value, variables));
  const uncertain = values.flatMap((value) => value.variables);

  const meets = (value: string, context: PolicyContext | undefined): boolean => {
    let unknown = false;
    for (const { test } of values) {
      const result = test(value, context);
      if (result) return !negated;
      unknown ||= result === undefined;
    }
    // "Is not what we do not know" must not hold: the statement does not match (reference 7).
    return negated && !unknown;
  };

  return {
    ...named,
    variables: uncertain,
    holds(context) {
      const present = contextValue(context, key, canonical);
      if (present === undefined) {
        if (ifExists || quantifier === "all") return true;
        return negated && quantifier !== "any";
      }
      if (typeof present === "string") return meets(present, context);
      if (quantifier === "any") return present.some((value) => meets(value, context));
      if (quantifier === "all" || negated) return present.every((value) => meets(value, context));
      return present.some((value) => meets(value, context));
    },
  };
}

const isEmpty = (value: string | readonly string[] | undefined): boolean =>
  value === undefined || (typeof value !== "string" && value.length === 0);

function compileValue(operator: ConditionOperator, value: string, variables: boolean): CompiledValue {
  switch (operator) {
    case "StringEquals":
      return templateValue(compileTemplate(value, { wildcards: false, variables }));
    case "StringLike":
      return templateValue(compileTemplate(value, { wildcards: true, variables }));
    case "StringEqualsIgnoreCase": {
      const template = compileTemplate(value, { wildcards: false, variables });
      return { variables: template.variables, test: (text, context) => equalsIgnoringCase(template, text, context) };
    }
    case "ArnEquals":
    case "ArnLike": {
      const pattern: ArnPattern = compileArnPattern(value, variables);
      return { variables: pattern.variables, test: (text, context) => matchArn(pattern, text, context) };
    }
    case "Bool": {
      const wanted = String(parseBoolean(value));
      return fixed((text) => text.toLowerCase() === wanted);
    }
    case "BinaryEquals": {
      const wanted = stripPadding(value);
      if (!/^[A-Za-z0-9+/]*$/.test(wanted)) throw new SyntaxError(`"${value.slice(0, 40)}" is not base64`);
      return fixed((text) => stripPadding(text) === wanted);
    }
    case "IpAddress": {
      const range = parseIpRange(value);
      if (!range) throw new SyntaxError(`"${value.slice(0, 60)}" is not an IP address or range`);
      return fixed((text) => {
        const address = parseIpAddress(text);
        return address !== undefined && inRange(range, address);
      });
    }
    default:
      return operator.startsWith("Numeric")
        ? ordered(operator.slice("Numeric".length), value, parseNumber, "number")
        : ordered(operator.slice("Date".length), value, parseDate, "date");
  }
}

const fixed = (test: (text: string) => boolean): CompiledValue => ({ test, variables: [] });

const templateValue = (template: Template): CompiledValue => ({
  variables: template.variables,
  test: (text, context) => matchTemplate(template, text, context),
});

function equalsIgnoringCase(template: Template, text: string, context?: PolicyContext): boolean | undefined {
  let wanted = "";
  for (const token of template.tokens) {
    const piece = typeof token === "string" ? token : typeof token === "object" ? variableValue(token, context) : "";
    if (piece === undefined) return undefined;
    wanted += piece;
  }
  return wanted.toLowerCase() === text.toLowerCase();
}

function ordered(
  relation: string,
  value: string,
  parse: (text: string) => number | undefined,
  what: string,
): CompiledValue {
  const bound = parse(value);
  if (bound === undefined) throw new SyntaxError(`"${value.slice(0, 40)}" is not a ${what}`);
  return fixed((text) => {
    const actual = parse(text);
    if (actual === undefined) return false;
    switch (relation) {
      case "Equals":
        return actual === bound;
      case "LessThan":
        return actual < bound;
      case "LessThanEquals":
        return actual <= bound;
      case "GreaterThan":
        return actual > bound;
      default:
        return actual >= bound;
    }
  });
}

function parseBoolean(text: string): boolean {
  const lower = text.toLowerCase();
  if (lower !== "true" && lower !== "false") throw new SyntaxError(`"${text.slice(0, 40)}" is not true or false`);
  return lower === "true";
}

const parseNumber = (text: string): number | undefined =>
  /^[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})(e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : undefined;

/** ISO 8601 or epoch seconds, as milliseconds. */
function parseDate(text: string): number | undefined {
  if (/^-?\d{5,15}$/.test(text)) return Number(text) * 1000;
  if (!/^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d))?)?)?$/.test(text)) return undefined;
  const time = Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return Number.isNaN(time) ? undefined : time;
}

const stripPadding = (text: string): string => {
  let end = text.length;
  while (end > 0 && text[end - 1] === "=") end--;
  return text.slice(0, end);
};
