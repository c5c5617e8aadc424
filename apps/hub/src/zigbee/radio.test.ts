import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock, silentLogger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Label, StateEndpoint } from "../plugins/protocol-plugin.ts";
import { type DeviceStore, openDeviceStore, type StoredDevice } from "./device-store.ts";
import { NetworkLostError, NotDeliveredError, RadioGoneError } from "./dpk/dpk.ts";
import { createMemoryDpk, type MemoryDpk, type MemoryZigbeeDevice } from "./dpk/memory-dpk.ts";
import { createZigbeeRadio, type ZigbeeRadio } from "./radio.ts";
import { createZigbeeService, type ZigbeeService } from "./service.ts";
import { T } from "./zcl.ts";

const ON_OFF = "matter.OnOff@1.4";

let clock: FakeClock;
let dpk: MemoryDpk;
let service: ZigbeeService;
let radio: ZigbeeRadio;
let said: { word: string; body: JsonObject }[];

beforeEach(() => start(memoryStore()));
afterEach(() => radio.stop());

/** The store without its file. */
function memoryStore(): DeviceStore {
  const devices = new Map<string, StoredDevice>();
  return {
    get: (address) => devices.get(address),
    all: () => [...devices.values()],
    async put(address, device) {
      if (device) devices.set(address, device);
      else devices.delete(address);
    },
    clear: async () => devices.clear(),
  };
}

async function start(store: DeviceStore): Promise<void> {
  clock = new FakeClock();
  said = [];
  dpk = createMemoryDpk((address) => radio.admits(address));
  const log = silentLogger;
  service = createZigbeeService({ dpk, clock, log, onHealth: (health) => publish("health", { ...health }) });
  const publish = (word: string, body: JsonObject) => void said.push({ word, body });
  radio = createZigbeeRadio({ service, store, clock, log, publish, interviewPatience: 60_000 });
  await service.start();
}

const address = (index: number) => `00158d00${index.toString(16).padStart(8, "0")}`;
const idOf = (index: number) => `zb.${address(index).toUpperCase()}`;
const label = (index: number): Label => ({
  ...{ managedThingId: `t${index}`, protocol: "ZIGBEE", materialType: "ZIGBEE_QR_BAR_CODE" },
  material: `Z:${address(index).toUpperCase()}$I:83FED3407A939723A5C639B26916D505C3B5`,
});

const plug = (index: number, sleepy = false): MemoryZigbeeDevice => ({
  ...{ address: address(index), interviewed: true, sleepy },
  attributes: new Map([["1/6/0", { type: T.boolean, data: Buffer.from([0]) }]]),
  endpoints: [{ id: 1, profile: 0x0104, deviceType: 0x0051, inputs: [0, 6], outputs: [] }],
});

