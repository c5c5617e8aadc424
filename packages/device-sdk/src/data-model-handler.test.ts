import assert from "node:assert/strict";
import { FakeClock } from "@hearth/base";
import { afterEach, describe, expect, test } from "vitest";
import { type CredentialStore, createMemoryCredentialStore } from "./credential-store.ts";
import { createDevice, type Device, type DeviceOptions } from "./data-model-handler.ts";
import { AgentStoppedError, RequestRejectedError } from "./errors.ts";
import { createMqttAgent } from "./mqtt-agent.ts";
import { provision } from "./provisionee.ts";
import { createShadow } from "./shadow.ts";
import { type SimulatedPlatform, type SimulatedPlatformOptions, startSimulatedPlatform } from "./simulator/platform.ts";

const LAMP = "matter.OnOff@1.4";
const SWITCH = "matter.Switch@1.4";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const run of cleanup.splice(0).reverse()) await run();
});

async function platform(options: Partial<SimulatedPlatformOptions> = {}): Promise<SimulatedPlatform> {
  const devices = [{ serialNumber: "SN-1", universalProductCode: "829576019524" }];
  const started = await startSimulatedPlatform({ devices, ...options });
  cleanup.push(() => started.close());
  return started;
}

/** A provisioned lamp that is not yet started. */
async function lamp(
  cloud: SimulatedPlatform,
  options: Partial<DeviceOptions> & { store?: CredentialStore } = {},
): Promise<{
  device: Device;
  state: { on: boolean };
  store: CredentialStore;
  agent: ReturnType<typeof createMqttAgent>;
}> {
  const { host, port, ca } = cloud;
  const store = options.store ?? createMemoryCredentialStore();
  const credential = await provision({
    host,
    port,
    ca,
    claimCertificate: cloud.claim.certificate,
    claimPrivateKey: cloud.claim.privateKey,
    templateName: cloud.templateName,
    parameters: { SerialNumber: "SN-1", UniversalProductCode: "829576019524" },
    store,
  });
  const agent = createMqttAgent({
    connection: { host, port, ca, ...credential },
    backOff: { minimum: 1, maximum: 4 },
  });
  const device = createDevice({ agent, store, id: credential.managedThingId, nodeId: "lamp-1", ...options });
  const state = { on: false };
  const endpoint = device.endpoint("1", { deviceTypes: ["On/Off Light"] });
  endpoint.capability(SWITCH, { name: "Switch", version: "2", events: ["InitialPress"] });
  endpoint.capability(LAMP, {
    name: "On/Off",
    version: "6",
    properties: { OnOff: { get: () => state.on } },
    actions: {
      On() {
        state.on = true;
      },
      Off() {
        state.on = false;
      },
    },
  });
  cleanup.push(() => agent.stop({ timeout: 0 }));
  return { device, state, store, agent };
}

const on = [{ endpointId: "1", capabilities: [{ id: LAMP, actions: [{ name: "On", parameters: {} }] }] }];

