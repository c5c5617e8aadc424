import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock, InternalError, silentLogger } from "@hearth/base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { migrations } from "./backplane-migrations.ts";
import type { Database } from "./database.ts";
import { openKeyring } from "./keyring.ts";
import { checkMasterKey, MasterKeyMismatchError } from "./master-key.ts";
import { createSealer } from "./sealer.ts";
import { openSqlite } from "./sqlite.ts";

const clock = new FakeClock();
const masterKey = (fill: number) => new Uint8Array(32).fill(fill);
const directory = mkdtempSync(join(tmpdir(), "hearth-keyring-"));
let database: Database;
beforeAll(async () => {
  database = await openSqlite({ file: join(directory, "hearth.db"), migrations, log: silentLogger });
  await checkMasterKey(database, createSealer(masterKey(1)), clock);
});
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
});

const open = async (fill: number) => (await openKeyring({ database, masterKey: masterKey(fill), clock })).sealer;

test("another master key opens what was sealed and finds what was hashed; the former one opens nothing", async () => {
  const before = createSealer(masterKey(1)).seal("of an earlier version", "p");
  const hash = createSealer(masterKey(1)).hash("value", "p");
  const keyring = await openKeyring({ database, masterKey: masterKey(1), clock });
  expect(keyring.sealer.openText(before, "p")).toBe("of an earlier version");
  const first = keyring.sealer.seal("first", "p");

  await keyring.rotate(masterKey(2));
  const second = keyring.sealer.seal("second", "p");
  await keyring.rotate(masterKey(3));
  const third = keyring.sealer.seal("third", "p");
  for (const sealer of [keyring.sealer, await open(3)]) {
    const opened = [before, first, second, third].map((sealed) => sealer.openText(sealed, "p"));
    expect(opened).toEqual(["of an earlier version", "first", "second", "third"]);
    expect(sealer.hash("value", "p")).toBe(hash);
    expect(() => sealer.open(third, "q")).toThrow(InternalError);
  }
  // What the first master key gives away by itself is not what seals now.
  expect(() => createSealer(masterKey(1)).open(second, "p")).toThrow(InternalError);
  for (const former of [1, 2]) {
    await expect(open(former)).rejects.toThrow(InternalError);
    const check = checkMasterKey(database, createSealer(masterKey(former)), clock);
    await expect(check).rejects.toThrow(MasterKeyMismatchError);
  }
  await checkMasterKey(database, createSealer(masterKey(3)), clock);
});
