/** A broker on a plain socket, with clients that speak bytes or MQTT.js, for tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect as connectSocket, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bus, createBus, createSealer, type Database, openSqlite, type Sealer } from "@hearth/backplane";
import { type Clock, silentLogger, systemClock } from "@hearth/base";
import { createRouter, type ReservedTopic, type Router } from "@hearth/iot";
import { encode, type Packet, Parser, type ProtocolVersion } from "@hearth/mqtt";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import {
  type Broker,
  type BrokerLimits,
  type ConnectionIdentity,
  createBroker,
  migrations,
  standardLimits,
} from "../src/index.ts";

export interface Kit {
  broker: Broker;
  router: Router;
  bus: Bus;
  database: Database;
  sealer: Sealer;
  port: number;
  /** What is refused: `<action> <resource after the account>`, to one client with `<client id>: ` before it. */
  denied: Set<string>;
  /** Certificates that have been revoked. */
  revoked: Set<string>;
  /** Every check, in the same form. */
  asked: string[];
  /** Of the next connections. */
  identity: { accountId: string; certificateId: string };
  /** `prepare` sees the client before it connects: a resumed session's messages come at once. */
  client(options: IClientOptions & { clientId: string }, prepare?: (client: MqttClient) => void): Promise<MqttClient>;
  raw(): Promise<RawClient>;
  /** A connection that came in elsewhere, as `identity`. */
  accept(socket: Socket): void;
  /** Connects with bytes and reads CONNACK. */
  rawClient(
    clientId: string,
    version: ProtocolVersion,
    more?: Partial<Packet & { type: "connect" }>,
  ): Promise<RawClient>;
  /** Stops the broker as a crash would: nothing is said to anybody, nothing more is stored. */
  crash(): Promise<void>;
  /** A new broker on the same store. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface KitOptions {
  limits?: Partial<BrokerLimits>;
  clock?: Clock;
  reserved?: ReservedTopic[];
  wrapDatabase?: (database: Database) => Database;
}

export async function startKit(options: KitOptions = {}): Promise<Kit> {
  const directory = mkdtempSync(join(tmpdir(), "hearth-broker-"));
  const log = silentLogger;
  const clock = options.clock ?? systemClock;
  const limits = { ...standardLimits, ...options.limits };
  const file = join(directory, "test.db");
  const sealer = createSealer(new Uint8Array(32));
  const sockets = new Set<Socket>();
  const clients: MqttClient[] = [];
  const kit = {
    denied: new Set<string>(),
    revoked: new Set<string>(),
    asked: [] as string[],
    sealer,
    identity: { accountId: "111111111111", certificateId: "cert" },
  } as Kit;

  const open = async () => {
    const database = await openSqlite({ file, migrations, log });
    kit.database = options.wrapDatabase?.(database) ?? database;
    kit.bus = createBus(log);
    kit.router = createRouter({ reserved: options.reserved ?? [], log });
    const { database: stored, bus, router } = kit;
    const isCertificateActive = async (_: string, id: string) => !kit.revoked.has(id);
    kit.broker = createBroker({ database: stored, sealer, bus, clock, log, router, limits, isCertificateActive });
    kit.router.attach(kit.broker);
    await kit.broker.start();
  };
  const identityOf = (): ConnectionIdentity => {
    const { accountId, certificateId } = kit.identity;
    return {
      accountId,
      region: "us-east-1",
      principalId: certificateId,
      certificateId,
      sourceIp: "127.0.0.1",
      async permissionsFor(clientId) {
        return {
          thingName: clientId.startsWith("thing") ? clientId : undefined,
          allows(action, resource) {
            const what = `${action} ${resource.split(":").slice(5).join(":")}`;
            kit.asked.push(what);
            return {
              allowed: !kit.denied.has(what) && !kit.denied.has(`${clientId}: ${what}`),
              reason: "by the table",
            };
          },
        };
      },
    };
  };
  kit.accept = (socket) => kit.broker.accept(socket, identityOf());
  await open();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    kit.accept(overwriting(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  kit.port = (server.address() as AddressInfo).port;

  kit.client = (clientOptions, prepare) =>
    new Promise((resolve, reject) => {
      const client = connect(`mqtt://127.0.0.1:${kit.port}`, { reconnectPeriod: 0, ...clientOptions });
      clients.push(client);
      prepare?.(client);
      client.once("connect", () => resolve(client));
      client.once("error", reject);
      client.once("close", () => reject(new Error("refused")));
    });
  kit.raw = () => RawClient.connect(kit.port);
  kit.rawClient = async (clientId, version, more = {}) => {
    const client = await kit.raw();
    client.send({ type: "connect", version, clean: true, keepAlive: 0, clientId, ...more });
    client.connack = await client.expect("connack");
    return client;
  };
  kit.crash = async () => {
    await kit.database.close();
    for (const socket of sockets) socket.destroy();
  };
  kit.restart = open;
  kit.stop = async () => {
    await Promise.all(clients.map((client) => client.endAsync(true)));
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await kit.broker.drain();
    await kit.database.close();
    rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
  };
  return kit;
}

/** Overwrites what was read once it has been handled, as a socket does that reads into one buffer again and again. */
function overwriting(socket: Socket): Socket {
  const emit = socket.emit.bind(socket) as (...args: unknown[]) => boolean;
  const handled = (...args: unknown[]) => {
    const heard = emit(...args);
    if (args[0] === "data") (args[1] as Buffer).fill(0xee);
    return heard;
  };
  socket.emit = handled as Socket["emit"];
  return socket;
}

