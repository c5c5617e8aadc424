import type { Shape } from "../model.ts";

/** Errors of all operations. */
export const errorShapes: Readonly<Record<string, Shape>> = {
  AccessDeniedException: { type: "structure", members: { Message: { shape: "ErrorMessage" } }, error: { status: 403 } },
  ConflictException: { type: "structure", members: { Message: { shape: "ErrorMessage" } }, error: { status: 409 } },
  ErrorMessage: { type: "string" },
  ErrorResourceId: { type: "string" },
  ErrorResourceType: { type: "string" },
  InternalFailureException: {
    type: "structure",
    members: { Message: { shape: "ErrorMessage" } },
    error: { status: 500 },
  },
  InternalServerException: {
    type: "structure",
    members: { Message: { shape: "ErrorMessage" } },
    error: { status: 500 },
  },
  InvalidRequestException: {
    type: "structure",
    members: { Message: { shape: "ErrorMessage" } },
    error: { status: 400 },
  },
  LimitExceededException: {
    type: "structure",
    members: { Message: { shape: "ErrorMessage" } },
    error: { status: 410 },
  },
  ResourceNotFoundException: {
    type: "structure",
    members: {
      Message: { shape: "ErrorMessage" },
      ResourceId: { shape: "ErrorResourceId" },
      ResourceType: { shape: "ErrorResourceType" },
    },
    error: { status: 404 },
  },
  ServiceQuotaExceededException: {
    type: "structure",
    members: { Message: { shape: "ErrorMessage" } },
    error: { status: 402 },
  },
  ServiceUnavailableException: {
    type: "structure",
    members: { Message: { shape: "ErrorMessage" } },
    error: { status: 503 },
  },
  ThrottlingException: { type: "structure", members: { Message: { shape: "ErrorMessage" } }, error: { status: 429 } },
  UnauthorizedException: { type: "structure", members: { Message: { shape: "ErrorMessage" } }, error: { status: 401 } },
  ValidationException: { type: "structure", members: { Message: { shape: "ErrorMessage" } }, error: { status: 400 } },
};
