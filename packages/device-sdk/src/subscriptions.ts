import { type Logger, messageOf, topicMatches } from "@hearth/base";
import type { MqttClient } from "mqtt";
import { AgentStoppedError, RefusedError } from "./errors.ts";

/** Called with everything that arrives on a filter. Must return soon: MQTT.js reads nothing else meanwhile. */
export type MessageHandler = (topic: string, payload: Buffer) => void;

interface Subscription {
  filter: string;
  handler: MessageHandler;
  settle?: { resolve(): void; reject(error: Error): void };
}

/** AWS takes at most eight filters in one SUBSCRIBE (reference 1.5). */
const FILTERS_PER_SUBSCRIBE = 8;

/** Who wants what, and whether the broker has granted it. */
export class Subscriptions {
  readonly #log: Logger;
  readonly #byFilter = new Map<string, Subscription>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /**
   * Sets the handler of `filter`. The promise resolves at the first grant; a refusal rejects it, and the handler
   * stays.
   */
  add(filter: string, handler: MessageHandler): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#byFilter.get(filter)?.settle?.resolve();
      this.#byFilter.set(filter, { filter, handler, settle: { resolve, reject } });
    });
  }

  /** False when there was none. */
  remove(filter: string): boolean {
    this.#byFilter.get(filter)?.settle?.resolve();
    return this.#byFilter.delete(filter);
  }

  get filters(): string[] {
    return [...this.#byFilter.keys()];
  }

  deliver(topic: string, payload: Buffer): void {
    for (const { filter, handler } of [...this.#byFilter.values()]) {
      if (!topicMatches(filter, topic)) continue;
      try {
        handler(topic, payload);
      } catch (error) {
        this.#log.error({ topic, error: messageOf(error) }, "a message handler failed");
      }
    }
  }

  /** Asks the broker for `filters`. False when the connection went away before every answer was there. */
  async request(client: MqttClient, filters: string[]): Promise<boolean> {
    const requests: Promise<boolean>[] = [];
    for (let start = 0; start < filters.length; start += FILTERS_PER_SUBSCRIBE) {
      requests.push(this.#requestSome(client, filters.slice(start, start + FILTERS_PER_SUBSCRIBE)));
    }
    return (await Promise.all(requests)).every((answered) => answered);
  }

  stop(): void {
    for (const { settle } of this.#byFilter.values()) settle?.reject(new AgentStoppedError());
    this.#byFilter.clear();
  }

  #requestSome(client: MqttClient, filters: string[]): Promise<boolean> {
    return new Promise((resolve) => {
      client.subscribe(filters, { qos: 1 }, (_error, _grants, packet) => {
        const codes = packet?.granted;
        if (!codes) return resolve(false);
        for (const [index, filter] of filters.entries()) this.#answered(filter, Number(codes[index] ?? 0x80));
        resolve(true);
      });
    });
  }

  #answered(filter: string, code: number): void {
    const subscription = this.#byFilter.get(filter);
    const settle = subscription?.settle;
    if (subscription) delete subscription.settle;
    if (code < 0x80) settle?.resolve();
    else {
      this.#log.warn({ filter, code }, "subscription refused");
      settle?.reject(new RefusedError(`the broker refused the subscription to ${filter}`, code));
    }
  }
}
