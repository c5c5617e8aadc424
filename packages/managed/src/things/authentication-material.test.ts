import { describe, expect, test } from "vitest";
import { parseAuthenticationMaterial } from "./authentication-material.ts";

const ZWAVE_KEY = ["34028", "23669", "20938", "46346", "00001", "65535", "12345", "00000"];

describe("row 8: authentication material (reference 3.2)", () => {
  test.each([
    ["WIFI_SETUP_QR_BAR_CODE", "SN:123456789524;UPC:829576019524", "SN=123456789524,UPC=829576019524"],
    ["ZWAVE_QR_BAR_CODE", `900137947003${ZWAVE_KEY.join("")}`, "900137947003133X"],
    ["ZIGBEE_QR_BAR_CODE", "Z:00124B0001A4DC00$I:83FED3407A939723A5C639B26916D505C3B5", "Z:00124B$I:A4DC00."],
    ["DISCOVERED_DEVICE", "CLOUD:0123abcd:vendor-device-1", "vendor-device-1"],
    ["DISCOVERED_DEVICE", "HUB:0123abcd:1", "HUB:0123abcd"],
    ["CUSTOM_PROTOCOL_QR_BAR_CODE", "my-radio;id=42", " ;; "],
    ["PRE_ONBOARDED_CLOUD", '{"device": "4711"}', "{}"],
  ])("%s takes %s and refuses %s", (type, sample, malformed) => {
    expect(parseAuthenticationMaterial(type, sample)).toEqual(expect.any(Object));
    expect(() => parseAuthenticationMaterial(type, malformed)).toThrow(
      expect.objectContaining({ name: "ValidationException", message: expect.not.stringContaining(malformed) }),
    );
  });

  test.each([
    ["SN:123456789524;UPC:829576019524", { serialNumber: "123456789524", universalProductCode: "829576019524" }],
    ["SN:123456789524;UPC:829576019524;", { serialNumber: "123456789524", universalProductCode: "829576019524" }],
    ["UPC:829576019524;SN:A-1", { serialNumber: "A-1", universalProductCode: "829576019524" }],
    ["SN:A_1 b;EAN:12345678", { serialNumber: "A_1 b", internationalArticleNumber: "12345678" }],
  ])("Wi-Fi setup label %s", (material, parsed) => {
    expect(parseAuthenticationMaterial("WIFI_SETUP_QR_BAR_CODE", material)).toEqual(parsed);
  });

  test.each([
    ["a serial alone", "SN:1"],
    ["a code alone", "UPC:829576019524"],
    ["a code of 10 digits", "SN:1;UPC:8295760195"],
    ["a code with letters", "SN:1;UPC:82957601952A"],
    ["an article number of 7 digits", "SN:1;EAN:1234567"],
    ["an empty serial", "SN:;UPC:829576019524"],
    ["a serial given twice", "SN:1;SN:2;UPC:829576019524"],
    ["an unknown field", "SN:1;UPC:829576019524;X:1"],
    ["no fields", "hello"],
    ["nothing", ";"],
  ])("Wi-Fi setup label refused: %s", (_name, material) => {
    expect(() => parseAuthenticationMaterial("WIFI_SETUP_QR_BAR_CODE", material)).toThrow(
      expect.objectContaining({ name: "ValidationException" }),
    );
  });

  test("the refusal does not repeat the secret", () => {
    try {
      parseAuthenticationMaterial("WIFI_SETUP_QR_BAR_CODE", "SN:topsecret");
      expect.unreachable();
    } catch (error) {
      expect((error as Error).message).not.toContain("topsecret");
    }
  });

  test("Z-Wave label: the device-specific key is the eight groups after the header", () => {
    const key = ZWAVE_KEY;
    const label = `900137947003${key.join("")}`;
    expect(parseAuthenticationMaterial("ZWAVE_QR_BAR_CODE", label)).toEqual({ deviceSpecificKey: key.join("-") });
    for (const keyless of [label.replace("65535", "65536"), label.slice(0, 42)]) {
      expect(parseAuthenticationMaterial("ZWAVE_QR_BAR_CODE", keyless)).toEqual({});
    }
    expect(() => parseAuthenticationMaterial("ZWAVE_QR_BAR_CODE", `91${label.slice(2)}`)).toThrow();
    expect(() => parseAuthenticationMaterial("ZWAVE_QR_BAR_CODE", "900137")).toThrow();
  });

  test("Zigbee label: address and install code", () => {
    const label = "Z:00124B0001A4DC00$I:83FED3407A939723A5C639B26916D505C3B5";
    expect(parseAuthenticationMaterial("ZIGBEE_QR_BAR_CODE", label)).toEqual({ macAddress: "00124B0001A4DC00" });
    expect(() => parseAuthenticationMaterial("ZIGBEE_QR_BAR_CODE", "Z:00124B0001A4DC00")).toThrow();
    for (const other of ["Z:00124B0001A4DC00$I:A4DC00.", label.slice(0, -4)]) {
      expect(parseAuthenticationMaterial("ZIGBEE_QR_BAR_CODE", other)).toEqual({ macAddress: "00124B0001A4DC00" });
    }
    for (const odd of [`${label}0`, `${label}${"00".repeat(15)}`, `${label}XY`]) {
      expect(() => parseAuthenticationMaterial("ZIGBEE_QR_BAR_CODE", odd)).toThrow();
    }
  });
});
