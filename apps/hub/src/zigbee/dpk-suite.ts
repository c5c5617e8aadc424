import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@hearth/base";
import type { Json, JsonObject } from "@hearth/device-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Bus } from "../bus/bus.ts";
import { createMemoryBus } from "../bus/memory-bus.ts";
import type { HubSettings, PartContext } from "../part.ts";
import type { RadioService, StateEndpoint } from "../plugins/protocol-plugin.ts";
import { createRadioClient } from "../plugins/radio-client.ts";
import { openNetwork, type ZigbeeNetwork } from "./dpk/network.ts";
import { type CreateDpk, createZigbeePart } from "./zigbee-part.ts";

/** A running bridge, what it has said, and the radio as the other parts see it. */
export interface Bridge {
  readonly bus: Bus;
  readonly radio: RadioService;
  readonly directory: string;
  readonly said: { topic: string; body: JsonObject }[];
  /** The next message of this word that fits, from now on or already said since `from`. */
  hear(word: string, fits?: (body: JsonObject) => boolean): Promise<JsonObject>;
  /** Waits until the property has this value in what the bridge says. */
  property(deviceId: string, capability: string, name: string, value: Json): Promise<void>;
  run(deviceId: string, capability: string, action: string, parameters?: JsonObject, within?: number): Promise<Outcome>;
  /** The part ends, and starts again: not waited for until the radio is up. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  /** Both, until the radio is up. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface Outcome {
  responseCode: number;
  errors?: { code: string; message: string }[];
  parameters?: JsonObject;
  properties: { [name: string]: Json };
}

/** How long a test waits for something that takes milliseconds. */
const PATIENCE = 30_000;

/** A stick on a TCP port. */
export interface Stick {
  readonly port: number;
  /** Z-Stack without it. */
  readonly adapter?: string;
  /** Makes the network on it beforehand, which spares a library that waits for a new one three seconds. */
  form?(network: ZigbeeNetwork): Promise<void>;
}

/** Starts the bridge in a directory of its own, over another DPK or over this stick. */
export async function startBridge(on: CreateDpk | Stick): Promise<Bridge> {
  const directory = await mkdtemp(join(tmpdir(), "zigbee-"));
  const dpk = typeof on === "function" ? on : undefined;
  const stick = typeof on === "function" ? undefined : on;
  const zigbee = stick && { port: `tcp://127.0.0.1:${stick.port}`, adapter: stick.adapter ?? "zstack" };
  await stick?.form?.(await openNetwork(directory));
  const bus = createMemoryBus();
  const said: Bridge["said"] = [];
  const waiting = new Set<() => void>();
  for (const word of ["interviewing", "joined", "failed", "left", "changed", "reachable", "health"]) {
    bus.subscribe(`radio.zigbee.${word}`, (body) => {
      said.push({ topic: word, body });
      for (const look of waiting) look();
    });
  }
  const settings = { ...(zigbee ? { zigbee } : {}) } as HubSettings;
  const context: PartContext = { bus, clock: systemClock, log: silentLogger, directory, settings };
  const part = createZigbeePart(dpk);
  let running: { stop(): Promise<void> } | undefined = await part.start(context);

  async function halt(): Promise<void> {
    await running?.stop();
    running = undefined;
    said.length = 0;
  }
  async function resume(): Promise<void> {
    running = await part.start(context);
  }

  function hear(word: string, fits: (body: JsonObject) => boolean = () => true): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = said.find(({ topic, body }) => topic === word && fits(body));
        if (!found) return;
        waiting.delete(look);
        clearTimeout(timer);
        resolve(found.body);
      };
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`no ${word}: ${JSON.stringify(said.slice(-8))}`));
      }, PATIENCE);
      waiting.add(look);
      look();
    });
  }
  const radio = createRadioClient(bus, "zigbee");

  return {
    ...{ bus, radio, directory, said, hear },
    async property(deviceId, capability, name, value) {
      await hear(
        "changed",
        (body) =>
          body["deviceId"] === deviceId &&
          (body["endpoints"] as unknown as StateEndpoint[]).some(({ capabilities }) =>
            capabilities.some(
              ({ id, properties }) =>
                id === capability &&
                properties?.some((one) => one.name === name && JSON.stringify(one.value) === JSON.stringify(value)),
            ),
          ),
      );
    },
    async run(deviceId, capability, action, parameters = {}, within = 30_000) {
      const { endpoints } = await radio.command({
        ...{ deviceId, traceId: "t", within },
        endpoints: [{ endpointId: "1", capabilities: [{ id: capability, actions: [{ name: action, parameters }] }] }],
      });
      const answered = endpoints[0]?.capabilities[0];
      const { responseCode, errors, parameters: response } = answered?.actions[0] ?? { responseCode: 0 };
      return {
        responseCode,
        ...(errors ? { errors } : {}),
        ...(response ? { parameters: response } : {}),
        properties: Object.fromEntries((answered?.properties ?? []).map(({ name, value }) => [name, value])),
      };
    },
    halt,
    resume,
    async restart() {
      await halt();
      await resume();
      await hear("health", ({ state }) => state === "up");
    },
    async stop() {
      await halt();
      await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** What the suite needs of the radio's other side: a plug (0x0051) with the On/Off cluster on endpoint 1. */
export interface SuiteDevice {
  /** EUI-64, capitals. */
  readonly address: string;
  /** The text of its label. */
  readonly label: string;
  powerOn(): void;
  /** A hand on the switch. */
  press(on: boolean): void;
  isOn(): boolean;
  /** StartUpOnOff (0x4003) as the device has it. */
  startUp(): number;
}

export interface SuiteRadio {
  readonly plug: SuiteDevice;
  readonly stranger: SuiteDevice;
  start(): Promise<Bridge>;
  close(): Promise<void>;
}

/** All that is above a DPK, the same for each (reference 10.12). */
export function dpkSuite(title: string, create: () => Promise<SuiteRadio>): void {
  let air: SuiteRadio;
  let bridge: Bridge;
  let deviceId: string;
  beforeAll(async () => {
    air = await create();
    bridge = await air.start();
    deviceId = `zb.${air.plug.address}`;
    await bridge.hear("health", ({ state }) => state === "up");
  });
  afterAll(async () => {
    await bridge?.stop();
    await air?.close();
  });

  test(`row 84: ${title}: a labelled device joins, a stranger does not`, async () => {
    const label = {
      ...{ managedThingId: "t1", protocol: "ZIGBEE" as const, materialType: "ZIGBEE_QR_BAR_CODE" },
      material: air.plug.label,
    };
    const malformed = { ...label, managedThingId: "t2", material: "Z:no" };
    const { refused } = await bridge.radio.provision({ labels: [label, malformed] });
    expect(refused.map(({ managedThingId }) => managedThingId)).toEqual(["t2"]);
    air.stranger.powerOn();
    air.plug.powerOn();
    const { device } = await bridge.hear("joined");
    expect(device).toMatchObject({ deviceId, radioId: air.plug.address, interviewed: true });
    const { devices } = await bridge.radio.devices({});
    expect(devices.map((one) => one.deviceId)).toEqual([deviceId]);
    await bridge.radio.bind({ deviceId, managedThingId: "t1" });
    const { capabilityReport } = await bridge.radio.describe({ deviceId, refresh: false });
    expect(capabilityReport.endpoints.map(({ capabilities }) => capabilities.map(({ id }) => id))).toEqual([
      ["matter.OnOff@1.4"],
    ]);
  });

  test(`row 84: ${title}: reports, commands, writes and what a device refuses`, async () => {
    air.plug.press(true);
    await bridge.property(deviceId, "matter.OnOff@1.4", "OnOff", true);
    expect(await bridge.run(deviceId, "matter.OnOff@1.4", "Off")).toMatchObject({
      responseCode: 200,
      properties: { OnOff: false },
    });
    expect(air.plug.isOn()).toBe(false);
    const written = await bridge.run(deviceId, "matter.OnOff@1.4", "UpdateState", { StartUpOnOff: "On" });
    expect(written).toMatchObject({ responseCode: 200, properties: { StartUpOnOff: "On" } });
    expect(air.plug.startUp()).toBe(1);
    expect(await bridge.run(deviceId, "matter.OnOff@1.4", "UpdateState", { OnOff: true })).toMatchObject({
      responseCode: 400,
    });
    expect(await bridge.run(deviceId, "matter.LevelControl@1.4", "Stop")).toMatchObject({ responseCode: 501 });
    const { endpoints } = await bridge.radio.state({ deviceId, refresh: true });
    expect(endpoints[0]?.capabilities[0]?.properties).toContainEqual({ name: "OnOff", value: false });
  });

  test(`row 84: ${title}: after a restart the device is known and bound, and a removed one is gone`, async () => {
    await bridge.restart();
    const { devices } = await bridge.radio.devices({});
    expect(devices).toMatchObject([{ deviceId, managedThingId: "t1", interviewed: true }]);
    expect(await bridge.run(deviceId, "matter.OnOff@1.4", "On")).toMatchObject({ responseCode: 200 });
    expect(air.plug.isOn()).toBe(true);
    expect(await bridge.radio.remove({ deviceId, force: false, seconds: 30 })).toEqual({ outcome: "gone" });
    expect(await bridge.radio.devices({})).toEqual({ devices: [] });
    expect(await bridge.radio.remove({ deviceId, force: false, seconds: 30 })).toMatchObject({ outcome: "failed" });
    expect(await bridge.radio.remove({ deviceId, force: true, seconds: 30 })).toEqual({ outcome: "gone" });
  });
}
