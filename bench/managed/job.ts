import type { DeviceCredential } from "@hearth/device-sdk";
import type { ServerFile } from "../../tests/kit/server-process.ts";

/** What the load's process is told, one after another; it answers each with a `LoadAnswer`. */
export type LoadJob =
  | { kind: "connect"; file: ServerFile; stream: string; credentials: readonly DeviceCredential[] }
  | { kind: "send"; seconds: number; inFlight: number }
  | { kind: "disconnect" };

/** Milliseconds of each command, from two beginnings to the arrival of its DEVICE_COMMAND record in the stream. */
export interface LoadFigures {
  seconds: number;
  /** From the app's call. */
  sinceCall: number[];
  /** From the device's answer. */
  sinceAnswer: number[];
  /** Microseconds of CPU, user and system, that the load itself has used. */
  cpu: number;
}
