import { ServiceException } from "@hearth/client";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { action, type Claim, eventually, type Fleet, lightReport, openFleet, type Puppet, reporting } from "./fleet.ts";
import { endPeers, type Heard } from "./peer.ts";
import { type Notifications, openNotifications } from "./stream.ts";

/** Seconds; short enough to wait for, long enough for an answer on a busy machine. */
const COMMAND_TIMEOUT = 2;

let fleet: Fleet;
let claim: Claim;
let notifications: Notifications;
beforeAll(async () => {
  fleet = await openFleet({ commandTimeoutSeconds: COMMAND_TIMEOUT });
  notifications = await openNotifications(fleet);
  claim = await fleet.claim();
});
afterEach(endPeers);
afterAll(() => fleet.close());

const send = (ManagedThingId: string, Endpoints: unknown) =>
  fleet.managed.send("SendManagedThingCommand", { ManagedThingId, Endpoints: Endpoints as never });

async function refusal(id: string, Endpoints: unknown): Promise<ServiceException> {
  const error = await send(id, Endpoints).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(ServiceException);
  return error as ServiceException;
}

const command = async (light: Puppet): Promise<Heard> => light.peer.next(`south/${light.id}/control`);

const answer = (light: Puppet, traceId: unknown, responseCode: number, more: object = {}, properties: object[] = []) =>
  light.say("DEVICE_COMMAND_RESPONSE", {
    traceId,
    endpoints: [
      {
        endpointId: "1",
        capabilities: [{ id: "matter.OnOff@1.4", actions: [{ name: "On", responseCode, ...more }], properties }],
      },
    ],
  });

const outcomeOf = (traceId: unknown) =>
  notifications.next("DEVICE_COMMAND", ({ payload }) => payload["traceId"] === traceId);

async function stateOf(id: string): Promise<string> {
  return JSON.stringify((await fleet.managed.send("GetManagedThingState", { ManagedThingId: id })).Endpoints);
}

describe("a command is refused before it is sent", () => {
  let light: Puppet;
  beforeAll(async () => {
    light = await fleet.puppet(claim);
  });

  const endpoint = (over: object) => [{ endpointId: "1", capabilities: [{ ...onOff, ...over }] }];
  const onOff = { id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [{ name: "On", parameters: {} }] };
  test.each([
    ["an endpoint", [{ endpointId: "9", capabilities: [onOff] }], /9/],
    ["a capability", endpoint({ id: "matter.DoorLock@1.4" }), /matter\.DoorLock/],
    ["a version of a capability", endpoint({ id: "matter.OnOff@9.9" }), /matter\.OnOff@9\.9/],
    ["an action", endpoint({ actions: [{ name: "Toggle", parameters: {} }] }), /Toggle/],
    ["a parameter", action("MoveToLevel", { Level: 1, Colour: 2 }, "matter.LevelControl@1.4"), /Colour/],
    ["a value in range", action("MoveToLevel", { Level: 300 }, "matter.LevelControl@1.4"), /Level/],
    ["a value of that type", action("MoveToLevel", { Level: "high" }, "matter.LevelControl@1.4"), /Level/],
    ["a property to read", action("ReadState", { propertiesToRead: ["Colour"] }), /Colour/],
    ["a property to write", action("UpdateState", { Colour: 1 }), /Colour/],
  ])("when the device has no such %s", async (_what, endpoints, names) => {
    const error = await refusal(light.id, endpoints);
    expect(error).toMatchObject({ name: "ValidationException", status: 400 });
    expect(error.message).toMatch(names);
    expect(light.peer.heard).toEqual([]);
  });

  test("when the thing is not ACTIVATED, or is none", async () => {
    const { id, info } = await fleet.expect();
    expect(await refusal(id, action("On"))).toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("UNASSOCIATED"),
    });
    await fleet.provision(claim, info);
    expect((await refusal(id, action("On"))).message).toContain("DISCOVERED");
    expect(await refusal("nobody", action("On"))).toMatchObject({ name: "ResourceNotFoundException", status: 404 });
  });
});

