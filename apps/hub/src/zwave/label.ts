import type { Label } from "../plugins/protocol-plugin.ts";
import { readLabel } from "../provisioner/label-text.ts";
import type { ProvisioningEntry } from "./dpk/dpk.ts";

/** A SmartStart label as an entry of the provisioning list, or why it is none. Its text is never repeated: a secret. */
export function entryOf({ materialType, material }: Label): ProvisioningEntry | { problem: string } {
  const text = readLabel(materialType, material);
  if ("problem" in text) return text;
  if (text.protocol !== "ZWAVE") return { problem: "is not a Z-Wave one" };
  return { dsk: text.radioId, requestedKeys: Number(material.replaceAll(" ", "").slice(9, 12)) };
}

/**
 * What a person has given for the device that comes: its PIN, the whole key, or the text of its bar code. Undefined for
 * nothing; throws for what is none of these.
 */
export function credentialsOf(material: string | undefined): { pin?: string; dsk?: string } {
  const text = material?.replaceAll(/[\s-]/g, "") ?? "";
  if (text === "") return {};
  if (/^\d{5}$/.test(text)) return { pin: text };
  const key = /^90\d{50,}$/.test(text) ? text.slice(12, 52) : text;
  const groups = /^\d{40}$/.test(key) ? (key.match(/\d{5}/g) ?? []) : [];
  if (groups.length !== 8 || groups.some((group) => Number(group) > 0xffff)) {
    throw Object.assign(new Error("the install code is no PIN of five digits and no device-specific key of forty"), {
      code: "400",
    });
  }
  return { pin: groups[0]!, dsk: groups.join("-") };
}
