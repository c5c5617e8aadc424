/** Topics whose routes are remembered. */
const ROUTES = 4096;
/** Longer topics are not worth the memory. */
const CACHED_TOPIC = 512;
/** Levels by which topics are told apart; what is deeper is forgotten together. */
const DEPTH = 8;
/** Nodes that forgetting may look at; beyond, everything is forgotten, which costs less than looking on. */
const LOOKED_AT = 256;

/** Remembered topics by their first levels. */
interface Node {
  children: Map<string, Node> | undefined;
  /** That end here, or go on from the last level that counts. */
  topics: Set<string> | undefined;
}

const node = (): Node => ({ children: undefined, topics: undefined });

/**
 * Routes by topic. A change of one filter's subscriptions takes out the topics that it matches, not the others: the
 * cache stays warm while a fleet subscribes.
 */
export class RouteCache<Route> {
  readonly #routes = new Map<string, Route>();
  #root = node();
  #budget = 0;

  get(topic: string): Route | undefined {
    return this.#routes.get(topic);
  }

  set(topic: string, route: Route): void {
    if (topic.length > CACHED_TOPIC) return;
    if (this.#routes.size >= ROUTES) this.#clear();
    this.#routes.set(topic, route);
    let at = this.#root;
    for (const part of levelsOf(topic)) {
      at.children ??= new Map();
      let next = at.children.get(part);
      if (next === undefined) {
        next = node();
        at.children.set(part, next);
      }
      at = next;
    }
    at.topics ??= new Set();
    at.topics.add(topic);
  }

  /** Forgets every topic that `filter` (without `$share/<name>/`) matches, and perhaps others. */
  forget(filter: string): void {
    if (this.#routes.size === 0) return;
    this.#budget = LOOKED_AT;
    this.#forget(this.#root, levelsOf(filter), 0);
    if (this.#budget < 0) this.#clear();
  }

  #clear(): void {
    this.#routes.clear();
    this.#root = node();
  }

  #forget(at: Node, parts: readonly string[], depth: number): void {
    this.#budget -= 1;
    if (this.#budget < 0) return;
    const part = parts[depth];
    if (part === "#") {
      this.#forgetTopics(at);
      for (const [name, next] of at.children ?? []) this.#forgetChild(at, name, next, parts, depth);
    } else if (part === "+") {
      for (const [name, next] of at.children ?? []) this.#forgetChild(at, name, next, parts, depth + 1);
    } else if (part === undefined) this.#forgetTopics(at);
    else {
      const next = at.children?.get(part);
      if (next !== undefined) this.#forgetChild(at, part, next, parts, depth + 1);
    }
  }

  #forgetChild(at: Node, name: string, next: Node, parts: readonly string[], depth: number): void {
    this.#forget(next, parts, depth);
    if (next.topics === undefined && (next.children?.size ?? 0) === 0) at.children?.delete(name);
  }

  #forgetTopics(at: Node): void {
    for (const topic of at.topics ?? []) this.#routes.delete(topic);
    at.topics = undefined;
  }
}

/** The levels that count. A `#` beyond them says no more than the last of them. */
const levelsOf = (text: string): string[] => text.split("/", DEPTH);
