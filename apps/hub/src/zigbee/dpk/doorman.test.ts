import { createLogger, FakeClock } from "@hearth/base";
import { expect, test } from "vitest";
import { createDoorman } from "./doorman.ts";

function bench() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const friends = new Set<string>();
  let stranger: "guest" | "stranger" = "stranger";
  const log = createLogger("info", { write: (line) => void lines.push(line) });
  const doorman = createDoorman({ admit: (address) => (friends.has(address) ? "awaited" : stranger), clock, log });
  const told: string[] = [];
  return {
    ...{ clock, doorman, friends, lines },
    everybody(may: boolean) {
      stranger = may ? "guest" : "stranger";
    },
    /** They knock; what they are told is written down. */
    knock(...addresses: string[]) {
      for (const address of addresses)
        void doorman.ask(address).then((admitted) => told.push(`${address} ${admitted}`));
    },
    /** What was told since the last look. */
    async told() {
      await Promise.resolve();
      return told.splice(0);
    },
  };
}

const crowd = (count: number) => Array.from({ length: count }, (_, n) => `${n}`);

test("a crowd of strangers is turned away a few at a time, as they leave; a friend gets in between", async () => {
  const { clock, doorman, friends, knock, told } = bench();
  friends.add("friend");
  knock(...crowd(6), "friend");
  expect((await told()).sort()).toEqual(["0 false", "1 false", "2 false", "3 false", "friend true"]);
  doorman.left("2");
  expect(await told()).toEqual(["4 false"]);
  // One that is awaited by now is not sent away any more.
  friends.add("5");
  clock.advance(10_000);
  expect(await told()).toEqual(["5 true"]);
});

test("who announces itself twice is told once, and again when it did not go", async () => {
  const { clock, doorman, knock, lines, told } = bench();
  knock("a", "a", "b", "b");
  expect(await told()).toEqual(["a false", "b false"]);
  doorman.left("a");
  clock.advance(10_000);
  expect(await told()).toEqual(["b false"]);
  expect(lines).toHaveLength(3);
});

test("a storm of strangers is neither remembered nor logged one by one", async () => {
  const { clock, doorman, knock, lines, told } = bench();
  knock(...crowd(5_000));
  expect(await told()).toHaveLength(4);
  expect(lines).toHaveLength(5);
  let count = 4;
  for (let turn = 0; turn < 100; turn++) {
    clock.advance(10_000);
    count += (await told()).length;
  }
  expect(count).toBe(104);
  knock("4999");
  expect(await told()).toEqual(["4999 false"]);
  doorman.stop();
});

test("of a crowd of guests a few are interviewed at a time; who is awaited does not wait behind them", async () => {
  const { clock, doorman, everybody, friends, knock, told } = bench();
  everybody(true);
  friends.add("friend");
  knock(...crowd(5_000), "0", "friend");
  expect(await told()).toEqual([...crowd(8).map((one) => `${one} true`), "0 true", "friend true"]);
  doorman.settled("0");
  doorman.left("1");
  expect(await told()).toEqual(["8 true", "9 true"]);
  // Those that say nothing any more.
  clock.advance(120_000);
  expect(await told()).toHaveLength(8);
  everybody(false);
  doorman.settled("10");
  expect(await told()).toEqual(["18 false", "19 false", "20 false", "21 false"]);
});
