import { createSign, generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodeCbor, encodeCbor } from "../messaging/cbor.ts";
import { jsonOf, type OpenTestRoom, refusalOf, requestOf, type TestRoom } from "../test-room.ts";

const ROLE = "arn:aws:iam::000000000000:role/files";
const FILE = "abcdefghij".repeat(1_000);
const location = (key: string) => ({ s3Location: { bucket: "firmware", key } });

export function describeStreams(open: OpenTestRoom): void {
  let room: TestRoom;
  beforeEach(async () => {
    room = await open();
    room.objects.set("firmware/lamp.bin", FILE);
    room.objects.set("firmware/config.json", "{}");
  });
  afterEach(() => room.close());

  type Operations = TestRoom["iot"]["operations"]["iot"];
  const call = <Name extends keyof Operations>(name: Name, input: Record<string, unknown>) =>
    room.call(room.iot.operations.iot[name] as never, input, requestOf(undefined, room.clock.now())) as Promise<
      Record<string, unknown>
    >;
  const create = () =>
    call("CreateStream", {
      streamId: "s",
      description: "two files",
      roleArn: ROLE,
      files: [
        { fileId: 0, ...location("lamp.bin") },
        { fileId: 7, ...location("config.json") },
      ],
    });
  async function ask(method: "describe" | "get", body: unknown, streamId = "s") {
    const { reply } = await room.publish(`$aws/things/lamp/streams/${streamId}/${method}/json`, body);
    return (reply ?? []).map((message) => ({
      kind: message.topic.split("/").at(-2),
      ...(jsonOf(message) as { p: string; i: number; l: number; o: string; c: string }),
    }));
  }

  test("files are described, and fetched block by block", async () => {
    expect(await create()).toMatchObject({
      streamId: "s",
      streamVersion: 1,
      streamArn: expect.stringMatching(/:stream\/s$/),
    });
    expect(await ask("describe", { c: "token" })).toEqual([
      {
        kind: "description",
        c: "token",
        s: 1,
        d: "two files",
        r: [
          { f: 0, z: 10_000 },
          { f: 7, z: 2 },
        ],
      },
    ]);
    const blocks = await ask("get", { c: "t", s: 1, f: 0, l: 4_096 });
    expect(blocks.map(({ kind, c, i, l }) => [kind, c, i, l])).toEqual([
      ["data", "t", 0, 4_096],
      ["data", "t", 1, 4_096],
      ["data", "t", 2, 1_808],
    ]);
    expect(Buffer.concat(blocks.map(({ p }) => Buffer.from(p, "base64"))).toString()).toBe(FILE);
    // Blocks 1, 3 and 4 of 256 bytes.
    const some = await ask("get", { f: 0, l: 256, o: 1, b: "0d" });
    expect(some.map(({ i }) => i)).toEqual([1, 3, 4]);
    expect(Buffer.from(some[1]?.p ?? "", "base64").toString()).toBe(FILE.slice(768, 1_024));
  });

  test("the same in CBOR", async () => {
    await create();
    const request = encodeCbor({ c: "t", f: 7, l: 256 });
    const { reply } = await room.publish("$aws/things/lamp/streams/s/get/cbor", request);
    const [message] = reply ?? [];
    expect(message?.topic).toBe("$aws/things/lamp/streams/s/data/cbor");
    const data = decodeCbor(message?.payload ?? new Uint8Array(), { bytes: 65_536 });
    expect(data).toMatchObject({ c: "t", f: 7, l: 2, i: 0 });
    expect(Buffer.from((data as { p: Uint8Array }).p).toString()).toBe("{}");
    const bad = await room.publish("$aws/things/lamp/streams/s/get/cbor", Uint8Array.from([0xff]));
    expect(decodeCbor(bad.reply?.[0]?.payload ?? new Uint8Array(), { bytes: 1_000 })).toMatchObject({
      o: "InvalidCbor",
    });
  });

  test("what cannot be answered says why", async () => {
    await create();
    const codeOf = async (body: unknown, streamId?: string) => (await ask("get", body, streamId))[0]?.o;
    expect(await codeOf("{")).toBe("InvalidJson");
    expect(await codeOf("[]")).toBe("InvalidJson");
    expect(await codeOf({})).toBe("InvalidRequest");
    expect(await codeOf({ c: "x".repeat(65), f: 0, l: 256 })).toBe("InvalidRequest");
    expect(await codeOf({ f: 0, l: 256 }, "other")).toBe("ResourceNotFound");
    expect(await codeOf({ f: 0, l: 256 }, "not a stream")).toBe("InvalidTopic");
    expect(await codeOf({ f: 1, l: 256 })).toBe("ResourceNotFound");
    expect(await codeOf({ f: 0, l: 256, s: 2 })).toBe("VersionMismatch");
    expect(await codeOf({ f: 0, l: 1 })).toBe("BlockSizeOutOfBounds");
    room.objects.set("firmware/lamp.bin", "another file");
    expect(await ask("get", { c: "t", f: 0, l: 256 })).toMatchObject([
      { kind: "rejected", c: "t", o: "ResourceNotFound" },
    ]);
  });

  test("an update makes a new version of what is there then", async () => {
    await create();
    room.objects.set("firmware/lamp.bin", "new");
    const files = [{ fileId: 0, ...location("lamp.bin") }];
    expect(await call("UpdateStream", { streamId: "s", files })).toMatchObject({
      streamVersion: 2,
      description: "two files",
    });
    expect(await ask("describe", {})).toMatchObject([{ s: 2, r: [{ f: 0, z: 3 }] }]);
    expect(await call("ListStreams", {})).toMatchObject({ streams: [{ streamId: "s", streamVersion: 2 }] });
    await call("DeleteStream", { streamId: "s" });
    expect(await refusalOf(call("DescribeStream", { streamId: "s" }))).toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("a stream is of files that are there, each once", async () => {
    const of = (...files: unknown[]) => refusalOf(call("CreateStream", { streamId: "s", roleArn: ROLE, files }));
    expect(await of({ fileId: 0, ...location("absent") })).toMatchObject({ name: "ResourceNotFoundException" });
    expect(await of({ fileId: 0 })).toMatchObject({ name: "InvalidRequestException" });
    const file = { fileId: 0, ...location("lamp.bin") };
    expect(await of(file, file)).toMatchObject({
      name: "InvalidRequestException",
      message: expect.stringContaining("twice"),
    });
    await create();
    expect(await of(file)).toMatchObject({ name: "ResourceAlreadyExistsException" });
  });

  describe("OTA updates", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const sign = (text: string) => createSign("sha256").update(text).sign(privateKey);
    const update = (signature?: Uint8Array) =>
      call("CreateOTAUpdate", {
        otaUpdateId: "v2",
        targets: ["arn:aws:iot:us-east-1:000000000000:thing/lamp"],
        protocols: ["MQTT", "HTTP"],
        roleArn: ROLE,
        files: [
          {
            fileName: "/lamp.bin",
            fileLocation: location("lamp.bin"),
            ...(signature === undefined
              ? {}
              : {
                  codeSigning: {
                    customCodeSigning: {
                      signature: { inlineDocument: signature },
                      certificateChain: { certificateName: "/certs/maker.pem" },
                      hashAlgorithm: "SHA256",
                      signatureAlgorithm: "ECDSA",
                    },
                  },
                }),
          },
        ],
      });
    const info = async () =>
      (await call("GetOTAUpdate", { otaUpdateId: "v2" }))["otaUpdateInfo"] as Record<string, unknown>;

    beforeEach(async () => {
      await call("CreateThing", { thingName: "lamp" });
    });

    test("become a stream and a job in the form that FreeRTOS reads", async () => {
      expect(await update(sign(FILE))).toMatchObject({ otaUpdateStatus: "CREATE_PENDING", awsIotJobId: "AFR_OTA-v2" });
      await room.timers.idle();
      expect(await info()).toMatchObject({ otaUpdateStatus: "CREATE_COMPLETE", awsIotJobId: "AFR_OTA-v2" });
      const { document } = await call("GetJobDocument", { jobId: "AFR_OTA-v2" });
      expect(JSON.parse(String(document))).toMatchObject({
        afr_ota: {
          protocols: ["MQTT", "HTTP"],
          streamname: "AFR_OTA-v2",
          files: [
            {
              filepath: "/lamp.bin",
              filesize: 10_000,
              fileid: 0,
              certfile: "/certs/maker.pem",
              "sig-sha256-ecdsa": expect.stringMatching(/^ME/),
              update_data_url: expect.stringContaining(
                "s3-presigned-url:https://s3.us-east-1.amazonaws.com/firmware/lamp.bin",
              ),
            },
          ],
        },
      });
      expect(await ask("describe", {}, "AFR_OTA-v2")).toMatchObject([
        { kind: "description", r: [{ f: 0, z: 10_000 }] },
      ]);
      expect(await refusalOf(call("DeleteOTAUpdate", { otaUpdateId: "v2" }))).toMatchObject({
        name: "InvalidRequestException",
      });
      await call("DeleteOTAUpdate", { otaUpdateId: "v2", deleteStream: true, forceDeleteAWSJob: true });
      await room.timers.idle();
      expect(await call("ListStreams", {})).toMatchObject({ streams: [] });
      expect(await call("ListJobs", {})).toMatchObject({ jobs: [] });
      expect(await call("ListOTAUpdates", {})).toMatchObject({ otaUpdates: [] });
    });

    test("a file that has gone meanwhile is an update that failed, and says why", async () => {
      await update();
      room.objects.delete("firmware/lamp.bin");
      await room.timers.idle();
      expect(await info()).toMatchObject({
        otaUpdateStatus: "CREATE_FAILED",
        errorInfo: { code: "NoSuchKey" },
      });
      expect(await call("ListJobs", {})).toMatchObject({ jobs: [] });
      await call("DeleteOTAUpdate", { otaUpdateId: "v2" });
    });

    test("what is signed elsewhere, and what cannot be a signature, is refused at once", async () => {
      const files = (codeSigning: unknown) =>
        refusalOf(
          call("CreateOTAUpdate", {
            otaUpdateId: "v2",
            targets: ["arn:aws:iot:us-east-1:000000000000:thing/lamp"],
            roleArn: ROLE,
            files: [{ fileLocation: location("lamp.bin"), codeSigning }],
          }),
        );
      expect(await files({ awsSignerJobId: "job" })).toMatchObject({
        message: expect.stringContaining("signed elsewhere"),
      });
      const custom = {
        signature: { inlineDocument: Buffer.from("x") },
        hashAlgorithm: "MD5",
        signatureAlgorithm: "RSA",
      };
      expect(await files({ customCodeSigning: custom })).toMatchObject({ name: "InvalidRequestException" });
      const certificateChain = { inlineDocument: "no certificate" };
      expect(
        await files({ customCodeSigning: { ...custom, hashAlgorithm: "SHA256", certificateChain } }),
      ).toMatchObject({
        message: expect.stringContaining("no certificate in PEM"),
      });
    });
  });
}
