import {
  AttributeModel,
  ClusterModel,
  type CommandModel,
  DatatypeModel,
  Matter,
  type ValueModel,
} from "matter-model-1.4";
import { definitionId, isPresent, type TypeSchema, TypeScope } from "./matter-types.ts";
import { baseTypeName, clusterName, displayName, elementName, hex } from "./names.ts";

export interface LibraryDocument {
  $id: string;
  name: string;
  [member: string]: unknown;
}

export interface LibraryCapability extends LibraryDocument {
  extrinsicId: string;
  extrinsicVersion: string;
}

/** Deprecated and never implemented; the other global attributes are part of every cluster. */
const EVENT_LIST = 0xfffa;

const byId = <T extends { id?: number }>(items: readonly T[]): T[] =>
  [...items].sort((a, b) => Number(a.id) - Number(b.id));

/** Every application cluster of Matter 1.4 as a capability, and the types that they use. */
export function matterLibrary(): { capabilities: LibraryCapability[]; definitions: LibraryDocument[] } {
  const capabilities: LibraryCapability[] = [];
  const definitions: LibraryDocument[] = baseTypes();
  for (const cluster of Matter.clusters) {
    // A cluster without an id is a base of others; they repeat all of it.
    if (cluster.id === undefined) continue;
    const scope = new TypeScope(cluster);
    capabilities.push(capabilityOf(cluster, scope));
    const types = scope.datatypes.map((type): [string, ValueModel] => [scope.identity(type.name), type]);
    for (const [identity, type] of [...types, ...scope.inline]) {
      definitions.push(
        definition(
          identity,
          identity.slice(identity.indexOf(".") + 1),
          ` of the ${displayName(clusterName(cluster.name))} cluster`,
          scope.define(type),
        ),
      );
    }
  }
  return { capabilities, definitions };
}

function baseTypes(): LibraryDocument[] {
  const scope = new TypeScope();
  return Matter.children
    .filter((child) => child instanceof DatatypeModel)
    .map((type) => definition(baseTypeName(type.name), type.name, "", scope.define(type)));
}

function definition(identity: string, name: string, place: string, body: TypeSchema): LibraryDocument {
  return { $id: definitionId(identity), name, description: `Type ${name}${place}, Matter 1.4.`, ...body };
}

const CLUSTER_REVISION = 0xfffd;

/** A derived cluster that states no revision has the one of its base. */
function revisionOf(cluster: ClusterModel): number {
  const own = cluster.get(AttributeModel, CLUSTER_REVISION);
  const base = cluster.base;
  return own === undefined && base instanceof ClusterModel ? revisionOf(base) : cluster.revision;
}

function capabilityOf(cluster: ClusterModel, scope: TypeScope): LibraryCapability {
  const revision = revisionOf(cluster);
  const name = clusterName(cluster.name);
  const title = displayName(name);
  const extrinsicId = hex(cluster.id, 4);
  const requests = cluster.commands.filter(
    // Some commands of one provisional cluster have neither name nor fields in the model, only a section number.
    (command) => command.isRequest && isPresent(command) && !/^Section\d+$/.test(command.name),
  );
  const events = cluster.events.filter(isPresent);
  return {
    $id: `/schema-versions/capability/matter.${name}@1.4`,
    $ref: "/schema-versions/definition/aws.capability@1.0",
    name: title,
    title: `${title} cluster`,
    description: `The ${title} cluster, id ${extrinsicId}, revision ${revision}, Matter 1.4.`,
    version: "1.4",
    extrinsicId,
    extrinsicVersion: String(revision),
    properties: propertiesOf(cluster, scope),
    actions: byId(requests).map((command) => actionOf(command, scope)),
    events: byId(events).map((event) => eventOf(event, scope)),
  };
}

