import { startZWaveNetwork, type ZWaveNetwork } from "@hearth/simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openZWaveHome, until } from "./zwave-home.ts";

let home: Awaited<ReturnType<typeof openZWaveHome<ZWaveNetwork>>>;
beforeAll(async () => {
  const devices = ["plug", "dimmable-light", "lock", "dimmable-light", "lock"].map((type) => ({ type }));
  home = await openZWaveHome((store) => startZWaveNetwork({ ...{ devices, seed: 21 }, store }));
});
afterAll(() => home.close());

test("SmartStart: devices that are powered at the same moment come one after the other", async () => {
  const ids = ["plug-1", "dimmable-light-1", "lock-1"];
  await home.radio.provision({ labels: ids.map(home.label) });
  for (const id of ids) home.device(id).powerOn();
  await until(async () => (await home.radio.devices({})).devices.length === ids.length);
  await until(() => home.network.joinState().mode !== "inclusion");
  expect(home.heard.filter(({ topic }) => topic === "joined")).toHaveLength(ids.length);
  expect(home.heard.filter(({ topic }) => topic === "failed")).toEqual([]);
});

test("SmartStart: who is powered on a second time is no second arrival", async () => {
  const from = home.heard.length;
  home.device("plug-1").powerOn();
  const light = await home.byButton("dimmable-light-2", home.device("dimmable-light-2").pin);
  expect(home.heard.slice(from).filter(({ topic }) => topic === "joined")).toHaveLength(1);
  expect((await home.radio.devices({})).devices).toHaveLength(4);
  const again = await home.radio.describe({ deviceId: light.deviceId, refresh: true });
  expect(again).toEqual(await home.radio.describe({ deviceId: light.deviceId, refresh: false }));
});

test("a wrong PIN: refused in words, and its button takes it out again", async () => {
  const from = home.heard.length;
  await home.radio.open({ seconds: 60, material: home.device("lock-2").pin === "00001" ? "00002" : "00001" });
  home.device("lock-2").press();
  const { reason } = await home.next("failed", from);
  expect(reason).toMatch(/PIN|exchange of keys/);
  expect(reason).toContain("press its button to take it out again");
  await until(() => home.network.joinState().mode === "exclusion");
  home.device("lock-2").press();
  await until(() => !home.device("lock-2").joined);
  await home.radio.close({});
  expect((await home.radio.devices({})).devices).toHaveLength(4);
});
