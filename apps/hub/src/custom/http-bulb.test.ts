import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, silentLogger, systemClock } from "@hearth/base";
import { validateCapabilityReport } from "@hearth/data-model";
import type { JsonObject } from "@hearth/device-sdk";
import { expect, test } from "vitest";
import { type Bulb, startBulb } from "../../../../examples/http-bulb/src/bulb.ts";
import { createMemoryBus } from "../bus/memory-bus.ts";
import { createRadioClient } from "../plugins/radio-client.ts";
import { createCustomPart } from "./custom-part.ts";

const PLUGIN = join(import.meta.dirname, "../../../../examples/http-bulb/src/plugin.ts");

test("the HTTP bulb of the example joins by its label, obeys, tells of a hand on it, vanishes, returns and leaves", async () => {
  const directory = await mkdtemp(join(tmpdir(), "http-bulb-"));
  let bulb: Bulb = await startBulb({ serial: "B1" });
  const port = Number(new URL(bulb.address).port);
  process.env["HTTP_BULBS"] = bulb.address;
  // The plug-in looks at its bulbs every two seconds; here as often as it can.
  const clock: Clock = {
    ...systemClock,
    after: (delay, run) => systemClock.after(delay === 2_000 ? 5 : delay, run),
  };
  const bus = createMemoryBus();
  const told: [string, JsonObject][] = [];
  for (const word of ["joined", "changed", "reachable"]) {
    bus.subscribe(`radio.custom.${word}`, (body) => told.push([word, body]));
  }
  const settings = { configPath: "", stateDirectory: "", runDirectory: "", logDirectory: "", customPlugins: [PLUGIN] };
  const begin = () => createCustomPart().start({ bus, clock, log: silentLogger, directory, settings });
  let part = await begin();
  const radio = createRadioClient(bus, "custom");
  try {
    await expect.poll(async () => (await radio.health({})).network).toBe("httpbulb");
    const label = { managedThingId: "thing", protocol: "CUSTOM" as const, materialType: "CUSTOM_PROTOCOL_QR_BAR_CODE" };
    await radio.provision({ labels: [{ ...label, material: "HTTPBULB:B1" }] });
    await expect
      .poll(() => told[0])
      .toMatchObject(["joined", { device: { deviceId: "httpbulb.B1", radioId: "HTTPBULB:B1" } }]);
    const { capabilityReport } = await radio.describe({ deviceId: "httpbulb.B1", refresh: true });
    const run = async (id: string, name: string, parameters: JsonObject = {}) => {
      const endpoints = [{ endpointId: "1", capabilities: [{ id, actions: [{ name, parameters }] }] }];
      const answer = await radio.command({ deviceId: "httpbulb.B1", traceId: "t", within: 5000, endpoints });
      const done = answer.endpoints[0]?.capabilities[0];
      return [done?.actions[0]?.responseCode, done?.properties?.[0]?.value];
    };
    expect(await run("matter.OnOff", "Toggle")).toEqual([200, true]);
    expect(await run("matter.LevelControl@1.4", "MoveToLevel", { Level: 77 })).toEqual([200, 77]);
    expect(await run("matter.OnOff@1.4", "ReadState", { propertiesToRead: ["*"] })).toEqual([200, true]);
    expect(await run("matter.OnOff", "Explode")).toEqual([501, true]);
    expect(bulb.state).toMatchObject({ on: true, level: 77 });
    // What it says that it can do is what the data model knows.
    expect(validateCapabilityReport(capabilityReport)).toEqual([]);

    told.length = 0;
    bulb.change({ on: false });
    await expect
      .poll(() => told.find(([word]) => word === "changed")?.[1])
      .toMatchObject({
        endpoints: [{ capabilities: [{ id: "matter.OnOff@1.4", properties: [{ name: "OnOff", value: false }] }, {}] }],
      });
    await bulb.close();
    await expect.poll(() => told).toContainEqual(["reachable", { deviceId: "httpbulb.B1", reachable: false }]);
    expect(await run("matter.OnOff", "On")).toEqual([504, false]);
    bulb = await startBulb({ serial: "B1", port });
    await expect.poll(() => told).toContainEqual(["reachable", { deviceId: "httpbulb.B1", reachable: true }]);

    await part.stop();
    part = await begin();
    await expect.poll(async () => (await radio.devices({})).devices).toMatchObject([{ deviceId: "httpbulb.B1" }]);
    expect(await radio.remove({ deviceId: "httpbulb.B1", force: false, seconds: 1 })).toEqual({ outcome: "gone" });
    expect((await radio.devices({})).devices).toEqual([]);
  } finally {
    await part.stop();
    await bulb.close();
    delete process.env["HTTP_BULBS"];
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
});
