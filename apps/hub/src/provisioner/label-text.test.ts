import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readLabel, sameRadioId } from "./label-text.ts";

const DSK = "12345-00001-65535-04660-22136-39612-57072-00042";
/** A Z-Wave label by the book: the checksum is over what follows it. */
const zwave = (rest = `003${DSK.replaceAll("-", "")}0010012340200010002`, version = "01"): string => {
  const checksum = createHash("sha1").update(rest).digest().readUInt16BE(0);
  return `90${version}${String(checksum).padStart(5, "0")}${rest}`;
};
// The install code of the Zigbee Base Device Behavior's own example, with its CRC.
const ZIGBEE = "Z:00124B00146FC7F1$I:83FED3407A939723A5C639B26916D505C3B5";

describe("labels", () => {
  test("of both protocols name their device", () => {
    expect(readLabel("ZIGBEE_QR_BAR_CODE", ZIGBEE)).toEqual({ protocol: "ZIGBEE", radioId: "00124B00146FC7F1" });
    expect(readLabel("ZIGBEE_QR_BAR_CODE", `G$M:lamp$${ZIGBEE}$V:1`)).toMatchObject({ radioId: "00124B00146FC7F1" });
    expect(readLabel("ZIGBEE_QR_BAR_CODE", "Z:00124b00146fc7f1$I:83FED3407A93.")).toMatchObject({ protocol: "ZIGBEE" });
    expect(readLabel("ZWAVE_QR_BAR_CODE", zwave())).toEqual({ protocol: "ZWAVE", radioId: DSK });
    expect(readLabel("CUSTOM_PROTOCOL_QR_BAR_CODE", "BULB:7")).toEqual({ protocol: "CUSTOM", radioId: "BULB:7" });
  });

  const digits = zwave();
  const turned = `${digits.slice(0, -1)}${(Number(digits.at(-1)) + 1) % 10}`;
  const malformed: [string, string, string, string][] = [
    ["nothing", "ZIGBEE_QR_BAR_CODE", "", "does not read"],
    ["words", "ZIGBEE_QR_BAR_CODE", "my lamp", "does not read"],
    ["no install code", "ZIGBEE_QR_BAR_CODE", "Z:00124B00146FC7F1", "does not read"],
    ["an empty install code", "ZIGBEE_QR_BAR_CODE", "Z:00124B00146FC7F1$I:", "does not read"],
    ["a short EUI-64", "ZIGBEE_QR_BAR_CODE", ZIGBEE.replace("00124B", "124B"), "does not read"],
    ["a long EUI-64", "ZIGBEE_QR_BAR_CODE", ZIGBEE.replace("00124B", "0000124B"), "does not read"],
    ["letters that are no digits", "ZIGBEE_QR_BAR_CODE", ZIGBEE.replace("83FE", "83XE"), "does not read"],
    ["another order", "ZIGBEE_QR_BAR_CODE", "I:83FED3407A93$Z:00124B00146FC7F1", "does not read"],
    ["half a byte", "ZIGBEE_QR_BAR_CODE", ZIGBEE.slice(0, -1), "middle of a byte"],
    ["a code of 5 bytes", "ZIGBEE_QR_BAR_CODE", "Z:00124B00146FC7F1$I:83FED3407A", "6, 8, 12 or 16"],
    ["one digit mistyped", "ZIGBEE_QR_BAR_CODE", ZIGBEE.replace("83FE", "83FF"), "CRC"],
    ["everybody's EUI-64", "ZIGBEE_QR_BAR_CODE", ZIGBEE.replace("00124B00146FC7F1", "FFFFFFFFFFFFFFFF"), "no device"],
    ["a megabyte", "ZIGBEE_QR_BAR_CODE", ZIGBEE + "A".repeat(1 << 20), "longer"],
    ["nothing", "ZWAVE_QR_BAR_CODE", "", "begin with 90"],
    ["another lead-in", "ZWAVE_QR_BAR_CODE", `91${digits.slice(2)}`, "begin with 90"],
    ["a letter", "ZWAVE_QR_BAR_CODE", digits.replace(/\d$/, "x"), "begin with 90"],
    ["an end before the key's", "ZWAVE_QR_BAR_CODE", digits.slice(0, 51), "ends before"],
    ["one digit mistyped", "ZWAVE_QR_BAR_CODE", turned, "checksum"],
    ["a group above 65535", "ZWAVE_QR_BAR_CODE", zwave(`003${"99999".repeat(8)}00100123402`), "no device-specific key"],
    ["a label of before SmartStart", "ZWAVE_QR_BAR_CODE", zwave(undefined, "00"), "guided setup"],
    ["a label of a later version", "ZWAVE_QR_BAR_CODE", zwave(undefined, "07"), "guided setup"],
    ["a hub's own label", "WIFI_SETUP_QR_BAR_CODE", "SN:1;UPC:123456789012", "no radio"],
  ];
  test.each(malformed)("with %s (%s) say what is wrong, without the material", (_name, type, material, problem) => {
    const read = readLabel(type, material);
    expect(read).toEqual({ problem: expect.stringContaining(problem) });
    const secret = /\$I:([0-9A-F]+)/.exec(material)?.[1] ?? material;
    if (secret.length > 8) expect(JSON.stringify(read)).not.toContain(secret.slice(0, 8));
  });

  test("are compared whatever way they are written", () => {
    expect(sameRadioId("ZIGBEE", "0x00124b00146fc7f1", "00124B00146FC7F1")).toBe(true);
    expect(sameRadioId("ZWAVE", DSK, DSK.replaceAll("-", ""))).toBe(true);
    expect(sameRadioId("CUSTOM", "bulb-1", "BULB1")).toBe(false);
  });
});
