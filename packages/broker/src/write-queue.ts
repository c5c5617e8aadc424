import type { Duplex } from "node:stream";

/** Flushes, once in each turn of the event loop, every socket that was written to. */
export class Flusher {
  #dirty: WriteQueue[] = [];
  readonly #run = () => {
    const dirty = this.#dirty;
    this.#dirty = [];
    for (const queue of dirty) queue.flush();
  };

  add(queue: WriteQueue): void {
    if (this.#dirty.length === 0) setImmediate(this.#run);
    this.#dirty.push(queue);
  }
}

/** Gathers what is written to one socket within a turn of the event loop and writes it at once. */
export class WriteQueue {
  readonly #gate: ((bytes: number) => boolean) | undefined;
  readonly #socket: Duplex;
  readonly #flusher: Flusher;
  #frames: Uint8Array[] = [];
  #size = 0;
  /** Bytes that have been handed to the socket. */
  written = 0;

  /** `gate` says whether so many bytes may leave now; where not, it sees to another `flush` later. */
  constructor(socket: Duplex, flusher: Flusher, gate?: (bytes: number) => boolean) {
    this.#gate = gate;
    this.#socket = socket;
    this.#flusher = flusher;
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
    this.#socket.write(frames.length === 1 ? frames[0] : Buffer.concat(frames, size));
  }
}
