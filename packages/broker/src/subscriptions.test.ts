import { topicMatches } from "@hearth/base";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Subscription, Subscriptions } from "./subscriptions.ts";

const subscription = (filter: string, more: Partial<Subscription> = {}): Subscription => ({
  filter,
  qos: 1,
  noLocal: false,
  retainAsPublished: false,
  ...more,
});

const receivers = (tree: Subscriptions<string>, topic: string): string[] =>
  tree
    .match(topic)
    .targets.map((target) => target.receiver)
    .sort();

const level = fc.constantFrom("a", "b", "", "$x", "+");
const filters = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, hash]) => (hash ? [...levels, "#"] : levels).join("/"))
  .filter((filter) => filter.length > 0);
const topics = fc
  .array(fc.constantFrom("a", "b", "", "$x"), { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join("/"))
  .filter((topic) => topic.length > 0);

test.each([true, false])("agrees with the grammar's own rule (# matches its parent: %s)", (hashMatchesParent) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(filters, { maxLength: 12 }),
      fc.array(topics, { maxLength: 6 }),
      fc.nat(),
      (all, asked, cut) => {
        const tree = new Subscriptions<string>(hashMatchesParent);
        for (const filter of all) tree.add(filter, subscription(filter));
        const gone = all.slice(0, cut % (all.length + 1));
        for (const topic of asked) tree.match(topic);
        for (const filter of gone) tree.remove(filter, filter);
        const left = all.slice(gone.length);
        expect(tree.size).toBe(left.length);
        for (const topic of asked) {
          expect(receivers(tree, topic)).toEqual(
            left.filter((filter) => topicMatches(filter, topic, hashMatchesParent)).sort(),
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

describe("overlapping subscriptions of one receiver", () => {
  test("become one delivery at the highest QoS with every identifier", () => {
    const tree = new Subscriptions<string>(true);
    tree.add("r", subscription("a/+", { qos: 0, identifier: 1 }));
    tree.add("r", subscription("a/b", { qos: 1, identifier: 2, retainAsPublished: true }));
    tree.add("r", subscription("#", { qos: 0 }));
    const { targets } = tree.match("a/b");
    expect(targets).toHaveLength(1);
    expect(targets[0]!.grant.qos).toBe(1);
    expect([...targets[0]!.grant.identifiers!].sort()).toEqual([1, 2]);
    expect(targets[0]!.grant.retainAsPublished).toBe(true);
  });

  test("no-local ones count for what others publish only", () => {
    const tree = new Subscriptions<string>(true);
    tree.add("r", subscription("a/b", { noLocal: true }));
    expect(tree.match("a/b").targets[0]!.ownGrant).toBeUndefined();
    tree.add("r", subscription("a/+", { qos: 0 }));
    const [target] = tree.match("a/b").targets;
    expect(target!.grant.qos).toBe(1);
    expect(target!.ownGrant!.qos).toBe(0);
  });

  test("the same filter again replaces the first", () => {
    const tree = new Subscriptions<string>(true);
    tree.add("r", subscription("a", { qos: 0 }));
    tree.add("r", subscription("a", { qos: 1 }));
    expect(tree.size).toBe(1);
    expect(tree.match("a").targets[0]!.grant.qos).toBe(1);
  });
});

test("shared subscriptions with the same filter form one group for each name", () => {
  const tree = new Subscriptions<string>(true);
  tree.add("r1", subscription("$share/g/a/#"));
  tree.add("r2", subscription("$share/g/a/#"));
  tree.add("r3", subscription("$share/h/a/#"));
  tree.add("r1", subscription("a/#"));
  const { targets, groups } = tree.match("a/b");
  expect(targets.map((target) => target.receiver)).toEqual(["r1"]);
  expect(groups.map((group) => group.members.map(([receiver]) => receiver))).toEqual([["r1", "r2"], ["r3"]]);
  expect(tree.shareMembers("$share/g/a/#").size).toBe(2);
  tree.remove("r1", "$share/g/a/#");
  tree.remove("r2", "$share/g/a/#");
  expect(tree.match("a/b").groups).toHaveLength(1);
  expect(tree.size).toBe(2);
});

test("names of objects' own members are topics like others", () => {
  const tree = new Subscriptions<string>(true);
  tree.add("r", subscription("__proto__/constructor"));
  expect(receivers(tree, "__proto__/constructor")).toEqual(["r"]);
  expect(receivers(tree, "toString")).toEqual([]);
});
