import { BoundedMap } from "@hearth/base";

/** So many failed attempts in a row, and the connector is taken for dead. One request makes at most six. */
export const FAILURES_TO_OPEN = 10;
const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 300_000;
/** Connectors that fail at the same time: beyond, the one that was called longest ago is forgotten. */
const MOST = 10_000;

interface Circuit {
  failures: number;
  /** Milliseconds; undefined: it is closed. */
  openUntil?: number;
  pause: number;
  /** One call tries whether the connector is back. */
  trying: boolean;
}

/**
 * Which connectors are not called for a while, so that a dead vendor costs nothing (circuit breaker): closed, open for
 * a pause that doubles, then one call on trial. Kept in memory; a connector that works has no entry.
 */
export function createCircuits() {
  const circuits = new BoundedMap<string, Circuit>(MOST);
  return {
    /** Until when it is open; undefined: it may be called, or tried. */
    openUntil(connector: string, now: number): number | undefined {
      const circuit = circuits.get(connector);
      if (circuit?.openUntil === undefined) return undefined;
      if (now < circuit.openUntil) return circuit.openUntil;
      return circuit.trying ? now : undefined;
    },

    /** Before an attempt, when `openUntil` allows it. */
    began(connector: string): void {
      const circuit = circuits.get(connector);
      if (circuit?.openUntil !== undefined) circuit.trying = true;
    },

    succeeded(connector: string): void {
      circuits.delete(connector);
    },

    failed(connector: string, now: number): void {
      const circuit = circuits.get(connector) ?? { failures: 0, pause: FIRST_PAUSE, trying: false };
      circuits.set(connector, circuit);
      circuit.failures++;
      if (circuit.openUntil === undefined ? circuit.failures < FAILURES_TO_OPEN : !circuit.trying) return;
      circuit.openUntil = now + circuit.pause;
      circuit.pause = Math.min(LONGEST_PAUSE, circuit.pause * 2);
      circuit.trying = false;
    },

    /** An attempt that says nothing of the connector's health. */
    undecided(connector: string): void {
      const circuit = circuits.get(connector);
      if (circuit) circuit.trying = false;
    },
  };
}
