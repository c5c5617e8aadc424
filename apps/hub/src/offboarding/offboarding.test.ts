import { createLogger, FakeClock } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { expect, test } from "vitest";
import type { Bus } from "../bus/bus.ts";
import { createMemoryBus } from "../bus/memory-bus.ts";
import { createMemoryRadio } from "../plugins/memory-radio.ts";
import { createProvisionerPart } from "../provisioner/provisioner-part.ts";
import { zigbeeLamp } from "../provisioner/simulated-home.ts";
import type { JsonFile } from "../state/state.ts";

const removal = { messageType: "DEVICE_REMOVAL", traceId: "t-1" };
const SETTINGS = {
  ...{ configPath: "", stateDirectory: "", runDirectory: "", logDirectory: "" },
  customPlugins: [],
};

/** An onboarded hub: its radios, the services of its other parts, and a cloud that takes messages while it is there. */
function hub() {
  const files = new Map<string, string>();
  const disk = { isFull: false };
  const clock = new FakeClock();
  const bus = createMemoryBus();
  const zigbee = createMemoryRadio(bus, "zigbee", clock);
  const zwave = createMemoryRadio(bus, "zwave", clock);
  const erased: string[] = [];
  const sent: JsonObject[] = [];
  const identity = { managedThingId: "hub-1" };
  const uplink = { connected: true, dismissed: false, queued: 0, takes: true, reasonToFail: "" };
  bus.serve("mqtt", {
    async send({ message }) {
      sent.push(message as JsonObject);
      if (!uplink.takes) uplink.queued++;
      return {};
    },
    status: async () => {
      const { connected, dismissed, queued } = uplink;
      return { connected, dismissed, queued, since: 0 };
    },
  });
  bus.serve("agent", {
    async erase() {
      erased.push("agent");
      return {};
    },
  });
  bus.serve("log", {
    async reset() {
      erased.push("log");
      return {};
    },
  });
  bus.serve("cdmb", {
    bound: async () => ({}),
    refresh: async () => ({}),
    devices: async () => ({ devices: [{ deviceId: zigbeeLamp(1).device.deviceId }] }),
    async unbound({ deviceId }) {
      erased.push(String(deviceId));
      return {};
    },
  });
  const rw = (): JsonObject => (identity.managedThingId ? { managed_thing_id: identity.managedThingId } : {});
  bus.serve("config", {
    read: async () => ({ ro: {}, rw: rw() }),
    async erase() {
      if (uplink.reasonToFail) throw new Error(uplink.reasonToFail);
      erased.push("config");
      return {};
    },
  });
  const openFile = async <T>(path: string, parse: (json: unknown) => T, initial: T): Promise<JsonFile<T>> => ({
    get value() {
      const text = files.get(path);
      return text === undefined ? initial : parse(JSON.parse(text));
    },
    async replace(next, { forget = false } = {}) {
      if (disk.isFull) throw new Error("ENOSPC: no space left on device");
      const before = files.get(path);
      if (forget) files.delete(`${path}.previous`);
      else if (before !== undefined) files.set(`${path}.previous`, before);
      files.set(path, JSON.stringify(next));
    },
  });
  const warnings: string[] = [];
  const log = createLogger("warn", { write: (line: string) => warnings.push(line) });
  const context = { clock, log, directory: "/state", settings: SETTINGS };
  const start = (on: Bus = bus) => createProvisionerPart({ openFile }).start({ ...context, bus: on });
  const rest = async () => {
    for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const addLamp = async () => {
    const { device, label } = zigbeeLamp(1);
    const page = {
      messageType: "DEVICE_PROVISIONING",
      first: true,
      complete: true,
      removed: [],
      devices: [{ ...label }],
    };
    bus.publish("mqtt.south.setup", page);
    await rest();
    zigbee.powerOn(device);
    await rest();
    bus.publish("mqtt.south.setup", {
      ...{ messageType: "DEVICE_ADDED", deviceId: device.deviceId, managedThingId: label.managedThingId },
    });
    await rest();
  };
  const responses = () => sent.filter(({ messageType }) => messageType === "DEVICE_REMOVAL_RESPONSE");
  const devices = async () => (await bus.request("provisioner", "devices", {}))["devices"];
  return {
    files,
    identity,
    disk,
    clock,
    bus,
    zigbee,
    zwave,
    erased,
    sent,
    uplink,
    warnings,
    start,
    rest,
    addLamp,
    responses,
    devices,
  };
}

test("row 85 (part): success: its devices leave, its radios are reset, the cloud is answered, then it is erased", async () => {
  const home = hub();
  const part = await home.start();
  await home.addLamp();
  expect(await home.devices()).toMatchObject([{ phase: "active" }]);
  // The answer has to be acknowledged before the certificate goes.
  home.uplink.takes = false;
  home.bus.publish("mqtt.south.setup", removal);
  await home.rest();
  expect(home.responses()).toEqual([{ messageType: "DEVICE_REMOVAL_RESPONSE", responseCode: 200, traceId: "t-1" }]);
  expect(home.erased).toEqual(["agent", zigbeeLamp(1).device.deviceId, "log"]);
  expect(await home.bus.request("provisioner", "queue", {})).toEqual({ requests: ["off-boarding"] });
  home.uplink.queued = 0;
  home.clock.advance(250);
  await home.rest();
  expect(home.erased).toEqual(["agent", zigbeeLamp(1).device.deviceId, "log", "config"]);
  const asked = home.zigbee.asked.map(({ method }) => method).filter((method) => ["remove", "reset"].includes(method));
  expect(asked).toEqual(["remove", "reset"]);
  expect(home.zwave.asked.map(({ method }) => method)).toContain("reset");
  expect(await home.devices()).toEqual([]);
  await part.stop();
});

test("a cloud that dismisses the hub before it has looked has taken the answer", async () => {
  const home = hub();
  const part = await home.start();
  Object.assign(home.uplink, { connected: false, dismissed: true, takes: false });
  home.bus.publish("mqtt.south.setup", removal);
  await home.rest();
  expect(home.responses()).toHaveLength(1);
  expect(home.erased).toContain("config");
  await part.stop();
});

test("row 86 (part): an off-boarded hub takes the labels and devices of another account", async () => {
  const home = hub();
  const part = await home.start();
  await home.addLamp();
  home.bus.publish("mqtt.south.setup", removal);
  await home.rest();
  expect(home.erased).toContain("config");
  home.sent.length = 0;
  await home.addLamp();
  expect(home.sent.map(({ messageType }) => messageType)).toContain("DEVICE_CAPABILITIES");
  expect(await home.devices()).toMatchObject([{ phase: "active" }]);
  await part.stop();
  // And nothing of the first account comes back with a restart.
  const again = await home.start();
  await home.rest();
  expect(home.responses()).toEqual([]);
  await again.stop();
});

test.each([
  ["the connection ends before the acknowledgement", { connected: false }, 250],
  ["a connection that stands takes nothing any more", {}, 10_000],
  ["the queue shrinks, and then no more", { queued: 1 }, 10_250],
  ["the uplink is down and stays so", "down", 10_000],
  ["the hub was killed meanwhile, and its network does not come back", "killed", 600_000],
] as const)("row 85 (part): hub done, cloud failed: %s", async (_name, change, wait) => {
  const home = hub();
  let part = await home.start();
  home.uplink.takes = false;
  home.uplink.queued = 1;
  if (typeof change === "string") home.uplink.connected = false;
  home.bus.publish("mqtt.south.setup", removal);
  await home.rest();
  if (change === "killed") {
    await part.stop();
    part = await home.start();
    await home.rest();
  }
  const passes = async (time: number) => {
    for (let passed = 0; passed < time; passed += 250) {
      home.clock.advance(250);
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
    }
    await home.rest();
  };
  if (typeof change === "object") Object.assign(home.uplink, change);
  await passes(wait - 250);
  expect(home.erased).not.toContain("config");
  await passes(250);
  expect(home.erased).toContain("config");
  await part.stop();
});

test("row 85 (part): hub failed: what cannot be noted is not begun, and the cloud is told", async () => {
  const home = hub();
  const part = await home.start();
  await home.addLamp();
  home.disk.isFull = true;
  home.bus.publish("mqtt.south.setup", removal);
  await home.rest();
  expect(home.responses()).toMatchObject([{ responseCode: 500, traceId: "t-1" }]);
  expect(home.responses()[0]?.["errors"]).toMatchObject([
    { message: expect.stringContaining("cannot be off-boarded") },
  ]);
  expect(home.erased).toEqual([]);
  expect((await home.zigbee.service.devices({})).devices).toHaveLength(1);
  await part.stop();
});

test("row 85 (part): hub failed: what cannot be erased is tried again, and the answer is given once", async () => {
  const home = hub();
  const part = await home.start();
  home.uplink.reasonToFail = "no space left on device";
  home.bus.publish("mqtt.south.setup", removal);
  await home.rest();
  home.bus.publish("mqtt.south.setup", removal);
  home.clock.advance(30_000);
  await home.rest();
  expect(home.responses()).toHaveLength(1);
  expect(home.erased).not.toContain("config");
  home.uplink.reasonToFail = "";
  home.clock.advance(30_000);
  await home.rest();
  expect(home.erased).toContain("config");
  await part.stop();
});

test("a radio that does not answer does not hold the hub back; a factory reset needs no cloud", async () => {
  const home = hub();
  home.zwave.stop();
  home.bus.serve("radio.zwave", {
    health: async () => ({ state: "up" }),
    devices: async () => {
      throw new Error("the Z-Wave controller is not reachable");
    },
  });
  const part = await home.start();
  home.uplink.connected = false;
  await home.bus.request("provisioner", "offboard", {});
  await home.rest();
  expect(home.responses()).toEqual([]);
  expect(home.erased).toContain("config");
  await part.stop();
});

test("a device that does not leave holds the hub back no more, and a person is told what to do about it", async () => {
  const home = hub();
  const asked: string[] = [];
  home.bus.serve("radio.custom", {
    provision: async () => ({ refused: [] }),
    health: async () => ({ state: "up" }),
    devices: async () => ({ devices: [{ deviceId: "matter.01", protocol: "custom", interviewed: true }] }),
    bind: async () => ({}),
    async remove() {
      asked.push("remove");
      return { outcome: "failed", reason: "the device did not leave within 5 s" };
    },
    async reset() {
      asked.push("reset");
      return {};
    },
  });
  const part = await home.start();
  home.bus.publish("mqtt.south.setup", removal);
  await home.rest();
  expect(home.erased).toContain("config");
  expect(asked).toEqual(["remove", "reset"]);
  expect(home.warnings.filter((line) => line.includes("matter.01"))).toEqual([
    expect.stringMatching(/did not leave within 5 s.*reset it by hand/),
  ]);
  await part.stop();
});

test("killed at any step of its off-boarding, the hub ends it when it starts again", async () => {
  // Before the first step is over nothing is noted: the cloud says it again when the hub connects.
  for (let steps = 1; steps < 16; steps++) {
    const home = hub();
    const first = await home.start();
    await home.addLamp();
    await first.stop();
    let left = steps;
    let isDead = false;
    const ends: (() => void)[] = [];
    const kept = (end: () => void) => {
      ends.push(end);
      return end;
    };
    // Dies as by kill -9: nothing more is asked, heard or answered.
    const mortal: Bus = {
      ...home.bus,
      subscribe: (topic, handler) => kept(home.bus.subscribe(topic, (body) => void (isDead || handler(body)))),
      serve: (service, methods) => kept(home.bus.serve(service, methods)),
      onPresence: (listener) => kept(home.bus.onPresence(listener)),
      async request(...what) {
        if (!isDead && left-- <= 0) {
          isDead = true;
          for (const end of ends) end();
        }
        return isDead ? new Promise<never>(() => {}) : home.bus.request(...what);
      },
    };
    left = Number.POSITIVE_INFINITY;
    await home.start(mortal);
    await home.rest();
    left = steps;
    home.bus.publish("mqtt.south.setup", removal);
    await home.rest();
    isDead = true;
    for (const end of ends) end();
    const second = await home.start();
    await home.rest();
    expect(home.erased).toContain("config");
    expect(home.responses().length).toBeGreaterThan(0);
    expect(home.responses().every(({ responseCode }) => responseCode === 200)).toBe(true);
    expect(await home.devices()).toEqual([]);
    expect((await home.zigbee.service.devices({})).devices).toEqual([]);
    await second.stop();
  }
});

test("a clock that is set while the answer waits makes the wait neither shorter nor longer", async () => {
  for (const jump of [1, -1].map((years) => years * 365 * 86_400_000)) {
    const home = hub();
    Object.assign(home.uplink, { connected: false, takes: false });
    const first = await home.start();
    home.bus.publish("mqtt.south.setup", removal);
    await home.rest();
    await first.stop();
    // A gateway without a battery gets its time from the network, as soon as there is one.
    const second = await home.start();
    await home.rest();
    home.clock.jump(jump);
    home.clock.advance(250);
    await home.rest();
    expect(home.erased).not.toContain("config");
    for (let waited = 250; waited < 600_000; waited += 250) {
      home.clock.advance(250);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await home.rest();
    expect(home.erased).toContain("config");
    await second.stop();
  }
});

test("killed while it is off-boarded and given another configuration, the hub leaves the new identity alone", async () => {
  for (const other of ["hub-2", ""]) {
    const home = hub();
    const first = await home.start();
    await home.addLamp();
    home.uplink.takes = false;
    home.bus.publish("mqtt.south.setup", removal);
    await home.rest();
    await first.stop();
    home.uplink.takes = true;
    home.uplink.queued = 0;
    home.identity.managedThingId = other;
    home.sent.length = 0;
    const second = await home.start();
    await home.rest();
    expect(home.erased).not.toContain("config");
    expect(home.responses()).toEqual([]);
    // What the one before had is gone nevertheless, and the hub works.
    expect(await home.devices()).toEqual([]);
    expect((await home.zigbee.service.devices({})).devices).toEqual([]);
    expect(await home.bus.request("provisioner", "queue", {})).toEqual({ requests: [] });
    await second.stop();
  }
});

test("a marker of before, which does not say whom it is about, is about whoever the hub is", async () => {
  const home = hub();
  home.files.set("/state/offboarding.json", JSON.stringify({ answer: true, answered: true, traceId: "t-1" }));
  const part = await home.start();
  await home.rest();
  expect(home.erased).toContain("config");
  await part.stop();
});

test("no file has a label afterwards, nor the copy of the value before", async () => {
  const home = hub();
  await home.start();
  await home.addLamp();
  const secret = zigbeeLamp(1).label.authenticationMaterial;
  expect([...home.files.values()].join()).toContain(secret);
  await home.bus.request("provisioner", "offboard", {});
  await home.rest();
  expect([...home.files.values()].join()).not.toContain(secret);
});
