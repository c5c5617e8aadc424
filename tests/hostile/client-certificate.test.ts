import { request } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fleet, openFleet } from "../walk/fleet.ts";

let fleet: Fleet;
let device: Awaited<ReturnType<Fleet["identity"]>>;

beforeAll(async () => {
  fleet = await openFleet();
  // As wide as a policy can be: what remains closed is closed by the door.
  device = await fleet.identity([{ Effect: "Allow", Action: "*", Resource: "*" }]);
});

afterAll(() => fleet?.close());

interface Answer {
  status: number;
  text: string;
}

function withCertificate(method: string, path: string, headers = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: "localhost",
        port: new URL(fleet.file.httpsEndpoint).port,
        ca: fleet.ca,
        cert: device.certificate,
        key: device.privateKey,
        method,
        path,
        headers,
        agent: false,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Names a service as a presigned URL does, without being one: no algorithm, no signature. */
const scoped = (service: string) =>
  `X-Amz-Credential=${encodeURIComponent(`${fleet.file.accessKeyId}/20260101/${fleet.file.region}/${service}/aws4_request`)}`;

const form = { "content-type": "application/x-www-form-urlencoded" };
const target = (name: string) => ({ "content-type": "application/x-amz-json-1.1", "x-amz-target": name });

describe("a client certificate, whatever its policies allow,", () => {
  test("opens the device data plane", async () => {
    expect((await withCertificate("POST", "/topics/a/b?qos=1", {}, "x")).status).toBe(200);
  });

  test.each([
    ["iot", "GET", "/things?", {}, undefined],
    ["iot", "POST", "/keys-and-certificate?setAsActive=true&", {}, undefined],
    ["iotmanagedintegrations", "GET", "/managed-things?", {}, undefined],
    ["iam", "POST", "/?", form, "Action=CreateUser&UserName=evil&Version=2010-05-08"],
    ["sts", "POST", "/?", form, "Action=GetCallerIdentity&Version=2011-06-15"],
    ["kinesis", "POST", "/?", target("Kinesis_20131202.ListStreams"), "{}"],
    ["hearth", "GET", "/accounts?", {}, undefined],
  ] as const)(
    "does not open %s by a credential scope without a signature: %s %s",
    async (service, method, path, headers, body) => {
      const answer = await withCertificate(method, path + scoped(service), headers, body);
      expect(answer).toMatchObject({ status: 403, text: expect.stringContaining("Missing Authentication Token") });
    },
  );

  test("does not open the control plane without any scope", async () => {
    expect((await withCertificate("GET", "/things")).status).toBe(404);
  });
});
