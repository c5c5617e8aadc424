import { expect, test } from "vitest";
import { createKeyPairs } from "./key-pairs.ts";

test("one who asks for many keys does not hold up another", async () => {
  const createKeyPair = createKeyPairs();
  const order: string[] = [];
  const ask = (who: string) => createKeyPair(who).then(() => order.push(who));
  const greedy = Array.from({ length: 8 }, () => ask("greedy"));
  await ask("patient");
  // Two were being made already; after those the places are given out in turn.
  expect(order.length).toBeLessThanOrEqual(4);
  await Promise.all(greedy);
  expect(order).toHaveLength(9);
});

test("how many may wait is bounded, for one and for all", async () => {
  const createKeyPair = createKeyPairs({ all: 3, one: 2 });
  const ask = (who: string) =>
    createKeyPair(who).then(
      () => "made",
      (error) => error.name as string,
    );
  const asked = ["one", "one", "one", "one", "one", "two", "three"].map(ask);
  expect(await Promise.all(asked)).toEqual([
    ...["made", "made", "made", "made", "ThrottlingException"],
    ...["made", "ThrottlingException"],
  ]);
});
