import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { programArguments, ROOT } from "../kit/programs.ts";

/** Where the demo keeps what it needs while it runs: nothing of it is left there afterwards. */
const temporary = mkdtempSync(join(tmpdir(), "hub-demo-"));
afterEach(() => expect(readdirSync(temporary).filter((name) => name.startsWith("hearth-demo-"))).toEqual([]));
afterAll(() => rmSync(temporary, { recursive: true, force: true, maxRetries: 10 }));

function start() {
  const child = spawn(process.execPath, [...programArguments("hearth", { fromSources: true }), "demo", "hub"], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { all: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (printed.all += chunk));
  return { child, printed, exited: once(child, "close").then(([code]) => code as number | null) };
}

test("hearth demo hub prints a home from the hub's first start to its off-boarding, and exits 0", async () => {
  const { printed, exited } = start();
  expect(await exited, printed.all).toBe(0);
  const steps = printed.all.split("\n").flatMap((line) => / s {2}(\w+) +(.*)/.exec(line)?.slice(1).join(": ") ?? []);
  const walk = [
    /^cloud: runs at/,
    /^radios: Zigbee coordinator/,
    /^radios: Z-Wave controller/,
    /^app: record of the hub/,
    /^hub: starts/,
    /^hub: PROVISIONED, and ACTIVATED$/,
    /^app: scans the light's bar code: .* PRE_ASSOCIATED$/,
    /^light: is powered on$/,
    /^cloud: ACTIVATED: matter.ColorControl@1.4, matter.LevelControl@1.4, matter.OnOff@1.4$/,
    /^lock: its button is pressed/,
    /^app: a discovery with the PIN \d{5} has found it$/,
    /^cloud: ACTIVATED: matter.DoorLock@1.4$/,
    /^app: Toggle: the light is on \(cluster 6 says true\)$/,
    /^app: LockDoor/,
    /^cloud: the uplink is cut/,
    /^routine: Toggle by IPC: the light is off$/,
    /^routine: UnlockDoor by IPC/,
    /^cloud: still believes OnOff: true$/,
    /^hub: the uplink is back$/,
    /^app: the states of both devices are equal/,
    /^app: removes the light/,
    /^app: removes the lock/,
    /^hub: is off-boarded: NOT_PROVISIONED/,
  ];
  expect(steps).toEqual(walk.map((step) => expect.stringMatching(step)));
  expect(printed.all).toContain("Done.");
}, 180_000);

test("Ctrl-C ends it, and nothing is left", async () => {
  const { child, printed, exited } = start();
  while (!printed.all.includes("starts, with nothing")) await once(child.stdout, "data");
  child.kill("SIGINT");
  expect(await exited, printed.all).toBe(130);
}, 60_000);
