import { startZigbeeMesh, type VirtualDevice } from "@hearth/simulator";
import { expect, test } from "vitest";
import { startBridge } from "../../apps/hub/src/zigbee/dpk-suite.ts";
import { openUplink } from "../../apps/server/src/demo/hub/uplink.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function within(seconds: number, what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not ${what} within ${seconds} s`);
    await pause(100);
  }
}

test.each(["zstack", "ember"] as const)(
  "%s: a Zigbee stick that keeps its connection and answers nothing is gone within a minute, and had back",
  async (kind) => {
    const mesh = await startZigbeeMesh({ devices: [{ type: "plug" }], coordinator: kind });
    const line = await openUplink(mesh.port);
    const bridge = await startBridge({ port: line.port, adapter: kind });
    const [plug] = mesh.devices as [VirtualDevice];
    const deviceId = `zb.${plug.label.slice(2, 18)}`;
    const state = (wanted: string) => async () => (await bridge.radio.health({})).state === wanted;
    await within(30, "up", state("up"));
    await bridge.radio.open({ seconds: 60 });
    plug.powerOn();
    await bridge.hear("joined");

    line.mute();
    await within(60, "gone", state("coordinator-gone"));
    expect(await bridge.run(deviceId, "matter.OnOff@1.4", "On")).toMatchObject({ responseCode: 503 });
    line.restore();
    await within(120, "up again", state("up"));
    expect(await bridge.run(deviceId, "matter.OnOff@1.4", "On")).toMatchObject({ responseCode: 200 });
    expect(plug.read("1/6/0")).toBe(true);
    await bridge.stop();
    await line.close();
    await mesh.close();
  },
);