/** A client that sends what it is told, right or wrong, and keeps what it gets. */
export class RawClient {
  readonly socket: Socket;
  version: ProtocolVersion = 4;
  connack!: Packet & { type: "connack" };
  closed = false;
  /** Does not look at what comes. */
  lenient = false;
  readonly received: Packet[] = [];
  #parser: Parser | undefined;
  #waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      if (this.lenient) return;
      this.#parser ??= new Parser({ version: this.version });
      this.#parser.push(chunk);
      for (let packet = this.#parser.next(); packet !== undefined; packet = this.#parser.next()) {
        if (packet.type === "error") throw packet;
        this.received.push(packet);
      }
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connectSocket({ port, host: "127.0.0.1", noDelay: true }, () => resolve(new RawClient(socket)));
      socket.once("error", reject);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  send(...packets: Packet[]): void {
    for (const packet of packets) if (packet.type === "connect") this.version = packet.version;
    this.socket.write(Buffer.concat(packets.map((packet) => Buffer.from(encode(packet, this.version)))));
  }

  bytes(hex: string): void {
    this.socket.write(Buffer.from(hex.replace(/\s/g, ""), "hex"));
  }

  /** The next packet, which has to be of this type. */
  async expect<Type extends Packet["type"]>(type: Type): Promise<Packet & { type: Type }> {
    while (this.received.length === 0 && !this.closed) await new Promise<void>((wake) => this.#waiting.push(wake));
    const packet = this.received.shift();
    if (packet?.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(packet) ?? "the end"}`);
    return packet as Packet & { type: Type };
  }

  /** Waits for the end; what came before it is left in `received`. */
  async end(): Promise<void> {
    while (!this.closed) await new Promise<void>((wake) => this.#waiting.push(wake));
  }

  /** Resolves when the broker has handled everything that was sent before. Takes nothing but its own answer. */
  async settle(): Promise<Packet[]> {
    this.send({ type: "pingreq" });
    const pong = () => this.received.findIndex((packet) => packet.type === "pingresp");
    while (pong() < 0 && !this.closed) await new Promise<void>((wake) => this.#waiting.push(wake));
    return this.received.splice(0, pong() + 1).slice(0, -1);
  }

  async subscribe(filter: string, qos: 0 | 1 | 2 = 1, more: Record<string, unknown> = {}): Promise<number> {
    this.send({
      type: "subscribe",
      packetId: 1,
      subscriptions: [{ filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0, ...more }],
    });
    return (await this.expect("suback")).reasonCodes[0]!;
  }

  publish(topic: string, payload: string, more: Partial<Packet & { type: "publish" }> = {}): void {
    this.send({
      type: "publish",
      topic,
      payload: Buffer.from(payload),
      qos: 0,
      retain: false,
      dup: false,
      packetId: more.qos ? 7 : 0,
      ...more,
    });
  }

  /** Publishes at QoS 1 and waits for the acknowledgement's reason code. */
  async publishAcknowledged(topic: string, payload: string, more: Partial<Packet & { type: "publish" }> = {}) {
    this.publish(topic, payload, { qos: 1, ...more });
    return (await this.expect("puback")).reasonCode;
  }

  acknowledge(packetId: number): void {
    this.send({ type: "puback", packetId, reasonCode: 0 });
  }
}

/** AWS's limits for tests that connect and retain more often than once a second, as no device does. */
export const unhurried = {
  connectsPerSecondPerClient: Number.POSITIVE_INFINITY,
  retainedPerSecondPerTopic: Number.POSITIVE_INFINITY,
};

export const textOf = (packet: { payload: Uint8Array }): string => Buffer.from(packet.payload).toString();

/** A database for `wrapDatabase` whose commits fail while `broken` is set. */
export function breakableDisk() {
  const disk = {
    broken: false,
    wrapDatabase: (database: Database): Database => ({
      dialect: database.dialect,
      query: (sql, params) => database.query(sql, params),
      commit: (writes) => (disk.broken ? Promise.reject(new Error("the disk is full")) : database.commit(writes)),
      close: () => database.close(),
    }),
  };
  return disk;
}
