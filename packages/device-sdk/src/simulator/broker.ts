import { createHash } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { topicMatches } from "@hearth/base";
import mqttPacket, { type IConnectPacket, type IPublishPacket, type ISubscribePacket, type Packet } from "mqtt-packet";

/** Who is at the other end of a connection. */
export interface BrokerClient {
  clientId: string;
  /** Lower-case hex SHA-256 of the certificate, which is its id at AWS; undefined without TLS. */
  certificateId: string | undefined;
}

/**
 * What becomes of a publish: processed and acknowledged; processed without ever being acknowledged; acknowledged and
 * lost; processed, and then the connection breaks; the connection breaks before it is processed.
 */
export type Fate = "acknowledge" | "withhold" | "lose" | "process-and-break" | "break";

export interface BrokerRules {
  mayConnect?(client: BrokerClient): boolean;
  mayPublish?(client: BrokerClient, topic: string): boolean;
  maySubscribe?(client: BrokerClient, filter: string): boolean;
  fate?(client: BrokerClient, packet: IPublishPacket): Fate;
  /** Called with every message that is processed, before it is acknowledged. */
  received?(client: BrokerClient, packet: IPublishPacket & { payload: Buffer }): void;
  connected?(client: BrokerClient, packet: IConnectPacket): void;
  /** `politely`: with DISCONNECT. */
  left?(client: BrokerClient, politely: boolean): void;
}

export interface SimulatedBroker {
  readonly port: number;
  /** To every subscriber, at QoS 1. */
  publish(topic: string, payload: string): void;
  /** To one client, subscribed or not. Kept for later if its session is persistent. */
  send(clientId: string, topic: string, payload: string): void;
  /** Breaks the client's connection without a word. */
  break(clientId: string): void;
  /** Ends the client's connection and session, with DISCONNECT where the client's version knows it. */
  expel(clientId: string, reasonCode: number): void;
  isConnected(clientId: string): boolean;
  close(): Promise<void>;
}

interface Session {
  filters: Set<string>;
  /** Not yet acknowledged, by packet identifier. */
  unacknowledged: Map<number, { topic: string; payload: string; sent: boolean }>;
  nextId: number;
  persistent: boolean;
  connection: Connection | undefined;
}

interface Connection {
  client: BrokerClient;
  write(packet: Packet): void;
  /** Says why, as far as MQTT 5 lets it, and closes. */
  expel(reasonCode: number): void;
  /** After what has been written is out. */
  close(): void;
  destroy(): void;
}

const NOT_AUTHORIZED = 0x87;
const SESSION_TAKEN_OVER = 0x8e;

/**
 * As much of an MQTT 3.1.1 and 5 broker as a device needs to be tried out without a platform: QoS 0 and 1, sessions,
 * and faults on demand. With `tls`, clients show a certificate, and `mayConnect` decides.
 */
