import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HomeApp } from "../../apps/server/src/demo/hub/home-app.ts";
import { find, skipped } from "../clients/tools.ts";
import { cloudOf, type LivingHub, openHub } from "../kit/hub.ts";
import { buildHubPackage, installHubPackage, unpackHubPackage } from "../kit/hub-package.ts";
import { type Fleet, openFleet } from "../walk/fleet.ts";
import { appOf } from "../walk/hub-things.ts";

// The package for 64-bit Arm by QEMU's user mode: Arm's instructions and this kernel. docs/hub.md says what it needs.
const QEMU = find("qemu-aarch64-static") ?? find("qemu-aarch64");
const NODE = process.env["HEARTH_AARCH64_NODE"] ?? "";
const LIBRARIES = process.env["QEMU_LD_PREFIX"] ?? "/usr/aarch64-linux-gnu";

/** Why it cannot be tried here. */
function missing(): string | undefined {
  if (QEMU === undefined) return "qemu-aarch64 is not on the PATH";
  if (!existsSync(NODE)) return "HEARTH_AARCH64_NODE does not name Node.js for aarch64";
  const loader = join(LIBRARIES, "lib/ld-linux-aarch64.so.1");
  return existsSync(loader) ? undefined : `${loader} is not there: QEMU_LD_PREFIX does not name glibc for aarch64`;
}

const ON_OFF = "matter.OnOff@1.4";
const PATIENCE = 300_000;

function writeScript(path: string, line: string): void {
  writeFileSync(path, `#!/bin/sh\n${line}\n`);
  chmodSync(path, 0o755);
}

/** A directory with `node` as it is on such a machine: by the emulator, since this kernel cannot start it by itself. */
function writeEmulatedNode(directory: string): string {
  mkdirSync(directory);
  const [node, preload] = [join(directory, "node"), join(directory, "emulated.cjs")];
  // By `process.execPath` the hub starts its other processes.
  writeFileSync(preload, `process.execPath = ${JSON.stringify(node)};\n`);
  writeScript(node, `exec '${QEMU}' -L '${LIBRARIES}' '${NODE}' -r '${preload}' "$@"`);
  return node;
}

describe.skipIf(skipped("the hub's package for aarch64", missing()))("the hub's package for aarch64", () => {
  let place: string;
  let node: string;
  let unpacked: string;
  let fleet: Fleet;
  let hub: LivingHub;
  let app: HomeApp;

  beforeAll(async () => {
    place = mkdtempSync(join(tmpdir(), "hub-arm-"));
    node = writeEmulatedNode(join(place, "bin"));
    unpacked = join(place, "package");
    unpackHubPackage(buildHubPackage("aarch64", join(place, "dist")), unpacked);
    const installed = installHubPackage(unpacked, join(place, "machine"));
    const program = join(place, "hearth-hub") as `/${string}`;
    writeScript(program, `PATH='${join(place, "bin")}':"$PATH" exec '${installed}' "$@"`);
    fleet = await openFleet();
    hub = await openHub(cloudOf(fleet), {
      ...{ zigbee: [{ type: "color-light" }], zwave: [{ type: "plug" }] },
      ...{ program, timeout: PATIENCE },
    });
    app = appOf(fleet, hub, PATIENCE);
  }, 3 * PATIENCE);
  afterAll(async () => {
    await hub?.close();
    await fleet?.close();
    if (place) rmSync(place, { recursive: true, force: true, maxRetries: 10 });
  });

  test("every addon for glibc loads", () => {
    const modules = join(unpacked, "package/greengrass/artifacts/node_modules");
    const addons = readdirSync(modules, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".node") && !/musl|android/.test(name))
      .map((name) => join(modules, name));
    const load = "for (const path of process.argv.slice(1)) process.dlopen({ exports: {} }, path);";
    const { stdout, stderr } = spawnSync(
      node,
      ["-e", `${load} console.log(process.arch, process.argv.length - 1)`, ...addons],
      {
        encoding: "utf8",
      },
    );
    // Of the serial port, twice (each radio's library has its own), and of aws-crt.
    expect([stdout, stderr, addons.length]).toEqual(["arm64 3\n", "", 3]);
  });

  test.each([
    { radio: "zigbee", type: "color-light", path: "1/6/0" },
    { radio: "zwave", type: "plug", path: "1/37/currentValue" },
  ] as const)("a $type by $radio joins by its label, is switched, tells, and leaves", async ({ radio, type, path }) => {
    const device = hub.device(type, radio);
    const id = await hub.label(device);
    await device.powerOn();
    await app.becomes(id, "ACTIVATED");
    await app.command(id, ON_OFF, "On");
    await app.stateIs(id, ON_OFF, "OnOff", true);
    expect(Boolean(device.read(path))).toBe(true);
    // By hand.
    await device.change(path, radio === "zigbee" ? 0 : false);
    await app.stateIs(id, ON_OFF, "OnOff", false);
    await app.remove(id, () => (radio === "zwave" ? device.press() : undefined));
    expect(device.joined).toBe(false);
  });

  test("is killed, goes on as the hub that it was, and is off-boarded", async () => {
    await hub.restart();
    await app.until("the hub to be connected again", async () =>
      hub.process.stderr().includes("connected to the cloud") ? true : undefined,
    );
    await app.remove(hub.id);
    await app.until("the hub to be erased", async () =>
      hub.home.configuration().rw["iot_provisioning_state"] === "NOT_PROVISIONED" ? true : undefined,
    );
  });
});
