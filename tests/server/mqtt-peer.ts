import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import {
  type AcknowledgementPacket,
  encode,
  type Packet,
  Parser,
  type ProtocolVersion,
  type PublishPacket,
  type Qos,
  Reason,
} from "@hearth/mqtt";

/** Opens a socket to the server; what is written before it is connected waits. */
export type Door = () => Socket;

export interface PeerOptions {
  clientId: string;
  version: ProtocolVersion;
  /** Deliveries that may wait for this client (MQTT 5). */
  receiveMaximum?: number;
  /** Each PUBLISH as it comes; `again`: a QoS 2 packet whose identifier is held between PUBREC and PUBREL. */
  onPublish?(packet: PublishPacket, again: boolean): void;
  /** What the server must not do. */
  onProblem(problem: string): void;
}

/** A publication that the server has not taken for good. */
interface Outgoing {
  packet: PublishPacket;
  /** PUBREC has come: what is sent again is PUBREL. */
  released: boolean;
  /** PUBACK or PUBREC has come: the server answers for the message. */
  acknowledged(): void;
  /** It goes out once more. */
  resent(): void;
}

const ACKNOWLEDGE_WITHIN = 4;
const ANSWER_WITHIN = 60_000;

/**
 * A client whose session state survives its connections, as section 4.1 asks: identifiers of what it has sent, in
 * order, and of what it has received at QoS 2. Whatever the socket still holds after the server's end counts as received.
 */
export class MqttPeer {
  /** Of the connections so far; the first is 1. */
  connection = 0;
  readonly #options: PeerOptions;
  readonly #outgoing = new Map<number, Outgoing>();
  readonly #received = new Set<number>();
  #lastPacketId = 0;
  #socket: Socket | undefined;
  #closed: Promise<void> = Promise.resolve();
  #acknowledgements: Packet[] = [];
  readonly #answers = new Map<string, (packet: Packet) => void>();

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  get clientId(): string {
    return this.#options.clientId;
  }

  /** Publications whose handshake is under way. */
  get pending(): number {
    return this.#outgoing.size;
  }

