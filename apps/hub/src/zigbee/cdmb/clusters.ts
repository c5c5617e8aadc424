import type { NativeRef } from "../../cdmb/conversion.ts";
import { type Layout, T } from "../zcl.ts";

/** A cluster of the ZCL: its attributes by name with id and type, and its commands with their fields. */
export interface Cluster {
  readonly id: number;
  readonly attributes: { readonly [name: string]: readonly [id: number, type: number] };
  /** From client to server. `response`: the command that answers it; the default response without it. */
  readonly commands: { readonly [name: string]: ClusterCommand };
  /** From server to client. */
  readonly received?: { readonly [name: string]: { readonly id: number; readonly fields: Layout } };
}

export interface ClusterCommand {
  readonly id: number;
  readonly fields: Layout;
  readonly response?: { readonly id: number; readonly fields: Layout };
}

const command = (id: number, ...fields: Layout): ClusterCommand => ({ id, fields });
const answered = (id: number, fields: Layout, response: Layout): ClusterCommand => ({
  id,
  fields,
  response: { id, fields: response },
});

const options: Layout = [
  ["mask", T.bitmap8],
  ["override", T.bitmap8],
];
const transition = ["transition", T.uint16] as const;
const pin = ["pin", T.octets] as const;

const moveToLevel: Layout = [["level", T.uint8], transition, ...options];
const moveLevel: Layout = [["mode", T.enum8], ["rate", T.uint8], ...options];
const stepLevel: Layout = [["mode", T.enum8], ["size", T.uint8], transition, ...options];

