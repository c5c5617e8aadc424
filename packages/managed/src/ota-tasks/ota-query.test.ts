import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesOtaQuery, type OtaQuery, parseOtaQuery } from "./ota-query.ts";

const metaData = { owner: "managedintegrations", model: "lamp-2", "a:b": 'say "x" * \\' };
const matches = (query: string) => matchesOtaQuery(parseOtaQuery(query), metaData);

test.each([
  ["attributes.owner=managedintegrations", true],
  ["attributes.owner:managed*", true],
  ["attributes.owner=*grat*ons", true],
  ["attributes.owner=Managed*", false],
  ["attributes.owner=managed", false],
  ["attributes.owner=*x*", false],
  ["attributes.owner=managedintegrations*managedintegrations", false],
  ["attributes.missing=*", false],
  ["NOT attributes.missing=*", true],
  ["attributes.toString=*", false],
  ["attributes.model=lamp-1 OR attributes.model=lamp-2 AND attributes.owner=m*", true],
  ["(attributes.model=lamp-2 OR attributes.model=lamp-1) AND NOT (attributes.owner=m*)", false],
  ["attributes.model=lamp-2 OR attributes.model=lamp-2 AND attributes.owner=x", true],
  ['attributes."a:b"="say \\"x\\" \\* \\\\"', true],
  ['attributes."a:b"="say*"', true],
  ['attributes."a:b"="say*x*y"', false],
])("%s", (query, expected) => expect(matches(query)).toBe(expected));

test.each([
  ["", 1],
  ["owner=x", 1],
  ["attributes.owner", 17],
  ["attributes.owner=", 18],
  ["attributes.owner=x attributes.model=y", 20],
  ["(attributes.owner=x", 20],
  ["attributes.owner=x)", 19],
  ["attributes.owner=x AND", 23],
  ["attributes.owner=x & attributes.model=y", 20],
  ['attributes.owner="x', 18],
  ["attributes.=x", 1],
  [`${"(".repeat(20)}attributes.a=b${")".repeat(20)}`, 17],
  [`${"NOT ".repeat(40)}attributes.a=b`, 65],
  [Array.from({ length: 13 }, () => "attributes.a=b").join(" OR "), 217],
])("refuses %s", (query, at) => expect(() => parseOtaQuery(query)).toThrow(`at character ${at}.`));

test("no more than a thousand characters", () =>
  expect(() => parseOtaQuery(`attributes.a=${"b".repeat(1_000)}`)).toThrow("at most 1000"));

const quoted = (text: string) => `"${text.replace(/["\\*]/g, "\\$&")}"`;
function print(query: OtaQuery): string {
  switch (query.kind) {
    case "term":
      return `attributes.${quoted(query.name)}="${query.pattern.map((part) => quoted(part).slice(1, -1)).join("*")}"`;
    case "not":
      return `NOT ${print(query.of)}`;
    default:
      return `(${query.of.map(print).join(` ${query.kind.toUpperCase()} `)})`;
  }
}
const text = fc.stringMatching(/^[a-z"\\* :)(=é]{1,6}$/u);
const { query } = fc.letrec<{ query: OtaQuery; term: OtaQuery }>((tie) => ({
  term: fc.record({ kind: fc.constant("term"), name: text, pattern: fc.array(text, { minLength: 1, maxLength: 3 }) }),
  query: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    tie("term"),
    fc.record({ kind: fc.constant("not"), of: tie("query") }),
    fc.record({
      kind: fc.constantFrom("and", "or"),
      of: fc.array(tie("query"), { minLength: 2, maxLength: 2 }),
    }),
  ) as fc.Arbitrary<OtaQuery>,
}));

test("what is printed is parsed as it was", () =>
  fc.assert(
    fc.property(query, (given) => {
      expect(parseOtaQuery(print(given))).toEqual(given);
    }),
    { numRuns: 300 },
  ));

test("anything is parsed or refused with a position", () =>
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("attributes.a", "=", ":", "(", ")", " ", "AND", "NOT", '"', "\\", "x*")),
      (parts) => {
        try {
          parseOtaQuery(parts.join(""));
        } catch (error) {
          expect((error as Error).name).toBe("ValidationException");
        }
      },
    ),
    { numRuns: 500 },
  ));
