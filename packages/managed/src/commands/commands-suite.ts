import type { Reach } from "@hearth/iot";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { COMMAND_SECONDS, event, jsonOf, type OpenTestRoom, refusalOf, response, type TestRoom } from "../test-room.ts";

/** Commands, from their sending to their one end, on whatever database `open` gives. */
export function describeCommands(open: OpenTestRoom): void {
  let room: TestRoom;
  let reach: Reach = "live";
  const outcomes = async (id: string, from = room) =>
    (await from.notified(id))
      .filter(({ type }) => type === "DEVICE_COMMAND")
      .map(({ payload }) => [payload["traceId"], payload["result"]]);
  const later = async (seconds: number) => {
    room.clock.advance(seconds * 1000);
    await room.timers.idle();
  };
  const openCommands = async (id: string) =>
    (await room.database.query("SELECT trace_id FROM managed_command WHERE thing_id = ?", [id])).length;
  const timers = async () =>
    (await room.database.query("SELECT id FROM hearth_timer WHERE kind = 'managed-command'")).length;

  beforeAll(async () => {
    room = await open({ reach: () => reach });
    await room.configure("all", ["DEVICE_STATE", "DEVICE_EVENT", "DEVICE_COMMAND"]);
  });
  afterAll(() => room.close());

  test("goes to its device, which answers: closed once, the state changed, all told in order", async () => {
    const light = await room.light("command-1");
    const traceId = await room.command(light.id);
    const sentAt = new Date(room.clock.now()).toISOString();
    const message = room.sent.at(-1);
    expect(message).toMatchObject({
      topic: `south/${light.id}/control`,
      qos: 1,
      retain: false,
      properties: { messageExpiryInterval: COMMAND_SECONDS },
      neverLate: true,
    });
    expect(jsonOf(message)).toEqual({
      messageType: "DEVICE_COMMAND",
      traceId,
      timestamp: sentAt,
      expiresAt: new Date(Date.parse(sentAt) + COMMAND_SECONDS * 1000).toISOString(),
      endpoints: [
        {
          endpointId: "1",
          capabilities: [
            { id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [{ name: "On", parameters: {} }] },
          ],
        },
      ],
    });
    room.clock.advance(1500);
    expect(await room.say(light, response(traceId, [200], { OnOff: true }))).toBeUndefined();
    const notified = await room.notified(light.id);
    expect(notified.map(({ type }) => type)).toEqual(["DEVICE_COMMAND", "DEVICE_EVENT", "DEVICE_STATE"]);
    expect(notified[0]?.payload).toEqual({
      traceId,
      receivedAt: sentAt,
      executedAt: new Date(room.clock.now()).toISOString(),
      result: "succeeded",
    });
    expect(await room.state(light.id)).toEqual({ "1/OnOff": true });
    expect([await openCommands(light.id), await timers()]).toEqual([0, 0]);
    await room.say(light, response(traceId, [500]));
    await later(COMMAND_SECONDS);
    expect(await outcomes(light.id)).toEqual([[traceId, "succeeded"]]);
  });

  test.each([
    ["every action succeeded", [200, 204], "succeeded"],
    ["one action failed", [200, 500], "failed"],
    ["there is no such action", [501], "failed"],
    ["nothing was done", [], "failed"],
    ["it was sent elsewhere", [302], "failed"],
  ])("when %s", async (_name, codes, result) => {
    const light = await room.light(`codes-${codes.join("-")}`);
    const traceId = await room.command(light.id);
    expect(await room.say(light, response(traceId, codes))).toBeUndefined();
    expect(await outcomes(light.id)).toEqual([[traceId, result]]);
  });

  test("whose answer leaves one of its actions out has failed", async () => {
    const light = await room.light("command-left-out");
    const actions = ["On", "Off"].map((name) => ({ name, parameters: {} }));
    const { TraceId: traceId = "" } = await room.call(room.managed.operations.SendManagedThingCommand, {
      ManagedThingId: light.id,
      Endpoints: [
        { endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions }] },
      ],
    });
    await room.say(light, response(traceId, [200]));
    expect(await outcomes(light.id)).toEqual([[traceId, "failed"]]);
  });

  test("without an answer fails once, at its time; a late answer changes the state only", async () => {
    const light = await room.light("timeout-1");
    const traceId = await room.command(light.id);
    await later(COMMAND_SECONDS - 1);
    expect(await outcomes(light.id)).toEqual([]);
    await later(1);
    expect(await outcomes(light.id)).toEqual([[traceId, "failed"]]);
    expect(await openCommands(light.id)).toBe(0);
    await room.say(light, response(traceId, [200], { OnOff: true }));
    await later(COMMAND_SECONDS);
    expect(await outcomes(light.id)).toEqual([[traceId, "failed"]]);
    expect(await room.state(light.id)).toEqual({ "1/OnOff": true });
  });

  test("with the answer in the moment of its timeout ends once, and the state is kept", async () => {
    const lights = await Promise.all([1, 2, 3, 4, 5, 6].map((index) => room.light(`race-${index}`)));
    const traces = await Promise.all(lights.map(({ id }) => room.command(id)));
    const answers = lights.map(async (light, index) => {
      for (let turn = 0; turn < index; turn++) await new Promise((resolve) => setImmediate(resolve));
      return room.say(light, response(traces[index] ?? "", [200], { OnOff: true }));
    });
    room.clock.advance(COMMAND_SECONDS * 1000);
    expect(await Promise.all(answers)).toEqual(lights.map(() => undefined));
    await room.timers.idle();
    for (const [index, { id }] of lights.entries()) {
      expect(await outcomes(id)).toEqual([[traces[index], expect.stringMatching(/^(succeeded|failed)$/)]]);
      expect(await room.state(id)).toEqual({ "1/OnOff": true });
      expect(await openCommands(id)).toBe(0);
    }
  });

  test("that a server left open fails at once when the next one starts after its time", async () => {
    const light = await room.light("restart-1");
    const lost = await room.command(light.id);
    room.clock.advance(30_000);
    const young = await room.command(light.id);
    const before = room;
    const managed = before.managed;
    managed.stop();
    await before.timers.stop();
    before.clock.advance(30_000);
    const next = await before.restart();
    await next.timers.idle();
    expect(await outcomes(light.id, next)).toEqual([[lost, "failed"]]);
    await next.say(light, response(young, [200], { OnOff: true }));
    expect(await outcomes(light.id, next)).toEqual([
      [lost, "failed"],
      [young, "succeeded"],
    ]);
    expect(await next.state(light.id)).toEqual({ "1/OnOff": true });
    // The rest of the suite goes on with the server that runs now.
    const close = next.close;
    room = {
      ...next,
      async close() {
        await close();
        await before.close();
      },
    };
  });

  test("and all that its answer changes are one commit: when that fails nothing has happened, and it may come again", async () => {
    const light = await room.light("commit-1");
    const traceId = await room.command(light.id);
    await room.outbox.idle();
    const message = response(traceId, [200], { OnOff: true });
    const commit = vi.spyOn(room.database, "commit").mockRejectedValueOnce(new Error("disk full"));
    await expect(room.say(light, message)).rejects.toThrow("disk full");
    expect([await openCommands(light.id), await room.state(light.id), await outcomes(light.id)]).toEqual([1, {}, []]);
    expect((await refusalOf(room.shadow(light.id))).name).toBe("ResourceNotFoundException");

    commit.mockClear();
    expect(await room.say(light, message)).toBeUndefined();
    await room.outbox.idle();
    const changing = commit.mock.calls.filter(([writes]) => writes.some(({ sql }) => sql.includes("managed_")));
    commit.mockRestore();
    expect(changing).toHaveLength(1);
    const sql = changing[0]?.[0].map((write) => write.sql.match(/(?:INTO|UPDATE|FROM) (\w+)/)?.[1]);
    for (const table of ["managed_thing", "managed_property", "managed_command", "hearth_timer", "hearth_outbox"]) {
      expect(sql).toContain(table);
    }
    expect(sql?.some((table) => table?.includes("shadow"))).toBe(true);
    expect(await outcomes(light.id)).toEqual([[traceId, "succeeded"]]);
    expect(await room.shadow(light.id)).toEqual({ endpoints: { "1": { "matter.OnOff": { OnOff: true } } } });
  });

  test("many of one device, answered out of order, each end once with their own result", async () => {
    const light = await room.light("many-1");
    const traces = await Promise.all(Array.from({ length: 10 }, () => room.command(light.id)));
    expect(new Set(traces).size).toBe(10);
    const answered = traces.toReversed();
    await Promise.all(answered.map((traceId, index) => room.say(light, response(traceId, [index % 2 ? 500 : 200]))));
    expect(await outcomes(light.id)).toEqual(
      answered.map((traceId, index) => [traceId, index % 2 ? "failed" : "succeeded"]),
    );
  });

  test("and what the device reports besides keep the order in which they came", async () => {
    const light = await room.light("order-1");
    const traceId = await room.command(light.id);
    await Promise.all([
      room.say(light, event({ OnTime: 1 })),
      room.say(light, response(traceId, [200], { OnOff: true })),
      room.say(light, event({ OnTime: 2 })),
    ]);
    expect((await room.notified(light.id)).map(({ type }) => type)).toEqual([
      "DEVICE_EVENT",
      "DEVICE_STATE",
      "DEVICE_COMMAND",
      "DEVICE_EVENT",
      "DEVICE_STATE",
      "DEVICE_EVENT",
      "DEVICE_STATE",
    ]);
  });

  test("that nobody can get fails at once: told once, not sent, not open", async () => {
    const light = await room.light("nobody-1");
    reach = "nobody";
    const before = room.sent.length;
    const traceId = await room.command(light.id);
    reach = "live";
    const at = new Date(room.clock.now()).toISOString();
    expect((await room.notified(light.id)).map(({ payload }) => payload)).toEqual([
      { traceId, receivedAt: at, executedAt: at, result: "failed" },
    ]);
    expect([room.sent.length, await openCommands(light.id), await timers()]).toEqual([before, 0, 0]);
    await later(COMMAND_SECONDS);
    expect(await outcomes(light.id)).toEqual([[traceId, "failed"]]);
  });

  test("is on record before it leaves for a device that has nothing else to keep it", async () => {
    const light = await room.light("record-1");
    const before = room.sent.length;
    const asked = room.command(light.id);
    while (room.sent.length === before) await new Promise((resolve) => setImmediate(resolve));
    expect(await openCommands(light.id)).toBe(1);
    await asked;
  });

  test("for a persistent session waits there, no longer than its time", async () => {
    const light = await room.light("queued-1");
    reach = "kept";
    const traceId = await room.command(light.id);
    reach = "live";
    expect(room.sent.at(-1)).toMatchObject({ properties: { messageExpiryInterval: COMMAND_SECONDS }, neverLate: true });
    await room.say(light, response(traceId, [200]));
    expect(await outcomes(light.id)).toEqual([[traceId, "succeeded"]]);
  });

  describe("is refused", () => {
    const refused = async (name: string, parameters: Record<string, unknown>, changes: object = {}) => {
      const { id } = await room.light(`refused-${name}-${JSON.stringify(changes).length}`);
      const capability = {
        id: "matter.OnOff@1.4",
        name: "On/Off",
        version: "6",
        actions: [{ name, parameters }],
        ...changes,
      };
      const before = room.sent.length;
      const refusal = await refusalOf(
        room.call(room.managed.operations.SendManagedThingCommand, {
          ManagedThingId: id,
          Endpoints: [{ endpointId: "1", capabilities: [capability] }],
        }),
      );
      expect(room.sent.length).toBe(before);
      expect(await openCommands(id)).toBe(0);
      return refusal;
    };

    test("of an action that the device has not reported", async () => {
      expect(await refused("OffWithEffect", {})).toMatchObject({
        name: "ValidationException",
        message: expect.stringContaining("Endpoints"),
      });
    });

    test("of a capability that the device has not reported", async () => {
      expect((await refused("On", {}, { id: "matter.DoorLock@1.4" })).name).toBe("ValidationException");
    });

    test("with parameters that are not the action's", async () => {
      expect((await refused("UpdateState", { OnTime: "soon" })).name).toBe("ValidationException");
    });

    test("of a thing that is not there, or not activated", async () => {
      expect((await refusalOf(room.command("0".repeat(32)))).name).toBe("ResourceNotFoundException");
      const id = await room.create("refused-unassociated");
      expect(await refusalOf(room.command(id))).toMatchObject({
        name: "ValidationException",
        message: expect.stringContaining("UNASSOCIATED"),
      });
    });
  });
}
