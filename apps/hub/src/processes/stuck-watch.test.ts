import { FakeClock, silentLogger } from "@hearth/base";
import { expect, test } from "vitest";
import { createMemoryBus } from "../bus/memory-bus.ts";
import { watchForStuck } from "./stuck-watch.ts";

test("a process that answers nothing for minutes is ended, one that is slow or away for a while is not", async () => {
  const clock = new FakeClock();
  const bus = createMemoryBus({ clock });
  let ended = 0;
  const stop = watchForStuck("AceCustom", { bus, clock, log: silentLogger, kill: () => ended++ });
  const pass = async (seconds: number) => {
    for (let at = 0; at < seconds; at += 5) {
      clock.advance(5_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  // It starts, and is not there yet.
  await pass(90);
  let answers = true;
  const status = () => (answers ? Promise.resolve({}) : new Promise<never>(() => {}));
  const away = bus.serve("part.AceCustom", { status });
  await pass(600);
  answers = false;
  await pass(100);
  answers = true;
  await pass(600);
  expect(ended).toBe(0);
  answers = false;
  await pass(300);
  expect(ended).toBe(1);
  away();
  await pass(150);
  expect(ended).toBe(2);
  stop();
  await pass(600);
  expect(ended).toBe(2);
});
