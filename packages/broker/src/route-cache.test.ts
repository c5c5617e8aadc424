import fc from "fast-check";
import { expect, test } from "vitest";
import { RouteCache } from "./route-cache.ts";
import { type Subscription, Subscriptions } from "./subscriptions.ts";

const subscription = (filter: string): Subscription => ({ filter, qos: 1, noLocal: false, retainAsPublished: false });
const levels = (names: string[], most: number) =>
  fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: most }).map((parts) => parts.join("/"));
const topics = levels(["a", "b", "", "$x"], 10).filter((topic) => topic !== "");
const filters = fc
  .tuple(levels(["a", "b", "", "+"], 10), fc.constantFrom("", "/#"))
  .map((parts) => parts.join(""))
  .filter((filter) => filter !== "");

const described = (tree: Subscriptions<string>, topic: string) =>
  tree
    .match(topic)
    .targets.map(({ receiver }) => receiver)
    .sort();

test("what is remembered always is what would be found anew", () => {
  const steps = fc.array(fc.tuple(fc.constantFrom("add", "remove"), filters), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(topics, { minLength: 1, maxLength: 20 }), steps, (asked, changes) => {
      const tree = new Subscriptions<string>(true);
      const alive = new Set<string>();
      for (const [what, filter] of changes) {
        for (const topic of asked) tree.match(topic);
        if (what === "add") {
          tree.add(filter, subscription(filter));
          alive.add(filter);
        } else {
          const [first = filter] = alive;
          tree.remove(first, first);
          alive.delete(first);
        }
        const fresh = new Subscriptions<string>(true);
        for (const one of alive) fresh.add(one, subscription(one));
        for (const topic of asked) expect(described(tree, topic)).toEqual(described(fresh, topic));
      }
    }),
    { numRuns: 300 },
  );
});

test("a fleet that subscribes leaves the others' routes as they are", () => {
  const tree = new Subscriptions<string>(true);
  const warm = Array.from({ length: 1000 }, (_, i) => `fleet/${i % 10}/dev${i}/up`);
  for (const topic of warm) tree.add(topic, subscription(topic));
  const routes = warm.map((topic) => tree.match(topic));
  for (let i = 0; i < 10_000; i++) {
    tree.add(`late${i}`, subscription(`fleet/${i % 10}/late${i}/${["+", "#", "down"][i % 3]}`));
  }
  expect(warm.every((topic, i) => tree.match(topic) === routes[i])).toBe(true);
  tree.add("one", subscription("fleet/+/dev7/#"));
  expect(warm.filter((topic, i) => tree.match(topic) !== routes[i])).toEqual(["fleet/7/dev7/up"]);
  tree.remove("one", "fleet/+/dev7/#");
  expect(described(tree, "fleet/7/dev7/up")).toEqual(["fleet/7/dev7/up"]);
});

test("what a filter would have to look for too long is forgotten with all the rest", () => {
  const cache = new RouteCache<number>();
  for (let i = 0; i < 300; i++) cache.set(`many/${i}`, i);
  cache.forget("other/+");
  expect(cache.get("many/7")).toBe(7);
  cache.forget("many/+/x");
  expect([cache.get("many/7"), cache.get("many/299")]).toEqual([undefined, undefined]);
});

test("it stays bounded, whatever is asked for and forgotten", () => {
  const cache = new RouteCache<number>();
  for (let i = 0; i < 20_000; i++) {
    cache.set(`t/${i}`, i);
    if (i % 2 === 0) cache.forget(`t/${i}`);
  }
  const kept = Array.from({ length: 20_000 }, (_, i) => cache.get(`t/${i}`)).filter((route) => route !== undefined);
  expect(kept.length).toBeLessThanOrEqual(4096);
  expect(kept.length).toBeGreaterThan(0);
  cache.set("x".repeat(513), 1);
  expect(cache.get("x".repeat(513))).toBeUndefined();
});
