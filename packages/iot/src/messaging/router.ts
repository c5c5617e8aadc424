import type { Write } from "@hearth/backplane";
import { InternalError, isTopicFilter, type Logger, messageOf } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Delivery, Message, Outcome, Publisher, ReservedTopic } from "./message.ts";

export interface Router {
  /** Gives the router its broker. To be called once, before anything is published. */
  attach(delivery: Delivery): void;
  /**
   * Takes a message that its publisher may publish. Undefined when it went out at once to live subscribers only;
   * otherwise a promise that resolves once all its effects are durable, which is when it may be acknowledged.
   *
   * The promise rejects with `TopicRefused` for a `$` topic that is not the publisher's to use, and with whatever a
   * handler failed on; then nothing must be acknowledged. A handler's `ServiceError` is logged and counts as handled.
   *
   * `alongside` remembers, for QoS 2, that the message has been taken: it is committed together with what the broker
   * stores, and after what a reserved topic's handler has committed.
   */
  publish(message: Message, publisher: Publisher, alongside?: Write): Promise<void> | undefined;
  /** Sends messages that are decided and durable to their subscribers, without trying the reserved topics. */
  send(messages: readonly Message[], publisher: Publisher): Promise<void> | undefined;
  /** As `Delivery.deliverTogether`: the messages and `writes` in one commit, or neither. */
  sendTogether(messages: readonly Message[], publisher: Publisher, writes: readonly Write[]): Promise<void>;
}

/** The publisher used a reserved topic in a way that is not open to it (reference 1.3 and 2). */
export class TopicRefused extends Error {
  constructor(topic: string, why: string) {
    super(`${why}: ${topic}`);
    this.name = "TopicRefused";
  }
}

export interface RouterDeps {
  reserved: readonly ReservedTopic[];
  log: Pick<Logger, "info">;
}

/**
 * Leads messages to the handlers of reserved topics and to the broker. Handlers are entered in the order of arrival and
 * run concurrently; what they want sent leaves in the order in which one client's requests arrived.
 */
export function createRouter({ reserved, log }: RouterDeps): Router {
  const index = indexOf(reserved);
  let broker: Delivery | undefined;
  /** For each client, what its next outcome has to wait for. */
  const tails = new Map<string, Promise<void>>();

  function delivery(): Delivery {
    if (broker === undefined) throw new InternalError("the router has no delivery yet");
    return broker;
  }

  function send(messages: readonly Message[], publisher: Publisher): Promise<void> | undefined {
    const waiting: Promise<void>[] = [];
    for (const message of messages) {
      const durable = delivery().deliver(message, publisher);
      if (durable !== undefined) waiting.push(durable);
    }
    return waiting.length > 0 ? settled(waiting) : undefined;
  }

  /** Sends what the handler wants sent; resolves to the promise of its durability, which nobody waits for in line. */
  function apply(outcome: Outcome, publisher: Publisher): { durable: Promise<void> | undefined } {
    for (const message of outcome.reply ?? []) {
      if (publisher.clientId !== undefined) delivery().reply(publisher.clientId, message);
    }
    return { durable: outcome.publish && send(outcome.publish, publisher) };
  }

  async function request(
    { topic, levels }: Match,
    message: Message,
    publisher: Publisher,
    alongside: Write | undefined,
  ): Promise<void> {
    const delivered = topic.deliver ? delivery().deliver(message, publisher) : undefined;
    const handled = run(topic, levels, message, publisher);
    const applied = publisher.clientId === undefined ? handled.then((outcome) => apply(outcome, publisher)) : inLine();

    function inLine(): Promise<{ durable: Promise<void> | undefined }> {
      const key = `${publisher.accountId}/${publisher.clientId}`;
      const before = tails.get(key);
      const own = (async () => {
        await before;
        return apply(await handled, publisher);
      })();
      // Observed here too, because `own` looks at it only when its turn has come.
      handled.catch(() => {});
      const tail = own.then(nothing, nothing).then(() => {
        if (tails.get(key) === tail) tails.delete(key);
      });
      tails.set(key, tail);
      return own;
    }

    const [result, stored] = await Promise.allSettled([applied, delivered]);
    if (result.status === "rejected") throw result.reason;
    if (stored.status === "rejected") throw stored.reason;
    await result.value.durable;
    // Not sooner: a crash in between may repeat the request but must not swallow it.
    if (alongside !== undefined) await delivery().store(alongside);
  }

  async function run(
    topic: ReservedTopic,
    levels: readonly string[],
    message: Message,
    publisher: Publisher,
  ): Promise<Outcome> {
    try {
      return await topic.handle(levels, message, publisher);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      log.info(
        { topic: message.topic, clientId: publisher.clientId, error: error.name, reason: messageOf(error) },
        "a request on a reserved topic was refused",
      );
      return {};
    }
  }

  return {
    attach(delivery) {
      if (broker !== undefined) throw new InternalError("the router has a delivery already");
      broker = delivery;
    },
    publish(message, publisher, alongside) {
      const { topic } = message;
      const dollar = topic.charCodeAt(0) === DOLLAR;
      const fromPlatform = publisher.principalId === "platform";
      if (dollar && message.retain && !fromPlatform) {
        return Promise.reject(new TopicRefused(topic, "messages on reserved topics cannot be retained"));
      }
      const match = index(topic);
      // Handlers take their time.
      if (match !== undefined) {
        return request(match, { ...message, payload: message.payload.slice() }, publisher, alongside);
      }
      if (dollar && !fromPlatform) return Promise.reject(new TopicRefused(topic, "not a topic to publish to"));
      return delivery().deliver(message, publisher, alongside);
    },
    send,
    sendTogether: (messages, publisher, writes) => delivery().deliverTogether(messages, publisher, writes),
  };
}

