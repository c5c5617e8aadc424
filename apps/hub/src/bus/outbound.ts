import type { Socket } from "node:net";
import type { JsonObject } from "@hearth/device-sdk";
import { encodeFrame } from "@hearth/hub-ipc";
import { type BusMessage, MAX_MESSAGE } from "./messages.ts";

/** Publications that wait for a slow reader; the oldest go first (event_manager_upper_bound, reference 10.4). */
const QUEUE_LIMIT = 500;
/** Of everything that waits for it. */
const BYTES_LIMIT = 16 * MAX_MESSAGE;

export interface Outbound {
  /** Throws FrameError for a message that is too long. */
  send(message: BusMessage, limit: number): void;
  /** Publications that the reader has missed so far. */
  readonly dropped: number;
}

/** Writes to a socket as fast as its other end reads, and holds a bounded rest. `stuck` is called when it is full. */
export function createOutbound(socket: Socket, stuck: () => void): Outbound {
  const queue: { frame: Buffer; publication: boolean }[] = [];
  let publications = 0;
  let bytes = 0;
  let dropped = 0;

  const drain = (): void => {
    while (queue.length > 0 && !socket.writableNeedDrain) {
      const { frame, publication } = queue.shift() as (typeof queue)[number];
      if (publication) publications -= 1;
      bytes -= frame.length;
      socket.write(frame);
    }
  };
  socket.on("drain", drain);

  const dropOldest = (): void => {
    const index = queue.findIndex(({ publication }) => publication);
    const [gone] = queue.splice(index, 1);
    publications -= 1;
    bytes -= gone?.frame.length ?? 0;
    dropped += 1;
  };

  return {
    get dropped() {
      return dropped;
    },
    send(message, limit) {
      const frame = encodeFrame(message as unknown as JsonObject, limit);
      if (socket.destroyed) return;
      const publication = message.op === "publish";
      if (queue.length === 0 && !socket.writableNeedDrain) {
        socket.write(frame);
        return;
      }
      queue.push({ frame, publication });
      bytes += frame.length;
      if (publication) publications += 1;
      while (publications > QUEUE_LIMIT || (bytes > BYTES_LIMIT && publications > 0)) dropOldest();
      if (bytes > BYTES_LIMIT) stuck();
    },
  };
}
