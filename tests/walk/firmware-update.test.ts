import { spawn } from "node:child_process";
import { createHash, createSign, generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateJobCommand, DescribeJobExecutionCommand } from "@aws-sdk/client-iot";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { programArguments } from "../kit/programs.ts";
import { openCuttableProxy } from "./cuttable-proxy.ts";
import { eventually, type Fleet, openFleet } from "./fleet.ts";

const THING = "lamp-1";
const BUCKET = "firmware";
const IMAGES = { "2.0": randomBytes(700_000), "2.1": randomBytes(300_000) };

let fleet: Fleet;
let s3: S3Client;
let proxy: Awaited<ReturnType<typeof openCuttableProxy>>;
let device: ReturnType<typeof startDevice>;
const directory = mkdtempSync(join(tmpdir(), "firmware-"));

beforeAll(async () => {
  fleet = await openFleet();
  const { file, iam, arn } = fleet;
  s3 = new S3Client({ endpoint: file.apiEndpoint, region: file.region, credentials: file, maxAttempts: 1 });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await Promise.all(
    Object.entries(IMAGES).map(([version, Body]) =>
      s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: `lamp/${version}.bin`, Body })),
    ),
  );
  const trusted = { Effect: "Allow", Principal: { Service: "iot.amazonaws.com" }, Action: "sts:AssumeRole" };
  await iam.send(new CreateRoleCommand({ RoleName: "images", AssumeRolePolicyDocument: document(trusted) }));
  const reads = { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${BUCKET}/lamp/*` };
  await iam.send(new PutRolePolicyCommand({ RoleName: "images", PolicyName: "read", PolicyDocument: document(reads) }));
  const own = `$aws/things/${THING}/jobs/*`;
  const statements = [
    { Effect: "Allow", Action: "iot:Connect", Resource: arn(`client/${THING}`) },
    { Effect: "Allow", Action: ["iot:Publish", "iot:Receive"], Resource: arn(`topic/${own}`) },
    { Effect: "Allow", Action: "iot:Subscribe", Resource: arn(`topicfilter/${own}`) },
  ];
  proxy = await openCuttableProxy(fleet.file.mqttsPort);
  device = startDevice(await fleet.identity(statements, THING));
});
afterAll(async () => {
  await device?.stop();
  s3?.destroy();
  await proxy?.close();
  await fleet?.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
});

const document = (...Statement: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });
const maker = generateKeyPairSync("ec", { namedCurve: "P-256" });
const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** The job document for an image, as `examples/firmware-update` reads it. */
function update(version: keyof typeof IMAGES, signer = maker): object {
  const image = IMAGES[version];
  return {
    operation: "update-firmware",
    url: `\${aws:iot:s3-presigned-url:https://s3.${fleet.file.region}.amazonaws.com/${BUCKET}/lamp/${version}.bin}`,
    version,
    checksum: `sha256:${createHash("sha256").update(image).digest("hex")}`,
    signature: createSign("sha256").update(image).sign(signer.privateKey, "base64"),
  };
}

function startDevice(key: { certificate: string; privateKey: string }) {
  const path = (name: string, content: string) => {
    writeFileSync(join(directory, name), content, { mode: 0o600 });
    return join(directory, name);
  };
  const child = spawn(
    process.execPath,
    [
      ...programArguments("firmware-update"),
      ...["--endpoint", "localhost", "--port", String(proxy.port), "--ca", fleet.file.caFile],
      ...["--cert", path("device.pem", key.certificate), "--key", path("device.key", key.privateKey)],
      ...["--signing-key", path("maker.pem", maker.publicKey.export({ type: "spki", format: "pem" }).toString())],
      ...["--thing", THING, "--state-dir", join(directory, "state")],
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const said: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => said.push(JSON.parse(line)));
  const exited = once(child, "exit").then(([code]) => code as number | null);
  return {
    said,
    async stop(): Promise<number | null> {
      child.kill("SIGTERM");
      return exited;
    },
  };
}

async function create(jobId: string, job: object, more: object = {}): Promise<void> {
  const presignedUrlConfig = { roleArn: `arn:aws:iam::${fleet.file.accountId}:role/images`, expiresInSec: 300 };
  const targets = [fleet.arn(`thing/${THING}`)];
  await fleet.iot.send(
    new CreateJobCommand({ jobId, targets, presignedUrlConfig, document: JSON.stringify(job), ...more }),
  );
}

const ended = (jobId: string) =>
  eventually(`the end of ${jobId}`, async () => {
    const asked = fleet.iot.send(new DescribeJobExecutionCommand({ jobId, thingName: THING }));
    // It is rolled out a moment after its creation.
    const { execution } = await asked.catch((error: Error) =>
      error.name === "ResourceNotFoundException" ? { execution: undefined } : Promise.reject(error),
    );
    return ["SUCCEEDED", "FAILED"].includes(execution?.status ?? "")
      ? { status: execution?.status, ...execution?.statusDetails?.detailsMap }
      : undefined;
  });
const reports = (jobId: string) =>
  device.said.filter((line) => line["event"] === "reported" && line["jobId"] === jobId).map((line) => line["details"]);
const flash = (name: string) => join(directory, "state", "flash", name);
const running = () => JSON.parse(readFileSync(flash("running.json"), "utf8"));

describe("row 102: Job handler and OTA agent. Document fetched, signature checked, bad signature reported JobFailed", () => {
  test("row 102: a document out of a bucket, its image by the presigned URL, SHA-256 and signature right: SUCCEEDED", async () => {
    const Body = JSON.stringify(update("2.0"));
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: "jobs/2.0.json", Body }));
    await create("to-2-0", {}, { document: undefined, documentSource: `s3://${BUCKET}/jobs/2.0.json` });
    expect(await ended("to-2-0")).toEqual({
      ...{ status: "SUCCEEDED", step: "installed", progress: "100", version: "2.0", slot: "a" },
    });
    expect(readFileSync(flash("slot-a.bin")).equals(IMAGES["2.0"])).toBe(true);
    expect(reports("to-2-0")[0]).toEqual({ step: "downloading", progress: "0" });
    expect(reports("to-2-0")).toContainEqual({ step: "verifying", progress: "100" });
    const percents = device.said.filter((line) => line["event"] === "download").map((line) => line["percent"]);
    expect(percents.at(-1)).toBe(100);
  });

  test("row 102: an image that another key has signed is not installed: FAILED, with the reason", async () => {
    // Whatever is asked or told just now: it is asked and told again.
    proxy.cut();
    await create("to-2-1", update("2.1", stranger));
    expect(await ended("to-2-1")).toEqual({
      ...{ status: "FAILED", step: "verifying" },
      reason: "The signature is not by this device's signing key",
    });
    expect(running()).toMatchObject({ version: "2.0", slot: "a" });
  });

  test("an image that is not the one of the checksum is not installed either", async () => {
    await create("wrong", { ...update("2.1"), checksum: `sha256:${"0".repeat(64)}` });
    expect(await ended("wrong")).toMatchObject({ status: "FAILED", step: "verifying" });
  });
});

