import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FakeClock, silentLogger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { expect, test } from "vitest";
import { createMemoryBus } from "../bus/memory-bus.ts";
import { createCdmbPart } from "../cdmb/cdmb-part.ts";
import { createMemoryRadio } from "../plugins/memory-radio.ts";
import { localToken, proxyInto, withDirectory } from "./agent-bench.ts";
import { createAgentPart } from "./agent-part.ts";

test("an agent whose socket cannot be opened leaves nothing behind that would answer commands", () =>
  withDirectory(async (directory) => {
    const bus = createMemoryBus();
    const sent: JsonObject[] = [];
    bus.serve(
      "mqtt",
      proxyInto(sent, () => true),
    );
    await writeFile(join(directory, "run"), "no directory");
    const settings = {
      ...{ configPath: join(directory, "iotmi_config.json"), runDirectory: join(directory, "run") },
      ...{ stateDirectory: directory, logDirectory: directory, customPlugins: [] },
    };
    const context = { bus, clock: new FakeClock(), log: silentLogger, settings, directory };
    for (let tries = 0; tries < 2; tries++) await expect(createAgentPart().start(context)).rejects.toThrow("EEXIST");
    const endpoints = [{ endpointId: "1", capabilities: [{ id: "matter.OnOff", actions: [{ name: "On" }] }] }];
    const command = { messageType: "DEVICE_COMMAND", traceId: "t", managedThingId: "thing", endpoints };
    const part = await createAgentPart().start({
      ...context,
      settings: { ...settings, runDirectory: join(directory, "run2") },
    });
    bus.publish("mqtt.south.control", command);
    await expect.poll(() => sent, { interval: 5 }).toHaveLength(1);
    await part.stop();
    expect(sent).toHaveLength(1);
  }));

test("the parts start on their directories, and find there what they have to remember", () =>
  withDirectory(async (directory) => {
    const start = async () => {
      const bus = createMemoryBus();
      const sent: JsonObject[] = [];
      bus.serve(
        "mqtt",
        proxyInto(sent, () => false),
      );
      bus.serve("config", { read: async () => ({ ro: {}, rw: { managed_thing_id: "hub" } }) });
      const radio = createMemoryRadio(bus, "zigbee");
      await radio.service.open({ seconds: 60 });
      radio.powerOn({ deviceId: "zb.1", values: { on: true } });
      await radio.service.bind({ deviceId: "zb.1", managedThingId: "thing" });
      const settings = {
        ...{ configPath: join(directory, "config", "iotmi_config.json"), runDirectory: join(directory, "run") },
        ...{ stateDirectory: directory, logDirectory: directory, customPlugins: [] },
      };
      const context = { bus, clock: new FakeClock(), log: silentLogger, settings };
      const parts: { stop(): Promise<void> }[] = [];
      for (const part of [createCdmbPart(), createAgentPart()]) {
        await mkdir(join(directory, part.name), { recursive: true });
        parts.push(await part.start({ ...context, directory: join(directory, part.name) }));
      }
      const stop = async () => {
        for (const part of parts.reverse()) await part.stop();
        radio.stop();
      };
      return { bus, sent, radio, stop };
    };
    await mkdir(join(directory, "config"));
    await writeFile(join(directory, "config", "routines.json"), "{ no JSON");
    const first = await start();
    await first.bus.request("cdmb", "bound", { deviceId: "zb.1", managedThingId: "thing" });
    first.bus.publish("mqtt.south.setup", localToken(60, "hub"));
    await expect
      .poll(() => first.bus.request("agent", "tokenState", {}), { interval: 5 })
      .toMatchObject({ valid: true });
    expect((await stat(join(directory, "run", "aipc.sock"))).mode & 0o777).toBe(0o660);
    await first.stop();

    const second = await start();
    expect(await second.bus.request("cdmb", "devices", {})).toEqual({
      devices: [{ deviceId: "zb.1", managedThingId: "thing", protocol: "zigbee" }],
    });
    expect(await second.bus.request("agent", "tokenState", {})).toMatchObject({ valid: true, connected: false });
    await second.stop();
  }));
