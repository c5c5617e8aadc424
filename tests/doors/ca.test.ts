import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type MakersCa, makeCa } from "../kit/certificate-authority.ts";
import { makeCertificate } from "../kit/certificate-request.ts";
import { type Clients, type Door, openDoor, refusalOf, refusing } from "./door.ts";

let door: Door;
let iot: Clients["iot"];
let code: string;
const refused = refusing("iot", () => door.root);
const idOf = (pem: string) => new X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();

beforeAll(async () => {
  door = await openDoor();
  iot = door.root.iot;
  code = String((await iot.send("GetRegistrationCode", {})).registrationCode);
});
afterAll(() => door.stop());

/** The input that registers a CA in mode DEFAULT. */
const proven = async (ca: MakersCa, commonName = code) => ({
  caCertificate: ca.certificate,
  verificationCertificate: (await ca.sign(`CN=${commonName}`)).certificate,
});

describe("CA certificates", () => {
  test("the registration code stays the same, and is the account's own", async () => {
    expect(code).toMatch(/^[0-9a-f]{64}$/);
    expect((await iot.send("GetRegistrationCode", {})).registrationCode).toBe(code);
    const { AccessKey } = await door.root.hearth.send("CreateAccount", {});
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
    const other = door.as({ accessKeyId, secretAccessKey });
    expect((await other.iot.send("GetRegistrationCode", {})).registrationCode).not.toBe(code);
    const ca = await makeCa("CN=Contested");
    await iot.send("RegisterCACertificate", await proven(ca));
    const theirs = String((await other.iot.send("GetRegistrationCode", {})).registrationCode);
    // Who proves to hold the key is one account; a copy by name alone may be in several.
    await refused("RegisterCACertificate", "ResourceAlreadyExistsException", await proven(ca, theirs), other);
    await other.iot.send("RegisterCACertificate", { caCertificate: ca.certificate, certificateMode: "SNI_ONLY" });
    await refused("DescribeCACertificate", "ResourceNotFoundException", { certificateId: "0".repeat(64) }, other);
  });

  test("are registered by proof, changed, listed and deleted", async () => {
    const ca = await makeCa("CN=Maker, O=Lamps");
    const certificateId = idOf(ca.certificate);
    const arn = `arn:aws:iot:${door.file.region}:${door.file.accountId}:cacert/${certificateId}`;
    const made = await iot.send("RegisterCACertificate", await proven(ca));
    expect(made).toEqual({ certificateId, certificateArn: arn });
    const describe = async () =>
      (await iot.send("DescribeCACertificate", { certificateId })).certificateDescription ?? {};
    expect(await describe()).toMatchObject({
      certificateArn: arn,
      status: "INACTIVE",
      autoRegistrationStatus: "DISABLE",
      certificateMode: "DEFAULT",
      ownedBy: door.file.accountId,
      customerVersion: 1,
    });
    expect(idOf(String((await describe()).certificatePem))).toBe(certificateId);
    await iot.send("UpdateCACertificate", {
      certificateId,
      newStatus: "ACTIVE",
      newAutoRegistrationStatus: "ENABLE",
    });
    expect(await describe()).toMatchObject({ status: "ACTIVE", autoRegistrationStatus: "ENABLE", customerVersion: 2 });
    const { certificates } = await iot.send("ListCACertificates", {});
    expect(certificates).toContainEqual(
      expect.objectContaining({ certificateId, certificateArn: arn, status: "ACTIVE" }),
    );
    await refused("DeleteCACertificate", "CertificateStateException", { certificateId });
    await iot.send("UpdateCACertificate", { certificateId, newStatus: "INACTIVE", removeAutoRegistration: true });
    expect(await describe()).toMatchObject({ status: "INACTIVE", autoRegistrationStatus: "DISABLE" });
    await iot.send("DeleteCACertificate", { certificateId });
    await refused("DescribeCACertificate", "ResourceNotFoundException", { certificateId });
  });

  test("are refused without proof, twice, expired, or when they are no CA's", async () => {
    const ca = await makeCa("CN=Refused");
    const operation = "RegisterCACertificate";
    await refused(operation, "InvalidRequestException", { caCertificate: ca.certificate });
    await refused(operation, "RegistrationCodeValidationException", await proven(ca, "another code"));
    const { verificationCertificate } = await proven(await makeCa("CN=Refused"));
    const foreign = { caCertificate: ca.certificate, verificationCertificate };
    await refused(operation, "CertificateValidationException", foreign);
    const named = { ...(await proven(ca)), certificateMode: "SNI_ONLY" };
    await refused(operation, "InvalidRequestException", named);
    const { certificate } = await makeCertificate("no CA");
    const sniOnly = { certificateMode: "SNI_ONLY" };
    await refused(operation, "CertificateValidationException", { caCertificate: certificate, ...sniOnly });
    const old = await makeCa("CN=Old", { notAfter: new Date(Date.now() - 1000) });
    await refused(operation, "CertificateValidationException", { caCertificate: old.certificate, ...sniOnly });
    await iot.send(operation, await proven(ca));
    await refused(operation, "ResourceAlreadyExistsException", await proven(ca));
    const config = { ...(await proven(await makeCa("CN=T"))), registrationConfig: { templateName: "t" } };
    expect((await refusalOf(iot.send(operation, config))).name).toBe("NotImplementedException");
  });

  test("of one subject are ten at most", async () => {
    const register = async () => ({ caCertificate: (await makeCa("CN=Ten")).certificate, certificateMode: "SNI_ONLY" });
    for (let count = 0; count < 10; count++) await iot.send("RegisterCACertificate", (await register()) as never);
    await refused("RegisterCACertificate", "LimitExceededException", await register());
  });
});

