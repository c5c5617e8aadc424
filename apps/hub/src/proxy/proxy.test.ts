import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { FakeClock, type Logger, silentLogger } from "@hearth/base";
import {
  AgentStoppedError,
  type Fate,
  type JsonObject,
  RefusedError,
  type SimulatedPlatform,
  startSimulatedPlatform,
} from "@hearth/device-sdk";
import { build } from "esbuild";
import { afterEach, describe, expect, test } from "vitest";
import { type Bus, BusError } from "../bus/bus.ts";
import { createMemoryBus } from "../bus/memory-bus.ts";
import { listenBus } from "../bus/socket-bus.ts";
import { type HubDirectory, hubDirectory, PRODUCT, SERIAL } from "../onboarding/hub-directory.ts";
import { createHubOnboardingPart } from "../onboarding/onboarding.ts";
import { createDelivery } from "./delivery.ts";
import { createMqttProxyPart, type MqttProxyOptions } from "./mqtt-proxy.ts";
import { openOutboundQueue } from "./outbound-queue.ts";
import type { Uplink } from "./proxy-service.ts";
import { createSender } from "./sender.ts";

const cleanup: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const run of cleanup.splice(0).reverse()) await run();
});

type Packet = { topic: string; payload: string | Buffer };

async function platform(
  fate?: (packet: Packet) => Fate,
  onConnect: (client: { clientId: string }) => void = () => {},
): Promise<SimulatedPlatform> {
  const cloud = await startSimulatedPlatform({
    devices: [{ serialNumber: SERIAL, universalProductCode: PRODUCT }],
    ...(fate ? { fate: (_client, packet) => fate(packet) } : {}),
    onConnect,
  });
  cleanup.push(() => cloud.close());
  return cloud;
}

interface Hub {
  directory: HubDirectory;
  id: string;
}

/** A hub that is provisioned, of which nothing runs. */
async function provisionedHub(cloud: SimulatedPlatform): Promise<Hub> {
  const directory = await hubDirectory(cloud);
  cleanup.push(() => directory.remove());
  const context = directory.context("HubOnboarding");
  const provisioned = new Promise((resolve) => {
    context.bus.subscribe("config.changed", resolve);
  });
  const part = await createHubOnboardingPart().start(context);
  await provisioned;
  await part.stop();
  return { directory, id: cloud.things.get(SERIAL) as string };
}

async function startProxy(
  { directory }: Hub,
  options: MqttProxyOptions & Parameters<HubDirectory["context"]>[1] = {},
): Promise<{ bus: Bus; stop(): Promise<void> }> {
  const { limits, listeners = [], ...rest } = options;
  const context = directory.context("MQTTProxy", rest);
  const part = await createMqttProxyPart({
    backOff: { minimum: 1, maximum: 4 },
    listeners,
    ...(limits ? { limits } : {}),
  }).start(context);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= part.stop();
    return stopped;
  };
  cleanup.push(stop);
  return { bus: context.bus, stop };
}

async function connected(bus: Bus): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = bus.subscribe("mqtt.connection", (body) => {
      if (body["connected"] !== true) return;
      end();
      resolve();
    });
    void bus.request("mqtt", "status", {});
  });
}

async function heard(bus: Bus, topic: string): Promise<JsonObject> {
  return new Promise((resolve) => {
    const end = bus.subscribe(topic, (body) => {
      end();
      resolve(body);
    });
  });
}

/** Until the cloud has acknowledged everything but so many. */
async function drained(bus: Bus, queued = 0): Promise<void> {
  while ((await bus.request("mqtt", "status", {}))["queued"] !== queued)
    await new Promise((resolve) => setImmediate(resolve));
}

/** Messages as the broker got them, the first of each number. */
function received(): { fate(packet: Packet): Fate; messages: JsonObject[] } {
  const messages: JsonObject[] = [];
  const numbers = new Set<unknown>();
  return {
    messages,
    fate({ topic, payload }) {
      const message: JsonObject = topic.startsWith("north/") ? JSON.parse(payload.toString()) : {};
      if (message["eventNumber"] && !numbers.has(message["eventNumber"])) messages.push(message);
      numbers.add(message["eventNumber"]);
      return "acknowledge";
    },
  };
}

