import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Claim, type Fleet, openFleet, type Puppet } from "../walk/fleet.ts";

let fleet: Fleet;
let claim: Claim;
let device: Puppet;

beforeAll(async () => {
  fleet = await openFleet();
  claim = await fleet.claim();
  device = await fleet.puppet(claim);
});

afterAll(() => fleet?.close());

const persistent = { clean: false, properties: { sessionExpiryInterval: 600 } };

describe("a managed thing's client id is its device's alone", () => {
  test("a claim, which may choose any other client id, does not take the device's connection", async () => {
    const thief = fleet.connect(claim, { clientId: device.id });
    await expect(thief).rejects.toMatchObject({ code: 0x87 });
    expect(device.peer.client.connected).toBe(true);
    await device.peer.publish(`north/${device.id}/control`, "{}");
  });

  test("nor does a certificate whose policy allows everything", async () => {
    const wide = await fleet.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }]);
    await expect(fleet.connect(wide, { clientId: device.id })).rejects.toMatchObject({ code: 0x87 });
  });

  test("what waits for the device is still there for it", async () => {
    const { credential, id } = device;
    await device.peer.end();
    const before = await fleet.connect(credential, { clientId: id, ...persistent });
    await before.subscribe(`$aws/things/${id}/shadow/update/accepted`);
    before.kill();
    const wide = await fleet.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }]);
    const owner = await fleet.connect(wide);
    await owner.publish(`$aws/things/${id}/shadow/update`, { state: { desired: { lock: "shut" } } });
    await expect(fleet.connect(claim, { clientId: id, ...persistent })).rejects.toMatchObject({ code: 0x87 });
    await expect(fleet.connect(claim, { clientId: id, clean: true })).rejects.toMatchObject({ code: 0x87 });
    const after = await fleet.connect(credential, { clientId: id, ...persistent });
    const heard = await after.next(`$aws/things/${id}/shadow/update/accepted`);
    expect(heard.text).toContain("shut");
  });

  test("a client id that is nobody's stays free", async () => {
    const peer = await fleet.connect(claim, { clientId: "0123456789abcdef0123456789abcdef" });
    await peer.end();
  });
});
