import { connect as connectTcp } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  DetachPolicyCommand,
  RegisterCertificateWithoutCACommand,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import { DeleteConnectionCommand, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { FakeClock, type Logger, silentLogger } from "@hearth/base";
import { CONNECTION_CAUSES, type ConnectionCause } from "@hearth/broker";
import { type Packet, type ProtocolVersion, Reason, type SubscribePacket } from "@hearth/mqtt";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { RawClient } from "../../packages/broker/test/kit.ts";
import { makeCertificate } from "../kit/certificate-request.ts";
import { eventually, type Fleet, openFleet } from "../walk/fleet.ts";
import { endPeers } from "../walk/peer.ts";

/** A platform whose limits can be reached with a few packets, its clock, and what its log was told. */
type World = Fleet & { clock: FakeClock; lines: Record<string, unknown>[] };
type Asked = { ClientId?: string; CertificateId?: string };

interface Row {
  /** Makes it happen. Resolves to whom is asked about afterwards: `{}` for the list of refusals, else the client id. */
  raise(world: World, clientId: string): Promise<unknown>;
  /** What a person reads. */
  words: RegExp;
}

const POLICY = "open";
const worlds = {} as Record<"sizes" | "rates" | "doors", World>;

async function openWorld(limits: object): Promise<World> {
  const clock = new FakeClock(Date.now());
  const lines: Record<string, unknown>[] = [];
  const info = (line: Record<string, unknown>, message: string) => {
    if (message === "connection event") lines.push(line);
  };
  const log = Object.assign(Object.create(silentLogger), { info, child: () => log }) as Logger;
  const fleet = await openFleet({ clock, log, openMqttPort: 0, openMqttPolicy: POLICY, limits } as never);
  const document = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "iot:*", Resource: "*" },
      { Sid: "NotHere", Effect: "Deny", Action: ["iot:Publish", "iot:Receive"], Resource: fleet.arn("topic/closed") },
      { Sid: "NotYou", Effect: "Deny", Action: "iot:Connect", Resource: fleet.arn("client/refused 0x87") },
    ],
  };
  await fleet.iot.send(new CreatePolicyCommand({ policyName: POLICY, policyDocument: JSON.stringify(document) }));
  return { ...fleet, clock, lines };
}

beforeAll(async () => {
  worlds.sizes = await openWorld({
    ...{ packetSize: 2000, payload: 500, clientId: 50, topic: 100, slashes: 5, shareName: 5, clientPacketSize: 50 },
    ...{ subscriptionsPerPacket: 3, subscriptionsPerConnection: 2, subscriptionBytes: 60, receiveMaximum: 1 },
    ...{ topicAliases: 2, aliasBytes: 60, contentType: 5, correlationData: 5, userProperties: 10 },
    ...{ retainedMessages: 1, retainedBytes: 300, queuedMessages: 1 },
  });
  worlds.rates = await openWorld({
    ...{ connectionsPerAccount: 3, connectsPerSecond: 3, connectsPerSecondPerClient: 2, durableSessions: 1 },
    ...{ subscriptionsPerAccount: 3, subscriptionsPerSecond: 4, shareGroups: 1, shareMembers: 1 },
    ...{ retainedPerSecond: 2, retainedPerSecondPerTopic: 1, publishesPerSecond: 5, inboundPerSecond: 7 },
    ...{ bytesPerSecond: 1000, queuedPerSecond: 1, qos2: false, subscriptionIdentifiers: false },
  });
  worlds.doors = await openWorld({ backlog: 1000, unacknowledged3: 20, unacknowledged5: 10, webSocketDuration: 10 });
}, 30_000);
let open: RawClient[] = [];
afterEach(() => {
  for (const { socket } of open) socket.destroy();
  open = [];
  endPeers();
});
afterAll(() => Promise.all(Object.values(worlds).map((world) => world.close())));

