import type { Json } from "@hearth/device-sdk";
import type { Conversion, NativeRef, PropertyMapping } from "../../cdmb/conversion.ts";
import { integer, scaled } from "../../cdmb/converters.ts";
import { attribute, clusters } from "./clusters.ts";
import { hasCluster, type ZigbeeEndpoint } from "./endpoint.ts";
import { readable, type ZigbeeMapping } from "./mapping.ts";

/** Meters: the device says by which fraction its numbers are to be taken; the model has milliwatts and the like. */

/** `value × multiplier ÷ divisor × factor`; a fraction that is not known is 1. */
const measured =
  (multiplier: NativeRef, divisor: NativeRef, factor: number, none?: number) =>
  (value: Json, { known }: Conversion<ZigbeeEndpoint>): number | null | undefined => {
    if (typeof value !== "number") return undefined;
    if (value === none) return null;
    const by = (ref: NativeRef): number => {
      const number = known(ref);
      return typeof number === "number" && number > 0 ? number : 1;
    };
    return Math.round((value * by(multiplier) * factor) / by(divisor));
  };

const measurement = (
  name: string,
  native: NativeRef,
  multiplier: NativeRef,
  divisor: NativeRef,
  factor: number,
  none: number,
): PropertyMapping<ZigbeeEndpoint> => ({
  ...readable(name, native, measured(multiplier, divisor, factor, none)),
  native: [native, multiplier, divisor],
});

const meterMultiplier = attribute("metering", "multiplier");
const meterDivisor = attribute("metering", "divisor");

const energy = (name: string, native: NativeRef): PropertyMapping<ZigbeeEndpoint> => {
  const total = measured(meterMultiplier, meterDivisor, 1_000_000);
  return {
    ...readable(name, native, (value, context) => {
      const Energy = total(value, context);
      return typeof Energy === "number" ? { Energy } : undefined;
    }),
    native: [native, meterMultiplier, meterDivisor],
  };
};

export const energyMeasurement: ZigbeeMapping = {
  capability: "matter.ElectricalEnergyMeasurement@1.4",
  name: "Electrical Energy Measurement",
  version: "1",
  when: hasCluster(clusters.metering.id),
  properties: [
    energy("CumulativeEnergyImported", attribute("metering", "delivered")),
    energy("CumulativeEnergyExported", attribute("metering", "received")),
  ],
  reporting: [{ native: attribute("metering", "delivered"), min: 5, max: 3600, change: 1 }],
};

const voltage = [attribute("electrical", "voltageMultiplier"), attribute("electrical", "voltageDivisor")] as const;
const current = [attribute("electrical", "currentMultiplier"), attribute("electrical", "currentDivisor")] as const;
const power = [attribute("electrical", "powerMultiplier"), attribute("electrical", "powerDivisor")] as const;

export const powerMeasurement: ZigbeeMapping = {
  capability: "matter.ElectricalPowerMeasurement@1.4",
  name: "Electrical Power Measurement",
  version: "1",
  when: ({ inputs, missing }) =>
    inputs.has(clusters.electrical.id) ||
    (inputs.has(clusters.metering.id) &&
      !missing.has(`${clusters.metering.id}/${clusters.metering.attributes.demand[0]}`)),
  properties: [
    {
      ...measurement(
        "ActivePower",
        attribute("metering", "demand"),
        meterMultiplier,
        meterDivisor,
        1_000_000,
        -0x800000,
      ),
      when: ({ inputs }) => !inputs.has(clusters.electrical.id),
    },
    ...[
      measurement("ActivePower", attribute("electrical", "power"), ...power, 1000, -0x8000),
      measurement("ReactivePower", attribute("electrical", "reactive"), ...power, 1000, -0x8000),
      measurement("ApparentPower", attribute("electrical", "apparent"), ...power, 1000, 0xffff),
      measurement("RMSVoltage", attribute("electrical", "voltage"), ...voltage, 1000, 0xffff),
      measurement("RMSCurrent", attribute("electrical", "current"), ...current, 1000, 0xffff),
      readable("Frequency", attribute("electrical", "frequency"), scaled(1000, { none: 0xffff })),
      readable("PowerFactor", attribute("electrical", "factor"), scaled(100)),
    ].map((property) => ({
      ...property,
      when: (endpoint: ZigbeeEndpoint) =>
        endpoint.inputs.has(clusters.electrical.id) && (property.when?.(endpoint) ?? true),
    })),
  ],
  reporting: [
    { native: attribute("electrical", "power"), min: 5, max: 3600, change: 5 },
    { native: attribute("electrical", "voltage"), min: 30, max: 3600, change: 10 },
    { native: attribute("electrical", "current"), min: 5, max: 3600, change: 50 },
    { native: attribute("metering", "demand"), min: 5, max: 3600, change: 5 },
  ],
};

const percentage = attribute("power", "percentage");

export const powerSource: ZigbeeMapping = {
  capability: "matter.PowerSource@1.4",
  name: "Power Source",
  version: "3",
  when: hasCluster(clusters.power.id),
  properties: [
    readable("BatVoltage", attribute("power", "voltage"), scaled(100, { none: 0xff })),
    readable("BatPercentRemaining", percentage, integer({ minimum: 0, maximum: 200, none: 0xff })),
    readable("BatChargeLevel", percentage, (half) =>
      typeof half !== "number" || half > 200 ? undefined : half <= 10 ? "Critical" : half <= 40 ? "Warning" : "Ok",
    ),
  ],
  reporting: [{ native: percentage, min: 60, max: 21_600, change: 2 }],
};
