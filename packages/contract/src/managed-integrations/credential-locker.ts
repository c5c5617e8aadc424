import type { Operation, Shape } from "../model.ts";

/** Credential lockers. */
export const credentialLockerOperations: Readonly<Record<string, Operation>> = {
  CreateCredentialLocker: {
    method: "POST",
    path: "/credential-lockers",
    status: 201,
    input: "CreateCredentialLockerRequest",
    output: "CreateCredentialLockerResponse",
    errors: [
      "AccessDeniedException",
      "ConflictException",
      "InternalServerException",
      "ServiceQuotaExceededException",
      "ServiceUnavailableException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  DeleteCredentialLocker: {
    method: "DELETE",
    path: "/credential-lockers/{Identifier}",
    status: 200,
    input: "DeleteCredentialLockerRequest",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ServiceUnavailableException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  GetCredentialLocker: {
    method: "GET",
    path: "/credential-lockers/{Identifier}",
    status: 200,
    input: "GetCredentialLockerRequest",
    output: "GetCredentialLockerResponse",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ServiceUnavailableException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  ListCredentialLockers: {
    method: "GET",
    path: "/credential-lockers",
    status: 200,
    input: "ListCredentialLockersRequest",
    output: "ListCredentialLockersResponse",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ServiceUnavailableException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
};

export const credentialLockerShapes: Readonly<Record<string, Shape>> = {
  CreateCredentialLockerRequest: {
    type: "structure",
    members: {
      Name: { shape: "CredentialLockerName" },
      ClientToken: { shape: "ClientToken", idempotencyToken: true },
      Tags: { shape: "TagsMap" },
    },
  },
  CreateCredentialLockerResponse: {
    type: "structure",
    members: {
      Id: { shape: "CredentialLockerId" },
      Arn: { shape: "CredentialLockerArn" },
      CreatedAt: { shape: "CredentialLockerCreatedAt" },
    },
  },
  CredentialLockerArn: {
    type: "string",
    min: 32,
    max: 1011,
    pattern: "arn:aws:iotmanagedintegrations:[0-9a-zA-Z-]+:[0-9]+:credential-locker/[0-9a-zA-Z]+",
  },
  CredentialLockerCreatedAt: { type: "timestamp" },
  CredentialLockerListDefinition: { type: "list", member: "CredentialLockerSummary" },
  CredentialLockerName: { type: "string", min: 1, max: 128, pattern: "[A-Za-z0-9-_ ]+", sensitive: true },
  CredentialLockerSummary: {
    type: "structure",
    members: {
      Id: { shape: "CredentialLockerId" },
      Arn: { shape: "CredentialLockerArn" },
      Name: { shape: "CredentialLockerName" },
      CreatedAt: { shape: "CredentialLockerCreatedAt" },
    },
  },
  DeleteCredentialLockerRequest: {
    type: "structure",
    members: { Identifier: { shape: "CredentialLockerId", location: "uri" } },
    required: ["Identifier"],
  },
  GetCredentialLockerRequest: {
    type: "structure",
    members: { Identifier: { shape: "CredentialLockerId", location: "uri" } },
    required: ["Identifier"],
  },
  GetCredentialLockerResponse: {
    type: "structure",
    members: {
      Id: { shape: "CredentialLockerId" },
      Arn: { shape: "CredentialLockerArn" },
      Name: { shape: "CredentialLockerName" },
      CreatedAt: { shape: "CredentialLockerCreatedAt" },
      Tags: { shape: "TagsMap" },
    },
  },
  ListCredentialLockersRequest: {
    type: "structure",
    members: {
      NextToken: { shape: "NextToken", location: "querystring" },
      MaxResults: { shape: "MaxResults", location: "querystring" },
    },
  },
  ListCredentialLockersResponse: {
    type: "structure",
    members: { Items: { shape: "CredentialLockerListDefinition" }, NextToken: { shape: "NextToken" } },
  },
};
