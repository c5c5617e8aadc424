import type { Duplex } from "node:stream";
import { messageOf, uuid } from "@hearth/base";
import type { Publisher } from "@hearth/iot";
import {
  type AcknowledgementPacket,
  encode,
  type MqttError,
  type Packet,
  Parser,
  type Properties,
  type ProtocolVersion,
  Reason,
} from "@hearth/mqtt";
import type { AccountRates } from "./account-rates.ts";
import { Acknowledgements, type AcknowledgementWriter } from "./acknowledgements.ts";
import type { Authorizer } from "./authorizer.ts";
import { type Ending, leaveSocket, noteEnd, onEnd } from "./connection-end.ts";
import type { ConnectionNote } from "./connection-log.ts";
import { delayedNote, wordsForBytes, wordsForEnd } from "./connection-words.ts";
import type { BrokerContext } from "./context.ts";
import { describeConnection } from "./device-connections.ts";
import type { ConnectionIdentity } from "./identity.ts";
import { KeepAlive } from "./keep-alive.ts";
import type { LimitName } from "./limits.ts";
import type { OutboundAliases } from "./outbound-aliases.ts";
import { onAuth } from "./packets/auth.ts";
import { onConnect, refuseForNow, refuseVersion } from "./packets/connect.ts";
import { onDisconnect } from "./packets/disconnect.ts";
import { onPingreq } from "./packets/pingreq.ts";
import { onPuback } from "./packets/puback.ts";
import { onPubcomp } from "./packets/pubcomp.ts";
import { onPublish } from "./packets/publish.ts";
import { onPubrec } from "./packets/pubrec.ts";
import { onPubrel } from "./packets/pubrel.ts";
import { onSubscribe } from "./packets/subscribe.ts";
import { onUnsubscribe } from "./packets/unsubscribe.ts";
import type { Presented } from "./presence.ts";
import { Rate } from "./rate.ts";
import { disconnectCode } from "./reason-codes.ts";
import type { HeldBack, Receiver } from "./receiver.ts";
import type { Session } from "./session.ts";
import { Throughput } from "./throughput.ts";
import { WriteQueue } from "./write-queue.ts";

/** Bytes in the socket from which on messages above QoS 0 are held back. */
const HOLD = 64 * 1024;

/** Bytes that CONNACK or DISCONNECT has around its reason string, at most. */
const AROUND_REASON = 14;

/** One client on one socket: reads packets in order, hands each to its rules, and writes what comes of it. */
export class Connection implements Receiver, AcknowledgementWriter {
  readonly context: BrokerContext;
  readonly identity: ConnectionIdentity;
  /** `waiting` for CONNECT, `connecting` until CONNACK, `open`, `closed`. */
  state: "waiting" | "connecting" | "open" | "closed" = "waiting";
  clientId = "";
  publisher: Publisher;
  authorizer: Authorizer | undefined;
  session: Session | undefined;
  presented: Presented | undefined;
  /** Milliseconds since the epoch. */
  connectedAt = 0;
  /** Seconds. */
  keepAliveAsked = 0;
  readonly sessionIdentifier = uuid();
  /** Properties of CONNECT that bind the server. */
  sendMaximum: number;
  maximumPacketSize = Number.POSITIVE_INFINITY;
  problemInformation = true;
  aliases: Map<number, string> | undefined;
  /** Of the topics in `aliases`. */
  aliasBytes = 0;
  outboundAliases: OutboundAliases | undefined;
  readonly keepAlive: KeepAlive;
  readonly acknowledgements: Acknowledgements;
  readonly #socket: Duplex;
  readonly #parser: Parser;
  readonly #out: WriteQueue;
  readonly rates: AccountRates;
  readonly #rate: Rate | undefined;
  /** Whether there is a rate at all that deliveries may go beyond. */
  readonly #rated: boolean;
  #throughput: Throughput | undefined;
  #cancelDelay: (() => void) | undefined;
  /** Until the connection is open. */
  #cancelTimeout: (() => void) | undefined;
  /** Handlers under way that packets have to wait for, and publications under way. */
  #holds = 0;
  #publishing = 0;
  #pumping = false;
  #paused = false;
  #refreshing: Promise<void> | undefined;
  #staleAgain = false;

