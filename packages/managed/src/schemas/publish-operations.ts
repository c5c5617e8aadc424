import { type Database, UniqueViolation, WriteConflict } from "@hearth/backplane";
import { type HearthOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import {
  describeViolation,
  idOfPath,
  pathOfId,
  type SchemaType,
  validateCapabilityDocument,
  validateDefinitionDocument,
} from "@hearth/data-model";
import { KeyedQueue } from "../device/keyed-queue.ts";
import { conflict, invalid } from "../errors.ts";
import type { Place } from "../place.ts";
import type { SchemaSets } from "./schema-sets.ts";
import type { AccountSchemas, SchemaStore } from "./schema-store.ts";

/** They are all kept in memory while their account is busy. */
const MAX_SCHEMAS = 500;

const schemaArn = ({ accountId, region }: Place, type: SchemaType, id: string): string =>
  `arn:aws:hearth:${region}:${accountId}:schema-version/${type}/${id}`;

/** Publishing and removing an account's own schemas (reference 5.1); versions are immutable. */
export function publishOperations(deps: { database: Database; schemas: SchemaStore; schemaSets: SchemaSets }) {
  const { database, schemas, schemaSets } = deps;
  /** One change of an account after another: each is checked against what the one before has left. */
  const queue = new KeyedQueue();
  const alone = <T>({ accountId, region }: Place, task: () => Promise<T>) => queue.run(`${accountId}/${region}`, task);

  return {
    CreateSchemaVersion: {
      resources: (input, request) => [schemaArn(request, input.Type, "*")],
      handle: (input, request: RequestContext) =>
        alone(request, async () => {
          const known = await schemaSets.ofAccount(request);
          const validate = input.Type === "capability" ? validateCapabilityDocument : validateDefinitionDocument;
          const violation = validate(input.Schema, { schemas: known })[0];
          if (violation) throw invalid(`Schema.${describeViolation(violation)}`);
          const versionedId = idOfPath((input.Schema as { $id: string }).$id, input.Type)!;
          if ((await schemas.count(request)) >= MAX_SCHEMAS) {
            throw conflict(`An account has at most ${MAX_SCHEMAS} schema versions in a region. Delete one first.`);
          }
          try {
            await database.commit([schemas.insert(request, input.Type, versionedId, input.Schema, request.now)]);
          } catch (error) {
            if (!(error instanceof UniqueViolation)) throw error;
            throw conflict(`${versionedId} is published, and versions do not change. Raise the version.`);
          }
          schemaSets.forget(request);
          return { SchemaVersionedId: versionedId, Type: input.Type, CreatedAt: request.now / 1000 };
        }),
    },

    DeleteSchemaVersion: {
      resources: (input, request) => [schemaArn(request, input.Type, input.SchemaVersionedId)],
      handle: (input, request: RequestContext) =>
        alone(request, async () => {
          const { SchemaVersionedId: id, Type: type } = input;
          const user = type === "definition" ? userOf(id, await schemas.ofAccount(request)) : undefined;
          if (user !== undefined) throw conflict(`${user} refers to ${id}. Delete it first.`);
          try {
            await database.commit([schemas.remove(request, type, id)]);
          } catch (error) {
            if (!(error instanceof WriteConflict)) throw error;
            throw new ServiceError("ResourceNotFoundException", `This account has published no ${type} ${id}.`);
          }
          schemaSets.forget(request);
          return {};
        }),
    },
  } satisfies OperationTable<HearthOperations>;
}

/** A published schema that refers to a definition. */
function userOf(id: string, { capability, definition }: AccountSchemas): string | undefined {
  const path = pathOfId(id, "definition");
  const reference = `"$ref":${JSON.stringify(path)}`;
  return [...capability, ...definition].find(
    (document) => document.$id !== path && JSON.stringify(document).includes(reference),
  )?.$id;
}
