/** Words of Matter's names whose spelling does not follow from the camel case of @matter/model. */
const WORDS: Readonly<Record<string, string>> = {
  And: "and",
  Co: "CO",
  Evse: "EVSE",
  Hepa: "HEPA",
  Icd: "ICD",
  Ota: "OTA",
  Pki: "PKI",
  Pm1: "PM1",
  Pm10: "PM10",
  Pm25: "PM2.5",
  Rvc: "RVC",
};

/** Whole names that no rule gives. */
const CLUSTERS: Readonly<Record<string, string>> = {
  OnOff: "On/Off",
  WakeOnLan: "Wake on LAN",
  WiFiNetworkDiagnostics: "Wi-Fi Network Diagnostics",
  WiFiNetworkManagement: "Wi-Fi Network Management",
};

/** `LevelControl` gives `Level Control`, `OnOff` gives `On/Off`: the name that people read. */
export function displayName(cluster: string): string {
  const known = CLUSTERS[cluster];
  if (known !== undefined) return known;
  const words = cluster.match(/[A-Z][a-z0-9]*/g) ?? [cluster];
  return words.map((word) => WORDS[word] ?? word).join(" ");
}

/** The part of the identity that names a cluster. The model's name of one cluster repeats the word "cluster". */
export const clusterName = (cluster: string): string => cluster.replace(/Cluster$/, "");

/**
 * The part of the identity that names a base type: `node-id` gives `nodeId`, since an identity has letters, digits
 * and dots only (reference 5.1; API: SchemaVersionedId).
 */
export const baseTypeName = (type: string): string =>
  type.replaceAll(/-([a-zA-Z])/g, (_match, letter: string) => letter.toUpperCase());

/** `0x` and upper-case digits, at least `digits` of them. */
export const hex = (id: number, digits: number): string => `0x${id.toString(16).toUpperCase().padStart(digits, "0")}`;

/** @matter/model writes every word of a name with one capital; Matter writes these in capitals throughout. */
const ACRONYMS: readonly string[] = [
  ..."Ac Acl Ansi Arl Bdx Ble Bssid Ca Cat Cmos Co Csr Dac Dc Dns Dst Ean Esa Ev Evse Gnss Hdmi Hvac Ica Icac Icd Id Iec".split(
    " ",
  ),
  ..."Ipk Led Lqi Mac Nfc Noc Nocsr Ntp Ntpnts Ota Pai Pi Pin Pir Pki Ppb Ppm Ppt Ptp Pv Rfid Rms Scart Sntp Ssid".split(
    " ",
  ),
  ..."Tc Upc Uri Url Usb Utc Wep Wpa Bqm3 Mgm3 Ngm3 Pm3 Ugm3 Wpa2 Wpa3".split(" "),
];
const CAPITALS = new Map(ACRONYMS.map((word) => [word, word.toUpperCase()]));

/** Names that Matter itself writes otherwise than its own rule. */
const ELEMENTS: Readonly<Record<string, string>> = {
  AcCapacityFormat: "ACCapacityformat",
  AdminVendorId: "AdminVendorId",
  AliroSupportedBleuwbProtocolVersions: "AliroSupportedBLEUWBProtocolVersions",
  Arl: "ARL",
  ArlRequestFlowUrl: "ARLRequestFlowUrl",
  BtUh: "BTUh",
  ColorPointBx: "ColorPointBX",
  ColorPointBy: "ColorPointBY",
  ColorPointGx: "ColorPointGX",
  ColorPointGy: "ColorPointGY",
  ColorPointRx: "ColorPointRX",
  ColorPointRy: "ColorPointRY",
  CommissioningArL: "CommissioningARL",
  DvbiUrl: "DvbiUrl",
  ExtendedPanId: "ExtendedPanId",
  ExtendedPanIdPresent: "ExtendedPanIdPresent",
  LeaderRouterId: "LeaderRouterId",
  LedFeedback: "LedFeedback",
  MaximumCheckInBackoff: "MaximumCheckInBackOff",
  Nocs: "NOCs",
  PanId: "PanId",
  PanIdPresent: "PanIdPresent",
  PartitionId: "PartitionId",
  PartitionIdChangeCount: "PartitionIdChangeCount",
  PosterArtUrl: "PosterArtUrl",
  PskcPresent: "PSKcPresent",
  RequirePinForRemoteOperation: "RequirePINforRemoteOperation",
  Rollershade: "RollerShade",
  Rollershade2Motor: "RollerShade2Motor",
  RollershadeExterior: "RollerShadeExterior",
  RollershadeExterior2Motor: "RollerShadeExterior2Motor",
  RouterId: "RouterId",
  Rssi: "RSSI",
  ThumbnailUrl: "ThumbnailUrl",
  TiltBlindLift: "TiltBlindLiftAndTilt",
};

/** The name of an attribute, a command, an event, a field, a bit or a value as Matter writes it. */
export function elementName(name: string): string {
  if (Object.hasOwn(ELEMENTS, name)) return ELEMENTS[name]!;
  return name.replaceAll(/[A-Z][a-z0-9]*/g, (word) => CAPITALS.get(word) ?? word);
}
