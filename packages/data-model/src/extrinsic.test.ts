import { describe, expect, test } from "vitest";
import type { ActionElement } from "./documents.ts";
import { effectiveRequest, effectiveResponse, parseExtrinsicId, vendorOf } from "./extrinsic.ts";

describe("row 28: the override rule of actions (reference 5.3)", () => {
  const action: ActionElement = {
    name: "ToggleWithEffect",
    extrinsicId: "0x0001",
    extrinsicProperties: { apiMaturity: "provisional", introducedIn: "1.2" },
    request: { extrinsicProperties: { apiMaturity: "stable", manufacturerCode: "XYZ" }, parameters: {} },
    response: { extrinsicProperties: { noDefaultImplementation: true }, parameters: {} },
  };

  test("lays the request over the action", () => {
    expect(effectiveRequest(action)).toEqual({
      name: "ToggleWithEffect",
      extrinsicId: "0x0001",
      extrinsicProperties: { apiMaturity: "stable", introducedIn: "1.2", manufacturerCode: "XYZ" },
    });
  });

  test("lays the response over the action", () => {
    expect(effectiveResponse(action)).toEqual({
      name: "ToggleWithEffectResponse",
      extrinsicId: "0x0001",
      extrinsicProperties: { apiMaturity: "provisional", introducedIn: "1.2", noDefaultImplementation: true },
    });
  });

  test("takes the id and the name of the response where it has them", () => {
    const named = { ...action, response: { name: "Done", extrinsicId: "0x02", parameters: {} } };
    expect(effectiveResponse(named)).toMatchObject({ name: "Done", extrinsicId: "0x02" });
    expect(effectiveRequest({ ...action, request: undefined })).toMatchObject({ extrinsicId: "0x0001" });
  });
});

describe("an external id (reference 5.1)", () => {
  test.each([
    ["0018", 18],
    ["0x001A", 0x1a],
    ["0X15771002", 0x15771002],
    ["4294967295", 4294967295],
    ["", undefined],
    ["0x", undefined],
    ["0x123456789", undefined],
    ["12345678901", undefined],
    ["-1", undefined],
    ["1a", undefined],
  ])("%s is %s", (text, expected) => {
    expect(parseExtrinsicId(text)).toBe(expected);
  });

  test("tells the vendor", () => {
    expect(vendorOf(0x15771002)).toBe(0x1577);
    expect(vendorOf(0x0006)).toBe(0);
    expect(vendorOf(0xfff10001)).toBe(0xfff1);
  });
});
