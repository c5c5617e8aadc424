import { type Clock, type Logger, messageOf, systemClock } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { FrameError } from "@hearth/hub-ipc";
import { type Bus, BusError, type BusMethod, topicFits } from "./bus.ts";
import type { BusMessage } from "./messages.ts";

const TIMEOUT = 10_000;

export interface PeerOptions {
  /** Throws FrameError for a message that is too long; false while there is no connection. */
  send(message: BusMessage): boolean;
  clock?: Clock;
  /** Told when a subscriber throws, and of what is too long to be published; without it the error is thrown on. */
  log?: Logger;
}

interface Waiting {
  resolve(body: JsonObject): void;
  reject(error: BusError): void;
}

type Handler = (body: JsonObject) => void;

/** A part's end of the bus: what it serves and listens to, and the requests that it waits for. */
export class BusPeer implements Bus {
  readonly #send: (message: BusMessage) => boolean;
  readonly #clock: Clock;
  readonly #log: Logger | undefined;
  readonly #services = new Map<string, Readonly<Record<string, BusMethod>>>();
  readonly #topics = new Map<string, Set<Handler>>();
  readonly #watchers = new Set<(service: string, there: boolean) => void>();
  readonly #present = new Set<string>();
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  /** Counts connections: the next router's numbers are others' requests. */
  #connection = 0;

  constructor({ send, clock = systemClock, log }: PeerOptions) {
    this.#send = send;
    this.#clock = clock;
    this.#log = log;
  }

  publish(topic: string, body: JsonObject): void {
    try {
      this.#send({ op: "publish", topic, body });
    } catch (error) {
      // Whoever publishes waits for nobody, and what a device has said must not end the process of its radio.
      if (!this.#log || !(error instanceof FrameError)) throw error;
      this.#log.error({ topic, error: messageOf(error) }, "what was to be published is lost");
    }
  }

  subscribe(topic: string, handler: Handler): () => void {
    // The same function may subscribe twice.
    const own: Handler = (body) => handler(body);
    const handlers = this.#topics.get(topic);
    if (handlers) handlers.add(own);
    else {
      this.#topics.set(topic, new Set([own]));
      this.#send({ op: "subscribe", topic });
    }
    return () => {
      const left = this.#topics.get(topic);
      if (!left?.delete(own) || left.size > 0) return;
      this.#topics.delete(topic);
      this.#send({ op: "unsubscribe", topic });
    };
  }

  request(
    service: string,
    method: string,
    body: JsonObject,
    { timeout = TIMEOUT, signal }: { timeout?: number; signal?: AbortSignal } = {},
  ): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      const id = this.#lastId;
      const what = `${service}.${method}`;
      const end = (): void => {
        this.#waiting.delete(id);
        stopTimer();
        signal?.removeEventListener("abort", abort);
      };
      const fail = (error: BusError): void => {
        end();
        reject(error);
      };
      const giveUp = (message: string): void => {
        this.#send({ op: "cancel", id });
        fail(new BusError("timeout", message));
      };
      const abort = (): void => giveUp(`${what} is not waited for any more`);
      const stopTimer = this.#clock.after(timeout, () => giveUp(`${what} did not answer within ${timeout} ms`));
      this.#waiting.set(id, {
        resolve(answer) {
          end();
          resolve(answer);
        },
        reject: fail,
      });
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      try {
        if (!this.#send({ op: "request", id, service, method, body })) {
          fail(new BusError("no-such-service", `nobody serves ${service}: there is no connection to the bus`));
        }
      } catch (error) {
        fail(new BusError("refused", messageOf(error)));
      }
    });
  }

  serve(service: string, methods: Readonly<Record<string, BusMethod>>): () => void {
    if (this.#services.has(service)) throw new Error(`${service} is served already`);
    this.#services.set(service, methods);
    this.#send({ op: "serve", service });
    return () => {
      if (this.#services.get(service) !== methods) return;
      this.#services.delete(service);
      this.#send({ op: "unserve", service });
    };
  }

  onPresence(listener: (service: string, there: boolean) => void): () => void {
    this.#watchers.add(listener);
    for (const service of this.#present) listener(service, true);
    return () => void this.#watchers.delete(listener);
  }

  /** A message of the router's. */
  receive(message: BusMessage): void {
    switch (message.op) {
      case "publish":
        this.#deliver(message.topic, message.body);
        return;
      case "request":
        void this.#run(message);
        return;
      case "answer":
        this.#waiting.get(message.id)?.resolve(message.body);
        return;
      case "refusal":
        this.#waiting.get(message.id)?.reject(new BusError(message.reason, message.message, message.code));
        return;
      case "presence":
        this.#presence(message.service, message.there);
        return;
      default:
        return;
    }
  }

  /** There is a new connection: the router is told everything anew. Whom others see there hears them. */
  connected(): void {
    for (const topic of this.#topics.keys()) this.#send({ op: "subscribe", topic });
    for (const service of this.#services.keys()) this.#send({ op: "serve", service });
  }

  /** The connection is gone, and with it all others. */
  disconnected(): void {
    this.#connection++;
    for (const { reject } of [...this.#waiting.values()]) {
      reject(new BusError("part-gone", "the connection to the bus was lost before the answer came"));
    }
    for (const service of [...this.#present]) this.#presence(service, false);
  }

  #presence(service: string, there: boolean): void {
    if (there) this.#present.add(service);
    else this.#present.delete(service);
    for (const watcher of [...this.#watchers]) watcher(service, there);
  }

  #deliver(topic: string, body: JsonObject): void {
    let taken = false;
    for (const [filter, handlers] of this.#topics) {
      if (!topicFits(filter, topic)) continue;
      for (const handler of handlers) {
        // Nobody shares what another changes.
        const own = taken ? structuredClone(body) : body;
        taken = true;
        queueMicrotask(() => this.#call(handler, own, topic));
      }
    }
  }

  #call(handler: Handler, body: JsonObject, topic: string): void {
    try {
      handler(body);
    } catch (error) {
      if (!this.#log) throw error;
      this.#log.error({ topic, error: messageOf(error) }, "a subscriber of the bus failed");
    }
  }

  async #run({ id, service, method, body }: Extract<BusMessage, { op: "request" }>): Promise<void> {
    const connection = this.#connection;
    // Whoever asked over a connection that is gone has been told so.
    const respond = (message: BusMessage) => {
      if (connection === this.#connection) this.#send(message);
    };
    const methods = this.#services.get(service);
    const run = methods && Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!run) {
      const message = `${service} has no method ${method}`;
      respond({ op: "refusal", id, reason: "no-such-method", message });
      return;
    }
    try {
      respond({ op: "answer", id, body: await run(body) });
    } catch (error) {
      const code = (error as { code?: unknown } | undefined)?.code;
      const message = messageOf(error);
      respond({ op: "refusal", id, reason: "refused", message, ...(code !== undefined && { code: String(code) }) });
    }
  }
}
