import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createHttp2Server, type Http2Server } from "node:http2";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { boundRequest, boundSession, createAddressCount, HTTP_BOUNDS, type HttpBounds } from "./http-bounds.ts";

/** What the sockets are handed to. */
export interface Doors {
  /** HTTP/1.1 and HTTP/2 requests. `listener`: the name of the one that they came by, of those that have one. */
  request(request: IncomingMessage, response: ServerResponse, listener?: string): void;
  /** HTTP/1.1 upgrades (WebSocket). */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** A stream that speaks MQTT. */
  mqtt(socket: TLSSocket, offered: Offered): void;
  /** Told of a peer that did not come through the TLS handshake. */
  handshakeFailed?(error: Error, sourceIp: string | undefined): void;
  /** Requests to the callback port, which asks for no client certificate. */
  callback?(request: IncomingMessage, response: ServerResponse): void;
  /** A stream of the open port: nobody has proved who is there. */
  openMqtt(socket: Socket): void;
}

/** What the client said in the TLS handshake, before it was known. */
export interface Offered {
  /** The ALPN name that was agreed on; absent: the client offered none. */
  alpn?: string;
  /** SNI. */
  serverName?: string;
}

/** Bytes that a client must send before its protocol is known must come within this time. */
const FIRST_BYTES_MS = 10_000;
const HTTP2_PREFACE = "PRI ";

/**
 * HTTP/1.1 and HTTP/2 servers without a listening socket of their own: connections are handed to them once their
 * protocol is known.
 */
export class HttpServers {
  readonly #http: Server;
  readonly #http2: Http2Server;
  readonly #addresses: ReturnType<typeof createAddressCount>;
  readonly #sessions = new Set<{ close(): void; destroy(): void }>();

  constructor(doors: Pick<Doors, "request" | "upgrade">, bounds: HttpBounds = HTTP_BOUNDS) {
    this.#addresses = createAddressCount(bounds.connectionsPerAddress);
    this.#http = createHttpServer(
      {
        maxHeaderSize: bounds.headBytes,
        keepAliveTimeout: bounds.idle,
        headersTimeout: bounds.headers,
        // Objects may take longer: `boundRequest` counts for everything else.
        requestTimeout: 0,
        connectionsCheckingInterval: Math.ceil(bounds.headers / 4),
      },
      (request, response) => {
        boundRequest(request, bounds.request);
        doors.request(request, response);
      },
    );
    this.#http.timeout = bounds.stalled;
    // Node looks for slow and for idle clients from the moment that a server listens, which this one never does.
    this.#http.emit("listening");
    this.#http.on("upgrade", (request, socket, head) => {
      // What it is now has bounds of its own.
      request.socket.setTimeout(0);
      this.#addresses.leave(request.socket);
      doors.upgrade(request, socket, head);
    });
    this.#http2 = createHttp2Server(
      { settings: { maxConcurrentStreams: 256, maxHeaderListSize: bounds.headBytes }, maxSessionMemory: 16 },
      // The compatibility objects of http2 have all that the API door uses of http's.
      doors.request as unknown as RequestListener as never,
    );
    this.#http2.on("session", (session) => {
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
      session.on("error", () => session.destroy());
      boundSession(session, bounds);
    });
  }

  http1(socket: Socket): void {
    if (!this.#addresses.enter(socket)) {
      socket.destroy();
      return;
    }
    this.#http.emit("connection", socket);
    // `peek` paused it, and a paused stream does not start again because somebody listens.
    socket.resume();
  }

  http2(socket: Socket): void {
    if (this.#addresses.enter(socket)) this.#http2.emit("connection", socket);
    else socket.destroy();
  }

  /** Closes idle connections now and the others when their requests are answered. */
  drain(): void {
    this.#http.closeIdleConnections();
    for (const session of this.#sessions) session.close();
  }

  close(): void {
    this.#http.closeAllConnections();
    // Ends the watch over slow clients.
    this.#http.close();
    for (const session of this.#sessions) session.destroy();
  }
}

/** Reads a connection's first bytes, puts them back, and says what they are. */
export function peek(socket: Socket, then: (kind: "mqtt" | "http1" | "http2") => void): void {
  let first: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), FIRST_BYTES_MS);
  timer.unref();
  const onData = (chunk: Buffer) => {
    first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
    const kind = classify(first);
    if (!kind) return;
    finish();
    socket.pause();
    socket.unshift(first);
    then(kind);
  };
  const finish = () => {
    clearTimeout(timer);
    socket.off("data", onData);
    socket.off("close", finish);
  };
  socket.on("data", onData);
  socket.on("close", finish);
}

/** The fixed header of CONNECT is 0x10 [MQTT-2.1.1]; HTTP/2 opens with `PRI * HTTP/2.0` (RFC 9113, 3.4). */
export function classify(first: Uint8Array): "mqtt" | "http1" | "http2" | undefined {
  if (first.length === 0) return undefined;
  if (first[0] === 0x10) return "mqtt";
  const seen = Buffer.from(first.subarray(0, HTTP2_PREFACE.length)).toString("latin1");
  if (!HTTP2_PREFACE.startsWith(seen)) return "http1";
  return seen.length === HTTP2_PREFACE.length ? "http2" : undefined;
}
