import { connectionOpened, disconnectRequested } from "@hearth/iot";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  AT,
  COMMAND_SECONDS,
  type Device,
  event,
  jsonOf,
  type OpenTestRoom,
  refusalOf,
  removed,
  response,
  type TestRoom,
} from "../test-room.ts";

/** The end of managed things, on whatever database `open` gives. */
export function describeRemoval(open: OpenTestRoom): void {
  let room: TestRoom;
  const remove = (Identifier: string, Force?: boolean) =>
    room.call(room.managed.operations.DeleteManagedThing, { Identifier, Force });
  const answer = (device: Device, message: object) =>
    room.publish(`north/${device.id}/setup`, message, device.certificateId);
  const lifeOf = async (id: string) =>
    (await room.notified(id))
      .filter(({ type }) => type === "DEVICE_LIFE_CYCLE")
      .map(({ payload }) => payload["status"]);
  const certificateStatus = async (certificateId: string) =>
    (await room.call(room.iot.operations.iot.DescribeCertificate, { certificateId })).certificateDescription?.status;
  const rowsOf = async (id: string) => {
    const counts = ["managed_thing WHERE id", "managed_property WHERE thing_id", "managed_command WHERE thing_id"].map(
      async (table) => (await room.database.query(`SELECT 1 FROM ${table} = ?`, [id])).length,
    );
    return Promise.all(counts);
  };

  beforeAll(async () => {
    room = await open();
    await room.configure("life", ["DEVICE_LIFE_CYCLE", "DEVICE_COMMAND"]);
  });
  afterAll(() => room.close());

  test("of a device: asked, confirmed, and all of it is gone", async () => {
    const light = await room.light("removal-1");
    await room.say(light, event({ OnOff: true }));
    await remove(light.id);
    expect(room.sent.at(-1)).toMatchObject({ topic: `south/${light.id}/setup`, qos: 1 });
    expect(jsonOf(room.sent.at(-1))).toEqual({
      messageType: "DEVICE_REMOVAL",
      timestamp: new Date(room.clock.now()).toISOString(),
    });
    expect(await room.status(light.id)).toBe("DELETE_IN_PROGRESS");
    expect((await refusalOf(room.command(light.id))).name).toBe("ValidationException");
    expect(
      (await refusalOf(room.call(room.managed.operations.UpdateManagedThing, { Identifier: light.id, Name: "x" })))
        .name,
    ).toBe("ConflictException");

    const closed: unknown[] = [];
    const stop = room.bus.subscribe(disconnectRequested, (request) => closed.push(request));
    expect((await answer(light, removed(200))).reply).toBeUndefined();
    stop();
    expect(closed).toMatchObject([{ certificateId: light.certificateId }]);
    expect(await rowsOf(light.id)).toEqual([0, 0, 0]);
    expect(await certificateStatus(light.certificateId)).toBe("INACTIVE");
    expect((await refusalOf(room.call(room.iot.operations.iot.DescribeThing, { thingName: light.id }))).name).toBe(
      "ResourceNotFoundException",
    );
    expect((await refusalOf(room.shadow(light.id))).name).toBe("ResourceNotFoundException");
    expect(await lifeOf(light.id)).toEqual([
      "UNASSOCIATED",
      "DISCOVERED",
      "ACTIVATED",
      "DELETE_IN_PROGRESS",
      "DELETED",
    ]);
    // What the device says after that is refused, and the same device may come again as a new thing.
    expect(await room.say(light, event({ OnOff: true }))).toMatchObject({ code: 404 });
    const again = await room.light("removal-1");
    expect(again.id).not.toBe(light.id);
  });

  test("is told again to a device that comes back, and to no other", async () => {
    const light = await room.light("removal-2");
    const other = await room.light("removal-2b");
    await remove(light.id);
    const before = room.direct.length;
    for (const { id, certificateId } of [light, other]) {
      room.bus.publish(connectionOpened, {
        ...{ accountId: AT.accountId, clientId: id, thingName: id, principalId: certificateId, sessionId: "s" },
        ...{ versionNumber: 0, ipAddress: "127.0.0.1", timestamp: room.clock.now() },
      });
    }
    await expect.poll(() => room.direct.slice(before).length).toBe(1);
    await room.status(other.id);
    expect(
      room.direct.slice(before).map(({ clientId, message }) => [clientId, jsonOf(message)["messageType"]]),
    ).toEqual([[light.id, "DEVICE_REMOVAL"]]);
  });

  test("that the device cannot do has failed; asked again it may be done, or by force", async () => {
    const light = await room.light("removal-3");
    await remove(light.id);
    expect((await answer(light, removed(500))).reply).toBeUndefined();
    expect(await room.status(light.id)).toBe("DELETION_FAILED");
    expect(await certificateStatus(light.certificateId)).toBe("ACTIVE");
    expect((await answer(light, removed(200))).reply).toHaveLength(1);
    await remove(light.id);
    expect(await room.status(light.id)).toBe("DELETE_IN_PROGRESS");
    await answer(light, removed(503));
    await remove(light.id, true);
    expect(await lifeOf(light.id)).toEqual([
      ...["UNASSOCIATED", "DISCOVERED", "ACTIVATED"],
      ...["DELETE_IN_PROGRESS", "DELETION_FAILED", "DELETE_IN_PROGRESS", "DELETION_FAILED", "DELETED"],
    ]);
    expect(await certificateStatus(light.certificateId)).toBe("INACTIVE");
  });

  test("of a thing that no device has come for needs nobody's word", async () => {
    const id = await room.create("removal-4");
    await remove(id);
    expect(await lifeOf(id)).toEqual(["UNASSOCIATED", "DELETED"]);
    expect((await refusalOf(remove(id))).name).toBe("ResourceNotFoundException");
  });

  test("confirmed and forced at once is one", async () => {
    const light = await room.light("removal-5");
    await remove(light.id);
    const results = await Promise.allSettled([
      answer(light, removed(200)),
      remove(light.id, true),
      remove(light.id, true),
    ]);
    expect(results[0]?.status).toBe("fulfilled");
    expect((await lifeOf(light.id)).filter((status) => status === "DELETED")).toEqual(["DELETED"]);
    expect(await rowsOf(light.id)).toEqual([0, 0, 0]);
  });

  test("of a thing with open commands tells that they have failed, once", async () => {
    const light = await room.light("removal-6");
    const traces = [await room.command(light.id), await room.command(light.id)];
    await remove(light.id, true);
    expect(await rowsOf(light.id)).toEqual([0, 0, 0]);
    room.clock.advance(COMMAND_SECONDS * 1000);
    await room.timers.idle();
    await room.say(light, response(traces[0] ?? "", [200]));
    const notified = await room.notified(light.id);
    const outcomes = notified.filter(({ type }) => type === "DEVICE_COMMAND").map(({ payload }) => payload);
    expect(outcomes.map(({ result }) => result)).toEqual(["failed", "failed"]);
    expect(outcomes.map(({ traceId }) => traceId).sort()).toEqual(traces.sort());
    expect(notified.at(-1)?.payload["status"]).toBe("DELETED");
  });

  test("by another's certificate is refused", async () => {
    const light = await room.light("removal-7");
    const other = await room.light("removal-8");
    await remove(light.id);
    const { reply } = await answer({ id: light.id, certificateId: other.certificateId }, removed(200));
    expect(jsonOf(reply?.[0])).toMatchObject({ code: 404 });
    expect(await room.status(light.id)).toBe("DELETE_IN_PROGRESS");
  });
}
