/**
 * Regular expressions of schemas. A schema's author may be anybody and JavaScript's engine backtracks without bound,
 * so expressions run here as sets of states: the time is the text's length times the expression's, whatever both say.
 * Look-around and back-references have no such form and are refused; everything else of ECMAScript is understood.
 */
interface Atom {
  kind: "atom";
  /** Whether one character is meant. */
  accepts: (character: string) => boolean;
}

type Node =
  | Atom
  | { kind: "sequence"; items: Node[] }
  | { kind: "choice"; options: Node[] }
  | { kind: "repeat"; item: Node; min: number; max: number }
  | { kind: "assert"; assertion: Assertion };

/** What an assertion looks at: the characters before and after the place, empty at the ends of the text. */
type Assertion = (before: string, after: string) => boolean;

type Instruction =
  | { op: "atom"; accepts: (character: string) => boolean }
  | { op: "split"; first: number; second: number }
  | { op: "assert"; assertion: Assertion }
  | { op: "match" };

const MAX_PATTERN_LENGTH = 1024;
const MAX_INSTRUCTIONS = 1000;
const MAX_NESTING = 32;
/** Length of the text times length of the expression: some hundredths of a second. */
const MAX_STEPS = 4_000_000;

class PatternError extends Error {}

/** Why the platform will not run an expression; undefined when it will. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compileProgram(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

/**
 * Matches anywhere in the text (reference 5.5). Undefined for an expression that {@link patternProblem} refuses. A
 * text too long to be looked at within {@link MAX_STEPS} does not match.
 */
export function compilePattern(pattern: string): ((text: string) => boolean) | undefined {
  let program: Instruction[];
  try {
    program = compileProgram(pattern);
  } catch (error) {
    if (error instanceof PatternError) return undefined;
    throw error;
  }
  return (text) => text.length * program.length <= MAX_STEPS && run(program, text);
}

function compileProgram(pattern: string): Instruction[] {
  if (pattern.length > MAX_PATTERN_LENGTH)
    throw new PatternError(`must be at most ${MAX_PATTERN_LENGTH} characters long`);
  if (!isExpression(pattern)) throw new PatternError("is not a regular expression");
  const program: Instruction[] = [];
  emit(new Reader(pattern).read(), program);
  program.push({ op: "match" });
  return program;
}

function isExpression(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

const isWord = (character: string): boolean => /^\w$/.test(character);
const atBoundary: Assertion = (before, after) => isWord(before) !== isWord(after);

/** Reads an expression that JavaScript's own engine has accepted, so its syntax needs no second proof. */
class Reader {
  readonly #text: string;
  #at = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Node {
    const node = this.#choice();
    if (this.#at < this.#text.length) throw new PatternError("is not a regular expression");
    return node;
  }

  #choice(): Node {
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    return options.length === 1 ? options[0]! : { kind: "choice", options };
  }

  #sequence(): Node {
    const items: Node[] = [];
    while (this.#at < this.#text.length && this.#text[this.#at] !== "|" && this.#text[this.#at] !== ")") {
      items.push(this.#repeated(this.#term()));
    }
    return items.length === 1 ? items[0]! : { kind: "sequence", items };
  }

  #term(): Node {
    if (this.#take("^")) return { kind: "assert", assertion: (before) => before === "" };
    if (this.#take("$")) return { kind: "assert", assertion: (_before, after) => after === "" };
    if (this.#take("(")) return this.#group();
    return this.#text[this.#at] === "\\" ? this.#escape() : this.#characters(this.#endOfCharacters());
  }

  #group(): Node {
    if (++this.#nesting > MAX_NESTING) throw new PatternError(`must be nested at most ${MAX_NESTING} deep`);
    if (this.#take("?")) {
      const isNamed = this.#text[this.#at] === "<" && !/[=!]/.test(this.#text[this.#at + 1] ?? "");
      if (isNamed) this.#at = this.#text.indexOf(">", this.#at) + 1;
      else if (!this.#take(":")) throw new PatternError("must not look around");
    }
    const inner = this.#choice();
    this.#take(")");
    this.#nesting--;
    return inner;
  }

  #escape(): Node {
    const rest = this.#text.slice(this.#at);
    if (/^\\([1-9]|k<)/.test(rest)) throw new PatternError("must not refer back to a group");
    if (/^\\[bB]/.test(rest)) {
      this.#at += 2;
      const isInside = rest[1] === "B";
      return { kind: "assert", assertion: (before, after) => atBoundary(before, after) !== isInside };
    }
    const length = /^\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c[A-Za-z]|.)/su.exec(rest)?.[0]
      .length;
    return this.#characters(this.#at + (length ?? 2));
  }

  /** Of a class in brackets, or of one plain character. */
  #endOfCharacters(): number {
    if (this.#text[this.#at] !== "[") return this.#at + String.fromCodePoint(this.#text.codePointAt(this.#at)!).length;
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== "]") end += this.#text[end] === "\\" ? 2 : 1;
    return end + 1;
  }

  /** What one character may be is left to JavaScript's engine: a single character gives it nothing to try again. */
  #characters(end: number): Node {
    const source = this.#text.slice(this.#at, end);
    this.#at = end;
    const expression = oneCharacter(source);
    const known = new Map<string, boolean>();
    return {
      kind: "atom",
      accepts(character) {
        const before = known.get(character);
        if (before !== undefined) return before;
        const accepted = expression.test(character);
        if (known.size < 256) known.set(character, accepted);
        return accepted;
      },
    };
  }

  #repeated(item: Node): Node {
    const match = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/.exec(this.#text.slice(this.#at, this.#at + 24));
    if (!match) return item;
    this.#at += match[0].length;
    // Greedy or not is the same when only the existence of a match counts.
    this.#take("?");
    const [quantifier, least, comma, most] = match;
    if (quantifier === "*") return { kind: "repeat", item, min: 0, max: Number.POSITIVE_INFINITY };
    if (quantifier === "+") return { kind: "repeat", item, min: 1, max: Number.POSITIVE_INFINITY };
    if (quantifier === "?") return { kind: "repeat", item, min: 0, max: 1 };
    const min = Number(least);
    if (comma === undefined) return { kind: "repeat", item, min, max: min };
    return { kind: "repeat", item, min, max: most ? Number(most) : Number.POSITIVE_INFINITY };
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}