function propertiesOf(cluster: ClusterModel, scope: TypeScope): Record<string, TypeSchema> {
  const attributes = byId(cluster.attributes).filter(
    (attribute) => isPresent(attribute) && attribute.effectiveMetatype !== undefined && attribute.id !== EVENT_LIST,
  );
  const properties: Record<string, TypeSchema> = {};
  for (const attribute of attributes) {
    const { effectiveAccess: access } = attribute;
    const value = scope.use(attribute);
    const name = elementName(attribute.name);
    const earlier = properties[name];
    if (earlier) {
      // The same attribute under two features: what either allows.
      properties[name] = { ...earlier, value: widest(earlier.value as TypeSchema, value) };
      continue;
    }
    properties[name] = {
      extrinsicId: hex(attribute.id, 4),
      value,
      retrievable: access.readable,
      mutable: attribute.writable,
      reportable: access.readable && !attribute.changesOmitted,
      extrinsicProperties: {
        access: [
          ...(access.readable ? [{ op: "read", privilege: privilege(access.readPriv) }] : []),
          ...(attribute.writable ? [{ op: "write", privilege: privilege(access.writePriv ?? "O") }] : []),
        ],
        ...common(attribute),
        ...(attribute.effectiveQuality.atomic ? { mustUseAtomicWrite: true } : {}),
      },
    };
  }
  return properties;
}

function widest(a: TypeSchema, b: TypeSchema): TypeSchema {
  const lower = (x: unknown, y: unknown) =>
    typeof x === "number" && typeof y === "number" ? Math.min(x, y) : undefined;
  const upper = (x: unknown, y: unknown) =>
    typeof x === "number" && typeof y === "number" ? Math.max(x, y) : undefined;
  const { minimum: _minimum, maximum: _maximum, ...rest } = a;
  const minimum = lower(a.minimum, b.minimum);
  const maximum = upper(a.maximum, b.maximum);
  return { ...rest, ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) };
}

const PRIVILEGES: Readonly<Record<string, string>> = {
  V: "view",
  P: "proxy_view",
  O: "operate",
  M: "manage",
  A: "administer",
};

const privilege = (letter: string | undefined): string => PRIVILEGES[letter ?? "V"] ?? "view";

/** Qualities of an element that the model keeps for the outside world only (reference 5.4). */
function common(model: ValueModel): Record<string, unknown> {
  const { effectiveAccess: access, isDeprecated } = model;
  return {
    ...(isDeprecated ? { apiMaturity: "deprecated" } : {}),
    ...(access.fabricScoped ? { isFabricScoped: true } : {}),
    ...(access.fabricSensitive ? { isFabricSensitive: true } : {}),
    ...(access.timed ? { mustUseTimedInvoke: true } : {}),
  };
}

function actionOf(command: CommandModel, scope: TypeScope): TypeSchema {
  const name = elementName(command.name);
  const parameters = scope.entries(scope.members(command));
  // The command that answers; a status alone is the whole answer of the others.
  const response = command.responseModel;
  return {
    name,
    extrinsicId: hex(command.id, 2),
    extrinsicProperties: {
      access: [{ op: "invoke", privilege: privilege(command.effectiveAccess.writePriv ?? "O") }],
      ...common(command),
    },
    ...(Object.keys(parameters).length > 0 ? { request: { parameters } } : {}),
    ...(response
      ? {
          response: {
            ...(elementName(response.name) === `${name}Response` ? {} : { name: elementName(response.name) }),
            extrinsicId: hex(response.id, 2),
            parameters: scope.entries(scope.members(response)),
          },
        }
      : {}),
  };
}

function eventOf(event: ValueModel & { priority?: string }, scope: TypeScope): TypeSchema {
  const parameters = scope.entries(scope.members(event));
  return {
    name: elementName(event.name),
    extrinsicId: hex(Number(event.id), 2),
    extrinsicProperties: { priority: String(event.priority ?? "info"), ...common(event) },
    ...(Object.keys(parameters).length > 0 ? { request: { parameters } } : {}),
  };
}