describe("a command fails", () => {
  test.each([
    [501, {}],
    [500, { errors: [{ code: "Fail", message: "stuck" }] }],
    [404, {}],
  ])("when the device answers %i", async (responseCode, more) => {
    const light = await fleet.puppet(claim);
    const { TraceId } = await send(light.id, action("On"));
    const { json } = await command(light);
    expect(json).toMatchObject({ messageType: "DEVICE_COMMAND", traceId: TraceId, timestamp: expect.any(String) });
    await answer(light, TraceId, responseCode, more);
    expect((await outcomeOf(TraceId)).payload["result"]).toBe("failed");
  });

  test("when the device says nothing; a late answer tells the state, and no second outcome", async () => {
    const light = await fleet.puppet(claim);
    const { TraceId } = await send(light.id, action("On"));
    await command(light);
    const { payload } = await outcomeOf(TraceId);
    expect(payload["result"]).toBe("failed");
    const taken = Date.parse(String(payload["executedAt"])) - Date.parse(String(payload["receivedAt"]));
    expect(taken).toBeGreaterThanOrEqual(COMMAND_TIMEOUT * 1000);

    await answer(light, TraceId, 200, {}, [{ name: "OnOff", value: true }]);
    expect(await stateOf(light.id)).toContain('"propertyValue":true');
    // A later command's outcome comes after whatever the late answer could have caused.
    const later = await send(light.id, action("On"));
    await answer(light, later.TraceId, 200);
    await outcomeOf(later.TraceId);
    const outcomes = (await notifications.all()).filter(
      (one) => one.messageType === "DEVICE_COMMAND" && one.payload["traceId"] === TraceId,
    );
    expect(outcomes).toHaveLength(1);
  });

  test("when the device is not there; it is not told later", async () => {
    const light = await fleet.puppet(claim);
    light.peer.kill();
    await eventually("the end of its connection", async () => {
      const { Connected } = await fleet.managed.send("GetManagedThingConnectivityData", { Identifier: light.id });
      return Connected === false || undefined;
    });
    const { TraceId } = await send(light.id, action("On"));
    const { payload } = await outcomeOf(TraceId);
    expect(payload["result"]).toBe("failed");
    // At once: nobody waits for a device that cannot get it.
    expect(payload["executedAt"]).toBe(payload["receivedAt"]);
    const back = await fleet.animate(light.credential, light.id, lightReport);
    expect(back.peer.heard.filter(({ topic }) => topic.endsWith("/control"))).toEqual([]);
  });

  test("never by another device's answer to it", async () => {
    const [light, other] = [await fleet.puppet(claim), await fleet.puppet(claim)];
    const { TraceId } = await send(light.id, action("On"));
    await answer(other, TraceId, 500);
    await answer(light, TraceId, 200);
    expect((await outcomeOf(TraceId)).payload["result"]).toBe("succeeded");
  });
});

describe("what a device says is refused with words", () => {
  let light: Puppet;
  beforeAll(async () => {
    light = await fleet.puppet(claim);
  });
  const reconnect = async () => {
    light = await fleet.animate(light.credential, light.id, lightReport);
  };

  test.each([
    ["a property that it did not report", { Colour: 1 }, /Colour/],
    ["a value of another type", { OnOff: "yes" }, /OnOff/],
    ["a value out of range", { OnTime: 70_000 }, /OnTime/],
  ])("%s", async (_what, properties, words) => {
    const own = await fleet.puppet(claim);
    await own.say("DEVICE_EVENT", reporting(properties));
    const told = await own.rejection();
    expect(told).toEqual({
      code: 400,
      message: expect.stringMatching(words),
      eventNumber: 1,
      timestamp: expect.any(String),
    });
    expect(await stateOf(own.id)).not.toMatch(words);
  });

  test("what is no message at all: not JSON, no envelope, too many endpoints, a poisoned key", async () => {
    await reconnect();
    const { id, peer } = light;
    const many = Array.from({ length: 41 }, (_, index) => ({ endpointId: String(index), capabilities: [] }));
    const envelope = { timestamp: new Date().toISOString(), messageType: "DEVICE_EVENT", eventNumber: 1000 };
    const bodies = [
      "not json",
      "[]",
      "null",
      "{}",
      JSON.stringify({ ...envelope, endpoints: many }),
      JSON.stringify({ ...envelope, messageType: "DEVICE_COMMAND", ...reporting({ OnOff: true }) }),
      `{"messageType":"DEVICE_EVENT","timestamp":"yesterday","eventNumber":1001,"endpoints":[]}`,
      `{"__proto__":{"messageType":"DEVICE_EVENT"},"eventNumber":1002}`,
    ];
    for (const body of bodies) {
      await peer.publish(`north/${id}/control`, body);
      expect(await light.rejection()).toMatchObject({ code: 400, message: expect.stringMatching(/\w/) });
    }
    expect(peer.client.connected).toBe(true);
    await light.say("DEVICE_EVENT", { ...reporting({ OnOff: true }), eventNumber: 2000 });
    expect(await stateOf(id)).toContain("true");
  });

  test("a capability report beyond its limits, of nothing known, or not JSON", async () => {
    const { id, info } = await fleet.expect();
    const credential = await fleet.provision(claim, info);
    const peer = await fleet.connect(credential, { clientId: id });
    const [endpoint] = lightReport.endpoints;
    const report = (over: object) => ({ ...lightReport, ...over });
    const capability = (over: object) =>
      report({ endpoints: [{ ...endpoint, capabilities: [{ ...endpoint?.capabilities[0], ...over }] }] });
    const reports: [unknown, RegExp][] = [
      ["not json", /JSON/],
      [report({ version: "1.0.1" }), /version/],
      [report({ endpoints: Array.from({ length: 41 }, (_, n) => ({ ...endpoint, id: String(n) })) }), /endpoints/],
      [capability({ id: "matter.Nonsense@1.4" }), /Nonsense/],
      [capability({ properties: ["Colour"] }), /Colour/],
      [capability({ actions: ["Explode"] }), /Explode/],
    ];
    for (const [document, words] of reports) {
      const { topic, json } = await peer.ask(`$aws/managed-integrations/${id}/capabilities`, document);
      expect(topic).toMatch(/rejected$/);
      expect(json).toEqual({ code: 400, message: expect.stringMatching(words), timestamp: expect.any(String) });
    }
    expect(await fleet.status(id)).toBe("DISCOVERED");
    await peer.publish(`north/${id}/control`, {
      messageType: "DEVICE_EVENT",
      timestamp: new Date().toISOString(),
      eventNumber: 1,
      ...reporting({ OnOff: true }),
    });
    expect((await peer.next(`south/${id}/rejected`)).json["message"]).toMatch(/report/);
  });

  test("a repeated event number is acknowledged and ignored", async () => {
    const own = await fleet.puppet(claim);
    await own.say("DEVICE_EVENT", { ...reporting({ OnTime: 5 }), eventNumber: 7 });
    expect(await stateOf(own.id)).toContain('"propertyValue":5');
    for (const eventNumber of [7, 6, 1]) await own.say("DEVICE_EVENT", { ...reporting({ OnTime: 9 }), eventNumber });
    expect(await stateOf(own.id)).toContain('"propertyValue":5');
    await own.say("DEVICE_EVENT", { ...reporting({ OnTime: 9 }), eventNumber: 8 });
    expect(await stateOf(own.id)).toContain('"propertyValue":9');
    expect(own.peer.heard).toEqual([]);
  });
});

