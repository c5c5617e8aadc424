import type { Operation, Shape } from "../model.ts";

const errors = [
  "AccessDeniedException",
  "ConflictException",
  "InternalServerException",
  "ThrottlingException",
  "ValidationException",
];

/** Schema versions of customers: managed integrations lists and returns them, and has no operation to publish one. */
export const schemaOperations: Readonly<Record<string, Operation>> = {
  CreateSchemaVersion: {
    method: "POST",
    path: "/schema-versions/{Type}",
    status: 201,
    input: "CreateSchemaVersionRequest",
    output: "CreateSchemaVersionResponse",
    errors,
  },
  DeleteSchemaVersion: {
    method: "DELETE",
    path: "/schema-versions/{Type}/{SchemaVersionedId}",
    status: 204,
    input: "DeleteSchemaVersionRequest",
    errors: [...errors, "ResourceNotFoundException"],
  },
};

export const schemaShapes: Readonly<Record<string, Shape>> = {
  SchemaVersionType: { type: "string", enum: ["capability", "definition"] },
  SchemaVersionSchema: { type: "document" },
  SchemaVersionedId: { type: "string", min: 7, max: 128, pattern: "[a-zA-Z0-9.]+@\\d+\\.\\d+(\\.\\d+)?" },
  CreateSchemaVersionRequest: {
    type: "structure",
    members: {
      Type: { shape: "SchemaVersionType", location: "uri" },
      Schema: { shape: "SchemaVersionSchema" },
    },
    required: ["Type", "Schema"],
  },
  CreateSchemaVersionResponse: {
    type: "structure",
    members: {
      SchemaVersionedId: { shape: "SchemaVersionedId" },
      Type: { shape: "SchemaVersionType" },
      CreatedAt: { shape: "Timestamp" },
    },
    required: ["SchemaVersionedId", "Type", "CreatedAt"],
  },
  DeleteSchemaVersionRequest: {
    type: "structure",
    members: {
      Type: { shape: "SchemaVersionType", location: "uri" },
      SchemaVersionedId: { shape: "SchemaVersionedId", location: "uri" },
    },
    required: ["Type", "SchemaVersionedId"],
  },
};
