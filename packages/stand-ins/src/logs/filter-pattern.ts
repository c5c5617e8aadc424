import { refuse } from "./log-group.ts";

/** Whether a message matches. */
export type MessageFilter = (message: string) => boolean;

/**
 * Compiles a filter pattern of terms (AWS: "Filter pattern syntax"): all plain terms must be in the message, at least
 * one of those with `?`, none of those with `-`; quoted terms hold spaces. Throws `InvalidParameterException` for what
 * is no such pattern, JSON and regular expressions included.
 */
export function compileFilter(pattern: string): MessageFilter {
  const text = pattern.trim();
  if (text === "") return () => true;
  if (/^[{[]/.test(text)) throw refuse("Filter patterns for JSON and for fields are not built here; use terms.");
  const all: string[] = [];
  const any: string[] = [];
  const none: string[] = [];
  let rest = text;
  while (rest !== "") {
    const found = /^([?-]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?:\s+|$)/.exec(rest);
    if (!found) throw refuse("filterPattern must be terms, separated by spaces; quote those with other characters.");
    const [whole, sign, quoted, plain] = found;
    const term = quoted === undefined ? plain! : quoted.replaceAll(/\\(.)/g, "$1");
    if (quoted === undefined && !/^[\w.:/=@#*+-]+$/.test(term)) {
      throw refuse("Terms with characters other than letters, digits and underscores must be in double quotes.");
    }
    (sign === "?" ? any : sign === "-" ? none : all).push(term);
    rest = rest.slice(whole.length);
  }
  return (message) =>
    all.every((term) => message.includes(term)) &&
    !none.some((term) => message.includes(term)) &&
    (any.length === 0 || any.some((term) => message.includes(term)));
}
