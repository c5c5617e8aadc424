import { expect, test } from "vitest";
import { NO_SHADOW } from "./shadow.ts";
import { ShadowCache } from "./shadow-cache.ts";

const stored = (length: number) => ({
  shadow: { ...NO_SHADOW, stateText: "x".repeat(length), metadataText: "" },
  ...{ etag: "e", history: 1, modifiedAt: 0 },
});

test("what was used longest ago goes when the whole weighs too much", () => {
  const cache = new ShadowCache(10_000);
  cache.set("a", stored(1_000));
  cache.set("b", stored(1_000));
  cache.set("c", stored(1_000));
  cache.get("a");
  cache.peek("b");
  cache.set("d", stored(1_000));
  expect([...cache.keys()]).toEqual(["c", "a", "d"]);
  // A lighter one in its place makes room again, and so does what is taken out.
  cache.set("c", stored(0));
  cache.delete("a");
  cache.delete("a");
  cache.set("e", stored(1_000));
  expect([...cache.keys()]).toEqual(["d", "c", "e"]);
  for (let index = 0; index < 100; index++) cache.set(`many-${index}`, stored(0));
  expect([...cache.keys()]).toHaveLength(9);
  cache.set("huge", stored(20_000));
  expect([...cache.keys()]).toEqual([]);
});
