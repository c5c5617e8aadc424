import { expect, test } from "vitest";
import { KeyedQueue } from "./keyed-queue.ts";

test("one key in order, keys side by side, a failure stops nobody", async () => {
  const queue = new KeyedQueue();
  const done: string[] = [];
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const first = queue.run("a", async () => {
    await gate;
    done.push("a1");
    throw new Error("a1 failed");
  });
  const second = queue.run("a", async () => {
    done.push("a2");
  });
  await queue.run("b", async () => {
    done.push("b1");
  });
  expect(done).toEqual(["b1"]);
  release();
  await expect(first).rejects.toThrow("a1 failed");
  await second;
  expect(done).toEqual(["b1", "a1", "a2"]);
});
