import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { startTestPlatform } from "../kit/platform.ts";
import { awsEnvironment, run, skipped } from "./tools.ts";

const probe = spawnSync("python3", ["-c", "import boto3; boto3.client('iot-managed-integrations', 'us-east-1')"], {
  encoding: "utf8",
});
const missing = probe.status === 0 ? undefined : "python3 has no boto3 that knows iot-managed-integrations";

describe.skipIf(skipped("boto3", missing))("boto3, as it is", { timeout: 60_000 }, () => {
  test("managed integrations: things, schemas, refusals", async () => {
    const platform = await startTestPlatform();
    try {
      const script = fileURLToPath(new URL("managed.py", import.meta.url));
      const ran = await run("python3", [script], { env: awsEnvironment(platform.file) });
      expect(ran).toMatchObject({ code: 0, stderr: "" });
      expect(JSON.parse(ran.stdout)).toEqual({
        thing: [true, "UNASSOCIATED", "829576019524", { env: "test" }],
        createdAt: new Date().getUTCFullYear(),
        schemas: expect.any(Number),
        refused: expect.stringContaining("UNASSOCIATED"),
        gone: ["ResourceNotFoundException", 404],
      });
      expect(JSON.parse(ran.stdout)["schemas"]).toBeGreaterThan(50);
    } finally {
      await platform.stop();
    }
  });
});
