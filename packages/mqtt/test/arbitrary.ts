/** Arbitrary valid packets, for property tests. */
import fc from "fast-check";
import type { Packet, Properties, ProtocolVersion, Qos } from "../src/index.ts";

const text = fc
  .oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: "grapheme", maxLength: 8 }),
    fc.string({ minLength: 20, maxLength: 60 }),
  )
  .filter((value) => !value.includes("\u0000"));
const topic = text.filter((value) => value.length > 0 && !/[+#]/.test(value));
const filter = text.filter((value) => value.length > 0 && !value.startsWith("$share/"));
const bytes = fc.uint8Array({ maxLength: 40 });
const payload = fc.oneof(bytes, fc.uint8Array({ minLength: 100, maxLength: 400 }));
const u16 = fc.integer({ min: 0, max: 65_535 });
const id = fc.integer({ min: 1, max: 65_535 });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const flag = fc.constantFrom(0 as const, 1 as const);
const qos = fc.constantFrom<Qos>(0, 1, 2);
// A map in the oracle: a name once, and not one that an object has of itself.
const pairs = fc.uniqueArray(
  fc.tuple(
    topic.map((key) => `k${key}`),
    text,
  ),
  {
    minLength: 1,
    maxLength: 3,
    selector: ([key]) => key,
  },
);

type Model = { [Name in keyof Properties]-?: fc.Arbitrary<Properties[Name]> };

const content = {
  payloadFormatIndicator: flag,
  messageExpiryInterval: u32,
  contentType: text,
  responseTopic: topic,
  correlationData: bytes,
  userProperties: pairs,
};
const reason = { reasonString: text, userProperties: pairs };

/** Some of the properties, or none at all; none in 3.1.1. */
function some(version: ProtocolVersion, model: Partial<Model>): fc.Arbitrary<Properties | undefined> {
  if (version === 4) return fc.constant(undefined);
  return fc
    .record(model as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] })
    .map((value) => (Object.keys(value).length === 0 ? undefined : (value as Properties)));
}

const authentication = (base: fc.Arbitrary<Properties | undefined>, version: ProtocolVersion) =>
  version === 4
    ? base
    : fc.tuple(base, fc.option(text), fc.option(bytes)).map(([properties, method, data]) =>
        method === null
          ? properties
          : {
              ...properties,
              authenticationMethod: method,
              ...(data === null ? {} : { authenticationData: data }),
            },
      );

const publishCodes = [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];

