import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { event, type OpenTestRoom, OTHER, refusalOf, type TestRoom } from "../test-room.ts";
import { DELIVERY_MS } from "./notifier.ts";

/** Where notifications go, on whatever database `open` gives. */
export function describeNotifications(open: OpenTestRoom): void {
  let room: TestRoom;
  const failing = new Set<string>();
  const hanging = new Set<string>();
  const operations = () => room.managed.operations;
  const streams = async (id: string) => {
    await room.outbox.idle();
    return room.delivered
      .filter(({ partitionKey }) => partitionKey === id)
      .map(({ streamArn, notification }) => `${streamArn.split("/")[1]} ${notification.messageType}`);
  };
  const point = (EventType: "DEVICE_STATE" | "DEVICE_EVENT", DestinationName: string) =>
    room.call(operations().UpdateNotificationConfiguration, { EventType, DestinationName });

  beforeAll(async () => {
    room = await open({
      delivering({ targetArn }) {
        if (failing.has(targetArn.split("/")[1] ?? "")) throw new Error("the stream is away");
        return hanging.has(targetArn.split("/")[1] ?? "") ? new Promise<void>(() => {}) : undefined;
      },
    });
    await room.configure("one", ["DEVICE_STATE"]);
    await room.configure("two", ["DEVICE_EVENT"]);
  });
  afterAll(() => room.close());
  beforeEach(() => {
    failing.clear();
    hanging.clear();
  });

  test("only configured types are told, each at its destination", async () => {
    const light = await room.light("told-1");
    await room.say(light, event({ OnOff: true }));
    expect((await streams(light.id)).sort()).toEqual(["one DEVICE_STATE", "two DEVICE_EVENT"]);
  });

  test("another account's configuration counts for its own things", async () => {
    const light = await room.light("told-2", OTHER);
    await room.say(light, event({ OnOff: true }), OTHER);
    expect(await streams(light.id)).toEqual([]);
    await room.configure("one", ["DEVICE_STATE"], OTHER);
    await room.say(light, event({ OnOff: false }), OTHER);
    expect(await streams(light.id)).toEqual(["one DEVICE_STATE"]);
    expect(room.delivered.at(-1)?.streamArn).toContain(OTHER.accountId);
  });

  test("a destination that fails is tried again, in order for each thing; another one goes on meanwhile", async () => {
    const [first, second] = [await room.light("failing-1"), await room.light("failing-2")];
    failing.add("one");
    for (let OnTime = 1; OnTime <= 3; OnTime++) {
      await room.say(first, event({ OnTime }));
      await room.say(second, event({ OnTime }));
    }
    expect(await streams(first.id)).toEqual(["two DEVICE_EVENT", "two DEVICE_EVENT", "two DEVICE_EVENT"]);
    for (let minute = 0; minute < 3; minute++) {
      room.clock.advance(60_000);
      await room.outbox.idle();
    }
    expect((await streams(first.id)).length).toBe(3);
    failing.clear();
    await room.say(first, event({ OnTime: 4 }));
    for (let minute = 0; minute < 10; minute++) {
      room.clock.advance(60_000);
      await room.outbox.idle();
    }
    for (const [{ id }, values] of [
      [first, ["1", "2", "3", "4"]],
      [second, ["1", "2", "3"]],
    ] as const) {
      const states = room.delivered.filter(
        ({ partitionKey, notification }) => partitionKey === id && notification.messageType === "DEVICE_STATE",
      );
      expect(
        states.map(({ notification }) => JSON.stringify(notification).match(/"propertyValue":(\d+)/)?.[1]),
      ).toEqual(values);
      expect(new Set(states.map(({ notification }) => notification.messageId)).size).toBe(values.length);
    }
  });

  test("what waited when the server ended is delivered by the next", async () => {
    const light = await room.light("restarted-1");
    failing.add("one");
    await room.say(light, event({ OnOff: true }));
    expect(await streams(light.id)).toEqual(["two DEVICE_EVENT"]);
    failing.clear();
    const before = room;
    const next = await before.restart();
    await next.outbox.idle();
    expect(next.delivered.map(({ notification }) => notification.messageType)).toEqual(["DEVICE_STATE"]);
    room = {
      ...next,
      async close() {
        await next.close();
        await before.close();
      },
    };
  });

  test("a changed configuration counts from the next message on", async () => {
    const light = await room.light("changed-1");
    await room.say(light, event({ OnTime: 1 }));
    await point("DEVICE_STATE", "two");
    await room.say(light, event({ OnTime: 2 }));
    await room.call(operations().DeleteNotificationConfiguration, { EventType: "DEVICE_STATE" });
    await room.say(light, event({ OnTime: 3 }));
    await room.call(operations().CreateNotificationConfiguration, {
      EventType: "DEVICE_STATE",
      DestinationName: "one",
    });
    await room.say(light, event({ OnTime: 4 }));
    const states = (await streams(light.id)).filter((text) => text.endsWith("DEVICE_STATE"));
    expect(states.sort()).toEqual(["one DEVICE_STATE", "one DEVICE_STATE", "two DEVICE_STATE"]);
  });

  test("a destination stays while configurations name it; what waits for one that has gone is dropped", async () => {
    await room.configure("gone", []);
    await point("DEVICE_STATE", "gone");
    const light = await room.light("gone-1");
    failing.add("gone");
    await room.say(light, event({ OnTime: 1 }));
    expect(await streams(light.id)).toEqual(["two DEVICE_EVENT"]);
    const remove = () => room.call(operations().DeleteDestination, { Name: "gone" });
    expect(await refusalOf(remove())).toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("(DEVICE_STATE)"),
    });
    await point("DEVICE_STATE", "one");
    await remove();
    expect(await refusalOf(remove())).toMatchObject({ name: "ResourceNotFoundException" });
    room.clock.advance(60_000);
    await room.outbox.idle();
    await room.say(light, event({ OnTime: 2 }));
    expect((await streams(light.id)).filter((text) => text.startsWith("one"))).toEqual(["one DEVICE_STATE"]);
    expect(await room.database.query("SELECT id FROM hearth_outbox WHERE consumer = 'notification'")).toEqual([]);
  });

  test("a destination that goes meanwhile is named by nobody", async () => {
    const both = async (DestinationName: string, naming: () => Promise<unknown>) => {
      await room.configure(DestinationName, []);
      const removed = room.call(operations().DeleteDestination, { Name: DestinationName });
      const outcomes = await Promise.allSettled([naming(), removed]);
      return outcomes.map((one) => (one.status === "rejected" ? (one.reason as Error).name : "done")).sort();
    };
    const input = { EventType: "DEVICE_LIFE_CYCLE" as const, DestinationName: "going-1" };
    const create = () => room.call(operations().CreateNotificationConfiguration, input);
    expect(await both("going-1", create)).toEqual(["ValidationException", "done"]);
    expect(await both("going-2", () => point("DEVICE_EVENT", "going-2"))).toEqual(["ValidationException", "done"]);
    await point("DEVICE_EVENT", "two");
  });

  test("a destination that was changed is in force for what waits", async () => {
    const light = await room.light("moved-1");
    failing.add("one");
    await room.say(light, event({ OnTime: 1 }));
    await room.outbox.idle();
    await room.call(operations().UpdateDestination, {
      Name: "one",
      DeliveryDestinationArn: "arn:aws:kinesis:us-east-1:000000000000:stream/moved",
    });
    room.clock.advance(10_000);
    expect((await streams(light.id)).filter((text) => text.endsWith("DEVICE_STATE"))).toEqual(["moved DEVICE_STATE"]);
  });

  test("a destination that hangs is given up after ten seconds and tried again; others go on meanwhile", async () => {
    const light = await room.light("hanging-1");
    await streams(light.id);
    hanging.add("moved");
    await room.say(light, event({ OnTime: 1 }));
    const of = () => room.delivered.filter(({ partitionKey }) => partitionKey === light.id).length;
    await vi.waitUntil(() => of() === 1, 30_000);
    await room.say(light, event({ OnTime: 2 }));
    await vi.waitUntil(() => of() === 2, 30_000);
    hanging.clear();
    room.clock.advance(DELIVERY_MS);
    await room.outbox.idle();
    room.clock.advance(1000);
    expect((await streams(light.id)).sort()).toEqual([
      ...["moved DEVICE_STATE", "moved DEVICE_STATE", "two DEVICE_EVENT", "two DEVICE_EVENT"],
    ]);
  });

  test("a configuration names a destination that is there, once for each type", async () => {
    const create = (EventType: "DEVICE_STATE" | "DEVICE_OTA", DestinationName: string) =>
      refusalOf(room.call(operations().CreateNotificationConfiguration, { EventType, DestinationName }));
    expect((await create("DEVICE_OTA", "absent")).name).toBe("ValidationException");
    expect((await create("DEVICE_STATE", "one")).name).toBe("ConflictException");
    expect((await refusalOf(point("DEVICE_EVENT", "absent"))).name).toBe("ValidationException");
  });
}
