import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeClock, type Logger, silentLogger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { expect, onTestFinished, test } from "vitest";
import { createMemoryBus } from "../bus/memory-bus.ts";
import { openNodeStore } from "./device-store.ts";
import { type DpkNode, NetworkLostError } from "./dpk/dpk.ts";
import { createMemoryZWave, memoryNode } from "./dpk/memory-dpk.ts";
import { until } from "./zwave-home.ts";
import { createZWaveRadio } from "./zwave-radio.ts";

const HOME = 0x40000001;

/** The radio on a network in memory; `warnings` are all lines of its log from WARN on. */
async function openRadio(...nodes: DpkNode[]) {
  const directory = mkdtempSync(join(tmpdir(), "hearth-hub-zwave-memory-"));
  onTestFinished(() => rmSync(directory, { recursive: true, maxRetries: 10 }));
  const bus = createMemoryBus();
  const heard: { topic: string; body: JsonObject }[] = [];
  for (const topic of ["joined", "failed", "left"]) {
    bus.subscribe(`radio.zwave.${topic}`, (body) => heard.push({ topic, body }));
  }
  const warnings: unknown[] = [];
  const warn = (fields: unknown) => void warnings.push(fields);
  const log = { ...silentLogger, warn, error: warn } as Logger;
  const zwave = createMemoryZWave(HOME, ...nodes);
  const clock = new FakeClock();
  const store = await openNodeStore(directory, log);
  const radio = createZWaveRadio({ bus, clock, log, dpk: zwave.dpk, store });
  await radio.start();
  const deviceIds = async () => (await radio.service.devices({})).devices.map(({ deviceId }) => deviceId);
  return { ...zwave, clock, heard, warnings, store, radio, deviceIds };
}

const removals = (asked: readonly string[]) => asked.filter((one) => one.startsWith("removeFailed"));

test("a node that is nobody's is taken off the list once it is silent, whoever notices it and how often", async () => {
  const home = await openRadio(memoryNode(2));
  home.join(memoryNode(3), "it needs its PIN");
  home.join(memoryNode(4, { sleepy: true }), "it needs its PIN");
  await until(() => home.store.all().filter(({ ghost }) => ghost).length === 2);
  expect(await home.deviceIds()).toEqual(["zw.40000001.2"]);

  // It answers, or may be asleep: it stays where it is.
  home.join(memoryNode(5));
  await until(() => home.heard.filter(({ topic }) => topic === "joined").length === 2);
  await until(() => home.asked.includes("isFailed 3"));
  expect(removals(home.asked)).toEqual([]);

  home.silent.add(3);
  home.silent.add(4);
  // Its own silence, a device that joins and a person who removes it all ask for the same.
  home.events().reachable(3, false);
  home.events().reachable(3, false);
  home.join(memoryNode(6));
  await until(() => home.store.get(3) === undefined);
  await until(async () => (await home.deviceIds()).length === 3);
  expect(removals(home.asked)).toEqual(["removeFailed 3"]);
  expect(home.store.get(4)).toMatchObject({ ghost: true });
  expect(home.warnings).toEqual([]);
  expect(home.heard.filter(({ topic }) => topic === "left")).toEqual([]);
  await home.radio.stop();
});

test("a network whose keys are lost is failed with what to do, its devices stay known, and it is looked at again", async () => {
  const home = await openRadio(memoryNode(2));
  await home.radio.service.bind({ deviceId: "zw.40000001.2", managedThingId: "thing" });
  const begin = home.dpk.start;
  const reason = "zwave-keys.json is damaged: put it back";
  home.dpk.start = async () => {
    throw new NetworkLostError(reason);
  };
  home.events().lost("it was pulled");
  home.clock.advance(1_000);
  const health = async () => await home.radio.service.health({});
  await until(async () => (await health()).state === "failed");
  expect(await health()).toEqual({ state: "failed", reason });
  expect((await home.radio.service.devices({})).devices).toMatchObject([{ managedThingId: "thing", reachable: false }]);
  await expect(home.radio.service.open({ seconds: 5 })).rejects.toThrow(reason);
  home.dpk.start = begin;
  home.clock.advance(30_000);
  await until(async () => (await health()).state === "up");
  expect(await home.deviceIds()).toEqual(["zw.40000001.2"]);
  await home.radio.stop();
});
