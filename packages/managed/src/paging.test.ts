import fc from "fast-check";
import { expect, test } from "vitest";
import { afterToken, pageOf } from "./paging.ts";

test("a token leads on after the last key of its page, for any key", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (key) => {
      const { items, nextToken } = pageOf([key, "next"], 1, (row) => row);
      expect(items).toEqual([key]);
      expect(nextToken).toMatch(/^[a-zA-Z0-9=_-]+$/);
      // A lone surrogate is no Unicode text and comes back as U+FFFD.
      expect(afterToken(nextToken)).toBe(Buffer.from(key, "utf8").toString("utf8"));
    }),
  );
});

test("the last page has no token", () => {
  expect(pageOf(["a"], 1, (row) => row)).toEqual({ items: ["a"] });
});

test("a token that was not given out is refused", () => {
  for (const token of ["=", "a", "@@@", "YQ@"]) {
    expect(() => afterToken(token)).toThrow(expect.objectContaining({ name: "ValidationException" }));
  }
});
