import { connect as connectSocket, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { generate, type Packet, type Parser, parser } from "mqtt-packet";
import type { Version } from "./case.ts";

/** A packet as `mqtt-packet` reads it, with its bytes. */
export interface Received {
  packet: Record<string, unknown>;
  bytes: Buffer;
}

/** How long an answer may take on a machine that is busy with other things: otherwise it comes within milliseconds. */
const PATIENCE = 30_000;

/** A client that sends what it is told, right or wrong, and keeps what comes. Reads with `mqtt-packet`, not with our codec. */
export class Peer {
  readonly socket: Socket;
  readonly version: Version;
  readonly received: Received[] = [];
  /** CONNACK has come: it may be asked for a PINGRESP. */
  connected = false;
  closed = false;
  #bytes = Buffer.alloc(0);
  #parser: Parser;
  #wake: (() => void) | undefined;
  #parsed: Packet | undefined;
  #fault: string | undefined;

  private constructor(socket: Socket, version: Version) {
    this.socket = socket;
    this.version = version;
    this.#parser = parser({ protocolVersion: version });
    this.#parser.on("packet", (packet) => {
      this.#parsed = packet;
    });
    this.#parser.on("error", (error: Error) => {
      this.#fault ??= error.message;
    });
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
      this.#wake?.();
    });
  }

  /** Over TLS where `secure` says how. */
  static open(port: number, version: Version, secure?: ConnectionOptions): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const where = { port, host: "127.0.0.1", noDelay: true };
      const opened = () => resolve(new Peer(socket, version));
      const socket: Socket = secure ? connectTls({ ...where, ...secure }, opened) : connectSocket(where, opened);
      socket.once("error", reject);
    });
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (let size = sizeOf(this.#bytes); size > 0 && size <= this.#bytes.length; size = sizeOf(this.#bytes)) {
      const bytes = this.#bytes.subarray(0, size);
      this.#bytes = this.#bytes.subarray(size);
      this.#parsed = undefined;
      this.#parser.parse(Buffer.from(bytes));
      if (this.#parsed === undefined) this.#fault ??= "the parser waits for more than the packet";
      else this.received.push({ packet: this.#parsed as unknown as Record<string, unknown>, bytes });
    }
    this.#wake?.();
  }

  send(packets: readonly Record<string, unknown>[]): void {
    const options = { protocolVersion: this.version };
    this.socket.write(Buffer.concat(packets.map((one) => generate(one as unknown as Packet, options))));
  }

  write(hex: string): void {
    this.socket.write(Buffer.from(hex.replace(/\s/g, ""), "hex"));
  }

  async #until(what: string, done: () => boolean): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake?.();
    }, PATIENCE);
    while (!done() && this.#fault === undefined && !late) {
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
    clearTimeout(timer);
    if (this.#fault !== undefined) throw new Error(`what came cannot be read: ${this.#fault}`);
    if (late) throw new Error(`${what}, but it did not come; there was ${this.#seen()}`);
  }

  #seen(): string {
    return this.received.length === 0 ? "nothing" : this.received.map(({ packet }) => packet["cmd"]).join(", ");
  }

  /** The next packet. */
  async next(what: string): Promise<Received> {
    await this.#until(what, () => this.received.length > 0 || this.closed);
    const received = this.received.shift();
    if (received === undefined) throw new Error(`${what}, but the connection was closed`);
    return received;
  }

  /** Waits for the end of the connection. */
  async end(): Promise<void> {
    await this.#until("the connection has to be closed", () => this.closed);
  }

  /** Resolves when the broker has handled all that was sent; leaves what else has come. */
  async fence(): Promise<void> {
    if (!this.connected || this.closed) return;
    this.send([{ cmd: "pingreq" }]);
    const pong = () => this.received.findIndex(({ packet }) => packet["cmd"] === "pingresp");
    await this.#until("PINGRESP has to come", () => pong() >= 0 || this.closed);
    if (pong() >= 0) this.received.splice(pong(), 1);
  }
}

/** Bytes of the packet in front; 0 while that cannot be told. */
function sizeOf(bytes: Buffer): number {
  let remaining = 0;
  for (let i = 1, factor = 1; i < bytes.length && i <= 4; i++, factor *= 128) {
    remaining += (bytes[i]! & 127) * factor;
    if (bytes[i]! < 128) return 1 + i + remaining;
  }
  return 0;
}
