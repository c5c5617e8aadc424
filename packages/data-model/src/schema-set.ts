import type { ActionElement, CapabilityDocument, DefinitionDocument, SchemaElement, TypeSchema } from "./documents.ts";
import { parseExtrinsicId } from "./extrinsic.ts";
import { compareVersions, idOfPath, parseVersionedId } from "./identity.ts";
import { library, type SchemaSource } from "./library.ts";
import { type Budget, type Check, compileType, type References } from "./type-check.ts";

/** A capability made ready for checking values. Checks are compiled when first asked for. */
export interface Capability {
  /** `matter.OnOff@1.4` */
  readonly id: string;
  readonly document: CapabilityDocument;
  /** What the document's types refer to. */
  readonly references: References;
  /** Undefined when the capability has no such property. */
  property(name: string): Check | undefined;
  /** Undefined when the capability has no such action. */
  action(name: string): ActionChecks | undefined;
  /** Undefined when the capability has no such event. */
  event(name: string): ParameterChecks | undefined;
}

/** By the parameter's name. */
export type ParameterChecks = ReadonlyMap<string, Check>;

export interface ActionChecks {
  readonly request: ParameterChecks;
  /** Undefined where the schema does not say what the response holds. */
  readonly response: ParameterChecks | undefined;
}

/** The schemas that something is checked against: the library, and what a customer has added. */
export interface SchemaSet {
  readonly source: SchemaSource;
  capability(versionedId: string): Capability | undefined;
  /** The check of a type definition. */
  definition(versionedId: string): Check | undefined;
  /**
   * The versioned id that an id means: without a version or with `$latest` the latest that exists. Undefined when
   * nothing of that identity exists, or the text is no id.
   */
  resolve(id: string, type: "capability" | "definition"): string | undefined;
}

const NO_PARAMETERS: ParameterChecks = new Map();

/** What a set is laid over: ids that are known beneath are answered from there, so nothing is compiled twice. */
interface Beneath {
  readonly set: SchemaSet;
  /** What the set adds. */
  readonly own: SchemaSource["ids"];
}

/** Makes a set. Compiled checks live as long as it does, so make one for each source and keep it. */
function createSchemaSet(source: SchemaSource, beneath?: Beneath): SchemaSet {
  const capabilities = new Map<string, Capability>();
  const definitions = new Map<string, Check>();
  const budget: Budget = { depth: 0, steps: 0 };
  const latest = { capability: new Map<string, string>(), definition: new Map<string, string>() };

  const set: SchemaSet = {
    source,
    capability(versionedId) {
      const known = capabilities.get(versionedId) ?? beneath?.set.capability(versionedId);
      if (known) return known;
      const document = source.capability(versionedId);
      if (!document) return undefined;
      const capability = prepare(versionedId, document, referencesWithin(document));
      capabilities.set(versionedId, capability);
      return capability;
    },
    definition(versionedId) {
      const known = definitions.get(versionedId) ?? beneath?.set.definition(versionedId);
      if (known) return known;
      const document = source.definition(versionedId);
      if (!document) return undefined;
      const check = compileType(document, referencesWithin(document));
      definitions.set(versionedId, check);
      return check;
    },
    resolve(id, type) {
      const at = id.indexOf("@");
      const identity = at < 0 ? id : id.slice(0, at);
      if (at >= 0 && id.slice(at + 1) !== "$latest") return source[type](id) ? id : undefined;
      if (latest[type].size === 0) fillLatest(latest[type], (beneath?.own ?? source.ids)(type));
      return newerOf(latest[type].get(identity), beneath?.set.resolve(identity, type));
    },
  };

  /** References of one document: its own `#/$defs/…`, and definitions by their path (reference 5.1). */
  function referencesWithin(document: CapabilityDocument | DefinitionDocument): References {
    const local = new Map<string, Check>();
    const references: References = {
      budget,
      check(reference) {
        const schema = localSchema(document, reference);
        if (schema) {
          const check = local.get(reference) ?? compileType(schema, references);
          local.set(reference, check);
          return check;
        }
        const id = idOfPath(reference, "definition");
        return id === undefined ? undefined : set.definition(id);
      },
      schema(reference) {
        const schema = localSchema(document, reference);
        if (schema) return { schema, references };
        const target = source.definition(idOfPath(reference, "definition") ?? "");
        return target && { schema: target, references: referencesWithin(target) };
      },
    };
    return references;
  }
  return set;
}

