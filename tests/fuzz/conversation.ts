import type { Packet, Properties, ProtocolVersion, Qos, SubscriptionRequest } from "@hearth/mqtt";
import type { Random } from "./random.ts";

/** Client ids that several streams use: sessions are taken over and resumed. */
const SHARED_IDS = 24;

const words = ["a", "b", "sensor", "ü", "", "x y", "\u{1f525}", "long".repeat(30)];
const bytes = (random: Random, length: number): Uint8Array => new Uint8Array(length).fill(random.int(256));

function topicOf(random: Random, index: number): string {
  if (random.once(25))
    return random.pick(["$fuzz/get", "$fuzz/fail", "$SYS/x", "$aws/things/x/shadow/get", "denied/x"]);
  const own = random.once(3) ? "shared" : `own${index % 50}`;
  const depth = random.int(3);
  let topic = own;
  for (let i = 0; i < depth; i++) topic += `/${random.pick(words)}`;
  return topic;
}

function filterOf(random: Random, index: number): string {
  const topic = topicOf(random, index);
  switch (random.int(12)) {
    case 0:
      return random.once(4) ? "#" : "shared/#";
    case 1:
      return "+/a";
    case 2:
      return `$share/group/${topic}`;
    case 3:
      return `${topic}/#`;
    case 4:
      return `${topic.split("/")[0]}/+`;
    default:
      return topic;
  }
}

function pairs(random: Random): [string, string][] {
  const names = ["k", "k", "__proto__", "constructor", "ü"];
  return Array.from({ length: 1 + random.int(3) }, () => [random.pick(names), random.pick(words)]);
}

function content(random: Random): Properties {
  const properties: Properties = {};
  if (random.once(3)) properties.payloadFormatIndicator = random.once(2) ? 1 : 0;
  if (random.once(3)) properties.messageExpiryInterval = random.pick([0, 1, 60, 0xffffffff]);
  if (random.once(3)) properties.contentType = "application/json";
  if (random.once(3)) properties.responseTopic = "shared/answer";
  if (random.once(3)) properties.correlationData = bytes(random, random.int(20));
  if (random.once(2)) properties.userProperties = pairs(random);
  return properties;
}

/** Some of the time properties, and only in MQTT 5. */
const sometimes = (
  random: Random,
  version: ProtocolVersion,
  make: (random: Random) => Properties,
): Properties | undefined => (version === 5 && random.once(2) ? make(random) : undefined);

function connect(random: Random, version: ProtocolVersion, index: number): Packet {
  const persistent = random.once(6);
  const will = random.once(4)
    ? {
        topic: topicOf(random, index) || "w",
        payload: bytes(random, random.int(30)),
        qos: random.int(3) as Qos,
        retain: random.once(4),
        properties: sometimes(random, version, (r) => ({ ...content(r), willDelayInterval: r.pick([0, 5, 600]) })),
      }
    : undefined;
  return {
    type: "connect",
    version,
    clean: !persistent,
    keepAlive: random.pick([0, 1, 60, 65_535]),
    clientId: random.once(4) ? `client${random.int(SHARED_IDS)}` : random.once(30) ? "" : `c${index}`,
    will,
    username: random.once(4) ? "user" : undefined,
    password: undefined,
    properties: sometimes(random, version, (r) => {
      const properties: Properties = {};
      if (persistent) properties.sessionExpiryInterval = r.pick([1, 600, 0xffffffff]);
      if (r.once(3)) properties.receiveMaximum = r.pick([1, 2, 65_535]);
      if (r.once(4)) properties.maximumPacketSize = r.pick([1, 20, 512, 600, 100_000]);
      if (r.once(3)) properties.topicAliasMaximum = r.pick([0, 1, 10, 65_535]);
      if (r.once(4)) properties.requestProblemInformation = r.once(2) ? 0 : 1;
      if (r.once(5)) properties.requestResponseInformation = 1;
      if (r.once(5)) properties.userProperties = pairs(r);
      if (r.once(60)) properties.authenticationMethod = "SCRAM";
      return properties;
    }),
  };
}

function publish(random: Random, version: ProtocolVersion, index: number, qos2: boolean): Packet {
  const qos = random.int(qos2 ? 3 : 2) as Qos;
  const properties = sometimes(random, version, content);
  const alias = version === 5 && random.once(4) ? 1 + random.int(4) : undefined;
  const known = alias !== undefined && random.once(2);
  return {
    type: "publish",
    topic: known ? "" : topicOf(random, index),
    payload: bytes(random, random.once(40) ? 3000 : random.int(60)),
    qos,
    retain: random.once(12),
    dup: qos > 0 && random.once(10),
    packetId: qos === 0 ? 0 : 1 + random.int(8),
    properties: alias === undefined ? properties : { ...properties, topicAlias: alias },
  };
}

function subscription(random: Random, version: ProtocolVersion, index: number): SubscriptionRequest {
  const filter = filterOf(random, index);
  return {
    filter,
    qos: random.int(3) as Qos,
    noLocal: version === 5 && !filter.startsWith("$share/") && random.once(4),
    retainAsPublished: version === 5 && random.once(3),
    retainHandling: (version === 5 ? random.int(3) : 0) as 0 | 1 | 2,
  };
}

function next(random: Random, version: ProtocolVersion, index: number, qos2: boolean): Packet {
  const packetId = 1 + random.int(8);
  const what = random.int(20);
  if (what < 8) return publish(random, version, index, qos2);
  if (what < 12) {
    return {
      type: "subscribe",
      packetId,
      subscriptions: Array.from({ length: 1 + random.int(3) }, () => subscription(random, version, index)),
      properties: sometimes(random, version, (r) => ({
        subscriptionIdentifiers: [r.pick([1, 127, 128, 268_435_455])],
      })),
    };
  }
  if (what < 14) {
    const filters = Array.from({ length: 1 + random.int(2) }, () => filterOf(random, index));
    return { type: "unsubscribe", packetId, filters, properties: undefined };
  }
  if (what < 17) {
    const type = qos2 ? random.pick(["puback", "pubrec", "pubrel", "pubcomp"] as const) : "puback";
    const reasonCode = version === 5 && random.once(8) ? (type === "puback" || type === "pubrec" ? 0x80 : 0x92) : 0;
    const properties = sometimes(random, version, () => ({ reasonString: "why" }));
    return { type, packetId: 1 + random.int(4), reasonCode, properties };
  }
  return { type: "pingreq" };
}

/**
 * What a client might say from CONNECT on: every packet by itself is valid, most conversations are valid as a whole.
 * Acknowledgements are for the first packet identifiers, which are those that the broker uses.
 */
export function conversation(random: Random, version: ProtocolVersion, index: number): Packet[] {
  const packets = [connect(random, version, index)];
  const qos2 = random.once(3);
  const length = random.int(12);
  for (let i = 0; i < length; i++) packets.push(next(random, version, index, qos2));
  if (random.once(2)) {
    const reasonCode = version === 5 && random.once(3) ? 4 : 0;
    const properties = sometimes(random, version, (r) => ({ sessionExpiryInterval: r.pick([0, 60]) }));
    packets.push({ type: "disconnect", reasonCode, properties });
  }
  return packets;
}
