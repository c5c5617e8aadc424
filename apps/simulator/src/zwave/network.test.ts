import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseQRCodeString, SecurityClass } from "@zwave-js/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Driver, type InclusionGrant, InclusionStrategy, RemoveNodeReason, type ZWaveNode } from "zwave-js";
import type { VirtualDeviceOptions, ZWaveNetwork } from "../virtual-device.ts";
import { startZWaveNetwork } from "./start.ts";

/** The real driver is the oracle: the simulator knows nothing of it but the mocks' plumbing. */
let directory: string;
let network: ZWaveNetwork;
let driver: Driver;
const devices: VirtualDeviceOptions[] = [
  { type: "plug" },
  { type: "dimmable-light" },
  { type: "lock" },
  { type: "s0-lock" },
  { type: "temperature", sleepy: true },
  { type: "plug", secure: false },
];
const key = (byte: number) => new Uint8Array(16).fill(byte);

async function startDriver(): Promise<Driver> {
  const started = new Driver(`tcp://127.0.0.1:${network.port}`, {
    logConfig: { enabled: false },
    storage: { cacheDir: join(directory, "cache") },
    securityKeys: { S2_AccessControl: key(1), S2_Authenticated: key(2), S2_Unauthenticated: key(3), S0_Legacy: key(4) },
    features: { softReset: false },
    testingHooks: { skipFirmwareIdentification: true },
  });
  started.on("error", () => undefined);
  const ready = new Promise((resolve) => started.once("driver ready", () => resolve(undefined)));
  await started.start();
  await ready;
  return started;
}

async function stopDriver(): Promise<void> {
  // A driver that is destroyed while it goes back to SmartStart tries that for ever, without a pause.
  await driver.controller["disableSmartStart"]();
  // Nor does it end while one of its tasks waits for an answer.
  await Promise.race([driver.destroy(), new Promise((resolve) => setTimeout(resolve, 2_000))]);
}

const device = (id: string) => network.devices.find((candidate) => candidate.id === id)!;

async function waitFor<T>(what: () => T | undefined | false): Promise<T> {
  for (;;) {
    const value = what();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function nextNode(): Promise<ZWaveNode> {
  return new Promise((resolve) => {
    driver.controller.once("node added", (node) => {
      if (node.ready) resolve(node);
      else node.once("ready", () => resolve(node));
    });
  });
}

/** The next current value that the node reports. */
function toldBy(node: ZWaveNode): Promise<unknown> {
  return new Promise((resolve) => {
    const listener = (_: unknown, { property, newValue }: { property: string | number; newValue: unknown }) => {
      if (!String(property).startsWith("current")) return;
      node.off("value updated", listener);
      resolve(newValue);
    };
    node.on("value updated", listener);
  });
}

async function include(id: string, pin?: string): Promise<ZWaveNode> {
  const added = nextNode();
  device(id).press();
  await driver.controller.beginInclusion({
    strategy: InclusionStrategy.Default,
    userCallbacks: {
      grantSecurityClasses: async (asked: InclusionGrant) => ({
        ...asked,
        securityClasses: pin ? asked.securityClasses : asked.securityClasses.filter((one) => one === 0),
      }),
      validateDSKAndEnterPIN: async () => pin ?? false,
      abort: () => undefined,
    },
  });
  return await added;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "hearth-zwave-"));
  network = await startZWaveNetwork({ devices, store: join(directory, "network.json"), seed: 7 });
  driver = await startDriver();
});

afterAll(async () => {
  await stopDriver();
  await network.close();
  rmSync(directory, { recursive: true, maxRetries: 10 });
});

test("labels are SmartStart codes of the DSK whose first group is the PIN", async () => {
  const parsed = await parseQRCodeString(device("lock-1").label);
  expect(parsed).toMatchObject({
    version: 1,
    requestedSecurityClasses: [SecurityClass.S2_AccessControl],
    genericDeviceClass: 0x40,
    specificDeviceClass: 3,
    productId: 14,
  });
  expect(parsed.dsk.slice(0, 5)).toBe(device("lock-1").pin);
  expect(device("plug-2")).toMatchObject({ pin: undefined });
});

