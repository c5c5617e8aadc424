import { InternalError } from "@hearth/base";
import { type RequestContext, ServiceError } from "@hearth/contract";
import type { ObjectAccess } from "@hearth/stand-ins";
import { describe, expect, test } from "vitest";
import { jobObjects, locateObject } from "./job-objects.ts";

const ORIGIN = "https://hearth.home:8443";

test.each([
  ["s3://firmware/v2/lamp.bin", "firmware", "v2/lamp.bin"],
  ["https://s3.eu-central-1.amazonaws.com/firmware/v2/lamp.bin", "firmware", "v2/lamp.bin"],
  ["https://s3-eu-west-1.amazonaws.com/firmware/a", "firmware", "a"],
  ["https://s3.amazonaws.com/firmware/a%20b", "firmware", "a b"],
  ["https://firmware.s3.amazonaws.com/v2/lamp.bin", "firmware", "v2/lamp.bin"],
  ["https://my.firmware.s3.us-east-1.amazonaws.com/a", "my.firmware", "a"],
  ["https://hearth.home:8443/firmware/a", "firmware", "a"],
])("%s", (address, bucket, key) => {
  expect(locateObject(address, ORIGIN)).toEqual({ bucket, key });
});

test("a version", () => {
  const object = { bucket: "b-1", key: "k", versionId: "v1" };
  expect(locateObject("https://s3.us-east-1.amazonaws.com/b-1/k?versionId=v1", ORIGIN)).toEqual(object);
});

test.each([
  "",
  "firmware/a",
  "https://example.com/firmware/a",
  "https://s3.us-east-1.amazonaws.com.example.com/firmware/a",
  "http://s3.us-east-1.amazonaws.com/firmware/a",
  "https://s3.us-east-1.amazonaws.com/firmware",
  "https://s3.us-east-1.amazonaws.com/firmware/",
  "https://firmware.s3.us-east-1.amazonaws.com/",
  "https://s3.us-east-1.amazonaws.com/firmware/%zz",
  "javascript:alert(1)",
])("%j names no object", (address) => {
  expect(locateObject(address, ORIGIN)).toBeUndefined();
});

describe("a document in a store elsewhere", () => {
  const unused = (): never => {
    throw new InternalError("a document is only read");
  };
  const access: ObjectAccess = {
    head: unused,
    presign: unused,
    checkWrite: unused,
    write: unused,
    read: async ({ key, versionId = "newest" }, { roleArn = "nobody" }) => ({
      ...{ size: 1, etag: "", modifiedAt: 0 },
      body: (async function* () {
        yield Buffer.from(`${key} ${versionId} ${roleArn}`);
      })(),
    }),
  };
  const objects = jobObjects({ access: () => access, operations: () => undefined, auth: unused, origin: () => ORIGIN });
  const asked: string[] = [];
  const request: RequestContext = {
    ...{ accountId: "000000000000", region: "us-east-1", requestId: "", service: "iot", operation: "CreateJob" },
    ...{ sourceIp: "", userAgent: "", now: 0 },
    principal: { type: "Root", accountId: "000000000000", arn: "", principalId: "", accessKeyId: "" },
    async authorize(action, resource, _, owned) {
      asked.push([action, resource, owned?.accountId].join(" "));
      if (resource.endsWith("/secret")) throw new ServiceError("AccessDeniedException", "not yours");
    },
  };

  test("is read by the caller's own policies", async () => {
    const read = async (object: Parameters<typeof objects.readAs>[1], limit = 100) =>
      Buffer.from(await objects.readAs(request, object, limit)).toString();
    expect(await read({ bucket: "firmware", key: "a.json" })).toBe("a.json newest nobody");
    expect(await read({ bucket: "firmware", key: "a.json", versionId: "v1" })).toBe("a.json v1 nobody");
    expect(asked).toEqual([
      "s3:GetObject arn:aws:s3:::firmware/a.json 000000000000",
      "s3:GetObjectVersion arn:aws:s3:::firmware/a.json 000000000000",
    ]);
    await expect(read({ bucket: "firmware", key: "secret" })).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(read({ bucket: "firmware", key: "a.json" }, 5)).rejects.toMatchObject({ name: "EntityTooLarge" });
  });
});
