import { type Clock, type Logger, messageOf } from "@hearth/base";
import { BusyError, type ZWaveDpk } from "./dpk/dpk.ts";

/** A node has so long to be put into pairing mode again when it was let in without the keys that it needs. */
const TURN_AWAY = 30;
/** A controller that is at something else is asked again. */
const AGAIN = 1_000;
/** Who waits for an exclusion is answered by then, whatever the stick does. */
const ENDING = 3_000;

type Credentials = { pin?: string; dsk?: string };
export interface Departure {
  outcome: "gone" | "failed";
  nodeId?: number;
  reason?: string;
}

interface Exclusion {
  wanted(nodeId: number | undefined): boolean;
  end(departure: Departure): void;
  /** Another one goes on in its place. */
  replace(): void;
}

/**
 * What the controller's one antenna does: including, excluding, or waiting for SmartStart. Exclusion is asked for by
 * somebody who waits; it has precedence, and inclusion goes on afterwards while its time lasts.
 */
export interface JoinWindow {
  open(seconds: number, credentials: Credentials): Promise<void>;
  close(): Promise<void>;
  /**
   * Waits until the button of a node is pressed that `wanted` says yes to; another's departure does not end it. Answers
   * when the time is over. `waited`: seconds of it that are over already. The next one ends it: who asked before has been
   * killed, since removals are asked for one after another.
   */
  exclude(seconds: number, wanted: (nodeId: number | undefined) => boolean, waited?: number): Promise<Departure>;
  /** Runs what the controller does not do while it is including or excluding. */
  aside<T>(run: () => Promise<T>): Promise<T>;
  /** A node was added: a PIN is one device's only. */
  added(refused: boolean): void;
  removed(nodeId: number | undefined): void;
  /** The controller has ended by itself what it did, and nothing came of it. */
  ended(): void;
  /** The stick is gone, and with it what it was doing. */
  lost(reason: string): void;
}

export function createJoinWindow({ dpk, clock, log }: { dpk: ZWaveDpk; clock: Clock; log: Logger }): JoinWindow {
  let inclusion: { until: number; credentials: Credentials } | undefined;
  let exclusion: Exclusion | undefined;
  let cancelClose = () => {};
  let cancelAgain = () => {};
  let problem: string | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  /** One change of mode at a time. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = turn.then(run);
    turn = done.catch((error) =>
      log.warn({ error: messageOf(error) }, "the Z-Wave controller did not change its mode"),
    );
    return done;
  }

  async function change(): Promise<void> {
    cancelAgain();
    problem = undefined;
    await dpk.stopJoining();
    try {
      if (exclusion) await dpk.exclude();
      else if (inclusion && inclusion.until > clock.monotonic()) await dpk.include(inclusion.credentials);
    } catch (error) {
      if (!(error instanceof BusyError)) throw error;
      problem = error.message;
      cancelAgain = clock.after(AGAIN, quietly);
    }
  }

  const mode = () => inTurn(change);
  /** What went wrong is in the log. */
  const quietly = () => void mode().catch(() => {});

  async function exclude(seconds: number, wanted: Exclusion["wanted"], waited = 0): Promise<Departure> {
    const before = exclusion;
    return await new Promise<Departure>((resolve) => {
      const end = (departure: Departure) => {
        cancel();
        if (exclusion === mine) exclusion = undefined;
        clock.after(ENDING, () => resolve(departure));
        mode().then(
          () => resolve(departure),
          () => resolve(departure),
        );
      };
      const cancel = clock.after((seconds - waited) * 1000, () => {
        end({ outcome: "failed", reason: problem ?? `its button was not pressed within ${seconds} s` });
      });
      const replace = () => {
        cancel();
        resolve({ outcome: "failed", reason: "another removal was asked for" });
      };
      const mine: Exclusion = { wanted, end, replace };
      exclusion = mine;
      // The controller is excluding already, and goes on.
      if (before) before.replace();
      else mode().catch((error) => exclusion === mine && end({ outcome: "failed", reason: messageOf(error) }));
    });
  }

  return {
    async open(seconds, credentials) {
      inclusion = { until: clock.monotonic() + seconds * 1000, credentials };
      cancelClose();
      cancelClose = clock.after(seconds * 1000, () => {
        inclusion = undefined;
        if (!exclusion) quietly();
      });
      if (!exclusion) await mode();
    },
    async close() {
      cancelClose();
      if (!inclusion) return;
      inclusion = undefined;
      if (!exclusion) await mode();
    },
    exclude,
    aside: (run) =>
      inTurn(async () => {
        await dpk.stopJoining();
        return await run();
      }).finally(() => (exclusion || inclusion) && quietly()),
    added(refused) {
      if (!inclusion) return;
      if (refused) {
        void exclude(TURN_AWAY, () => true);
        return;
      }
      if (inclusion.credentials.pin) {
        cancelClose();
        inclusion = undefined;
      } else if (!exclusion) quietly();
    },
    removed(nodeId) {
      if (!exclusion) return;
      if (exclusion.wanted(nodeId)) exclusion.end({ outcome: "gone", ...(nodeId === undefined ? {} : { nodeId }) });
      else quietly();
    },
    ended() {
      if (exclusion || inclusion) quietly();
    },
    lost(reason) {
      cancelClose();
      cancelAgain();
      inclusion = undefined;
      exclusion?.end({ outcome: "failed", reason });
    },
  };
}
