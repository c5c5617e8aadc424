import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelOf } from "../doors/answers.ts";
import { handled } from "../doors/handled.ts";
import { sampleInput } from "../doors/samples.ts";
import { startTestPlatform, type TestPlatform } from "../kit/platform.ts";
import { awsEnvironment, run, skipped } from "./tools.ts";

const probe = spawnSync("python3", ["-c", "import boto3; boto3.client('iot-managed-integrations', 'us-east-1')"], {
  encoding: "utf8",
});
const missing = probe.status === 0 ? undefined : "python3 has no boto3 that knows iot-managed-integrations";

const SERVICE = "iot-managed-integrations";
const model = modelOf(SERVICE);
const built = handled[SERVICE];

interface Told {
  succeeded: Record<string, number>;
  /** Error's name, status, whether boto3 knows it as the service's own. */
  samples: Record<string, [name: string, status: number, known: boolean]>;
  seen: Record<string, unknown>;
}

describe.skipIf(skipped("boto3", missing))("boto3, as it is", { timeout: 60_000 }, () => {
  let platform: TestPlatform;
  let told: Told;
  beforeAll(async () => {
    platform = await startTestPlatform();
    const script = fileURLToPath(new URL("managed.py", import.meta.url));
    const samples = Object.fromEntries(built.map((name) => [name, sampleInput(model, name, "required")]));
    const input = JSON.stringify({ samples });
    const ran = await run("python3", [script], { env: awsEnvironment(platform.file), input });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    told = JSON.parse(ran.stdout);
  }, 60_000);
  afterAll(() => platform.stop());

  test("sees things, tags, schemas and refusals as they are", () => {
    expect(told.seen).toEqual({
      thing: [true, "UNASSOCIATED", "829576019524", { env: "test" }],
      createdAt: new Date().getUTCFullYear(),
      tags: { env: "test", room: "hall" },
      schemas: expect.any(Number),
      refused: ["ValidationException", 400, true],
      gone: ["ResourceNotFoundException", 404, true],
    });
    expect(told.seen["schemas"]).toBeGreaterThan(50);
  });

  test("takes each noun from its creation to its end", () => {
    const lived = Object.keys(told.succeeded);
    for (const verb of ["Create", "Get", "List", "Delete"]) {
      expect(lived.filter((operation) => operation.startsWith(verb)).length, verb).toBeGreaterThanOrEqual(7);
    }
    expect(built).toEqual(expect.arrayContaining(lived));
  });

  test.each(built)("%s", (operation) => {
    const [name, status, known] = told.samples[operation] ?? ["not asked", 0, false];
    const declared = model.operations[operation];
    if (name === "success") expect(status).toBeLessThan(300);
    else expect(declared?.errors).toContain(name);
    expect(known, `boto3 knows ${name}`).toBe(true);
    expect(status).not.toBe(500);
    // The script ends where a call of a noun's life is refused; what takes a device or a vendor's page is not in it.
    if (operation in told.succeeded) expect(told.succeeded[operation]).toBe(declared?.status);
  });
});
