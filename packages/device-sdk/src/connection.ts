import { isIP, Socket } from "node:net";
import type { Clock } from "@hearth/base";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import type { PacketIds } from "./packet-ids.ts";

/** Where the platform is and how to prove who we are. PEM texts throughout. */
export interface ConnectionOptions {
  host: string;
  /** 8883 by default. */
  port?: number;
  /** Root certificate(s) of the platform; the system's own roots when left out. */
  ca?: string;
  certificate?: string;
  privateKey?: string;
  clientId: string;
  /** Protocols to offer by ALPN. `x-amzn-mqtt-ca` by default on port 443, none elsewhere (reference 1.1). */
  alpn?: string[];
  /** 5 by default: it alone lets the platform refuse one message without closing the connection. */
  protocolVersion?: 4 | 5;
  /** Seconds the platform keeps subscriptions and undelivered messages after a loss; 0 is a clean session. */
  sessionExpiry?: number;
  /** Seconds, 60 by default. */
  keepAlive?: number;
  /** Milliseconds until CONNACK, 30,000 by default. */
  connectTimeout?: number;
  /** Plain TCP, for simulations on one machine. */
  plaintext?: boolean;
}

/** Largest packet that we take: the platform's largest payload, its topic and its properties. */
const MAX_PACKET = 262_144;

/**
 * Opens one network connection. MQTT.js speaks the protocol, TLS and keep-alive; reconnection, re-sending and
 * resubscription are the caller's, because MQTT.js re-sends without the DUP flag [MQTT-3.3.1-1], keeps an unbounded
 * queue and pauses for the same time before each attempt.
 */
export function openConnection(options: ConnectionOptions, packetIds?: PacketIds): MqttClient {
  const client = mqtt.connect({ ...clientOptions(options), ...(packetIds ? { messageIdProvider: packetIds } : {}) });
  // MQTT.js leaves Nagle's algorithm on: an answer that follows a PUBACK would wait 40 ms for the platform's TCP
  // acknowledgement of that.
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  return client;
}

/** What MQTT.js is told. */
export function clientOptions(options: ConnectionOptions): IClientOptions {
  const port = options.port ?? 8883;
  const version = options.protocolVersion ?? 5;
  const sessionExpiry = options.sessionExpiry ?? 0;
  const alpn = options.alpn ?? (port === 443 ? ["x-amzn-mqtt-ca"] : []);
  return {
    protocol: options.plaintext ? "mqtt" : "mqtts",
    host: options.host,
    port,
    ca: options.ca,
    cert: options.certificate,
    key: options.privateKey,
    rejectUnauthorized: true,
    // SNI carries names only, never addresses (RFC 6066).
    ...(isIP(options.host) === 0 ? { servername: options.host } : {}),
    ...(alpn.length > 0 ? { ALPNProtocols: alpn } : {}),
    clientId: options.clientId,
    protocolVersion: version,
    clean: sessionExpiry === 0,
    ...(version === 5 ? { properties: { sessionExpiryInterval: sessionExpiry, maximumPacketSize: MAX_PACKET } } : {}),
    keepalive: options.keepAlive ?? 60,
    connectTimeout: options.connectTimeout ?? 30_000,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    // It keeps every 16-bit number as a Buffer of its own: 7 MB.
    writeCache: false,
  };
}

/** Sends DISCONNECT if `politely`, and waits at most a second for the socket to close. */
export function closeConnection(client: MqttClient, politely: boolean, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(1000, () => {
      // MQTT.js takes no second, more forceful `end`.
      client.stream.destroy();
      resolve();
    });
    client.end(!politely, () => {
      cancel();
      resolve();
    });
  });
}
