import type { PolicyContext } from "./context.ts";
import {
  compileTemplate,
  matchTemplate,
  matchTokens,
  resolveTokens,
  type Template,
  type Token,
  type Variable,
} from "./template.ts";

/**
 * A pattern for ARNs. Its six parts are matched one by one, so that a `*` in the account's place cannot reach into a
 * resource that the device names itself (`topic/x:topic/allowed`). (AWS: IAM JSON policy elements: Condition
 * operators, ARN operators.)
 */
export interface ArnPattern {
  text: string;
  /** Everything matches. */
  any: boolean;
  /** Not six parts: matched as a whole. */
  whole?: Template;
  /** The first five parts with their colons, when nothing varies in them. */
  prefix?: string;
  /** The first five parts otherwise. */
  parts?: readonly Template[];
  rest?: Template;
  variables: readonly Variable[];
}

/** Throws `SyntaxError` for a malformed variable. */
export function compileArnPattern(text: string, variables: boolean): ArnPattern {
  const whole = compileTemplate(text, { wildcards: true, variables });
  const base = { text, any: text === "*", variables: whole.variables };
  const pieces = splitTemplate(whole);
  if (!pieces) return { ...base, whole };
  const parts = pieces.slice(0, 5);
  const rest = pieces[5] as Template;
  if (parts.every((part) => part.literal !== undefined)) {
    return { ...base, prefix: parts.map((part) => `${part.literal}:`).join(""), rest };
  }
  return { ...base, parts, rest };
}

/** Whether the pattern covers `arn`; undefined when a variable in it does not resolve. */
export function matchArn(pattern: ArnPattern, arn: string, context?: PolicyContext): boolean | undefined {
  if (pattern.any) return true;
  if (!pattern.rest) return matchTemplate(pattern.whole as Template, arn, context);
  let start: number;
  if (pattern.prefix !== undefined) {
    if (!arn.startsWith(pattern.prefix)) return pattern.variables.length > 0 ? unresolvedOr(pattern, context) : false;
    start = pattern.prefix.length;
  } else {
    start = 0;
    let matched: boolean | undefined = true;
    for (const part of pattern.parts as readonly Template[]) {
      const colon = arn.indexOf(":", start);
      if (colon < 0) return unresolvedOr(pattern, context);
      const result = matchTemplate(part, arn.slice(start, colon), context);
      if (result === undefined) return undefined;
      matched &&= result;
      start = colon + 1;
    }
    if (!matched) return unresolvedOr(pattern, context);
  }
  const rest = pattern.rest;
  if (rest.literal !== undefined) return arn.length === start + rest.literal.length && arn.endsWith(rest.literal);
  const tokens = resolveTokens(rest, context);
  return tokens && matchTokens(tokens, arn, start);
}

// "Does not match" and "cannot be known" differ for NotResource, so the question is answered even after a mismatch.
function unresolvedOr(pattern: ArnPattern, context: PolicyContext | undefined): false | undefined {
  if (pattern.variables.length === 0) return false;
  return resolveTokens({ text: "", tokens: pattern.variables, variables: pattern.variables }, context) && false;
}

/** Cuts a template at its first five literal colons; undefined when there are fewer. */
function splitTemplate(template: Template): Template[] | undefined {
  const pieces: Token[][] = [[]];
  for (const token of template.tokens) {
    if (typeof token !== "string") {
      pieces.at(-1)?.push(token);
      continue;
    }
    let text = token;
    for (;;) {
      const colon = pieces.length < 6 ? text.indexOf(":") : -1;
      if (colon < 0) break;
      if (colon > 0) pieces.at(-1)?.push(text.slice(0, colon));
      pieces.push([]);
      text = text.slice(colon + 1);
    }
    if (text !== "") pieces.at(-1)?.push(text);
  }
  return pieces.length === 6 ? pieces.map(toTemplate) : undefined;
}

function toTemplate(tokens: readonly Token[]): Template {
  const variables = tokens.filter((token) => typeof token === "object");
  const first = tokens[0] ?? "";
  if (tokens.length <= 1 && typeof first === "string")
    return { text: first, literal: first, tokens: [first], variables };
  return { text: "", tokens, variables };
}
