// Written by `npm run generate`. Do not edit.

export interface APIErrorType {
  SecretId?: string;
  ErrorCode?: string;
  Message?: string;
}

export interface BatchGetSecretValueRequest {
  SecretIdList?: readonly string[];
  Filters?: readonly Filter[];
  MaxResults?: number;
  NextToken?: string;
}

export interface BatchGetSecretValueResponse {
  SecretValues?: readonly SecretValueEntry[];
  NextToken?: string;
  Errors?: readonly APIErrorType[];
}

export interface CancelRotateSecretRequest {
  SecretId: string;
}

export interface CancelRotateSecretResponse {
  ARN?: string;
  Name?: string;
  VersionId?: string;
}

export interface CreateSecretRequest {
  Name: string;
  ClientRequestToken?: string;
  Description?: string;
  KmsKeyId?: string;
  SecretBinary?: Uint8Array;
  SecretString?: string;
  Tags?: readonly Tag[];
  AddReplicaRegions?: readonly ReplicaRegionType[];
  ForceOverwriteReplicaSecret?: boolean;
  Type?: string;
}

export interface CreateSecretResponse {
  ARN?: string;
  Name?: string;
  VersionId?: string;
  ReplicationStatus?: readonly ReplicationStatusType[];
}

export interface DecryptionFailure {
  Message?: string;
}

export interface DeleteResourcePolicyRequest {
  SecretId: string;
}

export interface DeleteResourcePolicyResponse {
  ARN?: string;
  Name?: string;
}

export interface DeleteSecretRequest {
  SecretId: string;
  RecoveryWindowInDays?: number;
  ForceDeleteWithoutRecovery?: boolean;
}

export interface DeleteSecretResponse {
  ARN?: string;
  Name?: string;
  DeletionDate?: number;
}

export interface DescribeSecretRequest {
  SecretId: string;
}

export interface DescribeSecretResponse {
  ARN?: string;
  Name?: string;
  Type?: string;
  Description?: string;
  KmsKeyId?: string;
  RotationEnabled?: boolean;
  RotationLambdaARN?: string;
  RotationRules?: RotationRulesType;
  ExternalSecretRotationMetadata?: readonly ExternalSecretRotationMetadataItem[];
  ExternalSecretRotationRoleArn?: string;
  LastRotatedDate?: number;
  LastChangedDate?: number;
  LastAccessedDate?: number;
  DeletedDate?: number;
  NextRotationDate?: number;
  Tags?: readonly Tag[];
  VersionIdsToStages?: { readonly [key: string]: readonly string[] };
  OwningService?: string;
  CreatedDate?: number;
  PrimaryRegion?: string;
  ReplicationStatus?: readonly ReplicationStatusType[];
}

export interface EncryptionFailure {
  Message?: string;
}

export interface ExternalSecretRotationMetadataItem {
  Key?: string;
  Value?: string;
}

export interface Filter {
  Key?: FilterNameStringType;
  Values?: readonly string[];
}

export type FilterNameStringType =
  | "description"
  | "name"
  | "tag-key"
  | "tag-value"
  | "primary-region"
  | "owning-service"
  | "all";

export interface GetRandomPasswordRequest {
  PasswordLength?: number;
  ExcludeCharacters?: string;
  ExcludeNumbers?: boolean;
  ExcludePunctuation?: boolean;
  ExcludeUppercase?: boolean;
  ExcludeLowercase?: boolean;
  IncludeSpace?: boolean;
  RequireEachIncludedType?: boolean;
}

export interface GetRandomPasswordResponse {
  RandomPassword?: string;
}

export interface GetResourcePolicyRequest {
  SecretId: string;
}

export interface GetResourcePolicyResponse {
  ARN?: string;
  Name?: string;
  ResourcePolicy?: string;
}

export interface GetSecretValueRequest {
  SecretId: string;
  VersionId?: string;
  VersionStage?: string;
}

export interface GetSecretValueResponse {
  ARN?: string;
  Name?: string;
  VersionId?: string;
  SecretBinary?: Uint8Array;
  SecretString?: string;
  VersionStages?: readonly string[];
  CreatedDate?: number;
}

export interface InternalServiceError {
  Message?: string;
}

export interface InvalidNextTokenException {
  Message?: string;
}

export interface InvalidParameterException {
  Message?: string;
}

export interface InvalidRequestException {
  Message?: string;
}

