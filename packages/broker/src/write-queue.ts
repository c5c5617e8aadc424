import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

/** Chunks that are answered at once after a turn that had a single one. */
const ALONE = 15;

/**
 * Flushes every socket that was written to, once in each turn of the event loop: sockets that are read in one turn often
 * lead to the same receivers. While turns bring a single chunk each there is nothing to wait for, and the wait itself
 * costs more than all else that is done for a small message: what such a chunk leads to leaves with it.
 */
export class Flusher {
  #dirty: WriteQueue[] = [];
  #scheduled = false;
  #reading = false;
  /** Of the turn that is flushed at its end. */
  #chunks = 0;
  #alone = 0;
  readonly #run = () => {
    this.#scheduled = false;
    this.#alone = this.#chunks > 1 ? 0 : ALONE;
    this.#flush();
  };

  /** For what a socket is given in one go. */
  readonly arena = new Arena();

  add(queue: WriteQueue): void {
    if (this.#dirty.push(queue) === 1 && !this.#reading) this.#schedule(0);
  }

  /** To be called before and after a chunk is handled, for all that its packets lead to. */
  begin(): void {
    this.#reading = true;
  }

  end(): void {
    this.#reading = false;
    if (this.#scheduled) this.#chunks += 1;
    else if (this.#dirty.length > 0) {
      if (this.#alone === 0) this.#schedule(1);
      else {
        this.#alone -= 1;
        this.#flush();
      }
    }
  }

  #schedule(chunks: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#chunks = chunks;
    setImmediate(this.#run);
  }

  #flush(): void {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const queue of dirty) queue.flush();
  }
}

/** Frames that are gathered without memory of their own. */
const ARENA = 128 * 1024;

/** Memory in which frames are put together: used again and again, until a socket keeps it. */
class Arena {
  #bytes: Buffer | undefined;

  /** `frames`, which have `size` bytes, at most `ARENA`, as one. */
  gather(frames: readonly Uint8Array[], size: number): Buffer {
    this.#bytes ??= Buffer.allocUnsafeSlow(ARENA);
    const bytes = this.#bytes;
    let at = 0;
    for (const frame of frames) {
      bytes.set(frame, at);
      at += frame.length;
    }
    return bytes.subarray(0, size);
  }

  /** To be called when a socket has not yet done with what was gathered. */
  leave(): void {
    this.#bytes = undefined;
  }
}

/** Gathers what is written to one socket within a turn of the event loop and writes it at once. */
export class WriteQueue {
  readonly #gate: ((bytes: number) => boolean) | undefined;
  readonly #socket: Duplex;
  readonly #flusher: Flusher;
  /** The kernel takes its bytes as they are. */
  readonly #plain: boolean;
  #frames: Uint8Array[] = [];
  #size = 0;
  /** Bytes that have been handed to the socket. */
  written = 0;

  /** `gate` says whether so many bytes may leave now; where not, it sees to another `flush` later. */
  constructor(socket: Duplex, flusher: Flusher, gate?: (bytes: number) => boolean) {
    this.#gate = gate;
    this.#socket = socket;
    this.#flusher = flusher;
    this.#plain = socket instanceof Socket && !(socket instanceof TLSSocket);
  }

  /** Bytes that wait here and in the socket. */
  get backlog(): number {
    return this.#size + this.#socket.writableLength;
  }

  push(frame: Uint8Array): void {
    if (this.#frames.length === 0) this.#flusher.add(this);
    this.#frames.push(frame);
    this.#size += frame.length;
  }

  flush(): void {
    const frames = this.#frames;
    if (frames.length === 0) return;
    const size = this.#size;
    if (this.#gate !== undefined && !this.#gate(size)) return;
    this.#frames = [];
    this.#size = 0;
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.written += size;
    if (frames.length === 1) this.#socket.write(frames[0]);
    // Other streams than sockets may count as written what they keep.
    else if (!this.#plain || size > ARENA) this.#socket.write(Buffer.concat(frames, size));
    else {
      const { arena } = this.#flusher;
      this.#socket.write(arena.gather(frames, size));
      if (this.#socket.writableLength > 0) arena.leave();
    }
  }
}
