import type { JsonObject } from "@hearth/device-sdk";

/** Why a request on the bus has no answer. `code` of `refused` is the serving part's own. */
export class BusError extends Error {
  override readonly name = "BusError";
  readonly reason: "no-such-service" | "no-such-method" | "timeout" | "part-gone" | "refused";
  readonly code: string | undefined;

  constructor(reason: BusError["reason"], message: string, code?: string) {
    super(message);
    this.reason = reason;
    this.code = code;
  }
}

export type BusMethod = (body: JsonObject) => Promise<JsonObject>;

/**
 * How the hub's parts speak to each other (AIPC's place, reference 10.12), in one process or across several. JSON only,
 * at most 1 MiB a message. Topics are words with dots; services are named in docs/hub.md.
 */
export interface Bus {
  /**
   * To every subscriber that is there now; nobody waits. What one part publishes arrives in its order. What is too long
   * is lost, with a line in the log.
   */
  publish(topic: string, body: JsonObject): void;
  /** `zigbee.*`: the star stands for one word. The returned function ends the subscription. */
  subscribe(topic: string, handler: (body: JsonObject) => void): () => void;
  /** Rejects with BusError; after 10 s unless `timeout` says otherwise. An Error with `code` thrown there is `refused`. */
  request(
    service: string,
    method: string,
    body: JsonObject,
    options?: { timeout?: number; signal?: AbortSignal },
  ): Promise<JsonObject>;
  /** One part serves a service; the returned function ends that. */
  serve(service: string, methods: Readonly<Record<string, BusMethod>>): () => void;
  /** Calls `listener` for each service that is there, now and whenever one appears or goes. */
  onPresence(listener: (service: string, there: boolean) => void): () => void;
}

/** Whether `topic` is one that `filter` means. */
export function topicFits(filter: string, topic: string): boolean {
  if (!filter.includes("*")) return filter === topic;
  const wanted = filter.split(".");
  const words = topic.split(".");
  return wanted.length === words.length && wanted.every((word, index) => word === "*" || word === words[index]);
}
