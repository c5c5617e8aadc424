import { X509Certificate } from "node:crypto";
import {
  GetRegistrationCodeCommand,
  ListCertificatesByCACommand,
  RegisterCACertificateCommand,
  UpdateCACertificateCommand,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import { randomHex } from "@hearth/base";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { lightReport } from "../../packages/managed/test/light-report.ts";
import { type MakersCa, makeCa } from "../kit/certificate-authority.ts";
import { eventually, type Fleet, openFleet } from "./fleet.ts";
import { endPeers } from "./peer.ts";

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet();
});
afterEach(endPeers);
afterAll(() => fleet.close());

const idOf = (pem: string) => new X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();

describe("just-in-time registration", () => {
  let ca: MakersCa;
  let caId: string;
  beforeAll(async () => {
    ca = await makeCa("CN=Just in time");
    const { registrationCode = "" } = await fleet.iot.send(new GetRegistrationCodeCommand({}));
    const { certificateId = "" } = await fleet.iot.send(
      new RegisterCACertificateCommand({
        caCertificate: ca.certificate,
        verificationCertificate: (await ca.sign(`CN=${registrationCode}`)).certificate,
        setAsActive: true,
        allowAutoRegistration: true,
      }),
    );
    caId = certificateId;
  });
  const signed = async () =>
    (await fleet.iot.send(new ListCertificatesByCACommand({ caCertificateId: caId }))).certificates ?? [];

  test("the first connection registers the certificate, tells of it and ends; each further one tells again", async () => {
    const watcher = await fleet.connect(await fleet.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }]));
    const topic = `$aws/events/certificates/registered/${caId}`;
    await watcher.subscribe([topic]);
    const key = await ca.sign("CN=device-1");
    const certificateId = idOf(key.certificate);
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(fleet.connect(key)).rejects.toThrow();
      expect((await watcher.next(topic)).json).toEqual({
        certificateId,
        caCertificateId: caId,
        timestamp: expect.any(Number),
        certificateStatus: "PENDING_ACTIVATION",
        awsAccountId: fleet.file.accountId,
        certificateRegistrationTimestamp: expect.any(Number),
      });
    }
    expect((await signed()).map((one) => [one.certificateId, one.status])).toEqual([
      [certificateId, "PENDING_ACTIVATION"],
    ]);
    await fleet.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: "INACTIVE" }));
    await expect(fleet.connect(key)).rejects.toThrow();
    expect((await signed())[0]?.status).toBe("INACTIVE");
  });

  test("only what an active CA that registers has signed itself, within its dates, is registered", async () => {
    const before = (await signed()).length;
    const impostor = await makeCa("CN=Just in time");
    await expect(fleet.connect(await impostor.sign("CN=impostor"))).rejects.toThrow();
    const day = 86_400_000;
    const expired = { notBefore: new Date(Date.now() - 2 * day), notAfter: new Date(Date.now() - day) };
    await expect(fleet.connect(await ca.sign("CN=expired", expired))).rejects.toThrow();
    for (const change of [{ newAutoRegistrationStatus: "DISABLE" }, { newStatus: "INACTIVE" }] as const) {
      await fleet.iot.send(new UpdateCACertificateCommand({ certificateId: caId, ...change }));
      await expect(fleet.connect(await ca.sign("CN=off"))).rejects.toThrow();
    }
    expect((await signed()).length).toBe(before);
  });
});

describe("a provisioning profile of type JITR", () => {
  const create = async (Name = `jitr-${randomHex(4)}`) => {
    const ca = await makeCa(`CN=Maker of ${Name}`);
    const input = { ProvisioningType: "JITR", Name, CaCertificate: ca.certificate } as const;
    return { ca, input, made: await fleet.managed.send("CreateProvisioningProfile", input) };
  };

  test("brings a device from its maker's certificate to ACTIVATED", async () => {
    const { ca, made } = await create();
    expect(made).toMatchObject({ ProvisioningType: "JITR", Status: "CREATED" });
    expect(made).not.toHaveProperty("ClaimCertificatePrivateKey");
    const { id, info } = await fleet.expect();
    const key = await ca.sign(`CN=${info.SerialNumber}, OU=${info.UniversalProductCode}`);
    await expect(fleet.connect(key)).rejects.toThrow();
    expect(await fleet.status(id)).toBe("DISCOVERED");

    // It learns by its first connection what it is called, and comes back as that.
    const first = await fleet.connect(key, { clientId: idOf(key.certificate) });
    const { json } = await first.next(`$aws/managed-integrations/${idOf(key.certificate)}/identity`);
    expect(json).toEqual({ managedThingId: id, clientId: id, timestamp: expect.any(String) });
    await first.end();
    await fleet.animate({ ...key, clientId: id, managedThingId: id } as never, id, lightReport(["1"], ["On", "Off"]));
    expect(await fleet.status(id)).toBe("ACTIVATED");
    const { CertificatePem } = await fleet.managed.send("GetManagedThingCertificate", { Identifier: id });
    expect(idOf(String(CertificatePem))).toBe(idOf(key.certificate));

    await fleet.managed.send("DeleteManagedThing", { Identifier: id, Force: true });
    await expect(fleet.connect(key, { clientId: id })).rejects.toThrow();
  });

  test("needs no product code where the serial number is one device's alone, and refuses strangers", async () => {
    const { ca } = await create();
    const { id, info } = await fleet.expect();
    await expect(fleet.connect(await ca.sign("CN=nobody"))).rejects.toThrow();
    await expect(fleet.connect(await ca.sign(`CN=${info.SerialNumber}, OU=000000000000`))).rejects.toThrow();
    expect(await fleet.status(id)).toBe("UNASSOCIATED");
    await expect(fleet.connect(await ca.sign(`CN=${info.SerialNumber}`))).rejects.toThrow();
    expect(await fleet.status(id)).toBe("DISCOVERED");
  });

  test("is one CA's, shows no secret and goes with its template", async () => {
    const { ca, input, made } = await create();
    const { Id: Identifier = "" } = made;
    const found = await fleet.managed.send("GetProvisioningProfile", { Identifier });
    expect(found).toEqual({ ...made });
    const again = fleet.managed.send("CreateProvisioningProfile", { ...input, Name: "another" });
    await expect(again).rejects.toMatchObject({ name: "ConflictException" });
    for (const wrong of [
      { ProvisioningType: "JITR" },
      { ...input, ClaimCertificate: ca.certificate },
      { ...input, CaCertificate: (await ca.sign("CN=leaf")).certificate },
    ] as const) {
      const refusal = fleet.managed.send("CreateProvisioningProfile", wrong);
      await expect(refusal).rejects.toMatchObject({ name: "ValidationException" });
    }
    await fleet.managed.send("DeleteProvisioningProfile", { Identifier });
    const { id, info } = await fleet.expect();
    await expect(fleet.connect(await ca.sign(`CN=${info.SerialNumber}`))).rejects.toThrow();
    expect(await fleet.status(id)).toBe("UNASSOCIATED");
    await eventually("the CA can be registered again", async () => {
      await fleet.managed.send("CreateProvisioningProfile", input);
      return true;
    });
  });
});
