import { createPublicKey } from "node:crypto";
import { expect, test } from "vitest";
import { createKeyPairs, type KeyPairPem } from "./key-pairs.ts";

/** Makes a key when it is told to: how long one really takes is luck. */
function slowMaker() {
  const making: (() => void)[] = [];
  return {
    make: () =>
      new Promise<KeyPairPem>((resolve) => {
        making.push(() => resolve({ publicKey: "", privateKey: "" }));
      }),
    get busy() {
      return making.length;
    },
    /** Finishes the one that was begun first, and lets who follows begin. */
    async finish() {
      making.shift()?.();
      await new Promise(setImmediate);
    },
  };
}

test("keys are RSA of 2048 bits, as AWS gives them", async () => {
  const { publicKey, privateKey } = await createKeyPairs()("somebody");
  expect(publicKey).toMatch(/^-----BEGIN PUBLIC KEY-----/);
  expect(privateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
  expect(createPublicKey(privateKey).asymmetricKeyDetails?.modulusLength).toBe(2048);
});

test("one who asks for many keys does not hold up another", async () => {
  const maker = slowMaker();
  const createKeyPair = createKeyPairs(undefined, maker.make);
  const order: string[] = [];
  const ask = (who: string) => createKeyPair(who).then(() => order.push(who));
  const greedy = Array.from({ length: 8 }, () => ask("greedy"));
  const patient = ask("patient");
  while (maker.busy > 0) {
    expect(maker.busy).toBeLessThanOrEqual(2);
    await maker.finish();
  }
  await Promise.all([...greedy, patient]);
  // Two were being made already; after those the places are given out in turn.
  expect(order.indexOf("patient")).toBeLessThanOrEqual(3);
  expect(order).toHaveLength(9);
});

test("how many may wait is bounded, for one and for all", async () => {
  const maker = slowMaker();
  const createKeyPair = createKeyPairs({ all: 3, one: 2 }, maker.make);
  const ask = (who: string) =>
    createKeyPair(who).then(
      () => "made",
      (error) => error.name as string,
    );
  const asked = ["one", "one", "one", "one", "one", "two", "three"].map(ask);
  while (maker.busy > 0) await maker.finish();
  expect(await Promise.all(asked)).toEqual([
    ...["made", "made", "made", "made", "ThrottlingException"],
    ...["made", "ThrottlingException"],
  ]);
});
