import { messageOf, uuid } from "@hearth/base";
import { type ConnectPacket, type MqttError, type Properties, Reason, ReturnCode } from "@hearth/mqtt";
import { Authorizer } from "../authorizer.ts";
import type { Connection } from "../connection.ts";
import { limitCause, refusalCause } from "../connection-causes.ts";
import { limitWords } from "../connection-words.ts";
import type { Permissions } from "../identity.ts";
import { type BrokerLimits, keepAliveFor, type LimitName } from "../limits.ts";
import { excessOf } from "../message-rules.ts";
import { OutboundAliases } from "../outbound-aliases.ts";
import { connackCode } from "../reason-codes.ts";
import type { Session } from "../session.ts";
import { type EndedConnection, SessionOwner } from "../session-owner.ts";
import { topicFault } from "../topic-rules.ts";
import { willOf } from "../will.ts";

/** Refuses a connection: a reason code for MQTT 5, a return code for 3.1.1. */
function refuse(
  connection: Connection,
  code: number,
  returnCode: number,
  detail: string,
  limit?: LimitName,
  why = limit === undefined ? detail : `${detail}: ${limitWords(connection.context.limits, limit)}`,
): void {
  const { version, context } = connection;
  const reasonCode = version === 5 ? connackCode(code, context.limits) : returnCode;
  if (limit !== undefined) context.limitReached(connection.clientId, limit, "a connection was refused");
  context.metrics.connectionsRefused += 1;
  connection.note({
    eventType: "Connect",
    status: "Failure",
    cause: (limit && limitCause(limit)) ?? refusalCause(code),
    reason: `the connection was refused: ${why}`,
    reasonCode,
  });
  connection.send({
    type: "connack",
    sessionPresent: false,
    reasonCode,
    properties: connection.explain(detail),
  });
  connection.close({ reason: code === Reason.NotAuthorized ? "AUTH_ERROR" : "CLIENT_ERROR", detail, noted: true });
}

/** A CONNECT of another version is told which ones there are [MQTT-3.1.2-2]; other broken ones are not answered. */
export function refuseVersion(connection: Connection, error: MqttError): void {
  if (error.reasonCode !== Reason.UnsupportedProtocolVersion) return;
  connection.send({
    type: "connack",
    sessionPresent: false,
    reasonCode: ReturnCode.UnacceptableProtocolVersion,
  });
}

/** The client's rights or its session could not be read: it may try again. */
export function refuseForNow(connection: Connection): void {
  if (connection.state === "connecting") {
    const why = "the client's rights or its session could not be read; the server's log says more";
    refuse(connection, Reason.ServerUnavailable, ReturnCode.ServerUnavailable, "try again later", undefined, why);
  }
}

/** CONNECT: checks it, asks for the client's rights, takes its session over, answers with CONNACK. */
export async function onConnect(connection: Connection, packet: ConnectPacket): Promise<void> {
  const { context, identity } = connection;
  const { limits } = context;
  connection.maximumPacketSize = packet.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
  connection.problemInformation = packet.properties?.requestProblemInformation !== 0;
  connection.clientId = packet.clientId || `$GEN/${uuid()}`;
  const fault = faultOf(packet, limits);
  if (fault !== undefined) return refuse(connection, ...fault);
  const hasty = connection.rates.connect(connection.clientId);
  if (hasty !== undefined) {
    return refuse(connection, Reason.QuotaExceeded, ReturnCode.ServerUnavailable, "connecting too often", hasty);
  }

  let permissions: Permissions;
  try {
    permissions = await identity.permissionsFor(connection.clientId);
  } catch (error) {
    context.log.error({ clientId: connection.clientId, reason: messageOf(error) }, "permissions could not be read");
    return refuseForNow(connection);
  }
  if (connection.state !== "connecting") return;
  const authorizer = new Authorizer(identity, permissions, limits);
  const denied = denialOf(packet, connection.clientId, authorizer);
  if (denied !== undefined) {
    context.metrics.connectionsDenied += 1;
    context.presence.refused(presentation(connection, authorizer, 0));
    return refuse(connection, Reason.NotAuthorized, ReturnCode.NotAuthorized, "not authorized", undefined, denied);
  }
  connection.authorizer = authorizer;
  await open(connection, packet, authorizer);
}

