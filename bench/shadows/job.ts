import type { ServerFile } from "../../tests/kit/server-process.ts";

export interface Identity {
  certificate: string;
  privateKey: string;
}

/** What the load's process is told, one after another; it answers each with a `ShadowAnswer`. */
export type ShadowJob =
  | { kind: "connect"; file: ServerFile; identity: Identity; connections: number; things: number; inFlight: number }
  | { kind: "update"; seconds: number }
  | { kind: "disconnect" };

export interface ShadowFigures {
  seconds: number;
  /** Milliseconds from sending an update to its `accepted`, which leaves after the fsync. */
  latencies: number[];
  /** Microseconds of CPU, user and system, that the load itself has used. */
  cpu: number;
}