async function raw(world: World): Promise<RawClient> {
  const client = await RawClient.connect(world.file.openMqttPort ?? 0);
  open.push(client);
  return client;
}
type Connect = Packet & { type: "connect" };

/** Connected through the open port; CONNACK, whatever it says, is `connack`. */
async function client(world: World, clientId: string, more: Partial<Connect> = {}): Promise<RawClient> {
  const one = await raw(world);
  const version: ProtocolVersion = more.version ?? 5;
  one.version = version;
  one.send({ type: "connect", version, clean: true, keepAlive: 0, clientId, ...more });
  one.connack = await one.expect("connack");
  return one;
}
const goodbye = async (one: RawClient) => {
  one.send({ type: "disconnect", reasonCode: 0 });
  await one.end();
};
const willOn = (topic: string) => ({ topic, payload: Buffer.from("x"), qos: 0 as const, retain: false });
const lasting = { properties: { sessionExpiryInterval: 100 } };
const subscribeTo = (...filters: string[]): SubscribePacket => ({
  type: "subscribe",
  packetId: 1,
  subscriptions: filters.map((filter) => ({
    ...{ filter, qos: 0 as const, noLocal: false, retainAsPublished: false, retainHandling: 0 as const },
  })),
});
const subscribing =
  (...filters: string[]): Row["raise"] =>
  async (world, clientId) => {
    const one = await client(world, clientId);
    one.send(subscribeTo(...filters));
    await one.expect("suback");
  };
const publishing =
  (topic: string, payload = "x", more: object = {}): Row["raise"] =>
  async (world, clientId) => {
    const one = await client(world, clientId);
    one.publish(topic, payload, more);
    await eventually("its line", async () =>
      world.lines.find((line) => line["clientId"] === clientId && line["status"] === "Failure"),
    );
  };
const sending =
  (hex: string): Row["raise"] =>
  async (world, clientId) => {
    const one = await client(world, clientId);
    one.bytes(hex);
    await one.end();
  };
/** Bytes on a port that takes TLS. */
const untls =
  (hex: string, thenClose = false): Row["raise"] =>
  async (world) => {
    await new Promise<void>((resolve) => {
      const socket = connectTcp(world.file.mqttsPort, "127.0.0.1", () => {
        socket.write(Buffer.from(hex, "hex"), () => {
          if (thenClose) socket.end();
        });
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve());
      socket.resume();
    });
    return {};
  };
/** The first record of a TLS 1.2 client. */
const clientHello = () =>
  new Promise<Buffer>((resolve) => {
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        resolve(chunk);
        done();
      },
    });
    connectTls({ socket: wire, maxVersion: "TLSv1.2" }).on("error", () => {});
  });
/** A TLS client that has seen the server's certificate and says by an alert what it thinks of it. */
const alert =
  (code: number): Row["raise"] =>
  async (world) => {
    const hello = await clientHello();
    await new Promise<void>((resolve) => {
      const socket = connectTcp(world.file.mqttsPort, "127.0.0.1", () => socket.write(hello));
      socket.once("data", () => socket.write(Buffer.from([0x15, 3, 3, 0, 2, 2, code])));
      socket.on("error", () => {});
      socket.on("close", () => resolve());
    });
    return {};
  };
const handshake =
  (options: object): Row["raise"] =>
  async (world) => {
    const socket = await world.handshake(world.file.mqttsPort, options).catch(() => undefined);
    if (socket) await new Promise((resolve) => socket.resume().on("close", resolve));
    return {};
  };
const webSocket =
  (change: (url: string) => string, signing: object = {}): Row["raise"] =>
  async (world) => {
    const url = change(await world.webSocketUrl(signing));
    await expect(world.overWebSocket(url)).rejects.toThrow();
    return {};
  };

/** A connected client that never acknowledges. */
const withoutAcknowledging =
  (version: ProtocolVersion, seconds: number): Row["raise"] =>
  async (world, clientId) => {
    const one = await client(world, clientId, { version });
    await one.subscribe("acknowledge");
    await (await client(world, "sender")).publishAcknowledged("acknowledge", "x");
    await one.expect("publish");
    world.clock.advance(seconds * 1000);
  };

