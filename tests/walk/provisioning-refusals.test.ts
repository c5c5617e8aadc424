import { randomUUID } from "node:crypto";
import { DescribeCertificateCommand } from "@aws-sdk/client-iot";
import { FakeClock } from "@hearth/base";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Claim, eventually, type Fleet, openFleet, reporting } from "./fleet.ts";
import { endPeers, type Peer } from "./peer.ts";

const DENIED = { statusCode: 403, errorCode: "ACCESS_DENIED", errorMessage: expect.any(String) };
const SPENT = { statusCode: 400, errorCode: "InvalidCertificateOwnershipToken", errorMessage: expect.any(String) };

let fleet: Fleet;
let claim: Claim;
beforeAll(async () => {
  fleet = await openFleet();
  claim = await fleet.claim();
});
afterEach(endPeers);
afterAll(() => fleet.close());

/** What the device is given for its claim: certificate, key, ownership token. */
async function issued(peer: Peer): Promise<Record<string, string>> {
  const { topic, json } = await peer.ask("$aws/certificates/create/json", "");
  expect(topic).toMatch(/accepted$/);
  return json as Record<string, string>;
}

const register = (peer: Peer, certificateOwnershipToken: unknown, parameters: object, of = claim) =>
  peer.ask(`$aws/provisioning-templates/${of.templateName}/provision/json`, { certificateOwnershipToken, parameters });

const certificateStatus = async (certificateId = "") =>
  (await fleet.iot.send(new DescribeCertificateCommand({ certificateId }))).certificateDescription?.status;

describe("the hook refuses", () => {
  test.each([
    ["an unknown serial number", (info: object) => ({ ...info, SerialNumber: "OTHER" })],
    ["an unknown product code", (info: object) => ({ ...info, UniversalProductCode: "000000000000" })],
    ["both swapped", () => ({ SerialNumber: "829576019524", UniversalProductCode: "SN1" })],
  ])("%s: 403 ACCESS_DENIED, and the certificate stays inactive", async (_what, altered) => {
    const { id, info } = await fleet.expect();
    const peer = await fleet.connect(claim);
    const made = await issued(peer);
    const answer = await register(peer, made["certificateOwnershipToken"], altered(info));
    expect(answer.topic).toBe(`$aws/provisioning-templates/${claim.templateName}/provision/json/rejected`);
    expect(answer.json).toEqual(DENIED);
    expect(await certificateStatus(made["certificateId"])).toBe("PENDING_ACTIVATION");
    expect(await fleet.status(id)).toBe("UNASSOCIATED");
    const refused = { certificate: made["certificatePem"] ?? "", privateKey: made["privateKey"] ?? "" };
    await expect(fleet.connect(refused, { clientId: id })).rejects.toThrow();
  });

  test("a device that is ACTIVATED already; one that lost its new credentials before may come again", async () => {
    const { id, info } = await fleet.expect();
    const first = await fleet.provision(claim, info);
    const second = await fleet.provision(claim, info);
    expect(second.managedThingId).toBe(id);
    expect(second.certificateId).not.toBe(first.certificateId);
    expect(await certificateStatus(first.certificateId)).not.toBe("ACTIVE");
    await expect(fleet.connect(first, { clientId: id })).rejects.toThrow();

    const peer = await fleet.connect(second, { clientId: id });
    const report = { version: "1.0.0", nodeId: "n", endpoints: lamp };
    expect((await peer.ask(`$aws/managed-integrations/${id}/capabilities`, report)).topic).toMatch(/accepted$/);
    await expect(fleet.provision(claim, info)).rejects.toMatchObject({ statusCode: 403, errorCode: "ACCESS_DENIED" });
    expect(await fleet.status(id)).toBe("ACTIVATED");
    expect(await certificateStatus(second.certificateId)).toBe("ACTIVE");
  });

  test("a thing that has been deleted", async () => {
    const { id, info } = await fleet.expect();
    await fleet.managed.send("DeleteManagedThing", { Identifier: id });
    await expect(fleet.provision(claim, info)).rejects.toMatchObject({ errorCode: "ACCESS_DENIED" });
  });

  test("the claim of a profile that has been deleted", async () => {
    const old = await fleet.claim();
    const peer = await fleet.connect(old);
    await fleet.managed.send("DeleteProvisioningProfile", { Identifier: old.id });
    await peer.closed;
    await expect(fleet.connect(old)).rejects.toThrow();
  });
});

const lamp = [
  {
    id: "1",
    deviceTypes: ["On/Off Light"],
    capabilities: [
      { id: "matter.OnOff@1.4", name: "On/Off", version: "6", properties: ["OnOff"], actions: ["On"], events: [] },
    ],
  },
];