export interface LimitExceededException {
  Message?: string;
}

export interface ListSecretVersionIdsRequest {
  SecretId: string;
  MaxResults?: number;
  NextToken?: string;
  IncludeDeprecated?: boolean;
}

export interface ListSecretVersionIdsResponse {
  Versions?: readonly SecretVersionsListEntry[];
  NextToken?: string;
  ARN?: string;
  Name?: string;
}

export interface ListSecretsRequest {
  IncludePlannedDeletion?: boolean;
  MaxResults?: number;
  NextToken?: string;
  Filters?: readonly Filter[];
  SortOrder?: SortOrderType;
  SortBy?: SortByType;
}

export interface ListSecretsResponse {
  SecretList?: readonly SecretListEntry[];
  NextToken?: string;
}

export interface MalformedPolicyDocumentException {
  Message?: string;
}

export interface PreconditionNotMetException {
  Message?: string;
}

export interface PublicPolicyException {
  Message?: string;
}

export interface PutResourcePolicyRequest {
  SecretId: string;
  ResourcePolicy: string;
  BlockPublicPolicy?: boolean;
}

export interface PutResourcePolicyResponse {
  ARN?: string;
  Name?: string;
}

export interface PutSecretValueRequest {
  SecretId: string;
  ClientRequestToken?: string;
  SecretBinary?: Uint8Array;
  SecretString?: string;
  VersionStages?: readonly string[];
  RotationToken?: string;
}

export interface PutSecretValueResponse {
  ARN?: string;
  Name?: string;
  VersionId?: string;
  VersionStages?: readonly string[];
}

export interface RemoveRegionsFromReplicationRequest {
  SecretId: string;
  RemoveReplicaRegions: readonly string[];
}

export interface RemoveRegionsFromReplicationResponse {
  ARN?: string;
  ReplicationStatus?: readonly ReplicationStatusType[];
}

export interface ReplicaRegionType {
  Region?: string;
  KmsKeyId?: string;
}

export interface ReplicateSecretToRegionsRequest {
  SecretId: string;
  AddReplicaRegions: readonly ReplicaRegionType[];
  ForceOverwriteReplicaSecret?: boolean;
}

export interface ReplicateSecretToRegionsResponse {
  ARN?: string;
  ReplicationStatus?: readonly ReplicationStatusType[];
}

export interface ReplicationStatusType {
  Region?: string;
  KmsKeyId?: string;
  Status?: string;
  StatusMessage?: string;
  LastAccessedDate?: number;
}

export interface ResourceExistsException {
  Message?: string;
}

export interface ResourceNotFoundException {
  Message?: string;
}

export interface RestoreSecretRequest {
  SecretId: string;
}

export interface RestoreSecretResponse {
  ARN?: string;
  Name?: string;
}

export interface RotateSecretRequest {
  SecretId: string;
  ClientRequestToken?: string;
  RotationLambdaARN?: string;
  RotationRules?: RotationRulesType;
  ExternalSecretRotationMetadata?: readonly ExternalSecretRotationMetadataItem[];
  ExternalSecretRotationRoleArn?: string;
  RotateImmediately?: boolean;
}

export interface RotateSecretResponse {
  ARN?: string;
  Name?: string;
  VersionId?: string;
}

export interface RotationRulesType {
  AutomaticallyAfterDays?: number;
  Duration?: string;
  ScheduleExpression?: string;
}

export interface SecretListEntry {
  ARN?: string;
  Name?: string;
  Type?: string;
  Description?: string;
  KmsKeyId?: string;
  RotationEnabled?: boolean;
  RotationLambdaARN?: string;
  RotationRules?: RotationRulesType;
  ExternalSecretRotationMetadata?: readonly ExternalSecretRotationMetadataItem[];
  ExternalSecretRotationRoleArn?: string;
  LastRotatedDate?: number;
  LastChangedDate?: number;
  LastAccessedDate?: number;
  DeletedDate?: number;
  NextRotationDate?: number;
  Tags?: readonly Tag[];
  SecretVersionsToStages?: { readonly [key: string]: readonly string[] };
  OwningService?: string;
  CreatedDate?: number;
  PrimaryRegion?: string;
}

export interface SecretValueEntry {
  ARN?: string;
  Name?: string;
  VersionId?: string;
  SecretBinary?: Uint8Array;
  SecretString?: string;
  VersionStages?: readonly string[];
  CreatedDate?: number;
}

