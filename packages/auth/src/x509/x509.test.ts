import { webcrypto } from "node:crypto";
import "reflect-metadata";
import {
  GeneralName,
  IssuerAlternativeNameExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ACCOUNT, openTestRoom, REGION, type TestDirectory, type TestRoom } from "../testing.ts";
import { authenticateCertificate, certificateIdOf } from "./authenticate-certificate.ts";
import { certificateVariables } from "./certificate-variables.ts";
import { devicePermissions } from "./device-permissions.ts";

let der: Uint8Array;
beforeAll(async () => {
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: "0a1b",
    subject: [
      { C: ["DE"] },
      ...["one", "two", "three", "four", "five", "six"].map((O) => ({ O: [O] })),
      { "2.5.4.46": ["dnq"] },
      { "2.5.4.5": ["SN-1"] },
      { CN: ["light, 1"] },
    ],
    issuer: [{ CN: ["CA*"] }],
    notBefore: new Date("2026-01-01"),
    notAfter: new Date("2027-01-01"),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      new SubjectAlternativeNameExtension([
        new GeneralName("dns", "a.example"),
        new GeneralName("dns", "b.example"),
        new GeneralName("email", "a@example"),
        new GeneralName("url", "urn:device:1"),
        new GeneralName("ip", "192.0.2.1"),
        new GeneralName("dn", "CN=other"),
      ]),
      new IssuerAlternativeNameExtension([new GeneralName("dns", "ca.example")]),
    ],
  });
  der = new Uint8Array(certificate.rawData);
});

let directory: TestDirectory;
let certificateId: string;
let room: TestRoom;
beforeAll(async () => {
  room = await openTestRoom();
  return () => room.close();
});
beforeEach(() => {
  directory = room.directory;
  for (const map of [directory.certificates, directory.policiesOf, directory.things]) map.clear();
  certificateId = certificateIdOf(der);
  directory.certificates.set(certificateId, {
    accountId: ACCOUNT,
    region: REGION,
    certificateId,
    issuedHere: true,
    status: "ACTIVE",
    notBefore: Date.UTC(2026, 0, 1),
    notAfter: Date.UTC(2027, 0, 1),
  });
});

const ARN = `arn:aws:iot:${REGION}:${ACCOUNT}:`;
function attach(...statements: object[]): void {
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  directory.policiesOf.set(certificateId, [{ name: "p", document }]);
}
const allow = (action: string, resource: string, more: object = {}) => ({
  Effect: "Allow",
  Action: action,
  Resource: ARN + resource,
  ...more,
});
const connect = (clientId?: string) =>
  devicePermissions(directory, {
    accountId: ACCOUNT,
    region: REGION,
    certificateId,
    certificateDer: der,
    sourceIp: "192.0.2.7",
    ...(clientId !== undefined && { clientId }),
  });

