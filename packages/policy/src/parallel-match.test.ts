import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchInParallel } from "./parallel-match.ts";
import { compileTemplate, matchTemplate } from "./template.ts";

const STAR = 0;
const ONE = 1;
const compiled = (pattern: string) => compileTemplate(pattern, { wildcards: true, variables: false });
const parallel = (pattern: string, text: string) =>
  matchInParallel(compiled(pattern).tokens as (string | number)[], { star: STAR, one: ONE }, text, 0);

describe("the search in parallel", () => {
  test("finds what trying finds", () => {
    const pattern = fc.array(fc.constantFrom("a", "b", "*", "?", "\u{1f600}"), { maxLength: 10 });
    const text = fc.array(fc.constantFrom("a", "b", "\u{1f600}"), { maxLength: 14 });
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        expect(parallel(p.join(""), t.join(""))).toBe(matchTemplate(compiled(p.join("")), t.join("")));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([31, 32, 33, 64, 65, 300])("takes segments over the border of a word: %i characters", (length) => {
    const segment = "a?".repeat(length).slice(0, length);
    const text = "a".repeat(length);
    expect(parallel(`*b${segment}c*`, `xxb${text}cxx`)).toBe(true);
    expect(parallel(`*b${segment}c*`, `xxb${text.slice(1)}cxx`)).toBe(false);
    expect(parallel(`*b${segment}c*`, `xxb${text}xxc`)).toBe(false);
  });
});

test("a pattern that makes trying slow costs milliseconds", () => {
  const topic = "a".repeat(65_000);
  const before = process.cpuUsage();
  // Trying takes two seconds for each of these.
  for (let i = 0; i < 10; i++) {
    expect(matchTemplate(compiled(`*${"a?".repeat(900)}b`), topic)).toBe(false);
    expect(matchTemplate(compiled(`*${"a?".repeat(900)}b*`), topic)).toBe(false);
    expect(matchTemplate(compiled(`*${"a?".repeat(900)}b*`), `${topic}b`)).toBe(true);
  }
  expect(process.cpuUsage(before).user / 1_000_000).toBeLessThan(20);
});
