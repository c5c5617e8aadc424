import { expect, test } from "vitest";
import type { RadioService } from "../plugins/protocol-plugin.ts";
import { createHome } from "./simulated-home.ts";

const node = { deviceId: "zw.FCB10009.6", radioId: "1", values: { on: true } };

/** A hub with one Z-Wave device, found and claimed as `plug`; `changed` alters what its radio does. */
async function homeWithPlug(changed: Partial<RadioService> = {}) {
  const home = createHome();
  home.replaceRadio("zwave", { ...home.radios.zwave.service, ...changed });
  const provisioner = home.start();
  home.south({ messageType: "DEVICE_DISCOVERY", discoveryId: "d", discoveryType: "ZWAVE" });
  await home.rest();
  home.radios.zwave.powerOn(node);
  await home.rest();
  home.south({ messageType: "DEVICE_ADDED", deviceId: node.deviceId, managedThingId: "plug" });
  home.clock.advance(120_000);
  await home.rest(provisioner);
  const remove = async (more: { force?: true } = {}) => {
    home.south({ messageType: "DEVICE_REMOVAL", managedThingId: "plug", ...more });
    await home.rest(provisioner);
    return home.told("DEVICE_REMOVAL_RESPONSE").at(-1);
  };
  return { home, provisioner, remove };
}

test("pairing-mode removal: pressed, it is gone; not pressed, the cloud learns why, and may ask again", async () => {
  let pressed = false;
  const asked: unknown[] = [];
  const { home, provisioner, remove } = await homeWithPlug({
    async remove(request) {
      asked.push(request);
      return pressed ? { outcome: "gone" } : { outcome: "failed", reason: "it was not put into pairing mode" };
    },
  });
  expect(await remove()).toMatchObject({
    managedThingId: "plug",
    responseCode: 500,
    errors: [{ message: "it was not put into pairing mode" }],
  });
  expect(home.disk.state.devices[node.deviceId]).toMatchObject({ phase: "active", managedThingId: "plug" });
  pressed = true;
  expect(await remove()).toMatchObject({ managedThingId: "plug", responseCode: 200 });
  expect(home.disk.state.devices).toEqual({});
  expect(asked).toEqual([
    { deviceId: node.deviceId, force: false, seconds: 60 },
    { deviceId: node.deviceId, force: false, seconds: 60 },
  ]);
  expect(home.bridge.at(-1)).toEqual({ method: "unbound", deviceId: node.deviceId });
  // The platform, which has not heard it, says it once more: it is gone.
  expect(await remove()).toMatchObject({ managedThingId: "plug", responseCode: 200 });
  provisioner.stop();
});

test("an owner who deletes again the moment the removal has failed is heard", async () => {
  let asked = 0;
  const { home, provisioner, remove } = await homeWithPlug({
    remove: async () => ({ outcome: ++asked === 1 ? "failed" : "gone" }),
  });
  home.onHeard(({ messageType, responseCode }) => {
    if (messageType !== "DEVICE_REMOVAL_RESPONSE" || responseCode === 200) return;
    home.south({ messageType: "DEVICE_REMOVAL", managedThingId: "plug" });
  });
  await remove();
  await home.rest(provisioner);
  expect(home.told("DEVICE_REMOVAL_RESPONSE")).toMatchObject([{ responseCode: 500 }, { responseCode: 200 }]);
  expect(home.disk.state.devices).toEqual({});
  provisioner.stop();
});

test("a radio that is not there fails the removal with its name; one by force is done when the radio is back", async () => {
  let isGone = false;
  const own = createHome().radios.zwave.service;
  const { home, provisioner, remove } = await homeWithPlug({
    async remove(request) {
      if (isGone) throw Object.assign(new Error("the Z-Wave controller is not reachable"), { code: "503" });
      return own.remove(request);
    },
  });
  isGone = true;
  expect(await remove()).toMatchObject({
    responseCode: 500,
    errors: [{ message: expect.stringContaining("not reachable") }],
  });
  await remove({ force: true });
  // Nobody waits for an answer.
  expect(home.told("DEVICE_REMOVAL_RESPONSE")).toHaveLength(1);
  expect(home.disk.state.devices[node.deviceId]).toMatchObject({ phase: "leaving" });
  expect(home.disk.state.devices[node.deviceId]?.managedThingId).toBeUndefined();
  isGone = false;
  home.clock.advance(10_000);
  await home.rest(provisioner);
  expect(home.disk.state.devices).toEqual({});
  provisioner.stop();
});

test("with network-wide exclusion the node that a person puts into pairing mode was the one meant", async () => {
  const excluded: { outcome: "gone"; deviceId?: string }[] = [];
  const { home, provisioner, remove } = await homeWithPlug({
    exclude: async () => excluded.shift() ?? { outcome: "failed", reason: "nobody pressed a button" },
  });
  home.south({ messageType: "HUB_NETWORK_MODE", mode: "NETWORK_WIDE_EXCLUSION" });
  expect(await remove()).toMatchObject({ responseCode: 500, errors: [{ message: "nobody pressed a button" }] });
  excluded.push({ outcome: "gone", deviceId: "zw.FCB10009.7" });
  expect(await remove()).toMatchObject({ responseCode: 500, errors: [{ message: expect.stringContaining(".7") }] });
  // Excluded from another hub's network, which had taken it: the entry here is a dead one.
  excluded.push({ outcome: "gone" });
  expect(await remove()).toMatchObject({ responseCode: 200 });
  expect((await home.radios.zwave.service.devices({})).devices).toEqual([]);
  expect(home.disk.state.networkMode).toBe("NETWORK_WIDE_EXCLUSION");
  home.south({ messageType: "HUB_NETWORK_MODE", mode: "ANARCHY" });
  home.south({ messageType: "HUB_NETWORK_MODE", mode: "STANDARD" });
  await home.rest(provisioner);
  expect(home.disk.state.networkMode).toBe("STANDARD");
  provisioner.stop();
});

test.each([
  async () => ({ outcome: "failed" as const, reason: "no such device" }),
  async () => {
    throw Object.assign(new Error("no such device"), { code: "404" });
  },
])("a device that has left before it could be asked to is gone, whatever its radio answers", async (answer) => {
  const { home, provisioner, remove } = await homeWithPlug({ remove: answer });
  home.radios.zwave.leave(node.deviceId);
  await home.rest(provisioner);
  // Until the cloud deletes it, it may come back.
  expect(home.disk.state.devices[node.deviceId]?.phase).toBe("active");
  expect(await remove()).toMatchObject({ managedThingId: "plug", responseCode: 200 });
  provisioner.stop();
});

test("a hub that was stopped in a removal ends it when it is started again", async () => {
  const { home, provisioner } = await homeWithPlug({ remove: () => new Promise(() => {}) });
  home.south({ messageType: "DEVICE_REMOVAL", managedThingId: "plug" });
  await home.rest();
  provisioner.stop();
  expect(home.disk.state.devices[node.deviceId]?.phase).toBe("leaving");
  home.replaceRadio("zwave", home.radios.zwave.service);
  const second = home.start();
  await home.rest(second);
  expect(home.told("DEVICE_REMOVAL_RESPONSE")).toMatchObject([{ managedThingId: "plug", responseCode: 200 }]);
  expect(home.disk.state.devices).toEqual({});
  second.stop();
});