function localSchema(
  document: { $defs?: Readonly<Record<string, TypeSchema>> },
  reference: string,
): TypeSchema | undefined {
  const prefix = "#/$defs/";
  if (!reference.startsWith(prefix) || !document.$defs) return undefined;
  const key = reference.slice(prefix.length);
  return Object.hasOwn(document.$defs, key) ? document.$defs[key] : undefined;
}

const versionOf = (id: string): string => id.slice(id.indexOf("@") + 1);

const newerOf = (one: string | undefined, other: string | undefined): string | undefined =>
  one !== undefined && other !== undefined && compareVersions(versionOf(other), versionOf(one)) > 0
    ? other
    : (one ?? other);

function fillLatest(latest: Map<string, string>, ids: readonly string[]): void {
  for (const id of ids) {
    const parsed = parseVersionedId(id);
    if (!parsed) continue;
    latest.set(parsed.identity, newerOf(latest.get(parsed.identity), id)!);
  }
}

function prepare(id: string, document: CapabilityDocument, references: References): Capability {
  const properties = new Map<string, Check>();
  const actions = new Map<string, ActionChecks>();
  const events = new Map<string, ParameterChecks>();
  return {
    id,
    document,
    references,
    property(name) {
      const known = properties.get(name);
      if (known) return known;
      const all = document.properties;
      if (!all || !Object.hasOwn(all, name)) return undefined;
      const check = compileType(all[name]!.value, references);
      properties.set(name, check);
      return check;
    },
    action(name) {
      const known = actions.get(name);
      if (known) return known;
      const action = document.actions?.find((one) => one.name === name);
      if (!action) return undefined;
      const checks = actionChecks(action, references);
      actions.set(name, checks);
      return checks;
    },
    event(name) {
      const known = events.get(name);
      if (known) return known;
      const event = document.events?.find((one) => one.name === name);
      if (!event) return undefined;
      const checks = parameterChecks(event.request?.parameters, references);
      events.set(name, checks);
      return checks;
    },
  };
}

function actionChecks(action: ActionElement, references: References): ActionChecks {
  return {
    request: parameterChecks(action.request?.parameters, references),
    response: action.response && parameterChecks(action.response.parameters, references),
  };
}

function parameterChecks(
  parameters: Readonly<Record<string, SchemaElement>> | undefined,
  references: References,
): ParameterChecks {
  if (!parameters) return NO_PARAMETERS;
  return new Map(
    // `parameter` is an alias of `value` (reference 5.3, U50).
    Object.entries(parameters).map(([name, element]) => [
      name,
      compileType(element.value ?? (element as { parameter?: TypeSchema }).parameter ?? {}, references),
    ]),
  );
}

/** The set of what comes with the platform. */
export const librarySchemas: SchemaSet = createSchemaSet(library);

/** The library together with documents of a customer, which may refer to the library's types and to each other. */
export const extendLibrary = (
  capabilities: readonly CapabilityDocument[],
  definitions: readonly DefinitionDocument[] = [],
): SchemaSet => extendSchemas(librarySchemas, capabilities, definitions);

/** A set together with further documents. What it has itself is not replaced. */
export function extendSchemas(
  set: SchemaSet,
  capabilities: readonly CapabilityDocument[],
  definitions: readonly DefinitionDocument[] = [],
): SchemaSet {
  const { source } = set;
  const ownCapabilities = keyed(capabilities, "capability");
  const ownDefinitions = keyed(definitions, "definition");
  const own = { capability: [...ownCapabilities.keys()], definition: [...ownDefinitions.keys()] };
  const ownClusters = new Map<number | undefined, string[]>();
  for (const [id, { extrinsicId }] of ownCapabilities) {
    const clusterId = parseExtrinsicId(extrinsicId);
    ownClusters.set(clusterId, [...(ownClusters.get(clusterId) ?? []), id]);
  }
  return createSchemaSet(
    {
      capability: (id) => source.capability(id) ?? ownCapabilities.get(id),
      definition: (id) => source.definition(id) ?? ownDefinitions.get(id),
      ids: (type) => [...source.ids(type), ...own[type]],
      ofCluster: (clusterId) => [...source.ofCluster(clusterId), ...(ownClusters.get(clusterId) ?? [])],
    },
    { set, own: (type) => own[type] },
  );
}

function keyed<Document extends { $id: string }>(documents: readonly Document[], type: "capability" | "definition") {
  return new Map(documents.map((document) => [idOfPath(document.$id, type) ?? document.$id, document]));
}
