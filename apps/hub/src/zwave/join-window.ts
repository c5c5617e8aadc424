import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { ZWaveDpk } from "./dpk/dpk.ts";

/** A node has so long to be put into pairing mode again when it was let in without the keys that it needs. */
const TURN_AWAY = 30_000;

type Credentials = { pin?: string; dsk?: string };
export interface Departure {
  outcome: "gone" | "failed";
  nodeId?: number;
  reason?: string;
}

/**
 * What the controller's one antenna does: including, excluding, or waiting for SmartStart. Exclusion is asked for by
 * somebody who waits; it has precedence, and inclusion goes on afterwards while its time lasts.
 */
export interface JoinWindow {
  open(seconds: number, credentials: Credentials): Promise<void>;
  close(): Promise<void>;
  /** Waits until the button of a node is pressed that `wanted` says yes to; another's departure does not end it. */
  exclude(seconds: number, wanted: (nodeId: number | undefined) => boolean): Promise<Departure>;
  /** A node was added: a PIN is one device's only. */
  added(refused: boolean): void;
  removed(nodeId: number | undefined): void;
  /** The stick is gone, and with it what it was doing. */
  lost(reason: string): void;
}

export function createJoinWindow({ dpk, clock, log }: { dpk: ZWaveDpk; clock: Clock; log: Logger }): JoinWindow {
  let inclusion: { until: number; credentials: Credentials } | undefined;
  let cancelClose = () => {};
  let exclusion: { wanted(nodeId: number | undefined): boolean; end(departure: Departure): void } | undefined;
  let turn = Promise.resolve();

  /** One change of mode at a time. */
  function inTurn(run: () => Promise<void>): Promise<void> {
    const done = turn.then(run);
    turn = done.catch((error) =>
      log.warn({ error: messageOf(error) }, "the Z-Wave controller did not change its mode"),
    );
    return done;
  }

  const mode = () =>
    inTurn(async () => {
      await dpk.stopJoining();
      if (exclusion) await dpk.exclude();
      else if (inclusion && inclusion.until > clock.now()) await dpk.include(inclusion.credentials);
    });

  async function exclude(seconds: number, wanted: (nodeId: number | undefined) => boolean): Promise<Departure> {
    if (exclusion) return { outcome: "failed", reason: "another device is being removed" };
    return await new Promise<Departure>((resolve) => {
      const end = (departure: Departure) => {
        cancel();
        exclusion = undefined;
        mode().then(
          () => resolve(departure),
          () => resolve(departure),
        );
      };
      const cancel = clock.after(seconds * 1000, () => {
        end({ outcome: "failed", reason: `its button was not pressed within ${seconds} s` });
      });
      exclusion = { wanted, end };
      mode().catch((error) => exclusion?.end({ outcome: "failed", reason: messageOf(error) }));
    });
  }

  return {
    async open(seconds, credentials) {
      inclusion = { until: clock.now() + seconds * 1000, credentials };
      cancelClose();
      cancelClose = clock.after(seconds * 1000, () => {
        inclusion = undefined;
        if (!exclusion) mode().catch(() => {});
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
    added(refused) {
      if (!inclusion) return;
      if (refused) {
        void exclude(TURN_AWAY / 1000, () => true);
        return;
      }
      if (inclusion.credentials.pin) {
        cancelClose();
        inclusion = undefined;
      } else if (!exclusion) mode().catch(() => {});
    },
    removed(nodeId) {
      if (!exclusion) return;
      if (exclusion.wanted(nodeId)) exclusion.end({ outcome: "gone", ...(nodeId === undefined ? {} : { nodeId }) });
      else mode().catch(() => {});
    },
    lost(reason) {
      cancelClose();
      inclusion = undefined;
      exclusion?.end({ outcome: "failed", reason });
    },
  };
}
