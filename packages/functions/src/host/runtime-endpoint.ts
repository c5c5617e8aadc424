import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createSocketServer, type Socket } from "node:net";

/** An environment as the Runtime API sees it. */
export interface RuntimeParty {
  /** GET /runtime/invocation/next: answered when there is one. False: not now. */
  next(response: ServerResponse): boolean;
  /** Whether an answer to this request id may be given now. */
  expects(requestId: string): boolean;
  respond(requestId: string, payload: Buffer): void;
  fail(requestId: string, payload: Buffer, errorType: string | undefined): void;
  /** An answer that is longer than it may be. */
  tooLarge(requestId: string): void;
  failInit(payload: Buffer, errorType: string | undefined): void;
}

export interface RuntimeEndpoint {
  /** `127.0.0.1:<port>`: AWS_LAMBDA_RUNTIME_API */
  address: string;
  /** Destroys its connections. */
  close(): void;
}

const PREFIX = "/2018-06-01/runtime/";
/** AWS: Lambda quotas, invocation payload (synchronous response). */
export const LONGEST_ANSWER = 6_291_556;
const LONGEST_ERROR = 256 * 1024;
/** Of one environment at a time. */
const MOST_CONNECTIONS = 8;

/**
 * The AWS Lambda Runtime API (2018-06-01), each environment's on a port of its own. Where environments have user ids of
 * their own, only sockets of that user are let in.
 */
export function createRuntimeApi(): {
  open(party: RuntimeParty, user: number | undefined): Promise<RuntimeEndpoint>;
} {
  const parties = new WeakMap<Socket, RuntimeParty>();
  const http = createServer({ requestTimeout: 0, headersTimeout: 10_000, keepAliveTimeout: 0 }, (request, response) => {
    const party = parties.get(request.socket);
    if (party) serve(party, request, response);
    else request.socket.destroy();
  });
  http.on("clientError", (_, socket) => socket.destroy());

  return {
    async open(party, user) {
      const sockets = new Set<Socket>();
      const server = createSocketServer({ noDelay: true, pauseOnConnect: user !== undefined }, (socket) => {
        if (sockets.size >= MOST_CONNECTIONS) {
          socket.destroy();
          return;
        }
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
        socket.on("error", () => {});
        parties.set(socket, party);
        if (user === undefined) http.emit("connection", socket);
        else {
          void belongsTo(socket, user).then((own) => {
            if (!own || socket.destroyed) socket.destroy();
            else {
              http.emit("connection", socket);
              socket.resume();
            }
          });
        }
      });
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host: "127.0.0.1", port: 0, backlog: 16 }, resolve);
      });
      server.on("error", () => {});
      return {
        address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
        close() {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      };
    },
  };
}

const hexPort = (port: number | undefined): string => (port ?? 0).toString(16).toUpperCase().padStart(4, "0");

/** Who has opened a connection to us: the kernel's table of TCP sockets says of which user the other end is. */
async function belongsTo(socket: Socket, user: number): Promise<boolean> {
  const [theirs, ours] = [hexPort(socket.remotePort), hexPort(socket.localPort)];
  const tables = [
    ["/proc/net/tcp", ` 0100007F:${theirs} 0100007F:${ours} `],
    // Some runtimes speak IPv4 through sockets of IPv6.
    ["/proc/net/tcp6", ` 0000000000000000FFFF00000100007F:${theirs} 0000000000000000FFFF00000100007F:${ours} `],
  ] as const;
  for (const [file, pair] of tables) {
    const table = await readFile(file, "latin1").catch(() => "");
    const at = table.indexOf(pair);
    if (at < 0) continue;
    // Behind the addresses: state, queues, timer, retransmissions, user.
    const [, , , , owner] = table.slice(at + pair.length, at + pair.length + 120).split(/\s+/);
    return Number(owner) === user;
  }
  return false;
}

function serve(party: RuntimeParty, request: IncomingMessage, response: ServerResponse): void {
  const { method, url = "" } = request;
  const path = url.startsWith(PREFIX) ? url.slice(PREFIX.length) : "";
  if (method === "GET" && path === "invocation/next") {
    if (!party.next(response)) refuse(response, 403, "InvalidStateTransition", "an invocation is under way or awaited");
    return;
  }
  const errorType = request.headers["lambda-runtime-function-error-type"];
  const type = typeof errorType === "string" ? errorType.slice(0, 128) : undefined;
  if (method === "POST" && path === "init/error") {
    collect(request, response, LONGEST_ERROR, (payload) => {
      accept(response);
      party.failInit(payload, type);
    });
    return;
  }
  const [kind, requestId = "", verb, ...rest] = path.split("/");
  if (method !== "POST" || kind !== "invocation" || rest.length > 0 || (verb !== "response" && verb !== "error")) {
    refuse(response, 404, "NotFound", "the Runtime API has no such path");
    return;
  }
  // Before the body is read: an answer that nobody waits for costs nothing.
  if (!party.expects(requestId)) {
    refuse(response, 400, "InvalidRequestID", "Invalid request ID");
    return;
  }
  const limit = verb === "error" ? LONGEST_ERROR : LONGEST_ANSWER;
  collect(
    request,
    response,
    limit,
    (payload) => {
      // Somebody may have answered while this one was on its way.
      if (!party.expects(requestId)) {
        refuse(response, 400, "InvalidRequestID", "Invalid request ID");
        return;
      }
      accept(response);
      if (verb === "response") party.respond(requestId, payload);
      else party.fail(requestId, payload, type);
    },
    () => party.tooLarge(requestId),
  );
}

const ACCEPTED = '{"status":"OK"}\n';

function accept(response: ServerResponse): void {
  response.writeHead(202, { "content-type": "application/json", "content-length": ACCEPTED.length });
  response.end(ACCEPTED);
}

/** The connection ends with it: what else comes on it is not read. */
function refuse(response: ServerResponse, status: number, errorType: string, errorMessage: string): void {
  const body = JSON.stringify({ errorMessage, errorType });
  const length = Buffer.byteLength(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": length });
  const { req } = response;
  response.end(body, () => {
    if (!req.complete) req.socket.destroySoon();
  });
}

function collect(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
  whole: (payload: Buffer) => void,
  tooLarge?: () => void,
): void {
  const parts: Buffer[] = [];
  let size = 0;
  const over = () => {
    request.removeAllListeners("data");
    request.pause();
    refuse(response, 413, "RequestEntityTooLarge", `Exceeded maximum allowed payload size (${limit} bytes).`);
    tooLarge?.();
  };
  if (Number(request.headers["content-length"] ?? 0) > limit) {
    over();
    return;
  }
  request.on("data", (part: Buffer) => {
    size += part.length;
    if (size > limit) over();
    else parts.push(part);
  });
  request.on("end", () => {
    if (size <= limit) whole(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, size));
  });
}
