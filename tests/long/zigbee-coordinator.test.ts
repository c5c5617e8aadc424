import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startZigbeeMesh, type VirtualDevice } from "@hearth/simulator";
import { expect, test } from "vitest";
import { networkFiles } from "../../apps/hub/src/zigbee/dpk/network.ts";
import { startBridge } from "../../apps/hub/src/zigbee/dpk-suite.ts";

test.each(["zstack", "ember"] as const)(
  "%s: a coordinator that was erased gets its network back, and without a backup nothing is begun",
  async (kind) => {
    const directory = await mkdtemp(join(tmpdir(), "zigbee-mesh-"));
    const store = join(directory, "mesh.json");
    const options = { devices: [{ type: "plug" }], store, coordinator: kind };
    let mesh = await startZigbeeMesh(options);
    const { port } = mesh;
    const bridge = await startBridge({ port, adapter: kind });
    const [plug] = mesh.devices as [VirtualDevice];
    const deviceId = `zb.${plug.label.slice(2, 18)}`;

    async function erase(): Promise<void> {
      await bridge.halt();
      await mesh.close();
      const content = JSON.parse(await readFile(store, "utf8"));
      await writeFile(store, JSON.stringify({ ...content, coordinator: { ...content.coordinator, nv: {} } }));
      mesh = await startZigbeeMesh({ ...options, port });
    }

    await bridge.hear("health", ({ state }) => state === "up");
    await bridge.radio.open({ seconds: 60 });
    plug.powerOn();
    await bridge.hear("joined");
    const { network } = await bridge.radio.health({});

    await erase();
    await bridge.restart();
    expect(await bridge.radio.health({})).toEqual({ state: "up", network });
    expect(await bridge.run(deviceId, "matter.OnOff@1.4", "On")).toMatchObject({ responseCode: 200 });
    expect(mesh.devices[0]?.read("1/6/0")).toBe(true);

    await erase();
    await rm(networkFiles(bridge.directory).backup);
    await bridge.resume();
    const { reason } = await bridge.hear("health", ({ state }) => state === "failed");
    expect(reason).toContain("coordinator-backup.json");
    expect((await bridge.radio.devices({})).devices).toMatchObject([{ deviceId, reachable: false }]);

    // The way out that the reason names: everything is forgotten, and another network begun.
    bridge.said.length = 0;
    await bridge.radio.reset({});
    expect(await bridge.radio.health({})).toMatchObject({ state: "up" });
    expect(await bridge.radio.devices({})).toEqual({ devices: [] });

    await bridge.stop();
    await mesh.close();
    await rm(directory, { recursive: true });
  },
  60_000,
);
