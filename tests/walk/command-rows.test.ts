import { createDevice, createMemoryCredentialStore, createMqttAgent, type Device } from "@hearth/device-sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { action, type Claim, type Fleet, openFleet } from "./fleet.ts";
import { eventTypes, type Notifications, openNotifications } from "./stream.ts";

// Rows of the acceptance checklist, section 15 of the reference, by their numbers.
let fleet: Fleet;
let claim: Claim;
let notifications: Notifications;
const devices: Device[] = [];

beforeAll(async () => {
  fleet = await openFleet();
  notifications = await openNotifications(fleet, "rows", [...eventTypes, "DEVICE_COMMAND_REQUEST"]);
  claim = await fleet.claim();
});
afterAll(async () => {
  await Promise.all(devices.map((device) => device.stop()));
  await fleet?.close();
});

/** A device of the SDK, provisioned; `declare` its capabilities before it starts. */
async function device(declare: (device: Device) => void): Promise<Device> {
  const { info } = await fleet.expect();
  const store = createMemoryCredentialStore();
  const credential = await fleet.provision(claim, info, store, true);
  const agent = createMqttAgent({
    connection: { host: "localhost", port: fleet.file.mqttsPort, ca: fleet.ca, ...credential },
  });
  const made = createDevice({ agent, store, id: credential.managedThingId, nodeId: "device" });
  declare(made);
  devices.push(made);
  await made.start();
  return made;
}

const send = async (id: string, Endpoints: unknown): Promise<string> => {
  const sent = await fleet.managed.send("SendManagedThingCommand", {
    ManagedThingId: id,
    Endpoints: Endpoints as never,
  });
  return sent.TraceId ?? "";
};
const outcomeOf = async (traceId: string) =>
  (await notifications.next("DEVICE_COMMAND", ({ payload }) => payload["traceId"] === traceId)).payload["result"];

/** Values and times of change by the property's name. */
async function stateOf(id: string): Promise<Record<string, { propertyValue: unknown; lastChangedAt: string }>> {
  const { Endpoints } = await fleet.managed.send("GetManagedThingState", { ManagedThingId: id });
  type Property = { name: string; value: { propertyValue: unknown; lastChangedAt: string } };
  const properties = Endpoints.flatMap(({ capabilities = [] }) => capabilities).flatMap(
    (capability) => (capability.properties ?? []) as Property[],
  );
  return Object.fromEntries(properties.map(({ name, value }) => [name, value]));
}

