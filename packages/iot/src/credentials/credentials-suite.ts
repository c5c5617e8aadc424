import "reflect-metadata";
import { createPublicKey, webcrypto, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { disconnectRequested, permissionsChanged, policyDeleted } from "../messaging/message.ts";
import { AT, type OpenTestRoom, openTestRoom, refusalOf, type TestRoom } from "../test-room.ts";

/** On whatever database `open` gives. */
export function describeCredentials(open: OpenTestRoom): void {
  let room: TestRoom;
  beforeAll(async () => {
    room = await open();
  });
  afterAll(() => room.close());

  const iot = () => room.iot.operations.iot;
  const WEAK = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

  async function signingRequest(name = "CN=device-1", algorithm: object = ALGORITHM): Promise<string> {
    const keys = (await webcrypto.subtle.generateKey(algorithm as never, true, ["sign", "verify"])) as never;
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name,
      keys,
      signingAlgorithm: ALGORITHM as never,
    });
    return request.toString("pem");
  }

  const fromCsr = async (setAsActive = true) =>
    (await room.call(iot().CreateCertificateFromCsr, {
      certificateSigningRequest: await signingRequest(),
      setAsActive,
    })) as { certificateArn: string; certificateId: string; certificatePem: string };

  const statusOf = async (certificateId: string) =>
    (await room.call(iot().DescribeCertificate, { certificateId })).certificateDescription?.status;

  const allow = (resource: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "iot:Connect", Resource: resource }],
    });

  describe("certificates", () => {
    test("CreateKeysAndCertificate: an RSA 2048 key, a certificate of the device CA until the end of 2049", async () => {
      const made = await room.call(iot().CreateKeysAndCertificate, { setAsActive: true });
      const certificate = new X509Certificate(made.certificatePem ?? "");
      expect(made.certificateId).toBe(certificate.fingerprint256.replaceAll(":", "").toLowerCase());
      expect(made.certificateArn).toBe(`arn:aws:iot:us-east-1:000000000000:cert/${made.certificateId}`);
      expect(made.keyPair?.PrivateKey).toMatch(/^-----BEGIN RSA PRIVATE KEY-----/);
      expect(createPublicKey(made.keyPair?.PublicKey ?? "").asymmetricKeyDetails?.modulusLength).toBe(2048);
      expect(certificate.publicKey.export({ type: "spki", format: "pem" })).toBe(made.keyPair?.PublicKey);
      expect(Date.parse(certificate.validTo)).toBe(Date.UTC(2049, 11, 31, 23, 59, 59));
      expect(certificate.serialNumber).toMatch(/^[0-7][0-9A-F]{39}$/);
      expect(certificate.ca).toBe(false);
      const authority = new X509Certificate(await room.iot.authority.certificatePem());
      expect(certificate.checkIssued(authority)).toBe(true);
      expect(certificate.verify(authority.publicKey)).toBe(true);
      expect(authority.ca).toBe(true);
      expect(authority.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
      expect(
        await room.call(iot().DescribeCertificate, { certificateId: `0x${made.certificateId?.toUpperCase()}` }),
      ).toEqual({
        certificateDescription: expect.objectContaining({
          certificateId: made.certificateId,
          status: "ACTIVE",
          ownedBy: AT.accountId,
          certificateMode: "DEFAULT",
          creationDate: room.clock.now() / 1000,
          validity: { notBefore: room.clock.now() / 1000 - 120, notAfter: Date.UTC(2049, 11, 31, 23, 59, 59) / 1000 },
        }),
      });
    });

    test("the CA is made once; its key is sealed in the database", async () => {
      const again = await openTestRoom({ database: room.database });
      expect(await again.iot.authority.certificatePem()).toBe(await room.iot.authority.certificatePem());
      const [row] = await room.database.query<{ sealed_key: Uint8Array }>(
        "SELECT sealed_key FROM iot_device_authority",
      );
      expect(Buffer.from(row?.sealed_key ?? []).includes(Buffer.from("2a8648ce3d0201", "hex"))).toBe(false);
    });

    test("from a CSR: its key and subject; the same CSR twice gives two certificates", async () => {
      const certificateSigningRequest = await signingRequest("CN=lamp, O=Example");
      const [a, b] = await Promise.all([
        room.call(iot().CreateCertificateFromCsr, { certificateSigningRequest }),
        room.call(iot().CreateCertificateFromCsr, { certificateSigningRequest }),
      ]);
      expect(a.certificateId).not.toBe(b.certificateId);
      expect(new X509Certificate(a.certificatePem ?? "").subject).toContain("CN=lamp");
      expect(await statusOf(a.certificateId ?? "")).toBe("INACTIVE");
    });

    test("refuses a CSR that is malformed, forged, or of a weak key", async () => {
      const good = await signingRequest();
      const der = Buffer.from(good.replace(/-----[^-]+-----|\s/g, ""), "base64");
      der[der.length - 1] = (der[der.length - 1] as number) ^ 1;
      const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----`;
      const keys = (await webcrypto.subtle.generateKey(
        { ...WEAK, modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) },
        true,
        ["sign", "verify"],
      )) as never;
      const weak = await x509.Pkcs10CertificateRequestGenerator.create({
        name: "CN=weak",
        keys,
        signingAlgorithm: WEAK as never,
      });
      for (const certificateSigningRequest of ["nonsense", forged, weak.toString("pem"), good.slice(0, 200)]) {
        const refusal = await refusalOf(room.call(iot().CreateCertificateFromCsr, { certificateSigningRequest }));
        expect(refusal.name).toBe("InvalidRequestException");
      }
    });

    test("RegisterCertificateWithoutCA takes any certificate once", async () => {
      const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])) as never;
      const certificate = await x509.X509CertificateGenerator.createSelfSigned({ name: "CN=own", keys });
      const certificatePem = certificate.toString("pem");
      const register = (input: object) => room.call(iot().RegisterCertificateWithoutCA, { certificatePem, ...input });
      expect((await refusalOf(register({ status: "PENDING_TRANSFER" }))).name).toBe("InvalidRequestException");
      const { certificateId } = await register({ status: "ACTIVE" });
      expect(certificateId).toBe(new X509Certificate(certificatePem).fingerprint256.replaceAll(":", "").toLowerCase());
      expect(await room.call(iot().DescribeCertificate, { certificateId: certificateId ?? "" })).toMatchObject({
        certificateDescription: { status: "ACTIVE", certificateMode: "SNI_ONLY" },
      });
      expect((await refusalOf(register({}))).name).toBe("ResourceAlreadyExistsException");
      for (const bad of ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]) {
        expect((await refusalOf(register({ certificatePem: bad }))).name).toBe("CertificateValidationException");
      }
    });

    test("leaving ACTIVE asks for live connections to be closed, at once and once", async () => {
      const { certificateId } = await fromCsr();
      const cutOff = room.heard(disconnectRequested);
      const update = (newStatus: "INACTIVE" | "REVOKED" | "ACTIVE" | "PENDING_TRANSFER") =>
        room.call(iot().UpdateCertificate, { certificateId, newStatus });
      await update("INACTIVE");
      expect(cutOff).toEqual([{ accountId: AT.accountId, certificateId, reason: "FORBIDDEN_ACCESS" }]);
      await update("INACTIVE");
      await update("REVOKED");
      expect(cutOff).toHaveLength(1);
      await update("ACTIVE");
      expect(await statusOf(certificateId)).toBe("ACTIVE");
      expect((await refusalOf(update("PENDING_TRANSFER"))).name).toBe("InvalidRequestException");
      const unknown = { certificateId: "0".repeat(64), newStatus: "ACTIVE" as const };
      expect((await refusalOf(room.call(iot().UpdateCertificate, unknown))).name).toBe("ResourceNotFoundException");
    });

    test("is deleted only when it is not ACTIVE, attached to no thing, and to no policy unless forced", async () => {
      const { certificateId, certificateArn } = await fromCsr();
      const remove = (forceDelete = false) => room.call(iot().DeleteCertificate, { certificateId, forceDelete });
      expect((await refusalOf(remove(true))).name).toBe("CertificateStateException");
      await room.call(iot().UpdateCertificate, { certificateId, newStatus: "INACTIVE" });
      await room.call(iot().CreateThing, { thingName: "holder" });
      await room.call(iot().AttachThingPrincipal, { thingName: "holder", principal: certificateArn });
      expect((await refusalOf(remove(true))).name).toBe("DeleteConflictException");
      await room.call(iot().DetachThingPrincipal, { thingName: "holder", principal: certificateArn });
      await room.call(iot().CreatePolicy, { policyName: "held", policyDocument: allow("*") });
      await room.call(iot().AttachPolicy, { policyName: "held", target: certificateArn });
      expect((await refusalOf(remove())).name).toBe("DeleteConflictException");
      await remove(true);
      expect((await refusalOf(remove(true))).name).toBe("ResourceNotFoundException");
      expect(await room.call(iot().ListTargetsForPolicy, { policyName: "held" })).toMatchObject({ targets: [] });
    });

    test("are listed by age, in pages", async () => {
      const made: string[] = [];
      for (let i = 0; i < 3; i++) {
        room.clock.advance(1000);
        made.push((await fromCsr()).certificateId);
      }
      const list = (input: object) => room.call(iot().ListCertificates, input);
      const newest = await list({ pageSize: 2 });
      expect(newest.certificates?.map((one) => one.certificateId)).toEqual([made[2], made[1]]);
      expect(newest.nextMarker).toMatch(/^[A-Za-z0-9+/]+={0,2}$/);
      const next = await list({ pageSize: 1, marker: newest.nextMarker });
      expect(next.certificates?.map((one) => one.certificateId)).toEqual([made[0]]);
      const oldest = await list({ pageSize: 250, ascendingOrder: true });
      expect(oldest.certificates?.slice(-3).map((one) => one.certificateId)).toEqual(made);
    });
  });

  describe("policies", () => {
    const create = (policyName: string, policyDocument = allow("*")) =>
      room.call(iot().CreatePolicy, { policyName, policyDocument });

    test("create, read, version, default, delete", async () => {
      expect(await create("p")).toEqual({
        policyName: "p",
        policyArn: "arn:aws:iot:us-east-1:000000000000:policy/p",
        policyDocument: allow("*"),
        policyVersionId: "1",
      });
      expect((await refusalOf(create("p"))).name).toBe("ResourceAlreadyExistsException");
      expect((await refusalOf(create("bad", "{}"))).name).toBe("MalformedPolicyException");

      const version = (setAsDefault = false) =>
        room.call(iot().CreatePolicyVersion, {
          policyName: "p",
          policyDocument: allow("arn:aws:iot:us-east-1:000000000000:client/a"),
          setAsDefault,
        });
      expect(await version()).toMatchObject({ policyVersionId: "2", isDefaultVersion: false });
      const heard = room.heard(permissionsChanged);
      expect(await version(true)).toMatchObject({ policyVersionId: "3", isDefaultVersion: true });
      expect(heard).toEqual([{ accountId: AT.accountId }]);
      expect(await room.call(iot().GetPolicy, { policyName: "p" })).toMatchObject({
        policyDocument: allow("arn:aws:iot:us-east-1:000000000000:client/a"),
        defaultVersionId: "3",
      });
      await version();
      await version();
      expect((await refusalOf(version())).name).toBe("VersionsLimitExceededException");

      const one = (policyVersionId: string) => ({ policyName: "p", policyVersionId });
      expect((await refusalOf(room.call(iot().DeletePolicyVersion, one("3")))).name).toBe("DeleteConflictException");
      await room.call(iot().SetDefaultPolicyVersion, one("1"));
      await room.call(iot().DeletePolicyVersion, one("3"));
      expect((await refusalOf(room.call(iot().GetPolicyVersion, one("3")))).name).toBe("ResourceNotFoundException");
      expect((await refusalOf(room.call(iot().SetDefaultPolicyVersion, one("3")))).name).toBe(
        "ResourceNotFoundException",
      );
      expect(await room.call(iot().GetPolicyVersion, one("1"))).toMatchObject({ isDefaultVersion: true });
      expect(await version()).toMatchObject({ policyVersionId: "6" });
      const versions = await room.call(iot().ListPolicyVersions, { policyName: "p" });
      expect(versions.policyVersions?.map((listed) => listed.versionId)).toEqual(["1", "2", "4", "5", "6"]);

      expect((await refusalOf(room.call(iot().DeletePolicy, { policyName: "p" }))).name).toBe(
        "DeleteConflictException",
      );
      for (const id of ["2", "4", "5", "6"]) await room.call(iot().DeletePolicyVersion, one(id));
      const gone = room.heard(policyDeleted);
      await room.call(iot().DeletePolicy, { policyName: "p" });
      expect(gone).toEqual([{ accountId: AT.accountId, region: AT.region, policyName: "p" }]);
      expect((await refusalOf(room.call(iot().GetPolicy, { policyName: "p" }))).name).toBe("ResourceNotFoundException");
    });

    test("attach and detach, by either name of the operation; an attached policy is not deleted", async () => {
      await create("q");
      const { certificateId, certificateArn: target } = await fromCsr();
      const heard = room.heard(permissionsChanged);
      await room.call(iot().AttachPolicy, { policyName: "q", target });
      expect(heard).toEqual([{ accountId: AT.accountId, certificateIds: [certificateId] }]);
      await room.call(iot().AttachPolicy, { policyName: "q", target });
      const summary = { policyName: "q", policyArn: "arn:aws:iot:us-east-1:000000000000:policy/q" };
      expect(await room.call(iot().ListAttachedPolicies, { target })).toMatchObject({ policies: [summary] });
      expect(await room.call(iot().ListPrincipalPolicies, { principal: target })).toMatchObject({
        policies: [summary],
      });
      expect(await room.call(iot().ListTargetsForPolicy, { policyName: "q" })).toMatchObject({ targets: [target] });
      expect(await room.call(iot().ListPolicyPrincipals, { policyName: "q" })).toMatchObject({ principals: [target] });
      expect((await refusalOf(room.call(iot().DeletePolicy, { policyName: "q" }))).name).toBe(
        "DeleteConflictException",
      );
      await room.call(iot().DetachPrincipalPolicy, { policyName: "q", principal: target });
      await room.call(iot().DetachPolicy, { policyName: "q", target });
      expect(await room.call(iot().ListAttachedPolicies, { target })).toMatchObject({ policies: [] });
      await room.call(iot().DeletePolicy, { policyName: "q" });
    });

    test("a principal has ten policies at most, however they come", async () => {
      const { certificateArn: target } = await fromCsr();
      for (let i = 0; i < 12; i++) await create(`limit-${i}`);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 12 }, (_, i) => room.call(iot().AttachPolicy, { policyName: `limit-${i}`, target })),
      );
      const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason.name] : []));
      expect(refused).toEqual(["LimitExceededException", "LimitExceededException"]);
      const first = await room.call(iot().ListAttachedPolicies, { target, pageSize: 7 });
      const second = await room.call(iot().ListAttachedPolicies, { target, pageSize: 7, marker: first.nextMarker });
      expect([first.policies?.length, second.policies?.length, second.nextMarker]).toEqual([7, 3, undefined]);
    });

    test("refuses unknown policies and targets", async () => {
      const { certificateArn: target } = await fromCsr();
      const attach = (policyName: string, to: string) => room.call(iot().AttachPolicy, { policyName, target: to });
      expect((await refusalOf(attach("none", target))).name).toBe("ResourceNotFoundException");
      await create("known");
      const unknown = `${target.slice(0, -64)}${"0".repeat(64)}`;
      expect((await refusalOf(attach("known", unknown))).name).toBe("ResourceNotFoundException");
      expect((await refusalOf(attach("known", "thing"))).name).toBe("InvalidRequestException");
      const foreign = { policyName: "known", target: target.replace("000000000000", "111111111111") };
      expect((await refusalOf(room.call(iot().DetachPolicy, foreign))).name).toBe("InvalidRequestException");
    });
  });

  describe("the directory", () => {
    test("tells certificate, policies and thing, and forgets what has changed", async () => {
      const { certificateId, certificateArn } = await fromCsr();
      const { directory } = room.iot;
      expect(await directory.registrations(certificateId)).toMatchObject([{ ...AT, certificateId, status: "ACTIVE" }]);
      expect(await directory.policies(AT.accountId, certificateId)).toEqual([]);
      await room.call(iot().CreatePolicy, { policyName: "d", policyDocument: allow("*") });
      await room.call(iot().AttachPolicy, { policyName: "d", target: certificateArn });
      expect(await directory.policies(AT.accountId, certificateId)).toEqual([{ name: "d", document: allow("*") }]);
      const version = {
        policyName: "d",
        policyDocument: allow("arn:aws:iot:us-east-1:000000000000:client/b"),
        setAsDefault: true,
      };
      await room.call(iot().CreatePolicyVersion, version);
      expect(await directory.policies(AT.accountId, certificateId)).toEqual([
        { name: "d", document: allow("arn:aws:iot:us-east-1:000000000000:client/b") },
      ]);

      expect(await directory.thing(AT.accountId, certificateId, "dir")).toBeUndefined();
      await room.call(iot().CreateThing, { thingName: "dir", attributePayload: { attributes: { a: "1" } } });
      await room.call(iot().AttachThingPrincipal, { thingName: "dir", principal: certificateArn });
      expect(await directory.thing(AT.accountId, certificateId, "dir")).toEqual({
        thingName: "dir",
        attributes: { a: "1" },
      });
      expect(await directory.thing(AT.accountId, certificateId, "other")).toBeUndefined();
      await room.call(iot().UpdateThing, { thingName: "dir", attributePayload: { attributes: { a: "2" } } });
      expect(await directory.thing(AT.accountId, certificateId, "dir")).toMatchObject({ attributes: { a: "2" } });
      await room.call(iot().AttachThingPrincipal, {
        thingName: "dir",
        principal: certificateArn,
        thingPrincipalType: "EXCLUSIVE_THING",
      });
      expect(await directory.thing(AT.accountId, certificateId, "other")).toMatchObject({ thingName: "dir" });

      await room.call(iot().UpdateCertificate, { certificateId, newStatus: "REVOKED" });
      expect(await directory.registrations(certificateId)).toMatchObject([{ status: "REVOKED" }]);
      expect(await directory.registrations("0".repeat(64))).toEqual([]);
      expect(await directory.policies("111111111111", certificateId)).toEqual([]);
      expect(await directory.thing("111111111111", certificateId, "dir")).toBeUndefined();
    });
  });

  describe("DescribeEndpoint", () => {
    test("gives the public host for every kind of endpoint", async () => {
      for (const endpointType of [undefined, "iot:Data", "iot:Data-ATS", "iot:CredentialProvider", "iot:Jobs"]) {
        expect(await room.call(iot().DescribeEndpoint, { endpointType })).toEqual({
          endpointAddress: "iot.example.com",
        });
      }
      expect((await refusalOf(room.call(iot().DescribeEndpoint, { endpointType: "x" }))).name).toBe(
        "InvalidRequestException",
      );
    });
  });
}
