import { parseSharedFilter } from "@hearth/base";
import { RouteCache } from "./route-cache.ts";

export interface Subscription {
  /** As the client wrote it, `$share/<name>/` included. */
  filter: string;
  qos: 0 | 1 | 2;
  noLocal: boolean;
  retainAsPublished: boolean;
  identifier?: number;
}

/** Under which terms a receiver gets a message; several subscriptions that match become one. */
export interface Grant {
  qos: 0 | 1 | 2;
  retainAsPublished: boolean;
  identifiers: readonly number[] | undefined;
  /** The shared subscription that chose this receiver. */
  share?: string;
}

export interface Target<Receiver> {
  receiver: Receiver;
  grant: Grant;
  /** For what the receiver has published itself: without its no-local subscriptions. */
  ownGrant: Grant | undefined;
}

export interface ShareGroup<Receiver> {
  members: readonly (readonly [Receiver, Subscription])[];
}

export interface Route<Receiver> {
  targets: readonly Target<Receiver>[];
  groups: readonly ShareGroup<Receiver>[];
}

interface Ends<Receiver> {
  direct: Map<Receiver, Subscription> | undefined;
  /** By share name. */
  shared: Map<string, Map<Receiver, Subscription>> | undefined;
}

/** Of each kind there are as many as a fleet has topics: what one does not need it does not have. */
interface Level<Receiver> {
  children: Map<string, Level<Receiver>> | undefined;
  /** Filters that end here. */
  here: Ends<Receiver> | undefined;
  /** Filters that end in `#` here. */
  rest: Ends<Receiver> | undefined;
}

const NOWHERE: Route<never> = { targets: [], groups: [] };

/** One account's subscriptions: a tree of topic levels, and the routes that it gave and that still hold. */
export class Subscriptions<Receiver> {
  #root: Level<Receiver> = { children: undefined, here: undefined, rest: undefined };
  readonly #routes = new RouteCache<Route<Receiver>>();
  readonly #hashMatchesParent: boolean;
  #size = 0;
  #shareGroups = 0;

  constructor(hashMatchesParent: boolean) {
    this.#hashMatchesParent = hashMatchesParent;
  }

  get size(): number {
    return this.#size;
  }

  /** Shared subscriptions, each counted once. */
  get shareGroups(): number {
    return this.#shareGroups;
  }

  /** The filter must be valid. A subscription of the same receiver to the same filter is replaced. */
  add(receiver: Receiver, subscription: Subscription): void {
    const { share, filter } = split(subscription.filter);
    const members = membersOf(endsOf(this.#descend(filter), filter.endsWith("#")), share);
    if (!members.has(receiver)) this.#size += 1;
    if (share !== undefined && members.size === 0) this.#shareGroups += 1;
    members.set(receiver, subscription);
    this.#routes.forget(filter);
  }

  /** The members of a shared subscription. */
  shareMembers(text: string): ReadonlyMap<Receiver, Subscription> {
    const { share, filter } = split(text);
    const level = share === undefined ? undefined : this.#path(filter)?.at(-1);
    const ends = filter.endsWith("#") ? level?.rest : level?.here;
    return ends?.shared?.get(share ?? "") ?? new Map();
  }

  remove(receiver: Receiver, text: string): void {
    const { share, filter } = split(text);
    const path = this.#path(filter);
    if (path === undefined) return;
    const level = path.at(-1)!;
    const key = filter.endsWith("#") ? "rest" : "here";
    const ends = level[key];
    const members = share === undefined ? ends?.direct : ends?.shared?.get(share);
    if (ends === undefined || !members?.delete(receiver)) return;
    this.#size -= 1;
    if (share !== undefined && members.size === 0) {
      ends.shared?.delete(share);
      this.#shareGroups -= 1;
    }
    if (!ends.direct?.size && !ends.shared?.size) level[key] = undefined;
    this.#prune(filter, path);
    this.#routes.forget(filter);
  }

  /** Who gets a message on `topic`. */
  match(topic: string): Route<Receiver> {
    const known = this.#routes.get(topic);
    if (known !== undefined) return known;
    const found: Ends<Receiver>[] = [];
    this.#collect(this.#root, topic.split("/"), 0, found);
    const route = found.length === 0 ? NOWHERE : toRoute(found);
    this.#routes.set(topic, route);
    return route;
  }

  #levels(filter: string): string[] {
    const levels = filter.split("/");
    if (levels.at(-1) === "#") levels.pop();
    return levels;
  }

  #descend(filter: string): Level<Receiver> {
    let level = this.#root;
    for (const part of this.#levels(filter)) {
      level.children ??= new Map();
      let next = level.children.get(part);
      if (next === undefined) {
        next = { children: undefined, here: undefined, rest: undefined };
        level.children.set(part, next);
      }
      level = next;
    }
    return level;
  }

