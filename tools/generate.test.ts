import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { generate, staleFiles } from "./generate.ts";

const committed = join(dirname(fileURLToPath(import.meta.url)), "../packages/contract/src/generated");

describe("generate", () => {
  test("makes what is committed, and the same twice", async () => {
    const first = await generate();
    expect(staleFiles(first, committed)).toEqual([]);
    expect([...(await generate())]).toEqual([...first]);
  });

  test("writes no path and no date", async () => {
    for (const [name, text] of await generate()) {
      expect(text, name).not.toMatch(/node_modules|file:\/\/|\/home\/|\/root\//);
      expect(text, name).not.toContain(process.cwd());
    }
  });
});

describe("staleFiles", () => {
  const directory = mkdtempSync(join(tmpdir(), "hearth-generated-"));
  afterAll(() => rmSync(directory, { recursive: true, maxRetries: 10 }));

  test("lists changed, missing and superfluous files", () => {
    writeFileSync(join(directory, "same.js"), "1");
    writeFileSync(join(directory, "changed.js"), "1");
    writeFileSync(join(directory, "superfluous.js"), "1");
    const files = new Map([
      ["same.js", "1"],
      ["changed.js", "2"],
      ["missing.js", "1"],
    ]);
    expect(staleFiles(files, directory)).toEqual(["changed.js", "missing.js", "superfluous.js"]);
    expect(staleFiles(files, join(directory, "nowhere"))).toEqual(["changed.js", "missing.js", "same.js"]);
  });
});
