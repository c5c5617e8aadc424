import type { VirtualDeviceOptions } from "@hearth/simulator";
import { expect, test } from "vitest";
import { createRandom } from "../../apps/simulator/src/zigbee/random.ts";
import { cloudOf, openHub } from "../kit/hub.ts";
import { type Home, surviveKill } from "../kit/hub-turmoil.ts";
import { openFleet } from "../walk/fleet.ts";
import { appOf } from "../walk/hub-things.ts";
import { openNotifications } from "../walk/stream.ts";

const ROUNDS = Number(process.env["HEARTH_HUB_KILLS"] ?? 30);
const SEED = Number(process.env["HEARTH_SEED"] ?? 1);
const typed = (types: string[]): VirtualDeviceOptions[] => types.map((type) => ({ type }));
const homes = [
  {
    protocol: "zigbee",
    devices: typed(["color-light", "plug", "switch", "smart-bulb", "dimmable-light", "water-valve"]),
  },
  { protocol: "zwave", devices: typed(["plug", "plug", "plug", "plug"]) },
] as const;

test.each(homes)(
  `a $protocol hub that is killed ${ROUNDS} times, or its radio, loses nothing and forgets nobody`,
  async ({ protocol, devices }) => {
    const fleet = await openFleet({ commandTimeoutSeconds: 10 });
    const closing: (() => Promise<void>)[] = [() => fleet.close()];
    try {
      const notifications = await openNotifications(fleet, `kills-${protocol}`, ["DEVICE_COMMAND"]);
      const hub = await openHub(cloudOf(fleet), { [protocol]: devices });
      closing.push(() => hub.close());
      // A removal that waits for its button keeps the others waiting for a minute.
      const app = appOf(fleet, hub, 180_000);
      const home: Home = { hub, app, managed: fleet.managed, protocol, things: new Map() };
      const [outside, ...inside] = hub[protocol].devices;
      if (!outside) throw new Error("no device");
      for (const device of inside) home.things.set(device, await hub.label(device));
      for (const device of inside) device.powerOn();
      for (const id of home.things.values()) await app.becomes(id, "ACTIVATED");

      const random = createRandom(SEED);
      const traces: string[] = [];
      let joins = outside;
      for (let round = 0; round < ROUNDS; round++) {
        const present = [...home.things.keys()];
        const leaves = present[Math.floor(random() * present.length)] ?? joins;
        const victim = round % 2 === 0 ? "core" : protocol;
        traces.push(...(await surviveKill(home, { victim, random, joins, leaves })));
        leaves.reset();
        joins = leaves;
        // A stream's iterator lasts five minutes.
        await notifications.all();
      }
      // Each command has its one outcome, also those that a kill has interrupted.
      const outcomes = () =>
        notifications.all().then((all) => all.map(({ payload }) => String(payload["traceId"])).sort());
      await app.until("all outcomes", async () => ((await outcomes()).length >= traces.length ? true : undefined));
      expect(await outcomes()).toEqual([...traces].sort());
    } finally {
      for (const close of closing.reverse()) await close();
    }
  },
);
