import { type Clock, type Logger, messageOf } from "@hearth/base";
import { ActionError } from "../plugins/action-error.ts";
import type { RadioHealth } from "../plugins/protocol-plugin.ts";
import { watchStick } from "../plugins/stick-watch.ts";
import { NetworkLostError, NotDeliveredError, RadioGoneError, type ZigbeeDpk } from "./dpk/dpk.ts";
import { createTurns } from "./turns.ts";
import { ZclStatusError } from "./zcl.ts";

/**
 * Between the adapter and a DPK (reference 10.12): keeps the coordinator up, gives requests their turns, and holds
 * deadlines whatever the stack does.
 */
export interface ZigbeeService {
  readonly dpk: ZigbeeDpk;
  readonly health: RadioHealth;
  /** Brings the coordinator up; it is tried again until `stop`. Resolves after the first attempt. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Resolves when the attempt that runs now has ended, as it may. */
  settled(): Promise<void>;
  /** The coordinator is gone: try to have it back. */
  lost(reason: string): void;
  /** Runs `request` when it is its turn (turns.ts), with what is left of `within`. Rejects with ActionError. */
  ask<T>(address: string, within: number, request: Request<T>, options?: { isCommand?: boolean }): Promise<T>;
  /** Makes the coordinator forget its network, and start anew. */
  reset(): Promise<void>;
}

/** With the milliseconds that it has. */
export type Request<T> = (within: number) => Promise<T>;

interface Dependencies {
  dpk: ZigbeeDpk;
  clock: Clock;
  log: Logger;
  onHealth(health: RadioHealth): void;
  /** Milliseconds between attempts to reach the coordinator: first, longest. */
  retry?: { first: number; longest: number };
}

/** Milliseconds until a device that has not heard a request is tried again: a sleeping one polls its parent. */
const AGAIN = 250;

export function createZigbeeService({ dpk, clock, log, onHealth, retry }: Dependencies): ZigbeeService {
  const { first, longest } = retry ?? { first: 1000, longest: 30_000 };
  const turns = createTurns();
  const aborts = new Set<() => void>();
  let health: RadioHealth = { state: "starting" };
  let delay = first;
  let cancelRetry = () => {};
  let cancelLook = () => {};
  let stopped = false;
  let attempt: Promise<void> | undefined;

  function become(next: RadioHealth): void {
    if (next.state === health.state && next.reason === health.reason) return;
    health = next;
    cancelLook();
    if (next.state === "up")
      cancelLook = watchStick(
        clock,
        () => dpk.ping(),
        () => lost("it does not answer"),
      );
    onHealth(next);
  }

  function lost(reason: string): void {
    if (stopped || health.state !== "up") return;
    log.warn({ reason }, "the Zigbee coordinator is gone");
    become({ state: "coordinator-gone", reason });
    for (const abort of [...aborts]) abort();
    retryLater();
  }

  async function bringUp(): Promise<void> {
    try {
      const { network } = await dpk.start();
      delay = first;
      become({ state: "up", network });
    } catch (error) {
      const reason = messageOf(error);
      if (error instanceof NetworkLostError) {
        log.error({ reason }, "the Zigbee network is not started");
        become({ state: "failed", reason });
        return;
      }
      log.warn({ reason }, "the Zigbee coordinator is not reachable");
      become({ state: "coordinator-gone", reason });
      retryLater();
    }
  }

  function retryLater(): void {
    if (stopped) return;
    cancelRetry();
    cancelRetry = clock.after(delay, () => {
      attempt = bringUp();
    });
    delay = Math.min(delay * 2, longest);
  }

  /** Its turn ends when the deadline is over, even if the stack does not answer. */
  async function run<T>(until: number, request: Request<T>): Promise<T> {
    const late = () => new ActionError("Timeout", "the device has not answered in time", 504);
    try {
      if (health.state !== "up") throw unreachable(health);
      for (;;) {
        const left = until - clock.monotonic();
        if (left <= 0) throw late();
        try {
          return await within(left, () => request(left), late);
        } catch (error) {
          if (!(error instanceof NotDeliveredError) || until - clock.monotonic() <= AGAIN) throw error;
          await within(AGAIN + 1, () => new Promise<void>((resolve) => clock.after(AGAIN, resolve)), late);
        }
      }
    } catch (error) {
      throw health.state === "up" ? asActionError(error) : unreachable(health);
    }
  }

  /** What `run` brings, unless the time is over or the coordinator gone first. */
  function within<T>(left: number, run: () => Promise<T>, late: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(unreachable(health));
      const cancel = clock.after(left, () => reject(late()));
      aborts.add(abort);
      run()
        .then(resolve, reject)
        .finally(() => {
          cancel();
          aborts.delete(abort);
        });
    });
  }

  return {
    dpk,
    get health() {
      return health;
    },
    start() {
      attempt = bringUp();
      return attempt;
    },
    async stop() {
      stopped = true;
      cancelRetry();
      cancelLook();
      await attempt?.catch(() => {});
      await dpk.stop();
    },
    settled: async () => attempt,
    lost,
    async ask(address, within, request, { isCommand = false } = {}) {
      if (health.state !== "up") throw unreachable(health);
      const until = clock.monotonic() + within;
      const end = await turns.take(address, isCommand);
      return await run(until, request).finally(end);
    },
    async reset() {
      cancelRetry();
      await attempt?.catch(() => {});
      become({ state: "starting" });
      await dpk.reset();
      attempt = bringUp();
      await attempt;
    },
  };
}

const unreachable = ({ reason }: RadioHealth): ActionError =>
  new ActionError("NoRadio", `the Zigbee coordinator is not reachable${reason ? `: ${reason}` : ""}`, 503);

function asActionError(error: unknown): ActionError {
  if (error instanceof ActionError) return error;
  if (error instanceof RadioGoneError) return new ActionError("NoRadio", error.message, 503);
  if (error instanceof ZclStatusError) return new ActionError("Refused", error.message, 500);
  return new ActionError("Timeout", `the device has not answered (${messageOf(error)})`, 504);
}
