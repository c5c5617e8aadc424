import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { RadioHealth } from "../plugins/protocol-plugin.ts";
import type { DpkEvents, ZWaveDpk } from "./dpk/dpk.ts";

/** Keeps the stick up: tries again, with longer and longer pauses, until `stop`. */
export interface ZWaveService {
  readonly health: RadioHealth;
  readonly homeId: number | undefined;
  /** Resolves after the first attempt. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The stick has another network now, with nothing in it. */
  restarted(): Promise<void>;
}

interface Dependencies {
  dpk: ZWaveDpk;
  clock: Clock;
  log: Logger;
  events: Omit<DpkEvents, "lost">;
  /** The network is there: before health says so. Its failure is one of the stick. */
  onUp(homeId: number): Promise<void>;
  onHealth(health: RadioHealth): void;
  /** Milliseconds between attempts: first, longest. */
  retry?: { first: number; longest: number };
}

export function createZWaveService({ dpk, clock, log, events, onUp, onHealth, retry }: Dependencies): ZWaveService {
  const { first, longest } = retry ?? { first: 1_000, longest: 30_000 };
  let health: RadioHealth = { state: "starting" };
  let homeId: number | undefined;
  let delay = first;
  let stopped = false;
  let cancelRetry = () => {};
  let attempt = Promise.resolve();

  function become(next: RadioHealth): void {
    if (next.state === health.state && next.reason === health.reason) return;
    health = next;
    onHealth(next);
  }

  function gone(reason: string): void {
    if (stopped) return;
    log.warn({ reason }, "the Z-Wave controller is not reachable");
    become({ state: "coordinator-gone", reason });
    cancelRetry();
    cancelRetry = clock.after(delay, () => {
      attempt = bringUp();
    });
    delay = Math.min(delay * 2, longest);
  }

  async function bringUp(): Promise<void> {
    try {
      const started = await dpk.start({ ...events, lost: gone });
      homeId = started.homeId;
      await onUp(homeId);
      delay = first;
      become({ state: "up", network: homeId.toString(16).padStart(8, "0").toUpperCase() });
    } catch (error) {
      gone(messageOf(error));
    }
  }

  return {
    get health() {
      return health;
    },
    get homeId() {
      return homeId;
    },
    start() {
      attempt = bringUp();
      return attempt;
    },
    async restarted() {
      become({ state: "starting" });
      await bringUp();
    },
    async stop() {
      stopped = true;
      cancelRetry();
      await attempt;
      await dpk.stop();
    },
  };
}
