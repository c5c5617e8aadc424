import { createHash } from "node:crypto";

/** What a Z-Wave label says of a product; numbers as in its node information. */
export interface QrCodeContent {
  /** Keys that the node asks for, a bit each: 0x01 S2 unauthenticated, 0x02 authenticated, 0x04 access control, 0x80 S0. */
  requestedKeys: number;
  /** The device specific key: the first 16 bytes of its public key. */
  dsk: Uint8Array;
  genericDeviceClass: number;
  specificDeviceClass: number;
  installerIcon: number;
  manufacturerId: number;
  productType: number;
  productId: number;
  /** Major version in the upper byte. */
  applicationVersion: number;
}

const LEAD_IN = "90";
const SMART_START = "01";
/** Type-length-value blocks: the type is doubled, its lowest bit says "critical". */
const PRODUCT_TYPE = "00";
const PRODUCT_ID = "02";

const digits = (value: number, length: number) => String(value).padStart(length, "0");

/** Eight groups of five decimal digits, each of two bytes. */
export function dskGroups(dsk: Uint8Array): string[] {
  const bytes = Buffer.from(dsk);
  return Array.from({ length: 8 }, (_, group) => digits(bytes.readUInt16BE(group * 2), 5));
}

/**
 * The digits of a SmartStart QR code (Node Provisioning QR Code Format): lead-in, version, checksum, requested keys, DSK,
 * then product type and product id. The checksum is the first two bytes of SHA-1 over all digits that follow it.
 */
export function qrCodeText(content: QrCodeContent): string {
  const deviceClass = (content.genericDeviceClass << 8) | content.specificDeviceClass;
  const type = digits(deviceClass, 5) + digits(content.installerIcon, 5);
  const product = [content.manufacturerId, content.productType, content.productId, content.applicationVersion]
    .map((value) => digits(value, 5))
    .join("");
  const body =
    digits(content.requestedKeys, 3) +
    dskGroups(content.dsk).join("") +
    PRODUCT_TYPE +
    digits(type.length, 2) +
    type +
    PRODUCT_ID +
    digits(product.length, 2) +
    product;
  const checksum = createHash("sha1").update(body, "ascii").digest().readUInt16BE(0);
  return LEAD_IN + SMART_START + digits(checksum, 5) + body;
}

/** A public key without the part that stands on the label, the PIN. */
export function hidden(publicKey: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(publicKey);
  copy.fill(0, 0, 2);
  return copy;
}
