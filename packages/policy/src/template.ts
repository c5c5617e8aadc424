import { canonicalKey, contextValue, type PolicyContext } from "./context.ts";
import { matchInParallel } from "./parallel-match.ts";

/**
 * A text with wildcards and variables, taken apart once. Values of variables are put in as literal text: a `*` in a
 * client id never becomes a wildcard (reference 7).
 */
export interface Template {
  text: string;
  /** Set when the template is one literal. */
  literal?: string;
  tokens: readonly Token[];
  variables: readonly Variable[];
}

/** `*`: any run of characters, `?`: one character. */
const STAR = 0;
const ONE = 1;

export interface Variable {
  key: string;
  canonical: string;
  /** `${key, 'fallback'}` */
  fallback?: string;
}

export type Token = string | typeof STAR | typeof ONE | Variable;
type Resolved = string | typeof STAR | typeof ONE;

export interface TemplateOptions {
  /** Whether `*` and `?` are wildcards or themselves. */
  wildcards: boolean;
  /** Whether `${…}` is replaced: documents of version 2012-10-17. */
  variables: boolean;
}

const VARIABLE = /^([^,'{}$]{1,512})(?:,\s*'([^']{0,1024})')?$/;

/** Takes `text` apart. Throws `SyntaxError` for a `${` that is not closed or names nothing. */
export function compileTemplate(text: string, options: TemplateOptions): Template {
  const tokens: Token[] = [];
  const variables: Variable[] = [];
  let literal = "";
  const push = (token: Token): void => {
    if (literal !== "") tokens.push(literal);
    literal = "";
    // Two stars in a row say no more than one and would cost time.
    if (token !== STAR || tokens.at(-1) !== STAR) tokens.push(token);
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (options.wildcards && character === "*") push(STAR);
    else if (options.wildcards && character === "?") push(ONE);
    else if (options.variables && character === "$" && text[i + 1] === "{") {
      const end = text.indexOf("}", i);
      if (end < 0) throw new SyntaxError(`the variable that starts at "${text.slice(i, i + 40)}" is not closed`);
      const inside = text.slice(i + 2, end);
      i = end;
      if (inside === "*" || inside === "?" || inside === "$") {
        literal += inside;
        continue;
      }
      const parts = VARIABLE.exec(inside);
      const key = parts?.[1]?.trim();
      if (!key) throw new SyntaxError(`"\${${inside.slice(0, 40)}}" is not a policy variable`);
      const variable: Variable = { key, canonical: canonicalKey(key) };
      if (parts?.[2] !== undefined) variable.fallback = parts[2];
      variables.push(variable);
      push(variable);
    } else literal += character;
  }
  if (literal !== "" || tokens.length === 0) tokens.push(literal);
  const only = tokens[0];
  return tokens.length === 1 && typeof only === "string"
    ? { text, literal: only, tokens, variables }
    : { text, tokens, variables };
}

// Values from a certificate are the device maker's, not ours: those that look like syntax stay out (reference 7).
const CERTIFICATE_KEY = "iot:certificate.";
const UNSAFE_IN_CERTIFICATE = /[*$+?#]/;

const isUnsafe = (variable: Variable, value: string): boolean =>
  variable.canonical.startsWith(CERTIFICATE_KEY) && (value.length > 1024 || UNSAFE_IN_CERTIFICATE.test(value));

/** The text that stands for a variable, or undefined when it does not resolve. */
export function variableValue(variable: Variable, context: PolicyContext | undefined): string | undefined {
  const value = contextValue(context, variable.key, variable.canonical);
  if (typeof value !== "string") return variable.fallback;
  return isUnsafe(variable, value) ? undefined : value;
}

/** Why a value that is there cannot stand in a text; undefined when there is none. For explanations. */
export function unusable(variable: Variable, context: PolicyContext | undefined): string | undefined {
  const value = contextValue(context, variable.key, variable.canonical);
  if (value === undefined) return undefined;
  if (typeof value !== "string") return "it stands for several values, which only a condition can compare";
  if (!isUnsafe(variable, value)) return undefined;
  return "the certificate's value holds one of * $ + ? # or more than 1,024 characters, so it is not put in";
}

/** The first variable without a value, or undefined. */
export function unresolved(variables: readonly Variable[], context: PolicyContext | undefined): Variable | undefined {
  return variables.find((variable) => variableValue(variable, context) === undefined);
}

/** Puts the values in; undefined when a variable does not resolve. */
export function resolveTokens(template: Template, context: PolicyContext | undefined): readonly Resolved[] | undefined {
  if (template.variables.length === 0) return template.tokens as readonly Resolved[];
  const tokens: Resolved[] = [];
  for (const token of template.tokens) {
    if (typeof token !== "object") {
      tokens.push(token);
      continue;
    }
    const value = variableValue(token, context);
    if (value === undefined) return undefined;
    tokens.push(value);
  }
  return tokens;
}

/** Whether the template covers the whole of `text`; undefined when a variable does not resolve. */
export function matchTemplate(template: Template, text: string, context?: PolicyContext): boolean | undefined {
  if (template.literal !== undefined) return template.literal === text;
  const tokens = resolveTokens(template, context);
  return tokens && matchTokens(tokens, text);
}

/** Steps after which trying one place after the other is given up; no sensible pattern takes as many. */
const MOST_STEPS = 100_000;

/**
 * One pass with a single point of return (the last star). Policies and topics may come from people who mean harm, so
 * when that takes long the rest is left to a search whose time is bounded. `?` takes a whole code point.
 */
export function matchTokens(tokens: readonly Resolved[], text: string, from = 0): boolean {
  const end = text.length;
  let at = 0;
  let position = from;
  let star = -1;
  let starPosition = 0;
  for (let steps = 0; ; steps++) {
    if (steps > MOST_STEPS) return matchInParallel(tokens, { star: STAR, one: ONE }, text, from);
    const token = tokens[at];
    if (token === undefined) {
      if (position === end) return true;
    } else if (token === STAR) {
      if (at === tokens.length - 1) return true;
      star = at++;
      starPosition = position;
      continue;
    } else if (token === ONE) {
      if (position < end) {
        position += (text.codePointAt(position) as number) > 0xffff ? 2 : 1;
        at++;
        continue;
      }
    } else if (text.startsWith(token, position)) {
      position += token.length;
      at++;
      continue;
    }
    if (star < 0) return false;
    const after = tokens[star + 1];
    starPosition++;
    if (typeof after === "string") starPosition = text.indexOf(after, starPosition);
    if (starPosition < 0 || starPosition > end) return false;
    position = starPosition;
    at = star + 1;
  }
}
