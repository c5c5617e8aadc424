// Written by `npm run generate`. Do not edit.

export interface ExplainAccessRequest {
  PrincipalArn: string;
  Action: string;
  ResourceArn?: string;
  Context?: { readonly [key: string]: readonly string[] };
  Listener?: string;
}

export interface ExplainAccessResponse {
  Allowed: boolean;
  Reason: string;
}

export interface RotateDeviceAuthorityRequest {}

export interface RotateDeviceAuthorityResponse {
  CertificatePem: string;
}

export interface RotateMasterKeyRequest {}

export interface RotateMasterKeyResponse {
  RotatedAt: number;
}

export interface RotateServerCertificateRequest {}

export interface RotateServerCertificateResponse {
  CertificatePem: string;
  NotAfter: number;
}

export type CloudConnectorType =
  | "LISTED"
  | "UNLISTED";

export interface UpdateCloudConnectorListingRequest {
  AccountId: string;
  CloudConnectorId: string;
  Type: CloudConnectorType;
}

export interface UpdateCloudConnectorListingResponse {}

export interface DeviceProfileRequest {
  ProductCode: string;
}

export interface PutDeviceProfileRequest {
  ProductCode: string;
  AdvertisedProductId?: string;
  Brand?: string;
  Model?: string;
  Classification?: string;
  CapabilityReport?: unknown;
}

export interface PutDeviceProfileResponse {
  Arn: string;
}

export interface GetDeviceProfileResponse {
  ProductCode: string;
  AdvertisedProductId?: string;
  Brand?: string;
  Model?: string;
  Classification?: string;
  CapabilityReport?: unknown;
  CreatedAt: number;
  UpdatedAt: number;
}

export interface ListDeviceProfilesRequest {
  MaxResults?: number;
  NextToken?: string;
}

export interface ListDeviceProfilesResponse {
  Items: readonly DeviceProfileSummary[];
  NextToken?: string;
}

export interface DeviceProfileSummary {
  ProductCode: string;
  AdvertisedProductId?: string;
  Brand?: string;
  Model?: string;
  Classification?: string;
  CreatedAt: number;
  UpdatedAt: number;
}

export type SchemaVersionType =
  | "capability"
  | "definition";

export interface CreateSchemaVersionRequest {
  Type: SchemaVersionType;
  Schema: unknown;
}

export interface CreateSchemaVersionResponse {
  SchemaVersionedId: string;
  Type: SchemaVersionType;
  CreatedAt: number;
}

export interface DeleteSchemaVersionRequest {
  Type: SchemaVersionType;
  SchemaVersionedId: string;
}

export type ShadowChangeKind =
  | "UPDATE"
  | "DELETE";

export interface ShadowActor {
  PrincipalId: string;
  ClientId?: string;
  SourceIp?: string;
}

export interface ListShadowHistoryRequest {
  ThingName: string;
  ShadowName?: string;
  From?: number;
  To?: number;
  MaxResults?: number;
  NextToken?: string;
}

export interface ListShadowHistoryResponse {
  Items: readonly ShadowHistoryEntry[];
  NextToken?: string;
}

export interface ShadowHistoryEntry {
  Version: number;
  Timestamp: number;
  Kind: ShadowChangeKind;
  Actor: ShadowActor;
  Changes?: unknown;
}

export interface GetShadowAtRequest {
  ThingName: string;
  ShadowName?: string;
  Timestamp: number;
}

export interface GetShadowAtResponse {
  Version: number;
  Timestamp: number;
  Actor?: ShadowActor;
  State: unknown;
  Metadata: unknown;
}

export type NotificationTargetType =
  | "JETSTREAM"
  | "SSE"
  | "WEBHOOK";

export interface CreateNotificationTargetRequest {
  Type: NotificationTargetType;
  Name: string;
  Url?: string;
  Subject?: string;
  ClientToken?: string;
}

export interface CreateNotificationTargetResponse {
  Arn: string;
  SigningSecret?: string;
}

export interface NotificationTargetRequest {
  Type: NotificationTargetType;
  Name: string;
}

export interface GetNotificationTargetResponse {
  Arn: string;
  Type: NotificationTargetType;
  Name: string;
  Url?: string;
  Subject?: string;
  CreatedAt: number;
}

export interface ListNotificationTargetsRequest {
  MaxResults?: number;
  NextToken?: string;
}

export interface ListNotificationTargetsResponse {
  Items: readonly NotificationTargetSummary[];
  NextToken?: string;
}

export interface NotificationTargetSummary {
  Arn: string;
  Type: NotificationTargetType;
  Name: string;
  Url?: string;
  Subject?: string;
  CreatedAt: number;
}

export interface RotateNotificationTargetSecretResponse {
  SigningSecret: string;
}

