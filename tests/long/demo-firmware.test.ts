import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { programArguments, ROOT } from "../kit/programs.ts";

const temporary = mkdtempSync(join(tmpdir(), "firmware-demo-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true, maxRetries: 10 }));

test("hearth demo firmware prints an update that succeeds and one that fails, exits 0 and leaves nothing", async () => {
  const child = spawn(process.execPath, [...programArguments("hearth", { fromSources: true }), "demo", "firmware"], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (printed += chunk));
  expect(await once(child, "close").then(([code]) => code), printed).toBe(0);
  expect(printed).toMatch(/lamp-2-0 is COMPLETED: 1 succeeded, 0 failed; the execution of lamp-1 is SUCCEEDED/);
  expect(printed).toMatch(/lamp-2-1 is COMPLETED: 0 succeeded, 1 failed; the execution of lamp-1 is FAILED/);
  expect(printed).toMatch(/\[#{30}\] 100 %/);
  expect(printed).toContain("Done.");
  expect(readdirSync(temporary).filter((name) => name.startsWith("hearth-demo-"))).toEqual([]);
}, 120_000);