/** Lets promises run that wait for nothing. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn += 1) {
    if (turn > 2000) throw new Error(`never: ${holds}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const heard = (word: string, deviceId?: string) =>
  said.filter(({ word: one, body }) => one === word && (deviceId === undefined || body["deviceId"] === deviceId));

async function joins(index: number, sleepy = false): Promise<void> {
  await radio.open({ seconds: 60 });
  dpk.powerOn(plug(index, sleepy));
  await until(() =>
    said.some(({ word, body }) => word === "joined" && (body["device"] as JsonObject)["deviceId"] === idOf(index)),
  );
}

function run(index: number, action: string, within = 5000) {
  return radio.command({
    ...{ deviceId: idOf(index), traceId: "t", within },
    endpoints: [{ endpointId: "1", capabilities: [{ id: ON_OFF, actions: [{ name: action }] }] }],
  });
}
const codeOf = ({ endpoints }: Awaited<ReturnType<typeof run>>) =>
  endpoints[0]?.capabilities[0]?.actions[0]?.responseCode;

test("a hundred devices that report at once are a hundred messages, whatever each says in the moment", async () => {
  await radio.open({ seconds: 60 });
  for (let index = 0; index < 100; index += 1) dpk.powerOn(plug(index));
  await until(() => heard("joined").length === 100);
  clock.advance(100);
  said.length = 0;
  for (let round = 1; round <= 5; round += 1) {
    for (let index = 0; index < 100; index += 1) {
      dpk.change(address(index), 1, 6, { id: 0, type: T.boolean, data: Buffer.from([round % 2]) });
    }
  }
  expect(heard("changed")).toEqual([]);
  clock.advance(100);
  expect(heard("changed")).toHaveLength(100);
  for (const { body } of heard("changed")) {
    const [endpoint] = body["endpoints"] as unknown as StateEndpoint[];
    expect(endpoint?.capabilities[0]?.properties).toEqual([{ name: "OnOff", value: true }]);
  }
  dpk.change(address(0), 1, 6, { id: 0, type: T.boolean, data: Buffer.from([1]) });
  clock.advance(100);
  expect(heard("changed")).toHaveLength(100);
});

test("what an answer has told is taken back by the device in the same moment: that is news", async () => {
  await joins(1);
  const become = (on: number) => dpk.change(address(1), 1, 6, { id: 0, type: T.boolean, data: Buffer.from([on]) });
  const values = (endpoints: unknown) =>
    JSON.stringify(endpoints)
      .match(/"OnOff","value":(true|false)/g)
      ?.map((found) => found.endsWith("true"));
  for (const on of [1, 0]) {
    become(on);
    clock.advance(100);
  }
  const answers = [() => run(1, "On"), () => radio.state({ deviceId: idOf(1), refresh: true })];
  for (const answer of answers) {
    said.length = 0;
    become(1);
    expect(values((await answer()).endpoints)).toEqual([true]);
    become(0);
    clock.advance(100);
    expect(heard("changed").flatMap(({ body }) => values(body["endpoints"]))).toEqual([false]);
  }
});

test("the deadline holds though the stack goes on, and the next command is not kept waiting by it", async () => {
  await joins(1);
  dpk.trouble = () => new Promise(() => {});
  const first = run(1, "On", 2000);
  const second = run(1, "On", 3000);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(2000);
  expect(codeOf(await first)).toBe(504);
  expect(heard("reachable", idOf(1)).at(-1)?.body).toMatchObject({ reachable: false });
  dpk.trouble = undefined;
  expect(codeOf(await second)).toBe(200);
  expect(heard("reachable", idOf(1)).at(-1)?.body).toMatchObject({ reachable: true });
});

test("each device is asked one thing at a time, and the radio eight", async () => {
  for (let index = 1; index <= 10; index += 1) await joins(index);
  const asked: (() => void)[] = [];
  dpk.trouble = () => new Promise((resolve) => asked.push(resolve));
  const both = [run(1, "On"), run(1, "Off")];
  const turns = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  await turns();
  expect(asked).toHaveLength(1);
  const others = Array.from({ length: 9 }, (_, index) => run(index + 2, "On"));
  await turns();
  expect(asked).toHaveLength(8);
  asked[0]?.();
  await turns();
  expect(asked).toHaveLength(9);
  dpk.trouble = undefined;
  for (const answer of asked) answer();
  expect((await Promise.all([...both, ...others])).map(codeOf)).toEqual(Array(11).fill(200));
});

test("a command does not wait behind the devices that the hub reads for itself", async () => {
  for (let index = 1; index <= 21; index += 1) await joins(index);
  const asked: (() => void)[] = [];
  dpk.trouble = () => new Promise((resolve) => asked.push(resolve));
  const reads = Array.from({ length: 20 }, (_, index) => radio.state({ deviceId: idOf(index + 1), refresh: true }));
  await until(() => asked.length > 0);
  dpk.trouble = undefined;
  let answered: number | undefined;
  void run(21, "On").then((response) => {
    answered = codeOf(response);
  });
  await until(() => answered !== undefined);
  expect(answered).toBe(200);
  for (const answer of asked) answer();
  await Promise.all(reads);
});

test("a coordinator whose connection stays and that answers nothing is gone within a minute, and had back when it answers", async () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1000);
      await turn();
    }
  };
  await joins(1);
  await pass(120);
  expect(heard("health").map(({ body }) => body["state"])).toEqual(["up"]);
  dpk.silent = true;
  dpk.trouble = () => new Promise(() => {});
  await pass(10);
  const command = run(1, "On", 120_000);
  await pass(50);
  expect(codeOf(await command)).toBe(503);
  expect(heard("health")[1]?.body).toEqual({ state: "coordinator-gone", reason: "it does not answer" });
  await pass(60);
  dpk.silent = false;
  dpk.trouble = undefined;
  await pass(30);
  expect(heard("health").at(-1)?.body).toMatchObject({ state: "up" });
  expect(codeOf(await run(1, "On"))).toBe(200);
});

test("a device that left just when its radio's process was killed is gone when its removal is asked for again", async () => {
  const store = memoryStore();
  await start(store);
  await joins(1);
  await joins(2);
  const remove = (index: number) => radio.remove({ deviceId: idOf(index), force: false, seconds: 10 });
  dpk.trouble = () => new Promise(() => {});
  void remove(1);
  await new Promise((resolve) => setImmediate(resolve));
  radio.stop();
  // The stack of the next process knows them still; neither answers it.
  await start(store);
  expect((await radio.devices({})).devices.map(({ deviceId }) => deviceId)).toEqual([idOf(1), idOf(2)]);
  expect(await remove(2)).toMatchObject({ outcome: "failed" });
  expect(await remove(2)).toMatchObject({ outcome: "failed" });
  expect(await remove(1)).toEqual({ outcome: "gone" });
  expect((await radio.devices({})).devices.map(({ deviceId }) => deviceId)).toEqual([idOf(2)]);
});

test("a sleeping device is asked again until it hears", async () => {
  await joins(1, true);
  let asleep = 3;
  dpk.trouble = async () => {
    if (asleep > 0) {
      asleep -= 1;
      throw new NotDeliveredError();
    }
  };
  const answer = run(1, "On");
  for (let polls = 3; polls > 0; polls -= 1) {
    await until(() => asleep === polls - 1);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(250);
  }
  expect(codeOf(await answer)).toBe(200);
  asleep = Number.POSITIVE_INFINITY;
  const late = run(1, "On", 600);
  for (let step = 0; step < 4; step += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(250);
  }
  expect(codeOf(await late)).toBe(504);
});

test("a clock that is set under a command ends it neither sooner nor later", async () => {
  await joins(1, true);
  let asked = 0;
  let asleep = 1;
  dpk.trouble = async () => {
    asked += 1;
    if (asked <= asleep) throw new NotDeliveredError();
  };
  const answer = run(1, "On", 2000);
  await until(() => asked === 1);
  clock.jump(365 * 86_400_000);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(250);
  expect(codeOf(await answer)).toBe(200);
  asleep = Number.POSITIVE_INFINITY;
  const late = run(1, "On", 600);
  await new Promise((resolve) => setImmediate(resolve));
  clock.jump(-730 * 86_400_000);
  for (let step = 0; step < 4; step += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(250);
  }
  expect(codeOf(await late)).toBe(504);
});

test("a coordinator that goes ends what waits with 503 and is sought again, ever more slowly", async () => {
  await joins(1);
  dpk.trouble = () => new Promise(() => {});
  const command = run(1, "On", 60_000);
  await new Promise((resolve) => setImmediate(resolve));
  let attempts = 0;
  dpk.start = async () => {
    attempts += 1;
    throw new RadioGoneError();
  };
  dpk.emit({ kind: "gone", reason: "unplugged" });
  expect(codeOf(await command)).toBe(503);
  expect(await radio.health({})).toMatchObject({ state: "coordinator-gone" });
  await expect(radio.open({ seconds: 1 })).rejects.toMatchObject({ responseCode: 503 });
  for (const delay of [1000, 2000, 4000]) {
    const before = attempts;
    clock.advance(delay);
    await until(() => attempts === before + 1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  dpk.start = async () => ({ network: "back" });
  clock.advance(8000);
  await until(() => service.health.state === "up");
  dpk.trouble = undefined;
  expect(codeOf(await run(1, "On"))).toBe(200);
});

test("a network that is lost is said, and not sought again", async () => {
  dpk.start = async () => {
    throw new NetworkLostError("put the file back");
  };
  dpk.emit({ kind: "gone", reason: "unplugged" });
  clock.advance(1000);
  await until(() => service.health.state === "failed");
  expect(await radio.health({})).toEqual({ state: "failed", reason: "put the file back" });
  clock.advance(3_600_000);
  expect(service.health.state).toBe("failed");
});

test("labels keep the network open for their devices only, until they have come", async () => {
  await radio.provision({ labels: [label(1), label(2)] });
  expect(dpk.open).toBe(true);
  expect(dpk.installCodes).toHaveLength(2);
  expect(dpk.powerOn(plug(3))).toBe(false);
  expect(dpk.powerOn(plug(1))).toBe(true);
  await until(() => heard("joined").length === 1);
  clock.advance(300_000);
  await until(() => dpk.open);
  await radio.provision({ labels: [label(1), label(2)] });
  dpk.powerOn(plug(2));
  await until(() => heard("joined").length === 2);
  await until(() => !dpk.open);
});

test("an install code is given again before a coordinator may have forgotten it, and after it was closed", async () => {
  await radio.provision({ labels: [label(1)] });
  await radio.provision({ labels: [label(1), label(2)] });
  expect(dpk.installCodes).toEqual([label(1).material, label(2).material]);
  clock.advance(240_000);
  await until(() => dpk.installCodes.length === 4);
  await radio.provision({ labels: [] });
  expect(dpk.open).toBe(false);
  await radio.provision({ labels: [label(2)] });
  expect(dpk.installCodes.slice(4)).toEqual([label(2).material]);
});

test("a device that leaves while it is configured is not kept", async () => {
  let left = () => {};
  dpk.bind = () =>
    new Promise((resolve) => {
      left = resolve;
    });
  await radio.open({ seconds: 60 });
  dpk.powerOn(plug(1));
  const pending = left;
  await until(() => left !== pending);
  dpk.forget(address(1));
  dpk.emit({ kind: "left", address: address(1) });
  left();
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(heard("left")).toHaveLength(1);
  expect(heard("joined")).toEqual([]);
  expect(await radio.devices({})).toEqual({ devices: [] });
});

test("an interview that stops, or never ends, is failed", async () => {
  dpk.emit({ kind: "joined", address: address(1) });
  dpk.emit({ kind: "interview-failed", address: address(1), reason: "the device stopped answering" });
  dpk.emit({ kind: "joined", address: address(2) });
  clock.advance(60_000);
  expect(heard("failed").map(({ body }) => body)).toEqual([
    { deviceId: idOf(1), reason: "the device stopped answering" },
    { deviceId: idOf(2), reason: "the interview did not end in time" },
  ]);
});

test("a device that is silent while it is configured is configured when it is heard", async () => {
  let binds = 0;
  const { bind } = dpk;
  dpk.bind = async (to, within) => {
    binds += 1;
    if (binds === 1) throw new Error("no answer");
    await bind(to, within);
  };
  await joins(1);
  dpk.change(address(1), 1, 6, { id: 0, type: T.boolean, data: Buffer.from([1]) });
  await until(() => binds === 2);
  expect(heard("joined")).toHaveLength(1);
});

test("what a device is bound to survives a restart; one that leaves is forgotten", async () => {
  const directory = await mkdtemp(join(tmpdir(), "zigbee-radio-"));
  radio.stop();
  const file = await openDeviceStore(directory, silentLogger);
  await file.put(address(1), {
    info: { ...plug(1), endpoints: plug(1).endpoints },
    ...{ configured: true, zoneTypes: {}, missing: [], raw: {} },
  });
  await start(file);
  await radio.bind({ deviceId: idOf(1), managedThingId: "t1" });
  radio.stop();
  await start(await openDeviceStore(directory, silentLogger));
  expect((await radio.devices({})).devices).toMatchObject([{ deviceId: idOf(1), managedThingId: "t1" }]);
  const { capabilityReport } = await radio.describe({ deviceId: idOf(1), refresh: false });
  expect(capabilityReport.endpoints[0]?.capabilities.map(({ id }) => id)).toEqual([ON_OFF]);
  dpk.emit({ kind: "left", address: address(1) });
  expect(heard("left")).toHaveLength(1);
  await expect(radio.describe({ deviceId: idOf(1), refresh: false })).rejects.toMatchObject({ code: "404" });
  await vi.waitFor(() => rm(directory, { recursive: true, maxRetries: 10 }), 30_000);
});

test("by force a device is forgotten though it does not answer; without, it stays", async () => {
  await joins(1);
  dpk.trouble = () => new Promise(() => {});
  const kept = radio.remove({ deviceId: idOf(1), force: false, seconds: 60 });
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(10_000);
  expect(await kept).toMatchObject({ outcome: "failed" });
  const gone = radio.remove({ deviceId: idOf(1), force: true, seconds: 60 });
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(2000);
  expect(await gone).toEqual({ outcome: "gone" });
  expect(await radio.devices({})).toEqual({ devices: [] });
  expect(heard("left")).toEqual([]);
});

test("a device that is forgotten while the coordinator is gone does not come back with it", async () => {
  await joins(1);
  await joins(2);
  dpk.emit({ kind: "gone", reason: "unplugged" });
  expect(await radio.remove({ deviceId: idOf(1), force: false, seconds: 60 })).toMatchObject({ outcome: "failed" });
  // A stack that is not running cannot forget either.
  dpk.forget = () => {};
  expect(await radio.remove({ deviceId: idOf(1), force: true, seconds: 60 })).toEqual({ outcome: "gone" });
  expect(dpk.devices()).toHaveLength(2);
  expect((await radio.devices({})).devices.map(({ deviceId }) => deviceId)).toEqual([idOf(2)]);
  said.length = 0;
  clock.advance(1000);
  await until(() => service.health.state === "up");
  radio.resume();
  await until(() => dpk.devices().length === 1);
  expect(heard("joined")).toEqual([]);
  expect((await radio.devices({})).devices.map(({ deviceId }) => deviceId)).toEqual([idOf(2)]);
});

test("a battery's charge is told with the device's presence, a maker's own attributes are not mistaken", async () => {
  await radio.open({ seconds: 60 });
  const sensor = plug(1, true);
  sensor.attributes.set("1/1/33", { type: T.uint8, data: Buffer.from([200]) });
  dpk.powerOn({ ...sensor, endpoints: [{ ...plug(1).endpoints[0], inputs: [0, 1, 6] } as never] });
  await until(() => heard("joined").length === 1);
  dpk.change(address(1), 1, 1, { id: 0x21, type: T.uint8, data: Buffer.from([90]) });
  expect(heard("reachable", idOf(1)).at(-1)?.body).toEqual({ deviceId: idOf(1), reachable: true, battery: 45 });
  clock.advance(100);
  said.length = 0;
  const report = Buffer.from("1c5f11000a" + "00001001", "hex");
  dpk.emit({ kind: "frame", address: address(1), endpoint: 1, cluster: 6, data: report });
  clock.advance(100);
  expect(heard("changed")).toEqual([]);
});

test("a reset forgets the network, its devices and its labels", async () => {
  await joins(1);
  await radio.provision({ labels: [label(2)] });
  await radio.reset({});
  expect(await radio.devices({})).toEqual({ devices: [] });
  expect(await radio.health({})).toMatchObject({ state: "up" });
  expect(radio.admits(address(2))).toBe("stranger");
});

test("what a device tells while it is being read counts more than the answer", async () => {
  await joins(1);
  const { read } = dpk;
  dpk.read = async (...request) => {
    const answer = await read(...request);
    // The hand is quicker than the answer's way through the bridge.
    dpk.change(address(1), 1, 6, { id: 0, type: T.boolean, data: Buffer.from([1]) });
    return answer;
  };
  const { endpoints } = await radio.state({ deviceId: idOf(1), refresh: true });
  expect(endpoints[0]?.capabilities[0]?.properties).toEqual([{ name: "OnOff", value: true }]);
  clock.advance(100);
  const last = heard("changed", idOf(1)).at(-1)?.body["endpoints"] as unknown as StateEndpoint[];
  expect(last[0]?.capabilities[0]?.properties).toEqual([{ name: "OnOff", value: true }]);
});
