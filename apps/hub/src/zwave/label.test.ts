import { expect, test } from "vitest";
import { credentialsOf } from "./label.ts";

const groups = ["12345", "00000", "65535", "00001", "22222", "33333", "44444", "55555"];
const all = { pin: "12345", dsk: groups.join("-") };

test.each([
  [undefined, {}],
  ["", {}],
  ["12345", { pin: "12345" }],
  [groups.join("-"), all],
  [groups.join(""), all],
  [` ${groups.join(" ")}`, all],
  [`900112345135${groups.join("")}00100435301537`, all],
])("a person's install code %s", (text, expected) => {
  expect(credentialsOf(text)).toEqual(expected);
});

test.each(["1234", "123456", "abcde", groups.join("").replace("65535", "65536"), "9".repeat(512)])(
  "no install code, and the refusal does not repeat it: %s",
  (text) => {
    expect(() => credentialsOf(text)).toThrow(/^the install code is no PIN of five digits and no device-specific key/);
  },
);
