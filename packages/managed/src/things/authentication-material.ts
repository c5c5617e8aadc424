import { invalid } from "../errors.ts";

/** What a bar code or label says about its device (reference 3.2). */
export interface ParsedMaterial {
  serialNumber?: string;
  /** 12 digits. */
  universalProductCode?: string;
  /** 8 to 13 digits. */
  internationalArticleNumber?: string;
  deviceSpecificKey?: string;
  /** EUI-64, 16 hex digits. */
  macAddress?: string;
}

const SERIAL = /^[A-Za-z0-9_ -]{1,128}$/;

/** @throws ValidationException saying what the material of this type looks like; the material itself is never repeated */
export function parseAuthenticationMaterial(type: string, material: string): ParsedMaterial {
  switch (type) {
    case "WIFI_SETUP_QR_BAR_CODE":
      return parseWiFiSetup(material);
    case "ZWAVE_QR_BAR_CODE":
      return parseZWave(material);
    case "ZIGBEE_QR_BAR_CODE":
      return parseZigbee(material);
    case "DISCOVERED_DEVICE":
      return parseDiscovered(material);
    default:
      return parseOpaque(type, material);
  }
}

/** Material of a discovered device that no discovery minted (U2). */
export const notDiscovered = () =>
  malformed(
    "DISCOVERED_DEVICE",
    "was not returned by ListDiscoveredDevices; start a device discovery and pass on what it found",
  );

const malformed = (type: string, problem: string) => invalid(`AuthenticationMaterial of type ${type} ${problem}.`);

/** `SN:<serial>;UPC:<code>` or `SN:<serial>;EAN:<code>`, with or without a semicolon at the end. */
function parseWiFiSetup(material: string): ParsedMaterial {
  const type = "WIFI_SETUP_QR_BAR_CODE";
  const fields = new Map<string, string>();
  for (const part of material.replace(/;$/, "").split(";")) {
    const colon = part.indexOf(":");
    const key = part.slice(0, Math.max(colon, 0)).trim();
    if (!["SN", "UPC", "EAN"].includes(key) || fields.has(key)) {
      throw malformed(type, "must read SN:<serial>;UPC:<12 digits>");
    }
    fields.set(key, part.slice(colon + 1).trim());
  }
  const serialNumber = fields.get("SN");
  const upc = fields.get("UPC");
  const ean = fields.get("EAN");
  if (serialNumber === undefined || !SERIAL.test(serialNumber)) {
    throw malformed(type, "needs SN: with a serial number of 1 to 128 letters, digits, '-', '_' or spaces");
  }
  if (upc === undefined && ean === undefined) throw malformed(type, "needs UPC: with 12 digits, or EAN: with 8 to 13");
  // U3: a 12-digit code is a UPC; 8 to 13 digits under EAN: are an article number; nothing else is accepted.
  if (upc !== undefined && !/^\d{12}$/.test(upc)) throw malformed(type, "needs 12 digits after UPC:");
  if (ean !== undefined && !/^\d{8,13}$/.test(ean)) throw malformed(type, "needs 8 to 13 digits after EAN:");
  return {
    serialNumber,
    ...(upc === undefined ? {} : { universalProductCode: upc }),
    ...(ean === undefined ? {} : { internationalArticleNumber: ean }),
  };
}

/**
 * The digits of the Z-Wave label: lead-in `90`, version, checksum (5), requested keys (3), then the device-specific key:
 * eight groups of five digits, each a 16-bit number. Whether it is the label of a real device the hub finds out; a label
 * that ends before its key, or whose groups are too large for one, has none here.
 */
function parseZWave(material: string): ParsedMaterial {
  const type = "ZWAVE_QR_BAR_CODE";
  if (!/^90\d{10,}$/.test(material)) throw malformed(type, "must be the digits of the label, starting with 90");
  const groups = material.slice(12, 52).match(/\d{5}/g) ?? [];
  const isKey = groups.length === 8 && groups.every((group) => Number(group) <= 0xffff);
  return isKey ? { deviceSpecificKey: groups.join("-") } : {};
}

/**
 * `CLOUD:<discovery>:<device>` or `HUB:<discovery>:<device>` (U2). That the form is right says nothing: the discovery
 * that minted it must be asked.
 */
function parseDiscovered(material: string): ParsedMaterial {
  if (/^(CLOUD|HUB):[A-Za-z0-9]{1,200}:[^\s]{1,473}$/.test(material)) return {};
  throw malformed("DISCOVERED_DEVICE", "must be one that ListDiscoveredDevices returned, passed on as it is");
}

/** The types CUSTOM_PROTOCOL_QR_BAR_CODE and PRE_ONBOARDED_CLOUD mean something to the customer alone. */
function parseOpaque(type: string, material: string): ParsedMaterial {
  if (/[0-9A-Za-z]/.test(material)) return {};
  throw malformed(type, "must hold letters or digits");
}

/** `Z:<EUI-64>$I:<install code>`, each in hex; further `$`-separated fields may follow. */
function parseZigbee(material: string): ParsedMaterial {
  const type = "ZIGBEE_QR_BAR_CODE";
  const fields = new Map(material.split("$").map((field) => [field.slice(0, 2), field.slice(2)] as const));
  const eui64 = fields.get("Z:");
  const installCode = fields.get("I:")?.replace(/\.$/, "");
  if (eui64 === undefined || !/^[0-9A-Fa-f]{16}$/.test(eui64)) throw malformed(type, "needs Z: with 16 hex digits");
  // Zigbee Base Device Behavior 10.1 knows codes of 6, 8, 12 and 16 bytes and their CRC; makers print others too.
  if (installCode === undefined || !/^([0-9A-Fa-f]{2}){1,32}$/.test(installCode)) {
    throw malformed(type, "needs $I: with an install code of 1 to 32 bytes in hex");
  }
  return { macAddress: eui64.toUpperCase() };
}