describe("authenticateCertificate", () => {
  test.each([
    ["ACTIVE", Date.UTC(2026, 6, 1), undefined],
    ["INACTIVE", Date.UTC(2026, 6, 1), "not-active"],
    ["REVOKED", Date.UTC(2026, 6, 1), "not-active"],
    ["PENDING_ACTIVATION", Date.UTC(2026, 6, 1), "not-active"],
    ["PENDING_TRANSFER", Date.UTC(2026, 6, 1), "not-active"],
    ["REGISTER_INACTIVE", Date.UTC(2026, 6, 1), "not-active"],
    ["ACTIVE", Date.UTC(2026, 0, 1) - 1, "not-yet-valid"],
    ["ACTIVE", Date.UTC(2027, 0, 1) + 1, "expired"],
  ] as const)("%s at %d: %s", async (status, now, refusal) => {
    const certificate = directory.certificates.get(certificateId);
    if (certificate) certificate.status = status;
    const verdict = await authenticateCertificate(directory, der, now);
    if (refusal) expect(verdict).toMatchObject({ refusal, reason: expect.stringContaining(certificateId) });
    else expect(verdict).toEqual({ certificate });
  });

  test("an unknown one", async () => {
    expect(await authenticateCertificate(directory, der.slice(1), 0)).toMatchObject({ refusal: "unknown" });
  });

  test("stands for a request without a signature, and its policies decide", async () => {
    const request = {
      method: "POST",
      rawPath: "/topics/a",
      rawQuery: "qos=1",
      headers: { host: "localhost" },
      body: new Uint8Array(),
      peerCertificate: der,
      sourceIp: "192.0.2.7",
      now: Date.UTC(2026, 6, 1),
    };
    const { principal, region, service } = await room.auth.authenticate(request);
    expect(principal).toMatchObject({ type: "Certificate", certificateId, arn: `${ARN}cert/${certificateId}` });
    expect({ region, service }).toEqual({ region: REGION, service: "iotdata" });
    attach(allow("iot:Publish", "topic/a"), allow("iot:Publish", `cn/\${iot:Certificate.Subject.CommonName}`));
    await room.auth.authorize(principal, "iot:Publish", `${ARN}cn/light, 1`);
    await room.auth.authorize(principal, "iot:Publish", `${ARN}topic/a`);
    await expect(room.auth.authorize(principal, "iot:Publish", `${ARN}topic/b`)).rejects.toThrow(
      "because no IoT policy allows the iot:Publish action",
    );
    const late = { ...request, now: Date.UTC(2028, 0, 1) };
    await expect(room.auth.authenticate(late)).rejects.toMatchObject({ name: "ForbiddenException" });
  });
});

describe("devicePermissions", () => {
  test("thing variables follow the connection's thing (reference 7)", async () => {
    directory.things.set("light-1", { thingName: "light-1", thingTypeName: "light", attributes: { room: "hall" } });
    attach(
      allow("iot:Connect", `client/\${iot:Connection.Thing.ThingName}`),
      allow("iot:Publish", `topic/\${iot:Connection.Thing.ThingTypeName}/\${iot:Connection.Thing.Attributes[room]}`),
      allow("iot:Receive", "topic/free", { Condition: { Bool: { "iot:Connection.Thing.IsAttached": "false" } } }),
    );
    const light = await connect("light-1");
    expect(light.thing?.thingName).toBe("light-1");
    expect(light.allows("iot:Connect", `${ARN}client/light-1`).allowed).toBe(true);
    expect(light.allows("iot:Connect", `${ARN}client/light-2`).allowed).toBe(false);
    expect(light.allows("iot:Publish", `${ARN}topic/light/hall`).allowed).toBe(true);
    expect(light.allows("iot:Receive", `${ARN}topic/free`).allowed).toBe(false);
    const stranger = await connect("light-2");
    expect(stranger.thing).toBeUndefined();
    expect(stranger.allows("iot:Connect", `${ARN}client/light-2`)).toEqual({
      allowed: false,
      reason: expect.stringContaining(
        `\${iot:Connection.Thing.ThingName} has no value: the certificate is attached to no thing named "light-2"`,
      ),
    });
    expect(stranger.allows("iot:Receive", `${ARN}topic/else`).reason).toContain(`its resource is ${ARN}topic/free`);
    directory.things.set("light-3", { thingName: "light-3", attributes: {} });
    const { reason } = (await connect("light-3")).allows("iot:Publish", `${ARN}topic/light/hall`);
    expect(reason).toContain('ThingTypeName} has no value: the thing "light-3" has no thing type');
    expect(stranger.allows("iot:Receive", `${ARN}topic/free`).allowed).toBe(true);
    expect((await connect()).allows("iot:Receive", `${ARN}topic/free`).allowed).toBe(false);
  });

  test("a client id is literal text", async () => {
    attach(allow("iot:*", `topicfilter/my/\${iot:ClientId}/topic`));
    const star = await connect("*");
    expect(star.allows("iot:Subscribe", `${ARN}topicfilter/my/other/topic`).allowed).toBe(false);
    expect(star.allows("iot:Subscribe", `${ARN}topicfilter/my/*/topic`).allowed).toBe(true);
  });

  test("further keys come with the action and cannot replace what is known", async () => {
    attach(
      allow("iot:Connect", "client/c", {
        Condition: { "ForAllValues:StringEquals": { "iot:ConnectAttributes": ["LastWill"] } },
      }),
      allow("iot:Publish", `topic/\${iot:ClientId}`, { Condition: { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } } }),
    );
    const device = await connect("c");
    const plain = { "iot:ConnectAttributes": [] };
    expect(device.allows("iot:Connect", `${ARN}client/c`, plain).allowed).toBe(true);
    const persistent = { "iot:ConnectAttributes": ["PersistentConnect"] };
    expect(device.allows("iot:Connect", `${ARN}client/c`, persistent).allowed).toBe(false);
    expect(device.allows("iot:Publish", `${ARN}topic/c`, { "aws:SourceIp": "10.0.0.1" }).allowed).toBe(true);
    expect(device.allows("iot:Publish", `${ARN}topic/d`, { "iot:ClientId": "d" }).allowed).toBe(false);
  });

  test("certificate variables, the unsafe ones left out", async () => {
    attach(
      allow("iot:Publish", `topic/\${iot:Certificate.Subject.Organization}/\${iot:Certificate.Subject.Organization.1}`),
      allow("iot:Publish", `topic/ca/\${iot:Certificate.Issuer.CommonName}`),
      allow("iot:Receive", "topic/list", {
        Condition: { "ForAnyValue:StringEquals": { "iot:Certificate.Subject.Organization.List": "five" } },
      }),
      allow("iot:Receive", "topic/keys", {
        Condition: { "ForAnyValue:StringEquals": { "iot:Certificate.AvailableKeys": "iot:Certificate.Subject.State" } },
      }),
    );
    const device = await connect("c");
    expect(device.allows("iot:Publish", `${ARN}topic/one/two`).allowed).toBe(true);
    expect(device.allows("iot:Publish", `${ARN}topic/ca/CA*`).allowed).toBe(false);
    expect(device.allows("iot:Publish", `${ARN}topic/ca/CAx`).allowed).toBe(false);
    expect(device.allows("iot:Receive", `${ARN}topic/list`).allowed).toBe(true);
    expect(device.allows("iot:Receive", `${ARN}topic/keys`).allowed).toBe(false);
  });
});