describe("start", () => {
  test("uploads what the device can do, then reports everything", async () => {
    const cloud = await platform();
    const { device } = await lamp(cloud);
    await device.start();
    const [report, event] = cloud.messages;
    expect(report).toEqual({
      topic: `$aws/managed-integrations/${device.id}/capabilities`,
      body: {
        version: "1.0.0",
        nodeId: "lamp-1",
        endpoints: [
          {
            id: "1",
            deviceTypes: ["On/Off Light"],
            capabilities: [
              { id: SWITCH, name: "Switch", version: "2", properties: [], actions: [], events: ["InitialPress"] },
              {
                id: LAMP,
                name: "On/Off",
                version: "6",
                properties: ["OnOff"],
                actions: ["Off", "On"],
                events: [],
              },
            ],
          },
        ],
      },
    });
    expect(event).toEqual({
      topic: `north/${device.id}/control`,
      body: {
        messageType: "DEVICE_EVENT",
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        eventNumber: expect.any(Number),
        endpoints: [{ endpointId: "1", capabilities: [{ id: LAMP, properties: [{ name: "OnOff", value: false }] }] }],
      },
    });
  });

  test("a report that is refused is an error with the platform's words", async () => {
    const cloud = await platform({ refuseReport: () => "endpoints[0].capabilities[0].id: unknown" });
    const { device } = await lamp(cloud);
    const refused = device.start();
    await expect(refused).rejects.toThrow(RequestRejectedError);
    await expect(refused).rejects.toMatchObject({ code: 400, message: "endpoints[0].capabilities[0].id: unknown" });
  });

  test("a report whose answer is lost is sent again", async () => {
    const clock = new FakeClock();
    let reports = 0;
    const cloud = await platform({
      fate: (_client, { topic }) => {
        if (!topic.endsWith("/capabilities")) return "acknowledge";
        reports++;
        return reports === 1 ? "lose" : "acknowledge";
      },
    });
    const { device } = await lamp(cloud, { clock });
    const started = device.start();
    const settled = started.then(() => true);
    // Only the device's patience hangs on this clock; the network takes the turns of the event loop that it needs.
    const turn = () => new Promise<false>((resolve) => setImmediate(() => resolve(false)));
    while (!(await Promise.race([settled, turn()]))) clock.advance(10);
    expect(reports).toBe(2);
  });

  test("stopping meanwhile ends it", async () => {
    const cloud = await platform({
      fate: (_client, { topic }) => (topic.startsWith("$aws/m") ? "lose" : "acknowledge"),
    });
    const { device, agent } = await lamp(cloud);
    const started = device.start();
    const outcome = expect(started).rejects.toThrow(AgentStoppedError);
    await agent.whenConnected();
    await device.stop();
    await outcome;
    expect(await device.closed).toBe("stopped");
  });
});

describe("commands", () => {
  test("are carried out and answered over the wire", async () => {
    const cloud = await platform();
    const { device, state } = await lamp(cloud);
    await device.start();
    const response = await cloud.command(device.id, on, "trace-1");
    expect(response).toEqual({
      messageType: "DEVICE_COMMAND_RESPONSE",
      traceId: "trace-1",
      timestamp: expect.any(String),
      eventNumber: expect.any(Number),
      endpoints: [
        {
          endpointId: "1",
          capabilities: [
            {
              id: LAMP,
              actions: [{ name: "On", responseCode: 200, parameters: {} }],
              properties: [{ name: "OnOff", value: true }],
            },
          ],
        },
      ],
    });
    expect(state.on).toBe(true);
  });

  test("survive breaking connections: each is answered, event numbers increase", async () => {
    let count = 0;
    const cloud = await platform({
      fate: (_client, { topic }) => {
        if (!topic.startsWith("north/")) return "acknowledge";
        return (["acknowledge", "break", "process-and-break"] as const)[count++ % 3]!;
      },
    });
    const { device } = await lamp(cloud);
    await device.start();
    for (let n = 0; n < 20; n++) {
      expect(await cloud.command(device.id, on, `trace-${n}`)).toMatchObject({ traceId: `trace-${n}` });
    }
    const numbers = cloud.messages.flatMap(({ body }) =>
      typeof body["eventNumber"] === "number" ? body["eventNumber"] : [],
    );
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(numbers.length).toBeGreaterThanOrEqual(21);
  });

  test("and removals of the devices behind a hub are left to others", async () => {
    const cloud = await platform();
    const { device, state, store } = await lamp(cloud, { onRejected: () => assert.fail("not about the hub") });
    await device.start();
    const about = { managedThingId: "child", timestamp: "2026-01-01T00:00:00Z", traceId: "trace-child" };
    const foreign = { ...about, messageType: "DEVICE_COMMAND", endpoints: on };
    cloud.south(device.id, "control", JSON.stringify(foreign));
    cloud.south(device.id, "setup", JSON.stringify({ ...about, messageType: "DEVICE_REMOVAL" }));
    cloud.south(device.id, "rejected", JSON.stringify({ ...about, code: 404, message: "no such device" }));
    const off = [{ endpointId: "1", capabilities: [{ id: LAMP, actions: [{ name: "Off", parameters: {} }] }] }];
    await cloud.command(device.id, off, "trace-own");
    expect(state.on).toBe(false);
    expect(cloud.messages.some(({ body }) => body["traceId"] === "trace-child")).toBe(false);
    expect(await store.load("Device Cert")).toBeDefined();
  });

  test("nonsense is ignored, and the next command still works", async () => {
    const cloud = await platform();
    const { device } = await lamp(cloud);
    await device.start();
    for (const nonsense of ["", "{", "[]", "null", '{"messageType":"DEVICE_COMMAND"}', `{"a":${"[".repeat(5000)}`]) {
      cloud.south(device.id, "control", nonsense);
      cloud.south(device.id, "setup", nonsense);
      cloud.south(device.id, "rejected", nonsense);
    }
    expect(await cloud.command(device.id, on)).toMatchObject({ messageType: "DEVICE_COMMAND_RESPONSE" });
  });
});

