import { expect, test } from "vitest";
import {
  decodeFields,
  decodeValue,
  encodeFields,
  encodeValue,
  parseFrame,
  parseReadResponse,
  parseReport,
  T,
} from "./zcl.ts";

test("values are the same after both ways", () => {
  const cases: [number, (number | boolean | string)[]][] = [
    [T.boolean, [true, false]],
    [T.uint8, [0, 255]],
    [T.uint24, [0, 0xffffff]],
    [T.uint48, [0, 2 ** 48 - 1]],
    [T.int8, [-128, 127]],
    [T.int16, [-32_768, 32_767]],
    [T.int24, [-(2 ** 23), 2 ** 23 - 1]],
    [T.bitmap16, [0xffff]],
    [T.enum16, [0x8000]],
    [T.text, ["", "Grüße"]],
    [T.octets, ["", "00ff"]],
    [T.eui64, ["00158d00aabbccdd"]],
    [0x39, [0.5]],
  ];
  for (const [type, values] of cases) {
    for (const value of values) expect(decodeValue(type, encodeValue(type, value)), `${type}`).toBe(value);
  }
  for (const [type, value] of [
    [T.uint8, 256],
    [T.int8, 128],
    [T.uint8, "1"],
    [T.eui64, "00"],
    [T.text, "x".repeat(255)],
    [0x48, 1],
  ] as const) {
    expect(() => encodeValue(type, value)).toThrow();
  }
});

test("a report of many types is read to its end, lists and strings too", () => {
  const report = Buffer.from("0000100104004202486904ff4820020001020500" + "4c01002007" + "060021e803", "hex");
  expect(parseReport(report).map(({ id, type, data }) => [id, type, data.toString("hex")])).toEqual([
    [0, 0x10, "01"],
    [4, 0x42, "024869"],
    [0xff04, 0x48, "2002000102"],
    [5, 0x4c, "01002007"],
    [6, 0x21, "e803"],
  ]);
});

test("frames cut anywhere, and lists that claim too much, end what is read and nothing else", () => {
  const frame = Buffer.from("0c5f11070a0055" + "10" + "01" + "0100" + "48" + "20ff7f00", "hex");
  for (let length = 0; length < frame.length; length += 1) {
    const parsed = parseFrame(frame.subarray(0, length));
    if (parsed) expect(parseReport(parsed.payload).length).toBeLessThanOrEqual(1);
  }
  const nested = Buffer.concat([Buffer.from("0000", "hex"), Buffer.from("4c0100".repeat(40), "hex")]);
  expect(parseReport(nested)).toEqual([]);
  expect(parseReadResponse(Buffer.from("000086" + "010000" + "2005" + "02000099", "hex"))).toMatchObject({
    missing: [0],
    records: [{ id: 1, type: 0x20 }],
  });
});

test("optional last fields are sent when they are given", () => {
  const layout = [
    ["level", T.uint8],
    ["time", T.uint16],
    ["mask", T.bitmap8],
  ] as const;
  expect(encodeFields(layout, { level: 254, time: 10, mask: null }).toString("hex")).toBe("fe0a00");
  expect(encodeFields(layout, { level: 254, time: 10, mask: 1 }).toString("hex")).toBe("fe0a0001");
  expect(decodeFields(layout, Buffer.from("fe0a", "hex"))).toEqual({ level: 254 });
});