/** Any packet that may travel on a connection of `version`. */
export function packets(version: ProtocolVersion): fc.Arbitrary<Packet> {
  const code = (...codes: number[]) => (version === 4 ? fc.constant(0) : fc.constantFrom(...codes));
  const will = fc.record({
    topic,
    payload: bytes,
    qos,
    retain: fc.boolean(),
    properties: some(version, { ...content, willDelayInterval: u32 }),
  });
  const connect = fc
    .record({
      type: fc.constant("connect" as const),
      version: fc.constant(version),
      clean: fc.boolean(),
      keepAlive: u16,
      clientId: text.map((value) => `c${value}`),
      will: fc.option(will, { nil: undefined }),
      username: fc.option(text, { nil: undefined }),
      password: fc.option(bytes, { nil: undefined }),
      properties: authentication(
        some(version, {
          sessionExpiryInterval: u32,
          receiveMaximum: id,
          maximumPacketSize: u32.map((value) => value || 1),
          topicAliasMaximum: u16,
          requestResponseInformation: flag,
          requestProblemInformation: flag,
          userProperties: pairs,
        }),
        version,
      ),
    })
    .map((packet) => (packet.username === undefined ? { ...packet, password: undefined } : packet));
  const connack = fc.record({
    type: fc.constant("connack" as const),
    sessionPresent: fc.constant(false),
    reasonCode: version === 4 ? fc.integer({ min: 0, max: 5 }) : fc.constantFrom(0, 0x80, 0x87, 0x9b),
    properties: authentication(
      some(version, {
        sessionExpiryInterval: u32,
        receiveMaximum: id,
        maximumQos: flag,
        retainAvailable: flag,
        maximumPacketSize: u32.map((value) => value || 1),
        assignedClientIdentifier: text,
        topicAliasMaximum: u16,
        ...reason,
        wildcardSubscriptionAvailable: flag,
        subscriptionIdentifierAvailable: flag,
        sharedSubscriptionAvailable: flag,
        serverKeepAlive: u16,
        responseInformation: text,
        serverReference: text,
      }),
      version,
    ),
  });
  const publish = fc
    .record({
      type: fc.constant("publish" as const),
      topic,
      payload,
      qos,
      retain: fc.boolean(),
      dup: fc.boolean(),
      packetId: id,
      properties: some(version, {
        ...content,
        topicAlias: id,
        subscriptionIdentifiers: fc.array(fc.integer({ min: 1, max: 268_435_455 }), { minLength: 1, maxLength: 3 }),
      }),
    })
    .map((packet) => (packet.qos === 0 ? { ...packet, dup: false, packetId: 0 } : packet));
  const acknowledgement = fc.oneof(
    fc.record({
      type: fc.constantFrom("puback" as const, "pubrec" as const),
      packetId: id,
      reasonCode: code(...publishCodes),
      properties: some(version, reason),
    }),
    fc.record({
      type: fc.constantFrom("pubrel" as const, "pubcomp" as const),
      packetId: id,
      reasonCode: code(0, 0x92),
      properties: some(version, reason),
    }),
  );
  const subscription =
    version === 4
      ? fc.record({
          filter,
          qos,
          noLocal: fc.constant(false),
          retainAsPublished: fc.constant(false),
          retainHandling: fc.constant(0 as const),
        })
      : fc.record({
          filter,
          qos,
          noLocal: fc.boolean(),
          retainAsPublished: fc.boolean(),
          retainHandling: fc.constantFrom(0 as const, 1 as const, 2 as const),
        });
  const subscribe = fc.record({
    type: fc.constant("subscribe" as const),
    packetId: id,
    subscriptions: fc.array(subscription, { minLength: 1, maxLength: 4 }),
    properties: some(version, {
      subscriptionIdentifiers: fc.integer({ min: 1, max: 268_435_455 }).map((value) => [value]),
      userProperties: pairs,
    }),
  });
  const suback = fc.record({
    type: fc.constant("suback" as const),
    packetId: id,
    reasonCodes: fc.array(fc.constantFrom(0, 1, 2, 0x80), { minLength: 1, maxLength: 4 }),
    properties: some(version, reason),
  });
  const unsubscribe = fc.record({
    type: fc.constant("unsubscribe" as const),
    packetId: id,
    filters: fc.array(filter, { minLength: 1, maxLength: 4 }),
    properties: some(version, { userProperties: pairs }),
  });
  const unsuback = fc.record({
    type: fc.constant("unsuback" as const),
    packetId: id,
    reasonCodes:
      version === 4 ? fc.constant([]) : fc.array(fc.constantFrom(0, 0x11, 0x87), { minLength: 1, maxLength: 4 }),
    properties: some(version, reason),
  });
  const disconnect = fc.record({
    type: fc.constant("disconnect" as const),
    reasonCode: code(0, 4, 0x81, 0x8e, 0x98),
    properties: some(version, { sessionExpiryInterval: u32, serverReference: text, ...reason }),
  });
  const auth = fc.record({
    type: fc.constant("auth" as const),
    reasonCode: fc.constantFrom(0x18, 0x19),
    properties: fc.record({ authenticationMethod: text, authenticationData: bytes }),
  });
  const ping = fc.record({ type: fc.constantFrom("pingreq" as const, "pingresp" as const) });
  return fc.oneof(
    connect,
    connack,
    publish,
    acknowledgement,
    subscribe,
    suback,
    unsubscribe,
    unsuback,
    disconnect,
    ping,
    ...(version === 5 ? [auth] : []),
  );
}