  constructor(context: BrokerContext, socket: Duplex, identity: ConnectionIdentity) {
    const { limits, clock } = context;
    this.context = context;
    this.identity = identity;
    const { accountId, region, principalId, certificateId, sourceIp } = identity;
    this.publisher = { accountId, region, principalId, certificateId, sourceIp };
    this.sendMaximum = limits.sendMaximum;
    this.keepAlive = new KeepAlive(clock);
    this.acknowledgements = new Acknowledgements(this);
    this.#socket = socket;
    this.#parser = new Parser({ maximumPacketSize: limits.packetSize });
    if (limits.bytesPerSecond !== Number.POSITIVE_INFINITY) {
      this.#throughput = new Throughput(clock, limits.bytesPerSecond);
    }
    this.#out = new WriteQueue(socket, context.flusher, this.#throughput && ((bytes) => this.#mayLeave(bytes)));
    this.rates = context.rates.of(accountId);
    this.#rate = Rate.of(clock, limits.publishesPerSecond);
    this.#rated = Math.min(limits.publishesPerSecond, limits.outboundPerSecond) < Number.POSITIVE_INFINITY;
    this.#cancelTimeout = clock.after(limits.connectTimeout * 1000, () => {
      context.limitReached(undefined, "connectTimeout", "no CONNECT in time: closed");
      this.close({ reason: "CLIENT_ERROR", detail: "did not send CONNECT in time", limit: "connectTimeout" });
    });
    socket.on("data", (chunk: Uint8Array) => this.#received(chunk));
    socket.on("drain", () => this.#drained());
    onEnd(socket, (error) => this.#lost(error));
  }

  get version(): ProtocolVersion {
    return this.#parser.version ?? 4;
  }

  get holding(): boolean {
    return this.#out.backlog > HOLD;
  }

  get overflowing(): boolean {
    return this.#out.backlog > this.context.limits.backlog;
  }

  mayReceive(topic: string): boolean {
    return this.authorizer?.receive(topic).allowed ?? false;
  }

  receiveDenial(topic: string): string {
    return this.authorizer?.receive(topic).reason ?? "the client has no rights";
  }

  /** Adds a line about this connection to the connection log. */
  note(note: ConnectionNote): void {
    const { accountId, principalId, certificateId, sourceIp, protocol = "MQTT" } = this.identity;
    const clientId = this.clientId || undefined;
    this.context.connectionLog.note({ accountId, clientId, principalId, certificateId, sourceIp, protocol }, note);
  }

  spend(): boolean {
    if (!this.#rated) return true;
    const { limitReached } = this.context;
    if (this.#rate?.spend() === false) {
      limitReached(this.clientId, "publishesPerSecond", "a delivery was discarded");
      return false;
    }
    if (this.rates.outbound.spend()) return true;
    limitReached(this.clientId, "outboundPerSecond", "a delivery was discarded");
    return false;
  }

  heldBack(): HeldBack | undefined {
    if (!this.#rated) return undefined;
    const own = this.#rate?.wait ?? 0;
    if (own > 0) return { limit: "publishesPerSecond", wait: own };
    const { wait } = this.rates.outbound;
    return wait > 0 ? { limit: "outboundPerSecond", wait } : undefined;
  }

  /** Takes one publication of the client for this second; the limit that it is beyond, or undefined. */
  spendInbound(): LimitName | undefined {
    if (this.#rate?.spend() === false) return "publishesPerSecond";
    return this.rates.inbound.spend() ? undefined : "inboundPerSecond";
  }

  /**
   * Sends a packet unless it is larger than the client takes [MQTT-3.1.2-24]. Explanations are left out first; a client
   * that has no room for an answer that it needs is left. False: it was not sent.
   */
  send(packet: Packet): boolean {
    const frame = encode(packet, this.version);
    if (frame.length > this.maximumPacketSize) return this.#sendSmaller(packet);
    this.write(frame);
    return true;
  }

  #sendSmaller(packet: Packet): boolean {
    if ("properties" in packet && packet.properties?.reasonString !== undefined) {
      const { reasonString: _, ...rest } = packet.properties;
      return this.send({ ...packet, properties: Object.keys(rest).length > 0 ? rest : undefined });
    }
    this.context.metrics.droppedTooLarge += 1;
    if (packet.type !== "disconnect") {
      const detail = `${packet.type} is larger than the client's maximum packet size`;
      const withoutWill = this.state !== "open";
      this.close({ reason: "CLIENT_ERROR", code: Reason.PacketTooLarge, detail, withoutWill });
    }
    return false;
  }

  write(frame: Uint8Array): void {
    this.context.metrics.bytesOut += frame.length;
    this.#out.push(frame);
  }

  /** A reason string, where the client wants to hear it [MQTT-3.1.2-29] and can take it [MQTT-3.2.2-19, 3.14.2-3]. */
  explain(reason: string): Properties | undefined {
    if (this.version !== 5 || !this.problemInformation) return undefined;
    return Buffer.byteLength(reason) + AROUND_REASON > this.maximumPacketSize ? undefined : { reasonString: reason };
  }

  acknowledge(qos: 1 | 2, packetId: number, reasonCode: number): void {
    this.send({ type: qos === 1 ? "puback" : "pubrec", packetId, reasonCode });
  }

  #lost(error: unknown): void {
    if (this.state === "closed") return;
    if (!(error instanceof Error)) this.close({ reason: "CONNECTION_LOST" });
    else {
      const detail = messageOf(error);
      this.close({ reason: "CONNECTION_LOST", detail, why: `${wordsForEnd("CONNECTION_LOST")} (${detail})` });
    }
  }

  #received(chunk: Uint8Array): void {
    if (this.state === "closed") return;
    const { flusher, metrics } = this.context;
    metrics.bytesIn += chunk.length;
    flusher.begin();
    try {
      this.#parser.push(chunk);
      if (this.#throughput !== undefined) {
        this.#throughput.spend(chunk.length);
        this.#delay(this.#throughput.wait);
      }
      this.pump();
      // The socket reads the next chunk into the same memory.
      this.#parser.keep();
    } finally {
      flusher.end();
    }
  }

  /** Whether bytes may be written now; what the client is told at its end never waits. */
  #mayLeave(bytes: number): boolean {
    if (this.#throughput === undefined || this.state === "closed") return true;
    const { wait } = this.#throughput;
    if (wait > 0) this.#delay(wait);
    else this.#throughput.spend(bytes);
    return wait === 0;
  }

  /** Leaves packets unread and unwritten for `wait` milliseconds. */
  #delay(wait: number): void {
    if (wait === 0 || this.#cancelDelay !== undefined) return;
    const { clock, limitReached, limits } = this.context;
    limitReached(this.clientId || undefined, "bytesPerSecond", "a connection's bytes were delayed");
    this.note(delayedNote(limits));
    this.#cancelDelay = clock.after(wait, () => {
      this.#cancelDelay = undefined;
      this.#out.flush();
      this.#drained();
    });
  }

  #drained(): void {
    this.session?.pump();
    this.pump();
  }

  /** Whether packets stay unread for now, which in the end lets the client's writes wait. */
  get #blocked(): boolean {
    const { limits } = this.context;
    return (
      this.state === "connecting" ||
      this.#holds > 0 ||
      this.#cancelDelay !== undefined ||
      this.#publishing >= limits.publishesInFlight ||
      // A client of 3.1.1 knows no receive maximum; it is made to wait instead.
      (this.version === 4 && this.acknowledgements.waiting >= limits.receiveMaximum) ||
      this.overflowing
    );
  }

  /** Handles the packets that are there. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    let heard = false;
    let blocked = this.#blocked;
    while (this.state !== "closed" && !blocked) {
      const packet = this.#parser.next();
      if (packet === undefined) break;
      if (packet.type === "error") this.#broken(packet);
      else {
        this.context.metrics.packetsIn += 1;
        heard = true;
        this.#handle(packet);
      }
      blocked = this.#blocked;
    }
    this.#pumping = false;
    if (heard) this.keepAlive.heard();
    if (this.state !== "closed" && blocked !== this.#paused) {
      this.#paused = !this.#paused;
      if (this.#paused) {
        this.#socket.pause();
        // What holds the packets back may be the flush that is about to happen.
        this.#out.flush();
      } else this.#socket.resume();
    }
  }

  #broken(error: MqttError): void {
    this.context.metrics.protocolErrors += 1;
    const limit = error.reasonCode === Reason.PacketTooLarge ? "packetSize" : undefined;
    if (limit !== undefined)
      this.context.limitReached(this.clientId || undefined, limit, "a packet is too large: closed");
    if (this.state === "waiting") refuseVersion(this, error);
    const { reasonCode: code, message: detail } = error;
    this.close({ reason: "CLIENT_ERROR", code, detail, limit, why: wordsForBytes(error) });
  }

  #handle(packet: Packet): void {
    switch (packet.type) {
      case "publish":
        onPublish(this, packet);
        break;
      case "puback":
        onPuback(this, packet);
        break;
      case "pubrec":
      case "pubrel":
      case "pubcomp":
        this.#exactlyOnce(packet);
        break;
      case "connect":
        this.#connect(packet);
        break;
      case "subscribe":
        onSubscribe(this, packet);
        break;
      case "unsubscribe":
        onUnsubscribe(this, packet);
        break;
      case "pingreq":
        onPingreq(this);
        break;
      case "disconnect":
        onDisconnect(this, packet);
        break;
      case "auth":
        onAuth(this, packet);
        break;
      default:
        // Only a server sends the rest.
        this.violates(`${packet.type} is not for a server`);
    }
  }

  #exactlyOnce(packet: AcknowledgementPacket): void {
    if (!this.context.limits.qos2) this.violates(`${packet.type} without QoS 2`, Reason.ProtocolError, "qos2");
    else if (packet.type === "pubrel") onPubrel(this, packet);
    else if (packet.type === "pubrec") onPubrec(this, packet);
    else onPubcomp(this, packet);
  }

  #connect(packet: Packet & { type: "connect" }): void {
    this.state = "connecting";
    onConnect(this, packet).catch((error: unknown) => {
      this.context.log.error({ clientId: packet.clientId, reason: messageOf(error) }, "a connection failed");
      refuseForNow(this);
      this.close({ reason: "SERVER_ERROR", code: Reason.Unspecified });
    });
  }

  /** CONNACK is on its way: the connection is its client's. */
  opened(): void {
    this.state = "open";
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
    this.context.metrics.connections += 1;
    if (this.#staleAgain) this.refresh();
  }

  /** Leaves further packets unread until `work` is done; a failure ends the connection. */
  hold(work: Promise<unknown>): void {
    this.#holds += 1;
    this.#finish(work, () => {
      this.#holds -= 1;
    });
  }

  /** Counts a publication that is under way; too many of them leave further packets unread. */
  publishing(work: Promise<unknown>): void {
    this.#publishing += 1;
    this.#finish(work, () => {
      this.#publishing -= 1;
    });
  }

  #finish(work: Promise<unknown>, release: () => void): void {
    work
      .catch((error: unknown) => {
        const { clientId } = this;
        this.context.log.error({ clientId, reason: messageOf(error) }, "a packet could not be handled");
        this.close({ reason: "SERVER_ERROR", code: Reason.ImplementationSpecific });
      })
      .then(() => {
        release();
        this.pump();
      });
  }

  /** The connection's permissions have changed: packets wait until the new ones are there. */
  refresh(): void {
    const { authorizer, state } = this;
    if (state === "waiting" || state === "closed") return;
    if (state === "connecting" || authorizer === undefined || this.#refreshing !== undefined) {
      this.#staleAgain = true;
      return;
    }
    const fetch = async () => {
      do {
        this.#staleAgain = false;
        authorizer.replace(await this.identity.permissionsFor(this.clientId));
      } while (this.#staleAgain);
    };
    this.#refreshing = fetch().finally(() => {
      this.#refreshing = undefined;
    });
    this.hold(this.#refreshing);
  }

  /** The client broke a rule of the protocol that only the broker can see, or went beyond a limit of the broker's. */
  violates(detail: string, code: number = Reason.ProtocolError, limit?: LimitName): void {
    this.context.metrics.protocolErrors += 1;
    if (limit !== undefined) this.context.limitReached(this.clientId, limit, `${detail}: closed`);
    this.close({ reason: "CLIENT_ERROR", code, detail, limit });
  }

  /** Ends the connection, once. */
  close(ending: Ending): void {
    if (this.state === "closed") return;
    const before = this.state;
    const { context, session, presented } = this;
    const code = disconnectCode(ending.code, context.limits);
    if (before === "open" && this.version === 5 && code !== undefined) {
      this.send({
        type: "disconnect",
        reasonCode: code,
        properties: ending.detail ? this.explain(ending.detail) : undefined,
      });
    }
    this.state = "closed";
    this.#cancelTimeout?.();
    this.#cancelDelay?.();
    this.keepAlive.stop();
    this.#out.flush();
    leaveSocket(this.#socket, context.clock);
    context.connections.remove(this);
    noteEnd(this, before, ending);
    if (session !== undefined) context.sessions.leave(session, ending.withoutWill ? undefined : session.will);
    if (before === "open" && presented !== undefined) {
      context.metrics.connections -= 1;
      const { accountId } = this.identity;
      context.past.remember(accountId, this.clientId, describeConnection(this, ending.reason));
      context.presence.disconnected(presented, ending.reason, ending.clientInitiated ?? false);
    }
  }

  /** Ends the connection because the server stops; resolves when the socket is gone. */
  shutDown(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      if (this.#socket.closed) resolve();
      else this.#socket.once("close", () => resolve());
    });
    this.close({ reason: "SERVER_INITIATED_DISCONNECT", code: Reason.ServerShuttingDown });
    return gone;
  }
}
