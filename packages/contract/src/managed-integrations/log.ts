import type { Operation, Shape } from "../model.ts";

/** Event and runtime log configurations. */
export const logOperations: Readonly<Record<string, Operation>> = {
  CreateEventLogConfiguration: {
    method: "POST",
    path: "/event-log-configurations",
    status: 201,
    input: "CreateEventLogConfigurationRequest",
    output: "CreateEventLogConfigurationResponse",
    errors: [
      "AccessDeniedException",
      "ConflictException",
      "InternalServerException",
      "ServiceQuotaExceededException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  DeleteEventLogConfiguration: {
    method: "DELETE",
    path: "/event-log-configurations/{Id}",
    status: 200,
    input: "DeleteEventLogConfigurationRequest",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  GetEventLogConfiguration: {
    method: "GET",
    path: "/event-log-configurations/{Id}",
    status: 200,
    input: "GetEventLogConfigurationRequest",
    output: "GetEventLogConfigurationResponse",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  GetRuntimeLogConfiguration: {
    method: "GET",
    path: "/runtime-log-configurations/{ManagedThingId}",
    status: 200,
    input: "GetRuntimeLogConfigurationRequest",
    output: "GetRuntimeLogConfigurationResponse",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  ListEventLogConfigurations: {
    method: "GET",
    path: "/event-log-configurations",
    status: 200,
    input: "ListEventLogConfigurationsRequest",
    output: "ListEventLogConfigurationsResponse",
    errors: ["AccessDeniedException", "InternalServerException", "ThrottlingException", "ValidationException"],
  },
  PutRuntimeLogConfiguration: {
    method: "PUT",
    path: "/runtime-log-configurations/{ManagedThingId}",
    status: 200,
    input: "PutRuntimeLogConfigurationRequest",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  ResetRuntimeLogConfiguration: {
    method: "DELETE",
    path: "/runtime-log-configurations/{ManagedThingId}",
    status: 200,
    input: "ResetRuntimeLogConfigurationRequest",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  UpdateEventLogConfiguration: {
    method: "PATCH",
    path: "/event-log-configurations/{Id}",
    status: 200,
    input: "UpdateEventLogConfigurationRequest",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
};

export const logShapes: Readonly<Record<string, Shape>> = {
  CreateEventLogConfigurationRequest: {
    type: "structure",
    members: {
      ResourceType: { shape: "SmartHomeResourceType" },
      ResourceId: { shape: "SmartHomeResourceId" },
      EventLogLevel: { shape: "LogLevel" },
      ClientToken: { shape: "ClientToken", idempotencyToken: true },
    },
    required: ["ResourceType", "EventLogLevel"],
  },
  CreateEventLogConfigurationResponse: { type: "structure", members: { Id: { shape: "LogConfigurationId" } } },
  DeleteEventLogConfigurationRequest: {
    type: "structure",
    members: { Id: { shape: "LogConfigurationId", location: "uri" } },
    required: ["Id"],
  },
  DeleteLocalStoreAfterUpload: { type: "boolean" },
  EventLogConfigurationListDefinition: { type: "list", member: "EventLogConfigurationSummary" },
  EventLogConfigurationSummary: {
    type: "structure",
    members: {
      Id: { shape: "LogConfigurationId" },
      ResourceType: { shape: "SmartHomeResourceType" },
      ResourceId: { shape: "SmartHomeResourceId" },
      EventLogLevel: { shape: "LogLevel" },
    },
  },
  GetEventLogConfigurationRequest: {
    type: "structure",
    members: { Id: { shape: "LogConfigurationId", location: "uri" } },
    required: ["Id"],
  },
  GetEventLogConfigurationResponse: {
    type: "structure",
    members: {
      Id: { shape: "LogConfigurationId" },
      ResourceType: { shape: "SmartHomeResourceType" },
      ResourceId: { shape: "SmartHomeResourceId" },
      EventLogLevel: { shape: "LogLevel" },
    },
  },
  GetRuntimeLogConfigurationRequest: {
    type: "structure",
    members: { ManagedThingId: { shape: "ManagedThingId", location: "uri" } },
    required: ["ManagedThingId"],
  },
  GetRuntimeLogConfigurationResponse: {
    type: "structure",
    members: {
      ManagedThingId: { shape: "ManagedThingId" },
      RuntimeLogConfigurations: { shape: "RuntimeLogConfigurations" },
    },
  },
  ListEventLogConfigurationsRequest: {
    type: "structure",
    members: {
      NextToken: { shape: "NextToken", location: "querystring" },
      MaxResults: { shape: "MaxResults", location: "querystring" },
    },
  },
  ListEventLogConfigurationsResponse: {
    type: "structure",
    members: {
      EventLogConfigurationList: { shape: "EventLogConfigurationListDefinition" },
      NextToken: { shape: "NextToken" },
    },
  },
  LocalStoreFileRotationMaxBytes: { type: "integer" },
  LocalStoreFileRotationMaxFiles: { type: "integer" },
  LocalStoreLocation: { type: "string" },
  LogConfigurationId: { type: "string", min: 1, max: 200, pattern: "[A-Za-z0-9]+" },
  LogLevel: { type: "string", enum: ["DEBUG", "ERROR", "INFO", "WARN"] },
  PutRuntimeLogConfigurationRequest: {
    type: "structure",
    members: {
      ManagedThingId: { shape: "ManagedThingId", location: "uri" },
      RuntimeLogConfigurations: { shape: "RuntimeLogConfigurations" },
    },
    required: ["ManagedThingId", "RuntimeLogConfigurations"],
  },
  ResetRuntimeLogConfigurationRequest: {
    type: "structure",
    members: { ManagedThingId: { shape: "ManagedThingId", location: "uri" } },
    required: ["ManagedThingId"],
  },
  RuntimeLogConfigurations: {
    type: "structure",
    members: {
      LogLevel: { shape: "LogLevel" },
      LogFlushLevel: { shape: "LogLevel" },
      LocalStoreLocation: { shape: "LocalStoreLocation" },
      LocalStoreFileRotationMaxFiles: { shape: "LocalStoreFileRotationMaxFiles" },
      LocalStoreFileRotationMaxBytes: { shape: "LocalStoreFileRotationMaxBytes" },
      UploadLog: { shape: "UploadLog" },
      UploadPeriodMinutes: { shape: "UploadPeriodMinutes" },
      DeleteLocalStoreAfterUpload: { shape: "DeleteLocalStoreAfterUpload" },
    },
  },
  SmartHomeResourceId: { type: "string", min: 1, max: 200, pattern: "[a-zA-Z0-9+*]*" },
  SmartHomeResourceType: {
    type: "string",
    pattern: "[*]$|^(managed-thing|credential-locker|provisioning-profile|ota-task|account-association)",
  },
  UpdateEventLogConfigurationRequest: {
    type: "structure",
    members: { Id: { shape: "LogConfigurationId", location: "uri" }, EventLogLevel: { shape: "LogLevel" } },
    required: ["Id", "EventLogLevel"],
  },
  UploadLog: { type: "boolean" },
  UploadPeriodMinutes: { type: "integer" },
};