const DOLLAR = 36;
const nothing = (): void => {};

/** Waits for all, even when one fails: what failed must not leave others running unobserved. */
async function settled(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) if (result.status === "rejected") throw result.reason;
}

interface Level {
  literals: Map<string, Level>;
  plus?: Level;
  /** What a filter that ends here, or in `#` here, names. */
  topic?: ReservedTopic;
  rest?: ReservedTopic;
}

interface Match {
  topic: ReservedTopic;
  levels: readonly string[];
}

/** A function that finds the handler of a topic by walking its levels; literal levels win over `+`, `+` over `#`. */
function indexOf(reserved: readonly ReservedTopic[]): (topic: string) => Match | undefined {
  const root: Level = { literals: new Map() };
  for (const topic of reserved) insert(root, topic);
  const wildcards = root.plus !== undefined || root.rest !== undefined;
  // A topic whose first level is empty begins with the slash behind it.
  const starts = new Set(Array.from(root.literals.keys(), (literal) => `${literal}/`.charCodeAt(0)));

  return (topic) => {
    // Most topics are not reserved: look at the first character before the first level is cut off …
    if (!wildcards && !starts.has(topic.charCodeAt(0))) return undefined;
    // … and at that before the topic is split.
    const slash = topic.indexOf("/");
    const first = slash < 0 ? topic : topic.slice(0, slash);
    if (!wildcards && !root.literals.has(first)) return undefined;
    return find(root, topic.split("/"), 0, []);
  };
}

function insert(root: Level, topic: ReservedTopic): void {
  if (!isTopicFilter(topic.filter)) throw new InternalError(`not a topic filter: ${topic.filter}`);
  let level = root;
  for (const part of topic.filter.split("/")) {
    if (part === "#") {
      if (level.rest !== undefined) throw new InternalError(`a second handler for ${topic.filter}`);
      level.rest = topic;
      return;
    }
    let next = part === "+" ? level.plus : level.literals.get(part);
    if (next === undefined) {
      next = { literals: new Map() };
      if (part === "+") level.plus = next;
      else level.literals.set(part, next);
    }
    level = next;
  }
  if (level.topic !== undefined) throw new InternalError(`a second handler for ${topic.filter}`);
  level.topic = topic;
}

function find(level: Level, parts: readonly string[], depth: number, levels: readonly string[]): Match | undefined {
  if (depth === parts.length) return level.topic && { topic: level.topic, levels };
  const part = parts[depth]!;
  const literal = level.literals.get(part);
  const exact = literal && find(literal, parts, depth + 1, levels);
  if (exact !== undefined) return exact;
  // A wildcard does not cover a first level that starts with $ [MQTT-4.7.2-1].
  if (depth === 0 && part.startsWith("$")) return undefined;
  const wild = level.plus && find(level.plus, parts, depth + 1, [...levels, part]);
  return wild ?? (level.rest && { topic: level.rest, levels });
}
