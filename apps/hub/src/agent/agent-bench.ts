import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock, silentLogger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { Bus, BusMethod } from "../bus/bus.ts";
import { createMemoryBus } from "../bus/memory-bus.ts";
import { type Cdmb, createCdmb } from "../cdmb/cdmb.ts";
import { createLocalToken, type LocalToken, parseTokenRecord } from "../local-token/local-token.ts";
import { createMemoryRadio, type MemoryDevice, type MemoryRadio } from "../plugins/memory-radio.ts";
import { createRegistry, parseRegistry } from "../registry/registry.ts";
import type { Routine } from "../routines/routine-file.ts";
import { openAppendLog } from "../state/append-log.ts";
import { openJsonFile } from "../state/json-file.ts";
import type { AppendLog } from "../state/state.ts";
import { type Agent, createAgent } from "./agent.ts";
import { openCommandJournal } from "./command-journal.ts";

/** For tests: agent and bridge on a memory bus, with a radio in memory and a proxy that writes down what it is given. */
export interface AgentBench {
  bus: Bus;
  clock: FakeClock;
  agent: Agent;
  cdmb: Cdmb;
  token: LocalToken;
  radio: MemoryRadio;
  /** What the proxy has been given. */
  sent: JsonObject[];
  /** Joins the device and binds it to a thing of the name `thing-<deviceId>`. */
  add(...devices: MemoryDevice[]): Promise<void>;
  /** From the cloud. */
  command(traceId: string, managedThingId: string, name: string, more?: JsonObject): void;
  /** Both clocks go on, and what falls due is done. */
  advance(milliseconds: number): Promise<void>;
  uplink(connected: boolean): void;
  giveToken(seconds: number, hubId?: string, key?: PlatformKey): Promise<void>;
  stop(): Promise<void>;
}

export interface PlatformKey {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

export const HUB_ID = "hub0000000000000000000000000000001";
const platformKey: PlatformKey = generateKeyPairSync("ed25519");

/** LOCAL_TOKEN as the cloud sends it. */
export function localToken(seconds: number, sub = HUB_ID, { publicKey, privateKey }: PlatformKey = platformKey) {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "EdDSA", typ: "JWT" })}.${encode({ iss: "iot.example.com", sub, iat: 1, seconds })}`;
  const token = `${signed}.${sign(null, Buffer.from(signed), privateKey).toString("base64url")}`;
  const key = publicKey.export({ type: "spki", format: "pem" }).toString();
  return { messageType: "LOCAL_TOKEN", token, seconds, key };
}

export async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "hearth-hub-"));
  try {
    await run(directory);
  } finally {
    // A write that had begun when the hub stopped may still end.
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  }
}

export async function openAgentBench(
  directory: string,
  options: {
    routines?: Routine[];
    proxy?: boolean;
    log?: (log: AppendLog) => AppendLog;
    clock?: FakeClock;
    /** There before the bridge starts. */
    devices?: MemoryDevice[];
  } = {},
): Promise<AgentBench> {
  const { routines = [], proxy = true, log: wrap = (one) => one, clock = new FakeClock() } = options;
  const bus = createMemoryBus();
  const log = silentLogger;
  const sent: JsonObject[] = [];
  let connected = true;
  const methods = proxyInto(sent, () => connected);
  if (proxy) bus.serve("mqtt", methods);
  bus.serve("config", { read: async () => ({ ro: {}, rw: { managed_thing_id: HUB_ID } }) });
  const radio = createMemoryRadio(bus, "zigbee", clock);
  async function admit(device: MemoryDevice) {
    radio.powerOn(device);
    const bound = { deviceId: device.deviceId, managedThingId: `thing-${device.deviceId}` };
    await radio.service.bind(bound);
    return bound;
  }
  await radio.service.open({ seconds: 60 });
  for (const device of options.devices ?? []) await admit(device);
  const registry = createRegistry(await openJsonFile(join(directory, "devices.json"), parseRegistry, {}));
  const cdmb = createCdmb({ bus, registry, clock, log });
  bus.serve("cdmb", cdmb.service as unknown as Record<string, BusMethod>);
  const file = await openJsonFile(join(directory, "token.json"), parseTokenRecord, null);
  const token = createLocalToken({ file, clock, log });
  const journalLog = await openAppendLog(join(directory, "commands"));
  const journal = await openCommandJournal(wrap(journalLog), log);
  const agent = createAgent({ bus, journal, token, routines, clock, log });
  await cdmb.settled();

  const settled = async () => {
    // What was published is on its way in microtasks.
    await new Promise((resolve) => setImmediate(resolve));
  };

  return {
    ...{ bus, clock, agent, cdmb, token, radio, sent },
    async add(...devices) {
      await radio.service.open({ seconds: 60 });
      for (const device of devices) await cdmb.service.bound(await admit(device));
      await cdmb.settled();
    },
    command(traceId, managedThingId, name, more = {}) {
      const endpoints = [{ endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", actions: [{ name }] }] }];
      bus.publish("mqtt.south.control", { messageType: "DEVICE_COMMAND", traceId, managedThingId, endpoints, ...more });
    },
    async advance(milliseconds) {
      await settled();
      clock.advance(milliseconds);
      await settled();
    },
    uplink(now) {
      connected = now;
      bus.publish("mqtt.connection", { connected: now, since: clock.now() });
    },
    async giveToken(seconds, hubId, key) {
      bus.publish("mqtt.south.setup", localToken(seconds, hubId, key));
      await settled();
    },
    async stop() {
      await agent.stop();
      cdmb.stop();
      radio.stop();
      await journalLog.close();
    },
  };
}

/** The methods of `mqtt`, as far as the agent asks for them. */
export function proxyInto(sent: JsonObject[], connected: () => boolean): Record<string, BusMethod> {
  return {
    async send({ message }) {
      sent.push(message as JsonObject);
      return { position: sent.length };
    },
    status: async () => ({ connected: connected(), since: 0, queued: 0 }),
  };
}
