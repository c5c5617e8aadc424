import type { Clock, Logger } from "@hearth/base";
import { FrameError } from "@hearth/hub-ipc";
import type { Bus } from "./bus.ts";
import { type BusMessage, MAX_MESSAGE } from "./messages.ts";
import { BusPeer } from "./peer.ts";
import { type Attachment, createRouter } from "./router.ts";

export interface BusOptions {
  /** Of requests' timeouts. */
  clock?: Clock;
  /** Told when a subscriber throws, and of what is too long to be published; without it the error is thrown on. */
  log?: Logger;
}

/** A bus within one process. */
export function createMemoryBus(options: BusOptions = {}): Bus {
  return attachPeer(createRouter(), options);
}

/** A peer in the router's own process. Bodies are copied, as a socket would, so that nobody shares what another changes. */
export function attachPeer(router: ReturnType<typeof createRouter>, options: BusOptions): Bus {
  let seat: Attachment | undefined;
  const peer = new BusPeer({
    ...options,
    send(message) {
      seat?.receive(copy(message));
      return true;
    },
  });
  seat = router.attach({ send: (message) => peer.receive(message) });
  return peer;
}

function copy(message: BusMessage): BusMessage {
  const text = JSON.stringify(message);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_MESSAGE) throw new FrameError(`a message of ${bytes} bytes is too long for the bus (${MAX_MESSAGE})`);
  return JSON.parse(text);
}
