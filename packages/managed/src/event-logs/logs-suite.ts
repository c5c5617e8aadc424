import { connectionOpened } from "@hearth/iot";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  AT,
  type Device,
  event,
  jsonOf,
  type OpenTestRoom,
  OTHER,
  refusalOf,
  response,
  type TestRoom,
} from "../test-room.ts";

type Level = "DEBUG" | "ERROR" | "INFO" | "WARN";

/** What is logged about things, and what they upload, on whatever database `open` gives. */
export function describeLogs(open: OpenTestRoom): void {
  let room: TestRoom;
  let failing = false;
  beforeAll(async () => {
    room = await open({
      delivering: () => {
        if (failing) throw new Error("the stream is gone");
      },
    });
  });
  afterAll(() => room.close());

  const operations = () => room.managed.operations;
  const configure = async (ResourceType: string, EventLogLevel: Level, ResourceId?: string): Promise<string> => {
    const { Id } = await room.call(operations().CreateEventLogConfiguration, {
      ...{ ResourceType, EventLogLevel, ResourceId },
    });
    return Id ?? "";
  };
  const entriesOf = async (id: string) => {
    await room.notified(id);
    return room.logged
      .filter(({ group }) => group === "/aws/iotmanagedintegrations/events")
      .map(({ message, stream }) => ({ stream, ...(JSON.parse(message) as Record<string, unknown>) }))
      .filter((entry) => (entry as Record<string, unknown>)["resourceId"] === id) as Record<string, unknown>[];
  };
  const kindsOf = async (id: string) => (await entriesOf(id)).map(({ level, event: kind }) => `${level} ${kind}`);

  test("row 81: the level set per account, type and resource is honoured", async () => {
    const unlogged = await room.light("log-0");
    await room.say(unlogged, event({ OnOff: true }));
    expect(await kindsOf(unlogged.id)).toEqual([]);

    const account = await configure("*", "WARN");
    const quiet = await room.light("log-1");
    await room.say(quiet, response(await room.command(quiet.id), [503]));
    expect(await kindsOf(quiet.id)).toEqual(["ERROR DEVICE_COMMAND_ACTION_FAILED", "ERROR DEVICE_COMMAND"]);

    const type = await configure("managed-thing", "INFO");
    const light = await room.light("log-2");
    await room.say(light, event({ OnOff: true }));
    expect(await kindsOf(light.id)).toEqual(Array(3).fill("INFO DEVICE_LIFE_CYCLE"));

    await configure("managed-thing", "DEBUG", light.id);
    await room.say(light, event({ OnOff: false }));
    expect((await kindsOf(light.id)).slice(3)).toEqual(["DEBUG DEVICE_EVENT", "DEBUG DEVICE_STATE"]);
    await room.say(quiet, event({ OnOff: true }));
    expect(await kindsOf(quiet.id)).toHaveLength(2);

    await room.call(operations().UpdateEventLogConfiguration, { Id: type, EventLogLevel: "ERROR" });
    const other = await room.light("log-3");
    expect(await kindsOf(other.id)).toEqual([]);
    await room.call(operations().DeleteEventLogConfiguration, { Id: type });
    await room.say(other, event({ Nonsense: true }));
    // Nobody waits for the note of a refusal.
    await expect
      .poll(() => entriesOf(other.id))
      .toEqual([
        {
          stream: "managed-thing",
          timestamp: new Date(room.clock.now()).toISOString(),
          level: "WARN",
          event: "DEVICE_MESSAGE_REJECTED",
          resourceType: "managed-thing",
          resourceId: other.id,
          topic: `north/${other.id}/control`,
          code: 400,
          reason: expect.stringContaining("Nonsense"),
        },
      ]);
    // Another account has levels of its own: none.
    const foreign = await room.light("log-4", OTHER);
    await room.say(foreign, event({ Nonsense: true }), OTHER);
    expect(await kindsOf(foreign.id)).toEqual([]);
    await room.call(operations().DeleteEventLogConfiguration, { Id: account });
  });

  test("entries hold no value of a device", async () => {
    const light = await room.light("log-5");
    await configure("managed-thing", "DEBUG", light.id);
    await room.say(light, event({ OnOff: true }));
    const entries = await entriesOf(light.id);
    expect(entries.map(({ event: kind }) => kind)).toEqual(["DEVICE_EVENT", "DEVICE_STATE"]);
    expect(JSON.stringify(entries)).not.toMatch(/OnOff|true|log-5/);
  });

  test("a notification that cannot be delivered is an error of its resource", async () => {
    await room.configure("broken", ["DEVICE_EVENT"]);
    const light = await room.light("log-6");
    await configure("managed-thing", "ERROR", light.id);
    failing = true;
    await room.say(light, event({ OnOff: true }));
    // One attempt has failed before what waits behind it is looked for.
    await expect.poll(() => room.logged.filter(({ message }) => message.includes(light.id)).length).toBeGreaterThan(0);
    failing = false;
    expect((await entriesOf(light.id))[0]).toMatchObject({
      level: "ERROR",
      event: "NOTIFICATION_NOT_DELIVERED",
      eventType: "DEVICE_EVENT",
      reason: "the stream is gone",
    });
  });

  const configurationsOf = (device: Device) =>
    [...room.sent, ...room.direct.map(({ message }) => message)]
      .filter(({ topic }) => topic === `south/${device.id}/setup`)
      .map(jsonOf)
      .filter(({ messageType }) => messageType === "RUNTIME_LOG_CONFIGURATION")
      .map(({ configuration }) => configuration);
  const upload = async (device: Device, entries: unknown, certificateId = device.certificateId) => {
    const { reply } = await room.publish(`north/${device.id}/logs`, { entries }, certificateId);
    return reply?.[0] && jsonOf(reply[0]);
  };
  const defaults = {
    LogLevel: "WARN",
    LocalStoreLocation: "/var/log/awsiotmi",
    LocalStoreFileRotationMaxBytes: 125_000,
    LocalStoreFileRotationMaxFiles: 5,
    UploadLog: false,
    UploadPeriodMinutes: 5,
    DeleteLocalStoreAfterUpload: true,
  };

  test("row 80 (part): a runtime configuration reaches the device, now and when it comes back, and reset restores the defaults", async () => {
    const light = await room.light("runtime-1");
    const put = (RuntimeLogConfigurations: object) =>
      room.call(operations().PutRuntimeLogConfiguration, { ManagedThingId: light.id, RuntimeLogConfigurations });
    const get = async () => {
      const found = await room.call(operations().GetRuntimeLogConfiguration, { ManagedThingId: light.id });
      expect(found.ManagedThingId).toBe(light.id);
      return found.RuntimeLogConfigurations;
    };
    const connect = async () => {
      const before = room.direct.length;
      const party = { accountId: AT.accountId, clientId: light.id, thingName: light.id, timestamp: room.clock.now() };
      room.bus.publish(connectionOpened, party as never);
      await expect.poll(() => room.direct.length).toBeGreaterThan(before);
    };
    expect(await get()).toEqual(defaults);
    const own = { LogLevel: "DEBUG", LogFlushLevel: "ERROR", UploadLog: true, UploadPeriodMinutes: 1 };
    await put(own);
    expect(await get()).toEqual({ ...defaults, ...own });
    await connect();
    expect(configurationsOf(light)).toEqual(Array(2).fill({ ...defaults, ...own }));
    await put({ LogLevel: "INFO" });
    expect(await get()).toEqual({ ...defaults, LogLevel: "INFO" });

    await room.call(operations().ResetRuntimeLogConfiguration, { ManagedThingId: light.id });
    expect(await get()).toEqual(defaults);
    await connect();
    // Messages that were sent stand before those to one client.
    expect(configurationsOf(light).at(-1)).toEqual(defaults);

    for (const wrong of [
      { LocalStoreFileRotationMaxBytes: 125_001 },
      { LocalStoreFileRotationMaxFiles: 0 },
      { UploadPeriodMinutes: 0 },
      { LocalStoreLocation: "" },
    ]) {
      expect((await refusalOf(put(wrong))).name).toBe("ValidationException");
    }
    const rows = () => room.database.query("SELECT 1 FROM runtime_log_configuration WHERE thing_id = ?", [light.id]);
    expect(await rows()).toHaveLength(1);
    await room.call(operations().DeleteManagedThing, { Identifier: light.id, Force: true });
    expect(await rows()).toEqual([]);
  });

  test("row 80 (part): what a device uploads reaches its log stream, when it may upload", async () => {
    const light = await room.light("runtime-2");
    const at = (ago: number) => new Date(room.clock.now() - ago).toISOString();
    const entries = [
      { timestamp: at(1_000), level: "ERROR", message: "no network" },
      { timestamp: at(2_000), level: "WARN", message: "weak signal" },
      { timestamp: "1970-01-01T00:00:00Z", level: "INFO", message: "no clock yet" },
    ];
    expect(await upload(light, entries)).toMatchObject({ code: 409 });
    const RuntimeLogConfigurations = { UploadLog: true };
    await room.call(operations().PutRuntimeLogConfiguration, { ManagedThingId: light.id, RuntimeLogConfigurations });
    expect(await upload(light, entries)).toBeUndefined();
    const uploaded = room.logged.filter(({ stream }) => stream === light.id);
    expect(uploaded).toEqual(
      [
        { at: room.clock.now() - 2_000, message: "WARN weak signal" },
        { at: room.clock.now() - 1_000, message: "ERROR no network" },
        { at: room.clock.now(), message: "INFO no clock yet" },
      ].map((one) => ({ ...AT, group: "/aws/iotmanagedintegrations/devices", stream: light.id, ...one })),
    );

    const stranger = await room.light("runtime-3");
    expect(await upload(light, entries, stranger.certificateId)).toMatchObject({ code: 404 });
    const [entry] = entries;
    for (const wrong of [
      undefined,
      [],
      Array(1_001).fill(entry),
      ["text"],
      [{ ...entry, level: "FATAL" }],
      [{ ...entry, timestamp: "now" }],
      [{ ...entry, message: "" }],
    ]) {
      expect(await upload(light, wrong)).toMatchObject({ code: 400 });
    }
    expect(room.logged.filter(({ stream }) => stream === light.id)).toHaveLength(3);
  });

  test("what uses the service-linked role is told", async () => {
    const light = await room.light("runtime-4");
    const RuntimeLogConfigurations = { LogLevel: "INFO" as const };
    await room.call(operations().PutRuntimeLogConfiguration, { ManagedThingId: light.id, RuntimeLogConfigurations });
    const uses = await room.managed.serviceRoleUses(AT.accountId);
    const arn = `arn:aws:iotmanagedintegrations:${AT.region}:${AT.accountId}:runtime-log-configuration/${light.id}`;
    expect(uses).toContainEqual({ region: AT.region, arn });
    expect(uses.some((use) => use.arn.includes(":event-log-configuration/"))).toBe(true);
    expect(await room.managed.serviceRoleUses(OTHER.accountId)).toEqual([]);
  });
}
