import { expect, test } from "vitest";
import { createTurns } from "./turns.ts";

/** Takes turns by name, and says who has one. */
function createQueue() {
  const turns = createTurns();
  const running = new Map<string, () => void>();
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    running: () => [...running.keys()],
    async take(name: string, isCommand: boolean, address = name): Promise<void> {
      void turns.take(address, isCommand).then((end) => running.set(name, end));
      await settled();
    },
    async end(name: string): Promise<void> {
      const end = running.get(name);
      running.delete(name);
      end?.();
      await settled();
    },
  };
}

test("a command goes before all that the hub asks for itself, which never takes every place", async () => {
  const { take, end, running } = createQueue();
  for (let index = 1; index <= 20; index += 1) await take(`read ${index}`, false);
  expect(running()).toHaveLength(6);
  for (let index = 1; index <= 4; index += 1) await take(`command ${index}`, true);
  expect(running().slice(6)).toEqual(["command 1", "command 2"]);
  await end("read 1");
  await end("read 2");
  expect(running().slice(4)).toEqual(["command 1", "command 2", "command 3", "command 4"]);
  for (let index = 1; index <= 4; index += 1) await end(`command ${index}`);
  expect(running()).toEqual(["read 3", "read 4", "read 5", "read 6", "read 7", "read 8"]);
});

test("one request of a device at a time: its command goes before its reads, and others go by", async () => {
  const { take, end, running } = createQueue();
  await take("read 1", false, "lamp");
  await take("read 2", false, "lamp");
  await take("On", true, "lamp");
  await take("Off", true, "lamp");
  await take("read", false, "plug");
  expect(running()).toEqual(["read 1", "read"]);
  for (const [done, next] of [
    ["read 1", "On"],
    ["On", "Off"],
    ["Off", "read 2"],
  ] as const) {
    await end(done);
    expect(running()).toEqual(["read", next]);
  }
});

test("commands without end let the hub's own requests have every eighth turn", async () => {
  const { take, end, running } = createQueue();
  for (let index = 1; index <= 40; index += 1) await take(`command ${index}`, true);
  for (let index = 1; index <= 3; index += 1) await take(`read ${index}`, false);
  const begun: string[] = [];
  for (let round = 0; round < 24; round += 1) {
    const before = running();
    await end(before.find((name) => name.startsWith("command")) ?? "");
    begun.push(...running().filter((name) => !before.includes(name)));
  }
  expect(begun.flatMap((name, index) => (name.startsWith("read") ? [index] : []))).toEqual([7, 15, 23]);
});
