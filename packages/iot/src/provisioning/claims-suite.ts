import { webcrypto } from "node:crypto";
import { WriteConflict } from "@hearth/backplane";
import * as x509 from "@peculiar/x509";
import { expect, test } from "vitest";
import { disconnectRequested, permissionsChanged, policyDeleted } from "../messaging/message.ts";
import { AT, refusalOf } from "../test-room.ts";
import { body, csr, DOCUMENT, type TestProvisioning } from "./test-provisioning.ts";

/** What managed integrations asks of this room: claims, and the end of a device. */
export function describeClaims(kit: TestProvisioning): void {
  const claim = { ...AT, templateName: "profile", templateBody: body(), hook: "gate", policyDocument: DOCUMENT };

  test("a claim admits devices to its own template until it is removed", async () => {
    const made = await kit.room.iot.createClaim(claim);
    await kit.room.database.commit(made.writes);
    expect(made.privateKey).toMatch(/PRIVATE KEY/);
    expect(await kit.room.iot.directory.registrations(made.certificateId)).toMatchObject([{ status: "ACTIVE" }]);
    expect(await kit.room.iot.directory.policies(AT.accountId, made.certificateId)).toMatchObject([
      { document: DOCUMENT },
    ]);
    expect((await kit.room.iot.certificates.find(AT, made.certificateId))?.certificatePem).toBe(made.certificatePem);

    kit.hooks["gate"] = async () => ({ allowProvisioning: true });
    const publisher = { clientId: "d", principalId: made.certificateId, certificateId: made.certificateId };
    const device = await kit.owned(publisher);
    expect((await kit.provision("profile", device.certificateOwnershipToken, "P1", publisher)).topic).toMatch(
      /accepted$/,
    );
    const foreign = await kit.owned();
    expect((await kit.provision("profile", foreign.certificateOwnershipToken, "P2")).body).toMatchObject({
      statusCode: 403,
    });

    const heard = kit.room.heard(disconnectRequested);
    const removal = await kit.room.iot.removeClaim({
      ...AT,
      templateName: "profile",
      certificateId: made.certificateId,
    });
    await kit.room.database.commit(removal.writes);
    removal.closed();
    expect(heard).toMatchObject([{ certificateId: made.certificateId }]);
    expect(await kit.room.iot.directory.registrations(made.certificateId)).toEqual([]);
    expect((await refusalOf(kit.room.iot.templates.get(AT, "profile"))).name).toBe("ResourceNotFoundException");
    expect(await kit.room.iot.directory.registrations(device.certificateId)).toMatchObject([{ status: "ACTIVE" }]);
  });

  test("a claim's policy that is removed is gone for whoever knows it by name, or has it attached too", async () => {
    const made = await kit.room.iot.createClaim({ ...claim, templateName: "named" });
    await kit.room.database.commit(made.writes);
    const { certificateId } = made;
    const [policyName = ""] = await kit.room.iot.policies.attachedTo(AT, certificateId);
    const other = await kit.room.iot.certificates.createFromRequest(AT, await csr(), "ACTIVE");
    await kit.room.iot.policies.attach(AT, policyName, other.certificateId);
    expect(await kit.room.iot.directory.policies(AT.accountId, other.certificateId)).toHaveLength(1);

    const removed = { ...AT, templateName: "named", certificateId };
    const late = await kit.room.iot.removeClaim(removed);
    await kit.room.iot.policies.detach(AT, policyName, other.certificateId);
    await kit.room.iot.policies.attach(AT, policyName, other.certificateId);
    // Attached since it was planned: it has to be planned again.
    await expect(kit.room.database.commit(late.writes)).rejects.toThrow(WriteConflict);

    const gone = kit.room.heard(policyDeleted);
    const changed = kit.room.heard(permissionsChanged);
    const removal = await kit.room.iot.removeClaim(removed);
    await kit.room.database.commit(removal.writes);
    expect(gone).toEqual([]);
    removal.closed();
    expect(gone).toEqual([{ ...AT, policyName }]);
    expect(changed.flatMap(({ certificateIds }) => certificateIds ?? [])).toContain(other.certificateId);
    expect(await kit.room.iot.directory.policies(AT.accountId, other.certificateId)).toEqual([]);
    // What is gone already is no obstacle.
    expect((await kit.room.iot.removeClaim(removed)).writes).toHaveLength(1);
  });

  test("a claim may bring its own certificate, once", async () => {
    const keys = (await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
      "sign",
      "verify",
    ])) as never;
    const certificatePem = (await x509.X509CertificateGenerator.createSelfSigned({ name: "CN=own", keys })).toString(
      "pem",
    );
    const made = await kit.room.iot.createClaim({ ...claim, templateName: "own", certificatePem });
    expect(made.privateKey).toBeUndefined();
    await kit.room.database.commit(made.writes);
    const again = await kit.room.iot.createClaim({ ...claim, templateName: "own2", certificatePem });
    await expect(kit.room.database.commit(again.writes)).rejects.toThrow("unique");
    const nonsense = kit.room.iot.createClaim({ ...claim, templateName: "own3", certificatePem: "nonsense" });
    expect((await refusalOf(nonsense)).name).toBe("ValidationException");
  });

  test("a device is forgotten with thing, shadows and certificate", async () => {
    kit.hooks["gate"] = async () => ({ allowProvisioning: true });
    const { certificateId, certificateOwnershipToken } = await kit.owned();
    await kit.provision("hooked", certificateOwnershipToken, "F1");
    const thing = { ...AT, thingName: "F1" };
    const reported = await kit.room.iot.shadows.planUpdate(thing, {
      state: { reported: { "1": { "matter.OnOff": { OnOff: true } } } },
    });
    await kit.room.database.commit(reported.writes);
    reported.committed();
    expect(JSON.parse(await kit.room.iot.shadows.get(thing))).toMatchObject({
      state: { reported: { "1": { "matter.OnOff": { OnOff: true } } } },
    });
    const cutOff = kit.room.heard(disconnectRequested);
    const forgotten = await kit.room.iot.forgetDevice({ ...thing, certificateId });
    await kit.room.database.commit(forgotten.writes);
    forgotten.closed();
    expect(cutOff).toMatchObject([{ certificateId }]);
    expect(await kit.statusOf(certificateId)).toBe("INACTIVE");
    expect((await refusalOf(kit.room.iot.things.get(AT, "F1"))).name).toBe("ResourceNotFoundException");
    expect((await refusalOf(kit.room.iot.shadows.get(thing))).name).toBe("ResourceNotFoundException");
    const gone = await kit.room.iot.forgetDevice({ ...AT, thingName: "never", certificateId: "0".repeat(64) });
    await kit.room.database.commit(gone.writes);
    expect((await kit.room.iot.shadows.update(thing, { state: {} }, { principalId: "tester" })).messages).toHaveLength(
      2,
    );
  });
}