describe("reports", () => {
  test("immediate ones leave at once; the others wait for company, the last value of a property wins", async () => {
    const clock = new FakeClock();
    const cloud = await platform();
    const { device } = await lamp(cloud, { clock, reportInterval: 500 });
    await device.start();
    const events = () => cloud.messages.filter(({ body }) => body["messageType"] === "DEVICE_EVENT").slice(1);

    const batched = [
      device.reportProperties("1", LAMP, { OnOff: true }, { immediate: false }),
      device.reportEvent("1", SWITCH, "InitialPress", { NewPosition: 1 }, { immediate: false }),
      device.reportProperties("1", LAMP, { OnOff: false }, { immediate: false }),
    ];
    clock.advance(499);
    await cloud.command(device.id, on);
    expect(events()).toEqual([]);
    clock.advance(1);
    await Promise.all(batched);
    expect(events()).toMatchObject([
      {
        body: {
          endpoints: [
            {
              endpointId: "1",
              capabilities: [
                { id: LAMP, properties: [{ name: "OnOff", value: false }] },
                { id: SWITCH, events: [{ name: "InitialPress", parameters: { NewPosition: 1 } }] },
              ],
            },
          ],
        },
      },
    ]);

    const late = device.reportProperties("1", "matter.OnOff", { OnOff: true }, { immediate: false });
    await device.reportEvent("1", SWITCH, "InitialPress", { NewPosition: 0 });
    await late;
    expect(events()).toHaveLength(2);
  });

  test("of what was not declared are refused", async () => {
    const cloud = await platform();
    const { device } = await lamp(cloud);
    await expect(device.reportProperties("1", LAMP, { Colour: 1 })).rejects.toThrow(RangeError);
    await expect(device.reportProperties("2", LAMP, { OnOff: true })).rejects.toThrow(RangeError);
    await expect(device.reportEvent("1", LAMP, "Explosion")).rejects.toThrow(RangeError);
  });

  test("the platform's reasons for rejecting a message reach the application", async () => {
    const cloud = await platform();
    const reason = { code: 400, message: "no such property", eventNumber: 7 };
    let rejected: (reason: unknown) => void = () => {};
    const told = new Promise<unknown>((resolve) => {
      rejected = resolve;
    });
    const { device } = await lamp(cloud, { onRejected: (why) => rejected(why) });
    await device.start();
    cloud.south(device.id, "rejected", JSON.stringify(reason));
    expect(await told).toEqual(reason);
  });

  test("event numbers go on after a restart", async () => {
    const cloud = await platform();
    const store = createMemoryCredentialStore();
    const first = await lamp(cloud, { store });
    await first.device.start();
    await first.device.stop();
    const second = await lamp(cloud, { store });
    await second.device.start();
    // The simulated platform drops what does not increase.
    expect(cloud.messages.filter(({ body }) => body["messageType"] === "DEVICE_EVENT")).toHaveLength(2);
  });
});

