import type { Message } from "@hearth/iot";
import { messageSize } from "./message-rules.ts";

export interface RetainedMessage {
  message: Message;
  /** Milliseconds; infinite when it does not expire. */
  expiresAt: number;
  /** Milliseconds. */
  storedAt: number;
  /** Grows from one that is set to the next. */
  order: number;
}

/** What one account has kept. */
interface AccountRetained {
  root: Level;
  count: number;
  bytes: number;
}

interface Level {
  children: Map<string, Level>;
  retained?: RetainedMessage;
}

/** Retained messages by account and topic, in memory. */
export class RetainedTree {
  readonly #accounts = new Map<string, AccountRetained>();
  /** Of all accounts. */
  count = 0;

  /** How many messages an account has kept, and their bytes. */
  of(accountId: string): { count: number; bytes: number } {
    return this.#accounts.get(accountId) ?? { count: 0, bytes: 0 };
  }

  find(accountId: string, topic: string): RetainedMessage | undefined {
    let level = this.#accounts.get(accountId)?.root;
    for (const part of topic.split("/")) level = level?.children.get(part);
    return level?.retained;
  }

  put(retained: RetainedMessage): void {
    const { accountId, topic } = retained.message;
    let account = this.#accounts.get(accountId);
    if (account === undefined) {
      account = { root: { children: new Map() }, count: 0, bytes: 0 };
      this.#accounts.set(accountId, account);
    }
    let level = account.root;
    for (const part of topic.split("/")) {
      const next: Level = level.children.get(part) ?? { children: new Map() };
      level.children.set(part, next);
      level = next;
    }
    this.#count(account, -1, level.retained);
    this.#count(account, 1, retained);
    level.retained = retained;
  }

  /** False when there was none. */
  remove(accountId: string, topic: string): boolean {
    const account = this.#accounts.get(accountId);
    if (account === undefined) return false;
    const parts = topic.split("/");
    const path = [account.root];
    for (const part of parts) {
      const next = path.at(-1)!.children.get(part);
      if (next === undefined) return false;
      path.push(next);
    }
    const level = path.at(-1)!;
    if (level.retained === undefined) return false;
    this.#count(account, -1, level.retained);
    delete level.retained;
    for (let i = path.length - 1; i > 0; i--) {
      if (path[i]!.children.size > 0 || path[i]!.retained !== undefined) break;
      path[i - 1]!.children.delete(parts[i - 1]!);
    }
    return true;
  }

  /** All whose topics match `filter`, one small step after the other. `hashMatchesParent`: `a/#` matches `a`. */
  *search(accountId: string, filter: string, hashMatchesParent: boolean): Generator<RetainedMessage | undefined> {
    const root = this.#accounts.get(accountId)?.root;
    if (root !== undefined) yield* collect(root, filter.split("/"), 0, hashMatchesParent);
  }

  #count(account: AccountRetained, sign: 1 | -1, retained: RetainedMessage | undefined): void {
    if (retained === undefined) return;
    account.count += sign;
    account.bytes += sign * messageSize(retained.message);
    this.count += sign;
  }
}

/** Every level that is looked at is a step, so that whoever asks can stop in between. */
function* collect(
  level: Level,
  filter: readonly string[],
  depth: number,
  hashMatchesParent: boolean,
): Generator<RetainedMessage | undefined> {
  const part = filter[depth];
  if (part === "#") {
    yield* everything(level, depth === 0, hashMatchesParent && depth > 0);
    return;
  }
  yield part === undefined ? level.retained : undefined;
  if (part === undefined) return;
  if (part !== "+") {
    const next = level.children.get(part);
    if (next !== undefined) yield* collect(next, filter, depth + 1, hashMatchesParent);
    return;
  }
  for (const [name, next] of level.children) {
    if (depth > 0 || !name.startsWith("$")) yield* collect(next, filter, depth + 1, hashMatchesParent);
  }
}

function* everything(level: Level, top: boolean, itself: boolean): Generator<RetainedMessage | undefined> {
  yield itself ? level.retained : undefined;
  for (const [name, next] of level.children) {
    if (!top || !name.startsWith("$")) yield* everything(next, false, true);
  }
}
