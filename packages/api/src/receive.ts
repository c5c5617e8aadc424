import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import type { Clock } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { WireRequest } from "./wire.ts";

/** Everything of a request but its body. */
export type RequestHead = Omit<WireRequest, "body" | "incoming">;

/** Reads what is known when the headers are in. */
export function headOf(request: IncomingMessage, receivedAt: number, listener?: string): RequestHead {
  const target = request.url ?? "/";
  const mark = target.indexOf("?");
  const socket = request.socket as Partial<TLSSocket & { servername: string | false | null }>;
  const secure = socket.encrypted === true;
  // Not `getPeerX509Certificate`, which copies whatever chain the peer has sent along and does not free it.
  const certificate = secure ? socket.getPeerCertificate?.(false)?.raw : undefined;
  return {
    method: request.method ?? "GET",
    rawPath: originForm(mark < 0 ? target : target.slice(0, mark)),
    rawQuery: mark < 0 ? "" : target.slice(mark + 1),
    headers: headersOf(request),
    // A dual-stack socket writes IPv4 peers as ::ffff:a.b.c.d, which no policy's CIDR block would match.
    sourceIp: (socket.remoteAddress ?? "").replace(/^::ffff:/, ""),
    secure,
    ...(certificate ? { peerCertificate: new Uint8Array(certificate) } : {}),
    ...(secure && socket.servername ? { serverName: socket.servername } : {}),
    ...(listener !== undefined && { listener }),
    receivedAt,
  };
}

/** Proxies may send the absolute form (RFC 9112, 3.2.2). */
function originForm(path: string): string {
  if (path.startsWith("/")) return path;
  const rest = /^https?:\/\/[^/]*(\/.*)?$/i.exec(path);
  return rest ? (rest[1] ?? "/") : path;
}

function headersOf(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  // HTTP/2 has no Host header; signers cover the one or the other (RFC 9113, 8.3.1).
  if (headers[":authority"] !== undefined) headers.host ??= headers[":authority"];
  return headers;
}

export function headerBytes(head: RequestHead): number {
  return Object.entries(head.headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

/**
 * The whole body. Throws `RequestEntityTooLargeException` past `limit` bytes, `RequestTimeoutException` when it has
 * not come within `milliseconds`; rejects with `ClientGone` when the client breaks off.
 */
export function receiveBody(
  request: IncomingMessage,
  limit: number,
  milliseconds: number,
  clock: Pick<Clock, "after">,
): Promise<Uint8Array> {
  const tooLarge = () =>
    new ServiceError("RequestEntityTooLargeException", `The request body is larger than ${limit} bytes.`);
  if (Number(request.headers["content-length"] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (finish: () => void) => {
      cancel();
      request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone).off("aborted", onGone);
      finish();
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else settle(() => reject(tooLarge()));
    };
    // A buffer of its own: handlers keep blobs, and the pool's chunks would be kept with them.
    const onEnd = () => settle(() => resolve(new Uint8Array(Buffer.concat(chunks, size))));
    const onGone = () => settle(() => reject(new ClientGone()));
    const cancel = clock.after(milliseconds, () =>
      settle(() => reject(new ServiceError("RequestTimeoutException", "The request body did not arrive in time."))),
    );
    request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone).on("aborted", onGone);
  });
}

/**
 * The body as it comes, at the reader's pace. Iterating throws `ClientGone` when the client breaks off. That bytes move at
 * all the listener watches.
 */
export async function* incomingBody(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of request) yield chunk as Uint8Array;
  } catch {
    throw new ClientGone();
  }
  if (!request.complete) throw new ClientGone();
}

/** Bytes of a refused body that are read and dropped, so that the client comes to read why. */
const MOST_DROPPED = 8 * 1024 * 1024;
const DROPPING_MS = 5_000;

/** Lets a client whose body nobody will read send some of it: one that only writes would not see the answer. */
export async function dropBody(request: IncomingMessage, clock: Pick<Clock, "after">): Promise<void> {
  if (request.complete || request.destroyed) return;
  await new Promise<void>((resolve) => {
    let dropped = 0;
    const done = () => {
      cancel();
      request.off("data", onData).off("end", done).off("close", done).off("error", done);
      request.pause();
      resolve();
    };
    const onData = (chunk: Buffer) => {
      dropped += chunk.length;
      if (dropped > MOST_DROPPED) done();
    };
    const cancel = clock.after(DROPPING_MS, done);
    request.on("data", onData).on("end", done).on("close", done).on("error", done);
  });
}

/** The client broke off; there is nobody to answer. */
export class ClientGone extends Error {}
