import { parseExtrinsicId } from "../extrinsic.ts";
import { attributeKey, type CapabilityCodec, type ElementCodec } from "./capability-codec.ts";
import { converted, type Place } from "./clusters.ts";
import { memberStep } from "./conversion.ts";

type Entries = readonly (readonly [string, unknown])[];

/** Values by property as values by attribute id. */
export const propertiesTo = (entries: Entries, codec: CapabilityCodec, place: Place): Record<string, unknown> =>
  convertAll(entries, place, "toMatter", (name) => {
    const property = codec.properties.get(name);
    return property && { property, key: attributeKey(property.id) };
  });

/** Values by attribute id as values by property. */
export const propertiesFrom = (entries: Entries, codec: CapabilityCodec, place: Place): Record<string, unknown> =>
  convertAll(entries, place, "fromMatter", (text) => {
    const property = codec.attributes.get(parseExtrinsicId(text) ?? -1);
    return property && { property, key: property.name };
  });

function convertAll(
  entries: Entries,
  { path, where, findings }: Place,
  direction: "toMatter" | "fromMatter",
  find: (key: string) => { property: ElementCodec; key: string } | undefined,
): Record<string, unknown> {
  const values = new Map<string, unknown>();
  for (const [key, value] of entries) {
    const at: Place = { path: path + memberStep(key), where, findings };
    const found = find(key);
    if (!found) findings.add(at.path, key.slice(0, 64), "is not a property of the capability", where);
    else if (values.has(found.key)) findings.add(at.path, found.property.name, "is given twice", where);
    else values.set(found.key, converted(found.property.codec[direction], value, found.property.name, at));
  }
  return Object.fromEntries(values);
}