test("a button, an open inclusion and the PIN make an authenticated node that does as it is told", async () => {
  const node = await include("plug-1", device("plug-1").pin);
  expect(node.getHighestSecurityClass()).toBe(SecurityClass.S2_Authenticated);
  expect(await node.commandClasses["Binary Switch"].set(true)).toMatchObject({ status: 0xff });
  expect(device("plug-1").read("1/37/currentValue")).toBe(true);
  const told = toldBy(node);
  device("plug-1").change("1/37/currentValue", false);
  expect(await told).toBe(false);
});

test("a host that begins anew while a node tells of change after change knows the last one, and has rest then", async () => {
  await stopDriver();
  driver = await startDriver();
  const plug = device("plug-1");
  const { nodeId } = plug as unknown as { nodeId: number };
  const node = driver.controller.nodes.get(nodeId)!;
  const current = { commandClass: 0x25, property: "currentValue" };
  for (let turn = 0; turn < 20; turn++) {
    plug.change("1/37/currentValue", turn % 2 === 0);
    if (turn === 3) void node.commandClasses["Binary Switch"].get().catch(() => undefined);
  }
  plug.change("1/37/currentValue", true);
  await waitFor(() => node.getValue(current) === true);
  expect(await node.commandClasses["Binary Switch"].get()).toMatchObject({ currentValue: true });
});

test("SmartStart: powered up, listed by its label, in the network by itself", async () => {
  const light = device("dimmable-light-1");
  const { dsk } = await parseQRCodeString(light.label);
  light.powerOn();
  const added = nextNode();
  driver.controller.provisionSmartStartNode({ dsk, securityClasses: [SecurityClass.S2_Authenticated] });
  const node = await added;
  expect(node.getHighestSecurityClass()).toBe(SecurityClass.S2_Authenticated);
  await node.commandClasses["Multilevel Switch"].set(42);
  expect(light.read("1/38/currentValue")).toBe(42);
  await waitFor(() => network.joinState().mode === "smart-start");
});

test("without the PIN only what needs none is granted; S0 and no security are spoken too", async () => {
  const bare = await include("plug-2");
  expect(bare.getHighestSecurityClass()).toBe(SecurityClass.None);
  await bare.commandClasses["Binary Switch"].set(true);
  expect(device("plug-2").read("1/37/currentValue")).toBe(true);

  const legacy = await include("s0-lock-1", "00000");
  expect(legacy.getHighestSecurityClass()).toBe(SecurityClass.S0_Legacy);
  await legacy.commandClasses["Door Lock"].set(255);
  expect(device("s0-lock-1").read("1/98/currentMode")).toBe(255);
  const told = toldBy(legacy);
  device("s0-lock-1").change("1/98/currentMode", 0);
  expect(await told).toBe(0);
});

test("exclusion takes the node whose button is pressed, with all that it knew", async () => {
  const { nodeId } = device("plug-1") as unknown as { nodeId: number };
  const removed = new Promise((resolve) => driver.controller.once("node removed", (_, reason) => resolve(reason)));
  await driver.controller.beginExclusion();
  expect(network.joinState().mode).toBe("exclusion");
  device("plug-1").press();
  expect(await removed).toBe(RemoveNodeReason.Excluded);
  expect(device("plug-1").joined).toBe(false);
  expect(driver.controller.nodes.has(nodeId)).toBe(false);
});

test("an exclusion that the host stops takes no node behind its back", async () => {
  const light = device("dimmable-light-1");
  const { nodeId } = light as unknown as { nodeId: number };
  await driver.controller.beginExclusion();
  light.press();
  await driver.controller.stopExclusion();
  // Longer than the steps of an exclusion take.
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(light.joined).toBe(driver.controller.nodes.has(nodeId));
});

test("a node that is silent is a failed one, which the controller removes", async () => {
  const silent = device("plug-2");
  const { nodeId } = silent as unknown as { nodeId: number };
  expect(await driver.controller.isFailedNode(nodeId)).toBe(false);
  silent.mute();
  expect(await driver.controller.nodes.get(nodeId)!.ping()).toBe(false);
  expect(await driver.controller.isFailedNode(nodeId)).toBe(true);
  await driver.controller.removeFailedNode(nodeId);
  expect(silent.joined).toBe(false);
});
