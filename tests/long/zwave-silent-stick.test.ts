import { startZWaveNetwork } from "@hearth/simulator";
import { expect, test } from "vitest";
import { openZWaveHome } from "../../apps/hub/src/zwave/zwave-home.ts";
import { openUplink } from "../../apps/server/src/demo/hub/uplink.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function within(seconds: number, what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not ${what} within ${seconds} s`);
    await pause(100);
  }
}

const ON_OFF = "matter.OnOff@1.4";

test("a Z-Wave stick that keeps its connection and answers nothing is gone within a minute, and had back", async () => {
  const network = await startZWaveNetwork({ devices: [{ type: "plug" }], seed: 5 });
  const line = await openUplink(network.port);
  const home = await openZWaveHome(async () => Object.assign(Object.create(network), { port: line.port }));
  const isState = (wanted: string) => async () => (await home.radio.health({})).state === wanted;
  const plug = await home.byButton("plug-1", network.devices[0]?.pin);
  const switched = async () => (await home.command(plug.deviceId, ON_OFF, "On")).actions[0]?.responseCode;

  line.mute();
  await within(60, "gone", isState("coordinator-gone"));
  expect(await home.radio.health({})).toMatchObject({ reason: "it does not answer" });
  expect(await switched()).toBe(503);
  expect((await home.radio.devices({})).devices).toMatchObject([{ deviceId: plug.deviceId, reachable: false }]);
  line.restore();
  await within(120, "up again", isState("up"));
  expect(await switched()).toBe(200);

  line.mute();
  const began = performance.now();
  expect([503, 504]).toContain(await switched());
  expect(performance.now() - began).toBeLessThan(10_000);
  line.restore();
  await within(120, "up again", isState("up"));
  expect(await switched()).toBe(200);
  await home.close();
  await line.close();
});

test("a device that has asked to be let in and is gone keeps nobody else out for more than a minute", async () => {
  const home = await openZWaveHome(() => startZWaveNetwork({ devices: [{ type: "plug" }, { type: "plug" }], seed: 5 }));
  await home.radio.provision({ labels: [home.label("plug-1"), home.label("plug-2")] });
  await home.mode("smart-start");
  home.device("plug-1").powerOn();
  home.device("plug-1").mute();
  await within(10, "let in", () => home.network.joinState().mode === "inclusion");
  home.device("plug-2").powerOn();
  await within(90, "joined", () => home.device("plug-2").joined);
  expect(home.device("plug-1").joined).toBe(false);
  home.device("plug-1").powerOn();
  await within(30, "both there", async () => (await home.radio.devices({})).devices.length === 2);
  await home.close();
});
