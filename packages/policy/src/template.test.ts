import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileTemplate, matchTemplate } from "./template.ts";

const matches = (pattern: string, text: string): boolean | undefined =>
  matchTemplate(compileTemplate(pattern, { wildcards: true, variables: false }), text);

/** The same by the definition, as slow as it likes. */
function slow(pattern: readonly string[], text: readonly string[]): boolean {
  if (pattern.length === 0) return text.length === 0;
  const [first, ...rest] = pattern;
  if (first === "*") return text.some((_, at) => slow(rest, text.slice(at))) || slow(rest, []);
  return text.length > 0 && (first === "?" || first === text[0]) && slow(rest, text.slice(1));
}

describe("wildcards", () => {
  const pattern = fc.array(fc.constantFrom("a", "b", "/", "*", "?", "\u{1f600}"), { maxLength: 8 });
  const text = fc.array(fc.constantFrom("a", "b", "/", "\u{1f600}"), { maxLength: 10 });

  test("match what their definition says", () => {
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        expect(matches(p.join(""), t.join(""))).toBe(slow(p, t));
      }),
      { numRuns: 3000 },
    );
  });

  test("every text matches itself, when it holds no wildcard", () => {
    fc.assert(
      fc.property(
        fc.string().filter((t) => !/[*?]/.test(t)),
        (t) => matches(t, t) === true,
      ),
    );
  });

  test("a pattern made to be slow is not [no backtracking beyond the last star]", () => {
    expect(matches(`${"*a".repeat(500)}*b`, "a".repeat(5_000))).toBe(false);
    expect(matches(`*${"?".repeat(500)}b`, "a".repeat(5_000))).toBe(false);
  });
});

describe("variables", () => {
  test("a value is literal whatever it holds", () => {
    const template = compileTemplate(`x/\${iot:ClientId}/*`, { wildcards: true, variables: true });
    fc.assert(
      fc.property(fc.string(), fc.string(), (value, other) => {
        expect(matchTemplate(template, `x/${value}/y`, { "iot:ClientId": value })).toBe(true);
        fc.pre(!`${other}/y`.startsWith(`${value}/`));
        expect(matchTemplate(template, `x/${other}/y`, { "iot:ClientId": value })).toBe(false);
      }),
    );
  });

  test("without a value there is no answer", () => {
    const template = compileTemplate(`\${a:b}`, { wildcards: true, variables: true });
    expect(matchTemplate(template, `\${a:b}`)).toBeUndefined();
  });
});