function oneCharacter(source: string): RegExp {
  for (const flags of ["u", ""]) {
    try {
      return new RegExp(`^(?:${source})$`, flags);
    } catch {
      // Without `u` more escapes are allowed, such as `\_`.
    }
  }
  throw new PatternError("is not a regular expression");
}

function emit(node: Node, program: Instruction[]): void {
  if (program.length > MAX_INSTRUCTIONS) throw new PatternError("is too large");
  switch (node.kind) {
    case "atom":
      program.push({ op: "atom", accepts: node.accepts });
      break;
    case "assert":
      program.push({ op: "assert", assertion: node.assertion });
      break;
    case "sequence":
      for (const item of node.items) emit(item, program);
      break;
    case "choice":
      emitChoice(node.options, program);
      break;
    case "repeat":
      emitRepeat(node, program);
      break;
  }
}

/** A jump is a split with one way. */
const jump = (target = 0) => ({ op: "split" as const, first: target, second: target });

function emitChoice(options: readonly Node[], program: Instruction[]): void {
  const exits: { first: number; second: number }[] = [];
  for (const [index, option] of options.entries()) {
    if (index === options.length - 1) {
      emit(option, program);
      break;
    }
    const split = jump(program.length + 1);
    program.push(split);
    emit(option, program);
    const exit = jump();
    program.push(exit);
    exits.push(exit);
    split.second = program.length;
  }
  for (const exit of exits) Object.assign(exit, { first: program.length, second: program.length });
}

function emitRepeat(node: { item: Node; min: number; max: number }, program: Instruction[]): void {
  const { item, min, max } = node;
  if (min > MAX_INSTRUCTIONS || (max !== Number.POSITIVE_INFINITY && max > MAX_INSTRUCTIONS)) {
    throw new PatternError("is too large");
  }
  for (let i = 0; i < min; i++) {
    const before = program.length;
    emit(item, program);
    // Nothing repeated is nothing, however often it is nested.
    if (program.length === before) return;
  }
  if (max === Number.POSITIVE_INFINITY) {
    const loop = program.length;
    const split = jump(loop + 1);
    program.push(split);
    emit(item, program);
    program.push(jump(loop));
    split.second = program.length;
    return;
  }
  const skips: { first: number; second: number }[] = [];
  for (let i = min; i < max; i++) {
    const split = jump(program.length + 1);
    program.push(split);
    skips.push(split);
    emit(item, program);
  }
  for (const skip of skips) skip.second = program.length;
}

/** All places of the program that the text read so far may have led to, one character after the other. */
function run(program: readonly Instruction[], text: string): boolean {
  const seenAt = new Int32Array(program.length).fill(-1);
  let position = 0;
  let places: number[] = [];
  let matched = false;

  const follow = (start: number, into: number[], before: string, after: string): void => {
    const waiting = [start];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      if (seenAt[at] === position) continue;
      seenAt[at] = position;
      const instruction = program[at]!;
      if (instruction.op === "match") matched = true;
      else if (instruction.op === "atom") into.push(at);
      else if (instruction.op === "split") waiting.push(instruction.second, instruction.first);
      else if (instruction.assertion(before, after)) waiting.push(at + 1);
    }
  };

  const characters = [...text];
  // A match may begin at every character.
  follow(0, places, "", characters[0] ?? "");
  for (let i = 0; i < characters.length && !matched; i++) {
    const character = characters[i]!;
    const after = characters[i + 1] ?? "";
    position++;
    const next: number[] = [];
    for (const at of places) {
      const instruction = program[at]!;
      if (instruction.op === "atom" && instruction.accepts(character)) follow(at + 1, next, character, after);
    }
    follow(0, next, character, after);
    places = next;
  }
  return matched;
}