type Fault = [code: number, returnCode: number, detail: string, limit?: LimitName];

function faultOf(packet: ConnectPacket, limits: BrokerLimits): Fault | undefined {
  const { clientId, will, properties, version } = packet;
  if (clientId === "" && version === 4 && !packet.clean) {
    // [MQTT-3.1.3-8]
    return [Reason.ClientIdentifierNotValid, ReturnCode.IdentifierRejected, "a persistent session needs a client id"];
  }
  if (Buffer.byteLength(clientId) > limits.clientId) {
    return [Reason.ClientIdentifierNotValid, ReturnCode.IdentifierRejected, "the client id is too long", "clientId"];
  }
  if (properties?.authenticationMethod !== undefined) {
    return [Reason.BadAuthenticationMethod, ReturnCode.NotAuthorized, "there is no enhanced authentication"];
  }
  if ((properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY) < limits.clientPacketSize) {
    return [
      Reason.ProtocolError,
      ReturnCode.ServerUnavailable,
      "the maximum packet size is too small",
      "clientPacketSize",
    ];
  }
  if (will === undefined) return undefined;
  if (will.qos === 2 && !limits.qos2) {
    return [Reason.QosNotSupported, ReturnCode.ServerUnavailable, "QoS 2 is not supported", "qos2"];
  }
  const { reason, limit } = topicFault(will.topic, limits) ?? {};
  if (reason !== undefined) return [Reason.TopicNameInvalid, ReturnCode.NotAuthorized, `will: ${reason}`, limit];
  const excess = will.properties && excessOf(will.properties, limits);
  if (excess !== undefined) {
    return [Reason.QuotaExceeded, ReturnCode.ServerUnavailable, "the will's properties are too large", excess];
  }
  if (will.payload.length > limits.payload) {
    return [Reason.PacketTooLarge, ReturnCode.ServerUnavailable, "the will is too large", "payload"];
  }
  return undefined;
}

/** Why the client may not connect like this; undefined when it may. */
function denialOf(packet: ConnectPacket, clientId: string, authorizer: Authorizer): string | undefined {
  const { will } = packet;
  const features: string[] = [];
  if (!packet.clean || (packet.properties?.sessionExpiryInterval ?? 0) > 0) features.push("PersistentConnect");
  if (will !== undefined) features.push("LastWill");
  const connect = authorizer.connect(clientId, features, will?.topic);
  if (!connect.allowed) return connect.reason;
  if (will === undefined) return undefined;
  const publish = authorizer.publish(will.topic, will.retain);
  return publish.allowed ? undefined : `will: ${publish.reason}`;
}

