import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock, silentLogger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { afterEach, describe, expect, test } from "vitest";
import { failingFiles } from "../state/failing-files.ts";
import { type Entry, type OutboundQueue, openOutboundQueue, type QueueLimits } from "./outbound-queue.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const run of cleanup.splice(0).reverse()) await run();
});

async function place(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "hearth-queue-"));
  cleanup.push(() => rm(directory, { recursive: true, force: true, maxRetries: 10 }));
  return directory;
}

async function open(
  directory: string,
  options: { clock?: FakeClock; limits?: Partial<QueueLimits>; files?: ReturnType<typeof failingFiles>["files"] } = {},
): Promise<OutboundQueue> {
  const queue = await openOutboundQueue({ clock: new FakeClock(), log: silentLogger, ...options, directory });
  cleanup.push(() => queue.close().catch(() => {}));
  return queue;
}

const report = (thing: string, value: number, more: JsonObject = {}): JsonObject => ({
  messageType: "DEVICE_EVENT",
  managedThingId: thing,
  endpoints: [
    {
      endpointId: "1",
      capabilities: [{ id: "matter.LevelControl@1.4", properties: [{ name: "CurrentLevel", value }], ...more }],
    },
  ],
});

async function drain(queue: OutboundQueue): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let entry = await queue.take(); entry; entry = await queue.take()) {
    entries.push(entry);
    queue.done(entry);
  }
  return entries;
}

const numberOf = ({ outbound }: Entry) => outbound.message["eventNumber"] as number;
const levelOf = ({ outbound }: Entry) => JSON.stringify(outbound).match(/"value":(\d+)/)?.[1];

describe("numbers", () => {
  test("grow over restarts and backward clocks, in the order of the queue, whoever appends at once", async () => {
    const directory = await place();
    let last = 0;
    for (const now of [Date.UTC(2026, 0, 1), Date.UTC(2016, 0, 1), 5, Date.UTC(2036, 0, 1), Date.UTC(2026, 0, 1)]) {
      const queue = await open(directory, { clock: new FakeClock(now) });
      await Promise.all(Array.from({ length: 300 }, (_, n) => queue.append(n % 2 ? "control" : "setup", { n })));
      const entries = await drain(queue);
      expect(entries.map(({ outbound }) => outbound.message["n"])).toEqual(Array.from({ length: 300 }, (_, n) => n));
      for (const entry of entries) {
        expect(numberOf(entry)).toBeGreaterThan(last);
        last = numberOf(entry);
      }
      await queue.close();
    }
  });

  test("are given to what the platform numbers, and to nothing else; a timestamp is kept", async () => {
    const queue = await open(await place());
    await queue.append("logs", { entries: [] });
    await queue.append("setup", { messageType: "DEVICE_JOINED", timestamp: "2020-01-01T00:00:00Z" });
    await queue.append("control", { messageType: "DEVICE_EVENT" });
    const [logs, joined, event] = (await drain(queue)).map(({ outbound }) => outbound.message);
    expect(logs).toEqual({ entries: [] });
    expect(joined).toMatchObject({ timestamp: "2020-01-01T00:00:00Z", eventNumber: expect.any(Number) });
    expect(event).toMatchObject({ timestamp: "2026-01-01T00:00:00.000Z", eventNumber: expect.any(Number) });
  });
});

