import { expect, it } from "vitest";
import { zigbeeType, zigbeeTypes } from "./catalogue.ts";

const ON_OFF = 0x0006;
const LEVEL = 0x0008;
const TIMER = 0x001b;
const COVERING = 0x0102;
const THERMOSTAT = 0x0201;
const FAN = 0x0202;
const COLOR = 0x0300;
const TEMPERATURE = 0x0402;
const HUMIDITY = 0x0405;
const OCCUPANCY = 0x0406;
const ZONE = 0x0500;

/** The rows of the supported device types (reference 10.11), cluster by cluster. */
const supported: Record<string, readonly number[]> = {
  "smart-bulb": [ON_OFF, LEVEL, COLOR],
  "dimmable-light": [ON_OFF, LEVEL, COLOR],
  "color-light": [ON_OFF, LEVEL, COLOR],
  plug: [ON_OFF],
  switch: [ON_OFF],
  "water-valve": [ON_OFF],
  "led-strip": [ON_OFF, LEVEL, COLOR],
  "radiator-valve": [THERMOSTAT, ON_OFF, TIMER],
  thermostat: [THERMOSTAT, FAN, ON_OFF, TIMER],
  "garage-door": [COVERING, ON_OFF, LEVEL],
  "smoke-alarm": [ZONE, ON_OFF, TEMPERATURE, TIMER],
  motion: [ZONE],
  "door-window": [ZONE],
  "water-leak": [ZONE],
  vibration: [ZONE],
  occupancy: [ZONE, OCCUPANCY],
  "human-presence": [ZONE, OCCUPANCY],
  "temperature-humidity": [TEMPERATURE, HUMIDITY],
};
/** Basic and Identify, which every device has. */
const EVERYWHERE = [0x0000, 0x0003];

it("has a virtual device for every supported Zigbee type, with that type's clusters and no other", () => {
  const shown = Object.fromEntries(
    Object.keys(supported).map((name) => {
      const ids = zigbeeType(name).endpoints.flatMap((endpoint) => endpoint.server.map(({ id }) => id));
      return [name, new Set(ids)];
    }),
  );
  const wanted = Object.fromEntries(
    Object.entries(supported).map(([name, clusters]) => [name, new Set([...EVERYWHERE, ...clusters])]),
  );
  expect(shown).toEqual(wanted);
  expect(zigbeeTypes.map(({ name }) => name).filter((name) => !(name in supported))).toEqual(["carbon-dioxide"]);
});

it("says which types there are when it is asked for another", () => {
  expect(() => zigbeeType("toaster")).toThrow("there is no Zigbee device toaster; there are smart-bulb, ");
});
