import fc from "fast-check";
import { expect, test } from "vitest";
import { dropCommonest, type Kept, kindsOf, latest } from "./commonest.ts";

interface Entry extends Kept {
  sequence: number;
}
const entry = (cause: string, sequence: number): Entry => ({
  eventType: "Subscribe",
  status: "Success",
  cause,
  sequence,
});

/** By looking at each entry. */
function commonest(entries: readonly Entry[]): Entry | undefined {
  const ofKind = (kind: string) => entries.filter(({ cause }) => cause === kind).length;
  const most = Math.max(...entries.map(({ cause }) => ofKind(cause)));
  return entries.filter(({ cause }) => ofKind(cause) === most).toSorted((a, b) => a.sequence - b.sequence)[0];
}

test("the oldest of the kind that there is most of goes, whatever has happened again meanwhile", () => {
  const step = fc.oneof(
    fc.record({ add: fc.constantFrom("a", "b", "c") }),
    fc.record({ again: fc.nat() }),
    fc.constant({ drop: true as const }),
  );
  fc.assert(
    fc.property(fc.nat({ max: 10 }), fc.array(step, { maxLength: 60 }), (before, steps) => {
      let sequence = 0;
      let entries = Array.from({ length: before }, (_, index) => entry("abc"[index % 3]!, before - index));
      sequence = before;
      const kinds = kindsOf(entries);
      for (const one of steps) {
        if ("add" in one) {
          const added = entry(one.add, ++sequence);
          entries.push(added);
          latest(kinds, added);
        } else if ("again" in one) {
          const repeated = entries[one.again % entries.length];
          if (!repeated) continue;
          repeated.sequence = ++sequence;
          latest(kinds, repeated);
        } else {
          const gone = entries.length === 0 ? undefined : commonest(entries);
          expect(dropCommonest(kinds)).toBe(gone);
          entries = entries.filter((other) => other !== gone);
        }
      }
    }),
  );
});

test("one that comes when all is full costs the same however many there are", () => {
  const readsFor = (kept: number): number => {
    let reads = 0;
    const counted = (sequence: number): Kept =>
      new Proxy(entry(`cause ${sequence % 3}`, sequence), {
        get(target, name) {
          reads++;
          return Reflect.get(target, name);
        },
      });
    const kinds = kindsOf(Array.from({ length: kept }, (_, index) => counted(index)));
    reads = 0;
    for (let sequence = kept; sequence < kept + 1_000; sequence++) {
      dropCommonest(kinds);
      latest(kinds, counted(sequence));
    }
    return reads;
  };
  expect(readsFor(10_000)).toBe(readsFor(100));
  expect(readsFor(100)).toBeLessThan(15_000);
});
