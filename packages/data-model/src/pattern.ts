/**
 * Regular expressions of schemas. JavaScript's engine backtracks, and a schema's author may be anybody, so two things
 * bound its time: expressions in which a repeated part holds another repetition or an alternative are refused, and
 * so are look-around and back-references; and no text longer than {@link MAX_MATCHED_LENGTH} is matched at all.
 */
export const MAX_MATCHED_LENGTH = 4096;
const MAX_PATTERN_LENGTH = 1024;

/** Why the platform will not run an expression; undefined when it will. */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > MAX_PATTERN_LENGTH) return `must be at most ${MAX_PATTERN_LENGTH} characters long`;
  const danger = dangerOf(pattern);
  if (danger) return danger;
  return compile(pattern) ? undefined : "is not a regular expression";
}

/** Matches anywhere in the text (reference 5.5). Undefined for an expression that {@link patternProblem} refuses. */
export function compilePattern(pattern: string): ((text: string) => boolean) | undefined {
  if (patternProblem(pattern)) return undefined;
  const expression = compile(pattern);
  return expression && ((text) => text.length <= MAX_MATCHED_LENGTH && expression.test(text));
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, "u");
  } catch {
    try {
      return new RegExp(pattern);
    } catch {
      return undefined;
    }
  }
}

/** What one group holds, as far as it matters when the group is repeated. */
interface Group {
  repeats: boolean;
  alternatives: boolean;
}

const MAX_UNBOUNDED = 3;

/** Reads the expression once from left to right; groups nest on a stack. */
function dangerOf(pattern: string): string | undefined {
  const open: Group[] = [{ repeats: false, alternatives: false }];
  let closed: Group | undefined;
  let unbounded = 0;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    const inside = open.at(-1)!;
    const quantifier = quantifierAt(pattern, i);
    if (quantifier) {
      // A fixed number of fixed things, such as `([0-9a-f]{2})*`, has one way to match only.
      if (closed && (closed.alternatives || closed.repeats))
        return "must not repeat a group that itself repeats or chooses";
      if (quantifier.isVariable) {
        inside.repeats = true;
        if (quantifier.isUnbounded && ++unbounded > MAX_UNBOUNDED)
          return `must not repeat without bound more than ${MAX_UNBOUNDED} times`;
      }
      i += quantifier.length - 1;
      if (pattern[i + 1] === "?") i++;
      closed = undefined;
      continue;
    }
    closed = undefined;
    if (character === "\\") {
      i++;
      if (/[1-9k]/.test(pattern[i] ?? "")) return "must not refer back to a group";
    } else if (character === "[") {
      i = endOfClass(pattern, i);
    } else if (character === "(") {
      if (/^\(\?(?!:)/.test(pattern.slice(i, i + 3))) return "must not look around or name groups";
      open.push({ repeats: false, alternatives: false });
      if (pattern[i + 1] === "?") i += 2;
    } else if (character === ")") {
      if (open.length === 1) return "is not a regular expression";
      closed = open.pop()!;
      const outer = open.at(-1)!;
      outer.repeats ||= closed.repeats;
      outer.alternatives ||= closed.alternatives;
    } else if (character === "|") {
      inside.alternatives = true;
    }
  }
  return undefined;
}

function endOfClass(pattern: string, start: number): number {
  for (let i = start + 1; i < pattern.length; i++) {
    if (pattern[i] === "\\") i++;
    else if (pattern[i] === "]") return i;
  }
  return pattern.length;
}

/** `isVariable`: the number of repetitions is not fixed. */
function quantifierAt(
  pattern: string,
  i: number,
): { length: number; isVariable: boolean; isUnbounded: boolean } | undefined {
  const character = pattern[i];
  if (character === "*" || character === "+") return { length: 1, isVariable: true, isUnbounded: true };
  if (character === "?") return { length: 1, isVariable: true, isUnbounded: false };
  if (character !== "{") return undefined;
  const match = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(pattern.slice(i, i + 12));
  if (!match) return undefined;
  return { length: match[0].length, isVariable: match[2] !== undefined, isUnbounded: match[2] === "," };
}
