import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger, systemClock } from "@hearth/base";
import { type CoordinatorKind, startZigbeeMesh, type VirtualDevice } from "@hearth/simulator";
import { expect, test } from "vitest";
import { createHerdsmanDpk } from "../../apps/hub/src/zigbee/dpk/herdsman-dpk.ts";
import { startBridge } from "../../apps/hub/src/zigbee/dpk-suite.ts";

/** A house in which a plug has joined, and whose stick is taken away. */
async function replaced(before: CoordinatorKind) {
  const directory = await mkdtemp(join(tmpdir(), "zigbee-kinds-"));
  const store = join(directory, "mesh.json");
  const devices = [{ type: "plug" }];
  const first = await startZigbeeMesh({ devices, store, coordinator: before });
  const bridge = await startBridge({ port: first.port, adapter: before });
  const [plug] = first.devices as [VirtualDevice];
  await bridge.hear("health", ({ state }) => state === "up");
  await bridge.radio.open({ seconds: 60 });
  plug.powerOn();
  await bridge.hear("joined");
  await bridge.halt();
  await first.close();
  const stick = await readFile(store, "utf8");
  return {
    address: plug.label.slice(2, 18).toLowerCase(),
    /** A stick of this kind in its place: the old one, or one that is new. */
    async start(kind: CoordinatorKind) {
      await writeFile(store, stick);
      const mesh = await startZigbeeMesh({ devices, store, coordinator: kind });
      const dpk = createHerdsmanDpk({
        ...{ port: `tcp://127.0.0.1:${mesh.port}`, adapter: kind, directory: bridge.directory },
        ...{ admit: () => "awaited", clock: systemClock, log: silentLogger },
      });
      return {
        mesh,
        dpk,
        async close() {
          await dpk.stop();
          await mesh.close();
        },
      };
    },
    async close() {
      await bridge.stop();
      await rm(directory, { recursive: true });
    },
  };
}

test.each([
  ["zstack", "ember"],
  ["ember", "zstack"],
] as const)(
  "the network of %s is not given to %s, which is said, and the old stick has it again",
  async (before, after) => {
    const { start, address, close } = await replaced(before);
    const other = await start(after);
    await expect(other.dpk.start()).rejects.toThrow(
      `coordinator-backup.json is of another kind of coordinator than ${after}, and 1 device is`,
    );
    await other.close();
    const old = await start(before);
    await old.dpk.start();
    await old.dpk.command({ address, endpoint: 1, cluster: 6 }, { command: 1, payload: Buffer.alloc(0) }, 5000);
    expect(old.mesh.devices[0]?.read("1/6/0")).toBe(true);
    await old.close();
    await close();
  },
);
