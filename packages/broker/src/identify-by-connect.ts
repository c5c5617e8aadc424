import type { Duplex } from "node:stream";
import { messageOf } from "@hearth/base";
import { type ConnectPacket, encode, MqttError, Parser, type ProtocolVersion, Reason, ReturnCode } from "@hearth/mqtt";
import { type ConnectionCause, clientErrorCause } from "./connection-causes.ts";
import type { ConnectionParty } from "./connection-log.ts";
import { limitWords, wordsForBytes, wordsForEnd } from "./connection-words.ts";
import type { BrokerContext } from "./context.ts";
import type { ConnectionIdentity } from "./identity.ts";

/** What CONNECT says about its sender. */
export type ConnectCredentials = Pick<ConnectPacket, "clientId" | "username" | "password">;

/** Decides by CONNECT who a client is; `refused` says why not, in words that the client and the log may see. */
export type IdentifyByConnect = (
  credentials: ConnectCredentials,
) => Promise<{ identity: ConnectionIdentity } | { refused: string }>;

/** Milliseconds that a refused client has for taking its CONNACK. */
const LINGER = 2000;
const WRONG_VERSION = {
  type: "connack",
  sessionPresent: false,
  reasonCode: ReturnCode.UnacceptableProtocolVersion,
} as const;

/**
 * For a client whom TLS has not identified: reads CONNECT, asks who sent it, and hands the socket with all that was
 * read put back to `accept`. Whoever is not let in gets CONNACK 0x87, version 3.1.1 return code 5 (reference 1.3).
 */
export function identifyByConnect(
  socket: Duplex,
  identify: IdentifyByConnect,
  peer: Pick<ConnectionParty, "sourceIp">,
  deps: Pick<BrokerContext, "limits" | "limitReached" | "metrics" | "clock" | "log" | "connectionLog">,
  accept: (identity: ConnectionIdentity) => void,
): void {
  const { limits, limitReached, metrics, clock, log, connectionLog } = deps;
  const parser = new Parser({ maximumPacketSize: limits.packetSize });
  const read: Buffer[] = [];
  /** The account is not known: whoever it is, it is the operator's to see. */
  const note = (cause: ConnectionCause, reason: string, reasonCode?: number, clientId?: string) => {
    const party = { ...peer, clientId: clientId || undefined, protocol: "MQTT" };
    connectionLog.note(party, { eventType: "Connect", status: "Failure", cause, reason, reasonCode });
  };
  const before = "the connection ended before CONNECT: ";
  const cancelTimeout = clock.after(limits.connectTimeout * 1000, () => {
    metrics.socketsRefused += 1;
    limitReached(undefined, "connectTimeout", "no CONNECT in time: closed");
    const limit = limitWords(limits, "connectTimeout");
    note("connectTimeout", `${before}the client did not send CONNECT in time: ${limit}`);
    stopReading();
    socket.destroy();
  });
  const gone = () => {
    metrics.socketsRefused += 1;
    stopReading();
    note("CONNECTION_LOST", `${before}${wordsForEnd("CONNECTION_LOST")}`);
  };

  const stopReading = () => {
    cancelTimeout();
    socket.off("data", onData);
    socket.off("close", gone);
    socket.off("end", gone);
  };
  const leave = (lastWords: Uint8Array) => {
    socket.end(lastWords);
    const cancel = clock.after(LINGER, () => socket.destroy());
    socket.once("close", cancel);
    // Closing over unread bytes would reset the connection and take the last words with it.
    socket.resume();
  };
  const onData = (chunk: Buffer) => {
    read.push(chunk);
    parser.push(chunk);
    const packet = parser.next();
    if (packet === undefined) return;
    stopReading();
    if (packet.type !== "connect") {
      metrics.socketsRefused += 1;
      metrics.protocolErrors += 1;
      const fault = packet.type === "error" ? packet : new MqttError(Reason.ProtocolError, "CONNECT comes first");
      const { reasonCode } = fault;
      const limit = reasonCode === Reason.PacketTooLarge ? "packetSize" : undefined;
      if (limit !== undefined) limitReached(undefined, limit, "a packet is too large: closed");
      const which = limit === undefined ? "" : `: ${limitWords(limits, limit)}`;
      note(limit ?? clientErrorCause(reasonCode), `${before}${wordsForBytes(fault)}${which}`, reasonCode);
      // Which versions there are [MQTT-3.1.2-2].
      if (reasonCode === Reason.UnsupportedProtocolVersion) leave(encode(WRONG_VERSION, 4));
      else socket.destroy();
      return;
    }
    socket.pause();
    const refuse = (code: number, returnCode: number, reason: string, cause: ConnectionCause, why = reason) => {
      metrics.connectionsRefused += 1;
      const reasonCode = packet.version === 5 ? code : returnCode;
      note(cause, `the connection was refused: ${why}`, reasonCode, packet.clientId);
      leave(connack(packet, code, returnCode, reason));
    };
    identify({ clientId: packet.clientId, username: packet.username, password: packet.password }).then(
      (found) => {
        if (socket.destroyed) return;
        if ("refused" in found)
          return refuse(Reason.NotAuthorized, ReturnCode.NotAuthorized, found.refused, "authorizer");
        socket.unshift(Buffer.concat(read));
        accept(found.identity);
      },
      (error: unknown) => {
        log.error({ clientId: packet.clientId, reason: messageOf(error) }, "a client could not be identified");
        const why = "nobody could be asked who the client is; the server's log says more";
        const { ServerUnavailable } = Reason;
        if (socket.destroyed) return;
        refuse(ServerUnavailable, ReturnCode.ServerUnavailable, "try again later", "refused 0x88", why);
      },
    );
  };
  socket.on("error", (error) => log.debug({ error: messageOf(error) }, "socket error"));
  socket.on("data", onData);
  socket.on("close", gone);
  socket.on("end", gone);
}

function connack(packet: ConnectPacket, code: number, returnCode: number, reason: string): Uint8Array {
  const version: ProtocolVersion = packet.version;
  if (version === 4) return encode({ type: "connack", sessionPresent: false, reasonCode: returnCode }, version);
  // [MQTT-3.1.2-29] does not forbid a reason string on CONNACK, however little the client asks for.
  const properties = { reasonString: reason };
  return encode({ type: "connack", sessionPresent: false, reasonCode: code, properties }, version);
}
