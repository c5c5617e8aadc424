import type { CapabilityDocument, DefinitionDocument, SchemaType } from "./documents.ts";
import { compareVersions, parseVersionedId, RESERVED_NAMESPACES, type VersionedId } from "./identity.ts";
import { librarySchemas, type SchemaSet } from "./schema-set.ts";

export type SchemaVisibility = "PUBLIC" | "PRIVATE";

/** `AWS` is the document itself; see {@link getSchema}. */
export type SchemaFormat = "AWS" | "ZCL" | "CONNECTOR";

/** One item of ListSchemaVersions (API: SchemaVersionListItem). */
export interface SchemaVersionSummary {
  /** `matter.OnOff` */
  schemaId: string;
  type: SchemaType;
  description: string;
  /** `matter` */
  namespace: string;
  /** `1.4` */
  semanticVersion: string;
  visibility: SchemaVisibility;
}

/** What GetSchemaVersion returns. */
export interface SchemaVersion extends SchemaVersionSummary {
  schema: Readonly<Record<string, unknown>>;
}

export interface SchemaFilter {
  type: SchemaType;
  namespace?: string;
  schemaId?: string;
  /** Exact, or `$latest` for the latest of each schema. */
  semanticVersion?: string;
  visibility?: SchemaVisibility;
  /** `schemaId@semanticVersion` of the last row of the page before. */
  after?: string;
  /** At most so many rows. */
  limit?: number;
}

/** The schemas that match, by id and then by version. What comes with the platform is public, all else is private. */
export function listSchemas(filter: SchemaFilter, schemas: SchemaSet = librarySchemas): SchemaVersionSummary[] {
  const after = filter.after === undefined ? undefined : parseVersionedId(filter.after);
  return schemas.source
    .ids(filter.type)
    .flatMap((id) => parseVersionedId(id) ?? [])
    .filter((id) => isWanted(id, filter, schemas) && (!after || compareIds(id, after) > 0))
    .sort(compareIds)
    .slice(0, filter.limit)
    .flatMap((id) => summaryOf(id, filter.type, schemas) ?? []);
}

function isWanted(id: VersionedId, filter: SchemaFilter, schemas: SchemaSet): boolean {
  if (filter.visibility !== undefined && visibilityOf(id) !== filter.visibility) return false;
  if (filter.namespace !== undefined && id.namespace !== filter.namespace) return false;
  if (filter.schemaId !== undefined && id.identity !== filter.schemaId) return false;
  const wanted = filter.semanticVersion;
  if (wanted === "$latest") return schemas.resolve(id.identity, filter.type) === textOf(id);
  return wanted === undefined || id.version === wanted;
}

/** The API's form of a description (SchemaVersionDescription) is narrower than the schema language's. */
const DESCRIPTION = /^[a-zA-Z0-9.,/ -]{10,2048}$/;

/** What the document says of itself as far as the API can tell it: other characters become spaces. */
function descriptionOf(document: { description?: string; title?: string; name: string }, id: VersionedId): string {
  const told = (document.description ?? document.title ?? document.name)
    .replaceAll(/[^a-zA-Z0-9.,/ -]+/g, " ")
    .trim()
    .slice(0, 2048);
  return DESCRIPTION.test(told) ? told : `Schema ${textOf(id).replace("@", " ")}`;
}

const visibilityOf = ({ namespace }: VersionedId): SchemaVisibility =>
  RESERVED_NAMESPACES.includes(namespace) ? "PUBLIC" : "PRIVATE";

const textOf = (id: VersionedId): string => `${id.identity}@${id.version}`;

function compareIds(a: VersionedId, b: VersionedId): number {
  if (a.identity !== b.identity) return a.identity < b.identity ? -1 : 1;
  return compareVersions(a.version, b.version);
}

function summaryOf(id: VersionedId, type: SchemaType, schemas: SchemaSet): SchemaVersionSummary | undefined {
  const document: CapabilityDocument | DefinitionDocument | undefined = schemas.source[type](textOf(id));
  if (!document) return undefined;
  return {
    schemaId: id.identity,
    type,
    description: descriptionOf(document, id),
    namespace: id.namespace,
    semanticVersion: id.version,
    visibility: visibilityOf(id),
  };
}

/**
 * One schema in a format; undefined when there is none of that type. `$latest` means the highest version.
 *
 * AWS and ZCL keep the `extrinsicProperties` as they are, CONNECTOR has none of them (reference 4.3, 5.4). Ids in
 * the outside system stay in all three: a connector speaks in them.
 */
export function getSchema(
  type: SchemaType,
  versionedId: string,
  format: SchemaFormat = "AWS",
  schemas: SchemaSet = librarySchemas,
): SchemaVersion | undefined {
  const resolved = parseVersionedId(versionedId) && schemas.resolve(versionedId, type);
  const id = parseVersionedId(resolved);
  const summary = id && summaryOf(id, type, schemas);
  if (resolved === undefined || !summary) return undefined;
  const document = schemas.source[type](resolved) as unknown as Readonly<Record<string, unknown>>;
  return { ...summary, schema: format === "CONNECTOR" ? inConnectorFormat(document) : document };
}

/** The elements of a capability that may carry extrinsic properties, and the same of a definition. */
function inConnectorFormat(document: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return withoutExtrinsicProperties(document) as Readonly<Record<string, unknown>>;
}

/** Members of these are names that somebody chose, and one could be called `extrinsicProperties`. */
const NAMED_BY_AUTHOR: readonly string[] = ["properties", "parameters", "patternProperties", "$defs", "extrinsicIdMap"];
/** Plain values, kept as they are. */
const VALUES: readonly string[] = ["default", "enum"];

function withoutExtrinsicProperties(value: unknown, isNamedByAuthor = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutExtrinsicProperties(item));
  if (typeof value !== "object" || value === null) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    if (!isNamedByAuthor && key === "extrinsicProperties") continue;
    kept[key] =
      !isNamedByAuthor && VALUES.includes(key)
        ? member
        : withoutExtrinsicProperties(member, !isNamedByAuthor && NAMED_BY_AUTHOR.includes(key));
  }
  return kept;
}
