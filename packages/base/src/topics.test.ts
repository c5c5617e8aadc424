import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isTopicFilter, isTopicName, parseSharedFilter, topicMatches } from "./topics.ts";

describe("topic filters [MQTT-4.7]", () => {
  test.each([
    ["sport/tennis/player1/#", "sport/tennis/player1", true],
    ["sport/tennis/player1/#", "sport/tennis/player1/ranking", true],
    ["sport/#", "sport", true],
    ["#", "a/b", true],
    ["sport/tennis/+", "sport/tennis/player1", true],
    ["sport/tennis/+", "sport/tennis/player1/ranking", false],
    ["sport/+", "sport", false],
    ["sport/+", "sport/", true],
    ["+/+", "/finance", true],
    ["/+", "/finance", true],
    ["+", "/finance", false],
    ["#", "$SYS/a", false],
    ["+/a", "$SYS/a", false],
    ["$SYS/#", "$SYS/a", true],
    ["a", "A", false],
    ["a/b", "a/b/c", false],
  ])("%s on %s: %s", (filter, topic, matches) => {
    expect(topicMatches(filter, topic)).toBe(matches);
  });

  test("AWS: a/# does not match a (reference 1.3)", () => {
    expect(topicMatches("sensor/#", "sensor", false)).toBe(false);
    expect(topicMatches("sensor/#", "sensor/x", false)).toBe(true);
  });

  test.each(["", "a\u0000b", "#/a", "a#", "a/b#", "a+/b", "+a", "a/#/b"])("%j is no filter", (text) => {
    expect(isTopicFilter(text)).toBe(false);
  });

  test.each(["", "a/+", "#", "a\u0000"])("%j is no topic name", (text) => {
    expect(isTopicName(text)).toBe(false);
  });

  test("a topic name matches itself and every filter made by replacing levels", () => {
    const level = fc.stringMatching(/^[a-z ]{0,4}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(level, fc.boolean()), { minLength: 1, maxLength: 6 }), (levels) => {
        const topic = levels.map(([name]) => name).join("/");
        fc.pre(topic.length > 0);
        const filter = levels.map(([name, wild]) => (wild ? "+" : name)).join("/");
        expect(isTopicFilter(filter)).toBe(true);
        expect(topicMatches(filter, topic)).toBe(true);
        expect(topicMatches(`${filter}/#`, topic)).toBe(true);
        expect(topicMatches(`${filter}/x`, topic)).toBe(false);
      }),
    );
  });
});

describe("shared subscriptions [MQTT-4.8.2]", () => {
  test("name and filter are told apart", () => {
    expect(parseSharedFilter("$share/group/a/+/#")).toEqual({ share: "group", filter: "a/+/#" });
    expect(parseSharedFilter("a/b")).toEqual({ filter: "a/b" });
  });

  test.each(["$share/group", "$share//a", "$share/g+/a", "$share/g#/a", "$share/g/", "$share/g/a#", "a#"])(
    "%s is malformed",
    (text) => {
      expect(parseSharedFilter(text)).toBeUndefined();
    },
  );
});
