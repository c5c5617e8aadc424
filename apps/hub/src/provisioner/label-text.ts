import { createHash } from "node:crypto";
import type { Label } from "../plugins/protocol-plugin.ts";

/** What the text of a bar code says: whose device it is, or why it is none. Neither ever repeats the text: it is a secret. */
export type LabelText = { protocol: Label["protocol"]; radioId: string } | { problem: string };

const MOST_CHARACTERS = 512;

/** Reads a label by the type that the cloud gave it (reference 3.2). */
export function readLabel(materialType: string, material: string): LabelText {
  if (material.length > MOST_CHARACTERS) return { problem: `is longer than ${MOST_CHARACTERS} characters` };
  switch (materialType) {
    case "ZIGBEE_QR_BAR_CODE":
      return readZigbee(material);
    case "ZWAVE_QR_BAR_CODE":
      return readZWave(material);
    case "CUSTOM_PROTOCOL_QR_BAR_CODE":
      return /[0-9A-Za-z]/.test(material) ? { protocol: "CUSTOM", radioId: material } : { problem: "is empty" };
    default:
      return { problem: "is of a type that no radio of a hub reads" };
  }
}

/** One form for what is compared: labels and stacks write EUI-64 and DSK in either case, with 0x or without. */
export const sameRadioId = (protocol: string, a: string, b: string): boolean => {
  if (protocol.toUpperCase() === "CUSTOM") return a === b;
  const plain = (id: string) => id.replace(/^0x/i, "").replaceAll("-", "").toUpperCase();
  return plain(a) === plain(b);
};

/** Bytes of an install code without its CRC (Zigbee Base Device Behavior 10.1). */
const CODE_BYTES = [6, 8, 12, 16];

/** `Z:<EUI-64>$I:<install code>`, the code with its CRC or, as some makers print it, without. */
function readZigbee(material: string): LabelText {
  const [, eui64, code] = /(?:^|\$)Z:([0-9A-Fa-f]{16})\$I:([0-9A-Fa-f]{1,64})(?:[.$%]|$)/.exec(material) ?? [];
  if (eui64 === undefined || code === undefined) return { problem: "does not read Z:<EUI-64>$I:<install code>" };
  if (/^(0{16}|[Ff]{16})$/.test(eui64)) return { problem: "holds an EUI-64 that no device has" };
  const bytes = Buffer.from(code, "hex");
  if (code.length % 2 !== 0) return { problem: "ends in the middle of a byte of its install code" };
  if (CODE_BYTES.includes(bytes.length - 2)) {
    const stored = bytes.readUInt16LE(bytes.length - 2);
    if (crc16(bytes.subarray(0, -2)) !== stored) return { problem: "holds an install code whose CRC is wrong" };
  } else if (!CODE_BYTES.includes(bytes.length)) {
    return { problem: "holds an install code that is not of 6, 8, 12 or 16 bytes with its CRC" };
  }
  return { protocol: "ZIGBEE", radioId: eui64.toUpperCase() };
}

/** CRC-16/X-25, as install codes carry it. */
function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  }
  return crc ^ 0xffff;
}

/**
 * Digits: `90`, version (2), checksum (5), requested keys (3), the DSK as eight groups of five, then type-length-values.
 * The checksum is the first 16 bits of the SHA-1 of all digits behind it. Only version 01 promises SmartStart.
 */
function readZWave(material: string): LabelText {
  const digits = material.replaceAll(" ", "");
  if (!/^90\d+$/.test(digits)) return { problem: "is not made of digits that begin with 90" };
  if (digits.length < 52) return { problem: "ends before its device-specific key does" };
  if (digits.slice(2, 4) !== "01") return { problem: "is not that of a SmartStart device: use guided setup" };
  const groups = digits.slice(12, 52).match(/\d{5}/g) ?? [];
  if (!groups.every((group) => Number(group) <= 0xffff)) return { problem: "holds no device-specific key" };
  const checksum = createHash("sha1").update(digits.slice(9)).digest().readUInt16BE(0);
  if (Number(digits.slice(4, 9)) !== checksum) return { problem: "has a wrong checksum" };
  return { protocol: "ZWAVE", radioId: groups.join("-") };
}
