import type { Operation, Shape } from "../model.ts";

/** Schema versions. */
export const schemaOperations: Readonly<Record<string, Operation>> = {
  GetSchemaVersion: {
    method: "GET",
    path: "/schema-versions/{Type}/{SchemaVersionedId}",
    status: 200,
    input: "GetSchemaVersionRequest",
    output: "GetSchemaVersionResponse",
    errors: [
      "AccessDeniedException",
      "ConflictException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ServiceUnavailableException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  ListSchemaVersions: {
    method: "GET",
    path: "/schema-versions/{Type}",
    status: 200,
    input: "ListSchemaVersionsRequest",
    output: "ListSchemaVersionsResponse",
    errors: [
      "AccessDeniedException",
      "ConflictException",
      "InternalServerException",
      "ServiceUnavailableException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
};

export const schemaShapes: Readonly<Record<string, Shape>> = {
  GetSchemaVersionRequest: {
    type: "structure",
    members: {
      Type: { shape: "SchemaVersionType", location: "uri" },
      SchemaVersionedId: { shape: "SchemaVersionedId", location: "uri" },
      Format: { shape: "SchemaVersionFormat", location: "querystring" },
    },
    required: ["Type", "SchemaVersionedId"],
  },
  GetSchemaVersionResponse: {
    type: "structure",
    members: {
      SchemaId: { shape: "SchemaId" },
      Type: { shape: "SchemaVersionType" },
      Description: { shape: "SchemaVersionDescription" },
      Namespace: { shape: "SchemaVersionNamespaceName" },
      SemanticVersion: { shape: "SchemaVersionVersion" },
      Visibility: { shape: "SchemaVersionVisibility" },
      Schema: { shape: "SchemaVersionSchema" },
    },
  },
  ListSchemaVersionsRequest: {
    type: "structure",
    members: {
      Type: { shape: "SchemaVersionType", location: "uri" },
      MaxResults: { shape: "MaxResults", location: "querystring" },
      NextToken: { shape: "NextToken", location: "querystring" },
      SchemaId: { shape: "SchemaId", location: "querystring", locationName: "SchemaIdFilter" },
      Namespace: { shape: "SchemaVersionNamespaceName", location: "querystring", locationName: "NamespaceFilter" },
      Visibility: { shape: "SchemaVersionVisibility", location: "querystring", locationName: "VisibilityFilter" },
      SemanticVersion: {
        shape: "SchemaVersionVersion",
        location: "querystring",
        locationName: "SemanticVersionFilter",
      },
    },
    required: ["Type"],
  },
  ListSchemaVersionsResponse: {
    type: "structure",
    members: { Items: { shape: "SchemaVersionList" }, NextToken: { shape: "NextToken" } },
  },
  SchemaId: { type: "string", min: 3, max: 128, pattern: "[a-zA-Z0-9.]+" },
  SchemaVersionDescription: { type: "string", min: 10, max: 2048, pattern: "[a-zA-Z0-9.,/ -]+" },
  SchemaVersionList: { type: "list", member: "SchemaVersionListItem" },
  SchemaVersionListItem: {
    type: "structure",
    members: {
      SchemaId: { shape: "SchemaId" },
      Type: { shape: "SchemaVersionType" },
      Description: { shape: "SchemaVersionDescription" },
      Namespace: { shape: "SchemaVersionNamespaceName" },
      SemanticVersion: { shape: "SchemaVersionVersion" },
      Visibility: { shape: "SchemaVersionVisibility" },
    },
  },
  SchemaVersionNamespaceName: { type: "string", min: 3, max: 12, pattern: "[a-z0-9]+" },
  SchemaVersionSchema: { type: "document" },
  SchemaVersionType: { type: "string", enum: ["capability", "definition"] },
  SchemaVersionVersion: { type: "string", min: 3, max: 12, pattern: "(\\d+\\.\\d+(\\.\\d+)?|\\$latest)" },
  SchemaVersionVisibility: { type: "string", enum: ["PUBLIC", "PRIVATE"] },
};