/** ZCL revision 8; numbers as the specification has them. */
export const clusters = {
  power: {
    id: 0x0001,
    attributes: { voltage: [0x20, T.uint8], percentage: [0x21, T.uint8] },
    commands: {},
  },
  onOff: {
    id: 0x0006,
    attributes: {
      onOff: [0x0000, T.boolean],
      globalScene: [0x4000, T.boolean],
      onTime: [0x4001, T.uint16],
      offWaitTime: [0x4002, T.uint16],
      startUp: [0x4003, T.enum8],
    },
    commands: {
      off: command(0x00),
      on: command(0x01),
      toggle: command(0x02),
      offWithEffect: command(0x40, ["effect", T.uint8], ["variant", T.uint8]),
      recall: command(0x41),
      onWithTimedOff: command(0x42, ["control", T.bitmap8], ["onTime", T.uint16], ["offWait", T.uint16]),
    },
  },
  level: {
    id: 0x0008,
    attributes: {
      current: [0x0000, T.uint8],
      remaining: [0x0001, T.uint16],
      minimum: [0x0002, T.uint8],
      maximum: [0x0003, T.uint8],
      options: [0x000f, T.bitmap8],
      transition: [0x0010, T.uint16],
      onLevel: [0x0011, T.uint8],
      onTransition: [0x0012, T.uint16],
      offTransition: [0x0013, T.uint16],
      moveRate: [0x0014, T.uint8],
      startUp: [0x4000, T.uint8],
    },
    commands: {
      moveTo: command(0x00, ...moveToLevel),
      move: command(0x01, ...moveLevel),
      step: command(0x02, ...stepLevel),
      stop: command(0x03, ...options),
      moveToWithOnOff: command(0x04, ...moveToLevel),
      moveWithOnOff: command(0x05, ...moveLevel),
      stepWithOnOff: command(0x06, ...stepLevel),
      stopWithOnOff: command(0x07, ...options),
    },
  },
  alarms: {
    id: 0x0009,
    attributes: {},
    commands: {},
    received: {
      alarm: {
        id: 0x00,
        fields: [
          ["code", T.enum8],
          ["cluster", T.uint16],
        ],
      },
    },
  },
  appliance: {
    id: 0x001b,
    attributes: { start: [0x0000, T.uint16], finish: [0x0001, T.uint16], remaining: [0x0002, T.uint16] },
    commands: {
      execute: command(0x00, ["order", T.enum8]),
      signalState: {
        id: 0x01,
        fields: [],
        response: {
          id: 0x00,
          fields: [
            ["status", T.enum8],
            ["flags", T.bitmap8],
          ],
        },
      },
      writeFunction: command(0x02, ["function", T.uint16], ["type", T.enum8], ["value", T.uint16]),
    },
    received: {
      signalStateResponse: {
        id: 0x00,
        fields: [
          ["status", T.enum8],
          ["flags", T.bitmap8],
        ],
      },
      signalStateNotification: {
        id: 0x01,
        fields: [
          ["status", T.enum8],
          ["flags", T.bitmap8],
        ],
      },
    },
  },
  doorLock: {
    id: 0x0101,
    attributes: {
      state: [0x0000, T.enum8],
      type: [0x0001, T.enum8],
      actuator: [0x0002, T.boolean],
      door: [0x0003, T.enum8],
      opened: [0x0004, T.uint32],
      closed: [0x0005, T.uint32],
      openPeriod: [0x0006, T.uint16],
      autoRelock: [0x0023, T.uint32],
      volume: [0x0024, T.uint8],
      mode: [0x0025, T.enum8],
      pinRequired: [0x0033, T.boolean],
    },
    commands: {
      lock: answered(0x00, [pin], [["status", T.uint8]]),
      unlock: answered(0x01, [pin], [["status", T.uint8]]),
      unlockWithTimeout: answered(0x03, [["timeout", T.uint16], pin], [["status", T.uint8]]),
    },
    received: {
      operation: {
        id: 0x20,
        fields: [
          ["source", T.uint8],
          ["code", T.uint8],
          ["user", T.uint16],
        ],
      },
    },
  },
  covering: {
    id: 0x0102,
    attributes: {
      type: [0x0000, T.enum8],
      closedLift: [0x0001, T.uint16],
      closedTilt: [0x0002, T.uint16],
      lift: [0x0003, T.uint16],
      tilt: [0x0004, T.uint16],
      liftActuations: [0x0005, T.uint16],
      tiltActuations: [0x0006, T.uint16],
      status: [0x0007, T.bitmap8],
      liftPercentage: [0x0008, T.uint8],
      tiltPercentage: [0x0009, T.uint8],
      openLimitLift: [0x0010, T.uint16],
      closedLimitLift: [0x0011, T.uint16],
      openLimitTilt: [0x0012, T.uint16],
      closedLimitTilt: [0x0013, T.uint16],
      mode: [0x0017, T.bitmap8],
    },
    commands: {
      open: command(0x00),
      close: command(0x01),
      stop: command(0x02),
      lift: command(0x04, ["value", T.uint16]),
      liftPercentage: command(0x05, ["value", T.uint8]),
      tilt: command(0x07, ["value", T.uint16]),
      tiltPercentage: command(0x08, ["value", T.uint8]),
    },
  },
  thermostat: {
    id: 0x0201,
    attributes: {
      local: [0x0000, T.int16],
      outdoor: [0x0001, T.int16],
      occupancy: [0x0002, T.bitmap8],
      absMinHeat: [0x0003, T.int16],
      absMaxHeat: [0x0004, T.int16],
      absMinCool: [0x0005, T.int16],
      absMaxCool: [0x0006, T.int16],
      coolingDemand: [0x0007, T.uint8],
      heatingDemand: [0x0008, T.uint8],
      calibration: [0x0010, T.int8],
      cool: [0x0011, T.int16],
      heat: [0x0012, T.int16],
      coolAway: [0x0013, T.int16],
      heatAway: [0x0014, T.int16],
      minHeat: [0x0015, T.int16],
      maxHeat: [0x0016, T.int16],
      minCool: [0x0017, T.int16],
      maxCool: [0x0018, T.int16],
      deadBand: [0x0019, T.int8],
      sequence: [0x001b, T.enum8],
      mode: [0x001c, T.enum8],
      running: [0x001e, T.enum8],
      hold: [0x0023, T.enum8],
      holdDuration: [0x0024, T.uint16],
      programming: [0x0025, T.bitmap8],
      relays: [0x0029, T.bitmap16],
      source: [0x0030, T.enum8],
    },
    commands: { raiseLower: command(0x00, ["mode", T.enum8], ["amount", T.int8]) },
  },
  fan: {
    id: 0x0202,
    attributes: { mode: [0x0000, T.enum8], sequence: [0x0001, T.enum8] },
    commands: {},
  },
  color: {
    id: 0x0300,
    attributes: {
      hue: [0x0000, T.uint8],
      saturation: [0x0001, T.uint8],
      remaining: [0x0002, T.uint16],
      x: [0x0003, T.uint16],
      y: [0x0004, T.uint16],
      temperature: [0x0007, T.uint16],
      mode: [0x0008, T.enum8],
      options: [0x000f, T.bitmap8],
      enhancedHue: [0x4000, T.uint16],
      enhancedMode: [0x4001, T.enum8],
      loop: [0x4002, T.uint8],
      loopDirection: [0x4003, T.uint8],
      loopTime: [0x4004, T.uint16],
      loopStart: [0x4005, T.uint16],
      loopStored: [0x4006, T.uint16],
      capabilities: [0x400a, T.bitmap16],
      coldest: [0x400b, T.uint16],
      warmest: [0x400c, T.uint16],
      couple: [0x400d, T.uint16],
      startUp: [0x4010, T.uint16],
    },
    commands: {
      hue: command(0x00, ["hue", T.uint8], ["direction", T.enum8], transition, ...options),
      moveHue: command(0x01, ["mode", T.enum8], ["rate", T.uint8], ...options),
      stepHue: command(0x02, ["mode", T.enum8], ["size", T.uint8], ["transition", T.uint8], ...options),
      saturation: command(0x03, ["saturation", T.uint8], transition, ...options),
      moveSaturation: command(0x04, ["mode", T.enum8], ["rate", T.uint8], ...options),
      stepSaturation: command(0x05, ["mode", T.enum8], ["size", T.uint8], ["transition", T.uint8], ...options),
      hueAndSaturation: command(0x06, ["hue", T.uint8], ["saturation", T.uint8], transition, ...options),
      color: command(0x07, ["x", T.uint16], ["y", T.uint16], transition, ...options),
      moveColor: command(0x08, ["x", T.int16], ["y", T.int16], ...options),
      stepColor: command(0x09, ["x", T.int16], ["y", T.int16], transition, ...options),
      temperature: command(0x0a, ["temperature", T.uint16], transition, ...options),
      enhancedHue: command(0x40, ["hue", T.uint16], ["direction", T.enum8], transition, ...options),
      stop: command(0x47, ...options),
      moveTemperature: command(
        0x4b,
        ["mode", T.enum8],
        ["rate", T.uint16],
        ["minimum", T.uint16],
        ["maximum", T.uint16],
        ...options,
      ),
      stepTemperature: command(
        0x4c,
        ["mode", T.enum8],
        ["size", T.uint16],
        transition,
        ["minimum", T.uint16],
        ["maximum", T.uint16],
        ...options,
      ),
    },
  },
  temperature: {
    id: 0x0402,
    attributes: {
      value: [0x0000, T.int16],
      minimum: [0x0001, T.int16],
      maximum: [0x0002, T.int16],
      tolerance: [0x0003, T.uint16],
    },
    commands: {},
  },
  humidity: {
    id: 0x0405,
    attributes: {
      value: [0x0000, T.uint16],
      minimum: [0x0001, T.uint16],
      maximum: [0x0002, T.uint16],
      tolerance: [0x0003, T.uint16],
    },
    commands: {},
  },
  occupancy: {
    id: 0x0406,
    attributes: {
      value: [0x0000, T.bitmap8],
      type: [0x0001, T.enum8],
      types: [0x0002, T.bitmap8],
      pirDelay: [0x0010, T.uint16],
      pirRise: [0x0011, T.uint16],
      pirThreshold: [0x0012, T.uint8],
      ultrasonicDelay: [0x0020, T.uint16],
      ultrasonicRise: [0x0021, T.uint16],
      ultrasonicThreshold: [0x0022, T.uint8],
    },
    commands: {},
  },
  zone: {
    id: 0x0500,
    attributes: { state: [0x0000, T.enum8], type: [0x0001, T.enum16], status: [0x0002, T.bitmap16] },
    commands: { test: command(0x02, ["duration", T.uint8], ["sensitivity", T.uint8]) },
    received: { statusChange: { id: 0x00, fields: [["status", T.bitmap16]] } },
  },
  metering: {
    id: 0x0702,
    attributes: {
      delivered: [0x0000, T.uint48],
      received: [0x0001, T.uint48],
      multiplier: [0x0301, T.uint24],
      divisor: [0x0302, T.uint24],
      demand: [0x0400, T.int24],
    },
    commands: {},
  },
  electrical: {
    id: 0x0b04,
    attributes: {
      frequency: [0x0300, T.uint16],
      voltage: [0x0505, T.uint16],
      current: [0x0508, T.uint16],
      power: [0x050b, T.int16],
      reactive: [0x050e, T.int16],
      apparent: [0x050f, T.uint16],
      factor: [0x0510, T.int8],
      voltageMultiplier: [0x0600, T.uint16],
      voltageDivisor: [0x0601, T.uint16],
      currentMultiplier: [0x0602, T.uint16],
      currentDivisor: [0x0603, T.uint16],
      powerMultiplier: [0x0604, T.uint16],
      powerDivisor: [0x0605, T.uint16],
    },
    commands: {},
  },
} as const satisfies { [name: string]: Cluster };

