import { afterAll, beforeAll, expect, test } from "vitest";
import type { HomeApp } from "../../apps/server/src/demo/hub/home-app.ts";
import { type LocalRoutine, openLocalRoutine } from "../../apps/server/src/demo/hub/local-routine.ts";
import { cloudOf, type LivingHub, openHub } from "../kit/hub.ts";
import { type Fleet, openFleet } from "./fleet.ts";
import { appOf } from "./hub-things.ts";
import { type Notifications, openNotifications } from "./stream.ts";

let fleet: Fleet;
let hub: LivingHub;
let app: HomeApp;
let notifications: Notifications;
let light: string;
let routine: LocalRoutine;

const ON_OFF = "matter.OnOff@1.4";
const LEVEL = "matter.LevelControl@1.4";

beforeAll(async () => {
  fleet = await openFleet();
  notifications = await openNotifications(fleet, "offline", ["DEVICE_EVENT"]);
  await fleet.managed.send("PutHubConfiguration", { HubTokenTimerExpirySettingInSeconds: 3600 });
  hub = await openHub(cloudOf(fleet), { zigbee: [{ type: "color-light" }] });
  app = appOf(fleet, hub);
  light = await hub.label(hub.device("color-light"));
  hub.device("color-light").powerOn();
  await app.becomes(light, "ACTIVATED");
});
afterAll(async () => {
  await routine?.close();
  await hub?.close();
  await fleet?.close();
});

const connected = (Connected: boolean) =>
  app.until(`the hub to be ${Connected ? "connected" : "away"}`, async () => {
    const data = await fleet.managed.send("GetManagedThingConnectivityData", { Identifier: hub.id });
    return (data.Connected ?? false) === Connected ? true : undefined;
  });

const agree = () =>
  app.until("the cloud and the hub to agree", async () => {
    const [cloud, local] = [await app.state(light), await routine.state(light)];
    const same = Object.keys(local).every((path) => JSON.stringify(cloud[path]) === JSON.stringify(local[path]));
    return same ? cloud : undefined;
  });

test("row 71: with the uplink cut local control goes on, and on return the cloud has all of it, in order", async () => {
  const device = hub.device("color-light");
  await app.command(light, ON_OFF, "On");
  await app.stateIs(light, ON_OFF, "OnOff", true);
  hub.uplink.cut();
  await connected(false);

  routine = await openLocalRoutine(hub.home.ipcPath);
  await routine.command(light, ON_OFF, "Off");
  expect(device.read("1/6/0")).toBe(false);
  await routine.command(light, ON_OFF, "On");
  // Somebody dims it by hand, step by step.
  for (const level of [100, 120, 140, 160, 180]) {
    device.change("1/8/0", level);
    await app.until(`level ${level} on the hub`, async () =>
      (await routine.state(light))[`1/${LEVEL}/CurrentLevel`] === level ? true : undefined,
    );
  }
  await routine.command(light, ON_OFF, "Toggle");
  expect(device.read("1/6/0")).toBe(false);
  // The cloud refuses at once what it cannot deliver, and believes what it last heard.
  expect((await app.state(light))[`1/${ON_OFF}/OnOff`]).toBe(true);

  hub.uplink.restore();
  await connected(true);
  const state = await agree();
  expect(state).toMatchObject({ [`1/${ON_OFF}/OnOff`]: false, [`1/${LEVEL}/CurrentLevel`]: 180 });
  // Nothing of what happened was left out, and nothing overtook.
  await app.until("the last event", async () => ((await levels()).includes(180) ? true : undefined));
  expect((await levels()).filter((level) => level >= 100 && level < 254)).toEqual([100, 120, 140, 160, 180]);
});

test("killed while it was away, the hub forgets neither its device nor what it had to tell", async () => {
  const device = hub.device("color-light");
  hub.uplink.cut();
  await connected(false);
  await routine.command(light, ON_OFF, "On");
  await routine.close();
  await hub.restart();
  routine = await app.until("the hub's IPC", () => openLocalRoutine(hub.home.ipcPath).catch(() => undefined));
  // Its token has outlived the kill.
  await app.until("a command by IPC", () =>
    routine.command(light, ON_OFF, "Off").then(
      () => true,
      () => undefined,
    ),
  );
  expect(device.read("1/6/0")).toBe(false);
  hub.uplink.restore();
  await connected(true);
  expect(await agree()).toMatchObject({ [`1/${ON_OFF}/OnOff`]: false });
  expect(await fleet.status(light)).toBe("ACTIVATED");
  await app.command(light, ON_OFF, "On");
  await app.stateIs(light, ON_OFF, "OnOff", true);
});

/** The light's levels, as DEVICE_EVENT told them one after the other. */
async function levels(): Promise<number[]> {
  const events = (await notifications.all()).filter(({ resources }) => resources[0]?.endsWith(light));
  return events.flatMap(({ payload }) => {
    const found = /"CurrentLevel"[^}]*?"(?:propertyValue|value)":\{?(?:"propertyValue":)?(\d+)/.exec(
      JSON.stringify(payload),
    );
    return found ? [Number(found[1])] : [];
  });
}
