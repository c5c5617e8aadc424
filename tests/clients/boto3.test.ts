import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { CreateStreamCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelOf } from "../doors/answers.ts";
import { startLamp } from "../doors/device.ts";
import { sender } from "../doors/door.ts";
import { handled } from "../doors/handled.ts";
import { sampleInput } from "../doors/samples.ts";
import { deployConnector } from "../kit/connector-function.ts";
import { makeOtaDocument } from "../kit/ota-document.ts";
import { startTestPlatform, type TestPlatform } from "../kit/platform.ts";
import { makeVendorSecret } from "../kit/vendor-secret.ts";
import { CONNECTOR, calls, resolved } from "./managed-calls.ts";
import { awsEnvironment, run, skipped } from "./tools.ts";

const probe = spawnSync("python3", ["-c", "import boto3; boto3.client('iot-managed-integrations', 'us-east-1')"], {
  encoding: "utf8",
});
const missing = probe.status === 0 ? undefined : "python3 has no boto3 that knows iot-managed-integrations";

const SERVICE = "iot-managed-integrations";
const model = modelOf(SERVICE);
const built = handled[SERVICE];

let platform: TestPlatform;
let lamp: Awaited<ReturnType<typeof startLamp>>;
let secret: Awaited<ReturnType<typeof makeVendorSecret>>;
let ended: Awaited<ReturnType<typeof makeVendorSecret>>;
let functionArn: string;
let document: string;
beforeAll(async () => {
  platform = await startTestPlatform({ functions: process.getuid?.() === 0 ? "protected" : "unprotected" });
  const { managed, iam, kinesis } = platform.clients();
  const trust = { Effect: "Allow", Action: "sts:AssumeRole" };
  const Statement = [{ ...trust, Principal: { Service: "iotmanagedintegrations.amazonaws.com" } }];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new CreateRoleCommand({ RoleName: "notes", AssumeRolePolicyDocument }));
  functionArn = await deployConnector(platform, CONNECTOR);
  document = await makeOtaDocument(platform.file, "documents");
  secret = await makeVendorSecret(platform.clients(), platform.file);
  ended = await makeVendorSecret(platform.clients(), platform.file, "ended");
  await kinesis.send(new CreateStreamCommand({ StreamName: "notes", ShardCount: 1 }));
  const profile = await managed.send("CreateProvisioningProfile", {
    ProvisioningType: "FLEET_PROVISIONING",
    Name: "lamps",
  });
  await managed.send("CreateManagedThing", {
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: "SN:LAMP;UPC:829576019524;",
  });
  const claim = {
    templateName: "lamps",
    certificate: profile.ClaimCertificate ?? "",
    privateKey: profile.ClaimCertificatePrivateKey ?? "",
  };
  lamp = await startLamp(platform, claim, { SerialNumber: "LAMP", UniversalProductCode: "829576019524" });
}, 60_000);
afterAll(async () => {
  await lamp.stop();
  await platform.stop();
});

/** What the calls need beside each other's answers; `name` keeps one client's apart from another's. */
function given(name: string): Record<string, unknown> {
  const { region, accountId } = platform.file;
  return {
    name,
    label: `SN:${name};UPC:829576019524;`,
    lamp: lamp.device.id,
    role: `arn:aws:iam::${accountId}:role/notes`,
    stream: `arn:aws:kinesis:${region}:${accountId}:stream/notes`,
    function: functionArn,
    secret,
    ended,
    document,
  };
}

test("each operation that is built is called with success", () => {
  expect([...new Set(calls.map(({ operation }) => operation))].sort()).toEqual([...built].sort());
});

test("row 1: our client calls all 83 operations, and each succeeds", async () => {
  expect(built).toEqual(Object.keys(model.operations).sort());
  expect(built).toHaveLength(83);
  const client = sender(platform.clients().managed);
  const values = given("ours");
  for (const { operation, input, as, until } of calls) {
    const ask = () => client.send(operation, resolved(input, values) as Record<string, unknown>);
    if (until) await expect.poll(ask, { timeout: 15_000, interval: 20 }).toMatchObject(until);
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

describe.skipIf(skipped("boto3", missing))("boto3, as it is", { timeout: 60_000 }, () => {
  let told: Told;
  beforeAll(async () => {
    const script = fileURLToPath(new URL("managed.py", import.meta.url));
    const samples = Object.fromEntries(built.map((name) => [name, sampleInput(model, name, "required")]));
    const input = JSON.stringify({ samples, calls, values: given("boto") });
    const ran = await run("python3", [script], { env: awsEnvironment(platform.file), input });
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    told = JSON.parse(ran.stdout);
  }, 60_000);

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
