import { silentLogger } from "@hearth/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DatabaseFailedError, GroupCommit } from "./group-commit.ts";
import { encodeGroup, type QueuedBatch, queueBatch } from "./write-queue.ts";

const write = (name: string, size = 0) => ({ sql: name, params: [new Uint8Array(size)] });
const limits = { maxGroupBatches: 100, maxGroupBytes: 10_000 };
const names = (batches: readonly QueuedBatch[]) => batches.map(({ writes }) => writes[0]!.sql);

/** A group commit whose transactions end when told to. */
function stepped() {
  const groups: string[][] = [];
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const commits = new GroupCommit(silentLogger, limits, (batches) => {
    groups.push(names(batches));
    return new Promise((resolve, reject) => {
      ends.push({ resolve: () => resolve(new Map()), reject });
    });
  });
  return { commits, groups, ends };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("group commit", () => {
  test("what arrives in one turn goes together; the next group gathers while one is under way", async () => {
    const { commits, groups, ends } = stepped();
    const settled: string[] = [];
    const commit = (name: string) => void commits.commit([write(name)]).then(() => settled.push(name));
    commit("a");
    commit("b");
    await turn();
    commit("c");
    await turn();
    commit("d");
    await turn();
    expect(groups).toEqual([["a", "b"]]);
    expect(settled).toEqual([]);
    ends[0]!.resolve();
    await turn();
    expect(settled).toEqual(["a", "b"]);
    expect(groups).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  test("a group has a bound in batches and bytes; the rest waits in line", async () => {
    const bytes = fc.array(fc.integer({ min: 0, max: 12_000 }), { minLength: 1, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(bytes, async (sizes) => {
        const order: string[] = [];
        const commits = new GroupCommit(silentLogger, limits, async (batches) => {
          const total = batches.reduce((sum, batch) => sum + batch.bytes, 0);
          expect(batches.length <= limits.maxGroupBatches).toBe(true);
          expect(total <= limits.maxGroupBytes || batches.length === 1).toBe(true);
          order.push(...names(batches));
          return new Map();
        });
        await Promise.all(sizes.map((size, index) => commits.commit([write(`${index}`, size)])));
        expect(order).toEqual(sizes.map((_, index) => `${index}`));
        expect(commits.stats).toMatchObject({ queuedBatches: 0, queuedBytes: 0, committedBatches: sizes.length });
      }),
      { numRuns: 30 },
    );
  });

  test("a lost transaction rejects its callers only", async () => {
    const { commits, ends } = stepped();
    const lost = commits.commit([write("lost")]);
    await turn();
    const kept = commits.commit([write("kept")]);
    ends[0]!.reject(new Error("disk full"));
    await expect(lost).rejects.toThrow("disk full");
    await turn();
    ends[1]!.resolve();
    await kept;
    expect(commits.stats).toMatchObject({ committedBatches: 1, failedBatches: 1, transactions: 2 });
  });

  test("after the database has failed nothing is written any more", async () => {
    const { commits, groups, ends } = stepped();
    const first = commits.commit([write("first")]);
    await turn();
    const waiting = commits.commit([write("waiting")]);
    ends[0]!.reject(new DatabaseFailedError("gone"));
    await expect(first).rejects.toThrow("gone");
    await expect(waiting).rejects.toThrow("gone");
    await expect(commits.commit([write("late")])).rejects.toThrow("gone");
    expect(groups).toEqual([["first"]]);
    await commits.drain();
  });

  test("drain waits for what was accepted and refuses the rest", async () => {
    const { commits, ends } = stepped();
    const last = commits.commit([write("last")]);
    let drained = false;
    const drain = commits.drain().then(() => {
      drained = true;
    });
    await expect(commits.commit([write("late")])).rejects.toThrow(/closed/);
    await turn();
    expect(drained).toBe(false);
    ends[0]!.resolve();
    await Promise.all([last, drain]);
  });

  test("a bad parameter rejects its own batch before anything is sent", async () => {
    const { commits, groups } = stepped();
    await expect(commits.commit([{ sql: "x", params: [undefined as never] }])).rejects.toThrow(/parameter/);
    await expect(commits.commit([{ sql: "x", params: [], rows: -1 }])).rejects.toThrow(/guard/);
    await turn();
    expect(groups).toEqual([]);
  });

  test("a group is flat, and each text travels once", () => {
    const batch = (...writes: Parameters<typeof queueBatch>[0]) =>
      queueBatch(
        writes,
        () => {},
        () => {},
      );
    const group = encodeGroup([
      batch({ sql: "a", params: [1, "x"] }, { sql: "b", params: [], rows: 1 }),
      batch({ sql: "a", params: [null, 2], rows: 0 }),
    ]);
    expect(group).toEqual({
      texts: ["a", "b"],
      batches: 2,
      bytes: new Uint8Array(),
      lengths: new Uint32Array(),
      values: [2, 0, -1, 2, 1, "x", 1, 1, 0, 1, 0, 0, 2, null, 2],
    });
  });
});