describe("a claim certificate is for provisioning with its own profile, nothing else", () => {
  test("another profile's template: refused at the door", async () => {
    const other = await fleet.claim();
    const { info } = await fleet.expect();
    const peer = await fleet.connect(claim);
    const { certificateOwnershipToken } = await issued(peer);
    const topic = `$aws/provisioning-templates/${other.templateName}/provision/json`;
    expect((await peer.subscribe(`${topic}/accepted`))[0]).toBe(0x87);
    await expect(register(peer, certificateOwnershipToken, info, other)).rejects.toThrow();
    expect(await peer.closed).toBe(0x87);
  });

  test.each([
    "north/anything/control",
    "south/anything/control",
    "$aws/things/anything/shadow/update",
    "$aws/managed-integrations/anything/capabilities",
    "hello",
  ])("publishing on %s", async (topic) => {
    const peer = await fleet.connect(claim);
    const failure = await peer.publish(topic, {}).then(
      () => undefined,
      (error: { code?: number }) => error,
    );
    expect(failure).toBeDefined();
    expect(await peer.closed).toBe(0x87);
  });

  test.each(["#", "+/+", "north/#", "south/#", "$aws/#", "$aws/things/+/shadow/#", "$aws/provisioning-templates/#"])(
    "subscribing to %s",
    async (filter) => {
      const peer = await fleet.connect(claim);
      expect(await peer.subscribe(filter)).toEqual([0x87]);
      expect(peer.client.connected).toBe(true);
    },
  );

  test("connecting under the client id of a device: refused, and the device stays connected", async () => {
    const device = await fleet.puppet(claim);
    for (const clean of [true, false]) {
      await expect(fleet.connect(claim, { clientId: device.id, clean })).rejects.toMatchObject({ code: 0x87 });
    }
    expect(device.peer.client.connected).toBe(true);
    await device.say("DEVICE_EVENT", reporting({ OnOff: true }));
  });
});

describe("the ownership token", () => {
  test("of somebody else, made up, missing, of another type", async () => {
    const { info } = await fleet.expect();
    const other = await fleet.claim();
    const stranger = await fleet.connect(other);
    const theirs = await issued(stranger);
    const peer = await fleet.connect(claim);
    expect((await register(peer, theirs["certificateOwnershipToken"], info)).json).toEqual(SPENT);
    expect((await register(peer, "made-up", info)).json).toEqual(SPENT);
    for (const nothing of [undefined, null, 5, {}, ""]) {
      expect((await register(peer, nothing, info)).json["statusCode"]).toBe(400);
    }
  });

  test("serves one device: a repeat gets the same answer, another device none", async () => {
    const [first, second] = [await fleet.expect(), await fleet.expect()];
    const peer = await fleet.connect(claim);
    const { certificateOwnershipToken } = await issued(peer);
    const answer = await register(peer, certificateOwnershipToken, first.info);
    expect(answer.json).toEqual({
      thingName: first.id,
      deviceConfiguration: { managedThingId: first.id, clientId: first.id },
    });
    const repeated = await fleet.connect(claim);
    expect((await register(repeated, certificateOwnershipToken, first.info)).json).toEqual(answer.json);
    expect((await register(repeated, certificateOwnershipToken, second.info)).json).toEqual(SPENT);
    expect(await fleet.status(second.id)).toBe("UNASSOCIATED");
  });

  test("lives an hour; then the unused certificate is gone too", async () => {
    const clock = new FakeClock(Date.now());
    const late = await openFleet({ clock });
    try {
      const itsClaim = await late.claim();
      const { info } = await late.expect();
      const peer = await late.connect(itsClaim);
      const { certificateOwnershipToken, certificateId } = await issued(peer);
      clock.advance(3_600_001);
      peer.kill();
      // Requests are signed with the machine's clock: the API would find them an hour old.
      const again = await late.connect(itsClaim);
      const answer = await register(again, certificateOwnershipToken, info, itsClaim);
      expect(answer.topic).toMatch(/rejected$/);
      expect(answer.json).toEqual(SPENT);
      expect(certificateId).toMatch(/^[0-9a-f]{64}$/);
      const fresh = await issued(again);
      expect((await register(again, fresh["certificateOwnershipToken"], info, itsClaim)).topic).toMatch(/accepted$/);
    } finally {
      endPeers();
      await late.close();
    }
  });
});

test("the private key is told once; the same client token from the same claim gets the sealed answer again", async () => {
  const clientToken = randomUUID();
  const ask = async (peer: Peer, body: unknown) => (await peer.ask("$aws/certificates/create/json", body)).json;
  const first = await ask(await fleet.connect(claim), { clientToken });
  expect(Object.keys(first).sort()).toEqual([
    "certificateId",
    "certificateOwnershipToken",
    "certificatePem",
    "privateKey",
  ]);
  expect(await ask(await fleet.connect(claim), { clientToken })).toEqual(first);
  const other = await ask(await fleet.connect(await fleet.claim()), { clientToken });
  expect(other["certificateId"]).not.toBe(first["certificateId"]);
  const described = await fleet.iot.send(
    new DescribeCertificateCommand({ certificateId: first["certificateId"] as string }),
  );
  expect(JSON.stringify(described)).not.toContain("PRIVATE KEY");
});

test("create-from-csr: the key never leaves the device; what is no request is rejected", async () => {
  const { id, info } = await fleet.expect();
  const credential = await fleet.provision(claim, info, undefined, true);
  const peer = await fleet.connect(credential, { clientId: id });
  expect(peer.client.connected).toBe(true);
  const claimant = await fleet.connect(claim);
  for (const certificateSigningRequest of [
    "",
    "no",
    "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
    7,
  ]) {
    const { topic, json } = await claimant.ask("$aws/certificates/create-from-csr/json", { certificateSigningRequest });
    expect(topic).toMatch(/rejected$/);
    expect(json["statusCode"]).toBe(400);
  }
});

test("the answers come also to a device that did not subscribe, and to no other (reference 2)", async () => {
  const [asking, listening] = [await fleet.connect(claim), await fleet.connect(claim)];
  expect(await listening.subscribe("$aws/certificates/create/json/accepted")).toEqual([1]);
  await asking.ask("$aws/certificates/create/json", "");
  await listening.publish("$aws/certificates/create/json", "{not json");
  expect((await listening.next("$aws/certificates/create/json/rejected")).json["statusCode"]).toBe(400);
  await eventually("nothing", async () => (listening.heard.length === 0 ? true : undefined));
});
