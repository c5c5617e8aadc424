import { expect, it } from "vitest";
import { hasRightCrc, linkKeyOf, withCrc } from "./install-code.ts";

it("gives an install code the CRC and the key of the specification's example", () => {
  // Base Device Behavior 10.1.2 and 10.1.3.
  const code = Buffer.from("83FED3407A939723A5C639B26916D505", "hex");
  const labelled = withCrc(code);
  expect(labelled.toString("hex").toUpperCase()).toBe("83FED3407A939723A5C639B26916D505C3B5");
  expect(linkKeyOf(labelled).toString("hex").toUpperCase()).toBe("66B6900981E1EE3CA4206B6B861C02BB");
});

it("tells a code whose CRC is wrong", () => {
  const labelled = withCrc(Buffer.alloc(16, 3));
  expect(hasRightCrc(labelled)).toBe(true);
  const mistyped = Buffer.from(labelled);
  mistyped[3] = 4;
  expect(hasRightCrc(mistyped)).toBe(false);
  expect(hasRightCrc(labelled.subarray(0, 17))).toBe(false);
});