describe("a device speaks for itself only", () => {
  let victim: Puppet;
  let thief: Puppet;
  beforeAll(async () => {
    victim = await fleet.puppet(claim);
  });

  test.each(["control", "setup"])("publishing on north/<another>/%s", async (channel) => {
    thief = await fleet.puppet(claim);
    const envelope = { messageType: "DEVICE_EVENT", timestamp: new Date().toISOString(), eventNumber: 1 };
    const said = thief.peer.publish(`north/${victim.id}/${channel}`, { ...envelope, ...reporting({ OnTime: 66 }) });
    await expect(said).rejects.toThrow();
    expect(await thief.peer.closed).toBe(0x87);
    expect(await stateOf(victim.id)).not.toContain("66");
  });

  test("another's report, shadow, commands; the platform's own topics", async () => {
    for (const topic of [
      `$aws/managed-integrations/${victim.id}/capabilities`,
      `$aws/things/${victim.id}/shadow/update`,
      `south/${victim.id}/control`,
    ]) {
      thief = await fleet.puppet(claim);
      await expect(thief.peer.publish(topic, lightReport)).rejects.toThrow();
    }
    thief = await fleet.puppet(claim);
    await expect(thief.peer.publish(`south/${thief.id}/control`, {})).rejects.toThrow();
    thief = await fleet.puppet(claim);
    const filters = [
      `south/${victim.id}/control`,
      `south/+/control`,
      `south/#`,
      `north/${victim.id}/control`,
      `north/${thief.id}/control`,
      `$aws/things/${victim.id}/shadow/update/accepted`,
      `$share/g/south/${victim.id}/control`,
    ];
    expect(await thief.peer.subscribe(filters)).toEqual(filters.map(() => 0x87));
  });

  test("connecting under another's client id", async () => {
    thief = await fleet.puppet(claim);
    await expect(fleet.connect(thief.credential, { clientId: victim.id })).rejects.toMatchObject({ code: 0x87 });
    await expect(fleet.connect(thief.credential, { clientId: "anything" })).rejects.toMatchObject({ code: 0x87 });
  });
});

test("a thing whose removal the device refuses is DELETION_FAILED; by force it goes at once", async () => {
  const light = await fleet.puppet(claim);
  await fleet.managed.send("DeleteManagedThing", { Identifier: light.id });
  const told = await light.peer.next(`south/${light.id}/setup`);
  expect(told.json).toMatchObject({ messageType: "DEVICE_REMOVAL" });
  expect(await fleet.status(light.id)).toBe("DELETE_IN_PROGRESS");
  expect((await refusal(light.id, action("On"))).message).toContain("DELETE_IN_PROGRESS");
  await light.say(
    "DEVICE_REMOVAL_RESPONSE",
    { traceId: told.json["traceId"], responseCode: 500, errors: [{ code: "Fail", message: "no" }] },
    "setup",
  );
  expect(await fleet.status(light.id)).toBe("DELETION_FAILED");
  await fleet.managed.send("DeleteManagedThing", { Identifier: light.id, Force: true });
  await eventually("the end", async () => (await fleet.status(light.id).catch(() => "gone")) === "gone" || undefined);
  await light.peer.closed;
});
