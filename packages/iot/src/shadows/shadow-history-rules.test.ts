import fc from "fast-check";
import { expect, test } from "vitest";
import { applyUpdate, NO_SHADOW, parseUpdate, type Sections, type Shadow } from "./shadow.ts";
import { changesBetween, follows, type HistoryEntry, keptEntries } from "./shadow-history-rules.ts";

const key = fc.constantFrom("a", "b", "c", "__proto__", "constructor");
const { node } = fc.letrec((tie) => ({
  node: fc.dictionary(
    key,
    fc.oneof({ maxDepth: 3 }, fc.integer({ max: 3 }), fc.array(fc.integer({ max: 2 }), { maxLength: 2 }), tie("node")),
    { maxKeys: 3 },
  ),
}));
const state = fc.record({ desired: node, reported: node }, { requiredKeys: [] });

const shadowOf = (document: unknown, before: Shadow = NO_SHADOW): Shadow =>
  applyUpdate(before, parseUpdate({ state: document } as never), 0).next;

test("the changes between two states make one of the other", () => {
  fc.assert(
    fc.property(state, state, (first, second) => {
      const before = shadowOf(first);
      const after = shadowOf(second);
      const changes = changesBetween(before.state, after.state);
      expect(sorted(shadowOf(changes, before).state)).toEqual(sorted(after.state));
      expect(changesBetween(after.state, after.state)).toEqual({});
    }),
  );
});

/** As text whose members are in order: `toEqual` looks past a member called `__proto__`. */
function sorted(value: Sections): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))
      : inner,
  );
}

const entry = (
  ordinal: number,
  version: number,
  kind: HistoryEntry["kind"] = "update",
  at = ordinal,
): HistoryEntry => ({
  ...{ ordinal, version, kind, at },
});

test.each<[string, HistoryEntry, HistoryEntry, boolean]>([
  ["an update an update", entry(1, 1), entry(2, 2), true],
  ["a deletion an update", entry(1, 4), entry(2, 4, "delete"), true],
  ["a birth a deletion", entry(1, 4, "delete"), entry(2, 5), true],
  ["a birth a forgotten deletion", entry(1, 4, "delete"), entry(2, 1), true],
  ["nothing what lies further back", entry(1, 1), entry(3, 2), false],
  ["nothing another version", entry(1, 1), entry(2, 3), false],
  ["no first version an update", entry(1, 7), entry(2, 1), false],
  ["no deletion a deletion", entry(1, 4, "delete"), entry(2, 4, "delete"), false],
])("%s follows", (_, before, after, expected) => {
  expect(follows(before, after)).toBe(expected);
});

test("what is kept: so many, not too old, and what the oldest of them changed", () => {
  const entries = [entry(5, 5), entry(4, 4), entry(3, 3), entry(2, 2, "delete"), entry(1, 2)];
  const kept = (limits: { entries: number; age: number }, now: number): number[] =>
    keptEntries(entries, limits, now).map(({ ordinal }) => ordinal);
  expect(kept({ entries: 9, age: 100 }, 10)).toEqual([5, 4, 3, 2, 1]);
  expect(kept({ entries: 2, age: 100 }, 10)).toEqual([5, 4]);
  expect(kept({ entries: 0, age: 100 }, 10)).toEqual([]);
  expect(kept({ entries: 9, age: 6 }, 9)).toEqual([5, 4, 3]);
  expect(kept({ entries: 9, age: 6 }, 8)).toEqual([5, 4, 3]);
  expect(kept({ entries: 9, age: 6 }, 99)).toEqual([5]);
  expect(keptEntries([], { entries: 9, age: 9 }, 9)).toEqual([]);
});
