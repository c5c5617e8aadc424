import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { buildHubPackage, installHubPackage, unpackHubPackage } from "../kit/hub-package.ts";

const place = mkdtempSync(join(tmpdir(), "hub-tarball-"));
afterAll(() => rmSync(place, { recursive: true, force: true, maxRetries: 10 }));

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
  const first = buildHubPackage("x86_64", join(place, "first"));
  const again = buildHubPackage("x86_64", join(place, "again"), "umask 077; TZ=Asia/Tokyo");
  expect(readFileSync(again).equals(readFileSync(first))).toBe(true);
  unpackHubPackage(first, join(place, "x86_64"));
  expect(new Set(machinesOf(join(place, "x86_64")))).toEqual(new Set([62]));
  const arm = join(place, "aarch64");
  unpackHubPackage(buildHubPackage("aarch64", join(place, "arm")), arm);
  expect(new Set(machinesOf(arm))).toEqual(new Set([183]));
  expect(readdirSync(join(arm, "package/greengrass/recipes"))).toHaveLength(8);
});

test("the package is set up below a directory, and its program runs from there", async () => {
  const hub = join(place, "hub");
  const program = installHubPackage(join(place, "x86_64"), hub);
  const flags = ["--zigbee", "tcp://127.0.0.1:9", "--zwave", "tcp://127.0.0.1:9"];
  const env = { ...process.env, HEARTH_HUB_ROOT: hub };
  const running = spawn(program, ["run", ...flags], { env, stdio: "ignore" });
  const exited = new Promise((resolve) => running.once("exit", resolve));
  try {
    // Every part but those that need a configuration of a real hub: with the radios' libraries as they are packed.
    await vi.waitFor(
      () => {
        const { stdout } = spawnSync(program, ["status"], { env, encoding: "utf8" });
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
