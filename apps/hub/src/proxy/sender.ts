import { type Clock, type Logger, messageOf } from "@hearth/base";
import { RefusedError } from "@hearth/device-sdk";
import type { Entry, OutboundQueue } from "./outbound-queue.ts";
import type { Outbound } from "./property-reports.ts";
import type { Channel, Uplink } from "./proxy-service.ts";

/** Messages that are out and not acknowledged. */
const WINDOW = 20;
/** Sent messages that are remembered, in case the platform rejects them. */
const REMEMBERED = 1000;
/** Milliseconds until what the platform could not store (503) is said again. */
const AGAIN_AFTER = 30_000;

export interface Sender {
  /** Begins, or goes on, taking from the queue. */
  pump(): void;
  /** What the platform has rejected, if it is remembered; with 503 it is put into the queue again. */
  rejected(code: unknown, eventNumber: unknown): Outbound | undefined;
  /** Nothing more is taken. */
  stop(): void;
}

export const topicOf = (id: string, channel: Channel): string =>
  channel === "capabilities" ? `$aws/managed-integrations/${id}/capabilities` : `north/${id}/${channel}`;

/** Sends the queue's messages in order over an uplink, which repeats them over as many connections as it takes. */
export function createSender(deps: {
  queue: OutboundQueue;
  uplink: Uplink;
  id: string;
  clock: Clock;
  log: Logger;
}): Sender {
  const { queue, uplink, id, clock, log } = deps;
  const sent = new Map<number, Outbound>();
  const timers = new Set<() => void>();
  let out = 0;
  let pumping = false;
  /** Something came while the pump was running, perhaps just after its last look. */
  let again = false;
  let stopped = false;

  async function pump(): Promise<void> {
    again = true;
    if (pumping) return;
    pumping = true;
    try {
      while (!stopped && out < WINDOW && again) {
        again = false;
        const entry = await queue.take();
        if (!entry) continue;
        again = true;
        if ((entry.outbound.notBefore ?? 0) > clock.now()) hold(entry);
        else send(entry);
      }
    } catch (error) {
      log.error({ error: messageOf(error) }, "the queue to the cloud cannot be read");
    } finally {
      pumping = false;
    }
  }

  function send(entry: Entry): void {
    const { channel, message } = entry.outbound;
    remember(entry.outbound);
    out++;
    uplink
      .publish(topicOf(id, channel), JSON.stringify(message))
      .then(() => queue.done(entry))
      .catch((error: unknown) => {
        // Otherwise the uplink has ended: the message stays for the next.
        if (!(error instanceof RefusedError)) return;
        log.warn(
          { error: error.message, channel, messageType: message["messageType"] },
          "the cloud takes no such message",
        );
        queue.done(entry);
      })
      .finally(() => {
        out--;
        void pump();
      });
  }

  /** It takes its place in the queue again when its time has come, behind what was said meanwhile. */
  function hold(entry: Entry): void {
    const { channel, message, notBefore = 0 } = entry.outbound;
    const wait = Math.min(AGAIN_AFTER, notBefore - clock.now());
    const cancel = clock.after(wait, () => {
      timers.delete(cancel);
      queue.append(channel, message).then(
        () => queue.done(entry),
        (error) => log.error({ error: messageOf(error) }, "a message that the cloud could not store is lost"),
      );
    });
    timers.add(cancel);
  }

  function remember(outbound: Outbound): void {
    const number = outbound.message["eventNumber"];
    if (typeof number !== "number") return;
    sent.set(number, outbound);
    const oldest = sent.size > REMEMBERED ? sent.keys().next().value : undefined;
    if (oldest !== undefined) sent.delete(oldest);
  }

  return {
    pump: () => void pump(),
    rejected(code, eventNumber) {
      const outbound = typeof eventNumber === "number" ? sent.get(eventNumber) : undefined;
      if (!outbound || typeof eventNumber !== "number") return undefined;
      sent.delete(eventNumber);
      if (code === 503) {
        queue.append(outbound.channel, outbound.message, clock.now() + AGAIN_AFTER).catch((error) => {
          log.error({ error: messageOf(error) }, "a message that the cloud could not store is lost");
        });
      }
      return outbound;
    },
    stop() {
      stopped = true;
      for (const cancel of timers) cancel();
    },
  };
}