describe("a light", () => {
  let light: Device;
  const state = { on: false, time: 0, traces: [] as string[] };
  beforeAll(async () => {
    light = await device((made) => {
      made.endpoint("1", { deviceTypes: ["On/Off Light"] }).capability("matter.OnOff@1.4", {
        name: "On/Off",
        version: "6",
        properties: {
          OnOff: { get: () => state.on },
          OnTime: {
            get: () => state.time,
            set: (value) => {
              state.time = Number(value);
            },
          },
        },
        actions: {
          On: (_parameters, { traceId }) => {
            state.traces.push(traceId);
            state.on = true;
          },
          Off: () => {
            throw new Error("stuck");
          },
        },
      });
    });
  });

  test.each([
    ["one property", ["OnTime"], { OnOff: false, OnTime: 7 }],
    ["*", ["*"], { OnOff: true, OnTime: 7 }],
  ])(
    "row 33: ReadState of %s refreshes the stored state from the device",
    async (_what, propertiesToRead, expected) => {
      Object.assign(state, { on: true, time: 7 });
      expect(await outcomeOf(await send(light.id, action("ReadState", { propertiesToRead })))).toBe("succeeded");
      const stored = await stateOf(light.id);
      expect({ OnOff: stored["OnOff"]?.propertyValue, OnTime: stored["OnTime"]?.propertyValue }).toEqual(expected);
    },
  );

  test("row 34: UpdateState of OnTime changes the device and then the stored state", async () => {
    const before = (await stateOf(light.id))["OnTime"];
    expect(await outcomeOf(await send(light.id, action("UpdateState", { OnTime: 30 })))).toBe("succeeded");
    expect(state.time).toBe(30);
    const after = (await stateOf(light.id))["OnTime"];
    expect(after?.propertyValue).toBe(30);
    expect(Date.parse(after?.lastChangedAt ?? "")).toBeGreaterThan(Date.parse(before?.lastChangedAt ?? ""));
  });

  test("row 35: the TraceId is in the device's request, in its reply and in the notification", async () => {
    const traceId = await send(light.id, action("On"));
    // The outcome is of the command that the reply names.
    expect(await outcomeOf(traceId)).toBe("succeeded");
    expect(state.traces).toContain(traceId);
  });

  test("row 36: GetManagedThingState shows the value reported last, and when it changed", async () => {
    await light.reportProperties("1", "matter.OnOff", { OnTime: 31 });
    const first = (await stateOf(light.id))["OnTime"];
    expect(first?.propertyValue).toBe(31);
    await light.reportProperties("1", "matter.OnOff", { OnTime: 31 });
    expect((await stateOf(light.id))["OnTime"]).toEqual(first);
  });

  test("row 37: a change of the device's own is a DEVICE_EVENT and a DEVICE_STATE; a repetition is an event only", async () => {
    const about = (value: number) => (one: { payload: unknown; resources: string[] }) =>
      one.resources[0]?.endsWith(light.id) === true && JSON.stringify(one.payload).includes(`${value}`);
    await light.reportProperties("1", "matter.OnOff", { OnTime: 4711 });
    await notifications.next("DEVICE_EVENT", about(4711));
    await notifications.next("DEVICE_STATE", about(4711));
    await light.reportProperties("1", "matter.OnOff", { OnTime: 4711 });
    await light.reportProperties("1", "matter.OnOff", { OnTime: 4712 });
    await notifications.next("DEVICE_EVENT", about(4711));
    await notifications.next("DEVICE_STATE", about(4712));
    const states = (await notifications.all()).filter((one) => one.messageType === "DEVICE_STATE" && about(4711)(one));
    expect(states).toHaveLength(1);
  });

  test("row 41: DEVICE_COMMAND is sent with succeeded and with failed", async () => {
    expect(await outcomeOf(await send(light.id, action("On")))).toBe("succeeded");
    expect(await outcomeOf(await send(light.id, action("Off")))).toBe("failed");
  });
});

test("row 42: a camera's WebRTC offer reaches the app, and the app's answer the camera, by actionTraceId", async () => {
  const SIGNALING = "camera.Signaling@1.0";
  const camera = await device((made) => {
    made.endpoint("1", { deviceTypes: ["Camera"] }).capability(SIGNALING, {
      name: "Signaling",
      version: "1",
      actions: { Offer: () => undefined, Answer: () => undefined },
    });
  });
  const answer = camera.request("1", SIGNALING, "Offer", { sdp: "v=0 offer" });
  const { payload } = await notifications.next("DEVICE_COMMAND_REQUEST", ({ resources }) =>
    resources.some((arn) => arn.endsWith(camera.id)),
  );
  type Asked = { endpoints: { capabilities: { id: string; actions: Record<string, unknown>[] }[] }[] };
  const [asked] = (payload as unknown as Asked).endpoints[0]?.capabilities ?? [];
  const [offer] = asked?.actions ?? [];
  expect([asked?.id, offer]).toEqual([
    SIGNALING,
    { name: "Offer", parameters: { sdp: "v=0 offer" }, actionTraceId: expect.stringMatching(/^[a-zA-Z0-9]+=$/) },
  ]);
  const reply = { name: "Answer", parameters: { sdp: "v=0 answer" }, actionTraceId: offer?.["actionTraceId"] };
  const capability = { id: SIGNALING, name: "Signaling", version: "1", actions: [reply] };
  const traceId = await send(camera.id, [{ endpointId: "1", capabilities: [capability] }]);
  expect(await answer).toEqual({ name: "Answer", parameters: { sdp: "v=0 answer" } });
  expect(await outcomeOf(traceId)).toBe("succeeded");
});
