import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePattern, patternProblem } from "./pattern.ts";

const matches = (pattern: string, text: string): boolean => compilePattern(pattern)!(text);

describe("a pattern", () => {
  test.each([
    ["b", "abc", true],
    ["^b", "abc", false],
    ["^[a-zA-Z0-9_ \\-/]+$", "Kitchen - 1/2", true],
    ["^([0-9a-fA-F]{2})+$", "00ff", true],
    ["^([0-9a-fA-F]{2})+$", "00f", false],
    ["^([0-9a-fA-F]{2})*$", "", true],
    ["^(cat|dog)s?$", "dogs", true],
    ["^(cat|dog)s?$", "cow", false],
    ["^\\d{2,4}$", "12345", false],
    ["^\\d{2,}$", "12345", true],
    ["^a{0}b$", "b", true],
    ["\\bred\\b", "a red one", true],
    ["\\bred\\b", "bored", false],
    ["^.$", "\n", false],
    ["^\\u0041\\x42$", "AB", true],
    ["^\\p{Lu}$", "Ü", true],
    ["^(?:a|(?<name>b))+?$", "abba", true],
    ["^[^\\]]+$", "a]b", false],
    ["^.$", "😀", true],
    ["a||b", "c", true],
    ["", "anything", true],
  ])("%s on %j gives %s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test("agrees with JavaScript's engine", () => {
    const piece = fc.constantFrom("a", "b", "[ab]", "[^a]", ".", "\\w", "(a|b)", "(ab)", "(?:a|)", "^", "$", "\\b");
    const quantifier = fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?");
    const part = fc
      .tuple(piece, quantifier)
      .map(([text, repeat]) => (/^[\^$]$|\\b/.test(text) ? text : `${text}${repeat}`));
    const pattern = fc.array(fc.oneof(part, fc.constant("|")), { maxLength: 6 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom("a", "b", "c", " ", "\n"), maxLength: 8 }),
        (source, text) => {
          expect(matches(source, text)).toBe(new RegExp(source, "u").test(text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each(["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "a*a*a*a*a*b", "^(([a-z])+.)+[A-Z]([a-z])+$"])(
    "%s needs no more than its share of steps",
    (pattern) => {
      expect(matches(pattern, `${"a".repeat(20_000)}!`)).toBe(false);
    },
  );

  test.each([
    ["(", "is not a regular expression"],
    ["a**", "is not a regular expression"],
    ["(?=a)", "must not look around"],
    ["(?<!a)b", "must not look around"],
    ["(a)\\1", "must not refer back to a group"],
    ["(?<x>a)\\k<x>", "must not refer back to a group"],
    ["a{100000}", "is too large"],
    ["((a{30}){30}){30}", "is too large"],
    ["(".repeat(40) + ")".repeat(40), "must be nested at most 32 deep"],
    ["a".repeat(1025), "must be at most 1024 characters long"],
  ])("%s is refused", (pattern, problem) => {
    expect(patternProblem(pattern)).toBe(problem);
    expect(compilePattern(pattern)).toBeUndefined();
  });

  test("nothing repeated costs nothing", () => {
    expect(matches("^((((){1000}){1000}){1000}){1000}$", "")).toBe(true);
  });

  test("a text beyond the bound does not match", () => {
    expect(matches("^a*$", "a".repeat(1_000_001))).toBe(false);
  });
});
