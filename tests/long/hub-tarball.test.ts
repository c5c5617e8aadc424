import { spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { ROOT } from "../kit/programs.ts";

const place = mkdtempSync(join(tmpdir(), "hub-tarball-"));
afterAll(() => rmSync(place, { recursive: true, force: true }));

function buildTarball(machine: string, name: string, shell = ""): string {
  const out = join(place, name);
  const command = `${shell} npm run --silent hub:tarball -- --arch ${machine} --out ${out}`;
  const { status, stderr } = spawnSync("sh", ["-c", command], { cwd: ROOT, encoding: "utf8" });
  expect([status, stderr.split("\n").filter((line) => line && !line.startsWith("npm warn"))]).toEqual([0, []]);
  return join(out, readdirSync(out)[0] as string);
}

function unpack(file: string, name: string): string {
  const directory = join(place, name);
  mkdirSync(directory);
  expect(spawnSync("tar", ["-xzf", file, "-C", directory]).status).toBe(0);
  return directory;
}

/** `e_machine` of each ELF file below. */
function machinesOf(directory: string): number[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".node"))
    .map((name) => {
      const header = Buffer.alloc(20);
      const file = openSync(join(directory, name), "r");
      readSync(file, header, 0, 20, 0);
      closeSync(file);
      return header.readUInt16LE(18);
    });
}

test("one command writes the hub's package for both machines, the same bytes each time", () => {
  const first = buildTarball("x86_64", "first");
  const again = buildTarball("x86_64", "again", "umask 077; TZ=Asia/Tokyo");
  expect(readFileSync(again).equals(readFileSync(first))).toBe(true);
  expect(new Set(machinesOf(unpack(first, "x86_64")))).toEqual(new Set([62]));
  const arm = unpack(buildTarball("aarch64", "arm"), "aarch64");
  expect(new Set(machinesOf(arm))).toEqual(new Set([183]));
  expect(readdirSync(join(arm, "package/greengrass/recipes"))).toHaveLength(8);
});

test("the package is set up below a directory, and its program runs from there", async () => {
  const setup = join(place, "x86_64/hubSystemdSetup");
  cpSync(join(setup, "iotshd_config.sample.json"), join(setup, "iotshd_config.json"));
  const artifacts = join(place, "x86_64/package/greengrass/artifacts");
  expect(spawnSync("tar", ["-czf", join(setup, "package.tgz"), "-C", artifacts, "."]).status).toBe(0);
  const hub = join(place, "hub");
  mkdirSync(hub);
  const set = spawnSync("sh", [
    join(setup, "setup_hub.sh"),
    `--root=${hub}`,
    `--package=${join(setup, "package.tgz")}`,
  ]);
  expect(set.status).toBe(0);

  const program = join(hub, "opt/hearth-hub/bin/hearth-hub");
  const flags = ["--zigbee", "tcp://127.0.0.1:9", "--zwave", "tcp://127.0.0.1:9"];
  const env = { ...process.env, HEARTH_HUB_ROOT: hub };
  const running = spawn(program, ["run", ...flags], { env, stdio: "ignore" });
  const exited = new Promise((resolve) => running.once("exit", resolve));
  try {
    // Every part but those that need a configuration of a real hub: with the radios' libraries as they are packed.
    await vi.waitFor(
      () => {
        const { stdout } = spawnSync(program, ["status", ...flags], { env, encoding: "utf8" });
        for (const part of ["Logger", "AceZigbee", "AceZwave", "CDMB", "Agent", "LPW-Provisioner"]) {
          expect(stdout).toMatch(new RegExp(`^${part} +running`, "m"));
        }
      },
      { timeout: 60_000, interval: 500 },
    );
  } finally {
    running.kill("SIGTERM");
    expect(await exited).toBe(0);
  }
});
