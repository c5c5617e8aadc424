import { createCipheriv } from "node:crypto";

/** The key under which a device without an install code is let in (Base Device Behavior, 5.2.3). */
export const GLOBAL_LINK_KEY = Buffer.from("ZigBeeAlliance09", "latin1");

/** The 16 octets of a code and its CRC, as they stand on the label (Base Device Behavior 10.1.2). */
export const withCrc = (code: Uint8Array): Buffer => {
  const crc = crc16(code);
  return Buffer.from([...code, crc & 0xff, crc >> 8]);
};

export function hasRightCrc(labelled: Uint8Array): boolean {
  if (![8, 10, 14, 18].includes(labelled.length)) return false;
  return withCrc(labelled.subarray(0, -2)).equals(labelled);
}

/** The link key of an install code with its CRC: its AES-MMO hash (Zigbee specification B.6, Base Device Behavior 10.1.3). */
export function linkKeyOf(labelled: Uint8Array): Buffer {
  const bits = labelled.length * 8;
  const blocks = Math.ceil((labelled.length + 3) / 16);
  const padded = Buffer.alloc(blocks * 16);
  padded.set(labelled);
  padded[labelled.length] = 0x80;
  padded.writeUInt16BE(bits, padded.length - 2);
  let hash: Buffer = Buffer.alloc(16);
  for (let at = 0; at < padded.length; at += 16) {
    const block = padded.subarray(at, at + 16);
    const cipher = createCipheriv("aes-128-ecb", hash, null).setAutoPadding(false);
    const encrypted = cipher.update(block);
    hash = Buffer.from(encrypted.map((octet, index) => octet ^ (block[index] ?? 0)));
  }
  return hash;
}

/** CRC-16/X-25. */
function crc16(octets: Uint8Array): number {
  let crc = 0xffff;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  }
  return crc ^ 0xffff;
}
