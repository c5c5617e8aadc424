import { Duplex } from "node:stream";

/** How the peer of a `MemorySocket` behaves. */
export interface Peer {
  /** Takes nothing that the broker writes, until the end. */
  stalled: boolean;
  /** Does not close its side when the broker has closed its own. */
  deaf: boolean;
}

/** The broker's end of a connection whose other end is the test: no kernel, no port. */
export class MemorySocket extends Duplex {
  /** What the broker has written. */
  readonly written: Buffer[] = [];
  readonly #peer: Peer;
  #waiting: (() => void) | undefined;
  #hungUp = false;

  constructor(peer: Peer) {
    super({ allowHalfOpen: false });
    this.#peer = peer;
    // As a network's does, the error of a broken connection may come after the broker has let go of it.
    this.on("error", () => {});
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.written.push(Buffer.from(chunk));
    if (this.#peer.stalled) this.#waiting = done;
    else done();
  }

  override _final(done: () => void): void {
    done();
    if (!this.#peer.deaf) this.hangUp();
  }

  /** The peer sends bytes. */
  say(chunk: Uint8Array): void {
    if (!this.destroyed && !this.#hungUp) this.push(chunk);
  }

  /** The peer reads again. */
  wake(): void {
    this.#peer.stalled = false;
    const done = this.#waiting;
    this.#waiting = undefined;
    done?.();
  }

  /** The peer closes its side. */
  hangUp(): void {
    if (this.destroyed || this.#hungUp) return;
    this.#hungUp = true;
    this.push(null);
  }
}
