import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Controller, setLogger } from "zigbee-herdsman";
import type { ZigbeeMesh } from "../virtual-device.ts";
import { startZigbeeMesh } from "./mesh.ts";

const quiet = () => {};
setLogger({ debug: quiet, info: quiet, warning: quiet, error: quiet });

describe("zigbee-herdsman on the simulated coordinator", () => {
  const directory = mkdtempSync(join(tmpdir(), "mesh-"));
  let mesh: ZigbeeMesh;
  let controller: Controller;

  const start = () =>
    new Controller({
      network: {
        panID: 0x1a62,
        extendedPanID: [1, 2, 3, 4, 5, 6, 7, 8],
        networkKey: [...Array(16).keys()],
        channelList: [11],
      },
      serialPort: { path: `tcp://127.0.0.1:${mesh.port}`, adapter: "zstack" },
      databasePath: join(directory, "database"),
      backupPath: join(directory, "backup"),
      databaseBackupPath: join(directory, "database.backup"),
      adapter: { disableLED: false },
      acceptJoiningDeviceHandler: async () => true,
    });

  beforeAll(async () => {
    mesh = await startZigbeeMesh({ devices: [{ type: "plug" }] });
    controller = start();
    expect(await controller.start()).toBe("reset");
  });
  afterAll(async () => {
    await controller?.stop();
    await mesh?.close();
    rmSync(directory, { recursive: true });
  });

  it("joins, interviews, commands and reports", async () => {
    const [plug] = mesh.devices;
    if (!plug) throw new Error("no plug");
    await controller.permitJoin(60);
    const interviewed = new Promise((resolve) =>
      controller.on("deviceInterview", (event) => event.status !== "started" && resolve(event.status)),
    );
    plug.powerOn();
    expect(await interviewed).toBe("successful");
    const address = `0x${plug.label.slice(2, 18).toLowerCase()}`;
    const device = controller.getDeviceByIeeeAddr(address);
    const endpoint = device?.getEndpoint(1);
    if (!endpoint) throw new Error("no endpoint");
    expect(device?.modelID).toBe("HRT-plug");
    const coordinator = controller.getDevicesByType("Coordinator")[0]?.getEndpoint(1);
    if (!coordinator) throw new Error("no coordinator");
    await endpoint.bind("genOnOff", coordinator);
    await endpoint.configureReporting("genOnOff", [
      { attribute: "onOff", minimumReportInterval: 0, maximumReportInterval: 300, reportableChange: 0 },
    ]);
    const reported = new Promise((resolve) =>
      controller.on("message", (event) => event.type === "attributeReport" && resolve(event.data)),
    );
    await endpoint.command("genOnOff", "on", {});
    expect(await reported).toEqual({ onOff: 1 });
    expect(plug.read("1/6/0")).toBe(true);
    const left = new Promise((resolve) => controller.on("deviceLeave", resolve));
    await device?.removeFromNetwork();
    await left;
    expect(plug.joined).toBe(false);
  });
});
