import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelOf } from "../doors/answers.ts";
import { sender } from "../doors/door.ts";
import { handled } from "../doors/handled.ts";
import { sampleInput } from "../doors/samples.ts";
import { lines } from "./guide-lines.ts";
import { calls, resolved } from "./managed-calls.ts";
import { openManagedPlatform } from "./managed-platform.ts";
import { awsEnvironment, canImportAwsCli, run, skipped } from "./tools.ts";

const probe = spawnSync("python3", ["-c", "import boto3; boto3.client('iot-managed-integrations', 'us-east-1')"], {
  encoding: "utf8",
});
const missing = probe.status === 0 ? undefined : "python3 has no boto3 that knows iot-managed-integrations";

const noCli = canImportAwsCli() ? undefined : "python3 has no AWS CLI to import (awscli)";

const SERVICE = "iot-managed-integrations";
const model = modelOf(SERVICE);
const built = handled[SERVICE];

let managed: Awaited<ReturnType<typeof openManagedPlatform>>;
beforeAll(async () => {
  managed = await openManagedPlatform();
});
afterAll(() => managed.stop());

test("each operation that is built is called with success", () => {
  expect([...new Set(calls.map(({ operation }) => operation))].sort()).toEqual([...built].sort());
});

test("row 1: our client calls all 83 operations, and each succeeds", async () => {
  expect(built).toEqual(Object.keys(model.operations).sort());
  expect(built).toHaveLength(83);
  const client = sender(managed.platform.clients().managed);
  const values = managed.given("ours");
  for (const { operation, input, as, until } of calls) {
    const ask = () => client.send(operation, resolved(input, values) as Record<string, unknown>);
    if (until) await expect.poll(ask, { timeout: 30_000, interval: 20 }).toMatchObject(until);
    else {
      const answer = await ask();
      if (as !== undefined) values[as] = answer;
    }
  }
  expect(values["shown"]).toMatchObject({ ProvisioningStatus: "UNASSOCIATED", Tags: { env: "test" } });
  expect(values["connectivity"]).toMatchObject({ Connected: true });
  expect(values["registered"]).toMatchObject({ Items: [{ ManagedThingAssociationStatus: "ASSOCIATED" }] });
});

interface Told {
  succeeded: Record<string, number>;
  /** Error's name, status, whether boto3 knows it as the service's own. */
  samples: Record<string, [name: string, status: number, known: boolean]>;
  seen: Record<string, unknown>;
}

describe.skipIf(skipped("boto3", missing))("boto3, as it is", () => {
  let told: Told;
  beforeAll(async () => {
    const script = fileURLToPath(new URL("managed.py", import.meta.url));
    const samples = Object.fromEntries(built.map((name) => [name, sampleInput(model, name, "required")]));
    const input = JSON.stringify({ samples, calls, values: managed.given("boto") });
    const ran = await run("python3", [script], { env: awsEnvironment(managed.platform.file), input });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    told = JSON.parse(ran.stdout);
  });

  test("sees things, tags, schemas and refusals as they are", () => {
    expect(told.seen).toEqual({
      thing: [true, "UNASSOCIATED", "829576019524", { env: "test" }],
      createdAt: new Date().getUTCFullYear(),
      tags: { env: "test", room: "hall" },
      connected: true,
      schemas: expect.any(Number),
      secret: [true, ["AWSCURRENT"], ["boto/oauth"], 400],
      objects: [true, { board: "esp32" }, [255, 0, 1], ["lamp/2.bin", "lamp/ä 1.bin"], true, 404],
      refused: ["ValidationException", 400, true],
      trail: "iotmanagedintegrations.amazonaws.com",
      gone: ["ResourceNotFoundException", 404, true],
    });
    expect(told.seen["schemas"]).toBeGreaterThan(50);
  });

  test.each(built)("%s", (operation) => {
    const [name, status, known] = told.samples[operation] ?? ["not asked", 0, false];
    const declared = model.operations[operation];
    if (name === "success") expect(status).toBeLessThan(300);
    else expect(declared?.errors).toContain(name);
    expect(known, `boto3 knows ${name}`).toBe(true);
    expect(status).not.toBe(500);
    expect(told.succeeded[operation]).toBe(declared?.status);
  });
});

/** What became of one command line. */
interface Line {
  code: number;
  /** Whether the answer came to be what was waited for. */
  met: boolean;
  errors: string;
  command: string;
}

describe.skipIf(skipped("AWS CLI in one process", noCli))("row 114: the AWS CLI, as it is", () => {
  let told: Line[];
  beforeAll(async () => {
    const script = fileURLToPath(new URL("guide_lines.py", import.meta.url));
    const input = JSON.stringify({ calls, lines: Object.values(lines).flat(), values: managed.given("cli") });
    const ran = await run("python3", [script], { env: awsEnvironment(managed.platform.file), input });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    told = JSON.parse(ran.stdout);
  });

  const faulty = (some: readonly Line[]) => some.filter(({ code, met, errors }) => code !== 0 || !met || errors !== "");

  test("each command of managed integrations, by the model's names of its options", () => {
    const some = told.slice(0, calls.length);
    expect(faulty(some)).toEqual([]);
    expect(new Set(some.map(({ command }) => command)).size).toBe(built.length);
  });

  test.each(Object.keys(lines))("the lines of section %s", (section) => {
    const before = Object.keys(lines).slice(0, Object.keys(lines).indexOf(section));
    const start = calls.length + before.reduce((sum, name) => sum + (lines[name] ?? []).length, 0);
    const some = told.slice(start, start + (lines[section] ?? []).length);
    expect(faulty(some)).toEqual([]);
    expect(some.length).toBeGreaterThan(5);
  });
});
