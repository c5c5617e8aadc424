import type { Duplex } from "node:stream";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { type ConnectPacket, encode, Parser, type ProtocolVersion, Reason, ReturnCode } from "@hearth/mqtt";
import type { ConnectionIdentity } from "./identity.ts";
import type { BrokerLimits } from "./limits.ts";
import type { BrokerMetrics } from "./metrics.ts";

/** What CONNECT says about its sender. */
export type ConnectCredentials = Pick<ConnectPacket, "clientId" | "username" | "password">;

/** Decides by CONNECT who a client is; `refused` says why not, in words that the client and the log may see. */
export type IdentifyByConnect = (
  credentials: ConnectCredentials,
) => Promise<{ identity: ConnectionIdentity } | { refused: string }>;

/** Milliseconds that a refused client has for taking its CONNACK. */
const LINGER = 2000;

/**
 * For a client whom TLS has not identified: reads CONNECT, asks who sent it, and hands the socket with all that was
 * read put back to `accept`. Whoever is not let in gets CONNACK 0x87, version 3.1.1 return code 5 (reference 1.3).
 */
export function identifyByConnect(
  socket: Duplex,
  identify: IdentifyByConnect,
  deps: { limits: BrokerLimits; metrics: BrokerMetrics; clock: Clock; log: Logger },
  accept: (identity: ConnectionIdentity) => void,
): void {
  const { limits, metrics, clock, log } = deps;
  const parser = new Parser({ maximumPacketSize: limits.packetSize });
  const read: Buffer[] = [];
  const cancelTimeout = clock.after(limits.connectTimeout * 1000, () => socket.destroy());

  const stopReading = () => {
    cancelTimeout();
    socket.off("data", onData);
    socket.off("close", stopReading);
  };
  const onData = (chunk: Buffer) => {
    read.push(chunk);
    parser.push(chunk);
    const packet = parser.next();
    if (packet === undefined) return;
    stopReading();
    if (packet.type !== "connect") {
      metrics.protocolErrors += 1;
      socket.destroy();
      return;
    }
    socket.pause();
    const refuse = (code: number, returnCode: number, reason: string) => {
      metrics.connectionsRefused += 1;
      log.info({ clientId: packet.clientId, reason }, "connection refused");
      socket.end(connack(packet, code, returnCode, reason));
      const cancel = clock.after(LINGER, () => socket.destroy());
      socket.once("close", cancel);
      // Closing over unread bytes would reset the connection and take the last words with it.
      socket.resume();
    };
    identify({ clientId: packet.clientId, username: packet.username, password: packet.password }).then(
      (found) => {
        if (socket.destroyed) return;
        if ("refused" in found) return refuse(Reason.NotAuthorized, ReturnCode.NotAuthorized, found.refused);
        socket.unshift(Buffer.concat(read));
        accept(found.identity);
      },
      (error: unknown) => {
        log.error({ clientId: packet.clientId, reason: messageOf(error) }, "a client could not be identified");
        if (!socket.destroyed) refuse(Reason.ServerUnavailable, ReturnCode.ServerUnavailable, "try again later");
      },
    );
  };
  socket.on("error", (error) => log.debug({ error: messageOf(error) }, "socket error"));
  socket.on("data", onData);
  socket.on("close", stopReading);
}

function connack(packet: ConnectPacket, code: number, returnCode: number, reason: string): Uint8Array {
  const version: ProtocolVersion = packet.version;
  if (version === 4) return encode({ type: "connack", sessionPresent: false, reasonCode: returnCode }, version);
  // [MQTT-3.1.2-29] does not forbid a reason string on CONNACK, however little the client asks for.
  const properties = { reasonString: reason };
  return encode({ type: "connack", sessionPresent: false, reasonCode: code, properties }, version);
}
