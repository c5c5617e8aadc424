import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { FakeClock, silentLogger } from "@hearth/base";
import { afterEach, beforeEach, expect, test } from "vitest";
import { NetworkLostError, RadioGoneError } from "./dpk.ts";
import { createHerdsmanDpk, type ZigbeeAdapter } from "./herdsman-dpk.ts";
import { abandon } from "./herdsman-stack.ts";
import { eraseNetwork, networkFiles, openNetwork } from "./network.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "zigbee-dpk-"));
});
afterEach(() => rm(directory, { recursive: true, maxRetries: 10 }));

const start = (adapter: ZigbeeAdapter = "zstack") => {
  const deps = { directory, admit: () => "awaited" as const, clock: new FakeClock(), log: silentLogger };
  return createHerdsmanDpk({ port: "tcp://127.0.0.1:1", adapter, ...deps }).start();
};
const device = '{"id":2,"type":"Router","ieeeAddr":"0x00158d0000000001","nwkAddr":1}';

test("a network is chosen once, and only its owner can read its key", async () => {
  const network = await openNetwork(directory);
  expect(await openNetwork(directory)).toEqual(network);
  expect(network.key).toHaveLength(16);
  expect((await stat(networkFiles(directory).network)).mode & 0o777).toBe(0o600);
  await eraseNetwork(directory);
  expect(await readdir(directory)).toEqual([]);
});

test("no network is begun over devices whose own cannot be restored, and it is said which file to put back", async () => {
  const files = networkFiles(directory);
  await writeFile(files.database, device);
  await expect(start()).rejects.toThrow(NetworkLostError);
  await expect(start()).rejects.toThrow(files.network);
  const { key } = await openNetwork(directory);
  await expect(start()).rejects.toThrow(files.backup);
  await writeFile(files.backup, "{");
  await expect(start()).rejects.toThrow("1 device is in the hub's Zigbee network");
  await writeFile(files.backup, JSON.stringify({ network_key: { key: "00".repeat(16) } }));
  await expect(start()).rejects.toThrow("of another network");
  await writeFile(files.backup, JSON.stringify({ network_key: { key: Buffer.from(key).toString("hex") } }));
  await expect(start()).rejects.toThrow(RadioGoneError);
  await expect(start("ember")).rejects.toThrow("of another kind of coordinator than ember");
  expect(await readFile(files.database, "utf8")).toContain("0x00158d0000000001");
});

test("a backup of another kind of coordinator, with nobody's network in it, is not kept", async () => {
  const { backup } = networkFiles(directory);
  await writeFile(backup, JSON.stringify({ network_key: { key: "00" }, stack_specific: { zstack: {} } }));
  await expect(start("zstack")).rejects.toThrow(RadioGoneError);
  expect(await readdir(directory)).toContain(basename(backup));
  await expect(start("ember")).rejects.toThrow(RadioGoneError);
  expect(await readdir(directory)).not.toContain(basename(backup));
});

test("a library that does not end is not waited for: the stick is tried again", async () => {
  const clock = new FakeClock();
  const asked: string[] = [];
  const silent = (name: string) => () => {
    asked.push(name);
    return new Promise<void>(() => {});
  };
  const controller = { stop: silent("controller"), adapter: { stop: silent("adapter") } };
  const abandoned = abandon(controller, clock);
  clock.advance(5_000);
  await expect.poll(() => asked, { interval: 1 }).toEqual(["adapter", "controller"]);
  clock.advance(5_000);
  await abandoned;
  const rude = () => Promise.reject(new Error("closed already"));
  await abandon({ stop: rude, ...{ adapter: { stop: rude } } }, clock);
});