async function open(connection: Connection, packet: ConnectPacket, authorizer: Authorizer): Promise<void> {
  const { context, identity, clientId } = connection;
  const { limits, connections, sessions, presence } = context;
  const { accountId, region } = identity;
  const newcomer = connections.client(accountId, clientId) === undefined;
  if (newcomer && connections.openIn(accountId) >= limits.connectionsPerAccount) {
    return refuse(
      connection,
      Reason.QuotaExceeded,
      ReturnCode.ServerUnavailable,
      "too many connections",
      "connectionsPerAccount",
    );
  }
  const asked = packet.properties?.sessionExpiryInterval ?? 0;
  const persistent3 = packet.clean ? 0 : limits.persistentSession3;
  const expiryInterval = packet.version === 5 ? Math.min(asked, limits.sessionExpiry) : persistent3;
  const account = sessions.account(accountId);
  const kept = account.sessions.get(clientId)?.durable ?? false;
  if (expiryInterval > 0 && !kept && account.durable >= limits.durableSessions) {
    return refuse(
      connection,
      Reason.QuotaExceeded,
      ReturnCode.ServerUnavailable,
      "too many persistent sessions",
      "durableSessions",
    );
  }
  const owner = new SessionOwner(connection);
  const ended = await owner.claim();
  // While this connection waited it may have been cut off.
  if (connection.state !== "connecting") return owner.release();

  const { principalId, certificateId, sourceIp } = identity;
  connection.publisher = { accountId, region, principalId, certificateId, sourceIp, clientId };
  const stored = sessions.find(accountId)?.sessions.get(clientId)?.versionNumber;
  const versionNumber = presence.nextVersion(accountId, clientId, stored);
  const { session, present } = await sessions.open({
    accountId,
    region,
    clientId,
    owner,
    version: packet.version,
    clean: packet.clean,
    expiryInterval,
    will: willOf(packet, connection.publisher, limits),
    versionNumber,
  });
  // A client that went away meanwhile was never connected: no will.
  if (connection.state !== "connecting") return sessions.leave(session, undefined);

  const keepAlive = keepAliveFor(packet.keepAlive, limits);
  connection.session = session;
  connection.connectedAt = context.clock.now();
  connection.keepAliveAsked = packet.keepAlive;
  connection.sendMaximum = Math.min(packet.properties?.receiveMaximum ?? 65_535, limits.sendMaximum);
  const aliases = Math.min(packet.properties?.topicAliasMaximum ?? 0, limits.topicAliases);
  if (aliases > 0) connection.outboundAliases = new OutboundAliases(aliases, limits.aliasBytes);
  const properties = packet.version === 5 ? granted(packet, limits, session, keepAlive) : undefined;
  const answer = { type: "connack" as const, sessionPresent: present, reasonCode: Reason.Success, properties };
  if (!connection.send(answer)) return;
  connections.open(connection);
  connection.opened();
  context.metrics.connectionsAccepted += 1;
  connection.keepAlive.start(keepAlive, () =>
    connection.close({
      reason: "MQTT_KEEP_ALIVE_TIMEOUT",
      code: Reason.KeepAliveTimeout,
      why: `nothing came for ${keepAlive * 1.5} s, one and a half times the keep-alive of ${keepAlive} s [MQTT-3.1.2-24]: the device slept, lost its network, or sends PINGREQ too rarely`,
    }),
  );
  connection.presented = presentation(connection, authorizer, versionNumber);
  connection.note({
    eventType: "Connect",
    status: "Success",
    cause: ended === undefined ? "connected" : "took over",
    reason: connectedWords(packet, present, keepAlive, ended),
    reasonCode: Reason.Success,
  });
  presence.connected(connection.presented);
  session.attach(connection);
  connection.pump();
  owner.opened();
}

function connectedWords(
  packet: ConnectPacket,
  present: boolean,
  keepAlive: number,
  ended: EndedConnection | undefined,
): string {
  const version = packet.version === 5 ? "5" : "3.1.1";
  const asked = keepAlive === packet.keepAlive ? "" : ` (the client asked for ${packet.keepAlive})`;
  const alive = keepAlive === 0 ? "no keep-alive" : `keep-alive ${keepAlive} s`;
  const session = present ? "the session that it had left" : "a new session";
  const other = ended === undefined ? "" : `; ended the client's connection from ${ended.sourceIp}`;
  return `connected with MQTT ${version}, ${session}, ${alive}${asked}${other}`;
}

const presentation = (connection: Connection, authorizer: Authorizer, versionNumber: number) => ({
  identity: connection.identity,
  clientId: connection.clientId,
  thingName: authorizer.thingName,
  sessionIdentifier: connection.sessionIdentifier,
  versionNumber,
});

/** What CONNACK tells an MQTT 5 client about the server (reference 1.3). */
function granted(packet: ConnectPacket, limits: BrokerLimits, session: Session, keepAlive: number): Properties {
  const properties: Properties = {
    // Absent means 2 (section 3.2.2.3.4).
    ...(limits.qos2 ? {} : { maximumQos: 1 as const }),
    retainAvailable: 1,
    wildcardSubscriptionAvailable: 1,
    sharedSubscriptionAvailable: 1,
    subscriptionIdentifierAvailable: limits.subscriptionIdentifiers ? 1 : 0,
    receiveMaximum: limits.receiveMaximum,
    topicAliasMaximum: limits.topicAliases,
    maximumPacketSize: limits.packetSize,
  };
  const asked = packet.properties?.sessionExpiryInterval ?? 0;
  if (session.expiryInterval !== asked) properties.sessionExpiryInterval = session.expiryInterval;
  if (packet.clientId === "") properties.assignedClientIdentifier = session.clientId;
  if (keepAlive !== packet.keepAlive) properties.serverKeepAlive = keepAlive;
  return properties;
}
