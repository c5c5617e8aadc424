import { join } from "node:path";
import { messageOf } from "@hearth/base";
import type { AgentEvent, BackOff, JsonObject } from "@hearth/device-sdk";
import { openCertificateHandler } from "../certificates/open-handler.ts";
import { type Configuration, ConfigurationError, openConfiguration } from "../configuration/configuration.ts";
import type { Part, PartContext } from "../part.ts";
import { createDelivery, type Delivery, LISTENERS } from "./delivery.ts";
import { type OutboundQueue, openOutboundQueue, ProxyError, type QueueLimits } from "./outbound-queue.ts";
import type { Channel, Uplink } from "./proxy-service.ts";
import { createSender, type Sender, topicOf } from "./sender.ts";
import { subscribeSouthbound } from "./southbound.ts";
import { createUplink } from "./uplink.ts";

export interface MqttProxyOptions {
  limits?: Partial<QueueLimits>;
  backOff?: BackOff;
  /** Services without which nobody would hear the cloud; those of the whole hub unless said otherwise. */
  listeners?: readonly string[];
}

const CHANNELS: readonly Channel[] = ["control", "setup", "logs", "capabilities"];
/** Whose messages may be lost with the connection: they have no number that others could overtake. */
const VOLATILE: readonly Channel[] = ["logs", "capabilities"];
/** What the platform takes (reference 1.5), less the number and the time that the queue adds. */
const MAX_BYTES = 131_072 - 128;
/** The platform's "session taken over", and "administrative action", after which the client is not wanted any more. */
const SESSION_TAKEN_OVER = 0x8e;
const ADMINISTRATIVE_ACTION = 0x98;
/** Failed connections in a row that are worth a person's attention. */
const FAILURES = 10;
/** Milliseconds that `release` waits for the cloud to take what is queued, and between its looks. */
const RELEASE_TIME = 10_000;
const RELEASE_LOOK = 50;

/** The MQTT proxy (reference 10.1): the one connection to the cloud that all parts share, and its queue on disk. */
export function createMqttProxyPart(options: MqttProxyOptions = {}): Part {
  return {
    name: "MQTTProxy",
    async start(context) {
      const { directory, clock, log } = context;
      const queue = await openOutboundQueue({
        directory: join(directory, "queue"),
        clock,
        log,
        ...(options.limits ? { limits: options.limits } : {}),
      });
      const proxy = new MqttProxy(context, queue, options);
      try {
        await proxy.start();
      } catch (error) {
        // Nothing is left of a start that failed: it is tried again.
        await proxy.stop();
        throw error;
      }
      return proxy;
    },
  };
}

interface Link {
  uplink: Uplink;
  sender: Sender;
  delivery: Delivery;
  id: string;
}

