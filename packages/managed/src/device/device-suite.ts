import { connectionClosed, connectionOpened } from "@hearth/iot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AT,
  type Device,
  event,
  jsonOf,
  type OpenTestRoom,
  REPORT,
  refusalOf,
  removed,
  response,
  type TestRoom,
} from "../test-room.ts";

const APP = { principalId: "app" };

/** What devices say, and what becomes of it, on whatever database `open` gives. */
export function describeDevices(open: OpenTestRoom): void {
  let room: TestRoom;
  const types = async (id: string) => (await room.notified(id)).map(({ type }) => type);

  beforeAll(async () => {
    room = await open();
    await room.configure("all", ["DEVICE_STATE", "DEVICE_EVENT", "DEVICE_COMMAND", "DEVICE_COMMAND_REQUEST"]);
  });
  afterAll(() => room.close());

  test("what is known of a device holds while others change its record", async () => {
    const light = await room.light("known-1");
    const { UpdateManagedThing, GetManagedThing } = room.managed.operations;
    await room.say(light, event({ OnOff: true }));
    await room.call(UpdateManagedThing, { Identifier: light.id, Name: "renamed" });
    await room.say(light, event({ OnOff: true }));
    await room.database.commit([
      { sql: "UPDATE managed_thing SET status = 'ISOLATED', revision = revision + 1 WHERE id = ?", params: [light.id] },
    ]);
    expect((await room.call(GetManagedThing, { Identifier: light.id })).ProvisioningStatus).toBe("ISOLATED");
    await room.say(light, event({ OnOff: false, OnTime: 3 }));
    await room.say(light, event({ OnTime: 4 }));
    expect(await room.state(light.id)).toEqual({ "1/OnOff": false, "1/OnTime": 4 });
    expect((await types(light.id)).filter((type) => type === "DEVICE_STATE")).toHaveLength(3);
    expect((await room.call(GetManagedThing, { Identifier: light.id })).Name).toBe("renamed");
  });

  describe("a capability report", () => {
    const without = (change: (report: typeof REPORT) => void) => {
      const report = structuredClone(REPORT);
      change(report);
      return report;
    };

    test("that replaces another takes the state of what is gone, and tells", async () => {
      const light = await room.light("report-1");
      await room.say(light, event({ OnOff: true, OnTime: 5 }));
      const smaller = without((report) => {
        report.endpoints.pop();
        report.endpoints[0]!.capabilities[0]!.properties = ["OnOff"];
      });
      room.clock.advance(1000);
      expect(await room.report(light, smaller)).toBeUndefined();
      expect(await room.state(light.id)).toEqual({ "1/OnOff": true });
      const { payload } = (await room.notified(light.id)).at(-1) ?? {};
      expect(payload).toEqual({
        removedStates: {
          endpoints: [
            {
              endpointId: "1",
              capabilities: [
                {
                  id: "matter.OnOff@1.4",
                  name: "On/Off",
                  version: "6",
                  properties: [
                    {
                      name: "OnTime",
                      value: { propertyValue: 5, lastChangedAt: expect.stringContaining("2026-01-01") },
                    },
                  ],
                },
              ],
            },
          ],
        },
      });
      expect(await room.shadow(light.id)).toEqual({ endpoints: { "1": { "matter.OnOff": { OnOff: true } } } });
      const { CapabilityReport } = await room.call(room.managed.operations.GetManagedThingCapabilities, {
        Identifier: light.id,
      });
      expect(CapabilityReport).toEqual(smaller);
    });

    test.each([
      ["that is no JSON", "{", "not a JSON document"],
      [
        "of another version",
        without((report) => {
          report.version = "2";
        }),
        "version: must be 1.0.0",
      ],
      [
        "of an unknown capability",
        without((report) => {
          report.endpoints[0]!.capabilities[0]!.id = "matter.OnOf@1.4";
        }),
        "endpoints[0].capabilities[0].id: ",
      ],
      [
        "of a property that the capability lacks",
        without((report) => {
          report.endpoints[0]!.capabilities[0]!.properties = ["Of"];
        }),
        "endpoints[0].capabilities[0].properties[0]: ",
      ],
      [
        "of two endpoints with one id",
        without((report) => {
          report.endpoints[1]!.id = "1";
        }),
        "endpoints[1].id: is used by two endpoints",
      ],
      ["that is too large", `"${"a".repeat(128 * 1024)}"`, "larger than 131072 bytes"],
      ["nested without end", `${"[".repeat(30_000)}${"]".repeat(30_000)}`, "report: must be an object"],
    ])("%s is refused in words, and nothing changes", async (_name, report, words) => {
      const light = await room.light(`bad-report-${words.replace(/\W/g, "")}`);
      const refused = await room.report(light, report);
      expect(refused).toMatchObject({ code: 400, message: expect.stringContaining(words) });
      const { CapabilityReport } = await room.call(room.managed.operations.GetManagedThingCapabilities, {
        Identifier: light.id,
      });
      expect(CapabilityReport).toEqual(REPORT);
    });

    test("of a thing that is going is refused", async () => {
      const light = await room.light("report-going");
      await room.call(room.managed.operations.DeleteManagedThing, { Identifier: light.id });
      expect(await room.report(light, REPORT)).toMatchObject({ code: 409 });
    });
  });

  describe("an event", () => {
    test("changes state, shadow and what is told of it; the same value again is an event and no change", async () => {
      const light = await room.light("event-1");
      expect(await room.say(light, event({ OnOff: true }))).toBeUndefined();
      expect(await room.state(light.id)).toEqual({ "1/OnOff": true });
      expect(await room.shadow(light.id)).toEqual({ endpoints: { "1": { "matter.OnOff": { OnOff: true } } } });
      const changed = new Date(room.clock.now()).toISOString();
      room.clock.advance(5000);
      await room.say(light, event({ OnOff: true }));
      expect(await types(light.id)).toEqual(["DEVICE_EVENT", "DEVICE_STATE", "DEVICE_EVENT"]);
      const [told, state] = await room.notified(light.id);
      const capability = { id: "matter.OnOff@1.4", name: "On/Off", version: "6" };
      const properties = [{ name: "OnOff", value: true }];
      expect(told?.payload).toEqual({
        endpoints: [{ endpointId: "1", capabilities: [{ ...capability, properties }] }],
      });
      expect(state?.payload).toEqual({
        addedStates: {
          endpoints: [
            {
              endpointId: "1",
              capabilities: [
                {
                  ...capability,
                  properties: [{ name: "OnOff", value: { propertyValue: true, lastChangedAt: changed } }],
                },
              ],
            },
          ],
        },
      });
    });

    test("may leave out the version of its capability", async () => {
      const light = await room.light("event-2");
      const message = event({ OnOff: true });
      message.endpoints[0]!.capabilities[0]!.id = "matter.OnOff";
      expect(await room.say(light, message)).toBeUndefined();
      expect(await room.state(light.id)).toEqual({ "1/OnOff": true });
    });

    test("with a number that was used is taken as heard", async () => {
      const light = await room.light("event-3");
      const message = event({ OnOff: true });
      await room.say(light, message);
      expect(await room.say(light, { ...message, ...event({ OnOff: false }), eventNumber: message.eventNumber })).toBe(
        undefined,
      );
      expect(await room.say(light, event({ OnOff: false }, { eventNumber: message.eventNumber - 1 }))).toBeUndefined();
      expect(await room.state(light.id)).toEqual({ "1/OnOff": true });
      expect(await types(light.id)).toEqual(["DEVICE_EVENT", "DEVICE_STATE"]);
    });

    test("is refused in words, and its number may be used again", async () => {
      const light = await room.light("event-4");
      const message = event({ OnOff: "yes" });
      expect(await room.say(light, message)).toMatchObject({
        code: 400,
        message: expect.stringContaining("endpoints[0].capabilities[0].properties[0].value"),
        eventNumber: message.eventNumber,
      });
      expect(await room.say(light, event({ OnOff: true }, { eventNumber: message.eventNumber }))).toBeUndefined();
      expect(await room.state(light.id)).toEqual({ "1/OnOff": true });
    });

    test("before the capability report is refused", async () => {
      await room.create("event-5");
      const light = await room.provision("event-5");
      expect(await room.say(light, event({ OnOff: true }))).toMatchObject({ code: 409 });
    });

    test("by another certificate is refused, in the words for a thing that is not there", async () => {
      const light = await room.light("event-6");
      const other = await room.light("event-7");
      const foreign: Device = { id: light.id, certificateId: other.certificateId };
      const absent: Device = { id: "0".repeat(32), certificateId: other.certificateId };
      const [one, two] = [
        await room.say(foreign, event({ OnOff: true })),
        await room.say(absent, event({ OnOff: true })),
      ];
      expect(one).toMatchObject({ code: 404, message: "Managed Thing resource not found." });
      expect({ ...one, eventNumber: 0 }).toEqual({ ...two, eventNumber: 0 });
      expect(await room.report(foreign, REPORT)).toMatchObject({ code: 404 });
      expect(await room.state(light.id)).toEqual({});
    });

    test.each([
      ["a command", { messageType: "DEVICE_COMMAND", traceId: "t" }],
      [
        "a request with a trace that is none",
        {
          messageType: "DEVICE_COMMAND_REQUEST",
          endpoints: [
            {
              endpointId: "1",
              capabilities: [
                {
                  id: "matter.OnOff@1.4",
                  properties: [{ name: "OnOff", value: true }],
                  actions: [{ name: "Toggle", actionTraceId: "abc=" }],
                },
              ],
            },
          ],
        },
      ],
      ["a removal", { messageType: "DEVICE_REMOVAL" }],
      ["the answer to a removal, on the wrong topic", { messageType: "DEVICE_REMOVAL_RESPONSE" }],
    ])("that is %s is refused", async (_name, changes) => {
      const light = await room.light(`type-${changes.messageType}`);
      expect(await room.say(light, event({ OnOff: true }, changes))).toMatchObject({ code: 400 });
      expect(await room.state(light.id)).toEqual({});
    });

    test("on setup is refused, and so is a removal that nobody has asked for", async () => {
      const light = await room.light("setup-1");
      const setup = async (message: object) =>
        jsonOf((await room.publish(`north/${light.id}/setup`, message, light.certificateId)).reply?.[0]);
      expect(await setup(event({ OnOff: true }))).toMatchObject({ code: 400 });
      expect(await setup(removed(200))).toMatchObject({ code: 409 });
      expect(await room.status(light.id)).toBe("ACTIVATED");
    });

    test("below south is nobody's to send", async () => {
      const light = await room.light("south-1");
      const asked = room.publish(`south/${light.id}/control`, {}, light.certificateId);
      expect((await refusalOf(asked)).name).toBe("ForbiddenException");
    });

    test("of many at once none is lost, and they keep their order", async () => {
      const light = await room.light("event-8");
      const messages = Array.from({ length: 40 }, (_, index) => event({ OnOff: index % 2 === 0, OnTime: index }));
      const answers = await Promise.all(messages.map((message) => room.say(light, message)));
      expect(answers.filter(Boolean)).toEqual([]);
      expect(await room.state(light.id)).toEqual({ "1/OnOff": false, "1/OnTime": 39 });
      const told = (await room.notified(light.id)).filter(({ type }) => type === "DEVICE_STATE");
      expect(
        told.map(({ payload }) => JSON.stringify(payload).match(/"OnTime","value":\{"propertyValue":(\d+)/)?.[1]),
      ).toEqual(messages.map((_, index) => String(index)));
      expect(await room.shadow(light.id)).toEqual({
        endpoints: { "1": { "matter.OnOff": { OnOff: false, OnTime: 39 } } },
      });
    });

    test("and changes of the thing and its report at the same time all hold", async () => {
      const light = await room.light("event-9");
      const update = (Name: string) =>
        room.call(room.managed.operations.UpdateManagedThing, { Identifier: light.id, Name });
      const answers = await Promise.all([
        ...Array.from({ length: 10 }, (_, OnTime) => room.say(light, event({ OnTime }))),
        update("first"),
        room.report(light, REPORT),
        update("second"),
      ]);
      expect(answers.slice(0, 10).filter(Boolean)).toEqual([]);
      expect(await room.state(light.id)).toEqual({ "1/OnTime": 9 });
      const { Name } = await room.call(room.managed.operations.GetManagedThing, { Identifier: light.id });
      expect(["first", "second"]).toContain(Name);
    });

    test("of a device's own command is told with its actions", async () => {
      const light = await room.light("event-10");
      const actions = [{ name: "Toggle", parameters: {}, actionTraceId: "abcdefghijklmno=" }];
      const message = event({}, { messageType: "DEVICE_COMMAND_REQUEST" });
      Object.assign(message.endpoints[0]!.capabilities[0]!, { actions, properties: undefined });
      expect(await room.say(light, message)).toBeUndefined();
      expect(await room.notified(light.id)).toMatchObject([
        { type: "DEVICE_COMMAND_REQUEST", payload: { endpoints: [{ capabilities: [{ name: "On/Off", actions }] }] } },
      ]);
    });
  });

  describe("the classic shadow", () => {
    test("is published as an update from a device is", async () => {
      const light = await room.light("shadow-1");
      const { publish = [] } = await room.publish(
        `north/${light.id}/control`,
        event({ OnOff: true }),
        light.certificateId,
      );
      expect(publish.map(({ topic }) => topic.replace(light.id, "{id}"))).toEqual([
        "$aws/things/{id}/shadow/update/accepted",
        "$aws/things/{id}/shadow/update/documents",
      ]);
    });

    test("that has no room left is skipped; the state is kept and told", async () => {
      const light = await room.light("shadow-2");
      const full = { state: { desired: { filling: "x".repeat(8100) } } };
      await room.iot.shadows.update({ ...AT, thingName: light.id }, full, APP);
      await room.say(light, event({ OnOff: true, OnTime: 65_534 }));
      expect(await room.state(light.id)).toEqual({ "1/OnOff": true, "1/OnTime": 65_534 });
      expect(await room.shadow(light.id)).toBeUndefined();
      expect(await types(light.id)).toEqual(["DEVICE_EVENT", "DEVICE_STATE"]);
      await room.iot.shadows.update({ ...AT, thingName: light.id }, { state: { desired: null } }, APP);
      await room.say(light, event({ OnOff: false }));
      expect(await room.shadow(light.id)).toMatchObject({ endpoints: { "1": { "matter.OnOff": { OnOff: false } } } });
    });

    test("and messages of an app to it at the same time lose nothing", async () => {
      const light = await room.light("shadow-3");
      const key = { ...AT, thingName: light.id };
      await Promise.all(
        Array.from({ length: 10 }, async (_, index) => {
          await room.iot.shadows.update(key, { state: { desired: { [`wish${index}`]: index } } }, APP);
        }).concat(Array.from({ length: 10 }, async (_, OnTime) => void (await room.say(light, event({ OnTime }))))),
      );
      const { state } = JSON.parse(await room.iot.shadows.get(key));
      expect(Object.keys(state.desired)).toHaveLength(10);
      expect(state.reported).toEqual({ endpoints: { "1": { "matter.OnOff": { OnTime: 9 } } } });
      expect(await room.state(light.id)).toEqual({ "1/OnTime": 9 });
    });
  });

  test("connectivity is what the broker said last", async () => {
    const light = await room.light("connected");
    const connection = {
      accountId: AT.accountId,
      clientId: light.id,
      thingName: light.id,
      principalId: light.certificateId,
      sessionId: "s",
      versionNumber: 0,
    };
    const data = async () => {
      // A commit of its own queue after those of the reports.
      await room.database.commit([]);
      await room.say(light, event({ OnOff: true }));
      const answer = await room.call(room.managed.operations.GetManagedThingConnectivityData, { Identifier: light.id });
      return { connected: answer.Connected, at: answer.Timestamp, reason: answer.DisconnectReason };
    };
    expect(await data()).toEqual({ connected: false, at: undefined, reason: "NONE" });
    room.bus.publish(connectionOpened, { ...connection, ipAddress: "127.0.0.1", timestamp: 1000 });
    expect(await data()).toEqual({ connected: true, at: 1, reason: "NONE" });
    const closed = { ...connection, clientInitiated: false, timestamp: 2000 };
    room.bus.publish(connectionClosed, { ...closed, reason: "CONNECTION_LOST" });
    expect(await data()).toEqual({ connected: false, at: 2, reason: "CONNECTION_LOST" });
    room.bus.publish(connectionClosed, { ...closed, reason: "API_INITIATED_DISCONNECT" });
    expect((await data()).reason).toBe("SERVER_INITIATED_DISCONNECT");
    room.bus.publish(connectionOpened, { ...connection, thingName: undefined, ipAddress: "::1", timestamp: 9000 });
    expect((await data()).connected).toBe(false);
  });

  test("a late answer of another device's command closes nothing", async () => {
    const [mine, other] = [await room.light("trace-1"), await room.light("trace-2")];
    const traceId = await room.command(mine.id);
    await room.say(other, response(traceId, [200]));
    expect(await types(other.id)).toEqual([]);
    await room.say(mine, response(traceId, [200]));
    expect(await room.notified(mine.id)).toMatchObject([{ type: "DEVICE_COMMAND", payload: { traceId } }]);
  });
}
