import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { Label } from "../plugins/protocol-plugin.ts";
import { readLabel } from "../provisioner/label-text.ts";
import type { Admission, ZigbeeDpk } from "./dpk/dpk.ts";

/** Who may join now. The coordinator is open while anybody may; `admits` turns the others away. */
export interface JoinWindow {
  /** For everybody, for so long. */
  open(seconds: number): Promise<void>;
  close(): Promise<void>;
  /** Labels whose devices may come by themselves, until they have. Those that cannot be used are returned. */
  provision(labels: readonly Label[]): Promise<{ managedThingId: string; reason: string }[]>;
  admits: Admission;
  /** Makes the coordinator as it should be, after a device has joined. */
  apply(): Promise<void>;
  /** The same after it came up: it is closed, and may have forgotten its install codes. */
  renew(): Promise<void>;
  stop(): void;
}

/** The coordinator takes at most 254 s; it is asked again before they are over. */
const LONGEST = 254;
const RENEW = 240_000;
/**
 * Milliseconds after which an install code is given again. A coordinator may forget one after 300 s, and all of them when
 * it is closed (EmberZNet's transient keys): none may be older than that before it is asked again.
 */
const CODE_AGE = 300_000 - RENEW;

export function createJoinWindow(deps: {
  dpk: ZigbeeDpk;
  clock: Clock;
  log: Logger;
  isUp(): boolean;
  /** Whether the device is in the network already. */
  isKnown(address: string): boolean;
}): JoinWindow {
  const { dpk, clock, log, isUp, isKnown } = deps;
  let everybody = 0;
  let labels = new Map<string, Label>();
  /** Install codes that the coordinator has been given: by address, the material, and when. */
  let given = new Map<string, { material: string; at: number }>();
  let isOpen = false;
  let cancel = () => {};
  let turn: Promise<void> = Promise.resolve();

  const waiting = () => [...labels.keys()].some((address) => !isKnown(address));

  function millisecondsWanted(): number {
    const asked = Math.max(everybody - clock.monotonic(), 0);
    return waiting() ? Math.max(asked, LONGEST * 1000) : asked;
  }

  async function now(): Promise<void> {
    cancel();
    if (!isUp()) return;
    for (const [address, { material }] of labels) {
      if (isKnown(address) || has(address, material)) continue;
      await give(address, material).catch((error) => {
        // One label that the coordinator does not take must not keep the others out.
        given.set(address, { material, at: Number.POSITIVE_INFINITY });
        log.warn({ address, reason: messageOf(error) }, "an install code was not taken");
      });
    }
    const wanted = millisecondsWanted();
    if (wanted > 0) {
      await dpk.permitJoin(Math.min(LONGEST, Math.ceil(wanted / 1000)));
      isOpen = true;
      cancel = clock.after(Math.min(wanted, RENEW), () => void apply());
    } else if (isOpen) {
      await dpk.permitJoin(0);
      isOpen = false;
      given = new Map();
    }
  }

  async function give(address: string, material: string): Promise<void> {
    await dpk.addInstallCode(material);
    given.set(address, { material, at: clock.monotonic() });
  }

  function has(address: string, material: string): boolean {
    const last = given.get(address);
    return last?.material === material && clock.monotonic() - last.at < CODE_AGE;
  }

  /** One at a time. */
  function inTurn(run: () => Promise<void>): Promise<void> {
    const mine = turn.then(run);
    turn = mine.catch(() => {});
    return mine;
  }

  function apply(): Promise<void> {
    return inTurn(now).catch((error) =>
      log.warn({ reason: messageOf(error) }, "the Zigbee network could not be opened or closed for joining"),
    );
  }

  return {
    open: (seconds) =>
      inTurn(async () => {
        everybody = clock.monotonic() + seconds * 1000;
        await now();
      }),
    close: () =>
      inTurn(async () => {
        everybody = 0;
        await now();
      }),
    async provision(list) {
      const refused: { managedThingId: string; reason: string }[] = [];
      const next = new Map<string, Label>();
      for (const label of list) {
        const read = addressOf(label);
        if ("problem" in read) {
          refused.push({ managedThingId: label.managedThingId, reason: `the label ${read.problem}` });
        } else next.set(read.address, label);
      }
      labels = next;
      await apply();
      return refused;
    },
    admits(address) {
      if (isKnown(address) || labels.has(address)) return "awaited";
      return everybody > clock.monotonic() ? "guest" : "stranger";
    },
    apply,
    renew() {
      isOpen = false;
      given = new Map();
      return apply();
    },
    stop: () => cancel(),
  };
}

/** The EUI-64 that a label names, as 16 lower-case digits, or why it names none. */
function addressOf({ materialType, material }: Label): { address: string } | { problem: string } {
  const text = readLabel(materialType, material);
  if ("problem" in text) return text;
  return text.protocol === "ZIGBEE" ? { address: text.radioId.toLowerCase() } : { problem: "is not a Zigbee one" };
}
