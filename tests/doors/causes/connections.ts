import { RegisterCertificateWithoutCACommand, UpdateCertificateCommand } from "@aws-sdk/client-iot";
import { DeleteConnectionCommand, PublishCommand } from "@aws-sdk/client-iot-data-plane";
import { Reason } from "@hearth/mqtt";
import { expect } from "vitest";
import { makeCertificate } from "../../kit/certificate-request.ts";
import {
  alert,
  client,
  DAY,
  goodbye,
  handshake,
  lasting,
  limit,
  publishing,
  type Rows,
  raw,
  refused,
  registered,
  sending,
  subscribing,
  untls,
  webSocket,
  willOn,
} from "./raising.ts";

/** How connections begin and end, and what their packets do. */
export const connections: Rows = {
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
};
