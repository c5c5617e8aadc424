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