export interface SecretVersionsListEntry {
  VersionId?: string;
  VersionStages?: readonly string[];
  LastAccessedDate?: number;
  CreatedDate?: number;
  KmsKeyIds?: readonly string[];
}

export interface SecretsManagerServiceException {}

export type SortByType =
  | "created-date"
  | "last-accessed-date"
  | "last-changed-date"
  | "name";

export type SortOrderType =
  | "asc"
  | "desc";

export interface StopReplicationToReplicaRequest {
  SecretId: string;
}

export interface StopReplicationToReplicaResponse {
  ARN?: string;
}

export interface Tag {
  Key?: string;
  Value?: string;
}

export interface TagResourceRequest {
  SecretId: string;
  Tags: readonly Tag[];
}

export interface UntagResourceRequest {
  SecretId: string;
  TagKeys: readonly string[];
}

export interface UpdateSecretRequest {
  SecretId: string;
  ClientRequestToken?: string;
  Description?: string;
  KmsKeyId?: string;
  SecretBinary?: Uint8Array;
  SecretString?: string;
  Type?: string;
}

export interface UpdateSecretResponse {
  ARN?: string;
  Name?: string;
  VersionId?: string;
}

export interface UpdateSecretVersionStageRequest {
  SecretId: string;
  VersionStage: string;
  RemoveFromVersionId?: string;
  MoveToVersionId?: string;
}

export interface UpdateSecretVersionStageResponse {
  ARN?: string;
  Name?: string;
}

export interface ValidateResourcePolicyRequest {
  ResourcePolicy: string;
  SecretId?: string;
}

export interface ValidateResourcePolicyResponse {
  PolicyValidationPassed?: boolean;
  ValidationErrors?: readonly ValidationErrorsEntry[];
}

export interface ValidationErrorsEntry {
  CheckName?: string;
  ErrorMessage?: string;
}

export interface SecretsmanagerOperations {
  BatchGetSecretValue: { input: BatchGetSecretValueRequest; output: BatchGetSecretValueResponse };
  CancelRotateSecret: { input: CancelRotateSecretRequest; output: CancelRotateSecretResponse };
  CreateSecret: { input: CreateSecretRequest; output: CreateSecretResponse };
  DeleteResourcePolicy: { input: DeleteResourcePolicyRequest; output: DeleteResourcePolicyResponse };
  DeleteSecret: { input: DeleteSecretRequest; output: DeleteSecretResponse };
  DescribeSecret: { input: DescribeSecretRequest; output: DescribeSecretResponse };
  GetRandomPassword: { input: GetRandomPasswordRequest; output: GetRandomPasswordResponse };
  GetResourcePolicy: { input: GetResourcePolicyRequest; output: GetResourcePolicyResponse };
  GetSecretValue: { input: GetSecretValueRequest; output: GetSecretValueResponse };
  ListSecretVersionIds: { input: ListSecretVersionIdsRequest; output: ListSecretVersionIdsResponse };
  ListSecrets: { input: ListSecretsRequest; output: ListSecretsResponse };
  PutResourcePolicy: { input: PutResourcePolicyRequest; output: PutResourcePolicyResponse };
  PutSecretValue: { input: PutSecretValueRequest; output: PutSecretValueResponse };
  RemoveRegionsFromReplication: { input: RemoveRegionsFromReplicationRequest; output: RemoveRegionsFromReplicationResponse };
  ReplicateSecretToRegions: { input: ReplicateSecretToRegionsRequest; output: ReplicateSecretToRegionsResponse };
  RestoreSecret: { input: RestoreSecretRequest; output: RestoreSecretResponse };
  RotateSecret: { input: RotateSecretRequest; output: RotateSecretResponse };
  StopReplicationToReplica: { input: StopReplicationToReplicaRequest; output: StopReplicationToReplicaResponse };
  TagResource: { input: TagResourceRequest; output: {} };
  UntagResource: { input: UntagResourceRequest; output: {} };
  UpdateSecret: { input: UpdateSecretRequest; output: UpdateSecretResponse };
  UpdateSecretVersionStage: { input: UpdateSecretVersionStageRequest; output: UpdateSecretVersionStageResponse };
  ValidateResourcePolicy: { input: ValidateResourcePolicyRequest; output: ValidateResourcePolicyResponse };
}