class MqttProxy {
  readonly #context: PartContext;
  readonly #queue: OutboundQueue;
  readonly #backOff: BackOff | undefined;
  readonly #listeners: readonly string[];
  readonly #ends: (() => void)[] = [];
  #link: Link | undefined;
  #connected = false;
  #since: number;
  #failures = 0;
  #problem: string | undefined;
  /** The cloud has ended the connection for good. */
  #dismissed = false;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: PartContext, queue: OutboundQueue, { backOff, listeners = LISTENERS }: MqttProxyOptions) {
    this.#context = context;
    this.#queue = queue;
    this.#backOff = backOff;
    this.#listeners = listeners;
    this.#since = context.clock.now();
  }

  async start(): Promise<void> {
    const { bus } = this.#context;
    this.#queue.onReady(() => this.#pump());
    this.#ends.push(
      bus.subscribe("config.changed", () => void this.#follow()),
      bus.serve("mqtt", {
        send: (request) => this.#send(request),
        status: async () => this.#status(),
        release: () => this.#release(),
      }),
    );
    await this.#inTurn(() => this.#connect());
    // HubOnboarding may have changed the configuration while the bus was away.
    this.#ends.push(bus.onPresence((service, there) => service === "config" && there && void this.#follow()));
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    await this.#inTurn(() => this.#disconnect(1000));
    await this.#queue.close();
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => {});
    return result;
  }

  /** Connects or disconnects as the configuration says. */
  #follow(): Promise<void> {
    return this.#inTurn(() => this.#connect()).catch((error) => {
      this.#problem = messageOf(error);
      this.#context.log.error({ error: this.#problem }, "the hub cannot be connected with this configuration");
    });
  }

  async #connect(): Promise<void> {
    const { settings, clock, log, bus } = this.#context;
    const configuration = await openConfiguration(settings.configPath, clock);
    const { identity, cloud } = configuration;
    if (this.#link && this.#link.id === identity?.managedThingId) return;
    if (this.#link) await this.#forget();
    if (!identity) return;
    const pair = await this.#permanent(configuration);
    const id = identity.managedThingId;
    const uplink = await createUplink({
      cloud,
      ...pair,
      clientId: identity.clientId,
      clock,
      log,
      ...(this.#backOff ? { backOff: this.#backOff } : {}),
    });
    const sender = createSender({ queue: this.#queue, uplink, id, clock, log });
    const delivery = createDelivery({ bus, clock, log, listeners: this.#listeners });
    this.#link = { uplink, sender, delivery, id };
    this.#dismissed = false;
    uplink.onEvent((event) => this.#onEvent(event));
    subscribeSouthbound({
      uplink,
      delivery,
      id,
      onRejected: (reason) => this.#rejected(sender, reason),
      onNonsense: (channel, bytes) => log.warn({ channel, bytes }, "a message from the cloud is not understood"),
    });
    uplink.start();
    uplink.whenConnected().catch(() => {});
    sender.pump();
  }

  async #permanent(configuration: Configuration) {
    const { settings, clock } = this.#context;
    const handler = await openCertificateHandler({ configuration, module: settings.certificateHandler, clock });
    const pair = await handler.read("PERMANENT");
    if (!pair) throw new ConfigurationError(`${configuration.path} says PROVISIONED, but there is no permanent pair`);
    return pair;
  }

  #onEvent(event: AgentEvent): void {
    const { clock, log } = this.#context;
    const connected = event.state === "connected";
    if (connected) {
      this.#failures = 0;
      this.#problem = undefined;
      log.info("connected to the cloud");
    } else if (event.state === "disconnected") {
      const { reason, reasonCode } = event;
      this.#failures += this.#connected ? 0 : 1;
      if (reasonCode === ADMINISTRATIVE_ACTION) this.#dismissed = true;
      if (reasonCode === SESSION_TAKEN_OVER) {
        this.#problem = "another client uses this hub's certificate and client id: has the hub been copied?";
        log.error({ reasonCode }, this.#problem);
      } else if (this.#failures === FAILURES) {
        this.#problem = `${FAILURES} connections in a row have failed, the last because of: ${reason}`;
        log.error({ reasonCode }, `${this.#problem}; if the hub was deleted in its cloud it has to be onboarded anew`);
      }
    }
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.#since = clock.now();
    this.#announce();
    this.#pump();
  }

  #announce(): void {
    this.#context.bus.publish("mqtt.connection", { connected: this.#connected, since: this.#since });
  }

  #pump(): void {
    this.#link?.sender.pump();
  }

  #rejected(sender: Sender, reason: JsonObject) {
    const outbound = sender.rejected(reason["code"], reason["eventNumber"]);
    const messageType = outbound?.message["messageType"];
    this.#context.log.warn(
      { code: reason["code"], message: reason["message"], messageType },
      "the cloud rejects a message",
    );
    return outbound;
  }

  async #send({ channel, message, durable }: JsonObject): Promise<JsonObject> {
    if (!CHANNELS.includes(channel as Channel)) throw new ProxyError("bad-message", "no such channel");
    if (typeof message !== "object" || message === null || Array.isArray(message)) {
      throw new ProxyError("bad-message", "a message is a JSON object");
    }
    const text = JSON.stringify(message);
    if (Buffer.byteLength(text) > MAX_BYTES) {
      throw new ProxyError("bad-message", `a message has at most ${MAX_BYTES} bytes`);
    }
    if (!this.#link) throw new ProxyError("not-provisioned", "the hub has no cloud yet");
    if (durable === true) return { ...(await this.#queue.append(channel as Channel, message)) };
    if (VOLATILE.includes(channel as Channel)) {
      if (!this.#connected) throw new ProxyError("not-connected", "the cloud is not connected");
      const { uplink, id } = this.#link;
      uplink.publish(topicOf(id, channel as Channel), text).catch((error) => {
        this.#context.log.warn({ error: messageOf(error), channel }, "the cloud takes no such message");
      });
      return {};
    }
    this.#queue.append(channel as Channel, message).catch((error) => {
      this.#context.log.error({ error: messageOf(error) }, "a message is lost");
    });
    return {};
  }

  #status(): JsonObject {
    this.#announce();
    return {
      connected: this.#connected,
      since: this.#since,
      queued: this.#queue.size,
      refused: this.#queue.refused,
      dismissed: this.#dismissed,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  #release(): Promise<JsonObject> {
    const { clock } = this.#context;
    return this.#inTurn(async () => {
      for (let waited = 0; this.#link && waited < RELEASE_TIME; waited += RELEASE_LOOK) {
        if (this.#dismissed || this.#queue.size === 0) break;
        await new Promise<void>((resolve) => void clock.after(RELEASE_LOOK, resolve));
      }
      await this.#forget();
      return {};
    });
  }

  /** Whoever the hub is next has nothing to do with what is queued. */
  async #forget(): Promise<void> {
    await this.#disconnect(0);
    await this.#queue.clear();
  }

  async #disconnect(timeout: number): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    link?.sender.stop();
    link?.delivery.stop();
    await link?.uplink.stop({ timeout });
  }
}
