import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DirectoryLockedError, lockDirectory } from "./directory-lock.ts";

const root = mkdtempSync(join(tmpdir(), "hearth-lock-"));
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(root, { recursive: true, force: true, maxRetries: 10 });
});

/** Another process that holds the lock, or says why not. */
async function holder(directory: string): Promise<{ child: ChildProcess; says: string }> {
  const module = new URL("./directory-lock.ts", import.meta.url).href;
  const program = `import { lockDirectory } from ${JSON.stringify(module)};
    try { lockDirectory(${JSON.stringify(directory)}); console.log("locked"); } catch (error) { console.log(error.name); }
    process.stdin.resume();`;
  const flags = ["--import", "tsx", "--input-type=module", "-e", program];
  const child = spawn(process.execPath, flags, { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const [output] = await once(child.stdout, "data");
  return { child, says: String(output).trim() };
}

describe("the lock of a data directory", () => {
  test("is held by one process, until it is released", async () => {
    const directory = join(root, "released");
    const lock = lockDirectory(directory);
    expect(() => lockDirectory(directory)).toThrow(DirectoryLockedError);
    expect((await holder(directory)).says).toBe("DirectoryLockedError");
    lock.release();
    lockDirectory(directory).release();
  });

  test("ends with its process, also by kill -9", async () => {
    const directory = join(root, "killed");
    const { child, says } = await holder(directory);
    expect(says).toBe("locked");
    expect(() => lockDirectory(directory)).toThrow(/in use by another process/);
    child.kill("SIGKILL");
    await once(child, "close");
    lockDirectory(directory).release();
  });

  test("two directories have two locks", () => {
    const one = lockDirectory(join(root, "one"));
    const two = lockDirectory(join(root, "two"));
    one.release();
    two.release();
  });
});
