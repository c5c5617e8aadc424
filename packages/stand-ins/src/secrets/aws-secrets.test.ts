import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAwsSecrets } from "./aws-secrets.ts";

const ARN = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:vendor-aaaaaa";
const VERSION = "v".repeat(32);

/** What AWS answers, one request after the other, and what it was asked. */
const script: { status: number; body: object }[] = [];
const asked: { target: unknown; scope: string | undefined; body: unknown }[] = [];

let server: Server;
let secrets: ReturnType<typeof createAwsSecrets>;
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      const scope = /Credential=[^/]+\/\d+\/([^,]+)/.exec(request.headers.authorization ?? "")?.[1];
      asked.push({ target: request.headers["x-amz-target"], scope, body: JSON.parse(body) });
      const answer = script.shift() ?? { status: 500, body: {} };
      response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  secrets = createAwsSecrets({
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  secrets.close();
  await new Promise((resolve) => server.close(resolve));
});

const caller = { service: "iotmanagedintegrations.amazonaws.com", sourceAccount: "000000000000" };
const read = (more: object = {}) =>
  secrets.read({ account: "000000000000", region: "eu-west-1", secretArn: ARN, caller, ...more });

test("a value is read by the version or stage that is asked, as text or as bytes", async () => {
  script.push({ status: 200, body: { ARN, SecretString: "s1", VersionId: VERSION } });
  expect(await read({ versionId: VERSION })).toEqual({ outcome: "read", text: "s1", versionId: VERSION });
  script.push({ status: 200, body: { ARN, SecretBinary: "AQI=", VersionId: VERSION } });
  const bytes = new Uint8Array([1, 2]);
  expect(await read({ versionStage: "AWSPENDING" })).toEqual({ outcome: "read", bytes, versionId: VERSION });
  expect(asked).toEqual([
    {
      target: "secretsmanager.GetSecretValue",
      scope: "eu-west-1/secretsmanager/aws4_request",
      body: { SecretId: ARN, VersionId: VERSION },
    },
    expect.objectContaining({ body: { SecretId: ARN, VersionStage: "AWSPENDING" } }),
  ]);
});

test.each([
  ["AccessDeniedException", "User: x is not authorized to perform: secretsmanager:GetSecretValue", "denied"],
  ["AccessDeniedException", "Access to KMS is not allowed", "key-unusable"],
  ["DecryptionFailure", "the key is disabled", "key-unusable"],
  ["InvalidRequestException", "the secret was marked for deletion", "deleted"],
  ["InvalidRequestException", "the stage is not of the version", "not-found"],
  ["ResourceNotFoundException", "can't find the specified secret", "not-found"],
])("%s (%s) means %s", async (name, message, outcome) => {
  script.push({ status: 400, body: { __type: name, Message: message } });
  expect(await read()).toEqual({ outcome, message: expect.stringContaining(message) });
});

test("where AWS fails itself, the read fails", async () => {
  script.push({ status: 500, body: { __type: "InternalServiceError", Message: "later" } });
  await expect(read()).rejects.toMatchObject({ name: "InternalServiceError" });
});
