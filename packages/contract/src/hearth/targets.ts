import type { Operation, Shape } from "../model.ts";

const errors = ["AccessDeniedException", "InternalServerException", "ThrottlingException", "ValidationException"];

/** Where notifications can go beyond Kinesis; a destination names a target by its ARN. */
export const targetOperations: Readonly<Record<string, Operation>> = {
  CreateNotificationTarget: {
    method: "POST",
    path: "/notification-targets",
    status: 201,
    input: "CreateNotificationTargetRequest",
    output: "CreateNotificationTargetResponse",
    errors: [...errors, "ConflictException"],
  },
  GetNotificationTarget: {
    method: "GET",
    path: "/notification-targets/{Type}/{Name}",
    status: 200,
    input: "NotificationTargetRequest",
    output: "GetNotificationTargetResponse",
    errors: [...errors, "ResourceNotFoundException"],
  },
  ListNotificationTargets: {
    method: "GET",
    path: "/notification-targets",
    status: 200,
    input: "ListNotificationTargetsRequest",
    output: "ListNotificationTargetsResponse",
    errors,
  },
  DeleteNotificationTarget: {
    method: "DELETE",
    path: "/notification-targets/{Type}/{Name}",
    status: 204,
    input: "NotificationTargetRequest",
    errors: [...errors, "ResourceNotFoundException"],
  },
  RotateNotificationTargetSecret: {
    method: "POST",
    path: "/notification-targets/{Type}/{Name}/rotate-secret",
    status: 200,
    input: "NotificationTargetRequest",
    output: "RotateNotificationTargetSecretResponse",
    errors: [...errors, "ConflictException", "ResourceNotFoundException"],
  },
};

const where: Extract<Shape, { type: "structure" }>["members"] = {
  Type: { shape: "NotificationTargetType" },
  Name: { shape: "NotificationTargetName" },
  Url: { shape: "NotificationTargetUrl" },
  Subject: { shape: "NotificationTargetSubject" },
};

const shown: typeof where = {
  Arn: { shape: "NotificationTargetArn" },
  ...where,
  CreatedAt: { shape: "Timestamp" },
};

export const targetShapes: Readonly<Record<string, Shape>> = {
  NotificationTargetType: { type: "string", enum: ["JETSTREAM", "SSE", "WEBHOOK"] },
  NotificationTargetName: { type: "string", min: 1, max: 64, pattern: "[a-zA-Z0-9._-]+" },
  NotificationTargetUrl: { type: "string", min: 8, max: 2048, pattern: "https?://.+", sensitive: true },
  NotificationTargetSubject: { type: "string", min: 1, max: 128, pattern: "[a-zA-Z0-9_-]+(\\.[a-zA-Z0-9_-]+)*" },
  NotificationTargetArn: { type: "string" },
  NotificationTargetToken: { type: "string", min: 1, max: 64, pattern: "[a-zA-Z0-9=_-]+" },
  SigningSecret: { type: "string", sensitive: true },
  CreateNotificationTargetRequest: {
    type: "structure",
    members: { ...where, ClientToken: { shape: "NotificationTargetToken" } },
    required: ["Type", "Name"],
  },
  CreateNotificationTargetResponse: {
    type: "structure",
    members: { Arn: { shape: "NotificationTargetArn" }, SigningSecret: { shape: "SigningSecret" } },
    required: ["Arn"],
  },
  NotificationTargetRequest: {
    type: "structure",
    members: {
      Type: { shape: "NotificationTargetType", location: "uri" },
      Name: { shape: "NotificationTargetName", location: "uri" },
    },
    required: ["Type", "Name"],
  },
  GetNotificationTargetResponse: {
    type: "structure",
    members: shown,
    required: ["Arn", "Type", "Name", "CreatedAt"],
  },
  ListNotificationTargetsRequest: {
    type: "structure",
    members: {
      MaxResults: { shape: "MaxResults", location: "querystring" },
      NextToken: { shape: "NextToken", location: "querystring" },
    },
  },
  ListNotificationTargetsResponse: {
    type: "structure",
    members: { Items: { shape: "NotificationTargetList" }, NextToken: { shape: "NextToken" } },
    required: ["Items"],
  },
  NotificationTargetList: { type: "list", member: "NotificationTargetSummary" },
  NotificationTargetSummary: {
    type: "structure",
    members: shown,
    required: ["Arn", "Type", "Name", "CreatedAt"],
  },
  RotateNotificationTargetSecretResponse: {
    type: "structure",
    members: { SigningSecret: { shape: "SigningSecret" } },
    required: ["SigningSecret"],
  },
};
