import { expect, test } from "vitest";
import { disconnectRequested } from "../messaging/message.ts";
import { AT, refusalOf } from "../test-room.ts";
import { CLAIM, type TestProvisioning } from "./test-provisioning.ts";

/** The hook that a template names decides whether a device is let in, and as what. */
export function describeHook(kit: TestProvisioning): void {
  test("is told who asks; its overrides and its writes go into the same commit", async () => {
    const seen: unknown[] = [];
    kit.hooks["gate"] = async (input) => {
      seen.push(input);
      return {
        allowProvisioning: true,
        parameterOverrides: { ThingName: "managed-" },
        writes: [
          {
            sql: "UPDATE iot_provisioning_templates SET description = 'hooked' WHERE template_name = 'hooked'",
            params: [],
          },
        ],
      };
    };
    const { certificateId, certificateOwnershipToken } = await kit.owned();
    const answer = await kit.provision("hooked", certificateOwnershipToken, "H1");
    expect(answer.body).toEqual({ deviceConfiguration: { serial: "H1" }, thingName: "managed-H1" });
    expect(seen).toEqual([
      {
        ...AT,
        templateName: "hooked",
        claimCertificateId: CLAIM.certificateId,
        certificateId,
        certificatePem: expect.stringContaining("BEGIN CERTIFICATE"),
        signed: false,
        clientId: "new-device",
        parameters: { SerialNumber: "H1" },
      },
    ]);
    expect((await kit.room.iot.templates.get(AT, "hooked")).description).toBe("hooked");
  });

  test("no, an error, a missing hook and silence for 5 s are all 403, and nothing is left behind", async () => {
    const denied = { statusCode: 403, errorCode: "ACCESS_DENIED" };
    const { certificateId, certificateOwnershipToken: token } = await kit.owned();
    expect((await kit.provision("hooked", token, "H2")).body).toMatchObject(denied);
    kit.hooks["gate"] = async () => ({ allowProvisioning: false });
    expect((await kit.provision("hooked", token, "H2")).body).toMatchObject(denied);
    kit.hooks["gate"] = async () => ({ allowProvisioning: "yes" as unknown as boolean });
    expect((await kit.provision("hooked", token, "H2")).body).toMatchObject(denied);
    kit.hooks["gate"] = async () => {
      throw new Error("broken");
    };
    expect((await kit.provision("hooked", token, "H2")).body).toMatchObject(denied);
    const asked = new Promise<void>((resolve) => {
      kit.hooks["gate"] = () => {
        resolve();
        return new Promise(() => {});
      };
    });
    const silent = kit.provision("hooked", token, "H2");
    await asked;
    kit.room.clock.advance(5_000);
    expect((await silent).body).toMatchObject(denied);
    expect(await kit.statusOf(certificateId)).toBe("PENDING_ACTIVATION");
    expect((await refusalOf(kit.room.iot.things.get(AT, "H2"))).name).toBe("ResourceNotFoundException");
  });

  test("is asked again when its writes conflict", async () => {
    await kit.room.iot.things.create(AT, { thingName: "counted" });
    let asked = 0;
    kit.hooks["gate"] = async () => ({
      allowProvisioning: true,
      writes: [
        {
          sql: "UPDATE iot_things SET version = 1 WHERE thing_name = ?",
          params: [asked++ ? "counted" : "nobody"],
          rows: 1,
        },
      ],
    });
    const { certificateOwnershipToken } = await kit.owned();
    expect((await kit.provision("hooked", certificateOwnershipToken, "H3")).topic).toMatch(/accepted$/);
    expect(asked).toBe(2);
  });

  test("a replaced certificate is deactivated, detached and cut off with it", async () => {
    kit.hooks["gate"] = async () => ({ allowProvisioning: true });
    const first = await kit.owned();
    await kit.provision("hooked", first.certificateOwnershipToken, "H4");
    kit.hooks["gate"] = async () => ({ allowProvisioning: true, replacesCertificateId: first.certificateId });
    const cutOff = kit.room.heard(disconnectRequested);
    const second = await kit.owned();
    expect((await kit.provision("hooked", second.certificateOwnershipToken, "H4")).topic).toMatch(/accepted$/);
    expect(await kit.statusOf(first.certificateId)).toBe("INACTIVE");
    expect(cutOff).toMatchObject([{ certificateId: first.certificateId }]);
    const principals = await kit.room.call(kit.iot().ListThingPrincipals, { thingName: "H4" });
    expect(principals.principals).toEqual([`arn:aws:iot:us-east-1:000000000000:cert/${second.certificateId}`]);
    expect(await kit.room.iot.directory.policies(AT.accountId, first.certificateId)).toEqual([]);
  });
}
