import * as nodeFiles from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { failingFiles } from "./failing-files.ts";
import { openJsonFile } from "./json-file.ts";
import { DamagedFileError } from "./state.ts";

const root = await nodeFiles.mkdtemp(join(tmpdir(), "json-file-"));
afterAll(() => nodeFiles.rm(root, { recursive: true, maxRetries: 10 }));
let files = 0;
const fresh = () => join(root, `${++files}.json`);

const parse = (json: unknown): { n: number } => {
  const n = (json as { n?: unknown } | null)?.n;
  if (typeof n !== "number") throw new Error("n is no number");
  return { n };
};

test("a value is there again, and only its owner reads it", async () => {
  const path = fresh();
  const file = await openJsonFile(path, parse, { n: 0 });
  expect(file.value).toEqual({ n: 0 });
  await Promise.all([file.replace({ n: 1 }), file.replace({ n: 2 })]);
  expect(file.value).toEqual({ n: 2 });
  expect((await openJsonFile(path, parse, { n: 0 })).value).toEqual({ n: 2 });
  expect((await nodeFiles.stat(path)).mode & 0o777).toBe(0o600);
  expect(parse(JSON.parse(await nodeFiles.readFile(`${path}.previous`, "utf8")))).toEqual({ n: 1 });
});

test("what is forgotten is in no copy, and what comes afterwards is kept as ever", async () => {
  const path = fresh();
  const file = await openJsonFile(path, parse, { n: 0 });
  for (const n of [1, 2]) await file.replace({ n });
  await nodeFiles.copyFile(path, `${path}.damaged`);
  await file.replace({ n: 3 }, { forget: true });
  const beside = async () => (await nodeFiles.readdir(root)).filter((name) => join(root, name).startsWith(path));
  expect((await beside()).map((name) => join(root, name))).toEqual([path]);
  await file.replace({ n: 4 });
  expect(JSON.parse(await nodeFiles.readFile(`${path}.previous`, "utf8"))).toEqual({ n: 3 });
});

test("a file is the old one or the new one, whichever step fails or is the last before a kill", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 24 }), fc.boolean(), async (failAt, killed) => {
      const path = fresh();
      const failing = failingFiles({ failAt, killed });
      const file = await openJsonFile(path, parse, { n: 0 }, { files: failing.files });
      let durable = 0;
      for (const n of [1, 2, 3]) {
        const done = await file.replace({ n }).then(
          () => true,
          () => false,
        );
        if (done) durable = n;
        expect(file.value.n).toBe(durable);
      }
      const { value } = await openJsonFile(path, parse, { n: 0 });
      // A step that fails after the rename leaves the new value; no step leaves less than what was said to be durable.
      expect(value.n).toBeGreaterThanOrEqual(durable);
      if (!failing.failed()) expect(value.n).toBe(3);
    }),
    { numRuns: 40 },
  );
});

test("a full disk leaves the value as it was, and says so", async () => {
  const path = fresh();
  const failing = failingFiles({ failAt: Number.POSITIVE_INFINITY, killed: false });
  const file = await openJsonFile(path, parse, { n: 0 }, { files: failing.files });
  await file.replace({ n: 1 });
  failing.full(true);
  await expect(file.replace({ n: 2 })).rejects.toMatchObject({ code: "ENOSPC" });
  expect(file.value).toEqual({ n: 1 });
  failing.full(false);
  await file.replace({ n: 3 });
  expect((await openJsonFile(path, parse, { n: 0 })).value).toEqual({ n: 3 });
});

test("a damaged file is named and left alone, or kept aside for the value before", async () => {
  const path = fresh();
  const file = await openJsonFile(path, parse, { n: 0 });
  await file.replace({ n: 1 });
  await file.replace({ n: 2 });
  await nodeFiles.writeFile(path, '{"n": 2');
  await expect(openJsonFile(path, parse, { n: 0 })).rejects.toThrow(
    new RegExp(`${path} is damaged \\(.*JSON.*\\): repair it, put ${path}.previous in its place`),
  );
  await nodeFiles.writeFile(path, '{"keys": ["83FED340",?]}');
  await expect(openJsonFile(path, parse, { n: 0 })).rejects.toThrow(/^(?!.*83FED).*is damaged \(it is not JSON/);
  await nodeFiles.writeFile(path, '{"n": "2"}');
  await expect(openJsonFile(path, parse, { n: 0 })).rejects.toThrow(/n is no number/);
  const told: DamagedFileError[] = [];
  const recovered = await openJsonFile(path, parse, { n: 0 }, { recover: (error) => told.push(error) });
  expect(recovered.value).toEqual({ n: 1 });
  expect(told.map((error) => error.path)).toEqual([path]);
  expect(await nodeFiles.readFile(`${path}.damaged`, "utf8")).toBe('{"n": "2"}');
  const alone = fresh();
  await nodeFiles.writeFile(alone, "");
  await expect(openJsonFile(alone, parse, { n: 0 }, { recover: () => {} })).rejects.toThrow(DamagedFileError);
});
