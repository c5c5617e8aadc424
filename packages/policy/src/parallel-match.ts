/** A code point that must be there, or `undefined` where any will do. */
type Unit = number | undefined;

/** A template with its values put in: texts, and wildcards as numbers. */
export interface Wildcards {
  star: number;
  one: number;
}

/**
 * Whether the tokens cover `text` from `from` on, in time that no pattern can make long: what stands between two stars
 * is looked for with a bit for each of its characters (Baeza-Yates and Gonnet, "A new approach to text searching",
 * 1992), 32 at once. Slower than trying where there is little to try.
 */
export function matchInParallel(
  tokens: readonly (string | number)[],
  { star, one }: Wildcards,
  text: string,
  from: number,
): boolean {
  const units = codePoints(text.slice(from));
  const segments: Unit[][] = [[]];
  for (const token of tokens) {
    if (token === star) segments.push([]);
    else if (token === one) segments.at(-1)?.push(undefined);
    else for (const unit of codePoints(String(token))) segments.at(-1)?.push(unit);
  }
  const [first = [], ...others] = segments;
  const last = others.pop();
  if (!last) return first.length === units.length && standsAt(first, units, 0);
  const end = units.length - last.length;
  let at = first.length;
  if (end < at || !standsAt(first, units, 0) || !standsAt(last, units, end)) return false;
  for (const segment of others) {
    const found = endOf(segment, units, at, end);
    if (found === undefined) return false;
    at = found;
  }
  return true;
}

const codePoints = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0) as number);

const standsAt = (segment: readonly Unit[], units: readonly number[], at: number): boolean =>
  segment.every((unit, index) => unit === undefined || unit === units[at + index]);

/** Behind the first place from `start` on, and not past `end`, where the segment stands. */
function endOf(segment: readonly Unit[], units: readonly number[], start: number, end: number): number | undefined {
  const { length } = segment;
  if (length === 0) return start;
  const words = Math.ceil(length / 32);
  const anywhere = new Uint32Array(words);
  const places = new Map<number, Uint32Array>();
  for (const unit of new Set(segment)) if (unit !== undefined) places.set(unit, new Uint32Array(words));
  for (const [index, unit] of segment.entries()) {
    const bit = 1 << (index & 31);
    for (const map of unit === undefined ? [anywhere, ...places.values()] : [places.get(unit) as Uint32Array]) {
      map[index >> 5] = (map[index >> 5] as number) | bit;
    }
  }
  // Bit i: the segment's first i + 1 characters end here.
  const reached = new Uint32Array(words);
  const top = 1 << ((length - 1) & 31);
  for (let at = start; at < end; at++) {
    const allowed = places.get(units[at] as number) ?? anywhere;
    let carry = 1;
    for (let word = 0; word < words; word++) {
      const before = reached[word] as number;
      reached[word] = ((before << 1) | carry) & (allowed[word] as number);
      carry = before >>> 31;
    }
    if (((reached[words - 1] as number) & top) !== 0) return at + 1;
  }
  return undefined;
}
