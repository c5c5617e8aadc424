import { startZWaveNetwork } from "@hearth/simulator";
import { expect, test } from "vitest";
import { openZWaveHome } from "../../apps/hub/src/zwave/zwave-home.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("another Z-Wave stick is not used while the devices are the first one's; what was reset without it, it forgets later", async () => {
  const home = await openZWaveHome((store) => startZWaveNetwork({ devices: [{ type: "plug" }], seed: 5, store }));
  const { network } = home;
  const health = () => home.radio.health({});
  async function becomes(state: string): Promise<void> {
    for (let wait = 0; (await health()).state !== state; wait++) {
      if (wait > 900) throw new Error(`not ${state} within 90 s: ${JSON.stringify(await health())}`);
      await pause(100);
    }
  }
  const { deviceId } = await home.byButton("plug-1", network.devices[0]?.pin);
  await home.radio.bind({ deviceId, managedThingId: "thing-1" });
  const switched = async () => (await home.command(deviceId, "matter.OnOff@1.4", "On")).actions[0]?.responseCode;
  const { homeId } = network;

  await network.cut();
  const other = await startZWaveNetwork({ devices: [{ type: "plug" }], seed: 6, port: network.port });
  await becomes("failed");
  expect((await health()).reason).toMatch(/this controller has the network .* plug in the controller that it had/);
  expect((await home.radio.devices({})).devices).toMatchObject([
    { deviceId, managedThingId: "thing-1", reachable: false },
  ]);
  expect(await switched()).toBe(503);
  await other.close();
  await network.restore();
  await becomes("up");
  expect(await switched()).toBe(200);

  await network.cut();
  await becomes("coordinator-gone");
  await home.radio.reset({});
  expect((await home.radio.devices({})).devices).toEqual([]);
  expect(network.homeId).toBe(homeId);
  await network.restore();
  await becomes("up");
  expect(network.homeId).not.toBe(homeId);
  expect((await home.radio.devices({})).devices).toEqual([]);
  const again = await home.byButton("plug-1", network.devices[0]?.pin);
  expect(again.managedThingId).toBeUndefined();
  await home.close();
});
