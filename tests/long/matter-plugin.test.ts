import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@hearth/base";
import { validateCapabilityReport } from "@hearth/data-model";
import type { JsonObject } from "@hearth/device-sdk";
import { type MatterHome, startMatterHome, type VirtualDevice } from "@hearth/simulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMemoryBus } from "../../apps/hub/src/bus/memory-bus.ts";
import { createCustomPart } from "../../apps/hub/src/custom/custom-part.ts";
import { createRadioClient } from "../../apps/hub/src/plugins/radio-client.ts";
import { skipped } from "../clients/tools.ts";
import { multicastMissing } from "../kit/multicast.ts";
import { eventually } from "../walk/fleet.ts";

/** The hub's Matter plug-in and virtual devices in one process, over UDP and mDNS of this machine. */

const settings = { configPath: "", stateDirectory: "", runDirectory: "", logDirectory: "", customPlugins: ["matter"] };
const bus = createMemoryBus();
const radio = createRadioClient(bus, "custom");
const told: [string, JsonObject][] = [];
for (const word of ["joined", "failed", "changed", "reachable", "left"]) {
  bus.subscribe(`radio.custom.${word}`, (body) => told.push([word, body]));
}
let directory: string | undefined;
let home: MatterHome;
let part: { stop(): Promise<void> };

const begin = async (directory: string) => {
  const started = await createCustomPart().start({ bus, clock: systemClock, log: silentLogger, directory, settings });
  await eventually(
    "the plug-in to run",
    async () => ((await radio.health({})).state === "up" ? true : undefined),
    20_000,
  );
  return started;
};

const noMulticast = skipped("the Matter plug-in", await multicastMissing());

beforeAll(async () => {
  if (noMulticast) return;
  directory = await mkdtemp(join(tmpdir(), "matter-"));
  const types = ["dimmable-light", "door-lock", "contact-sensor", "plug"];
  home = await startMatterHome({ devices: types.map((type) => ({ type })), seed: 7 });
  part = await begin(directory);
});
afterAll(async () => {
  await part?.stop();
  await home?.close();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true, maxRetries: 10 });
});

const within = { timeout: 40_000, interval: 20 };
const device = (type: string): VirtualDevice => home.devices.find((one) => one.type === type) as VirtualDevice;
const lastOf = (word: string) => told.findLast(([one]) => one === word)?.[1];

/** By its label: its id. */
async function joined(one: VirtualDevice): Promise<string> {
  await one.powerOn();
  const label = { managedThingId: one.id, protocol: "CUSTOM" as const, materialType: "CUSTOM_PROTOCOL_QR_BAR_CODE" };
  const { refused } = await radio.provision({ labels: [{ ...label, material: one.label }] });
  expect(refused).toEqual([]);
  await expect.poll(() => lastOf("joined"), within).toMatchObject({ device: { radioId: one.label } });
  return joinedId();
}

const joinedId = (): string => String((lastOf("joined")?.["device"] as JsonObject | undefined)?.["deviceId"]);

async function run(deviceId: string, id: string, name: string, parameters: JsonObject = {}, time = 5_000) {
  const endpoints = [{ endpointId: "1", capabilities: [{ id, actions: [{ name, parameters }] }] }];
  const answer = await radio.command({ deviceId, traceId: "t", within: time, endpoints });
  const [capability] = answer.endpoints[0]?.capabilities ?? [];
  const values = Object.fromEntries((capability?.properties ?? []).map((property) => [property.name, property.value]));
  return { code: capability?.actions[0]?.responseCode, values };
}

const changes = () =>
  told
    .filter(([word]) => word === "changed")
    .flatMap(
      ([, { endpoints }]) =>
        endpoints as unknown as {
          capabilities: { id: string; properties?: { name: string; value: unknown }[]; events?: object[] }[];
        }[],
    )
    .flatMap(({ capabilities }) => capabilities);

