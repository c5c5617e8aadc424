import type { ServiceModel } from "../model.ts";

/** What goes beyond AWS: accounts and backups of this installation. */
export const hearthModel: ServiceModel = {
  service: "hearth",
  apiVersion: "2026-11-01",
  protocol: "rest-json",
  signingNames: ["hearth"],
  actionPrefix: "hearth",
  operations: {
    CreateAccount: {
      method: "POST",
      path: "/accounts",
      status: 201,
      input: "CreateAccountRequest",
      output: "CreateAccountResponse",
      errors: [
        "AccessDeniedException",
        "ConflictException",
        "InternalServerException",
        "ThrottlingException",
        "ValidationException",
      ],
    },
    ListAccounts: {
      method: "GET",
      path: "/accounts",
      status: 200,
      input: "ListAccountsRequest",
      output: "ListAccountsResponse",
      errors: ["AccessDeniedException", "InternalServerException", "ThrottlingException", "ValidationException"],
    },
    CreateBackup: {
      method: "POST",
      path: "/backups",
      status: 201,
      input: "CreateBackupRequest",
      output: "CreateBackupResponse",
      errors: [
        "AccessDeniedException",
        "ConflictException",
        "InternalServerException",
        "ThrottlingException",
        "ValidationException",
      ],
    },
  },
  shapes: {
    AccountId: { type: "string", min: 12, max: 12, pattern: "[0-9]{12}" },
    AccountName: { type: "string", min: 1, max: 50 },
    AccessKeyId: { type: "string" },
    SecretAccessKey: { type: "string", sensitive: true },
    BackupName: { type: "string", min: 1, max: 64, pattern: "[A-Za-z0-9._-]{1,64}" },
    MaxResults: { type: "integer", min: 1, max: 100 },
    NextToken: { type: "string", min: 1, max: 1024, pattern: "[a-zA-Z0-9=_-]+" },
    Path: { type: "string" },
    SizeBytes: { type: "long" },
    Timestamp: { type: "timestamp" },
    ErrorMessage: { type: "string" },
    CreateAccountRequest: {
      type: "structure",
      members: { AccountName: { shape: "AccountName" }, AccountId: { shape: "AccountId" } },
    },
    CreateAccountResponse: {
      type: "structure",
      members: {
        AccountId: { shape: "AccountId" },
        AccountName: { shape: "AccountName" },
        CreatedAt: { shape: "Timestamp" },
        AccessKey: { shape: "AccessKey" },
      },
      required: ["AccountId", "CreatedAt", "AccessKey"],
    },
    AccessKey: {
      type: "structure",
      members: { AccessKeyId: { shape: "AccessKeyId" }, SecretAccessKey: { shape: "SecretAccessKey" } },
      required: ["AccessKeyId", "SecretAccessKey"],
    },
    ListAccountsRequest: {
      type: "structure",
      members: {
        MaxResults: { shape: "MaxResults", location: "querystring" },
        NextToken: { shape: "NextToken", location: "querystring" },
      },
    },
    ListAccountsResponse: {
      type: "structure",
      members: { Accounts: { shape: "AccountList" }, NextToken: { shape: "NextToken" } },
      required: ["Accounts"],
    },
    AccountList: { type: "list", member: "AccountSummary" },
    AccountSummary: {
      type: "structure",
      members: {
        AccountId: { shape: "AccountId" },
        AccountName: { shape: "AccountName" },
        CreatedAt: { shape: "Timestamp" },
      },
      required: ["AccountId", "CreatedAt"],
    },
    CreateBackupRequest: { type: "structure", members: { Name: { shape: "BackupName" } }, required: ["Name"] },
    CreateBackupResponse: {
      type: "structure",
      members: { Path: { shape: "Path" }, SizeBytes: { shape: "SizeBytes" }, CreatedAt: { shape: "Timestamp" } },
      required: ["Path", "SizeBytes", "CreatedAt"],
    },
    AccessDeniedException: {
      type: "structure",
      members: { Message: { shape: "ErrorMessage" } },
      error: { status: 403 },
    },
    ConflictException: { type: "structure", members: { Message: { shape: "ErrorMessage" } }, error: { status: 409 } },
    InternalServerException: {
      type: "structure",
      members: { Message: { shape: "ErrorMessage" } },
      error: { status: 500 },
    },
    ThrottlingException: {
      type: "structure",
      members: { Message: { shape: "ErrorMessage" } },
      error: { status: 429 },
    },
    ValidationException: {
      type: "structure",
      members: { Message: { shape: "ErrorMessage" } },
      error: { status: 400 },
    },
  },
};
