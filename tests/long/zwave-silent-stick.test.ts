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

test("a device that falls silent while it is given its keys is refused within a minute, and the next one joins", async () => {
  const types = ["lock", "plug"].map((type) => ({ type }));
  const home = await openZWaveHome(() => startZWaveNetwork({ devices: types, seed: 5 }));
  const from = home.heard.length;
  await home.radio.open({ seconds: 240, material: home.device("lock-1").pin ?? "" });
  await home.mode("inclusion");
  // It says which keys it asks for, its public key, and that it has something to say in secret.
  home.device("lock-1").mute(3);
  home.device("lock-1").press();
  await within(60, "refused", () => home.heard.slice(from).some(({ topic }) => topic === "failed"));
  const { reason } = await home.next("failed", from);
  expect(reason).toContain("it has fallen silent in the exchange of keys");
  expect((await home.radio.devices({})).devices).toEqual([]);
  await home.radio.close({});
  const began = performance.now();
  expect(await home.byButton("plug-1", home.device("plug-1").pin)).toMatchObject({ interviewed: true });
  expect(performance.now() - began).toBeLessThan(60_000);
  // What is left of it on the controller's list goes, since it does not answer.
  await within(60, "taken off the list", () => !home.device("lock-1").joined);
  await home.close();
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
