import { createHmac } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatIterator, formatShardListToken, parseIterator, parseShardListToken, TOKEN_LIFE_MS } from "./token.ts";

const keyed = (key: string) => ({
  hash: (value: string, purpose: string) => createHmac("sha256", key).update(`${purpose}\n${value}`).digest("hex"),
});
const key = keyed("one");
const at = { streamName: "s", streamId: "i", shard: 3, place: 7 };
const iterator = formatIterator(at, "1/r", 1000, key);

function refusal(read: () => unknown): string | undefined {
  try {
    read();
  } catch (error) {
    return (error as Error).name;
  }
  return undefined;
}

test("iterators come back within five minutes", () => {
  expect(parseIterator(iterator, "1/r", 1000 + TOKEN_LIFE_MS, key)).toEqual(at);
  expect(refusal(() => parseIterator(iterator, "1/r", 1001 + TOKEN_LIFE_MS, key))).toBe("ExpiredIteratorException");
});

test("next tokens likewise, and neither is taken for the other", () => {
  const position = { streamName: "s", streamId: "i", after: 4 };
  const token = formatShardListToken(position, "1/r", 1000, key);
  expect(parseShardListToken(token, "1/r", 1000, key)).toEqual(position);
  expect(refusal(() => parseShardListToken(token, "1/r", 1001 + TOKEN_LIFE_MS, key))).toBe("ExpiredNextTokenException");
  expect(refusal(() => parseIterator(token, "1/r", 1000, key))).toBe("InvalidArgumentException");
  expect(refusal(() => parseShardListToken(iterator, "1/r", 1000, key))).toBe("InvalidArgumentException");
});

test("neither another account's nor another key's, nor a changed or invented one", () => {
  expect(refusal(() => parseIterator(iterator, "2/r", 1000, key))).toBe("InvalidArgumentException");
  expect(refusal(() => parseIterator(iterator, "1/r", 1000, keyed("two")))).toBe("InvalidArgumentException");
  const sealed = Buffer.from(iterator, "base64");
  for (let i = 0; i < sealed.length; i++) {
    const changed = Buffer.from(sealed);
    changed[i]! ^= 1;
    expect(refusal(() => parseIterator(changed.toString("base64"), "1/r", 1000, key))).toBe("InvalidArgumentException");
  }
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(refusal(() => parseIterator(text, "1/r", 1000, key))).toBe("InvalidArgumentException");
    }),
  );
});

test("an iterator of the longest stream name fits the model's 512 characters", () => {
  const long = { streamName: "s".repeat(128), streamId: "i".repeat(24), shard: 499, place: Number.MAX_SAFE_INTEGER };
  expect(formatIterator(long, "000000000000/us-east-1", Date.now(), key).length).toBeLessThanOrEqual(512);
});
