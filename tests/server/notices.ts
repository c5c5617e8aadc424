import { setTimeout as pause } from "node:timers/promises";
import { type Clients, NOTIFICATIONS } from "./doors.ts";
import { StreamTail } from "./stream-tail.ts";

interface Notification {
  messageId: string;
  messageType: string;
  resources: string[];
  payload: Record<string, unknown>;
}

/** What the stream of notifications has told so far, over any number of server starts. */
export class Notices {
  readonly #tail = new StreamTail(NOTIFICATIONS);
  readonly #byId = new Map<string, string>();
  /** Names of facts, each with the ids of the notifications that tell it: `CREATED <id>`, `DELETED <id>`, … */
  readonly #facts = new Map<string, Set<string>>();
  readonly problems: string[] = [];

  /** Ids of the notifications that tell `fact`. */
  telling(fact: string): number {
    return this.#facts.get(fact)?.size ?? 0;
  }

  async read(kinesis: Clients["kinesis"]): Promise<void> {
    for (const { data } of await this.#tail.read(kinesis)) {
      const notification = JSON.parse(data) as Notification;
      const before = this.#byId.get(notification.messageId);
      this.#byId.set(notification.messageId, data);
      if (before !== undefined && before !== data) {
        this.problems.push(`two notifications have the id ${notification.messageId}`);
      }
      for (const fact of factsOf(notification)) {
        const ids = this.#facts.get(fact) ?? new Set();
        this.#facts.set(fact, ids.add(notification.messageId));
      }
    }
  }

  /** Reads until all `facts` are told; returns those that are not within `patience` milliseconds. */
  async wait(kinesis: Clients["kinesis"], facts: readonly string[], patience: number): Promise<string[]> {
    for (const end = Date.now() + patience; ; ) {
      await this.read(kinesis);
      const missing = facts.filter((fact) => this.telling(fact) === 0);
      if (missing.length === 0 || Date.now() > end) return missing;
      await pause(50);
    }
  }
}

function factsOf({ messageType, resources, payload }: Notification): string[] {
  const id = resources[0]?.split("/").at(-1) ?? "";
  if (messageType === "DEVICE_LIFE_CYCLE") return [`${payload["status"]} ${id}`];
  if (messageType === "DEVICE_COMMAND") return [`COMMAND ${payload["traceId"]}`];
  return onTimes(payload).map((value) => `${messageType} ${value}`);
}

/** Values of the property that the device counts in, wherever they stand. */
function onTimes(value: unknown): number[] {
  if (typeof value !== "object" || value === null) return [];
  const { name, value: told } = value as { name?: unknown; value?: unknown };
  if (name === "OnTime") {
    return [Number(typeof told === "object" && told ? (told as { propertyValue?: unknown }).propertyValue : told)];
  }
  return Object.values(value).flatMap(onTimes);
}
