import type { IncomingMessage } from "node:http";
import { constants, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";

/** What one HTTP client is granted. Times in milliseconds. */
export interface HttpBounds {
  /** Bytes of a request's line and headers: a NextToken alone may have 65,535 characters. */
  headBytes: number;
  /** For the headers of a request, from the end of the one before or from the start of the connection. */
  headers: number;
  /** For a whole request; an object's bytes may take as long as they move. */
  request: number;
  /** Between requests; whatever else it sends meanwhile does not count. */
  idle: number;
  /** While an answer is under way and nothing moves. */
  stalled: number;
  /** HTTP/2 only. */
  pingsPerMinute: number;
  /** HTTP connections at a time from one address; those that became WebSockets do not count. */
  connectionsPerAddress: number;
}

export const HTTP_BOUNDS: HttpBounds = {
  headBytes: 131_072,
  headers: 20_000,
  request: 60_000,
  idle: 65_000,
  stalled: 120_000,
  pingsPerMinute: 60,
  connectionsPerAddress: 1_000,
};

const MINUTE = 60_000;
/** For GOAWAY to leave. */
const FAREWELL = 1_000;

/** The scope of an object's bytes in a signature that nobody has checked yet: the API does so before it reads them. */
const OF_OBJECTS = /\/s3\/aws4_request/;

/** Ends a request of HTTP/1.1 whose body does not come to its end in time. */
export function boundRequest(request: IncomingMessage, milliseconds: number): void {
  const scope = request.headers.authorization ?? withSlashes(request.url ?? "");
  if (request.method === "PUT" && OF_OBJECTS.test(scope)) return;
  const timer = setTimeout(() => {
    if (request.complete || request.socket.destroyed) return;
    request.socket.end("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n", () => request.socket.destroy());
  }, milliseconds);
  request.once("end", () => clearTimeout(timer)).once("close", () => clearTimeout(timer));
}

const withSlashes = (text: string): string => text.replaceAll(/%2f/gi, "/");

/** Ends a session that serves nothing, or that only pings: Node's own time-out takes a PING for work. */
export function boundSession(session: ServerHttp2Session, bounds: HttpBounds): void {
  let streams = 0;
  let pings = 0;
  let since = 0;
  const end = () => {
    session.close();
    setTimeout(() => session.destroy(), FAREWELL).unref();
  };
  let timer = setTimeout(end, bounds.idle);
  session.on("stream", (stream) => {
    streams++;
    clearTimeout(timer);
    stream.setTimeout(bounds.stalled, () => stream.close(constants.NGHTTP2_CANCEL));
    stream.once("close", () => {
      streams--;
      clearTimeout(timer);
      if (streams === 0 && !session.destroyed) timer = setTimeout(end, bounds.idle);
    });
  });
  session.on("ping", () => {
    const now = performance.now();
    if (now - since > MINUTE) {
      since = now;
      pings = 0;
    }
    pings++;
    if (pings <= bounds.pingsPerMinute) return;
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    session.destroy();
  });
  session.once("close", () => clearTimeout(timer));
}

/** Counts the connections that are open by address. */
export function createAddressCount(most: number) {
  const open = new Map<string, number>();
  const counted = new WeakMap<Socket, () => void>();
  return {
    /** False: the address has as many as it may. */
    enter(socket: Socket): boolean {
      const address = socket.remoteAddress ?? "";
      const count = (open.get(address) ?? 0) + 1;
      if (count > most) return false;
      open.set(address, count);
      const leave = () => {
        if (!counted.delete(socket)) return;
        socket.off("close", leave);
        const rest = (open.get(address) ?? 1) - 1;
        if (rest === 0) open.delete(address);
        else open.set(address, rest);
      };
      counted.set(socket, leave);
      socket.once("close", leave);
      return true;
    },
    leave: (socket: Socket): void => counted.get(socket)?.(),
  };
}