export type ConnectionEventType =
  | "Connect"
  | "Disconnect"
  | "DeleteConnection"
  | "Publish-In"
  | "Publish-Out"
  | "Queued"
  | "Subscribe"
  | "Unsubscribe";

export type ConnectionEventStatus =
  | "Success"
  | "Failure";

export interface ListConnectionEventsRequest {
  ClientId?: string;
  CertificateId?: string;
  MaxResults?: number;
  NextToken?: string;
}

export interface ListConnectionEventsResponse {
  Events: readonly ConnectionEvent[];
  NextToken?: string;
}

export interface ConnectionEvent {
  Timestamp: number;
  LastTimestamp: number;
  Count: number;
  EventType: ConnectionEventType;
  Status: ConnectionEventStatus;
  Cause: string;
  Reason: string;
  ClientId?: string;
  CertificateId?: string;
  PrincipalId?: string;
  SourceIp?: string;
  Protocol?: string;
  TopicName?: string;
  Filter?: string;
  ReasonCode?: number;
  Details?: string;
}

export interface CreateAccountRequest {
  AccountName?: string;
  AccountId?: string;
}

export interface CreateAccountResponse {
  AccountId: string;
  AccountName?: string;
  CreatedAt: number;
  AccessKey: AccessKey;
}

export interface AccessKey {
  AccessKeyId: string;
  SecretAccessKey: string;
}

export interface ListAccountsRequest {
  MaxResults?: number;
  NextToken?: string;
}

export interface ListAccountsResponse {
  Accounts: readonly AccountSummary[];
  NextToken?: string;
}

export interface AccountSummary {
  AccountId: string;
  AccountName?: string;
  CreatedAt: number;
}

export interface CreateBackupRequest {
  Name: string;
}

export interface CreateBackupResponse {
  Path: string;
  SizeBytes: number;
  CreatedAt: number;
}

export interface RestoreBackupRequest {
  Name: string;
}

export interface RestoreBackupResponse {
  Path: string;
}

export interface ResourceNotFoundException {
  Message?: string;
}

export interface AccessDeniedException {
  Message?: string;
}

export interface ConflictException {
  Message?: string;
}

export interface InternalServerException {
  Message?: string;
}

export interface ThrottlingException {
  Message?: string;
}

export interface ValidationException {
  Message?: string;
}

export interface HearthOperations {
  ExplainAccess: { input: ExplainAccessRequest; output: ExplainAccessResponse };
  UpdateCloudConnectorListing: { input: UpdateCloudConnectorListingRequest; output: UpdateCloudConnectorListingResponse };
  PutDeviceProfile: { input: PutDeviceProfileRequest; output: PutDeviceProfileResponse };
  GetDeviceProfile: { input: DeviceProfileRequest; output: GetDeviceProfileResponse };
  ListDeviceProfiles: { input: ListDeviceProfilesRequest; output: ListDeviceProfilesResponse };
  DeleteDeviceProfile: { input: DeviceProfileRequest; output: {} };
  CreateSchemaVersion: { input: CreateSchemaVersionRequest; output: CreateSchemaVersionResponse };
  DeleteSchemaVersion: { input: DeleteSchemaVersionRequest; output: {} };
  ListShadowHistory: { input: ListShadowHistoryRequest; output: ListShadowHistoryResponse };
  GetShadowAt: { input: GetShadowAtRequest; output: GetShadowAtResponse };
  CreateNotificationTarget: { input: CreateNotificationTargetRequest; output: CreateNotificationTargetResponse };
  GetNotificationTarget: { input: NotificationTargetRequest; output: GetNotificationTargetResponse };
  ListNotificationTargets: { input: ListNotificationTargetsRequest; output: ListNotificationTargetsResponse };
  DeleteNotificationTarget: { input: NotificationTargetRequest; output: {} };
  RotateNotificationTargetSecret: { input: NotificationTargetRequest; output: RotateNotificationTargetSecretResponse };
  CreateAccount: { input: CreateAccountRequest; output: CreateAccountResponse };
  ListAccounts: { input: ListAccountsRequest; output: ListAccountsResponse };
  CreateBackup: { input: CreateBackupRequest; output: CreateBackupResponse };
  RestoreBackup: { input: RestoreBackupRequest; output: RestoreBackupResponse };
  ListConnectionEvents: { input: ListConnectionEventsRequest; output: ListConnectionEventsResponse };
  RotateDeviceAuthority: { input: RotateDeviceAuthorityRequest; output: RotateDeviceAuthorityResponse };
  RotateMasterKey: { input: RotateMasterKeyRequest; output: RotateMasterKeyResponse };
  RotateServerCertificate: { input: RotateServerCertificateRequest; output: RotateServerCertificateResponse };
}
