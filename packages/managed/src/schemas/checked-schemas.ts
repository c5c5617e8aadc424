import {
  type CapabilityDocument,
  describeViolation,
  parseExtrinsicId,
  pathOfId,
  type SchemaSet,
  validateCapabilityDocument,
} from "@hearth/data-model";
import { invalid } from "../errors.ts";

/** API: CapabilitySchemaItem. */
export interface CapabilitySchemaItem {
  Format: "AWS" | "ZCL" | "CONNECTOR";
  CapabilityId: string;
  ExtrinsicId: string;
  ExtrinsicVersion: number;
  Schema: unknown;
}

export interface OwnSchema {
  capabilityId: string;
  document: CapabilityDocument;
}

/**
 * The schemas that a managed thing brings itself: each a capability document of a customer that says the same ids as
 * the item around it. All formats are one language; CONNECTOR has no extrinsic properties (reference 4.3).
 * @param schemas what the documents may refer to
 * @throws ValidationException saying which item is wrong and where
 */
export function checkedSchemas(
  items: readonly CapabilitySchemaItem[],
  schemas: SchemaSet,
  member = "CapabilitySchemas",
): OwnSchema[] {
  const seen = new Set<string>();
  return items.map((item, i) => {
    const path = `${member}[${i}]`;
    const violation = validateCapabilityDocument(item.Schema, { schemas })[0];
    if (violation) throw invalid(`${path}.Schema.${describeViolation(violation)}`);
    const document = item.Schema as CapabilityDocument;
    if (document.$id !== pathOfId(item.CapabilityId, "capability")) {
      throw invalid(`${path}.CapabilityId differs from the $id in Schema.`);
    }
    if (parseExtrinsicId(document.extrinsicId) !== parseExtrinsicId(item.ExtrinsicId)) {
      throw invalid(`${path}.ExtrinsicId differs from the extrinsicId in Schema.`);
    }
    if (Number(document.extrinsicVersion) !== item.ExtrinsicVersion) {
      throw invalid(`${path}.ExtrinsicVersion differs from the extrinsicVersion in Schema.`);
    }
    if (item.Format === "CONNECTOR" && hasExtrinsicProperties(document)) {
      throw invalid(`${path}.Schema has extrinsicProperties, which the format CONNECTOR has not. Give AWS or ZCL.`);
    }
    if (schemas.source.capability(item.CapabilityId)) {
      throw invalid(
        `${path}.CapabilityId is published in this account already. Leave the item out, or raise its version.`,
      );
    }
    if (seen.has(item.CapabilityId)) throw invalid(`${path}.CapabilityId is given twice.`);
    seen.add(item.CapabilityId);
    return { capabilityId: item.CapabilityId, document };
  });
}

const hasExtrinsicProperties = (document: CapabilityDocument): boolean => {
  const actions = document.actions ?? [];
  const elements = [
    ...Object.values(document.properties ?? {}),
    ...actions.flatMap((action) => [action, action.request ?? {}, action.response ?? {}]),
    ...(document.events ?? []),
  ] as readonly { extrinsicProperties?: unknown }[];
  return elements.some((element) => element.extrinsicProperties !== undefined);
};
