import { RegisterCertificateWithoutCACommand, UpdateCertificateCommand } from "@aws-sdk/client-iot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Claim, type Fleet, openFleet, type Puppet } from "../walk/fleet.ts";

let fleet: Fleet;
let claim: Claim;
let device: Puppet;
let stranger: ReturnType<Fleet["platform"]["clients"]>;

const everything = [{ Effect: "Allow", Action: "iot:*", Resource: "*" }];

beforeAll(async () => {
  fleet = await openFleet();
  claim = await fleet.claim();
  device = await fleet.puppet(claim);
  const { AccessKey } = await fleet.hearth.send("CreateAccount", { AccountName: "stranger" });
  stranger = fleet.platform.clients({
    accessKeyId: AccessKey.AccessKeyId,
    secretAccessKey: AccessKey.SecretAccessKey,
  });
});

afterAll(() => fleet?.close());

describe("the root of another account", () => {
  test("is told the same of a managed thing that exists and of one that does not", async () => {
    const refusals = [device.id, "0123456789abcdef0123456789abcdef"].map((Identifier) =>
      Promise.allSettled([
        stranger.managed.send("GetManagedThing", { Identifier }),
        stranger.managed.send("DeleteManagedThing", { Identifier, Force: true }),
        stranger.managed.send("GetManagedThingState", { ManagedThingId: Identifier }),
        stranger.managed.send("GetManagedThingConnectivityData", { Identifier }),
      ]),
    );
    const [real, invented] = (await Promise.all(refusals)).map((settled) =>
      settled.map((one) => (one.status === "rejected" ? `${one.reason.name}: ${one.reason.message}` : "let in")),
    );
    expect(real).toEqual(invented);
    expect(real?.every((refusal) => refusal.startsWith("ResourceNotFoundException"))).toBe(true);
    expect(await fleet.status(device.id)).toBe("ACTIVATED");
  });

  test("does not have a profile, nor take it away", async () => {
    for (const operation of ["GetProvisioningProfile", "DeleteProvisioningProfile"] as const) {
      await expect(stranger.managed.send(operation, { Identifier: claim.id })).rejects.toMatchObject({
        name: "ResourceNotFoundException",
      });
    }
  });

  test("does not make a backup, nor see the accounts", async () => {
    await expect(stranger.hearth.send("CreateBackup", { Name: "mine" })).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    await expect(stranger.hearth.send("ListAccounts", {})).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("who registers a certificate of ours too does not get the device when we revoke it", async () => {
    const ours = await fleet.identity(everything);
    await stranger.iot.send(
      new RegisterCertificateWithoutCACommand({ certificatePem: ours.certificate, status: "ACTIVE" }),
    );
    await (await fleet.connect(ours)).end();
    await fleet.iot.send(new UpdateCertificateCommand({ certificateId: ours.certificateId, newStatus: "REVOKED" }));
    // In the other account no policy would let it connect; so told, it would have come that far.
    await expect(fleet.connect(ours)).rejects.toThrow("closed before CONNACK");
  });
});

test.each(["../evil", "..", "a/../../evil", "a\u0000b", ".hidden", "%2e%2e%2fevil", "a.db/.."])(
  "a backup is not written to %j",
  async (Name) => {
    await expect(fleet.hearth.send("CreateBackup", { Name })).rejects.toMatchObject({ name: "ValidationException" });
  },
);