describe.skipIf(noMulticast)("a Matter device behind the hub", () => {
  test("joins by its label, obeys, tells of a hand on it, is written to, and leaves", async () => {
    const light = device("dimmable-light");
    const deviceId = await joined(light);
    expect(light.joined).toBe(true);
    const { capabilityReport } = await radio.describe({ deviceId, refresh: true });
    expect(validateCapabilityReport(capabilityReport)).toEqual([]);
    expect(capabilityReport.endpoints.map(({ id, deviceTypes }) => [id, deviceTypes])).toEqual([
      ["1", ["Dimmable Light"]],
    ]);
    expect(capabilityReport.endpoints[0]?.capabilities.map(({ id }) => id)).toEqual([
      "matter.OnOff@1.4",
      "matter.LevelControl@1.4",
    ]);
    expect(await run(deviceId, "matter.OnOff", "Toggle")).toMatchObject({ code: 200, values: { OnOff: true } });
    expect(light.read("onOff/onOff")).toBe(true);
    const level = { Level: 77, TransitionTime: 0, OptionsMask: {}, OptionsOverride: {} };
    expect(await run(deviceId, "matter.LevelControl@1.4", "MoveToLevel", level)).toMatchObject({
      code: 200,
      values: { CurrentLevel: 77 },
    });
    expect(await run(deviceId, "matter.LevelControl@1.4", "MoveToLevel", { ...level, Level: 300 })).toMatchObject({
      code: 400,
    });
    expect(await run(deviceId, "matter.LevelControl@1.4", "MoveToLevel", {})).toMatchObject({ code: 400 });
    expect(await run(deviceId, "matter.OnOff@1.4", "Explode")).toMatchObject({ code: 501 });
    expect(await run(deviceId, "matter.Thermostat@1.4", "ReadState", { propertiesToRead: ["*"] })).toMatchObject({
      code: 501,
    });
    expect(await run(deviceId, "matter.OnOff", "UpdateState", { StartUpOnOff: "Toggle", OnTime: 33 })).toMatchObject({
      code: 200,
      values: { StartUpOnOff: "Toggle", OnTime: 33 },
    });
    expect(await run(deviceId, "matter.OnOff", "UpdateState", { OnOff: true })).toMatchObject({ code: 400 });
    expect(await run(deviceId, "matter.LevelControl", "UpdateState", { Options: { ExecuteIfOff: 1 } })).toMatchObject({
      code: 200,
      values: { Options: { ExecuteIfOff: 1, CoupleColorTempToLevel: 0 } },
    });
    expect(await run(deviceId, "matter.OnOff", "ReadState", { propertiesToRead: ["OnOff"] })).toEqual({
      code: 200,
      values: { OnOff: true },
    });

    told.length = 0;
    await light.change("onOff/onOff", false);
    // What was written before may be told of in the same message.
    const off = expect.arrayContaining([{ name: "OnOff", value: false }]);
    await expect.poll(changes, within).toContainEqual({ id: "matter.OnOff@1.4", properties: off });

    expect(await radio.remove({ deviceId, force: false, seconds: 10 })).toEqual({ outcome: "gone" });
    await expect.poll(() => light.joined, within).toBe(false);
    expect((await radio.devices({})).devices).toEqual([]);
    expect(told.filter(([word]) => word === "left")).toEqual([]);
  });

  test("joins by the code that a person gives to a search, and tells its events", async () => {
    const lock = device("door-lock");
    await lock.powerOn();
    await expect(radio.open({ seconds: 60, custom: { Name: "matter" } })).rejects.toThrow(/SetupCode/);
    await expect(radio.open({ seconds: 60, custom: { Name: "matter", SetupCode: "34970112333" } })).rejects.toThrow(
      /check digit/,
    );
    await radio.open({ seconds: 60, custom: { Name: "matter", SetupCode: lock.pin as string } });
    await expect.poll(() => lock.joined, within).toBe(true);
    await expect.poll(() => lastOf("joined"), within).toMatchObject({ device: { deviceTypes: ["Door Lock"] } });
    const deviceId = joinedId();
    told.length = 0;
    expect(await run(deviceId, "matter.DoorLock", "UnlockDoor")).toMatchObject({
      code: 200,
      values: { LockState: "Unlocked" },
    });
    await expect
      .poll(() => changes().flatMap(({ events = [] }) => events), within)
      .toMatchObject([
        { name: "LockOperation", parameters: { LockOperationType: "Unlock", OperationSource: "Remote" } },
      ]);
    expect(await radio.remove({ deviceId, force: true, seconds: 5 })).toEqual({ outcome: "gone" });
  });

  test("is found by mDNS when it comes back at another address, also by a hub that was off meanwhile", async () => {
    const plug = device("plug");
    const deviceId = await joined(plug);
    // Of what mDNS has, where it was before may come first: 10 s for each address.
    const patient = { ...within, timeout: 120_000 };
    const obeys = async (name: string) =>
      expect.poll(async () => (await run(deviceId, "matter.OnOff@1.4", name)).code, patient).toBe(200);
    await obeys("On");
    // Each time that it goes online it takes any free port.
    await plug.mute();
    await plug.unmute();
    await obeys("Off");
    expect(plug.read("onOff/onOff")).toBe(false);

    await plug.mute();
    await part.stop();
    await plug.unmute();
    part = await begin(directory as string);
    await obeys("On");
    expect(plug.read("onOff/onOff")).toBe(true);
    expect(await radio.remove({ deviceId, force: false, seconds: 10 })).toEqual({ outcome: "gone" });
  });

  test("a wrong passcode is refused with a reason", async () => {
    const sensor = device("contact-sensor");
    await sensor.powerOn();
    told.length = 0;
    const other = await startMatterHome({ devices: [{ type: "contact-sensor" }], seed: 8 });
    try {
      // The same upper four bits, another passcode: a code that fits to the device's announcement alone.
      const digits = sensor.pin as string;
      const wrong = withPasscode(digits, 1);
      await radio.open({ seconds: 60, custom: { Name: "matter", SetupCode: wrong } });
      await expect
        .poll(() => lastOf("failed"), within)
        .toMatchObject({
          reason: "the setup code is not that of the device that answers",
        });
      expect(sensor.joined).toBe(false);
    } finally {
      await other.close();
    }
  });
});

/** A manual pairing code with a passcode that differs in its lowest bits, and a check digit that fits. */
function withPasscode(code: string, by: number): string {
  const chunk = Number(code.slice(1, 6)) ^ by;
  const body = `${code[0]}${String(chunk).padStart(5, "0")}${code.slice(6, 10)}`;
  return `${body}${verhoeff(body)}`;
}

/** Verhoeff's check digit (Matter 1.4, 5.1.4.1). */
function verhoeff(digits: string): number {
  const multiply = (a: number, b: number): number => {
    if (a < 5 && b < 5) return (a + b) % 5;
    if (a < 5) return ((a + b - 5) % 5) + 5;
    return b < 5 ? ((a - 5 - b + 5) % 5) + 5 : (((a - b) % 5) + 5) % 5;
  };
  const permute = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  const times = (digit: number, count: number): number =>
    count === 0 ? digit : times(permute[digit] as number, count - 1);
  const check = [...digits].reverse().reduce((sum, digit, i) => multiply(sum, times(Number(digit), (i + 1) % 8)), 0);
  return [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find((inverse) => multiply(check, inverse) === 0) as number;
}