async function registered(world: World, validity: { notBefore?: Date; notAfter?: Date } = {}) {
  const key = await makeCertificate("made elsewhere", validity);
  const command = new RegisterCertificateWithoutCACommand({ certificatePem: key.certificate, status: "ACTIVE" });
  const { certificateArn, certificateId = "" } = await world.iot.send(command);
  await world.iot.send(new AttachPolicyCommand({ policyName: POLICY, target: certificateArn }));
  return { ...key, certificateId };
}
const refused =
  (validity: (now: number) => { notBefore?: Date; notAfter?: Date }): Row["raise"] =>
  async (world) => {
    const key = await registered(world, validity(world.clock.now()));
    await expect(world.connect(key)).rejects.toThrow();
    return { CertificateId: key.certificateId };
  };
const DAY = 86_400_000;
const limit = (name: string) => new RegExp(`the limit ${name} is [\\d.]+ \\(configuration: limits\\.${name} `);

const rows: Partial<Record<ConnectionCause, Row & { world?: keyof typeof worlds }>> = {
  connected: { raise: async (world, id) => void (await client(world, id)), words: /MQTT 5, a new session/ },
  "took over": {
    async raise(world, id) {
      await client(world, id);
      await client(world, id);
    },
    words: /ended the client's connection from 127\.0\.0\.1/,
  },
  DUPLICATE_CLIENTID: {
    async raise(world, id) {
      const first = await client(world, id);
      await client(world, id);
      await first.end();
    },
    words: /taken over by a newer connection.*two devices that share a client id/,
  },

  // Before MQTT.
  "no certificate": { raise: handshake({}), words: /give both to its TLS library/ },
  "certificate unknown": {
    async raise(world) {
      await expect(world.connect(await makeCertificate("unknown"))).rejects.toThrow();
      return {};
    },
    words: /is not registered.*RegisterCertificateWithoutCA/,
  },
  "certificate not-active": {
    async raise(world) {
      const key = await registered(world);
      const { certificateId } = key;
      await world.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: "REVOKED" }));
      await expect(world.connect(key)).rejects.toThrow();
      return { CertificateId: certificateId };
    },
    words: /is REVOKED.*UpdateCertificate/,
  },
  "certificate not-yet-valid": {
    raise: refused((now) => ({ notBefore: new Date(now + DAY), notAfter: new Date(now + 2 * DAY) })),
    words: /is valid from .*clocks/,
  },
  "certificate expired": {
    raise: refused((now) => ({ notBefore: new Date(now - 2 * DAY), notAfter: new Date(now - DAY) })),
    words: /has expired at .*needs a new one/,
  },
  "certificate in several accounts": {
    async raise(world) {
      const key = await registered(world);
      const { AccessKey } = await world.hearth.send("CreateAccount", { AccountId: "222222222222" });
      const other = world.platform.clients({
        accessKeyId: AccessKey?.AccessKeyId ?? "",
        secretAccessKey: AccessKey?.SecretAccessKey ?? "",
      });
      const certificatePem = key.certificate;
      await other.iot.send(new RegisterCertificateWithoutCACommand({ certificatePem, status: "ACTIVE" }));
      await expect(world.connect(key)).rejects.toThrow();
      return { CertificateId: key.certificateId };
    },
    words: /registered in several accounts.*DescribeEndpoint/,
  },
  authorizer: {
    async raise(world, id) {
      const none = { certificate: "", privateKey: "" };
      const way = { port: world.file.tlsPort, ALPNProtocols: ["mqtt"], clientId: id, cert: undefined, key: undefined };
      await expect(world.connect(none, way)).rejects.toThrow();
    },
    words: /There is no default custom authorizer/,
  },
  "WebSocket path": { raise: webSocket((url) => url.replace("/mqtt?", "/elsewhere?")), words: /is at \/mqtt/ },
  "WebSocket signature": {
    raise: webSocket((url) => url, { signingDate: new Date(Date.now() - DAY) }),
    words: /Signature expired.*Sign the URL anew.*clock/,
  },
  "WebSocket authorizer": {
    raise: webSocket((url) => url.replace(/\?.*/, "?x-amz-customauthorizer-name=mine")),
    words: /no custom authorizer mine/,
  },
  "handshake unknown-ca": { raise: alert(48), words: /unknown CA\): give it ca\.pem/ },
  "handshake server-name": { raise: alert(42), words: /name: connect by/ },
  "handshake server-expired": { raise: alert(45), words: /look at the device's clock/ },
  "handshake server-certificate": { raise: alert(46), words: /give it ca\.pem/ },
  "handshake alpn": { raise: handshake({ ALPNProtocols: ["nonsense"] }), words: /offer x-amzn-mqtt-ca or none/ },
  "handshake version": {
    raise: handshake({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" }),
    words: /switch TLS 1\.2 or 1\.3 on/,
  },
  "handshake cipher": {
    raise: handshake({ maxVersion: "TLSv1.2", ciphers: "AES128-GCM-SHA256" }),
    words: /no cipher.*in common: let the client offer/,
  },
  "handshake http": {
    raise: untls(Buffer.from("GET / HTTP/1.1\r\n\r\n").toString("hex")),
    words: /use an https: address/,
  },
  "handshake no-tls": { raise: untls("100c00044d5154540502003c00000000"), words: /does not speak TLS: switch it on/ },
  "handshake closed": { raise: untls("160301", true), words: /closed the connection in the middle/ },
  "handshake other": { raise: untls("160301000501000001ff"), words: /look for this in the client's TLS library/ },

  // CONNACK.
  "refused 0x85": {
    async raise(world) {
      await client(world, "", { version: 4, clean: false });
      return {};
    },
    words: /a persistent session needs a client id/,
  },
  "refused 0x87": {
    raise: async (world, id) => void (await client(world, id)),
    words: /is denied by statement "NotYou"/,
  },
  "refused 0x8c": {
    raise: async (world, id) => void (await client(world, id, { properties: { authenticationMethod: "SCRAM" } })),
    words: /no enhanced authentication/,
  },
  "refused 0x90": {
    raise: async (world, id) => void (await client(world, id, { will: willOn("a/+") })),
    words: /will: not a topic name/,
  },

  // Ends.
  CLIENT_INITIATED_DISCONNECT: {
    raise: async (world, id) => goodbye(await client(world, id)),
    words: /sent DISCONNECT/,
  },
  CONNECTION_LOST: {
    raise: async (world, id) => void (await client(world, id)).socket.destroy(),
    words: /without DISCONNECT.*power and network/,
  },
  MQTT_KEEP_ALIVE_TIMEOUT: {
    async raise(world, id) {
      const one = await client(world, id, { keepAlive: 2 });
      world.clock.advance(3_000);
      await one.end();
    },
    words: /nothing came for 3 s.*too rarely/,
  },
  WEBSOCKET_TTL_EXPIRATION: {
    async raise(world, id) {
      const peer = await world.overWebSocket(await world.webSocketUrl(), { clientId: id, keepalive: 0 });
      world.clock.advance(10_000);
      expect(await peer.closed).toBe(Reason.MaximumConnectTime);
    },
    words: /lasted as long as one may/,
  },
  AUTH_ERROR: { raise: publishing("closed"), words: /not authorized to publish/ },
  FORBIDDEN_ACCESS: {
    async raise(world, id) {
      const key = await registered(world);
      const peer = await world.connect(key, { clientId: id });
      const { certificateId } = key;
      await world.iot.send(new UpdateCertificateCommand({ certificateId, newStatus: "INACTIVE" }));
      await peer.closed;
    },
    words: /certificate was deactivated, revoked or deleted/,
  },
  API_INITIATED_DISCONNECT: {
    async raise(world, id) {
      const one = await client(world, id);
      await world.iotData.send(new DeleteConnectionCommand({ clientId: id }));
      await one.end();
    },
    words: /through the API; the client may connect again/,
  },
  "CLIENT_ERROR 0x81": { raise: sending("0000"), words: /no well-formed MQTT packet: .*\[MQTT-/ },
  "CLIENT_ERROR 0x82": {
    async raise(world, id) {
      const one = await client(world, id);
      one.send({ type: "connect", version: 5, clean: true, keepAlive: 0, clientId: id });
      await one.end();
    },
    words: /second CONNECT.*\[MQTT-/,
  },
  "CLIENT_ERROR 0x84": {
    async raise(world) {
      const one = await raw(world);
      one.bytes("10 0c 00 04 4d515454 09 02 003c 0000");
      await one.end();
      return {};
    },
    words: /level 9/,
  },
  "CLIENT_ERROR 0x90": { raise: publishing("a/+"), words: /not a topic name/ },
  "CLIENT_ERROR 0x94": {
    raise: sending("30 08 0001 61 03 23 0000 78"),
    words: /a topic alias is never 0|alias/,
  },
  "CLIENT_ERROR 0x95": {
    async raise(world, id) {
      const one = await raw(world);
      const properties = { maximumPacketSize: 5 };
      one.send({ type: "connect", version: 5, clean: true, keepAlive: 0, clientId: id, properties });
      await one.end();
    },
    words: /larger than the client's maximum packet size/,
  },
  connectTimeout: {
    async raise(world) {
      const one = await raw(world);
      // A connection that comes later has been accepted later.
      await goodbye(await client(world, "after the mute"));
      world.clock.advance(10_000);
      await one.end();
      return {};
    },
    words: limit("connectTimeout"),
  },

  // What packets do.
  denied: { raise: publishing("closed"), words: /is denied by statement "NotHere"/ },
  reserved: { raise: publishing("$aws/nonsense"), words: /reserved topic/ },
  topic: { world: "sizes", raise: publishing("t".repeat(101)), words: limit("topic") },
  filter: { raise: subscribing("a/#/b"), words: /not a topic filter/ },
  will: {
    raise: async (world, id) => void (await client(world, id, { will: willOn("last/words") })).socket.destroy(),
    words: /the will was published, because/,
  },
  granted: { raise: subscribing("a"), words: /granted QoS 0/ },
  removed: {
    async raise(world, id) {
      const one = await client(world, id);
      await one.subscribe("a");
      one.send({ type: "unsubscribe", packetId: 2, filters: ["a"] });
      await one.expect("unsuback");
    },
    words: /unsubscribed/,
  },
  slow: {
    async raise(world, id) {
      const one = await client(world, id);
      await one.subscribe("flood", 0);
      one.socket.pause();
      const other = await client(world, "flooder");
      for (let i = 0; i < 24; i++) other.publish("flood", "x".repeat(1_000_000));
      await other.settle();
    },
    words: limit("backlog"),
  },
  rate: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id);
      await one.subscribe("busy", 0);
      for (let i = 0; i < 3; i++) one.publish("elsewhere", "x");
      await one.settle();
      const other = await client(world, "busy");
      for (let i = 0; i < 4; i++) other.publish("busy", "x");
      await other.settle();
    },
    words: limit("publishesPerSecond"),
  },
  full: {
    world: "sizes",
    async raise(world, id) {
      const one = await client(world, id, lasting);
      await one.subscribe("queue");
      await goodbye(one);
      const other = await client(world, "filler");
      for (let i = 0; i < 2; i++) await other.publishAcknowledged("queue", "x");
    },
    words: limit("queuedMessages"),
  },
  expired: {
    async raise(world, id) {
      const one = await client(world, id, lasting);
      await one.subscribe("soon");
      await goodbye(one);
      const other = await client(world, "sender");
      await other.publishAcknowledged("soon", "x", { properties: { messageExpiryInterval: 1 } });
      world.clock.advance(2_000);
      await (await client(world, id, { ...lasting, clean: false })).settle();
    },
    words: /expiry interval ended/,
  },
  large: {
    async raise(world, id) {
      const one = await client(world, id, { properties: { maximumPacketSize: 50 } });
      await one.subscribe("large", 0);
      const other = await client(world, "sender");
      other.publish("large", "x".repeat(60));
      await other.settle();
    },
    words: /larger than the Maximum Packet Size/,
  },
  receive: {
    async raise(world, id) {
      const one = await client(world, id);
      await one.subscribe("closed", 0);
      await world.iotData.send(new PublishCommand({ topic: "closed" }));
    },
    words: /withheld.*denied by statement "NotHere"/,
  },

  // Limits of one packet or connection.
  packetSize: { world: "sizes", raise: sending("30 ff 7f"), words: limit("packetSize") },
  payload: { world: "sizes", raise: publishing("t", "x".repeat(501)), words: limit("payload") },
  clientId: {
    world: "sizes",
    async raise(world) {
      const ClientId = "c".repeat(51);
      await client(world, ClientId);
      return { ClientId };
    },
    words: limit("clientId"),
  },
  clientPacketSize: {
    world: "sizes",
    raise: async (world, id) => void (await client(world, id, { properties: { maximumPacketSize: 49 } })),
    words: limit("clientPacketSize"),
  },
  slashes: { world: "sizes", raise: subscribing("a/a/a/a/a/a/a"), words: limit("slashes") },
  shareName: { world: "sizes", raise: subscribing("$share/longer/a"), words: limit("shareName") },
  subscriptionsPerPacket: {
    world: "sizes",
    raise: subscribing("a", "b", "c", "d"),
    words: limit("subscriptionsPerPacket"),
  },
  subscriptionsPerConnection: {
    world: "sizes",
    raise: subscribing("a", "b", "c"),
    words: limit("subscriptionsPerConnection"),
  },
  subscriptionBytes: { world: "sizes", raise: subscribing("f".repeat(61)), words: limit("subscriptionBytes") },
  receiveMaximum: {
    world: "sizes",
    async raise(world, id) {
      const one = await client(world, id);
      for (const packetId of [1, 2, 3]) one.publish("t", "x", { qos: 2, packetId });
      await one.end();
    },
    words: limit("receiveMaximum"),
  },
  topicAliases: {
    world: "sizes",
    raise: publishing("t", "x", { properties: { topicAlias: 3 } }),
    words: limit("topicAliases"),
  },
  aliasBytes: {
    world: "sizes",
    raise: publishing("t".repeat(61), "x", { properties: { topicAlias: 1 } }),
    words: limit("aliasBytes"),
  },
  contentType: {
    world: "sizes",
    raise: publishing("t", "x", { properties: { contentType: "longer" } }),
    words: limit("contentType"),
  },
  correlationData: {
    world: "sizes",
    raise: publishing("t", "x", { properties: { correlationData: Buffer.from("longer") } }),
    words: limit("correlationData"),
  },
  userProperties: {
    world: "sizes",
    raise: publishing("t", "x", { properties: { userProperties: [["longer", "longer"]] } }),
    words: limit("userProperties"),
  },
  retainedBytes: {
    world: "sizes",
    raise: publishing("kept", "x".repeat(400), { retain: true }),
    words: limit("retainedBytes"),
  },
  retainedMessages: {
    world: "sizes",
    async raise(world, id) {
      const one = await client(world, id);
      for (const topic of ["kept", "kept/too"]) one.publish(topic, "x", { retain: true });
      await one.settle();
    },
    words: limit("retainedMessages"),
  },

  // Limits of an account, and of a second.
  connectionsPerAccount: {
    world: "rates",
    async raise(world, id) {
      for (const other of ["one", "two", "three"]) await client(world, other);
      world.clock.advance(1_000);
      await client(world, id);
    },
    words: limit("connectionsPerAccount"),
  },
  connectsPerSecond: {
    world: "rates",
    async raise(world, id) {
      for (const other of ["one", "two", "three"]) await goodbye(await client(world, other));
      await client(world, id);
    },
    words: limit("connectsPerSecond"),
  },
  connectsPerSecondPerClient: {
    world: "rates",
    async raise(world, id) {
      for (let i = 0; i < 3; i++) await client(world, id);
    },
    words: limit("connectsPerSecondPerClient"),
  },
  durableSessions: {
    world: "rates",
    async raise(world, id) {
      await client(world, "kept", { properties: { sessionExpiryInterval: 1 } });
      await client(world, id, lasting);
    },
    words: limit("durableSessions"),
  },
  subscriptionsPerSecond: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id);
      for (let i = 0; i < 5; i++) await one.subscribe("same");
    },
    words: limit("subscriptionsPerSecond"),
  },
  subscriptionsPerAccount: {
    world: "rates",
    raise: subscribing("a", "b", "c", "d"),
    words: limit("subscriptionsPerAccount"),
  },
  shareGroups: { world: "rates", raise: subscribing("$share/g/a", "$share/h/a"), words: limit("shareGroups") },
  shareMembers: {
    world: "rates",
    async raise(world, id) {
      await (await client(world, "member")).subscribe("$share/g/a");
      await (await client(world, id)).subscribe("$share/g/a");
    },
    words: limit("shareMembers"),
  },
  retainedPerSecondPerTopic: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id);
      for (let i = 0; i < 2; i++) one.publish("kept", "x", { retain: true });
      await one.settle();
    },
    words: limit("retainedPerSecondPerTopic"),
  },
  retainedPerSecond: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id);
      for (let i = 0; i < 3; i++) one.publish(`kept/${i}`, "x", { retain: true });
      await one.settle();
    },
    words: limit("retainedPerSecond"),
  },
  publishesPerSecond: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id);
      for (let i = 0; i < 6; i++) one.publish("t", "x");
      await one.settle();
    },
    words: limit("publishesPerSecond"),
  },
  inboundPerSecond: {
    world: "rates",
    async raise(world, id) {
      const [other, one] = [await client(world, "other"), await client(world, id)];
      for (let i = 0; i < 5; i++) other.publish("t", "x");
      await other.settle();
      for (let i = 0; i < 3; i++) one.publish("t", "x");
      await one.settle();
    },
    words: limit("inboundPerSecond"),
  },
  bytesPerSecond: { world: "rates", raise: publishing("t", "x".repeat(3_000)), words: limit("bytesPerSecond") },
  queuedPerSecond: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id, { properties: { sessionExpiryInterval: 1 } });
      await one.subscribe("queue");
      await goodbye(one);
      const other = await client(world, "filler");
      for (let i = 0; i < 2; i++) await other.publishAcknowledged("queue", "x");
    },
    words: limit("queuedPerSecond"),
  },
  unacknowledged3: { raise: withoutAcknowledging(4, 20), words: limit("unacknowledged3") },
  unacknowledged5: { raise: withoutAcknowledging(5, 10), words: limit("unacknowledged5") },
  qos2: {
    world: "rates",
    raise: publishing("t", "x", { qos: 2, packetId: 1 }),
    words: /QoS 2 is not supported: the limit qos2 is false/,
  },
  subscriptionIdentifiers: {
    world: "rates",
    async raise(world, id) {
      const one = await client(world, id);
      one.send({ ...subscribeTo("a"), properties: { subscriptionIdentifiers: [1] } });
      await one.end();
    },
    words: /the limit subscriptionIdentifiers is false/,
  },
};