describe("the queue", () => {
  test("has after a restart what was not acknowledged, whole and in order, with the same numbers", async () => {
    const directory = await place();
    const first = await open(directory);
    for (let n = 0; n < 700; n++) void first.append("control", report("a", n));
    await first.append("control", report("a", 700));
    const taken: Entry[] = [];
    for (let n = 0; n < 100; n++) taken.push((await first.take()) as Entry);
    // Acknowledged out of order, and one not at all.
    for (const entry of taken.filter((_, n) => n !== 50).reverse()) first.done(entry);
    expect(first.size).toBe(602);
    await first.close();
    const second = await open(directory);
    const values = (await drain(second)).map(levelOf);
    expect(values[0]).toBe("50");
    expect(values.slice(-600)).toEqual(Array.from({ length: 600 }, (_, n) => String(n + 101)));
    expect(second.size).toBe(0);
  });

  test("is empty after clear, also after a restart, and goes on counting", async () => {
    const directory = await place();
    const first = await open(directory);
    await first.append("control", report("a", 1));
    const out = (await first.take()) as Entry;
    await first.append("control", report("a", 2));
    await first.clear();
    first.done(out);
    expect(first.size).toBe(0);
    expect(await first.take()).toBeUndefined();
    await first.append("control", report("a", 3));
    await first.close();
    const [left, ...none] = await drain(await open(directory));
    expect(none).toEqual([]);
    expect(levelOf(left as Entry)).toBe("3");
    expect(numberOf(left as Entry)).toBeGreaterThan(numberOf(out));
  });

  test("that is long keeps of each property the newest value, and every answer and event, in order", async () => {
    const directory = await place();
    const queue = await open(directory, { limits: { records: 200 } });
    for (let n = 0; n < 250; n++) {
      await queue.append("control", report(`thing-${n % 3}`, n));
      if (n % 100 === 0) await queue.append("control", { messageType: "DEVICE_COMMAND_RESPONSE", traceId: `t${n}` });
      if (n === 7) await queue.append("control", report("thing-1", n, { events: [{ name: "Moved", parameters: {} }] }));
      if (n === 8) await queue.append("setup", { messageType: "DEVICE_JOINED", deviceId: "zb.1" });
    }
    expect(queue.size).toBeLessThan(100);
    await queue.close();
    const entries = await drain(await open(directory, { limits: { records: 200 } }));
    const numbers = entries.map(numberOf);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    const told = (name: string) => entries.filter(({ outbound }) => JSON.stringify(outbound).includes(name)).length;
    expect(["DEVICE_COMMAND_RESPONSE", "Moved", "DEVICE_JOINED"].map(told)).toEqual([3, 1, 1]);
    // What the cloud ends up with is the newest of each.
    const latest = new Map(entries.map((entry) => [entry.outbound.message["managedThingId"], levelOf(entry)]));
    expect(["thing-0", "thing-1", "thing-2"].map((thing) => latest.get(thing))).toEqual(["249", "247", "248"]);
  });

  test("refuses beyond twice its limit, counts it, and takes again when there is room", async () => {
    const queue = await open(await place(), { limits: { records: 20 } });
    const answers = Array.from({ length: 60 }, (_, n) =>
      queue.append("control", { messageType: "DEVICE_COMMAND_RESPONSE", traceId: `t${n}` }),
    );
    const outcomes = await Promise.allSettled(answers);
    const refused = outcomes.filter(({ status }) => status === "rejected");
    expect(refused.length).toBe(queue.refused);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ reason: { code: "queue-full" } });
    expect(await drain(queue)).toHaveLength(60 - refused.length);
    await queue.append("control", report("a", 1));
    expect(await drain(queue)).toHaveLength(1);
  });

  test("is whole after a kill at any step of shortening it", async () => {
    let kills = 0;
    for (let failAt = 1; kills < 200; failAt += 3) {
      const directory = await place();
      const failing = failingFiles({ failAt, killed: true });
      let acknowledged = 0;
      const dying = await openOutboundQueue({
        clock: new FakeClock(),
        log: silentLogger,
        limits: { records: 10, bytes: 1e9 },
        files: failing.files,
        directory,
      }).catch(() => undefined);
      for (let n = 0; dying && n < 14; n++) {
        const traceId = `t${n}`;
        const { position } = await dying
          .append("control", { messageType: "DEVICE_COMMAND_RESPONSE", traceId })
          .catch(() => ({ position: undefined }));
        if (position === undefined) break;
        acknowledged++;
      }
      await dying?.close().catch(() => {});
      const traces = (await drain(await open(directory))).map(({ outbound }) => outbound.message["traceId"]);
      expect(traces.slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, (_, n) => `t${n}`));
      if (!failing.failed()) break;
      kills++;
    }
    expect(kills).toBeGreaterThan(5);
  });
});

describe("a full disk", () => {
  test("keeps nothing of an attempt to shorten the queue", async () => {
    const directory = await place();
    const failing = failingFiles({ failAt: Number.POSITIVE_INFINITY, killed: false });
    const queue = await open(directory, { files: failing.files, limits: { records: 3, overflow: 50 } });
    for (let n = 0; n < 3; n++) await queue.append("control", report("a", n));
    failing.full(true);
    await queue.append("control", report("a", 3));
    expect((await readdir(directory)).filter((name) => name.startsWith("building-"))).toEqual([]);
    failing.full(false);
    expect((await drain(queue)).length).toBe(4);
  });

  test("loses no answer: messages wait in memory, are sent in order, and are written when there is room", async () => {
    const directory = await place();
    const clock = new FakeClock();
    const failing = failingFiles({ failAt: Number.POSITIVE_INFINITY, killed: false });
    const queue = await open(directory, { clock, files: failing.files });
    const say = (n: number) => queue.append("control", { messageType: "DEVICE_COMMAND_RESPONSE", traceId: `t${n}` });
    await say(0);
    failing.full(true);
    // More than a block of numbers.
    for (let n = 1; n < 1500; n++) await say(n);
    expect(queue.size).toBe(1500);
    for (let n = 0; n < 3; n++) {
      const entry = (await queue.take()) as Entry;
      expect(entry.outbound.message["traceId"]).toBe(`t${n}`);
      queue.done(entry);
    }
    clock.advance(5000);
    await say(1500);
    failing.full(false);
    clock.advance(5000);
    await say(1501);
    await queue.close();
    // That t0 was acknowledged could not be written: it is sent again under its number, which the platform ignores.
    const entries = (await drain(await open(directory))).filter(({ outbound }) => outbound.message["traceId"] !== "t0");
    expect(entries.map(({ outbound }) => outbound.message["traceId"])).toEqual(
      Array.from({ length: 1499 }, (_, n) => `t${n + 3}`),
    );
    const numbers = entries.map(numberOf);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  test("with its memory full keeps the newest value of each property, then refuses", async () => {
    const failing = failingFiles({ failAt: Number.POSITIVE_INFINITY, killed: false });
    const queue = await open(await place(), { files: failing.files, limits: { overflow: 50 } });
    failing.full(true);
    for (let n = 0; n < 200; n++) await queue.append("control", report(`thing-${n % 10}`, n));
    expect(queue.refused).toBe(0);
    expect(queue.size).toBeLessThanOrEqual(50);
    const answer = () => queue.append("control", { messageType: "DEVICE_COMMAND_RESPONSE" });
    const refused = (async () => {
      for (;;) await answer();
    })();
    await expect(refused).rejects.toMatchObject({ code: "queue-full" });
    const values = (await drain(queue)).filter(({ outbound }) => outbound.message["managedThingId"]).map(levelOf);
    expect(values.slice(-1)).toEqual(["199"]);
  });
});
