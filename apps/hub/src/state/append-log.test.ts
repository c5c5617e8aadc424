import { constants } from "node:fs";
import * as nodeFiles from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "@hearth/device-sdk";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { openAppendLog } from "./append-log.ts";
import { failingFiles } from "./failing-files.ts";
import type { AppendLog } from "./state.ts";

const root = await nodeFiles.mkdtemp(join(tmpdir(), "append-log-"));
afterAll(() => nodeFiles.rm(root, { recursive: true, maxRetries: 10 }));
let directories = 0;
const fresh = () => join(root, String(++directories));

async function all(log: AppendLog, from = 0): Promise<[number, JsonObject][]> {
  const records: [number, JsonObject][] = [];
  for await (const { position, record } of log.read(from)) records.push([position, record]);
  return records;
}

test("records are there again in order, from where they are wanted", async () => {
  const directory = fresh();
  const log = await openAppendLog(directory, { segmentBytes: 100 });
  const positions = await Promise.all(Array.from({ length: 20 }, (_, n) => log.append({ n, text: "é\n" })));
  expect(positions).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  await log.forget(7);
  expect([log.first, log.next]).toEqual([8, 21]);
  await log.close();
  const again = await openAppendLog(directory, { segmentBytes: 100 });
  expect([again.first, again.next]).toEqual([8, 21]);
  expect((await all(again)).map(([position]) => position)).toEqual(Array.from({ length: 13 }, (_, n) => n + 8));
  expect(await all(again, 20)).toEqual([[20, { n: 19, text: "é\n" }]]);
  await again.forget(20);
  expect(await all(again)).toEqual([]);
  const left = again.bytes;
  for (let n = 0; n < 20; n++) await again.append({ n });
  await again.forget(40);
  expect(await again.append({ last: true })).toBe(41);
  expect(again.bytes).toBeLessThan(left + 100);
  await again.close();
  await expect(again.append({})).rejects.toThrow(/closed/);
});

test("appends of one moment share a write, which is on disk when it ends", async () => {
  const calls: string[] = [];
  const files = {
    ...nodeFiles,
    open: async (...args: Parameters<typeof nodeFiles.open>) => {
      const handle = await nodeFiles.open(...args);
      const isDurable = typeof args[1] === "number" && (args[1] & constants.O_DSYNC) === constants.O_DSYNC;
      return new Proxy(handle, {
        get(target, name) {
          const value = Reflect.get(target, name);
          if (typeof value !== "function") return value;
          if (/write|sync/.test(String(name))) calls.push(`${String(name)}${isDurable ? ", durable" : ""}`);
          return value.bind(target);
        },
      });
    },
  };
  const directory = fresh();
  const log = await openAppendLog(directory, { files });
  calls.length = 0;
  await Promise.all(Array.from({ length: 500 }, (_, n) => log.append({ n })));
  expect(calls).toEqual(["write, durable"]);
  await log.close();
  const again = await openAppendLog(directory, { files });
  calls.length = 0;
  await again.append({ n: 500 });
  expect(calls).toEqual(["write, durable"]);
  await again.close();
});

test("a reader sees what was there when it began, while the log goes on and forgets", async () => {
  const log = await openAppendLog(fresh(), { segmentBytes: 64 });
  for (let n = 1; n <= 10; n++) await log.append({ n });
  const seen: number[] = [];
  const reading = log.read(0);
  await log.append({ n: 11 });
  for await (const { position } of reading) {
    seen.push(position);
    if (position === 3) await log.forget(6);
    if (position === 8) await log.append({ n: 12 });
  }
  expect(seen.filter((position) => position <= 3 || position > 6)).toEqual([1, 2, 3, 7, 8, 9, 10]);
  await log.close();
});

test("a log cut at any byte keeps every whole record", async () => {
  const directory = fresh();
  const log = await openAppendLog(directory);
  const ends: number[] = [];
  for (const n of [1, 22, 333]) {
    await log.append({ n, text: "ü" });
    ends.push(log.bytes);
  }
  await log.close();
  const [name] = (await nodeFiles.readdir(directory)).filter((one) => one.endsWith(".log"));
  const bytes = await nodeFiles.readFile(join(directory, name as string));
  for (let cut = 0; cut <= bytes.length; cut++) {
    const copy = fresh();
    await nodeFiles.mkdir(copy);
    await nodeFiles.writeFile(join(copy, name as string), bytes.subarray(0, cut));
    const torn = await openAppendLog(copy);
    const whole = ends.filter((end) => end <= cut).length;
    expect(await all(torn)).toHaveLength(whole);
    expect(await torn.append({ after: cut })).toBe(whole + 1);
    await torn.close();
    const reopened = await openAppendLog(copy);
    expect((await all(reopened)).at(-1)).toEqual([whole + 1, { after: cut }]);
    await reopened.close();
  }
});

test("a damaged byte costs the record that it is in, or one end of two", async () => {
  const directory = fresh();
  const log = await openAppendLog(directory);
  for (let n = 0; n < 5; n++) await log.append({ n });
  await log.close();
  const [name] = (await nodeFiles.readdir(directory)).filter((one) => one.endsWith(".log"));
  const bytes = await nodeFiles.readFile(join(directory, name as string));
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const copy = fresh();
      await nodeFiles.mkdir(copy);
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] as number) ^ flip;
      await nodeFiles.writeFile(join(copy, name as string), damaged);
      const opened = await openAppendLog(copy);
      const kept = await all(opened);
      expect(kept.length).toBeGreaterThanOrEqual(3);
      for (const [position, record] of kept) expect(record).toEqual({ n: position - 1 });
      await opened.close();
    }),
    { numRuns: 40 },
  );
});

test("what append has resolved for is there after any failed step or kill, once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 4, max: 40 }), fc.boolean(), async (failAt, killed) => {
      const directory = fresh();
      const failing = failingFiles({ failAt, killed });
      const told = new Map<number, number>();
      const log = await openAppendLog(directory, { segmentBytes: 60, files: failing.files });
      for (let n = 0; n < 12; n += 2) {
        const two = [n, n + 1].map(async (one) => told.set(await log.append({ n: one }), one));
        await Promise.allSettled(two);
      }
      await log.close();
      const again = await openAppendLog(directory);
      const records = new Map(await all(again));
      for (const [position, n] of told) expect(records.get(position)).toEqual({ n });
      if (!killed) expect(records.size).toBe(told.size);
      await again.close();
    }),
    { numRuns: 50 },
  );
});

test("a full disk refuses appends by name and takes them again afterwards", async () => {
  const directory = fresh();
  const failing = failingFiles({ failAt: Number.POSITIVE_INFINITY, killed: false });
  const log = await openAppendLog(directory, { files: failing.files });
  await log.append({ n: 1 });
  failing.full(true);
  await expect(log.append({ n: 2 })).rejects.toMatchObject({ code: "ENOSPC" });
  failing.full(false);
  expect(await log.append({ n: 3 })).toBe(2);
  expect(await all(log)).toEqual([
    [1, { n: 1 }],
    [2, { n: 3 }],
  ]);
  await expect(log.append({ text: "x".repeat(1_048_577) })).rejects.toThrow(/longer than/);
  await log.close();
});