describe("RegisterCertificate", () => {
  test("takes what a registered, active CA has signed", async () => {
    const ca = await makeCa("CN=Signer");
    const { certificateId: caCertificateId = "" } = await iot.send("RegisterCACertificate", {
      ...(await proven(ca)),
      setAsActive: true,
    });
    const { certificate: certificatePem } = await ca.sign("CN=device");
    const certificateId = idOf(certificatePem);
    const made = await iot.send("RegisterCertificate", { certificatePem, status: "ACTIVE" });
    expect(made).toEqual({ certificateId, certificateArn: expect.stringContaining(`cert/${certificateId}`) });
    const { certificateDescription } = await iot.send("DescribeCertificate", { certificateId });
    expect(certificateDescription).toMatchObject({ status: "ACTIVE", caCertificateId, certificateMode: "DEFAULT" });
    const { certificates } = await iot.send("ListCertificatesByCA", { caCertificateId });
    expect(certificates?.map((one) => one.certificateId)).toEqual([certificateId]);
    await refused("RegisterCertificate", "ResourceAlreadyExistsException", { certificatePem });
    await iot.send("UpdateCACertificate", { certificateId: caCertificateId, newStatus: "INACTIVE" });
    // What it signed before stays; new ones it does not bring in.
    const { certificate: later } = await ca.sign("CN=later");
    await refused("RegisterCertificate", "CertificateStateException", { certificatePem: later });
    expect((await iot.send("DescribeCertificate", { certificateId })).certificateDescription?.status).toBe("ACTIVE");
  });

  test("asks which one is meant when two of one key have signed", async () => {
    const ca = await makeCa("CN=Renewed");
    const renewed = await ca.renewed();
    for (const one of [ca, renewed]) {
      await iot.send("RegisterCACertificate", { ...(await proven(one)), setAsActive: true });
    }
    const { certificate: certificatePem } = await ca.sign("CN=device");
    await refused("RegisterCertificate", "CertificateConflictException", { certificatePem });
    const given = { certificatePem, caCertificatePem: renewed.certificate, setAsActive: true };
    const { certificateId } = await iot.send("RegisterCertificate", given);
    const { certificateDescription } = await iot.send("DescribeCertificate", { certificateId: String(certificateId) });
    expect(certificateDescription).toMatchObject({ status: "ACTIVE", caCertificateId: idOf(renewed.certificate) });
  });

  test("what one CA has signed is listed in pages", async () => {
    const ca = await makeCa("CN=Paged");
    await iot.send("RegisterCACertificate", { ...(await proven(ca)), setAsActive: true });
    for (let count = 0; count < 5; count++) {
      const { certificate: certificatePem } = await ca.sign(`CN=${count}`);
      await iot.send("RegisterCertificate", { certificatePem });
    }
    const found: (string | undefined)[] = [];
    let marker: string | undefined;
    do {
      const input = { caCertificateId: idOf(ca.certificate), pageSize: 2, marker };
      const page = await iot.send("ListCertificatesByCA", input);
      found.push(...(page.certificates ?? []).map((one) => one.certificateId));
      marker = page.nextMarker;
    } while (marker !== undefined);
    expect(new Set(found).size).toBe(5);
    await refused("ListCertificatesByCA", "InvalidRequestException", {
      caCertificateId: idOf(ca.certificate),
      marker: "AAAA",
    });
  });

  test("refuses what no registered CA, or an impostor of the same name, has signed", async () => {
    const ca = await makeCa("CN=Genuine");
    await iot.send("RegisterCACertificate", { ...(await proven(ca)), setAsActive: true });
    const impostor = await makeCa("CN=Genuine");
    const { certificate: certificatePem } = await impostor.sign("CN=device");
    await refused("RegisterCertificate", "CertificateValidationException", { certificatePem });
    const caCertificatePem = impostor.certificate;
    await refused("RegisterCertificate", "CertificateValidationException", { certificatePem, caCertificatePem });
    await refused("RegisterCertificate", "CertificateValidationException", { certificatePem: "-----BEGIN" });
    const pending = { certificatePem: (await ca.sign("CN=x")).certificate, status: "PENDING_ACTIVATION" };
    await refused("RegisterCertificate", "InvalidRequestException", pending);
  });
});
