import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Device, event, jsonOf, type OpenTestRoom, refusalOf, response, type TestRoom } from "../test-room.ts";
import { MAX_REQUESTS, REQUEST_MS } from "./request-store.ts";

const LOCK = "matter.DoorLock@1.4";
const SIGNALING = "camera.Signaling@1.0";
const capability = (id: string, name: string, actions: string[]) => ({
  ...{ id, name, version: "1", actions },
  ...{ properties: [], events: [] },
});
const REPORT = {
  version: "1.0.0",
  nodeId: "camera",
  endpoints: [
    {
      id: "1",
      deviceTypes: ["Camera"],
      capabilities: [
        capability(SIGNALING, "Signaling", ["Answer", "Candidate", "Offer"]),
        capability(LOCK, "Door Lock", ["GetWeekDaySchedule"]),
      ],
    },
  ],
};

/** What a device asks for, and how an app answers, on whatever database `open` gives. */
export function describeRequests(open: OpenTestRoom): void {
  let room: TestRoom;
  let camera: Device;
  let count = 0;
  const trace = () => `offer${String(++count).padStart(10, "0")}=`;

  beforeAll(async () => {
    room = await open();
    await room.configure("all", ["DEVICE_COMMAND", "DEVICE_COMMAND_REQUEST"]);
    camera = await room.light("camera-1", undefined, REPORT);
  });
  afterAll(() => room.close());

  const ask = (actionTraceId: string, changes: { id?: string; name?: string } = {}, device = camera) => {
    const { id = SIGNALING, name = "Offer" } = changes;
    const actions = [{ name, actionTraceId, parameters: { sdp: "v=0" } }];
    const endpoints = [{ endpointId: "1", capabilities: [{ id, actions }] }];
    return room.say(device, event({}, { messageType: "DEVICE_COMMAND_REQUEST", endpoints }));
  };
  const answer = async (actionTraceId: string, name: string, parameters: object = {}, id = SIGNALING) => {
    const actions = [{ name, actionTraceId, ref: "app.answer", parameters: parameters as Record<string, never> }];
    return room.call(room.managed.operations.SendManagedThingCommand, {
      ManagedThingId: camera.id,
      Endpoints: [{ endpointId: "1", capabilities: [{ id, name: "Signaling", version: "1", actions }] }],
    });
  };

  test("an app is told of the offer, its answer goes to the device by the actionTraceId, and has an outcome", async () => {
    const id = trace();
    expect(await ask(id)).toBeUndefined();
    expect((await room.notified(camera.id)).at(-1)).toEqual({
      type: "DEVICE_COMMAND_REQUEST",
      payload: {
        endpoints: [
          {
            endpointId: "1",
            capabilities: [
              {
                ...{ id: SIGNALING, name: "Signaling", version: "1" },
                actions: [{ name: "Offer", actionTraceId: id, parameters: { sdp: "v=0" } }],
              },
            ],
          },
        ],
      },
    });
    const { TraceId = "" } = await answer(id, "Answer", { sdp: "v=1" });
    const sent = jsonOf(room.sent.at(-1));
    expect(sent).toMatchObject({ messageType: "DEVICE_COMMAND", traceId: TraceId });
    const action = { name: "Answer", actionTraceId: id, ref: "app.answer", parameters: { sdp: "v=1" } };
    expect(sent["endpoints"]).toMatchObject([{ capabilities: [{ id: SIGNALING, actions: [action] }] }]);
    const done = response(TraceId, []);
    const actions = [{ ...action, parameters: {}, responseCode: 200 }];
    Object.assign(done.endpoints[0]!, { capabilities: [{ id: SIGNALING, actions }] });
    expect(await room.say(camera, done)).toBeUndefined();
    expect((await room.notified(camera.id)).at(-1)?.payload).toMatchObject({ traceId: TraceId, result: "succeeded" });
  });

  test("an exchange has several messages, told apart by a number behind its id", async () => {
    const id = trace();
    await ask(id);
    for (const part of ["_1", "_2"]) await answer(id + part, "Candidate");
    await ask(`${id}_3`, { name: "Candidate" });
    await answer(id, "Answer");
  });

  test("the answer by the requested action itself is of the response's schema", async () => {
    const id = trace();
    await ask(id, { id: LOCK, name: "GetWeekDaySchedule" });
    const good = { WeekDayIndex: 1, UserIndex: 1 };
    await answer(id, "GetWeekDaySchedule", good, LOCK);
    const { name, message } = await refusalOf(answer(id, "GetWeekDaySchedule", { ...good, Colour: 1 }, LOCK));
    expect([name, message]).toEqual(["ValidationException", expect.stringContaining("Colour")]);
  });

  test("nobody answers what was not asked, was asked elsewhere, of another device, or too long ago", async () => {
    const refused = async (id: string, name = "Answer", capabilityId = SIGNALING) => {
      const refusal = await refusalOf(answer(id, name, {}, capabilityId));
      expect(refusal).toMatchObject({ name: "ValidationException", message: expect.stringContaining("actionTraceId") });
    };
    await refused(trace());
    const elsewhere = trace();
    await ask(elsewhere, { id: LOCK, name: "GetWeekDaySchedule" });
    await refused(elsewhere);
    const another = await room.light("camera-2", undefined, REPORT);
    const foreign = trace();
    await ask(foreign, {}, another);
    await refused(foreign);
    const old = trace();
    await ask(old);
    room.clock.advance(REQUEST_MS);
    await refused(old);
  });

  test("the open requests of a device are bounded, go after their time, and with the device", async () => {
    const device = await room.light("camera-3", undefined, REPORT);
    const rows = () => room.database.query("SELECT exchange FROM managed_request WHERE thing_id = ?", [device.id]);
    for (let i = 0; i < MAX_REQUESTS; i++) expect(await ask(trace(), {}, device)).toBeUndefined();
    expect(await ask(trace(), {}, device)).toMatchObject({ code: 503 });
    room.clock.advance(REQUEST_MS);
    expect(await ask(trace(), {}, device)).toBeUndefined();
    expect(await rows()).toHaveLength(1);
    await room.call(room.managed.operations.DeleteManagedThing, { Identifier: device.id, Force: true });
    expect(await rows()).toEqual([]);
  });

  describe("partial failure", () => {
    test("fails the command; what was done is in the state, what was not is not", async () => {
      const light = await room.light("partial-1");
      const traceId = await room.command(light.id);
      const message = response(traceId, [200, 500], { OnOff: true });
      expect(await room.say(light, message)).toBeUndefined();
      expect((await room.notified(light.id)).at(-1)?.payload).toMatchObject({ traceId, result: "failed" });
      expect(await room.state(light.id)).toEqual({ "1/OnOff": true });
    });

    test.each([0, 1, 2])("of the action number %i among three fails the command", async (failing) => {
      const light = await room.light(`partial-of-${failing}`);
      const actions = ["On", "Off", "Toggle"].map((name) => ({ name, parameters: {} }));
      const { TraceId: traceId = "" } = await room.call(room.managed.operations.SendManagedThingCommand, {
        ManagedThingId: light.id,
        Endpoints: [
          { endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions }] },
        ],
      });
      await room.say(
        light,
        response(
          traceId,
          [0, 1, 2].map((index) => (index === failing ? 504 : 200)),
        ),
      );
      expect((await room.notified(light.id)).at(-1)?.payload).toMatchObject({ traceId, result: "failed" });
    });
  });
}
