import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@hearth/client";
import { zipDirectory } from "@hearth/functions";
import { afterAll, expect, test } from "vitest";
import { startServerProcess } from "../kit/server-process.ts";

const ROUNDS = process.env["HEARTH_LONG"] === "1" ? 10 : 1;
const MARK = "hearth-orphan-check";
const directory = mkdtempSync(join(tmpdir(), "hearth-functions-kill-"));
afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }));

/** Processes whose command line holds the mark, which only functions of this test have. */
const orphans = (): string[] =>
  readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, "latin1").includes(MARK);
    } catch {
      return false;
    }
  });

test.runIf(process.getuid?.() === 0 && spawnSync("unshare", ["--pid", "--fork", "/bin/true"]).status === 0)(
  "a killed server leaves no process of a function, and runs the function again",
  async () => {
    const source = join(directory, "source");
    mkdirSync(source);
    writeFileSync(
      join(source, "index.mjs"),
      `import { spawn } from "node:child_process";
       export const handler = async () => { spawn("/bin/sh", ["-c", "sleep 1000; : ${MARK}"], { detached: true }).unref(); return 1; };`,
    );
    const dataDir = join(directory, "data");
    for (let round = 0; round < ROUNDS; round++) {
      const server = await startServerProcess({ dataDir, environment: { HEARTH_FUNCTIONS: "protected" } });
      const { apiEndpoint: endpoint, region } = server.file;
      const lambda = createClient("lambda", { endpoint, region, credentials: server.file });
      if (round === 0) {
        const iam = createClient("iam", { endpoint, region, credentials: server.file });
        const { Role } = await iam.send("CreateRole", {
          RoleName: "r",
          AssumeRolePolicyDocument: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
          }),
        });
        await lambda.send("CreateFunction", {
          ...{ FunctionName: "f", Role: Role?.Arn ?? "", Runtime: "nodejs20.x", Handler: "index.handler" },
          Code: { ZipFile: await zipDirectory(source) },
        });
      }
      const { Payload } = await lambda.send("Invoke", { FunctionName: "f" });
      expect(Buffer.from(Payload ?? []).toString()).toBe("1");
      await expect.poll(() => orphans().length).toBeGreaterThan(0);
      await server.kill("SIGKILL");
      await expect.poll(() => orphans(), { timeout: 30_000 }).toEqual([]);
    }
  },
);
