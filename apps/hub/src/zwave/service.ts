import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { RadioHealth } from "../plugins/protocol-plugin.ts";
import { watchStick } from "../plugins/stick-watch.ts";
import { type DpkEvents, NetworkLostError, RadioGoneError, type ZWaveDpk } from "./dpk/dpk.ts";

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
  /** Whether this network was forgotten while its stick was away: the stick is told now. */
  isForgotten(homeId: number): boolean;
  /**
   * The network is there: before health says so. Its failure is one of the stick; after NetworkLostError health is
   * `failed`.
   */
  onUp(homeId: number): Promise<void>;
  onHealth(health: RadioHealth): void;
  /** Milliseconds between attempts: first, longest. */
  retry?: { first: number; longest: number };
}

export function createZWaveService({
  dpk,
  clock,
  log,
  events,
  isForgotten,
  onUp,
  onHealth,
  retry,
}: Dependencies): ZWaveService {
  const { first, longest } = retry ?? { first: 1_000, longest: 30_000 };
  let health: RadioHealth = { state: "starting" };
  let homeId: number | undefined;
  let delay = first;
  let stopped = false;
  let cancelRetry = () => {};
  let cancelWatch = () => {};
  let attempt = Promise.resolve();
  /** Counts the stick's departures: one that goes while it is brought up is not up. */
  let departures = 0;

  function become(next: RadioHealth): void {
    if (next.state === health.state && next.reason === health.reason) return;
    health = next;
    cancelWatch();
    if (next.state === "up")
      cancelWatch = watchStick(
        clock,
        () => dpk.ping(),
        () => gone("it does not answer"),
      );
    onHealth(next);
  }

  function gone(reason: string, state: "coordinator-gone" | "failed" = "coordinator-gone"): void {
    departures++;
    if (stopped) return;
    log.warn({ reason }, "the Z-Wave controller is not reachable");
    become({ state, reason });
    again(state === "failed" ? longest : delay);
    delay = Math.min(delay * 2, longest);
  }

  function again(wait: number): void {
    cancelRetry();
    cancelRetry = clock.after(wait, bringUp);
  }

  function bringUp(): Promise<void> {
    cancelRetry();
    attempt = attempt.then(tryOnce);
    return attempt;
  }

  async function tryOnce(): Promise<void> {
    if (stopped) return;
    try {
      const before = departures;
      const open = async () => (await dpk.start({ ...events, lost: (reason) => gone(reason) })).homeId;
      homeId = await open();
      if (isForgotten(homeId)) {
        await dpk.reset();
        homeId = await open();
        if (isForgotten(homeId)) throw new Error("the controller does not forget its network");
      }
      await onUp(homeId);
      if (departures !== before) return;
      delay = first;
      become({ state: "up", network: homeId.toString(16).padStart(8, "0").toUpperCase() });
    } catch (error) {
      if (!(error instanceof RadioGoneError)) await dpk.stop();
      gone(messageOf(error), error instanceof NetworkLostError ? "failed" : "coordinator-gone");
    }
  }

  return {
    get health() {
      return health;
    },
    get homeId() {
      return homeId;
    },
    start: bringUp,
    async restarted() {
      become({ state: "starting" });
      await bringUp();
    },
    async stop() {
      stopped = true;
      cancelRetry();
      cancelWatch();
      // Ends an attempt that runs, too.
      await dpk.stop();
      await attempt;
      await dpk.stop();
    },
  };
}
