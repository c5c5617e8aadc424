import type { ManagedIntegrationsOperations, OperationTable } from "@hearth/contract";
import { getSchema, listSchemas } from "@hearth/data-model";
import { notFound } from "../errors.ts";
import { afterToken, DEFAULT_PAGE, pageOf } from "../paging.ts";
import type { SchemaSets } from "./schema-sets.ts";

/** The library of capabilities and type definitions, and what the account has published (reference 5). */
export function schemaOperations({ schemaSets }: { schemaSets: SchemaSets }) {
  return {
    ListSchemaVersions: {
      async handle(input, request) {
        const size = input.MaxResults ?? DEFAULT_PAGE;
        const after = afterToken(input.NextToken);
        const rows = listSchemas(
          {
            type: input.Type,
            schemaId: input.SchemaId,
            namespace: input.Namespace,
            semanticVersion: input.SemanticVersion,
            visibility: input.Visibility,
            after,
            limit: size + 1,
          },
          await schemaSets.ofAccount(request),
        );
        const { items, nextToken } = pageOf(rows, size, (row) => `${row.schemaId}@${row.semanticVersion}`);
        return {
          Items: items.map((row) => ({
            SchemaId: row.schemaId,
            Type: row.type,
            Description: row.description,
            Namespace: row.namespace,
            SemanticVersion: row.semanticVersion,
            Visibility: row.visibility,
          })),
          NextToken: nextToken,
        };
      },
    },
    GetSchemaVersion: {
      async handle(input, request) {
        const schemas = await schemaSets.ofAccount(request);
        const found = getSchema(input.Type, input.SchemaVersionedId, input.Format ?? "AWS", schemas);
        if (!found) throw notFound("SchemaVersion", input.SchemaVersionedId, "Schema version not found.");
        return {
          SchemaId: found.schemaId,
          Type: found.type,
          Description: found.description,
          Namespace: found.namespace,
          SemanticVersion: found.semanticVersion,
          Visibility: found.visibility,
          Schema: found.schema,
        };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}
