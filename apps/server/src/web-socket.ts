import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Auth, credentialScope, namedAuthorizer } from "@hearth/auth";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { Broker, ConnectionCause, ConnectionIdentity } from "@hearth/broker";
import { ServiceError } from "@hearth/contract";
import { createWebSocketStream, WebSocketServer } from "ws";
import { socketAddresses } from "./socket-addresses.ts";

/** One frame holds at most a packet of the largest size that a profile allows, and a little for its header. */
const MAX_FRAME_BYTES = 2 * 1024 * 1024;
const PROTOCOL = "mqtt";
/** For whoever looks after the client. */
const ADVICE =
  ". Sign the URL anew for every connection, for the service iotdevicegateway, and look at the clock of whoever signs.";
/** Service in the credential scope of a WebSocket's signature (reference 1.2). */
const SIGNING_NAME = "iotdevicegateway";

const webSockets = new WebSocketServer({
  noServer: true,
  maxPayload: MAX_FRAME_BYTES,
  perMessageDeflate: false,
  handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
});

/**
 * `GET /mqtt` with `Upgrade: websocket`: MQTT over WebSocket, signed with SigV4 in the headers or the query
 * (reference 1.2), or judged by the custom authorizer that the request names (reference 8).
 * Whoever is not let in gets an HTTP answer that says why.
 */
export function upgradeToMqtt(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  deps: { auth: Auth; broker: Broker; clock: Clock; log: Logger },
): void {
  const { auth, broker, clock, log } = deps;
  socket.on("error", (error) => log.debug({ error: error.message }, "socket error"));
  const refuse = (status: string, why: string, cause: ConnectionCause = "WebSocket signature", advice = "") => {
    const party = { sourceIp: socketAddresses(request.socket).sourceIp, protocol: "WebSocket" };
    broker.refused(party, cause, `the WebSocket was refused: ${why}${advice}`);
    const body = JSON.stringify({ message: why });
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  };
  const [rawPath = "", rawQuery = ""] = splitOnce(request.url ?? "", "?");
  if (rawPath !== "/mqtt") {
    refuse("404 Not Found", "MQTT over WebSocket is at /mqtt.", "WebSocket path");
    return;
  }

  const addresses = socketAddresses(request.socket);
  const { sourceIp } = addresses;
  const accept = (identity: ConnectionIdentity) =>
    webSockets.handleUpgrade(request, socket, head, (webSocket) =>
      broker.accept(createWebSocketStream(webSocket), { ...identity, protocol: "WebSocket" }),
    );
  const failed = (error: unknown) => {
    if (error instanceof ServiceError) return refuse("403 Forbidden", error.message, "WebSocket signature", ADVICE);
    log.error({ error: messageOf(error) }, "WebSocket failed");
    if (socket.destroyed) return;
    refuse("500 Internal Server Error", "the server failed at this; its log says more", "SERVER_ERROR");
  };
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  if (namedAuthorizer({ headers, rawQuery }) !== undefined && !credentialScope({ headers, rawQuery })) {
    const judged = auth.authorizeCustom({ http: { headers, queryString: rawQuery }, sourceIp });
    judged
      .then((verdict) => {
        if (socket.destroyed) return;
        if ("refused" in verdict) {
          const status = verdict.notBuilt ? "501 Not Implemented" : "403 Forbidden";
          return refuse(status, verdict.refused, "WebSocket authorizer");
        }
        accept({ ...verdict.identity, ...addresses });
      })
      .catch(failed);
    return;
  }
  auth
    .authenticate({ method: "GET", rawPath, rawQuery, headers, body: new Uint8Array(), sourceIp, now: clock.now() })
    .then((caller) => {
      if (socket.destroyed) return;
      const { principal } = caller;
      if (principal.type === "Certificate") {
        return refuse("403 Forbidden", "MQTT over WebSocket takes a SigV4 signature, not a certificate.");
      }
      // Whoever signs for another service, a stream say, has not given away the right to speak MQTT.
      if (caller.service !== SIGNING_NAME) {
        return refuse("403 Forbidden", `Credential should be scoped to correct service: '${SIGNING_NAME}'.`);
      }
      accept({
        accountId: caller.accountId,
        region: caller.region,
        principalId: `${caller.accountId}/${principal.principalId}`,
        ...addresses,
        permissionsFor: (clientId) => auth.connectionPermissions(principal, { clientId, sourceIp }),
      });
    })
    .catch(failed);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
