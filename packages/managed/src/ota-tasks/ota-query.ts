import { invalid } from "../errors.ts";

/**
 * Queries of continuous OTA tasks over the things' MetaData (reference 12, reading U43): terms
 * `attributes.<name>` `=` or `:` `<value>`, AND before OR, NOT, parentheses. Names and values with other characters
 * than letters, digits and `_-.,@#/+` stand in double quotes; `*` in a value stands for any characters.
 */
export type OtaQuery =
  | { kind: "term"; name: string; pattern: readonly string[] }
  | { kind: "not"; of: OtaQuery }
  | { kind: "and" | "or"; of: readonly OtaQuery[] };

/** Characters, terms and levels that a query has at most. */
const LENGTH = 1_000;
const TERMS = 12;
const DEPTH = 16;

interface Token {
  kind: "word" | "quoted" | "mark" | "end";
  text: string;
  at: number;
}

const TOKEN = /\s*(?:([\p{L}\p{N}_\-.,@#/+*]+)|"((?:[^"\\]|\\.)*)"|([()=:]))/uy;

function* tokensOf(text: string): Generator<Token> {
  TOKEN.lastIndex = 0;
  for (let at = 0; ; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      const rest = text.slice(at).trimStart();
      if (rest === "") break;
      throw wrong(text.length - rest.length, `unexpected ${rest.slice(0, 1)}`);
    }
    const [whole, word, quoted, mark] = match;
    const start = at + whole.length - whole.trimStart().length;
    if (word !== undefined) yield { kind: "word", text: word, at: start };
    else if (quoted !== undefined) yield { kind: "quoted", text: quoted, at: start };
    else yield { kind: "mark", text: mark ?? "", at: start };
  }
  yield { kind: "end", text: "the end", at: text.length };
}

const wrong = (at: number, why: string) => invalid(`OtaTargetQueryString: ${why} at character ${at + 1}.`);

/** Throws ValidationException that says at which character. */
export function parseOtaQuery(text: string): OtaQuery {
  if (text.length > LENGTH) throw invalid(`OtaTargetQueryString: at most ${LENGTH} characters.`);
  const tokens = [...tokensOf(text)];
  let position = 0;
  let terms = 0;
  const peek = () => tokens[position] as Token;
  const take = () => tokens[position++] as Token;
  const isWord = (word: string) => peek().kind === "word" && peek().text === word;
  const isMark = (mark: string) => peek().kind === "mark" && peek().text === mark;

  function chain(kind: "and" | "or", word: string, next: (depth: number) => OtaQuery, depth: number): OtaQuery {
    const first = next(depth);
    if (!isWord(word)) return first;
    const of = [first];
    while (isWord(word)) {
      take();
      of.push(next(depth));
    }
    return { kind, of };
  }
  const anyOf = (depth: number): OtaQuery => chain("or", "OR", allOf, depth);
  const allOf = (depth: number): OtaQuery => chain("and", "AND", one, depth);

  function one(depth: number): OtaQuery {
    if (depth > DEPTH) throw wrong(peek().at, `more than ${DEPTH} levels`);
    if (isWord("NOT")) {
      take();
      return { kind: "not", of: one(depth + 1) };
    }
    if (isMark("(")) {
      take();
      const inside = anyOf(depth + 1);
      if (!isMark(")")) throw wrong(peek().at, `a parenthesis is open: ${peek().text}`);
      take();
      return inside;
    }
    return term();
  }

  function term(): OtaQuery {
    const field = take();
    const [, plain] = /^attributes\.(.*)$/.exec(field.kind === "word" ? field.text : "") ?? [];
    if (plain === undefined) throw wrong(field.at, `attributes.<name> is expected, not ${field.text.slice(0, 50)}`);
    const name = plain === "" && peek().kind === "quoted" ? unescaped(take().text) : plain;
    if (name === "" || plain.includes("*")) throw wrong(field.at, "attributes. is followed by a name");
    const operator = take();
    if (operator.kind !== "mark" || (operator.text !== "=" && operator.text !== ":")) {
      throw wrong(operator.at, `= or : is expected, not ${operator.text.slice(0, 50)}`);
    }
    const value = take();
    if (value.kind !== "word" && value.kind !== "quoted") throw wrong(value.at, "a value is expected");
    terms += 1;
    if (terms > TERMS) throw wrong(field.at, `more than ${TERMS} terms`);
    return { kind: "term", name, pattern: patternOf(value) };
  }

  const query = anyOf(1);
  if (peek().kind !== "end") throw wrong(peek().at, `AND, OR or the end is expected, not ${peek().text.slice(0, 50)}`);
  return query;
}

const unescaped = (text: string): string => text.replace(/\\(.)/gsu, "$1");

/** What stands between the wildcards; in quotes `\*` is an asterisk. */
function patternOf({ kind, text }: Token): string[] {
  if (kind === "word") return text.split("*");
  const parts = [""];
  for (const [, escaped, wildcard, other = ""] of text.matchAll(/\\(.)|(\*)|([^\\*]+)/gsu)) {
    if (wildcard !== undefined) parts.push("");
    else parts[parts.length - 1] += escaped ?? other;
  }
  return parts;
}

/** Whether a thing with this MetaData matches. An attribute that it lacks has no value, so only NOT of it matches. */
export function matchesOtaQuery(query: OtaQuery, metaData: Readonly<Record<string, string>> | undefined): boolean {
  switch (query.kind) {
    case "not":
      return !matchesOtaQuery(query.of, metaData);
    case "and":
      return query.of.every((part) => matchesOtaQuery(part, metaData));
    case "or":
      return query.of.some((part) => matchesOtaQuery(part, metaData));
    case "term": {
      const { name, pattern } = query;
      const value = metaData !== undefined && Object.hasOwn(metaData, name) ? metaData[name] : undefined;
      return value !== undefined && matchesPattern(pattern, value);
    }
  }
}

/** Each part as early as it can be: time grows with the value's length alone for each part. */
function matchesPattern(pattern: readonly string[], value: string): boolean {
  const [first = "", ...rest] = pattern;
  const last = rest.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return value.length - last.length >= at && value.endsWith(last);
}
