import type { Json, JsonObject } from "@hearth/device-sdk";
import type { NativeStep } from "../../cdmb/conversion.ts";
import { ActionError } from "../../plugins/action-error.ts";
import { T } from "../zcl.ts";
import { attribute, clusters, receivedRef, sends } from "./clusters.ts";
import { hasCluster } from "./endpoint.ts";
import { readable, type ZigbeeMapping } from "./mapping.ts";

/**
 * Appliance Control (ZCL 15.2) is the ZCL's only timer. Its times are hours and minutes; those of a timer are
 * relative. `FinishTime` is how long it is to run, `RemainingTime` what is left, its signal state what it is doing.
 */

const ORDER_START = 1;
const ORDER_STOP = 2;
const ORDER_PAUSE = 3;

const RUNNING = 5;
const PAUSED = 6;
const ENDED = 7;

const MAX_SECONDS = 255 * 3600 + 59 * 60;

/** Minutes in bits 0 to 5, the encoding (0: relative) in 6 and 7, hours in 8 to 15. */
export function decodeTime(value: Json): number | undefined {
  if (typeof value !== "number" || value > 0xffff || ((value >> 6) & 3) !== 0) return undefined;
  return (value >> 8) * 3600 + (value & 0x3f) * 60;
}

/** Rounded up to whole minutes. Throws ActionError 400. */
export function encodeTime(seconds: Json | undefined): number {
  if (typeof seconds !== "number" || !Number.isInteger(seconds) || seconds < 0 || seconds > MAX_SECONDS) {
    throw new ActionError("InvalidParameters", `Duration is not a number of seconds up to ${MAX_SECONDS}`, 400);
  }
  const minutes = Math.ceil(seconds / 60);
  return (Math.floor(minutes / 60) << 8) | (minutes % 60);
}

const finish = attribute("appliance", "finish");
const remaining = attribute("appliance", "remaining");
const signalState = receivedRef(clusters.appliance.id, clusters.appliance.received.signalStateResponse.id);
const statusOf = (value: Json | undefined): Json | undefined => (value as JsonObject | undefined)?.["status"];

const setDuration = (seconds: Json | undefined): NativeStep => ({
  invoke: sends("appliance", "writeFunction"),
  parameters: {
    function: clusters.appliance.attributes.finish[0],
    type: T.uint16,
    value: encodeTime(seconds),
  },
});
const order = (number: number): NativeStep => ({
  invoke: sends("appliance", "execute"),
  parameters: { order: number },
});
const affects = ["TimerState", "Duration", "RemainingTime"];

export const timer: ZigbeeMapping = {
  capability: "aws.Timer@1.0",
  name: "Timer",
  version: "1",
  when: hasCluster(clusters.appliance.id),
  properties: [
    {
      name: "TimerState",
      native: signalState,
      read(value) {
        const status = statusOf(value);
        return status === RUNNING ? "Running" : status === PAUSED ? "Paused" : "Idle";
      },
    },
    { ...readable("Duration", finish, decodeTime), update: (seconds) => [setDuration(seconds)] },
    readable("RemainingTime", remaining, decodeTime),
  ],
  actions: [
    {
      name: "Start",
      // One that is under way, or waits to go on, would keep the time that it has left.
      run({ Duration }, { known }) {
        const status = statusOf(known(signalState));
        const start = [setDuration(Duration), order(ORDER_START)];
        return status === RUNNING || status === PAUSED ? [order(ORDER_STOP), ...start] : start;
      },
      affects,
    },
    { name: "Pause", run: () => [order(ORDER_PAUSE)], affects },
    { name: "Resume", run: () => [order(ORDER_START)], affects },
    { name: "Cancel", run: () => [order(ORDER_STOP)], affects },
  ],
  events: [
    {
      name: "Expired",
      native: signalState,
      when: (value, { previous }) =>
        statusOf(value) === ENDED && previous !== undefined && statusOf(previous) !== ENDED ? {} : undefined,
    },
  ],
  reporting: [
    { native: finish, min: 1, max: 3600, change: 1 },
    { native: remaining, min: 1, max: 3600, change: 1 },
  ],
};
