import { createSign } from "node:crypto";
import mqtt, { type MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { makeCa, type Signed } from "../kit/certificate-authority.ts";
import { makeCertificateRequest } from "../kit/certificate-request.ts";
import { allow, type Clients, type Input, policy, refusing } from "./door.ts";
import { type ObjectsDoor, openObjectsDoor } from "./objects-door.ts";

const FIRMWARE = Buffer.alloc(300_000, "0123456789abcdef");

let firmware: ObjectsDoor;
let iot: Clients["iot"];
let maker: Signed;
let device: MqttClient;
let roleArn: string;
let lamp: string;
beforeAll(async () => {
  firmware = await openObjectsDoor();
  const { root, file } = firmware.door;
  ({ iot } = root);
  roleArn = `arn:aws:iam::${file.accountId}:role/files`;
  lamp = `arn:aws:iot:${file.region}:${file.accountId}:thing/lamp`;
  const trust = { Effect: "Allow", Principal: { Service: "iot.amazonaws.com" }, Action: "sts:AssumeRole" };
  await root.iam.send("CreateRole", { RoleName: "files", AssumeRolePolicyDocument: policy(trust) });
  const PolicyDocument = policy(allow("s3:GetObject", "arn:aws:s3:::firmware/v*"));
  await root.iam.send("PutRolePolicy", { RoleName: "files", PolicyName: "read", PolicyDocument });
  await firmware.put("v2.bin", FIRMWARE);
  await firmware.put("secret.bin", "not for devices");
  await iot.send("CreateThing", { thingName: "lamp" });
  maker = await (await makeCa("CN=maker")).sign("CN=code");

  const { privateKey, certificateSigningRequest } = await makeCertificateRequest("lamp");
  const made = await iot.send("CreateCertificateFromCsr", { certificateSigningRequest, setAsActive: true });
  await iot.send("CreatePolicy", { policyName: "device", policyDocument: policy(allow("iot:*", "*")) });
  await iot.send("AttachPolicy", { policyName: "device", target: made.certificateArn as string });
  device = mqtt.connect({
    ...{ protocol: "mqtts", host: "localhost", port: file.mqttsPort, clientId: "lamp", ca: firmware.door.ca },
    ...{ cert: made.certificatePem as string, key: privateKey },
  });
  await new Promise((resolve, reject) => device.once("connect", resolve).once("error", reject));
});
afterAll(async () => {
  device?.end(true);
  await firmware.stop();
});

const refused = refusing("iot", () => firmware.door.root);
const at = (key: string) => ({ s3Location: { bucket: "firmware", key } });
const stream = (streamId: string, key = "v2.bin") => ({ streamId, roleArn, files: [{ fileId: 0, ...at(key) }] });

/** Asks for blocks and gathers `count` answers. */
async function ask(streamId: string, method: "describe" | "get", body: object, count = 1) {
  const topic = `$aws/things/lamp/streams/${streamId}`;
  const heard: { kind: string; body: { [name: string]: unknown; p: string } }[] = [];
  const done = new Promise<void>((resolve) => {
    const hear = (on: string, payload: Buffer): void => {
      heard.push({ kind: on.split("/").at(-2) as string, body: JSON.parse(payload.toString()) });
      if (heard.length < count) return;
      device.off("message", hear);
      resolve();
    };
    device.on("message", hear);
  });
  await device.publishAsync(`${topic}/${method}/json`, JSON.stringify(body), { qos: 1 });
  await done;
  return heard;
}

describe("streams", () => {
  test("a device that did not subscribe fetches an object of a bucket, block by block", async () => {
    const made = await iot.send("CreateStream", {
      ...stream("files"),
      description: "v2",
      tags: [{ Key: "k", Value: "v" }],
    });
    expect(made).toMatchObject({ streamId: "files", streamVersion: 1, description: "v2" });
    const { streamInfo } = await iot.send("DescribeStream", { streamId: "files" });
    expect(streamInfo).toMatchObject({ roleArn, files: [{ fileId: 0, ...at("v2.bin") }] });
    expect(await iot.send("ListTagsForResource", { resourceArn: made.streamArn as string })).toMatchObject({
      tags: [{ Key: "k", Value: "v" }],
    });
    const [description] = await ask("files", "describe", { c: "1" });
    expect(description).toMatchObject({
      kind: "description",
      body: { c: "1", s: 1, r: [{ f: 0, z: FIRMWARE.length }] },
    });
    const parts: Buffer[] = [];
    for (const o of [0, 1, 2]) {
      const [block] = await ask("files", "get", { f: 0, l: 131_072, o });
      parts.push(Buffer.from(block?.body.p ?? "", "base64"));
    }
    expect(Buffer.concat(parts).equals(FIRMWARE)).toBe(true);
    const blocks = await ask("files", "get", { f: 0, l: 4_096, o: 20, b: "130080" }, 4);
    expect(blocks.map(({ body }) => body["i"])).toEqual([20, 21, 24, 43]);
  });

  test("a replaced object is a new version's", async () => {
    await firmware.put("v3.bin", "old");
    await iot.send("CreateStream", stream("changing", "v3.bin"));
    await firmware.put("v3.bin", "newer");
    expect((await ask("changing", "get", { f: 0, l: 256 }))[0]).toMatchObject({
      kind: "rejected",
      body: { o: "ResourceNotFound" },
    });
    expect(await iot.send("UpdateStream", stream("changing", "v3.bin"))).toMatchObject({ streamVersion: 2 });
    const [answer] = await ask("changing", "get", { f: 0, l: 256, s: 2 });
    expect(Buffer.from(answer?.body.p ?? "", "base64").toString()).toBe("newer");
    const { streams } = await iot.send("ListStreams", { ascendingOrder: true });
    expect(streams?.map(({ streamId }) => streamId)).toEqual(["files", "changing"]);
    await iot.send("DeleteStream", { streamId: "changing" });
    await refused("DescribeStream", "ResourceNotFoundException", { streamId: "changing" });
  });

  test("are refused where a file, a role or the stream does not do", async () => {
    await refused("CreateStream", "ResourceAlreadyExistsException", stream("files"));
    await refused("CreateStream", "ResourceNotFoundException", stream("other", "v9.bin"));
    await refused("CreateStream", "InvalidRequestException", stream("other", "secret.bin"));
    await refused("CreateStream", "InvalidRequestException", { ...stream("other"), roleArn: `${roleArn}-absent` });
    await refused("UpdateStream", "ResourceNotFoundException", stream("absent"));
    await refused("UpdateStream", "InvalidRequestException", stream("files", "secret.bin"));
    await refused("DeleteStream", "ResourceNotFoundException", { streamId: "absent" });
  });
});

describe("OTA updates", () => {
  const update = (otaUpdateId: string, signature: Uint8Array, more: Input = {}) =>
    iot.send("CreateOTAUpdate", {
      ...{ otaUpdateId, roleArn, targets: [lamp], protocols: ["MQTT", "HTTP"] },
      files: [
        {
          fileName: "/app.bin",
          fileLocation: at("v2.bin"),
          codeSigning: {
            customCodeSigning: {
              signature: { inlineDocument: signature },
              certificateChain: { certificateName: "/maker.pem", inlineDocument: maker.certificate },
              hashAlgorithm: "SHA256",
              signatureAlgorithm: "ECDSA",
            },
          },
        },
      ],
      ...more,
    });
  const becomes = (otaUpdateId: string, status: string) =>
    vi.waitFor(async () => {
      const { otaUpdateInfo } = await iot.send("GetOTAUpdate", { otaUpdateId });
      expect(otaUpdateInfo?.otaUpdateStatus).toBe(status);
      return otaUpdateInfo;
    }, 30_000);
  const sign = (bytes: Buffer) => createSign("sha256").update(bytes).sign(maker.privateKey);

  test("a signed file becomes a stream and a job, whose link downloads it", async () => {
    expect(await update("good", sign(FIRMWARE))).toMatchObject({ otaUpdateStatus: "CREATE_PENDING" });
    const made = await becomes("good", "CREATE_COMPLETE");
    expect(made).toMatchObject({ awsIotJobId: "AFR_OTA-good", targets: [lamp], protocols: ["MQTT", "HTTP"] });
    const jobs = firmware.door.root["iot-jobs-data"];
    const { execution } = await vi.waitFor(async () => {
      const found = await jobs.send("StartNextPendingJobExecution", { thingName: "lamp" });
      expect(found.execution).toBeDefined();
      return found;
    }, 30_000);
    const { afr_ota } = JSON.parse(execution?.jobDocument ?? "{}");
    expect(afr_ota).toMatchObject({ streamname: "AFR_OTA-good", files: [{ fileid: 0, filesize: FIRMWARE.length }] });
    expect((await ask("AFR_OTA-good", "describe", {}))[0]).toMatchObject({ kind: "description" });
    expect(afr_ota.files[0].update_data_url).toContain("X-Amz-Signature=");
    await refused("DeleteOTAUpdate", "InvalidRequestException", { otaUpdateId: "good" });
    await iot.send("DeleteOTAUpdate", { otaUpdateId: "good", deleteStream: true, forceDeleteAWSJob: true });
    await refused("GetOTAUpdate", "ResourceNotFoundException", { otaUpdateId: "good" });
  });

  test("a signature that is another file's makes no job", async () => {
    await update("bad", sign(Buffer.from("another file")));
    const { errorInfo } = (await becomes("bad", "CREATE_FAILED")) ?? {};
    expect(errorInfo).toMatchObject({ code: "CodeSigning", message: expect.stringContaining("not that of the file") });
    await refused("DescribeJob", "ResourceNotFoundException", { jobId: "AFR_OTA-bad" });
    const { otaUpdates } = await iot.send("ListOTAUpdates", { otaUpdateStatus: "CREATE_FAILED" });
    expect(otaUpdates?.map(({ otaUpdateId }) => otaUpdateId)).toEqual(["bad"]);
  });

  test("are refused where the id is taken, a target is absent, or the files do not do", async () => {
    const input: Input = { otaUpdateId: "bad", roleArn, targets: [lamp], files: [{ fileLocation: at("v2.bin") }] };
    await refused("CreateOTAUpdate", "ResourceAlreadyExistsException", input);
    await refused("CreateOTAUpdate", "ResourceNotFoundException", {
      ...input,
      otaUpdateId: "x",
      targets: [`${lamp}s`],
    });
    await refused("CreateOTAUpdate", "InvalidRequestException", { ...input, otaUpdateId: "x", files: [{}] });
    await refused("DeleteOTAUpdate", "ResourceNotFoundException", { otaUpdateId: "absent" });
  });
});
