import type { Operation, Shape } from "../model.ts";

const errors = ["AccessDeniedException", "InternalServerException", "ThrottlingException", "ValidationException"];

/** What shadows have been, and who changed them. */
export const shadowHistoryOperations: Readonly<Record<string, Operation>> = {
  ListShadowHistory: {
    method: "GET",
    path: "/things/{ThingName}/shadow-history",
    status: 200,
    input: "ListShadowHistoryRequest",
    output: "ListShadowHistoryResponse",
    errors,
  },
  GetShadowAt: {
    method: "GET",
    path: "/things/{ThingName}/shadow-at",
    status: 200,
    input: "GetShadowAtRequest",
    output: "GetShadowAtResponse",
    errors: [...errors, "ResourceNotFoundException"],
  },
};

const which: Extract<Shape, { type: "structure" }>["members"] = {
  ThingName: { shape: "ThingName", location: "uri" },
  ShadowName: { shape: "ShadowName", location: "querystring" },
};

export const shadowHistoryShapes: Readonly<Record<string, Shape>> = {
  ThingName: { type: "string", min: 1, max: 128, pattern: "[a-zA-Z0-9:_-]+" },
  ShadowName: { type: "string", min: 1, max: 64, pattern: "[$a-zA-Z0-9:_-]+" },
  ShadowVersion: { type: "long", min: 1 },
  ShadowChangeKind: { type: "string", enum: ["UPDATE", "DELETE"] },
  ShadowDocument: { type: "document" },
  ShadowActor: {
    type: "structure",
    members: { PrincipalId: { shape: "Text" }, ClientId: { shape: "Text" }, SourceIp: { shape: "Text" } },
    required: ["PrincipalId"],
  },
  ListShadowHistoryRequest: {
    type: "structure",
    members: {
      ...which,
      From: { shape: "Timestamp", location: "querystring" },
      To: { shape: "Timestamp", location: "querystring" },
      MaxResults: { shape: "MaxResults", location: "querystring" },
      NextToken: { shape: "EventToken", location: "querystring" },
    },
    required: ["ThingName"],
  },
  ListShadowHistoryResponse: {
    type: "structure",
    members: { Items: { shape: "ShadowHistoryList" }, NextToken: { shape: "EventToken" } },
    required: ["Items"],
  },
  ShadowHistoryList: { type: "list", member: "ShadowHistoryEntry" },
  ShadowHistoryEntry: {
    type: "structure",
    members: {
      Version: { shape: "ShadowVersion" },
      Timestamp: { shape: "Timestamp" },
      Kind: { shape: "ShadowChangeKind" },
      Actor: { shape: "ShadowActor" },
      Changes: { shape: "ShadowDocument" },
    },
    required: ["Version", "Timestamp", "Kind", "Actor"],
  },
  GetShadowAtRequest: {
    type: "structure",
    members: { ...which, Timestamp: { shape: "Timestamp", location: "querystring" } },
    required: ["ThingName", "Timestamp"],
  },
  GetShadowAtResponse: {
    type: "structure",
    members: {
      Version: { shape: "ShadowVersion" },
      Timestamp: { shape: "Timestamp" },
      Actor: { shape: "ShadowActor" },
      State: { shape: "ShadowDocument" },
      Metadata: { shape: "ShadowDocument" },
    },
    required: ["Version", "Timestamp", "State", "Metadata"],
  },
};