describe("certificateVariables", () => {
  test("are all that the certificate has", () => {
    const variables = certificateVariables(der);
    expect(variables).toMatchObject({
      "iot:Certificate.Subject.Country": "DE",
      "iot:Certificate.Subject.CommonName": "light, 1",
      "iot:Certificate.Subject.CommonName.0": "light, 1",
      "iot:Certificate.Subject.Organization.4": "five",
      "iot:Certificate.Subject.Organization.List": ["one", "two", "three", "four", "five"],
      "iot:Certificate.Subject.DistinguishedNameQualifier": "dnq",
      "iot:Certificate.Subject.SerialNumber": "SN-1",
      "iot:Certificate.Issuer.CommonName": "CA*",
      "iot:Certificate.Subject.AlternativeName.DNSName.1": "b.example",
      "iot:Certificate.Subject.AlternativeName.RFC822Name": "a@example",
      "iot:Certificate.Subject.AlternativeName.UniformResourceIdentifier": "urn:device:1",
      "iot:Certificate.Subject.AlternativeName.IPAddress": "192.0.2.1",
      "iot:Certificate.Subject.AlternativeName.DirectoryName": "CN=other",
      "iot:Certificate.Issuer.AlternativeName.DNSName": "ca.example",
      "iot:Certificate.SerialNumber": "0A1B",
    });
    expect(variables).not.toHaveProperty(["iot:Certificate.Subject.Organization.5"]);
    expect(variables["iot:Certificate.AvailableKeys"]).toContain("iot:Certificate.Subject.Country");
    expect(variables["iot:Certificate.AvailableKeys"]).not.toContain("iot:Certificate.Subject.State");
  });

  test("of something else are none", () => {
    expect(certificateVariables(new Uint8Array([1, 2, 3]))).toEqual({});
    expect(certificateVariables(der.slice(0, 200))).toEqual({});
  });
});
