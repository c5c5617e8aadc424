import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { conditionKeys, headOf, type Served } from "@hearth/api";
import type { Auth } from "@hearth/auth";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Managed } from "@hearth/managed";

const PATH = /^\/notification-targets\/SSE\/([a-zA-Z0-9._-]{1,64})\/events$/;
const SIGNING_NAME = "hearth";
/** The action by which policies allow it, and its name in metrics. */
const OPERATION = "ReceiveNotifications";
/** Milliseconds after which a comment says that the connection lives. */
const KEEP_ALIVE_MS = 15_000;

export interface NotificationEvents {
  /** Answers the request when it is one for events; false when it is not. */
  serve(request: IncomingMessage, response: ServerResponse): boolean;
  /** Ends every stream. */
  stop(): void;
}

/**
 * `GET /notification-targets/SSE/{Name}/events`: a target's records as server-sent events, to whoever may
 * `hearth:ReceiveNotifications` on it. Signed in the headers or, for a browser's EventSource, in the query.
 */
export function createNotificationEvents(deps: {
  auth: Pick<Auth, "authenticate" | "authorize">;
  managed: Pick<Managed, "followNotifications">;
  clock: Clock;
  log: Logger;
  /** As the API door tells of its requests: the time is that until the stream begins, or is refused. */
  metrics?(served: Served): void;
}): NotificationEvents {
  const { auth, managed, clock, log } = deps;
  const answered = (request: IncomingMessage, since: number, status: number, error?: string) => {
    const served = { service: SIGNING_NAME, operation: OPERATION, status, error, milliseconds: clock.now() - since };
    deps.metrics?.(served);
    log.debug({ ...served, sourceIp: request.socket.remoteAddress }, "request");
  };
  const stopping = new AbortController();

  async function stream(name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const head = { ...headOf(request, clock.now()), body: new Uint8Array() };
    const { peerCertificate: _, serverName: __, ...signed } = head;
    const caller = await auth.authenticate({ ...signed, now: head.receivedAt });
    if (caller.service !== SIGNING_NAME) {
      throw new ServiceError("InvalidSignatureException", "Credential should be scoped to correct service: 'hearth'.");
    }
    const arn = `arn:aws:hearth:${caller.region}:${caller.accountId}:sse/${name}`;
    await auth.authorize(caller.principal, `hearth:${OPERATION}`, arn, conditionKeys(head, caller));
    const ended = new AbortController();
    const signal = AbortSignal.any([ended.signal, stopping.signal]);
    response.once("close", () => ended.abort());
    const events = await managed.followNotifications(caller, name, head.headers["last-event-id"], signal);
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      // The signature is the permission; there are no cookies that a page could abuse.
      "access-control-allow-origin": "*",
    });
    answered(request, head.receivedAt, 200);
    response.write(": connected\n\n");
    let cancel = () => {};
    const keepAlive = () => {
      cancel = clock.after(KEEP_ALIVE_MS, () => {
        response.write(": \n\n");
        keepAlive();
      });
    };
    keepAlive();
    try {
      for await (const { id, data } of events) {
        if (response.write(`id: ${id}\ndata: ${data}\n\n`)) continue;
        // Rejects when the stream ends meanwhile, which the loop sees.
        await once(response, "drain", { signal }).catch(() => {});
      }
    } finally {
      cancel();
      response.end();
    }
  }

  return {
    serve(request, response) {
      const [path = ""] = (request.url ?? "").split("?");
      const name = request.method === "GET" ? PATH.exec(path)?.[1] : undefined;
      if (name === undefined) return false;
      const since = clock.now();
      stream(name, request, response).catch((error: unknown) => {
        const refused = error instanceof ServiceError ? error : undefined;
        if (!refused) log.error({ error: messageOf(error) }, "events could not be streamed");
        if (response.headersSent) return response.destroy();
        const status = refused ? (STATUS[refused.name] ?? 403) : 500;
        const message = refused?.message ?? "the server failed at this; its log says more";
        answered(request, since, status, refused?.name ?? "InternalServerException");
        response.writeHead(status, {
          "content-type": "application/json",
          "x-amzn-errortype": refused?.name ?? "InternalServerException",
        });
        response.end(JSON.stringify({ message }));
      });
      return true;
    },
    stop: () => stopping.abort(),
  };
}

const STATUS: Readonly<Record<string, number>> = { ResourceNotFoundException: 404, ThrottlingException: 429 };