export async function startSimulatedBroker(options: {
  tls?: { certificate: string; privateKey: string; alpn?: string[] };
  port?: number;
  rules: BrokerRules;
}): Promise<SimulatedBroker> {
  const { rules } = options;
  const sessions = new Map<string, Session>();
  const sockets = new Set<Socket>();

  function accept(socket: Socket): void {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.setNoDelay(true);
    let version = 5;
    let session: Session | undefined;
    let politely = false;
    const connection: Connection = {
      client: { clientId: "", certificateId: certificateIdOf(socket) },
      write: (packet) => {
        if (socket.writable) socket.write(mqttPacket.generate(packet, { protocolVersion: version }));
      },
      expel: (reasonCode) => {
        if (version === 5) connection.write({ cmd: "disconnect", reasonCode });
        connection.close();
      },
      close: () => socket.destroySoon(),
      destroy: () => socket.destroy(),
    };
    const parser = mqttPacket.parser();
    parser.on("error", () => socket.destroy());
    parser.on("packet", (packet) => {
      // What follows a refusal in the same segment is not looked at.
      if (!socket.writable) return;
      if (packet.cmd === "connect") {
        version = packet.protocolVersion ?? 4;
        session = greet(connection, packet);
      } else if (!session) socket.destroy();
      else if (packet.cmd === "disconnect") {
        politely = true;
        connection.close();
      } else handle(session, connection, version, packet);
    });
    socket.on("data", (data) => parser.parse(data));
    socket.on("close", () => {
      if (session) rules.left?.(connection.client, politely);
      if (session?.connection !== connection) return;
      session.connection = undefined;
      if (!session.persistent) sessions.delete(connection.client.clientId);
    });
  }

  function greet(connection: Connection, packet: IConnectPacket): Session | undefined {
    const { client } = connection;
    client.clientId = packet.clientId;
    if (rules.mayConnect && !rules.mayConnect(client)) {
      // Return code 5 of MQTT 3.1.1, reason code 0x87 of MQTT 5.
      connection.write({ cmd: "connack", returnCode: 5, reasonCode: NOT_AUTHORIZED, sessionPresent: false });
      connection.close();
      return undefined;
    }
    const known = sessions.get(client.clientId);
    known?.connection?.expel(SESSION_TAKEN_OVER);
    const kept = packet.clean || !known?.persistent ? undefined : known;
    const session: Session = kept ?? {
      filters: new Set(),
      unacknowledged: new Map(),
      nextId: 1,
      persistent: false,
      connection: undefined,
    };
    const expiry = packet.properties?.sessionExpiryInterval ?? 0;
    session.persistent = packet.protocolVersion === 5 ? expiry > 0 : packet.clean === false;
    session.connection = connection;
    sessions.set(client.clientId, session);
    connection.write({ cmd: "connack", returnCode: 0, reasonCode: 0, sessionPresent: kept !== undefined });
    rules.connected?.(client, packet);
    for (const messageId of session.unacknowledged.keys()) transmit(session, messageId);
    return session;
  }

  function handle(session: Session, connection: Connection, version: number, packet: Packet): void {
    if (packet.cmd === "publish") receive(connection, version, packet);
    else if (packet.cmd === "puback") session.unacknowledged.delete(packet.messageId ?? 0);
    else if (packet.cmd === "subscribe") subscribe(session, connection, packet);
    else if (packet.cmd === "unsubscribe") {
      for (const filter of packet.unsubscriptions) session.filters.delete(filter);
      const granted = packet.unsubscriptions.map(() => 0);
      connection.write({ cmd: "unsuback", messageId: packet.messageId, granted });
    } else if (packet.cmd === "pingreq") connection.write({ cmd: "pingresp" });
    else connection.destroy();
  }

  function subscribe(session: Session, connection: Connection, packet: ISubscribePacket): void {
    const granted = packet.subscriptions.map(({ topic }) => {
      if (rules.maySubscribe && !rules.maySubscribe(connection.client, topic)) return 0x80;
      session.filters.add(topic);
      return 1;
    });
    connection.write({ cmd: "suback", messageId: packet.messageId, granted });
  }

  function receive(connection: Connection, version: number, packet: IPublishPacket): void {
    const { client } = connection;
    const { topic, qos, messageId } = packet;
    if (rules.mayPublish && !rules.mayPublish(client, topic)) {
      if (version === 5 && qos > 0) connection.write({ cmd: "puback", messageId, reasonCode: NOT_AUTHORIZED });
      connection.expel(NOT_AUTHORIZED);
      return;
    }
    const fate = rules.fate?.(client, packet) ?? "acknowledge";
    if (fate === "break") {
      connection.destroy();
      return;
    }
    if (fate !== "lose") {
      const payload = Buffer.from(packet.payload);
      rules.received?.(client, { ...packet, payload });
      broker.publish(topic, payload.toString());
    }
    if (fate === "process-and-break") connection.destroy();
    else if (fate !== "withhold" && qos > 0) connection.write({ cmd: "puback", messageId, reasonCode: 0 });
  }

  function enqueue(session: Session, topic: string, payload: string): void {
    const messageId = session.nextId;
    session.nextId = (messageId % 65_535) + 1;
    session.unacknowledged.set(messageId, { topic, payload, sent: false });
    transmit(session, messageId);
  }

  function transmit(session: Session, messageId: number): void {
    const message = session.unacknowledged.get(messageId);
    if (!message || !session.connection) return;
    const { topic, payload, sent } = message;
    message.sent = true;
    session.connection.write({ cmd: "publish", topic, payload, qos: 1, dup: sent, retain: false, messageId });
  }

  const { tls } = options;
  const server = tls
    ? createTlsServer(
        {
          key: tls.privateKey,
          cert: tls.certificate,
          requestCert: true,
          rejectUnauthorized: false,
          ...(tls.alpn ? { ALPNProtocols: tls.alpn } : {}),
        },
        accept,
      )
    : createServer(accept);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const address = server.address();

  const broker: SimulatedBroker = {
    port: typeof address === "object" && address ? address.port : 0,
    publish(topic, payload) {
      for (const session of sessions.values()) {
        if ([...session.filters].some((filter) => topicMatches(filter, topic))) enqueue(session, topic, payload);
      }
    },
    send(clientId, topic, payload) {
      const session = sessions.get(clientId);
      if (session) enqueue(session, topic, payload);
    },
    break(clientId) {
      sessions.get(clientId)?.connection?.destroy();
    },
    expel(clientId, reasonCode) {
      const connection = sessions.get(clientId)?.connection;
      sessions.delete(clientId);
      connection?.expel(reasonCode);
    },
    isConnected: (clientId) => sessions.get(clientId)?.connection !== undefined,
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      });
    },
  };
  return broker;
}

function certificateIdOf(socket: Socket): string | undefined {
  const raw = socket instanceof TLSSocket ? socket.getPeerCertificate().raw : undefined;
  return raw && createHash("sha256").update(raw).digest("hex");
}