  /**
   * Connects, sends again what is pending in the order of its first sending, and tells whether there was a session.
   * `clean`: to a new session. `transient`: to one that ends with the connection (MQTT 5).
   */
  async connect(door: Door, clean = false, transient = false): Promise<boolean> {
    const { version, clientId, receiveMaximum } = this.#options;
    const parser = new Parser({ version });
    const socket = door().setNoDelay();
    this.#socket = socket;
    this.connection += 1;
    this.#acknowledgements = [];
    if (clean) {
      this.#outgoing.clear();
      this.#received.clear();
    }
    this.#closed = new Promise((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      parser.push(chunk);
      for (let packet = parser.next(); packet !== undefined; packet = parser.next()) {
        if (packet.type === "error") {
          this.#problem(packet.message);
          return;
        }
        this.#handle(packet);
      }
    });
    const answer = this.#answer("connack");
    this.#send({
      type: "connect",
      version,
      clean,
      keepAlive: 0,
      clientId,
      ...(version === 5
        ? {
            properties: {
              sessionExpiryInterval: transient ? 0 : 3600,
              ...(receiveMaximum === undefined ? {} : { receiveMaximum }),
            },
          }
        : {}),
    });
    const connack = await answer;
    if (connack.type !== "connack" || connack.reasonCode !== 0) throw new Error(`refused: ${JSON.stringify(connack)}`);
    for (const [packetId, { packet, released, resent }] of this.#outgoing) {
      if (released) this.#send({ type: "pubrel", packetId, reasonCode: Reason.Success });
      else {
        resent();
        this.#send({ ...packet, dup: true });
      }
    }
    return connack.sessionPresent;
  }

  /** Returns once the server has granted `qos`, or the connection is gone (false). */
  async subscribe(filter: string, qos: Qos): Promise<boolean> {
    const packetId = this.#freePacketId();
    const answer = this.#answer(`suback ${packetId}`);
    const subscription = { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 as const };
    this.#send({ type: "subscribe", packetId, subscriptions: [subscription] });
    const suback = await Promise.race([answer, this.#closed]);
    if (suback === undefined) return false;
    if (suback.type !== "suback" || suback.reasonCodes[0] !== qos) this.#problem(`${filter} not granted at QoS ${qos}`);
    return true;
  }

  /** Returns once the server has confirmed it, or the connection is gone (false). */
  async unsubscribe(filter: string): Promise<boolean> {
    const packetId = this.#freePacketId();
    const answer = this.#answer(`unsuback ${packetId}`);
    this.#send({ type: "unsubscribe", packetId, filters: [filter] });
    return (await Promise.race([answer, this.#closed])) !== undefined;
  }

  publish(
    message: Pick<PublishPacket, "topic" | "payload" | "qos" | "retain">,
    { acknowledged, resent }: Pick<Outgoing, "acknowledged" | "resent">,
  ): void {
    const packet: PublishPacket = { type: "publish", ...message, dup: false, packetId: this.#freePacketId() };
    this.#outgoing.set(packet.packetId, { packet, released: false, acknowledged, resent });
    this.#send(packet);
  }

  /** Publishes at QoS 0; resolves when the socket has room for more. */
  async publishUnacknowledged(topic: string, payload: Uint8Array): Promise<void> {
    const packet = { type: "publish", topic, payload, qos: 0, retain: false, dup: false, packetId: 0 } as const;
    if (!this.#send(packet)) await new Promise((resolve) => this.#socket!.once("drain", resolve));
  }

  /** From now on nothing that comes is read. */
  stopReading(): void {
    this.#socket!.pause();
  }

  readOn(): void {
    this.#socket!.resume();
  }

  get bytesRead(): number {
    return this.#socket!.bytesRead;
  }

  /** Everything that the server had sent before is here. */
  async ping(): Promise<void> {
    this.#flush();
    const answer = this.#answer("pingresp");
    this.#send({ type: "pingreq" });
    await answer;
  }

  /** Resolves when the server has closed the connection and all that it had sent is handled. */
  gone(): Promise<void> {
    return this.#closed;
  }

  /** Cuts the connection without a word. */
  async cut(): Promise<void> {
    this.#socket?.destroy();
    await this.#closed;
  }

  #problem(problem: string): void {
    this.#options.onProblem(`${this.clientId}: ${problem}`);
  }

  #answer(key: string): Promise<Packet> {
    const answer = new Promise<Packet>((resolve) => {
      this.#answers.set(key, resolve);
    });
    const late = pause(ANSWER_WITHIN, undefined, { ref: false }).then(() => {
      throw new Error(`${this.clientId}: no ${key}`);
    });
    late.catch(() => {});
    return Promise.race([answer, late]);
  }

  #answered(key: string, packet: Packet): void {
    this.#answers.get(key)?.(packet);
    this.#answers.delete(key);
  }

  #freePacketId(): number {
    do this.#lastPacketId = (this.#lastPacketId % 65_535) + 1;
    while (this.#outgoing.has(this.#lastPacketId));
    return this.#lastPacketId;
  }

  /** False when the socket is full. */
  #send(packet: Packet): boolean {
    if (!this.#socket?.writable) return true;
    // A copy: what `encode` returns is shared.
    return this.#socket.write(Buffer.from(encode(packet, this.#options.version)));
  }

  /** Acknowledgements go out in order [MQTT-4.6.0-2], a little later, so that a kill finds deliveries under way. */
  #acknowledge(packet: AcknowledgementPacket): void {
    if (this.#acknowledgements.length === 0) {
      const { connection } = this;
      setTimeout(() => {
        if (this.connection === connection) this.#flush();
      }, Math.random() * ACKNOWLEDGE_WITHIN);
    }
    this.#acknowledgements.push(packet);
  }

  #flush(): void {
    for (const packet of this.#acknowledgements) this.#send(packet);
    this.#acknowledgements = [];
  }

  #handle(packet: Packet): void {
    switch (packet.type) {
      case "publish": {
        const again = packet.qos === 2 && this.#received.has(packet.packetId);
        this.#options.onPublish?.(packet, again);
        const { packetId } = packet;
        if (packet.qos === 2) this.#received.add(packetId);
        if (packet.qos > 0) {
          this.#acknowledge({ type: packet.qos === 1 ? "puback" : "pubrec", packetId, reasonCode: Reason.Success });
        }
        break;
      }
      case "pubrel":
        this.#received.delete(packet.packetId);
        this.#acknowledge({ type: "pubcomp", packetId: packet.packetId, reasonCode: Reason.Success });
        break;
      case "puback":
      case "pubrec":
      case "pubcomp":
        this.#taken(packet);
        break;
      case "suback":
      case "unsuback":
        this.#answered(`${packet.type} ${packet.packetId}`, packet);
        break;
      case "disconnect":
        this.#problem(`disconnected with ${packet.reasonCode} ${packet.properties?.reasonString ?? ""}`);
        break;
      default:
        this.#answered(packet.type, packet);
    }
  }

  #taken({ type, packetId, reasonCode }: AcknowledgementPacket): void {
    const outgoing = this.#outgoing.get(packetId);
    if (outgoing === undefined) {
      this.#problem(`${type} ${packetId} for nothing`);
      return;
    }
    const forgotten = type === "pubcomp" && reasonCode === Reason.PacketIdentifierNotFound;
    if (reasonCode >= 0x80 && !forgotten) this.#problem(`${type} with ${reasonCode}`);
    const expected = outgoing.packet.qos === 1 ? "puback" : outgoing.released ? "pubcomp" : "pubrec";
    if (type !== expected) {
      this.#problem(`${type} ${packetId} where ${expected} was due`);
      return;
    }
    if (type !== "pubcomp") outgoing.acknowledged();
    if (type === "pubrec") {
      outgoing.released = true;
      this.#send({ type: "pubrel", packetId, reasonCode: Reason.Success });
    } else this.#outgoing.delete(packetId);
  }
}