/** Those that no row can raise, and what shows them instead. */
const WITHOUT_ROW: Partial<Record<ConnectionCause, string>> = {
  SERVER_INITIATED_DISCONNECT: "the last test here: the server that is asked has to be stopped for it",
  "handshake slow": "takes 15 s; apps/server: slow-clients.test.ts, handshake-words.test.ts",
  "handshake client-certificate": "no TLS library at hand sends a wrong proof; apps/server: handshake-words.test.ts",
  "refused 0x88": "the store has to fail; packages/broker: connect.test.ts, identify-by-connect.test.ts",
  SERVER_ERROR: "the store has to fail",
  failed: "the store has to fail; packages/broker: store.test.ts",
  CLIENT_ERROR: "stands for a reason code that no packet has yet",
  THROTTLED: "nobody is disconnected for it yet: what is too much is refused, dropped or delayed",
  CUSTOMAUTH_TTL_EXPIRATION: "there is no custom authorizer yet",
  UNKNOWN: "every end has a reason",
};

test("every cause has a row, or says why not", () => {
  const without = CONNECTION_CAUSES.filter((cause) => rows[cause] === undefined);
  expect(without.toSorted()).toEqual(Object.keys(WITHOUT_ROW).toSorted());
});

test.each(Object.keys(rows) as ConnectionCause[])("%s", async (cause) => {
  const { world: name = "doors", raise, words } = rows[cause]!;
  const world = worlds[name];
  // Another second, so that no rate remembers what came before; less than what folds two events into one.
  world.clock.advance(1_100);
  const asked = ((await raise(world, cause)) as Asked | undefined) ?? { ClientId: cause };
  const event = await eventually(`"${cause}"`, async () => {
    const { Events } = await world.hearth.send("ListConnectionEvents", asked);
    return Events.find((one) => one.Cause === cause && words.test(one.Reason));
  }).catch(async (error: Error) => {
    const { Events } = await world.hearth.send("ListConnectionEvents", asked);
    throw new Error(`${error.message}; known is ${JSON.stringify(Events.map(({ Cause, Reason }) => [Cause, Reason]))}`);
  });
  expect(event.Reason).not.toMatch(/undefined|\[object|NaN|\n/);
});

test("a policy that is detached is in force at once, and the log says so", async () => {
  const world = worlds.doors;
  const key = await world.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }]);
  const peer = await world.connect(key, { clientId: "detached" });
  const { policyName, certificateArn } = key;
  await world.iot.send(new DetachPolicyCommand({ policyName, target: certificateArn }));
  await expect(peer.publish("a", "x")).rejects.toThrow();
  const { Events } = await world.hearth.send("ListConnectionEvents", { ClientId: "detached" });
  const denied = Events.find(({ Cause }) => Cause === "denied");
  expect(denied?.Reason).toMatch(/^not authorized to publish: there are no policies/);
});

test("what no statement allows is said with what was asked for", async () => {
  const world = worlds.doors;
  const key = await world.identity([{ Effect: "Allow", Action: "iot:Connect", Resource: "*" }]);
  const peer = await world.connect(key, { clientId: "bounded" });
  await expect(peer.publish("a", "x")).rejects.toThrow();
  const { Events } = await world.hearth.send("ListConnectionEvents", { ClientId: "bounded" });
  const denied = Events.find(({ Cause }) => Cause === "denied");
  expect(denied?.Reason).toContain("no statement allows");
  expect(denied?.Reason).toContain(world.arn("topic/a"));
});

test("SERVER_INITIATED_DISCONNECT", async () => {
  const world = worlds.sizes;
  const one = await client(world, "until the end");
  await world.platform.stop(true);
  await one.end();
  const line = world.lines.find(
    ({ clientId, eventType }) => clientId === "until the end" && eventType === "Disconnect",
  );
  expect(line).toMatchObject({
    ...{ cause: "SERVER_INITIATED_DISCONNECT", reasonCode: 0x8b },
    reason: "the server is being stopped or restarted; the client may connect again",
  });
});
