import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startZWaveNetwork } from "@hearth/simulator";
import { expect, test } from "vitest";
import { Driver, InclusionStrategy, ZWaveError, ZWaveErrorCodes } from "zwave-js";
import { hearNodeInfoFailures } from "./zwave-js-node-info.ts";

test("a node that does not say what it is fails at once, and the controller is free", async () => {
  const directory = mkdtempSync(join(tmpdir(), "hearth-hub-node-info-"));
  const network = await startZWaveNetwork({ devices: [{ type: "plug", secure: false }], seed: 3 });
  const driver = new Driver(`tcp://127.0.0.1:${network.port}`, {
    logConfig: { enabled: false },
    storage: { cacheDir: directory },
    features: { softReset: false },
    testingHooks: { skipFirmwareIdentification: true },
  });
  driver.on("error", () => {});
  const refusal = () => new ZWaveError("it does not say", ZWaveErrorCodes.Controller_CallbackNOK);
  hearNodeInfoFailures(driver, refusal);
  const ready = new Promise<void>((resolve) => driver.once("driver ready", () => resolve()));
  await driver.start();
  await ready;
  const [plug] = network.devices;
  const { controller } = driver;
  const added = new Promise<void>((resolve) => {
    controller.once("node added", (node) => node.once("ready", () => resolve()));
  });
  await controller.beginInclusion({ strategy: InclusionStrategy.Insecure });
  plug?.press();
  await added;
  const node = [...controller.nodes.values()].find(({ isControllerNode }) => !isControllerNode)!;

  plug?.mute();
  // By itself the library waits 30 s, longer than a test may take.
  await expect(node.requestNodeInfo()).rejects.toMatchObject({ message: refusal().message });
  plug?.unmute();
  expect(await node.requestNodeInfo()).toMatchObject({ nodeId: node.id });

  await driver.destroy();
  await network.close();
  rmSync(directory, { recursive: true, maxRetries: 10 });
});