type Clusters = typeof clusters;

/** An attribute as tables name it. */
export const attribute = <C extends keyof Clusters>(
  cluster: C,
  name: keyof Clusters[C]["attributes"] & string,
): NativeRef =>
  attributeRef(clusters[cluster].id, (clusters[cluster].attributes as Cluster["attributes"])[name]?.[0] as number);

/** A command that is sent. */
export const sends = <C extends keyof Clusters>(
  cluster: C,
  name: keyof Clusters[C]["commands"] & string,
): NativeRef => ({
  cluster: clusters[cluster].id,
  command: (clusters[cluster].commands as Cluster["commands"])[name]?.id as number,
});

/** A command that a device sends by itself; its value is an object of its fields. */
export const receivedRef = (cluster: number, command: number): NativeRef => ({ cluster, received: command });

export const attributeRef = (cluster: number, id: number): NativeRef => ({ cluster, attribute: id });

const byId = new Map<number, Cluster>(Object.values(clusters).map((cluster) => [cluster.id, cluster]));

export const isKnownCluster = (id: number): boolean => byId.has(id);

/** Undefined for an attribute that no table has. */
export function attributeType(cluster: number, id: number): number | undefined {
  return Object.values(byId.get(cluster)?.attributes ?? {}).find(([one]) => one === id)?.[1];
}

export const commandOf = (cluster: number, id: number): ClusterCommand | undefined =>
  Object.values(byId.get(cluster)?.commands ?? {}).find((one) => one.id === id);

export const receivedLayout = (cluster: number, id: number): Layout | undefined =>
  Object.values(byId.get(cluster)?.received ?? {}).find((one) => one.id === id)?.fields;

/** Clusters that look after the device itself (ZCL chapters 3, 11, 13; green power, touchlink): nobody's capability. */
export const managementClusters: ReadonlySet<number> = new Set([
  0x0000, 0x0002, 0x0003, 0x0004, 0x0005, 0x0007, 0x000a, 0x0015, 0x0016, 0x0019, 0x001a, 0x0020, 0x0021, 0x0b01,
  0x0b02, 0x0b03, 0x0b05, 0x1000,
]);