const answer = (n: number): JsonObject => ({
  messageType: "DEVICE_COMMAND_RESPONSE",
  managedThingId: "child",
  traceId: `t${n}`,
});
const send = (bus: Bus, message: JsonObject) =>
  bus.request("mqtt", "send", { channel: "control", message, durable: true });

describe("MQTT proxy", () => {
  test("row 68: two parts, one of them in another process, share one connection: the broker sees one CONNECT", async () => {
    const got = received();
    const connects: string[] = [];
    const cloud = await platform(got.fate, ({ clientId }) => connects.push(clientId));
    const hub = await provisionedHub(cloud);
    connects.length = 0;
    const bus = await listenBus(join(hub.directory.root, "run", "bus.sock"));
    cleanup.push(() => bus.close());
    const program = join(hub.directory.root, "bus-part.mjs");
    const source = new URL("./bus-part.ts", import.meta.url).pathname;
    await build({
      entryPoints: [source],
      outfile: program,
      bundle: true,
      platform: "node",
      format: "esm",
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    });
    await startProxy(hub, { bus });
    await connected(bus);
    const other = spawn(process.execPath, [
      program,
      join(hub.directory.root, "run", "bus.sock"),
      JSON.stringify(answer(1)),
    ]);
    cleanup.push(async () => {
      other.kill();
      if (other.exitCode === null) await once(other, "exit");
    });
    const lines = createInterface(other.stdout)[Symbol.asyncIterator]();
    await send(bus, answer(2));
    expect(JSON.parse((await lines.next()).value)).toEqual({ position: expect.any(Number) });
    await drained(bus);
    expect(got.messages.map(({ traceId }) => traceId).sort()).toEqual(["t1", "t2"]);

    const here = heard(bus, "mqtt.south.control");
    const command = { messageType: "DEVICE_COMMAND", managedThingId: "child", traceId: "t3" };
    cloud.south(hub.id, "control", JSON.stringify(command));
    expect(await here).toEqual(command);
    expect(JSON.parse((await lines.next()).value)).toEqual(command);
    expect(connects).toEqual([hub.id]);
  });

  test("the queue is emptied in order over three connections, and over a restart", async () => {
    const got = received();
    let broken = 0;
    const cloud = await platform((packet) => {
      if (packet.topic.startsWith("north/") && broken < 3 && Math.random() < 0.05) {
        broken++;
        return "break";
      }
      return got.fate(packet);
    });
    const hub = await provisionedHub(cloud);
    const first = await startProxy(hub);
    await Promise.all(Array.from({ length: 150 }, (_, n) => send(first.bus, answer(n))));
    await first.stop();
    const second = await startProxy(hub);
    await Promise.all(Array.from({ length: 150 }, (_, n) => send(second.bus, answer(n + 150))));
    await drained(second.bus);
    expect(got.messages.map(({ traceId }) => traceId)).toEqual(Array.from({ length: 300 }, (_, n) => `t${n}`));
    const numbers = got.messages.map(({ eventNumber }) => eventNumber as number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  test("what comes from the cloud goes to whom it is about; nonsense to nobody", async () => {
    const cloud = await platform();
    const hub = await provisionedHub(cloud);
    const { bus } = await startProxy(hub);
    await connected(bus);
    const seen: [string, JsonObject][] = [];
    for (const topic of ["mqtt.south.*", "mqtt.hub.*"]) bus.subscribe(topic, (body) => seen.push([topic, body]));
    for (const nonsense of ["", "{", "[]", "7", `{"a":"${"x".repeat(140_000)}"}`])
      cloud.south(hub.id, "setup", nonsense);
    cloud.south(hub.id, "control", '{"messageType":"DEVICE_COMMAND","managedThingId":"child"}');
    cloud.south(hub.id, "control", `{"messageType":"DEVICE_COMMAND","managedThingId":"${hub.id}"}`);
    cloud.south(hub.id, "control", '{"messageType":"DEVICE_COMMAND"}');
    cloud.south(hub.id, "setup", '{"messageType":"DEVICE_REMOVAL"}');
    const last = heard(bus, "mqtt.south.rejected");
    cloud.south(hub.id, "rejected", '{"code":404,"eventNumber":1}');
    await last;
    expect(seen.map(([topic, { messageType, code }]) => [topic, messageType ?? code])).toEqual([
      ["mqtt.south.*", "DEVICE_COMMAND"],
      ["mqtt.hub.*", "DEVICE_COMMAND"],
      ["mqtt.hub.*", "DEVICE_COMMAND"],
      ["mqtt.south.*", "DEVICE_REMOVAL"],
      ["mqtt.south.*", 404],
    ]);
  });

  test("what the cloud says at the connection waits for the parts that hear it, in order, and no longer than 30 s", async () => {
    let id = "";
    const say = (channel: "setup" | "control", message: JsonObject) =>
      cloud.south(id, channel, JSON.stringify(message));
    const cloud = await platform();
    const hub = await provisionedHub(cloud);
    id = hub.id;
    const clock = new FakeClock(Date.parse("2026-01-01T00:00:00Z"));
    const { bus } = await startProxy(hub, { clock, listeners: ["agent", "provisioner"] });
    await connected(bus);
    /** Until the proxy has all that was said. */
    const arrived = () => drained(bus).then(() => send(bus, answer(0)).then(() => drained(bus)));
    const seen: JsonObject[] = [];
    for (const topic of ["mqtt.south.control", "mqtt.south.setup"]) bus.subscribe(topic, (body) => seen.push(body));
    const times = { timestamp: "2025-12-31T23:00:00.000Z", expiresAt: "2025-12-31T23:01:00.000Z" };
    const command = { messageType: "DEVICE_COMMAND", managedThingId: "child", ...times };
    say("setup", { messageType: "LOCAL_TOKEN" });
    // Times that cannot be told are nobody's reason to lose what comes behind them.
    const odd = [{ toString: 1 }, [[]], "-271821-04-20T00:00:00.000Z"].map((expiresAt) => ({ ...command, expiresAt }));
    for (const one of odd) say("control", one);
    say("control", command);
    say("setup", { messageType: "DEVICE_REMOVAL", managedThingId: "child" });
    await arrived();
    expect(seen).toEqual([]);
    clock.advance(10_000);
    const end = bus.serve("agent", {});
    expect(seen).toEqual([]);
    bus.serve("provisioner", {});
    await arrived();
    expect(seen).toEqual([
      { messageType: "LOCAL_TOKEN" },
      ...odd,
      { ...command, expiresAt: "2025-12-31T23:00:50.000Z" },
      { messageType: "DEVICE_REMOVAL", managedThingId: "child" },
    ]);
    say("control", command);
    await arrived();
    expect(seen.at(-1)).toEqual(command);
    // One of them is killed, and does not come back.
    end();
    say("setup", { messageType: "HUB_NETWORK_MODE" });
    await arrived();
    expect(seen).toHaveLength(7);
    clock.advance(30_000);
    await arrived();
    expect(seen.at(-1)).toEqual({ messageType: "HUB_NETWORK_MODE" });
    say("setup", { messageType: "DEVICE_DISCOVERY" });
    await arrived();
    expect(seen.at(-1)).toEqual({ messageType: "DEVICE_DISCOVERY" });
    // There again, and gone again: it is waited for once more.
    bus.serve("agent", {})();
    say("setup", { messageType: "DEVICE_ADDED" });
    await arrived();
    expect(seen).toHaveLength(9);
  });

  test("what the platform could not store is said again after 30 s, with a new number; the refused message is told", async () => {
    const got = received();
    const cloud = await platform(got.fate);
    const hub = await provisionedHub(cloud);
    const clock = new FakeClock(Date.now());
    const { bus } = await startProxy(hub, { clock });
    await send(bus, answer(1));
    await drained(bus);
    const first = got.messages[0]?.["eventNumber"] as number;
    const rejection = heard(bus, "mqtt.south.rejected");
    cloud.south(hub.id, "rejected", JSON.stringify({ code: 503, message: "no key", eventNumber: first }));
    expect(await rejection).toMatchObject({ code: 503, refused: answer(1) });
    await send(bus, answer(2));
    await drained(bus, 1);
    expect(got.messages[1]).toMatchObject({ traceId: "t2" });
    clock.advance(30_000);
    await drained(bus);
    expect(got.messages[2]).toMatchObject({ traceId: "t1" });
    expect(got.messages[2]?.["eventNumber"]).toBeGreaterThan(got.messages[1]?.["eventNumber"] as number);
  });

  test("what is no message is refused at the door", async () => {
    const cloud = await platform();
    const hub = await provisionedHub(cloud);
    const { bus } = await startProxy(hub);
    // The second is as long as the platform takes, until it has its number: it would end each connection anew.
    for (const length of [131_073, 131_072 - 8]) {
      const huge = { channel: "control", message: { x: "y".repeat(length) }, durable: true };
      await expect(bus.request("mqtt", "send", huge)).rejects.toMatchObject({ reason: "refused", code: "bad-message" });
    }
    for (const request of [
      { channel: "south", message: {} },
      { channel: "control", message: [] },
      {},
    ] as JsonObject[]) {
      await expect(bus.request("mqtt", "send", request)).rejects.toBeInstanceOf(BusError);
    }
    expect(await bus.request("mqtt", "status", {})).toMatchObject({ queued: 0 });
  });

  test("a message that the broker refuses is not sent for ever; one that the uplink could not end stays", async () => {
    const directory = await hubDirectory();
    cleanup.push(() => directory.remove());
    const clock = new FakeClock();
    const queue = await openOutboundQueue({ directory: join(directory.root, "queue"), clock, log: silentLogger });
    cleanup.push(() => queue.close());
    const topics: string[] = [];
    const outcomes = [new RefusedError("not authorized", 0x87), undefined, new AgentStoppedError()];
    const publish = async (topic: string) => {
      topics.push(topic);
      const outcome = outcomes[topics.length - 1];
      if (outcome) throw outcome;
    };
    const uplink = { publish } as unknown as Uplink;
    const sender = createSender({ queue, uplink, id: "hub", clock, log: silentLogger });
    for (let n = 0; n < 3; n++) await queue.append(n === 0 ? "setup" : "control", answer(n));
    sender.pump();
    while (topics.length < 3 || queue.size > 1) await new Promise((resolve) => setImmediate(resolve));
    expect(topics).toEqual(["north/hub/setup", "north/hub/control", "north/hub/control"]);
    expect(queue.size).toBe(1);
  });

  test("at most 20 messages are out at the same time, and the next goes when one has arrived", async () => {
    const directory = await hubDirectory();
    cleanup.push(() => directory.remove());
    const clock = new FakeClock();
    const queue = await openOutboundQueue({ directory: join(directory.root, "queue"), clock, log: silentLogger });
    cleanup.push(() => queue.close());
    const arrive: (() => void)[] = [];
    const publish = () => new Promise<void>((resolve) => arrive.push(resolve));
    const sender = createSender({
      queue,
      uplink: { publish } as unknown as Uplink,
      id: "hub",
      clock,
      log: silentLogger,
    });
    await Promise.all(Array.from({ length: 30 }, (_, n) => queue.append("control", answer(n))));
    const turns = async () => {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    };
    sender.pump();
    await turns();
    expect(arrive).toHaveLength(20);
    arrive[0]?.();
    await turns();
    expect(arrive).toHaveLength(21);
    for (let next = 1; next < 30; next++) {
      arrive[next]?.();
      await turns();
    }
    expect(queue.size).toBe(0);
  });

  test("what waits for a part is 8 MiB at most", () => {
    const bus = createMemoryBus();
    const told: JsonObject[] = [];
    const deps = { clock: new FakeClock(), log: silentLogger, listeners: ["agent"] };
    const delivery = createDelivery({
      ...deps,
      bus: { ...bus, onPresence: () => () => {}, publish: (_, body) => void told.push(body) },
    });
    for (let n = 0; n < 64; n++) delivery.publish("mqtt.south.setup", { n }, 131_072);
    expect(told).toEqual([]);
    delivery.publish("mqtt.south.setup", { n: 64 }, 1);
    expect(told.map(({ n }) => n)).toEqual(Array.from({ length: 65 }, (_, n) => n));
    delivery.stop();
  });

  test("another client with the hub's certificate is told of, and the hub comes back", async () => {
    const cloud = await platform();
    const hub = await provisionedHub(cloud);
    const errors: string[] = [];
    const log: Logger = Object.assign(Object.create(silentLogger), {
      error: (_: object, text: string) => errors.push(text),
    });
    const { bus } = await startProxy(hub, { log });
    await connected(bus);
    const gone = heard(bus, "mqtt.connection");
    cloud.broker.expel(hub.id, 0x8e);
    expect(await gone).toMatchObject({ connected: false });
    expect(errors).toEqual(["another client uses this hub's certificate and client id: has the hub been copied?"]);
    await connected(bus);
    expect(await bus.request("mqtt", "status", {})).not.toHaveProperty("problem");
  });

  test("a hub that the cloud dismisses is told apart from one that has lost its uplink", async () => {
    const cloud = await platform();
    const hub = await provisionedHub(cloud);
    const { bus } = await startProxy(hub);
    await connected(bus);
    expect(await bus.request("mqtt", "status", {})).toMatchObject({ dismissed: false });
    const gone = heard(bus, "mqtt.connection");
    cloud.broker.expel(hub.id, 0x98);
    await gone;
    expect(await bus.request("mqtt", "status", {})).toMatchObject({ dismissed: true });
  });

  test("a hub that its cloud has deleted says so after ten refusals, and erases nothing", async () => {
    const cloud = await platform();
    const hub = await provisionedHub(cloud);
    const { bus } = await startProxy(hub);
    await connected(bus);
    await cloud.close();
    let status: JsonObject = {};
    while (!status["problem"]) {
      await new Promise((resolve) => setImmediate(resolve));
      status = await bus.request("mqtt", "status", {});
    }
    expect(status["problem"]).toContain("10 connections in a row have failed");
    expect((await hub.directory.configuration()).rw["iot_provisioning_state"]).toBe("PROVISIONED");
  });

  test("a start that fails leaves nothing open, and the next one can be tried", async () => {
    const directory = await hubDirectory();
    cleanup.push(() => directory.remove());
    const hub = { directory, id: "" };
    for (let tries = 0; tries < 2; tries++) {
      await expect(startProxy(hub)).rejects.toThrow("iotmi_config.json cannot be read");
      const { bus } = directory.context("MQTTProxy");
      await expect(bus.request("mqtt", "status", {})).rejects.toMatchObject({ reason: "no-such-service" });
    }
  });

  test("before it is provisioned it takes nothing; it connects when it is, and release lets the last message through", async () => {
    const got = received();
    const cloud = await platform(got.fate);
    const directory = await hubDirectory(cloud);
    cleanup.push(() => directory.remove());
    const { bus } = await startProxy({ directory, id: "" });
    await expect(send(bus, answer(1))).rejects.toMatchObject({ code: "not-provisioned" });
    const part = await createHubOnboardingPart().start(directory.context("HubOnboarding", { bus }));
    cleanup.push(() => part.stop());
    await connected(bus);
    const id = cloud.things.get(SERIAL) as string;
    await send(bus, { messageType: "DEVICE_REMOVAL_RESPONSE", responseCode: 200 });
    await bus.request("config", "erase", {});
    expect(got.messages).toMatchObject([{ messageType: "DEVICE_REMOVAL_RESPONSE" }]);
    expect(cloud.broker.isConnected(id)).toBe(false);
    await expect(send(bus, answer(2))).rejects.toMatchObject({ code: "not-provisioned" });
    expect(await bus.request("mqtt", "status", {})).toMatchObject({ connected: false, queued: 0 });
  });
});