  /** The levels of `filter` from the root on; undefined when one is missing. */
  #path(filter: string): Level<Receiver>[] | undefined {
    const path = [this.#root];
    for (const part of this.#levels(filter)) {
      const next = path.at(-1)!.children?.get(part);
      if (next === undefined) return undefined;
      path.push(next);
    }
    return path;
  }

  #prune(filter: string, path: Level<Receiver>[]): void {
    const parts = this.#levels(filter);
    for (let i = path.length - 1; i > 0; i--) {
      const level = path[i]!;
      if (level.children?.size || level.here !== undefined || level.rest !== undefined) return;
      path[i - 1]!.children?.delete(parts[i - 1]!);
    }
  }

  #collect(level: Level<Receiver>, parts: readonly string[], depth: number, found: Ends<Receiver>[]): void {
    // A wildcard does not cover a first level that starts with $ [MQTT-4.7.2-1].
    const wildcards = depth > 0 || parts[0]!.charCodeAt(0) !== DOLLAR;
    if (level.rest !== undefined && wildcards && (depth < parts.length || this.#hashMatchesParent)) {
      found.push(level.rest);
    }
    if (depth === parts.length) {
      if (level.here !== undefined) found.push(level.here);
      return;
    }
    const literal = level.children?.get(parts[depth]!);
    if (literal !== undefined) this.#collect(literal, parts, depth + 1, found);
    const plus = wildcards ? level.children?.get("+") : undefined;
    if (plus !== undefined) this.#collect(plus, parts, depth + 1, found);
  }
}

const DOLLAR = 36;

function split(text: string): { share?: string; filter: string } {
  return parseSharedFilter(text) ?? { filter: text };
}

function endsOf<Receiver>(level: Level<Receiver>, rest: boolean): Ends<Receiver> {
  const key = rest ? "rest" : "here";
  const ends = level[key] ?? { direct: undefined, shared: undefined };
  level[key] = ends;
  return ends;
}

function membersOf<Receiver>(ends: Ends<Receiver>, share: string | undefined): Map<Receiver, Subscription> {
  if (share === undefined) {
    ends.direct ??= new Map();
    return ends.direct;
  }
  ends.shared ??= new Map();
  const members = ends.shared.get(share) ?? new Map<Receiver, Subscription>();
  ends.shared.set(share, members);
  return members;
}

function toRoute<Receiver>(found: readonly Ends<Receiver>[]): Route<Receiver> {
  const byReceiver = new Map<Receiver, Subscription[]>();
  const groups: ShareGroup<Receiver>[] = [];
  for (const { direct, shared } of found) {
    for (const [receiver, subscription] of direct ?? []) {
      const others = byReceiver.get(receiver);
      if (others === undefined) byReceiver.set(receiver, [subscription]);
      else others.push(subscription);
    }
    for (const members of shared?.values() ?? []) groups.push({ members: [...members] });
  }
  const targets = Array.from(byReceiver, ([receiver, subscriptions]) => {
    const grant = merge(subscriptions)!;
    const foreign = subscriptions.some((one) => one.noLocal);
    return { receiver, grant, ownGrant: foreign ? merge(subscriptions.filter((one) => !one.noLocal)) : grant };
  });
  return { targets, groups };
}

/** One delivery at the highest QoS, with every identifier [MQTT-3.3.4-2, 3.3.4-3]. */
export function merge(subscriptions: readonly Subscription[]): Grant | undefined {
  if (subscriptions.length === 0) return undefined;
  let qos: 0 | 1 | 2 = 0;
  const identifiers: number[] = [];
  for (const one of subscriptions) {
    if (one.qos > qos) qos = one.qos;
    if (one.identifier !== undefined) identifiers.push(one.identifier);
  }
  return {
    qos,
    retainAsPublished: subscriptions.some((one) => one.retainAsPublished),
    identifiers: identifiers.length > 0 ? identifiers : undefined,
  };
}
