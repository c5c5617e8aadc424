import { createServer, type Server, type Socket } from "node:net";

/** What a host has not read is lost beyond this many octets, as it is on a serial line. */
const MAX_UNREAD = 1_048_576;

interface Stick {
  /** A host has opened the port. */
  connected(): void;
  receive(octets: Buffer): void;
}

/** A serial port as a TCP server offers one: a single host at a time, the last that came. */
export class HostPort {
  readonly #host: string;
  readonly #stick: Stick;
  #server: Server | undefined;
  #socket: Socket | undefined;
  #port: number;

  constructor(options: { host: string; port: number }, stick: Stick) {
    this.#host = options.host;
    this.#port = options.port;
    this.#stick = stick;
  }

  get port(): number {
    return this.#port;
  }

  /** On the same port again where it was open before. @throws the system's error when the port is taken */
  async open(): Promise<void> {
    if (this.#server) return;
    const server = createServer((socket) => this.#accept(socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, this.#host, () => {
        server.off("error", reject);
        resolve();
      });
    });
    const address = server.address();
    if (address !== null && typeof address === "object") this.#port = address.port;
    this.#server = server;
  }

  /** Ends the connection and takes none. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  write(octets: Buffer): void {
    if (!this.#socket || this.#socket.writableLength > MAX_UNREAD) return;
    this.#socket.write(octets);
  }

  #accept(socket: Socket): void {
    this.#socket?.destroy();
    this.#socket = socket;
    // A request waits for its answer: with Nagle's algorithm each of them would wait for an acknowledgement too.
    socket.setNoDelay(true);
    this.#stick.connected();
    socket.on("data", (chunk) => {
      if (this.#socket === socket) this.#stick.receive(chunk);
    });
    // A host that goes is no fault of the stick's.
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
    });
  }
}
