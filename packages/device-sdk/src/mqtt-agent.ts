import {
  type Clock,
  isTopicFilter,
  isTopicName,
  type Logger,
  messageOf,
  silentLogger,
  systemClock,
} from "@hearth/base";
import type { IConnackPacket, MqttClient } from "mqtt";
import { type BackOff, holdProcess, pauseBefore, usualBackOff } from "./back-off.ts";
import { type ConnectionOptions, closeConnection, openConnection } from "./connection.ts";
import { AgentStoppedError, QueueFullError, RefusedError } from "./errors.ts";
import { PacketIds } from "./packet-ids.ts";
import { type Publication, PublicationQueue } from "./publication-queue.ts";
import { type MessageHandler, Subscriptions } from "./subscriptions.ts";

export interface AgentOptions {
  connection: ConnectionOptions;
  /** Publishes that may be waiting or unacknowledged at once; 1000 by default. */
  queueSize?: number;
  /** Publishes that may be unacknowledged at once; 20 by default, fewer where the broker says so. */
  window?: number;
  /** Milliseconds until a connection on which an acknowledgement is missing is given up; 30,000 by default. */
  acknowledgementTimeout?: number;
  /** Pauses between connection attempts; from half a second to a minute by default. */
  backOff?: BackOff;
  clock?: Clock;
  /** Between 0 and 1. */
  random?: () => number;
  log?: Logger;
}

/** What happened to the connection. */
export type AgentEvent =
  | { state: "connected"; sessionPresent: boolean }
  /** `reasonCode` is there when the broker gave one, in CONNACK or DISCONNECT. */
  | { state: "disconnected"; reason: string; reasonCode?: number }
  | { state: "stopped" };

/**
 * A client that any part of the program may use at any time (reference 11.1): commands go into a bounded queue, a
 * background task carries them out, in order, across as many connections as it takes.
 */
export interface MqttAgent {
  /** Begins to connect, and goes on until `stop`. Throws when the certificate, key or CA is not one. */
  start(): void;
  /** Resolves once connected and subscribed; rejects with AgentStoppedError when that will never be. */
  whenConnected(): Promise<void>;
  /**
   * Resolves when the broker has acknowledged (QoS 1, the default) or when the packet is on its way (QoS 0).
   * Rejects with QueueFullError, AgentStoppedError, RefusedError; a lost connection rejects nothing, the message is
   * sent again. A QoS 1 message may so arrive twice.
   */
  publish(topic: string, payload: string | Buffer, options?: { qos?: 0 | 1 }): Promise<void>;
  /**
   * Delivers what arrives on `filter` to `handler`, from now on and after every reconnect. Resolves when the broker
   * has granted it; rejects with RefusedError, and the handler stays (the platform sends some answers unasked).
   */
  subscribe(filter: string, handler: MessageHandler): Promise<void>;
  unsubscribe(filter: string): void;
  /** Calls `listener` for every change of the connection; the returned function ends that. */
  onEvent(listener: (event: AgentEvent) => void): () => void;
  /** Publishes that are not finished. */
  readonly pending: number;
  /** Takes no more commands, sends what is queued for at most `timeout` ms (5,000), disconnects; rejects the rest. */
  stop(options?: { timeout?: number }): Promise<void>;
}

/** A connection that lasted as long was a good one: the next pause is the shortest again. */
const STABLE_AFTER = 10_000;
/** The broker's reason "session taken over": hurrying back would only throw the other one out in turn. */
const SESSION_TAKEN_OVER = 0x8e;
const PACKET_TOO_LARGE = 0x95;

/** Makes an agent; it connects once `start` is called. */
export function createMqttAgent(options: AgentOptions): MqttAgent {
  return new Agent(options);
}

class Agent implements MqttAgent {
  readonly #connection: ConnectionOptions;
  readonly #queueSize: number;
  readonly #windowWanted: number;
  readonly #acknowledgementTimeout: number;
  readonly #backOff: BackOff;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: Logger;

  readonly #queue: PublicationQueue;
  readonly #subscriptions: Subscriptions;
  readonly #packetIds = new PacketIds();
  readonly #listeners = new Set<(event: AgentEvent) => void>();

  #state: "new" | "running" | "stopping" | "stopped" = "new";
  #client: MqttClient | undefined;
  /** CONNACK has come. */
  #greeting = false;
  /** Every subscription that was there then has been answered too. */
  #ready = false;
  #window = 0;
  #maximumPacketSize = Number.POSITIVE_INFINITY;
  #attempt = 0;
  #openedAt = 0;
  #cancelReconnect: (() => void) | undefined;
  #cancelWatchdog: (() => void) | undefined;
  #release: (() => void) | undefined;
  #whenReady: { resolve(): void; reject(error: Error): void }[] = [];
  #whenStopped: (() => void)[] = [];

