import fc from "fast-check";
import { expect, test } from "vitest";
import type { Bus } from "../bus/bus.ts";
import type { JsonFile } from "../state/state.ts";
import type { Provisioner } from "./provisioner.ts";
import type { ProvisionerState } from "./records.ts";
import { createHome, zigbeeLamp } from "./simulated-home.ts";

/**
 * A life of the provisioner that ends, as by kill -9, before or after the effect of its n-th step: a write to its file,
 * a message, anything asked of a radio. A dead one does nothing any more and never hears an answer.
 */
function mortal(bus: Bus, file: JsonFile<ProvisionerState>, steps: number, afterEffect: boolean) {
  const never = new Promise<never>(() => {});
  const ends: (() => void)[] = [];
  let left = steps;
  let isDead = false;
  const die = () => {
    isDead = true;
    for (const end of ends) end();
    return never;
  };
  async function step<T>(effect: () => Promise<T>): Promise<T> {
    if (isDead) return never;
    const isLast = left-- <= 0;
    if (isLast && !afterEffect) return die();
    const done = await effect();
    return isLast || isDead ? die() : done;
  }
  const life: { bus: Bus; file: JsonFile<ProvisionerState> } = {
    bus: {
      publish: (topic, body) => void (isDead || bus.publish(topic, body)),
      subscribe(topic, handler) {
        const end = bus.subscribe(topic, (body) => void (isDead || handler(body)));
        ends.push(end);
        return end;
      },
      request: (service, method, body, options) => step(() => bus.request(service, method, body, options)),
      serve(service, methods) {
        const end = bus.serve(service, methods);
        ends.push(end);
        return end;
      },
      onPresence(listener) {
        const end = bus.onPresence((service, there) => void (isDead || listener(service, there)));
        ends.push(end);
        return end;
      },
    },
    file: {
      get value() {
        return file.value;
      },
      replace: (next) => step(() => file.replace(next)),
    },
  };
  return { life, dead: () => isDead };
}

test("any kill, any step: after the restart each device is bound or gone, and never twice", async () => {
  const kills = fc.array(fc.record({ steps: fc.nat(30), afterEffect: fc.boolean() }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(kills, async (lives) => {
      const home = createHome();
      const lamps = [1, 2, 3].map(zigbeeLamp);
      for (const { label } of lamps.slice(0, 2)) home.labels.set(label.managedThingId, label);
      const [first, second, stranger] = lamps;
      let removed = false;

      async function happen(provisioner?: Provisioner): Promise<void> {
        await home.rest();
        for (const lamp of [first, second]) {
          const { devices } = await home.radios.zigbee.service.devices({});
          const isHere = devices.some(({ deviceId }) => deviceId === lamp?.device.deviceId);
          if (lamp && !isHere && !(removed && lamp === second)) home.radios.zigbee.powerOn(lamp.device);
        }
        await home.rest();
        // The stack let in whom it should not have.
        await home.radios.zwave.service.open({ seconds: 1 });
        if (stranger && provisioner === undefined) {
          home.radios.zwave.powerOn({ ...stranger.device, deviceId: "zw.1.9" });
        }
        await home.rest();
        if (home.things.has("thing-2")) {
          removed = true;
          home.labels.delete("thing-2");
          home.south({ messageType: "DEVICE_REMOVAL", managedThingId: "thing-2" });
        }
        await home.rest();
        home.clock.advance(65_000);
        await home.rest(provisioner);
      }

      for (const { steps, afterEffect } of lives) {
        const { life, dead } = mortal(home.bus, home.file, steps, afterEffect);
        const provisioner = home.start(life);
        await happen();
        if (!dead()) {
          await provisioner.settled();
          provisioner.stop();
        }
      }
      const last = home.start();
      await happen(last);
      await happen(last);
      last.stop();

      const { devices } = await home.radios.zigbee.service.devices({});
      const records = Object.values(home.disk.state.devices).filter(({ radio }) => radio === "zigbee");
      expect(records.map(({ deviceId, phase, managedThingId }) => [deviceId, phase, managedThingId])).toEqual([
        [first?.device.deviceId, "active", "thing-1"],
      ]);
      expect(devices.map(({ deviceId, managedThingId }) => [deviceId, managedThingId])).toEqual([
        [first?.device.deviceId, "thing-1"],
      ]);
      // Nothing was bound under a wrong name on the way, nor was anything of another thing's told.
      for (const { method, request } of home.radios.zigbee.asked) {
        if (method === "bind") {
          const lamp = lamps.find(({ device }) => device.deviceId === request["deviceId"]);
          expect([null, lamp?.label.managedThingId]).toContain(request["managedThingId"]);
        }
      }
      expect(home.told("DEVICE_CAPABILITIES").some(({ managedThingId }) => managedThingId === "thing-1")).toBe(true);
      const answers = home.told("DEVICE_REMOVAL_RESPONSE");
      expect(answers.map(({ responseCode }) => responseCode)).toEqual(answers.map(() => 200));
      expect(answers.length).toBeGreaterThan(0);
      // The stranger is gone, or, where nobody was there to turn it away, waits to be claimed.
      const strangers = (await home.radios.zwave.service.devices({})).devices;
      expect(strangers.every(({ managedThingId }) => managedThingId === undefined)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
