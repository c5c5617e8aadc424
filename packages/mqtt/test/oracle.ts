/** Our packets as `mqtt-packet` writes them down, and back. */
import type { Packet as OraclePacket } from "mqtt-packet";
import type { Packet, Properties, ProtocolVersion } from "../src/index.ts";

type Loose = Record<string, unknown>;

const renamed: Record<string, string> = {
  subscriptionIdentifiers: "subscriptionIdentifier",
  maximumQos: "maximumQoS",
  subscriptionIdentifierAvailable: "subscriptionIdentifiersAvailable",
};
const original = Object.fromEntries(Object.entries(renamed).map(([ours, theirs]) => [theirs, ours]));
const booleans = new Set([
  "payloadFormatIndicator",
  "requestResponseInformation",
  "requestProblemInformation",
  "retainAvailable",
  "wildcardSubscriptionAvailable",
  "subscriptionIdentifierAvailable",
  "sharedSubscriptionAvailable",
]);

function toProperties(properties: Properties | undefined): Loose | undefined {
  if (properties === undefined) return undefined;
  const out: Loose = {};
  for (const [name, value] of Object.entries(properties)) {
    const target = renamed[name] ?? name;
    if (name === "userProperties") out[target] = Object.fromEntries(value as [string, string][]);
    else if (value instanceof Uint8Array) out[target] = Buffer.from(value);
    else if (booleans.has(name)) out[target] = value === 1;
    else if (Array.isArray(value) && value.length === 1) out[target] = value[0];
    else out[target] = value;
  }
  return out;
}

function fromProperties(properties: Loose | undefined): Properties | undefined {
  if (properties === undefined || Object.keys(properties).length === 0) return undefined;
  const out: Loose = {};
  for (const [name, value] of Object.entries(properties)) {
    const target = original[name] ?? name;
    if (name === "userProperties") out[target] = Object.entries(value as Loose);
    else if (value instanceof Uint8Array) out[target] = new Uint8Array(value);
    else if (target === "subscriptionIdentifiers") out[target] = Array.isArray(value) ? value : [value];
    else out[target] = typeof value === "boolean" ? Number(value) : value;
  }
  return out as Properties;
}

export function toOracle(packet: Packet, version: ProtocolVersion): OraclePacket {
  const properties = "properties" in packet ? toProperties(packet.properties) : undefined;
  const base: Loose = { cmd: packet.type, ...(properties ? { properties } : {}) };
  if ("packetId" in packet) base["messageId"] = packet.packetId;
  switch (packet.type) {
    case "connect": {
      const { will } = packet;
      Object.assign(base, {
        protocolId: "MQTT",
        protocolVersion: packet.version,
        clean: packet.clean,
        keepalive: packet.keepAlive,
        clientId: packet.clientId,
        username: packet.username,
        password: packet.password && Buffer.from(packet.password),
      });
      if (will) {
        const willProperties = toProperties(will.properties);
        base["will"] = {
          topic: will.topic,
          payload: Buffer.from(will.payload),
          qos: will.qos,
          retain: will.retain,
          ...(willProperties ? { properties: willProperties } : {}),
        };
      }
      break;
    }
    case "connack":
      base["sessionPresent"] = packet.sessionPresent;
      base[version === 5 ? "reasonCode" : "returnCode"] = packet.reasonCode;
      break;
    case "publish":
      Object.assign(base, {
        topic: packet.topic,
        payload: Buffer.from(packet.payload),
        qos: packet.qos,
        retain: packet.retain,
        dup: packet.dup,
      });
      break;
    case "subscribe":
      base["subscriptions"] = packet.subscriptions.map((one) => ({
        topic: one.filter,
        qos: one.qos,
        nl: one.noLocal,
        rap: one.retainAsPublished,
        rh: one.retainHandling,
      }));
      break;
    case "unsubscribe":
      base["unsubscriptions"] = packet.filters;
      break;
    case "suback":
    case "unsuback":
      base["granted"] = packet.reasonCodes;
      break;
    case "pingreq":
    case "pingresp":
      break;
    default:
      base["reasonCode"] = packet.reasonCode;
  }
  return base as unknown as OraclePacket;
}

export function fromOracle(parsed: OraclePacket, version: ProtocolVersion): Packet {
  const it = parsed as unknown as Loose;
  const properties = fromProperties(it["properties"] as Loose | undefined);
  const type = parsed.cmd;
  const packetId = it["messageId"] as number;
  const reasonCode = (it["reasonCode"] ?? it["returnCode"] ?? 0) as number;
  switch (parsed.cmd) {
    case "connect": {
      const { will } = parsed;
      return {
        type: "connect",
        version,
        clean: parsed.clean!,
        keepAlive: parsed.keepalive!,
        clientId: parsed.clientId,
        will: will && {
          topic: will.topic,
          payload: new Uint8Array(will.payload as Buffer),
          qos: will.qos!,
          retain: will.retain!,
          properties: fromProperties(will.properties as Loose | undefined),
        },
        username: parsed.username,
        password: parsed.password && new Uint8Array(parsed.password),
        properties,
      };
    }
    case "connack":
      return { type: "connack", sessionPresent: parsed.sessionPresent, reasonCode, properties };
    case "publish":
      return {
        type: "publish",
        topic: parsed.topic,
        payload: new Uint8Array(parsed.payload as Buffer),
        qos: parsed.qos,
        retain: parsed.retain,
        dup: parsed.dup,
        packetId: packetId ?? 0,
        properties,
      };
    case "subscribe":
      return {
        type: "subscribe",
        packetId,
        subscriptions: parsed.subscriptions.map((one) => ({
          filter: one.topic,
          qos: one.qos,
          noLocal: one.nl ?? false,
          retainAsPublished: one.rap ?? false,
          retainHandling: (one.rh ?? 0) as 0 | 1 | 2,
        })),
        properties,
      };
    case "unsubscribe":
      return { type: "unsubscribe", packetId, filters: parsed.unsubscriptions, properties };
    case "suback":
    case "unsuback":
      return {
        type: parsed.cmd,
        packetId,
        reasonCodes: version === 4 && type === "unsuback" ? [] : (parsed.granted as number[]),
        properties,
      };
    case "pingreq":
    case "pingresp":
      return { type: parsed.cmd };
    case "disconnect":
    case "auth":
      return { type: parsed.cmd, reasonCode, properties };
    default:
      return { type: parsed.cmd as "puback", packetId, reasonCode, properties };
  }
}
