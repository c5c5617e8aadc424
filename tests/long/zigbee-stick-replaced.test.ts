import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CoordinatorKind, startZigbeeMesh, type ZigbeeMesh } from "@hearth/simulator";
import { expect, it } from "vitest";
import { Controller, setLogger } from "zigbee-herdsman";

const quiet = () => {};
setLogger({ debug: quiet, info: quiet, warning: quiet, error: quiet });

const createController = (mesh: ZigbeeMesh, adapter: CoordinatorKind, directory: string) =>
  new Controller({
    network: {
      panID: 0x1a62,
      extendedPanID: [1, 2, 3, 4, 5, 6, 7, 8],
      networkKey: [...Array(16).keys()],
      channelList: [11],
    },
    serialPort: { path: `tcp://127.0.0.1:${mesh.port}`, adapter },
    databasePath: join(directory, "database"),
    backupPath: join(directory, "backup"),
    databaseBackupPath: join(directory, "database.backup"),
    adapter: { disableLED: false },
    acceptJoiningDeviceHandler: async () => true,
  });

it.each(["zstack", "ember"] as const)(
  "%s: a driver's backup makes a new stick speak to the devices of the old one",
  async (kind) => {
    const directory = mkdtempSync(join(tmpdir(), "stick-"));
    const store = join(directory, "network.json");
    const devices = [{ type: "plug" }];
    const first = await startZigbeeMesh({ devices, store, coordinator: kind });
    const before = createController(first, kind, directory);
    expect(await before.start()).toBe("reset");
    await before.permitJoin(60);
    const interviewed = new Promise<void>((resolve) => {
      before.on("deviceInterview", ({ status }) => status === "successful" && resolve());
    });
    first.devices[0]?.powerOn();
    await interviewed;
    await before.stop();
    await first.close();

    const kept = JSON.parse(readFileSync(store, "utf8"));
    kept.coordinator = { kind, eui64: "02486561FFABCDEF", nv: {} };
    writeFileSync(store, JSON.stringify(kept));
    const second = await startZigbeeMesh({ devices, store, coordinator: kind });
    const after = createController(second, kind, directory);
    expect(await after.start()).toBe("restored");
    await after.getDevicesByType("Router")[0]?.getEndpoint(1)?.command("genOnOff", "on", {});
    expect(second.devices[0]?.read("onOff")).toBe(true);
    await after.stop();
    await second.close();
    rmSync(directory, { recursive: true });
  },
);
