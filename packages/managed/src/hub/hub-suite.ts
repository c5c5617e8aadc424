import { createPublicKey, verify } from "node:crypto";
import { connectionOpened } from "@hearth/iot";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { AT, type Device, jsonOf, type OpenTestRoom, REPORT, type TestRoom, UPC } from "../test-room.ts";

type Json = Record<string, unknown>;

const INSTALL_CODE = "83FED3407A939723A5C639B26916D505C3B5";
const DSK = ["11111", "22222", "33333", "44444", "55555", "01111", "02222", "03333"];
const zigbee = (mac: string) => `Z:${mac}$I:${INSTALL_CODE}`;
const zwave = `900112345001${DSK.join("")}`;

/** What the platform tells hubs by itself, on whatever database `open` gives. */
export function describeHubs(open: OpenTestRoom): void {
  let room: TestRoom;
  let eventNumber = 0;
  let serial = 0;
  const operations = () => room.managed.operations;

  beforeAll(async () => {
    room = await open();
  });
  afterAll(() => room.close());

  const locker = async () => (await room.call(operations().CreateCredentialLocker, {})).Id ?? "";
  const create = async (Type: string, material: string, CredentialLockerId?: string): Promise<string> => {
    const given = { AuthenticationMaterialType: Type as "ZIGBEE_QR_BAR_CODE", AuthenticationMaterial: material };
    const made = await room.call(operations().CreateManagedThing, { Role: "DEVICE", ...given, CredentialLockerId });
    return made.Id ?? "";
  };
  const update = (Identifier: string, change: object) =>
    room.call(operations().UpdateManagedThing, { Identifier, ...change });
  const remove = (Identifier: string, Force?: boolean) =>
    room.call(operations().DeleteManagedThing, { Identifier, Force });

  function connect({ id, certificateId }: Device): void {
    room.bus.publish(connectionOpened, {
      ...{ accountId: AT.accountId, clientId: id, thingName: id, principalId: certificateId, sessionId: "s" },
      ...{ versionNumber: 0, ipAddress: "127.0.0.1", timestamp: room.clock.now() },
    });
  }

  /** A hub that is connected and ACTIVATED. */
  async function hub(CredentialLockerId?: string): Promise<Device> {
    const name = `hub-${++serial}`;
    await room.call(operations().CreateManagedThing, {
      Role: "CONTROLLER",
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
      AuthenticationMaterial: `SN:${name};UPC:${UPC}`,
      CredentialLockerId,
    });
    const device = await room.provision(name);
    connect(device);
    await room.database.commit([]);
    expect(await room.report(device, { ...REPORT, endpoints: [] })).toBeUndefined();
    return device;
  }

  const say = (from: Device, messageType: string, members: object = {}) =>
    room.publish(
      `north/${from.id}/setup`,
      { messageType, timestamp: "2026-01-01T00:00:00Z", eventNumber: ++eventNumber, ...members },
      from.certificateId,
    );
  /** What a hub was told directly since `from`, of one type. */
  const told = (to: Device, messageType: string, from = 0): Json[] =>
    room.direct
      .slice(from)
      .filter(({ clientId, message }) => clientId === to.id && message.topic === `south/${to.id}/setup`)
      .map(({ message }) => jsonOf(message))
      .filter((json) => json["messageType"] === messageType);
  const labels = (to: Device, from: number) => told(to, "DEVICE_PROVISIONING", from);
  const timestamp = () => new Date(room.clock.now()).toISOString();

  test("a hub asks for the labels of its locker, and of no other", async () => {
    const [mine, other] = [await locker(), await locker()];
    const asking = await hub(mine);
    const bulb = await create("ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4DC00"), mine);
    const lock = await create("ZWAVE_QR_BAR_CODE", zwave, mine);
    const kettle = await create("CUSTOM_PROTOCOL_QR_BAR_CODE", "KETTLE-1", mine);
    await create("ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4DC01"), other);
    await create("ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4DC02"));
    await create("WIFI_SETUP_QR_BAR_CODE", `SN:wifi-in-locker;UPC:${UPC}`, mine);
    const from = room.direct.length;
    expect((await say(asking, "DEVICE_PROVISIONING_REQUEST")).reply).toBeUndefined();
    const [list, ...more] = labels(asking, from);
    expect(more).toEqual([]);
    const { devices, ...rest } = list ?? {};
    expect(rest).toEqual({
      ...{ messageType: "DEVICE_PROVISIONING", timestamp: timestamp(), first: true, complete: true, removed: [] },
    });
    const label = (managedThingId: string, authenticationMaterialType: string, authenticationMaterial: string) => ({
      ...{ managedThingId, authenticationMaterialType, authenticationMaterial },
    });
    expect((devices as Json[]).length).toBe(3);
    expect(devices).toEqual(
      expect.arrayContaining([
        label(bulb, "ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4DC00")),
        label(lock, "ZWAVE_QR_BAR_CODE", zwave),
        label(kettle, "CUSTOM_PROTOCOL_QR_BAR_CODE", "KETTLE-1"),
      ]),
    );
  });

  test("is told at once of a label that comes, changes its locker, or goes", async () => {
    const [here, there] = [await locker(), await locker()];
    const [near, far] = [await hub(here), await hub(there)];
    const from = room.direct.length;
    const bulb = await create("ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4DD00"), here);
    expect(labels(near, from)).toMatchObject([
      { first: false, complete: true, removed: [], devices: [{ managedThingId: bulb }] },
    ]);
    await update(bulb, { Name: "Lamp" });
    expect(labels(near, from)).toHaveLength(1);
    expect(labels(far, from)).toEqual([]);
    await update(bulb, { CredentialLockerId: there });
    expect(labels(near, from).at(-1)).toMatchObject({ first: false, devices: [], removed: [bulb] });
    expect(labels(far, from)).toMatchObject([{ first: false, devices: [{ managedThingId: bulb }], removed: [] }]);
    await remove(bulb);
    expect(labels(far, from).at(-1)).toMatchObject({ first: false, devices: [], removed: [bulb] });
  });

  test("gets another list with another locker, and an empty one when its locker goes", async () => {
    const [one, two] = [await locker(), await locker()];
    const moving = await hub(one);
    const bulb = await create("ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4DE00"), two);
    const from = room.direct.length;
    await update(moving.id, { CredentialLockerId: two });
    expect(labels(moving, from)).toMatchObject([{ first: true, complete: true, devices: [{ managedThingId: bulb }] }]);
    await room.call(operations().DeleteCredentialLocker, { Identifier: two });
    expect(labels(moving, from).at(-1)).toMatchObject({ first: true, complete: true, devices: [] });
    await say(moving, "DEVICE_PROVISIONING_REQUEST");
    expect(labels(moving, from).at(-1)).toMatchObject({ first: true, complete: true, devices: [] });
    const without = await hub();
    const before = room.direct.length;
    await say(without, "DEVICE_PROVISIONING_REQUEST");
    expect(labels(without, before)).toMatchObject([{ first: true, complete: true, devices: [], removed: [] }]);
  });

  test("the others of a locker forget a label whose device has joined one, and know it again when that hub goes", async () => {
    const shared = await locker();
    const [first, second] = [await hub(shared), await hub(shared)];
    const bulb = await create("ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4DF00"), shared);
    const from = room.direct.length;
    await say(first, "DEVICE_JOINED", { deviceId: "zb.1", macAddress: "00124B0001A4DF00" });
    expect(labels(first, from)).toEqual([]);
    expect(labels(second, from)).toMatchObject([{ devices: [], removed: [bulb] }]);
    await remove(first.id, true);
    await room.outbox.idle();
    expect(labels(second, from).at(-1)).toMatchObject({ devices: [{ managedThingId: bulb }], removed: [] });
  });

  test("no hub makes the next one's reports look repeated", async () => {
    const shared = await locker();
    const [hostile, next] = [await hub(shared), await hub(shared)];
    const macAddress = "00124B0001A4E500";
    const bulb = await create("ZIGBEE_QR_BAR_CODE", zigbee(macAddress), shared);
    const report = async (from: Device, OnOff: boolean, number: number) => {
      const capabilities = [{ id: "matter.OnOff@1.4", properties: [{ name: "OnOff", value: OnOff }] }];
      const said = { messageType: "DEVICE_EVENT", timestamp: timestamp(), eventNumber: number, managedThingId: bulb };
      await room.say(from, { ...said, endpoints: [{ endpointId: "1", capabilities }] });
      return (await room.state(bulb))["1/OnOff"];
    };
    for (const own of [hostile, next]) {
      await say(own, "DEVICE_JOINED", { deviceId: "zb.1", macAddress });
      await say(own, "DEVICE_CAPABILITIES", { managedThingId: bulb, capabilityReport: REPORT });
      if (own === next) break;
      expect(await report(own, true, Number.MAX_SAFE_INTEGER)).toBe(true);
      await remove(own.id, true);
      await room.outbox.idle();
    }
    expect(await report(next, false, 1)).toBe(false);
  });

  test.each([
    ["an object that has no text", '{"toString":1,"valueOf":1}', "messageType"],
    ["a list that is nested too deep for a text", "[".repeat(60_000) + "]".repeat(60_000), "at most 32 deep"],
    ["the name of a type in a list", '["DEVICE_JOINED"]', "messageType"],
  ])("a message type that is %s is refused by name", async (_what, messageType, why) => {
    const own = await hub();
    const { reply } = await room.publish(`north/${own.id}/setup`, `{"messageType":${messageType}}`, own.certificateId);
    expect(jsonOf(reply?.[0])).toMatchObject({ code: 400, message: expect.stringContaining(why) });
  });

  test("a custom device joins by the id that came with its label, a radio's device does not", async () => {
    const [shared, other] = [await locker(), await locker()];
    const own = await hub(shared);
    const kettle = await create("CUSTOM_PROTOCOL_QR_BAR_CODE", "KETTLE-2", shared);
    const elsewhere = await create("CUSTOM_PROTOCOL_QR_BAR_CODE", "KETTLE-3", other);
    const bulb = await create("ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4E000"), shared);
    const joined = async (managedThingId?: string) => {
      const { reply, publish } = await say(own, "DEVICE_JOINED", { deviceId: "http.1", managedThingId });
      return jsonOf(reply?.[0] ?? publish?.[0]);
    };
    expect(await joined(bulb)).toMatchObject({ code: 404 });
    expect(await joined("nobody")).toMatchObject({ code: 404 });
    expect(await joined(elsewhere)).toMatchObject({ code: 403 });
    expect(await joined()).toMatchObject({ code: 400 });
    expect(await joined(kettle)).toMatchObject({ messageType: "DEVICE_ADDED", managedThingId: kettle });
    expect(await room.status(kettle)).toBe("DISCOVERED");
    expect(await room.status(bulb)).toBe("PRE_ASSOCIATED");
  });

  test("a thousand labels come in twenty pages, by a query for each", async () => {
    const crowded = await locker();
    const asking = await hub(crowded);
    const first = await create("ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4E100"), crowded);
    const [row = {}] = await room.database.query<Json>("SELECT * FROM managed_thing WHERE id = ?", [first]);
    const columns = Object.keys(row);
    const selected = columns.map((column) => {
      if (column === "id") return "?";
      if (column === "material_hash") return "?";
      return column;
    });
    // Each of its copies is a label, too.
    await room.database.commit(
      Array.from({ length: 1_010 }, (_, n) => ({
        sql: `INSERT INTO managed_thing (${columns.join(", ")}) SELECT ${selected.join(", ")} FROM managed_thing WHERE id = ?`,
        params: [
          ...columns.flatMap((column) => (["id", "material_hash"].includes(column) ? [`${first}${n}`] : [])),
          first,
        ],
      })),
    );
    const from = room.direct.length;
    const queries = vi.spyOn(room.database, "query");
    await say(asking, "DEVICE_PROVISIONING_REQUEST");
    const asked = queries.mock.calls.filter(([sql]) => sql.includes("'PRE_ASSOCIATED'"));
    queries.mockRestore();
    const pages = labels(asking, from);
    expect(asked).toHaveLength(20);
    expect(pages.map((page) => (page["devices"] as Json[]).length)).toEqual(Array(20).fill(50));
    expect(pages.map((page) => page["first"])).toEqual([true, ...Array(19).fill(false)]);
    expect(pages.map((page) => page["complete"])).toEqual([...Array(19).fill(false), true]);
    const ids = pages.flatMap((page) => (page["devices"] as Json[]).map((device) => device["managedThingId"]));
    expect(new Set(ids).size).toBe(1_000);
    expect(Math.max(...pages.map((page) => JSON.stringify(page).length))).toBeLessThan(64 * 1024);
  });

  test("only an ACTIVATED hub is told: no device, and no hub whose report is to come", async () => {
    const shared = await locker();
    const name = `hub-${++serial}`;
    await room.call(operations().CreateManagedThing, {
      Role: "CONTROLLER",
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
      AuthenticationMaterial: `SN:${name};UPC:${UPC}`,
      CredentialLockerId: shared,
    });
    const young = await room.provision(name);
    const light = await room.light("not-a-hub");
    const bulb = await create("ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4E200"), shared);
    const from = room.direct.length;
    for (const device of [young, light]) connect(device);
    await room.database.commit([]);
    expect(jsonOf((await say(young, "DEVICE_PROVISIONING_REQUEST")).reply?.[0])).toMatchObject({ code: 409 });
    expect(jsonOf((await say(light, "DEVICE_PROVISIONING_REQUEST")).reply?.[0])).toMatchObject({ code: 403 });
    expect(room.direct.slice(from)).toEqual([]);
    // Its first report brings all of it at once.
    await room.report(young, { ...REPORT, endpoints: [] });
    expect(labels(young, from)).toMatchObject([{ first: true, complete: true, devices: [{ managedThingId: bulb }] }]);
    expect(told(young, "LOCAL_TOKEN", from)).toHaveLength(1);
  });

  test("a local token says whose it is, how long it is good, and who gave it", async () => {
    const own = await hub();
    const from = room.direct.length;
    connect(own);
    await expect.poll(() => told(own, "LOCAL_TOKEN", from)).toHaveLength(1);
    const [given] = told(own, "LOCAL_TOKEN", from);
    expect(given).toMatchObject({ timestamp: timestamp(), seconds: expect.any(Number) });
    const [header = "", claims = "", signature = ""] = String(given?.["token"]).split(".");
    const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
    expect(decoded(header)).toEqual({ alg: "EdDSA", typ: "JWT" });
    expect(decoded(claims)).toEqual({
      ...{ iss: "iot.example.com", sub: own.id, iat: Math.floor(room.clock.now() / 1000), seconds: given?.["seconds"] },
    });
    const key = createPublicKey(String(given?.["key"]));
    expect(key.asymmetricKeyType).toBe("ed25519");
    const check = (text: string) => verify(null, Buffer.from(text), key, Buffer.from(signature, "base64url"));
    expect(check(`${header}.${claims}`)).toBe(true);
    expect(check(`${header}.${claims.slice(0, -2)}AA`)).toBe(false);
  });

  test("its time is a day until PutHubConfiguration says another one, to every hub that is connected", async () => {
    const fresh = await open();
    try {
      const before = room;
      room = fresh;
      const [one, two] = [await hub(), await hub()];
      const seconds = (device: Device) => told(device, "LOCAL_TOKEN").map((token) => token["seconds"]);
      expect(seconds(one)).toEqual([86_400]);
      await room.call(operations().PutHubConfiguration, { HubTokenTimerExpirySettingInSeconds: 60 });
      await room.outbox.idle();
      expect([seconds(one), seconds(two)]).toEqual([
        [86_400, 60],
        [86_400, 60],
      ]);
      // The key is kept: a hub that has pinned it goes on trusting.
      const keys = () => told(one, "LOCAL_TOKEN").map((token) => token["key"]);
      const again = await room.restart();
      const first = keys();
      room = again;
      connect(one);
      await expect.poll(() => keys()).toHaveLength(1);
      expect(new Set([...first, ...keys()]).size).toBe(1);
      expect(seconds(one)).toEqual([60]);
      room = before;
      await again.close();
    } finally {
      await fresh.close();
    }
  });

  test("the network mode is told when it is set, and at each connection from then on", async () => {
    const own = await hub();
    const light = await room.light("network-mode");
    const from = room.direct.length;
    connect(own);
    await expect.poll(() => told(own, "LOCAL_TOKEN", from)).toHaveLength(1);
    expect(told(own, "HUB_NETWORK_MODE", from)).toEqual([]);
    await update(own.id, { HubNetworkMode: "NETWORK_WIDE_EXCLUSION" });
    await update(light.id, { HubNetworkMode: "NETWORK_WIDE_EXCLUSION" });
    await update(own.id, { Name: "Hub" });
    const mode = { messageType: "HUB_NETWORK_MODE", timestamp: timestamp(), mode: "NETWORK_WIDE_EXCLUSION" };
    expect(told(own, "HUB_NETWORK_MODE", from)).toEqual([mode]);
    connect(own);
    await expect.poll(() => told(own, "LOCAL_TOKEN", from)).toHaveLength(2);
    expect(told(own, "HUB_NETWORK_MODE", from)).toEqual([mode, mode]);
    expect(told(light, "HUB_NETWORK_MODE", from)).toEqual([]);
  });

  test("it is told again, at each connection, of a device that has brought no report since it was added", async () => {
    const shared = await locker();
    const own = await hub(shared);
    const join = async (deviceId: string, macAddress: string) => {
      const id = await create("ZIGBEE_QR_BAR_CODE", zigbee(macAddress), shared);
      await say(own, "DEVICE_JOINED", { deviceId, macAddress });
      return id;
    };
    const [bulb, lamp] = [await join("zb.1", "00124B0001A4E400"), await join("zb.2", "00124B0001A4E401")];
    const greeted = async () => {
      const from = room.direct.length;
      connect(own);
      await expect.poll(() => told(own, "LOCAL_TOKEN", from)).toHaveLength(1);
      return told(own, "DEVICE_ADDED", from);
    };
    const added = (deviceId: string, managedThingId: string) => ({
      ...{ messageType: "DEVICE_ADDED", timestamp: timestamp(), deviceId, managedThingId },
    });
    const both = await greeted();
    expect(both).toHaveLength(2);
    expect(both).toEqual(expect.arrayContaining([added("zb.1", bulb), added("zb.2", lamp)]));
    await say(own, "DEVICE_CAPABILITIES", { managedThingId: bulb, capabilityReport: REPORT });
    expect(await room.status(bulb)).toBe("ACTIVATED");
    expect(await greeted()).toEqual([added("zb.2", lamp)]);
    // Whoever is being removed is not added.
    await remove(lamp);
    expect(await greeted()).toEqual([]);
  });

  test("a hub is told of a device that was deleted by force, once", async () => {
    const shared = await locker();
    const own = await hub(shared);
    const bulb = await create("ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4E300"), shared);
    await say(own, "DEVICE_JOINED", { deviceId: "zb.2", macAddress: "00124B0001A4E300" });
    const from = room.sent.length;
    await remove(bulb, true);
    const removals = room.sent.slice(from).filter(({ topic }) => topic === `south/${own.id}/setup`);
    expect(removals.map(jsonOf)).toEqual([
      { messageType: "DEVICE_REMOVAL", timestamp: timestamp(), managedThingId: bulb, force: true },
    ]);
    // Of a device that has not joined nobody has to forget more than its label.
    const waiting = await create("ZIGBEE_QR_BAR_CODE", zigbee("00124B0001A4E301"), shared);
    const before = room.sent.length;
    await remove(waiting, true);
    expect(room.sent.slice(before)).toEqual([]);
  });
}