describe("removal", () => {
  test("calls the application, erases the permanent credentials, answers, ends", async () => {
    const cloud = await platform();
    const steps: string[] = [];
    const { device, store } = await lamp(cloud, {
      async onRemoval() {
        steps.push((await store.load("Device Cert")) ? "asked first" : "too late");
      },
    });
    await device.start();
    expect(await cloud.remove(device.id)).toMatchObject({ messageType: "DEVICE_REMOVAL_RESPONSE", responseCode: 200 });
    expect(await device.closed).toBe("removed");
    expect(steps).toEqual(["asked first"]);
    expect(await store.load("Device Cert")).toBeUndefined();
  });

  test("is over even if the answer never gets through", async () => {
    const clock = new FakeClock();
    let refused: () => void = () => {};
    const twice = new Promise<void>((resolve) => {
      let count = 0;
      refused = () => ++count === 2 && resolve();
    });
    const cloud = await platform({
      fate(_client, { topic }) {
        if (!topic.endsWith("/setup")) return "acknowledge";
        refused();
        return "break";
      },
    });
    const { device, store } = await lamp(cloud, { clock });
    await device.start();
    cloud.south(
      device.id,
      "setup",
      JSON.stringify({ messageType: "DEVICE_REMOVAL", timestamp: "2026-01-01T00:00:00Z" }),
    );
    await twice;
    clock.advance(10_000);
    expect(await device.closed).toBe("removed");
    expect(await store.load("Device Cert")).toBeUndefined();
  });

  test("an application that cannot let go keeps the credentials, and the platform is told", async () => {
    const cloud = await platform();
    const { device, store } = await lamp(cloud, {
      onRemoval() {
        throw new Error("door is open");
      },
    });
    await device.start();
    expect(await cloud.remove(device.id)).toMatchObject({ responseCode: 500, errors: [{ message: "door is open" }] });
    expect(await store.load("Device Cert")).toBeDefined();
    expect(await cloud.command(device.id, on)).toMatchObject({ messageType: "DEVICE_COMMAND_RESPONSE" });
  });
});

describe("declarations", () => {
  test.each([
    ["an id without version", "matter.OnOff"],
    ["an id with other characters", "matter/OnOff@1.4"],
  ])("%s is refused", async (_what, id) => {
    const cloud = await platform();
    const { device } = await lamp(cloud);
    expect(() => device.endpoint("2", { deviceTypes: [] }).capability(id, {})).toThrow(RangeError);
  });

  test("the same thing twice is refused", async () => {
    const cloud = await platform();
    const { device } = await lamp(cloud);
    expect(() => device.endpoint("1", { deviceTypes: [] })).toThrow(RangeError);
    const second = device.endpoint("2", { deviceTypes: [] }).capability(LAMP, {});
    expect(() => second.capability("matter.OnOff@1.5", {})).toThrow(RangeError);
  });
});

describe("shadow", () => {
  test("requests are matched with their answers by client token", async () => {
    const cloud = await platform();
    const { device, agent } = await lamp(cloud);
    agent.start();
    const shadow = createShadow({ agent, thingName: device.id, name: "settings" });
    const topic = `$aws/things/${device.id}/shadow/name/settings`;
    const answer = async (operation: string, outcome: string, body: object, nth: number) => {
      const requests = () => cloud.messages.filter((message) => message.topic === `${topic}/${operation}`);
      await cloud.message(() => requests().length >= nth);
      const clientToken = requests()[nth - 1]?.body["clientToken"];
      cloud.broker.publish(`${topic}/${operation}/${outcome}`, JSON.stringify({ ...body, clientToken }));
    };
    const got = shadow.get();
    const outcome = expect(got).rejects.toMatchObject({ code: 404, message: "No shadow" });
    await answer("get", "rejected", { code: 404, message: "No shadow" }, 1);
    await outcome;

    const updated = shadow.update({ reported: { mode: "eco" } }, 3);
    await answer("update", "accepted", { version: 4 }, 1);
    expect(await updated).toMatchObject({ version: 4 });
    expect(cloud.messages.at(-1)?.body).toMatchObject({ state: { reported: { mode: "eco" } }, version: 3 });

    let heard: (delta: unknown) => void = () => {};
    const delta = new Promise<unknown>((resolve) => {
      heard = resolve;
    });
    await shadow.onDelta((value) => heard(value));
    cloud.broker.publish(`${topic}/update/delta`, JSON.stringify({ state: { mode: "full" }, version: 5 }));
    expect(await delta).toEqual({ state: { mode: "full" }, version: 5 });
  });
});