  constructor(options: AgentOptions) {
    this.#connection = { sessionExpiry: 3600, ...options.connection };
    this.#queueSize = options.queueSize ?? 1000;
    this.#windowWanted = options.window ?? 20;
    this.#acknowledgementTimeout = options.acknowledgementTimeout ?? 30_000;
    this.#backOff = options.backOff ?? usualBackOff;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#log = options.log ?? silentLogger;
    this.#queue = new PublicationQueue(this.#queueSize);
    this.#subscriptions = new Subscriptions(this.#log);
  }

  get pending(): number {
    return this.#queue.size;
  }

  start(): void {
    if (this.#state !== "new") return;
    this.#connect();
    this.#state = "running";
    this.#release = holdProcess();
  }

  whenConnected(): Promise<void> {
    if (this.#ready) return Promise.resolve();
    if (this.#ended()) return Promise.reject(new AgentStoppedError());
    return new Promise((resolve, reject) => this.#whenReady.push({ resolve, reject }));
  }

  publish(topic: string, payload: string | Buffer, { qos = 1 }: { qos?: 0 | 1 } = {}): Promise<void> {
    if (this.#ended()) return Promise.reject(new AgentStoppedError());
    if (!isTopicName(topic)) return Promise.reject(new RangeError(`not a topic to publish to: ${topic}`));
    return new Promise((resolve, reject) => {
      // Buffer.from copies: what the caller does to its buffer afterwards must not reach the wire.
      const added = this.#queue.add({ topic, payload: Buffer.from(payload), qos, resolve, reject });
      if (added) this.#pump();
      else reject(new QueueFullError(this.#queueSize));
    });
  }

  subscribe(filter: string, handler: MessageHandler): Promise<void> {
    if (this.#ended()) return Promise.reject(new AgentStoppedError());
    if (!isTopicFilter(filter)) return Promise.reject(new RangeError(`not a topic filter: ${filter}`));
    const granted = this.#subscriptions.add(filter, handler);
    if (this.#greeting && this.#client) this.#request(this.#client, [filter]);
    return granted;
  }

  unsubscribe(filter: string): void {
    if (this.#subscriptions.remove(filter) && this.#greeting) this.#client?.unsubscribe(filter, () => {});
  }

  onEvent(listener: (event: AgentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stop({ timeout = 5000 }: { timeout?: number } = {}): Promise<void> {
    if (this.#state === "stopped" && !this.#release) return;
    const stopped = new Promise<void>((resolve) => this.#whenStopped.push(resolve));
    if (this.#ended()) return stopped;
    const worthWaiting = this.#state === "running" && this.pending > 0;
    this.#state = "stopping";
    const cancel = this.#clock.after(timeout, () => this.#finish());
    if (!worthWaiting) this.#finish();
    await stopped;
    cancel();
  }

  #ended(): boolean {
    return this.#state === "stopping" || this.#state === "stopped";
  }

  #connect(): void {
    const client = openConnection(this.#connection, this.#packetIds);
    this.#client = client;
    this.#openedAt = this.#clock.now();
    let reason = "the connection was closed";
    let reasonCode: number | undefined;
    client.on("error", (error) => {
      reason = messageOf(error);
      // A refused CONNACK has a number here, a failed socket a text such as ECONNREFUSED.
      if ("code" in error && typeof error.code === "number") reasonCode = error.code;
    });
    client.on("disconnect", (packet) => {
      reasonCode = packet.reasonCode;
      reason = `the broker disconnected with reason code ${reasonCode}`;
    });
    client.on("message", (topic, payload) => this.#subscriptions.deliver(topic, payload));
    client.on("connect", (packet) => this.#greeted(client, packet));
    client.on("close", () => {
      if (this.#client !== client) return;
      this.#lost(reason, reasonCode);
    });
  }

  /** CONNACK has come: subscribe, then let the queue flow, so that no answer can miss its subscription. */
  async #greeted(client: MqttClient, packet: IConnackPacket): Promise<void> {
    if (this.#client !== client) return;
    this.#window = Math.min(this.#windowWanted, packet.properties?.receiveMaximum ?? Number.POSITIVE_INFINITY);
    this.#maximumPacketSize = packet.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
    this.#greeting = true;
    // Even when the session is there: it may be older than what is wanted now.
    const answered = await this.#request(client, this.#subscriptions.filters);
    if (this.#client !== client || !answered) return;
    this.#ready = true;
    this.#emit({ state: "connected", sessionPresent: packet.sessionPresent });
    for (const { resolve } of this.#whenReady.splice(0)) resolve();
    this.#pump();
  }

  async #request(client: MqttClient, filters: string[]): Promise<boolean> {
    const cancel = this.#clock.after(this.#acknowledgementTimeout, () => this.#giveUp(client, "no SUBACK in time"));
    const answered = await this.#subscriptions.request(client, filters);
    cancel();
    return answered;
  }

  #pump(): void {
    const client = this.#client;
    if (!client || !this.#ready) return;
    for (;;) {
      const publication = this.#queue.next(this.#window);
      if (!publication) break;
      this.#send(client, publication);
    }
    if (this.#state === "stopping" && this.pending === 0) this.#finish();
  }

  #send(client: MqttClient, publication: Publication): void {
    const { topic, payload, qos, packetId } = publication;
    // Fixed header, the topic's length, packet identifier and property length take at most 16 bytes more.
    if (Buffer.byteLength(topic) + payload.length + 16 > this.#maximumPacketSize) {
      publication.reject(new RefusedError(`a message of ${payload.length} bytes is too large`, PACKET_TOO_LARGE));
      return;
    }
    if (qos === 0) {
      client.publish(topic, payload, { qos: 0 });
      publication.resolve();
      return;
    }
    this.#queue.sent(publication);
    const publish = (dup: boolean) =>
      client.publish(topic, payload, { qos: 1, dup }, (error) => this.#acknowledged(client, publication, error));
    if (packetId === undefined) {
      publish(false);
      publication.packetId = this.#packetIds.getLastAllocated();
    } else this.#packetIds.reuse(packetId, () => publish(true));
    this.#watch(client);
  }

  #acknowledged(client: MqttClient, publication: Publication, error?: Error): void {
    const reasonCode = error && "code" in error ? error.code : undefined;
    // Without a code the connection is going: the message stays and is sent again.
    if (this.#client !== client || (error && typeof reasonCode !== "number")) return;
    if (!this.#queue.finished(publication)) return;
    this.#cancelWatchdog?.();
    this.#cancelWatchdog = undefined;
    if (this.#queue.inFlight > 0) this.#watch(client);
    if (typeof reasonCode === "number") {
      publication.reject(new RefusedError(`the broker refused the message: ${messageOf(error)}`, reasonCode));
    } else publication.resolve();
    this.#pump();
  }

  /** MQTT forbids re-sending on a live connection, so one whose acknowledgements do not come is given up. */
  #watch(client: MqttClient): void {
    this.#cancelWatchdog ??= this.#clock.after(this.#acknowledgementTimeout, () =>
      this.#giveUp(client, "no PUBACK in time"),
    );
  }

  #giveUp(client: MqttClient, reason: string): void {
    if (this.#client !== client) return;
    this.#log.warn({ reason }, "the connection is given up");
    this.#lost(reason);
    client.end(true);
  }

  #lost(reason: string, reasonCode?: number): void {
    this.#forgetClient();
    this.#log.info({ reason, reasonCode }, "disconnected");
    if (this.#clock.now() - this.#openedAt >= STABLE_AFTER) this.#attempt = 0;
    if (reasonCode === SESSION_TAKEN_OVER) this.#attempt = Math.max(this.#attempt, 10);
    const wait = pauseBefore(this.#attempt++, this.#backOff, this.#random);
    this.#cancelReconnect = this.#clock.after(wait, () => this.#connect());
    this.#emit({ state: "disconnected", reason, ...(reasonCode === undefined ? {} : { reasonCode }) });
  }

  #forgetClient(): void {
    this.#client = undefined;
    this.#greeting = false;
    this.#ready = false;
    this.#cancelWatchdog?.();
    this.#cancelWatchdog = undefined;
    this.#packetIds.retain(this.#queue.rewind());
  }

  #finish(): void {
    if (this.#state === "stopped") return;
    this.#state = "stopped";
    this.#cancelReconnect?.();
    const client = this.#client;
    const polite = this.#ready && this.#queue.inFlight === 0;
    this.#forgetClient();
    for (const { reject } of this.#queue.clear()) reject(new AgentStoppedError("stopped before it was acknowledged"));
    for (const { reject } of this.#whenReady.splice(0)) reject(new AgentStoppedError());
    this.#subscriptions.stop();
    const done = () => {
      this.#release?.();
      this.#release = undefined;
      this.#emit({ state: "stopped" });
      for (const resolve of this.#whenStopped.splice(0)) resolve();
    };
    if (client) closeConnection(client, polite, this.#clock).then(done);
    else done();
  }

  #emit(event: AgentEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#log.error({ error: messageOf(error) }, "a connection listener failed");
      }
    }
  }
}