describe("row 20 of the articles: jobs and documents", () => {
  test("update-config and reboot run, an unknown operation is FAILED, an image that may not be read too", async () => {
    const config = { logLevel: "DEBUG", reportInterval: 30, sensors: ["temperature", "humidity"] };
    const elsewhere = { ...update("2.1"), url: `https://s3.amazonaws.com/${BUCKET}/jobs/2.0.json` };
    await create("config", { operation: "update-config", config });
    await create("reboot", { operation: "reboot", delay: 0.01 });
    await create("unknown", { operation: "dance" });
    await create("forbidden", { ...elsewhere, url: `\${aws:iot:s3-presigned-url:${elsewhere.url}}` });
    expect(await ended("config")).toMatchObject({ status: "SUCCEEDED", step: "configured" });
    expect(JSON.parse(readFileSync(flash("config.json"), "utf8"))).toEqual(config);
    expect(await ended("reboot")).toMatchObject({ status: "SUCCEEDED", step: "restarted" });
    expect(device.said.map((line) => line["event"])).toContain("restarting");
    expect(await ended("unknown")).toMatchObject({ status: "FAILED", reason: "Unknown operation" });
    // The role signs whatever it is asked for; what it may not read, its URL does not give.
    expect(await ended("forbidden")).toMatchObject({
      ...{ status: "FAILED", step: "downloading" },
      reason: "the server refuses the download with status 403",
    });
  });

  test("the device stops when it is told to", async () => {
    expect(await device.stop()).toBe(0);
  });
});
