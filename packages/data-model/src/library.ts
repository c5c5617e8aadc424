import type { CapabilityDocument, DefinitionDocument } from "./documents.ts";
import { capabilityTexts } from "./generated/capabilities.js";
import { capabilityIndex } from "./generated/capability-index.ts";
import { definitionTexts } from "./generated/definitions.js";

/** Documents by versioned id. Implementations return the same frozen object for the same id. */
export interface SchemaSource {
  capability(versionedId: string): CapabilityDocument | undefined;
  definition(versionedId: string): DefinitionDocument | undefined;
  /** Every versioned id of a type, sorted. */
  ids(type: "capability" | "definition"): readonly string[];
  /** The versioned ids of the capabilities that stand for a cluster, by the number of its id. */
  ofCluster(clusterId: number): readonly string[];
}

/** The library stays text until a document is asked for: all of it parsed would cost several milliseconds. */
function lazily<Document>(texts: Readonly<Record<string, string>>): (id: string) => Document | undefined {
  const parsed = new Map<string, Document>();
  return (id) => {
    const known = parsed.get(id);
    if (known || !Object.hasOwn(texts, id)) return known;
    const document = deepFreeze(JSON.parse(texts[id]!)) as Document;
    parsed.set(id, document);
    return document;
  };
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member);
    Object.freeze(value);
  }
  return value;
}

const capabilityIds = Object.keys(capabilityTexts);
const definitionIds = Object.keys(definitionTexts);

/** The schemas in the namespaces `matter` and `aws` that come with the platform. */
export const library: SchemaSource = {
  capability: lazily<CapabilityDocument>(capabilityTexts),
  definition: lazily<DefinitionDocument>(definitionTexts),
  ids: (type) => (type === "capability" ? capabilityIds : definitionIds),
  ofCluster(clusterId) {
    const id = capabilityByClusterId(clusterId)?.id;
    return id === undefined ? [] : [id];
  },
};

/** Name, cluster id and revision of a capability of the library, without parsing its document. */
export interface CapabilitySummary {
  id: string;
  name: string;
  /** Cluster id, such as `0x0006`. */
  extrinsicId: string;
  /** Cluster revision. */
  extrinsicVersion: string;
}

const summaries: readonly CapabilitySummary[] = capabilityIndex.map(([id, name, extrinsicId, extrinsicVersion]) => ({
  id,
  name,
  extrinsicId,
  extrinsicVersion,
}));

const summaryByCluster = new Map(summaries.map((summary) => [Number(summary.extrinsicId), summary]));

/** The capability that stands for a Matter cluster, by its id (`6` is On/Off). */
export const capabilityByClusterId = (clusterId: number): CapabilitySummary | undefined =>
  summaryByCluster.get(clusterId);
