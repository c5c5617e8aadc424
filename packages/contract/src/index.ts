export type { AuditedCall } from "./audited-call.ts";
export { bucketOfHost } from "./bucket-host.ts";
export { ServiceError } from "./error.ts";
export type * as Cloudtrail from "./generated/cloudtrail-types.ts";
export type { CloudtrailOperations } from "./generated/cloudtrail-types.ts";
export type * as Hearth from "./generated/hearth-types.ts";
export type { HearthOperations } from "./generated/hearth-types.ts";
export type * as Iam from "./generated/iam-types.ts";
export type { IamOperations } from "./generated/iam-types.ts";
export type * as IotData from "./generated/iot-data-types.ts";
export type { IotDataOperations } from "./generated/iot-data-types.ts";
export type * as IotJobsData from "./generated/iot-jobs-data-types.ts";
export type { IotJobsDataOperations } from "./generated/iot-jobs-data-types.ts";
export type * as Iot from "./generated/iot-types.ts";
export type { IotOperations } from "./generated/iot-types.ts";
export type * as Kinesis from "./generated/kinesis-types.ts";
export type { KinesisOperations } from "./generated/kinesis-types.ts";
export type * as Kms from "./generated/kms-types.ts";
export type { KmsOperations } from "./generated/kms-types.ts";
export type * as Lambda from "./generated/lambda-types.ts";
export type { LambdaOperations } from "./generated/lambda-types.ts";
export type * as Logs from "./generated/logs-types.ts";
export type { LogsOperations } from "./generated/logs-types.ts";
export type * as ManagedIntegrations from "./generated/managed-integrations-types.ts";
export type { ManagedIntegrationsOperations } from "./generated/managed-integrations-types.ts";
export type * as S3 from "./generated/s3-types.ts";
export type { S3Operations } from "./generated/s3-types.ts";
export type * as Secretsmanager from "./generated/secretsmanager-types.ts";
export type { SecretsmanagerOperations } from "./generated/secretsmanager-types.ts";
export type * as Sts from "./generated/sts-types.ts";
export type { StsOperations } from "./generated/sts-types.ts";
export type {
  AnyOperationTable,
  ChunkSignatures,
  OperationBinding,
  OperationTable,
  Principal,
  RequestContext,
  ResourcePolicy,
} from "./handlers.ts";
export type * from "./model.ts";
export { createRouter, type RouteMatch, type RouteRequest, type Router } from "./routing/router.ts";
export { services } from "./services.ts";
export { type Constraint, type Violation, validate, validationMessage } from "./validation/validate.ts";
