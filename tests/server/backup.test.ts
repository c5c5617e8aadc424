import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMqttAgent } from "@hearth/device-sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hearth, type Ran } from "../kit/command.ts";
import { type ServerProcess, startServerProcess } from "../kit/server-process.ts";
import { clientsOf, type ProvisionedDevice, placeOf, provisionDevice } from "./doors.ts";

const dataDir = mkdtempSync(join(tmpdir(), "hearth-backup-"));
const backups = join(dataDir, "backups");
let server: ServerProcess;
let device: ProvisionedDevice;

beforeAll(async () => {
  server = await startServerProcess({ dataDir });
  device = await provisionDevice(clientsOf(server.file), server.file, "BACKED-UP");
});
afterAll(async () => {
  await server.kill("SIGTERM");
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
});

const createThing = (thingName: string) => clientsOf(server.file).iot.send("CreateThing", { thingName });
const exists = (thingName: string) =>
  clientsOf(server.file)
    .iot.send("DescribeThing", { thingName })
    .then(
      () => true,
      (error: Error) => {
        if (error.name !== "ResourceNotFoundException") throw error;
        return false;
      },
    );
const oneLine = (ran: Ran, told: RegExp) => {
  expect(ran.code, ran.stdout + ran.stderr).toBe(1);
  expect(ran.stderr).toMatch(/^hearth: [^\n]+\n$/);
  expect(ran.stderr).toMatch(told);
};
const done = (ran: Ran) => {
  expect(ran.stderr).toBe("");
  expect(ran.code, ran.stdout).toBe(0);
};

describe("backup and restore", () => {
  test("of a server that runs", async () => {
    await createThing("before");
    done(await hearth(dataDir, "backup", "one"));
    expect(statSync(join(backups, "one")).mode & 0o777).toBe(0o600);
    await createThing("after");
    const agent = createMqttAgent({ connection: { ...placeOf(server.file), ...device.credential } });
    const events: string[] = [];
    agent.onEvent(({ state }) => events.push(state));
    agent.start();
    await agent.whenConnected();
    const file = readFileSync(join(dataDir, "hearth.json"), "utf8");
    const authority = readFileSync(server.file.caFile, "utf8");

    const restored = await hearth(dataDir, "restore", "one");
    done(restored);
    expect(await exists("before")).toBe(true);
    expect(await exists("after")).toBe(false);
    expect(readFileSync(join(dataDir, "hearth.json"), "utf8")).toBe(file);
    expect(readFileSync(server.file.caFile, "utf8")).toBe(authority);
    // The device that was connected comes back by itself.
    await expect
      .poll(() => [events.includes("disconnected"), events.at(-1)], { timeout: 40_000 })
      .toEqual([true, "connected"]);
    await agent.publish(`$aws/things/${device.credential.managedThingId}/shadow/get`, "{}");
    await agent.stop();
    // What is done now is kept.
    await createThing("later");
    expect(await server.kill("SIGKILL")).toBe(null);
    server = await startServerProcess({ dataDir });
    expect([await exists("before"), await exists("after"), await exists("later")]).toEqual([true, false, true]);
  });

  test("are refused in one line when they cannot be, and nothing changes", async () => {
    const whole = readFileSync(join(backups, "one"));
    const broken = Buffer.from(whole);
    broken.fill(0xff, 4096 * 3, 4096 * 5);
    writeFileSync(join(backups, "broken"), broken);
    writeFileSync(join(backups, "cut"), whole.subarray(0, whole.length / 2));
    writeFileSync(join(backups, "other"), "a shopping list");
    const refused: [string, string, RegExp][] = [
      ["restore", "broken", /broken/],
      ["restore", "other", /other/],
      ["restore", "nothing", /no backup .*nothing/],
      ["backup", "one", /one exists/],
      ["backup", "../escaped", /Name/],
    ];
    await Promise.all(refused.map(async ([command, name, why]) => oneLine(await hearth(dataDir, command, name), why)));
    expect(existsSync(join(dataDir, "escaped"))).toBe(false);
    expect([await exists("before"), await exists("later")]).toEqual([true, true]);
    expect(readdirSync(backups).sort()).toEqual(["broken", "cut", "one", "other"]);
  });

  test("restore where no server runs, from any path", async () => {
    const elsewhere = join(mkdtempSync(join(dataDir, "elsewhere-")), "mine.db");
    copyFileSync(join(backups, "one"), elsewhere);
    await server.kill("SIGTERM");
    oneLine(await hearth(dataDir, "backup", "two"), /does not answer.*Start the server/);
    oneLine(await hearth(dataDir, "restore", "cut"), /cut/);
    done(await hearth(dataDir, "restore", elsewhere));
    server = await startServerProcess({ dataDir });
    expect([await exists("before"), await exists("later")]).toEqual([true, false]);
  });
});
