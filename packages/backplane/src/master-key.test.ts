import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@hearth/base";
import { afterAll, describe, expect, test } from "vitest";
import { migrations } from "./backplane-migrations.ts";
import { checkMasterKey, loadMasterKey, MasterKeyError, MasterKeyMismatchError } from "./master-key.ts";
import { createSealer } from "./sealer.ts";
import { openSqlite } from "./sqlite.ts";

const root = mkdtempSync(join(tmpdir(), "hearth-master-key-"));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }));
const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 8));

describe("the master key", () => {
  test("is taken from the setting as base64, base64url or hex, before the file", () => {
    const file = join(root, "unused");
    for (const value of [
      bytes.toString("base64"),
      bytes.toString("base64url"),
      bytes.toString("hex"),
      `${bytes.toString("hex")}\n`,
    ]) {
      expect(Buffer.from(loadMasterKey({ value, file }))).toEqual(bytes);
    }
    expect(existsSync(file)).toBe(false);
  });

  test("a malformed one is refused", () => {
    for (const value of [
      "x",
      bytes.toString("hex").slice(1),
      bytes.subarray(1).toString("base64"),
      " ",
      "é".repeat(43),
    ]) {
      expect(() => loadMasterKey({ value, file: join(root, "unused") })).toThrow(MasterKeyError);
    }
  });

  test("is made once, in a private file, and read again", () => {
    const file = join(root, "new", "master.key");
    const made = loadMasterKey({ file });
    expect(made).toHaveLength(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(root, "new"))).toEqual(["master.key"]);
    expect(Buffer.from(loadMasterKey({ file, value: "" }))).toEqual(Buffer.from(made));
    expect(Buffer.from(readFileSync(file, "utf8"), "base64")).toEqual(Buffer.from(made));
    expect(Buffer.from(loadMasterKey({ file: join(root, "other", "master.key") }))).not.toEqual(Buffer.from(made));
  });

  test("a file that others may read, or that holds something else, is refused", () => {
    const file = join(root, "public.key");
    writeFileSync(file, bytes.toString("base64"), { mode: 0o600 });
    for (const mode of [0o640, 0o604, 0o660]) {
      chmodSync(file, mode);
      expect(() => loadMasterKey({ file })).toThrow(/chmod 600/);
    }
    chmodSync(file, 0o400);
    expect(Buffer.from(loadMasterKey({ file }))).toEqual(bytes);
    chmodSync(file, 0o600);
    writeFileSync(file, "");
    expect(() => loadMasterKey({ file })).toThrow(MasterKeyError);
  });

  test("the database knows the key with which it was first used", async () => {
    const database = await openSqlite({ file: join(root, "hearth.db"), migrations, log: silentLogger });
    await checkMasterKey(database, createSealer(bytes));
    await checkMasterKey(database, createSealer(bytes));
    const other = createSealer(new Uint8Array(32));
    await expect(checkMasterKey(database, other)).rejects.toBeInstanceOf(MasterKeyMismatchError);
    await checkMasterKey(database, createSealer(bytes));
    await database.close();
  });
});
