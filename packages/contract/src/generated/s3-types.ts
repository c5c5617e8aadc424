// Written by `npm run generate`. Do not edit.

import type { ByteStream } from "../model.ts";

export interface AbacStatus {
  Status?: string;
}

export interface AbortIncompleteMultipartUpload {
  DaysAfterInitiation?: number;
}

export interface AbortMultipartUploadOutput {
  RequestCharged?: string;
}

export interface AbortMultipartUploadRequest {
  Bucket: string;
  Key: string;
  UploadId: string;
  RequestPayer?: RequestPayer;
  ExpectedBucketOwner?: string;
  IfMatchInitiatedTime?: number;
}

export interface AccelerateConfiguration {
  Status?: string;
}

export interface AccessControlPolicy {
  Grants?: readonly Grant[];
  Owner?: Owner;
}

export interface AccessControlTranslation {
  Owner: string;
}

export interface AccessDenied {}

export interface AnalyticsAndOperator {
  Prefix?: string;
  Tags?: readonly Tag[];
}

export interface AnalyticsConfiguration {
  Id: string;
  StorageClassAnalysis: StorageClassAnalysis;
  Filter?: AnalyticsFilter;
}

export interface AnalyticsExportDestination {
  S3BucketDestination: AnalyticsS3BucketDestination;
}

export interface AnalyticsFilter {
  Prefix?: string;
  Tag?: Tag;
  And?: AnalyticsAndOperator;
}

export interface AnalyticsS3BucketDestination {
  Format: string;
  Bucket: string;
  BucketAccountId?: string;
  Prefix?: string;
}

export interface AnnotationEntry {
  AnnotationName: string;
  LastModified: number;
  Size: number;
  ETag?: string;
  ChecksumAlgorithm?: readonly string[];
  ReplicationStatus?: string;
}

export interface AnnotationLimitExceeded {}

export interface AnnotationNameTooLong {}

export interface AnnotationTableConfiguration {
  ConfigurationState: string;
  EncryptionConfiguration?: MetadataTableEncryptionConfiguration;
  Role?: string;
}

export interface AnnotationTableConfigurationResult {
  ConfigurationState: string;
  TableStatus?: string;
  Error?: ErrorDetails;
  TableName?: string;
  TableArn?: string;
  Role?: string;
}

export interface AnnotationTableConfigurationUpdates {
  ConfigurationState: string;
  EncryptionConfiguration?: MetadataTableEncryptionConfiguration;
  Role?: string;
}

export interface BlockedEncryptionTypes {
  EncryptionType?: readonly string[];
}

export interface Bucket {
  Name?: string;
  CreationDate?: number;
  BucketRegion?: string;
  BucketArn?: string;
}

export interface BucketAlreadyExists {}

export interface BucketAlreadyOwnedByYou {}

export type BucketCannedACL =
  | "private"
  | "public-read"
  | "public-read-write"
  | "authenticated-read";

export interface BucketInfo {
  DataRedundancy?: DataRedundancy;
  Type?: BucketType;
}

export interface BucketLifecycleConfiguration {
  Rules: readonly LifecycleRule[];
}

export interface BucketLoggingStatus {
  LoggingEnabled?: LoggingEnabled;
}

export type BucketNamespace =
  | "account-regional"
  | "global";

export type BucketType =
  | "Directory";

export type BucketVersioningStatus =
  | "Enabled"
  | "Suspended";

export interface CORSConfiguration {
  CORSRules: readonly CORSRule[];
}

export interface CORSRule {
  AllowedMethods: readonly string[];
  AllowedOrigins: readonly string[];
  ID?: string;
  AllowedHeaders?: readonly string[];
  ExposeHeaders?: readonly string[];
  MaxAgeSeconds?: number;
}

export interface CSVInput {
  FileHeaderInfo?: string;
  Comments?: string;
  QuoteEscapeCharacter?: string;
  RecordDelimiter?: string;
  FieldDelimiter?: string;
  QuoteCharacter?: string;
  AllowQuotedRecordDelimiter?: boolean;
}

export interface CSVOutput {
  QuoteFields?: string;
  QuoteEscapeCharacter?: string;
  RecordDelimiter?: string;
  FieldDelimiter?: string;
  QuoteCharacter?: string;
}

export interface Checksum {
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  ChecksumType?: string;
}

export type ChecksumAlgorithm =
  | "CRC32"
  | "CRC32C"
  | "SHA1"
  | "SHA256"
  | "CRC64NVME"
  | "SHA512"
  | "MD5"
  | "XXHASH64"
  | "XXHASH3"
  | "XXHASH128";

export type ChecksumMode =
  | "ENABLED";

export type ChecksumType =
  | "COMPOSITE"
  | "FULL_OBJECT";

export interface CommonPrefix {
  Prefix?: string;
}

export interface CompleteMultipartUploadOutput {
  Location?: string;
  Bucket?: string;
  Key?: string;
  Expiration?: string;
  ETag?: string;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  ChecksumType?: string;
  ServerSideEncryption?: string;
  VersionId?: string;
  SSEKMSKeyId?: string;
  BucketKeyEnabled?: boolean;
  RequestCharged?: string;
}

export interface CompleteMultipartUploadRequest {
  Bucket: string;
  Key: string;
  UploadId: string;
  MultipartUpload?: CompletedMultipartUpload;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  ChecksumType?: ChecksumType;
  MpuObjectSize?: number;
  RequestPayer?: RequestPayer;
  ExpectedBucketOwner?: string;
  IfMatch?: string;
  IfNoneMatch?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKey?: string;
  SSECustomerKeyMD5?: string;
}

export interface CompletedMultipartUpload {
  Parts?: readonly CompletedPart[];
}

export interface CompletedPart {
  ETag?: string;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  PartNumber?: number;
}

export interface Condition {
  HttpErrorCodeReturnedEquals?: string;
  KeyPrefixEquals?: string;
}

export interface ContinuationEvent {}

export interface CopyObjectOutput {
  CopyObjectResult?: CopyObjectResult;
  Expiration?: string;
  CopySourceVersionId?: string;
  VersionId?: string;
  ServerSideEncryption?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKeyMD5?: string;
  SSEKMSKeyId?: string;
  SSEKMSEncryptionContext?: string;
  BucketKeyEnabled?: boolean;
  RequestCharged?: string;
}

export interface CopyObjectRequest {
  Bucket: string;
  CopySource: string;
  Key: string;
  ACL?: ObjectCannedACL;
  CacheControl?: string;
  ChecksumAlgorithm?: ChecksumAlgorithm;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  ContentType?: string;
  CopySourceIfMatch?: string;
  CopySourceIfModifiedSince?: number;
  CopySourceIfNoneMatch?: string;
  CopySourceIfUnmodifiedSince?: number;
  Expires?: number;
  GrantFullControl?: string;
  GrantRead?: string;
  GrantReadACP?: string;
  GrantWriteACP?: string;
  IfMatch?: string;
  IfNoneMatch?: string;
  Metadata?: { readonly [key: string]: string };
  MetadataDirective?: MetadataDirective;
  TaggingDirective?: TaggingDirective;
  AnnotationDirective?: string;
  ServerSideEncryption?: ServerSideEncryption;
  StorageClass?: StorageClass;
  WebsiteRedirectLocation?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKey?: string;
  SSECustomerKeyMD5?: string;
  SSEKMSKeyId?: string;
  SSEKMSEncryptionContext?: string;
  BucketKeyEnabled?: boolean;
  CopySourceSSECustomerAlgorithm?: string;
  CopySourceSSECustomerKey?: string;
  CopySourceSSECustomerKeyMD5?: string;
  RequestPayer?: RequestPayer;
  Tagging?: string;
  ObjectLockMode?: ObjectLockMode;
  ObjectLockRetainUntilDate?: number;
  ObjectLockLegalHoldStatus?: ObjectLockLegalHoldStatus;
  ObjectLockEventHold?: string;
  ObjectLockEventHoldDurationDays?: number;
  ObjectLockEventHoldDurationYears?: number;
  ExpectedBucketOwner?: string;
  ExpectedSourceBucketOwner?: string;
}

export interface CopyObjectResult {
  ETag?: string;
  LastModified?: number;
  ChecksumType?: string;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
}

export interface CopyPartResult {
  ETag?: string;
  LastModified?: number;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
}

export interface CreateBucketConfiguration {
  LocationConstraint?: string;
  Location?: LocationInfo;
  Bucket?: BucketInfo;
  Tags?: readonly Tag[];
}

export interface CreateBucketMetadataConfigurationRequest {
  Bucket: string;
  MetadataConfiguration: MetadataConfiguration;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface CreateBucketMetadataTableConfigurationRequest {
  Bucket: string;
  MetadataTableConfiguration: MetadataTableConfiguration;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface CreateBucketOutput {
  Location?: string;
  BucketArn?: string;
}

export interface CreateBucketRequest {
  Bucket: string;
  ACL?: BucketCannedACL;
  CreateBucketConfiguration?: CreateBucketConfiguration;
  GrantFullControl?: string;
  GrantRead?: string;
  GrantReadACP?: string;
  GrantWrite?: string;
  GrantWriteACP?: string;
  ObjectLockEnabledForBucket?: boolean;
  ObjectOwnership?: ObjectOwnership;
  BucketNamespace?: BucketNamespace;
}

export interface CreateMultipartUploadOutput {
  AbortDate?: number;
  AbortRuleId?: string;
  Bucket?: string;
  Key?: string;
  UploadId?: string;
  ServerSideEncryption?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKeyMD5?: string;
  SSEKMSKeyId?: string;
  SSEKMSEncryptionContext?: string;
  BucketKeyEnabled?: boolean;
  RequestCharged?: string;
  ChecksumAlgorithm?: string;
  ChecksumType?: string;
}

export interface CreateMultipartUploadRequest {
  Bucket: string;
  Key: string;
  ACL?: ObjectCannedACL;
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  ContentType?: string;
  Expires?: number;
  GrantFullControl?: string;
  GrantRead?: string;
  GrantReadACP?: string;
  GrantWriteACP?: string;
  Metadata?: { readonly [key: string]: string };
  ServerSideEncryption?: ServerSideEncryption;
  StorageClass?: StorageClass;
  WebsiteRedirectLocation?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKey?: string;
  SSECustomerKeyMD5?: string;
  SSEKMSKeyId?: string;
  SSEKMSEncryptionContext?: string;
  BucketKeyEnabled?: boolean;
  RequestPayer?: RequestPayer;
  Tagging?: string;
  ObjectLockMode?: ObjectLockMode;
  ObjectLockRetainUntilDate?: number;
  ObjectLockLegalHoldStatus?: ObjectLockLegalHoldStatus;
  ObjectLockEventHold?: string;
  ObjectLockEventHoldDurationDays?: number;
  ObjectLockEventHoldDurationYears?: number;
  ExpectedBucketOwner?: string;
  ChecksumAlgorithm?: ChecksumAlgorithm;
  ChecksumType?: ChecksumType;
}

export interface CreateSessionOutput {
  Credentials: SessionCredentials;
  ServerSideEncryption?: string;
  SSEKMSKeyId?: string;
  SSEKMSEncryptionContext?: string;
  BucketKeyEnabled?: boolean;
}

export interface CreateSessionRequest {
  Bucket: string;
  SessionMode?: string;
  ServerSideEncryption?: string;
  SSEKMSKeyId?: string;
  SSEKMSEncryptionContext?: string;
  BucketKeyEnabled?: boolean;
}

export type DataRedundancy =
  | "SingleAvailabilityZone"
  | "SingleLocalZone";

export interface DefaultRetention {
  Mode?: string;
  Days?: number;
  Years?: number;
  DefaultEventHold?: EventHoldDuration;
}

export interface Delete {
  Objects: readonly ObjectIdentifier[];
  Quiet?: boolean;
}

export interface DeleteBucketAnalyticsConfigurationRequest {
  Bucket: string;
  Id: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketCorsRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketEncryptionRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketIntelligentTieringConfigurationRequest {
  Bucket: string;
  Id: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketInventoryConfigurationRequest {
  Bucket: string;
  Id: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketLifecycleRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketMetadataConfigurationRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketMetadataTableConfigurationRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketMetricsConfigurationRequest {
  Bucket: string;
  Id: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketOwnershipControlsRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketPolicyRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketReplicationRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketTaggingRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteBucketWebsiteRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteMarkerEntry {
  Owner?: Owner;
  Key?: string;
  VersionId?: string;
  IsLatest?: boolean;
  LastModified?: number;
}

export interface DeleteMarkerReplication {
  Status?: string;
}

export interface DeleteObjectAnnotationOutput {
  ObjectVersionId?: string;
  RequestCharged?: string;
}

export interface DeleteObjectAnnotationRequest {
  Bucket: string;
  Key: string;
  AnnotationName: string;
  VersionId?: string;
  RequestPayer?: string;
  ExpectedBucketOwner?: string;
  ObjectIfMatch?: string;
}

export interface DeleteObjectOutput {
  DeleteMarker?: boolean;
  VersionId?: string;
  RequestCharged?: string;
}

export interface DeleteObjectRequest {
  Bucket: string;
  Key: string;
  MFA?: string;
  VersionId?: string;
  RequestPayer?: RequestPayer;
  BypassGovernanceRetention?: boolean;
  ExpectedBucketOwner?: string;
  IfMatch?: string;
  IfMatchLastModifiedTime?: number;
  IfMatchSize?: number;
}

export interface DeleteObjectTaggingOutput {
  VersionId?: string;
}

export interface DeleteObjectTaggingRequest {
  Bucket: string;
  Key: string;
  VersionId?: string;
  ExpectedBucketOwner?: string;
}

export interface DeleteObjectsOutput {
  Deleted?: readonly DeletedObject[];
  RequestCharged?: string;
  Errors?: readonly Error[];
}

export interface DeleteObjectsRequest {
  Bucket: string;
  Delete: Delete;
  MFA?: string;
  RequestPayer?: RequestPayer;
  BypassGovernanceRetention?: boolean;
  ExpectedBucketOwner?: string;
  ChecksumAlgorithm?: ChecksumAlgorithm;
}

export interface DeletePublicAccessBlockRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface DeletedObject {
  Key?: string;
  VersionId?: string;
  DeleteMarker?: boolean;
  DeleteMarkerVersionId?: string;
}

export interface Destination {
  Bucket: string;
  Account?: string;
  StorageClass?: string;
  AccessControlTranslation?: AccessControlTranslation;
  EncryptionConfiguration?: EncryptionConfiguration;
  ReplicationTime?: ReplicationTime;
  Metrics?: Metrics;
}

export interface DestinationResult {
  TableBucketType?: string;
  TableBucketArn?: string;
  TableNamespace?: string;
}

export type EncodingType =
  | "url";

export interface Encryption {
  EncryptionType: string;
  KMSKeyId?: string;
  KMSContext?: string;
}

export interface EncryptionConfiguration {
  ReplicaKmsKeyID?: string;
}

export interface EncryptionTypeMismatch {}

export interface EndEvent {}

export interface Error {
  Key?: string;
  VersionId?: string;
  Code?: string;
  Message?: string;
}

export interface ErrorDetails {
  ErrorCode?: string;
  ErrorMessage?: string;
}

export interface ErrorDocument {
  Key: string;
}

export interface EventBridgeConfiguration {}

export interface EventHoldDuration {
  Days?: number;
  Years?: number;
}

export interface ExistingObjectReplication {
  Status: string;
}

export interface FilterRule {
  Name?: string;
  Value?: string;
}

export interface GetBucketAbacOutput {
  AbacStatus?: AbacStatus;
}

export interface GetBucketAbacRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketAccelerateConfigurationOutput {
  Status?: string;
  RequestCharged?: string;
}

export interface GetBucketAccelerateConfigurationRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
  RequestPayer?: string;
}

export interface GetBucketAclOutput {
  Owner?: Owner;
  Grants?: readonly Grant[];
}

export interface GetBucketAclRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketAnalyticsConfigurationOutput {
  AnalyticsConfiguration?: AnalyticsConfiguration;
}

export interface GetBucketAnalyticsConfigurationRequest {
  Bucket: string;
  Id: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketCorsOutput {
  CORSRules?: readonly CORSRule[];
}

export interface GetBucketCorsRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketEncryptionOutput {
  ServerSideEncryptionConfiguration?: ServerSideEncryptionConfiguration;
}

export interface GetBucketEncryptionRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketIntelligentTieringConfigurationOutput {
  IntelligentTieringConfiguration?: IntelligentTieringConfiguration;
}

export interface GetBucketIntelligentTieringConfigurationRequest {
  Bucket: string;
  Id: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketInventoryConfigurationOutput {
  InventoryConfiguration?: InventoryConfiguration;
}

export interface GetBucketInventoryConfigurationRequest {
  Bucket: string;
  Id: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketLifecycleConfigurationOutput {
  Rules?: readonly LifecycleRule[];
  TransitionDefaultMinimumObjectSize?: string;
}

export interface GetBucketLifecycleConfigurationRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketLocationOutput {
  LocationConstraint?: string;
}

export interface GetBucketLocationRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketLoggingOutput {
  LoggingEnabled?: LoggingEnabled;
}

export interface GetBucketLoggingRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketMetadataConfigurationOutput {
  GetBucketMetadataConfigurationResult?: GetBucketMetadataConfigurationResult;
}

export interface GetBucketMetadataConfigurationRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketMetadataConfigurationResult {
  MetadataConfigurationResult: MetadataConfigurationResult;
}

export interface GetBucketMetadataTableConfigurationOutput {
  GetBucketMetadataTableConfigurationResult?: GetBucketMetadataTableConfigurationResult;
}

export interface GetBucketMetadataTableConfigurationRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketMetadataTableConfigurationResult {
  MetadataTableConfigurationResult: MetadataTableConfigurationResult;
  Status: string;
  Error?: ErrorDetails;
}

export interface GetBucketMetricsConfigurationOutput {
  MetricsConfiguration?: MetricsConfiguration;
}

export interface GetBucketMetricsConfigurationRequest {
  Bucket: string;
  Id: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketNotificationConfigurationRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketOwnershipControlsOutput {
  OwnershipControls?: OwnershipControls;
}

export interface GetBucketOwnershipControlsRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketPolicyOutput {
  Policy?: string;
}

export interface GetBucketPolicyRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketPolicyStatusOutput {
  PolicyStatus?: PolicyStatus;
}

export interface GetBucketPolicyStatusRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketReplicationOutput {
  ReplicationConfiguration?: ReplicationConfiguration;
}

export interface GetBucketReplicationRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketRequestPaymentOutput {
  Payer?: string;
}

export interface GetBucketRequestPaymentRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketTaggingOutput {
  TagSet: readonly Tag[];
}

export interface GetBucketTaggingRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketVersioningOutput {
  Status?: string;
  MFADelete?: string;
}

export interface GetBucketVersioningRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetBucketWebsiteOutput {
  RedirectAllRequestsTo?: RedirectAllRequestsTo;
  IndexDocument?: IndexDocument;
  ErrorDocument?: ErrorDocument;
  RoutingRules?: readonly RoutingRule[];
}

export interface GetBucketWebsiteRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetObjectAclOutput {
  Owner?: Owner;
  Grants?: readonly Grant[];
  RequestCharged?: string;
}

export interface GetObjectAclRequest {
  Bucket: string;
  Key: string;
  VersionId?: string;
  RequestPayer?: string;
  ExpectedBucketOwner?: string;
}

export interface GetObjectAnnotationOutput {
  AnnotationPayload?: ByteStream;
  ObjectVersionId?: string;
  LastModified?: number;
  ContentLength?: number;
  ETag?: string;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  ChecksumType?: string;
  ServerSideEncryption?: string;
  RequestCharged?: string;
  ReplicationStatus?: string;
}

export interface GetObjectAnnotationRequest {
  Bucket: string;
  Key: string;
  AnnotationName: string;
  VersionId?: string;
  RequestPayer?: string;
  ExpectedBucketOwner?: string;
  ChecksumMode?: string;
}

export interface GetObjectAttributesOutput {
  DeleteMarker?: boolean;
  LastModified?: number;
  VersionId?: string;
  RequestCharged?: string;
  ETag?: string;
  Checksum?: Checksum;
  ObjectParts?: GetObjectAttributesParts;
  StorageClass?: string;
  ObjectSize?: number;
}

export interface GetObjectAttributesParts {
  TotalPartsCount?: number;
  PartNumberMarker?: string;
  NextPartNumberMarker?: string;
  MaxParts?: number;
  IsTruncated?: boolean;
  Parts?: readonly ObjectPart[];
}

export interface GetObjectAttributesRequest {
  Bucket: string;
  Key: string;
  ObjectAttributes: readonly string[];
  VersionId?: string;
  MaxParts?: number;
  PartNumberMarker?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKey?: string;
  SSECustomerKeyMD5?: string;
  RequestPayer?: string;
  ExpectedBucketOwner?: string;
}

export interface GetObjectLegalHoldOutput {
  LegalHold?: ObjectLockLegalHold;
}

export interface GetObjectLegalHoldRequest {
  Bucket: string;
  Key: string;
  VersionId?: string;
  RequestPayer?: string;
  ExpectedBucketOwner?: string;
}

export interface GetObjectLockConfigurationOutput {
  ObjectLockConfiguration?: ObjectLockConfiguration;
}

export interface GetObjectLockConfigurationRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GetObjectOutput {
  Body?: ByteStream;
  DeleteMarker?: boolean;
  AcceptRanges?: string;
  Expiration?: string;
  Restore?: string;
  LastModified?: number;
  ContentLength?: number;
  ETag?: string;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  ChecksumType?: string;
  MissingMeta?: number;
  VersionId?: string;
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  ContentRange?: string;
  ContentType?: string;
  Expires?: number;
  ExpiresString?: string;
  WebsiteRedirectLocation?: string;
  ServerSideEncryption?: string;
  Metadata?: { readonly [key: string]: string };
  SSECustomerAlgorithm?: string;
  SSECustomerKeyMD5?: string;
  SSEKMSKeyId?: string;
  BucketKeyEnabled?: boolean;
  StorageClass?: string;
  RequestCharged?: string;
  ReplicationStatus?: string;
  PartsCount?: number;
  TagCount?: number;
  ObjectLockMode?: string;
  ObjectLockRetainUntilDate?: number;
  ObjectLockLegalHoldStatus?: string;
  ObjectLockEventHold?: string;
  ObjectLockEventHoldDurationDays?: number;
  ObjectLockEventHoldDurationYears?: number;
}

export interface GetObjectRequest {
  Bucket: string;
  Key: string;
  IfMatch?: string;
  IfModifiedSince?: number;
  IfNoneMatch?: string;
  IfUnmodifiedSince?: number;
  Range?: string;
  ResponseCacheControl?: string;
  ResponseContentDisposition?: string;
  ResponseContentEncoding?: string;
  ResponseContentLanguage?: string;
  ResponseContentType?: string;
  ResponseExpires?: number;
  VersionId?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKey?: string;
  SSECustomerKeyMD5?: string;
  RequestPayer?: RequestPayer;
  PartNumber?: number;
  ExpectedBucketOwner?: string;
  ChecksumMode?: ChecksumMode;
}

export interface GetObjectRetentionOutput {
  Retention?: ObjectLockRetention;
}

export interface GetObjectRetentionRequest {
  Bucket: string;
  Key: string;
  VersionId?: string;
  RequestPayer?: string;
  ExpectedBucketOwner?: string;
}

export interface GetObjectTaggingOutput {
  TagSet: readonly Tag[];
  VersionId?: string;
}

export interface GetObjectTaggingRequest {
  Bucket: string;
  Key: string;
  VersionId?: string;
  ExpectedBucketOwner?: string;
  RequestPayer?: string;
}

export interface GetObjectTorrentOutput {
  Body?: ByteStream;
  RequestCharged?: string;
}

export interface GetObjectTorrentRequest {
  Bucket: string;
  Key: string;
  RequestPayer?: string;
  ExpectedBucketOwner?: string;
}

export interface GetPublicAccessBlockOutput {
  PublicAccessBlockConfiguration?: PublicAccessBlockConfiguration;
}

export interface GetPublicAccessBlockRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface GlacierJobParameters {
  Tier: string;
}

export interface Grant {
  Grantee?: Grantee;
  Permission?: string;
}

export interface Grantee {
  Type: string;
  DisplayName?: string;
  EmailAddress?: string;
  ID?: string;
  URI?: string;
}

export interface HeadBucketOutput {
  BucketArn?: string;
  BucketLocationType?: string;
  BucketLocationName?: string;
  BucketRegion?: string;
  AccessPointAlias?: boolean;
}

export interface HeadBucketRequest {
  Bucket: string;
  ExpectedBucketOwner?: string;
}

export interface HeadObjectOutput {
  DeleteMarker?: boolean;
  AcceptRanges?: string;
  Expiration?: string;
  Restore?: string;
  ArchiveStatus?: string;
  LastModified?: number;
  ContentLength?: number;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  ChecksumType?: string;
  ETag?: string;
  MissingMeta?: number;
  VersionId?: string;
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  ContentType?: string;
  ContentRange?: string;
  Expires?: number;
  ExpiresString?: string;
  WebsiteRedirectLocation?: string;
  ServerSideEncryption?: string;
  Metadata?: { readonly [key: string]: string };
  SSECustomerAlgorithm?: string;
  SSECustomerKeyMD5?: string;
  SSEKMSKeyId?: string;
  BucketKeyEnabled?: boolean;
  StorageClass?: string;
  RequestCharged?: string;
  ReplicationStatus?: string;
  PartsCount?: number;
  TagCount?: number;
  ObjectLockMode?: string;
  ObjectLockRetainUntilDate?: number;
  ObjectLockLegalHoldStatus?: string;
  ObjectLockEventHold?: string;
  ObjectLockEventHoldDurationDays?: number;
  ObjectLockEventHoldDurationYears?: number;
}

export interface HeadObjectRequest {
  Bucket: string;
  Key: string;
  IfMatch?: string;
  IfModifiedSince?: number;
  IfNoneMatch?: string;
  IfUnmodifiedSince?: number;
  Range?: string;
  ResponseCacheControl?: string;
  ResponseContentDisposition?: string;
  ResponseContentEncoding?: string;
  ResponseContentLanguage?: string;
  ResponseContentType?: string;
  ResponseExpires?: number;
  VersionId?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKey?: string;
  SSECustomerKeyMD5?: string;
  RequestPayer?: RequestPayer;
  PartNumber?: number;
  ExpectedBucketOwner?: string;
  ChecksumMode?: ChecksumMode;
}

export interface IdempotencyParameterMismatch {}

export interface IndexDocument {
  Suffix: string;
}

export interface Initiator {
  ID?: string;
  DisplayName?: string;
}

export interface InputSerialization {
  CSV?: CSVInput;
  CompressionType?: string;
  JSON?: JSONInput;
  Parquet?: ParquetInput;
}

export interface IntelligentTieringAndOperator {
  Prefix?: string;
  Tags?: readonly Tag[];
}

export interface IntelligentTieringConfiguration {
  Id: string;
  Status: string;
  Tierings: readonly Tiering[];
  Filter?: IntelligentTieringFilter;
}

export interface IntelligentTieringFilter {
  Prefix?: string;
  Tag?: Tag;
  And?: IntelligentTieringAndOperator;
}

export interface InvalidAnnotationName {}

export interface InvalidObjectState {
  StorageClass?: string;
  AccessTier?: string;
}

export interface InvalidPrefix {}

export interface InvalidRequest {}

export interface InvalidWriteOffset {}

export interface InventoryConfiguration {
  Destination: InventoryDestination;
  IsEnabled: boolean;
  Id: string;
  IncludedObjectVersions: string;
  Schedule: InventorySchedule;
  Filter?: InventoryFilter;
  OptionalFields?: readonly string[];
}

export interface InventoryDestination {
  S3BucketDestination: InventoryS3BucketDestination;
}

export interface InventoryEncryption {
  SSES3?: SSES3;
  SSEKMS?: SSEKMS;
}

export interface InventoryFilter {
  Prefix: string;
}

export interface InventoryS3BucketDestination {
  Bucket: string;
  Format: string;
  AccountId?: string;
  Prefix?: string;
  Encryption?: InventoryEncryption;
}

export interface InventorySchedule {
  Frequency: string;
}

export interface InventoryTableConfiguration {
  ConfigurationState: string;
  EncryptionConfiguration?: MetadataTableEncryptionConfiguration;
}

export interface InventoryTableConfigurationResult {
  ConfigurationState: string;
  TableStatus?: string;
  Error?: ErrorDetails;
  TableName?: string;
  TableArn?: string;
}

export interface InventoryTableConfigurationUpdates {
  ConfigurationState: string;
  EncryptionConfiguration?: MetadataTableEncryptionConfiguration;
}

export interface JSONInput {
  Type?: string;
}

export interface JSONOutput {
  RecordDelimiter?: string;
}

export interface JournalTableConfiguration {
  RecordExpiration: RecordExpiration;
  EncryptionConfiguration?: MetadataTableEncryptionConfiguration;
}

export interface JournalTableConfigurationResult {
  TableStatus: string;
  TableName: string;
  RecordExpiration: RecordExpiration;
  Error?: ErrorDetails;
  TableArn?: string;
}

export interface JournalTableConfigurationUpdates {
  RecordExpiration: RecordExpiration;
}

export interface LambdaFunctionConfiguration {
  LambdaFunctionArn: string;
  Events: readonly string[];
  Id?: string;
  Filter?: NotificationConfigurationFilter;
}

export interface LifecycleExpiration {
  Date?: number;
  Days?: number;
  ExpiredObjectDeleteMarker?: boolean;
}

export interface LifecycleRule {
  Status: string;
  Expiration?: LifecycleExpiration;
  ID?: string;
  Prefix?: string;
  Filter?: LifecycleRuleFilter;
  Transitions?: readonly Transition[];
  NoncurrentVersionTransitions?: readonly NoncurrentVersionTransition[];
  NoncurrentVersionExpiration?: NoncurrentVersionExpiration;
  AbortIncompleteMultipartUpload?: AbortIncompleteMultipartUpload;
}

export interface LifecycleRuleAndOperator {
  Prefix?: string;
  Tags?: readonly Tag[];
  ObjectSizeGreaterThan?: number;
  ObjectSizeLessThan?: number;
}

export interface LifecycleRuleFilter {
  Prefix?: string;
  Tag?: Tag;
  ObjectSizeGreaterThan?: number;
  ObjectSizeLessThan?: number;
  And?: LifecycleRuleAndOperator;
}

export interface ListBucketAnalyticsConfigurationsOutput {
  IsTruncated?: boolean;
  ContinuationToken?: string;
  NextContinuationToken?: string;
  AnalyticsConfigurationList?: readonly AnalyticsConfiguration[];
}

export interface ListBucketAnalyticsConfigurationsRequest {
  Bucket: string;
  ContinuationToken?: string;
  ExpectedBucketOwner?: string;
}

export interface ListBucketIntelligentTieringConfigurationsOutput {
  IsTruncated?: boolean;
  ContinuationToken?: string;
  NextContinuationToken?: string;
  IntelligentTieringConfigurationList?: readonly IntelligentTieringConfiguration[];
}

export interface ListBucketIntelligentTieringConfigurationsRequest {
  Bucket: string;
  ContinuationToken?: string;
  ExpectedBucketOwner?: string;
}

export interface ListBucketInventoryConfigurationsOutput {
  ContinuationToken?: string;
  InventoryConfigurationList?: readonly InventoryConfiguration[];
  IsTruncated?: boolean;
  NextContinuationToken?: string;
}

export interface ListBucketInventoryConfigurationsRequest {
  Bucket: string;
  ContinuationToken?: string;
  ExpectedBucketOwner?: string;
}

export interface ListBucketMetricsConfigurationsOutput {
  IsTruncated?: boolean;
  ContinuationToken?: string;
  NextContinuationToken?: string;
  MetricsConfigurationList?: readonly MetricsConfiguration[];
}

export interface ListBucketMetricsConfigurationsRequest {
  Bucket: string;
  ContinuationToken?: string;
  ExpectedBucketOwner?: string;
}

export interface ListBucketsOutput {
  Buckets?: readonly Bucket[];
  Owner?: Owner;
  ContinuationToken?: string;
  Prefix?: string;
}

export interface ListBucketsRequest {
  MaxBuckets?: number;
  ContinuationToken?: string;
  Prefix?: string;
  BucketRegion?: string;
}

export interface ListDirectoryBucketsOutput {
  Buckets?: readonly Bucket[];
  ContinuationToken?: string;
}

export interface ListDirectoryBucketsRequest {
  ContinuationToken?: string;
  MaxDirectoryBuckets?: number;
}

export interface ListMultipartUploadsOutput {
  Bucket?: string;
  KeyMarker?: string;
  UploadIdMarker?: string;
  NextKeyMarker?: string;
  Prefix?: string;
  Delimiter?: string;
  NextUploadIdMarker?: string;
  MaxUploads?: number;
  IsTruncated?: boolean;
  Uploads?: readonly MultipartUpload[];
  CommonPrefixes?: readonly CommonPrefix[];
  EncodingType?: string;
  RequestCharged?: string;
}

export interface ListMultipartUploadsRequest {
  Bucket: string;
  Delimiter?: string;
  EncodingType?: EncodingType;
  KeyMarker?: string;
  MaxUploads?: number;
  Prefix?: string;
  UploadIdMarker?: string;
  ExpectedBucketOwner?: string;
  RequestPayer?: RequestPayer;
}

export interface ListObjectAnnotationsOutput {
  Annotations?: readonly AnnotationEntry[];
  Bucket?: string;
  Key?: string;
  ObjectVersionId?: string;
  AnnotationPrefix?: string;
  MaxAnnotationResults?: number;
  AnnotationCount?: number;
  ContinuationToken?: string;
  NextContinuationToken?: string;
  RequestCharged?: string;
}

export interface ListObjectAnnotationsRequest {
  Bucket: string;
  Key: string;
  VersionId?: string;
  MaxAnnotationResults?: number;
  AnnotationPrefix?: string;
  ContinuationToken?: string;
  RequestPayer?: string;
  ExpectedBucketOwner?: string;
}

export interface ListObjectVersionsOutput {
  IsTruncated?: boolean;
  KeyMarker?: string;
  VersionIdMarker?: string;
  NextKeyMarker?: string;
  NextVersionIdMarker?: string;
  Versions?: readonly ObjectVersion[];
  DeleteMarkers?: readonly DeleteMarkerEntry[];
  Name?: string;
  Prefix?: string;
  Delimiter?: string;
  MaxKeys?: number;
  CommonPrefixes?: readonly CommonPrefix[];
  EncodingType?: string;
  RequestCharged?: string;
}

export interface ListObjectVersionsRequest {
  Bucket: string;
  Delimiter?: string;
  EncodingType?: EncodingType;
  KeyMarker?: string;
  MaxKeys?: number;
  Prefix?: string;
  VersionIdMarker?: string;
  ExpectedBucketOwner?: string;
  RequestPayer?: RequestPayer;
  OptionalObjectAttributes?: readonly OptionalObjectAttributes[];
}

export interface ListObjectsOutput {
  IsTruncated?: boolean;
  Marker?: string;
  NextMarker?: string;
  Contents?: readonly Object[];
  Name?: string;
  Prefix?: string;
  Delimiter?: string;
  MaxKeys?: number;
  CommonPrefixes?: readonly CommonPrefix[];
  EncodingType?: string;
  RequestCharged?: string;
}

export interface ListObjectsRequest {
  Bucket: string;
  Delimiter?: string;
  EncodingType?: EncodingType;
  Marker?: string;
  MaxKeys?: number;
  Prefix?: string;
  RequestPayer?: RequestPayer;
  ExpectedBucketOwner?: string;
  OptionalObjectAttributes?: readonly OptionalObjectAttributes[];
}

export interface ListObjectsV2Output {
  IsTruncated?: boolean;
  Contents?: readonly Object[];
  Name?: string;
  Prefix?: string;
  Delimiter?: string;
  MaxKeys?: number;
  CommonPrefixes?: readonly CommonPrefix[];
  EncodingType?: string;
  KeyCount?: number;
  ContinuationToken?: string;
  NextContinuationToken?: string;
  StartAfter?: string;
  RequestCharged?: string;
}

export interface ListObjectsV2Request {
  Bucket: string;
  Delimiter?: string;
  EncodingType?: EncodingType;
  MaxKeys?: number;
  Prefix?: string;
  ContinuationToken?: string;
  FetchOwner?: boolean;
  StartAfter?: string;
  RequestPayer?: RequestPayer;
  ExpectedBucketOwner?: string;
  OptionalObjectAttributes?: readonly OptionalObjectAttributes[];
}

export interface ListPartsOutput {
  AbortDate?: number;
  AbortRuleId?: string;
  Bucket?: string;
  Key?: string;
  UploadId?: string;
  PartNumberMarker?: string;
  NextPartNumberMarker?: string;
  MaxParts?: number;
  IsTruncated?: boolean;
  Parts?: readonly Part[];
  Initiator?: Initiator;
  Owner?: Owner;
  StorageClass?: string;
  RequestCharged?: string;
  ChecksumAlgorithm?: string;
  ChecksumType?: string;
}

export interface ListPartsRequest {
  Bucket: string;
  Key: string;
  UploadId: string;
  MaxParts?: number;
  PartNumberMarker?: string;
  RequestPayer?: RequestPayer;
  ExpectedBucketOwner?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKey?: string;
  SSECustomerKeyMD5?: string;
}

export interface LocationInfo {
  Type?: LocationType;
  Name?: string;
}

export type LocationType =
  | "AvailabilityZone"
  | "LocalZone";

export interface LoggingEnabled {
  TargetBucket: string;
  TargetPrefix: string;
  TargetGrants?: readonly TargetGrant[];
  TargetObjectKeyFormat?: TargetObjectKeyFormat;
}

export type MFADelete =
  | "Enabled"
  | "Disabled";

export interface MetadataConfiguration {
  JournalTableConfiguration: JournalTableConfiguration;
  InventoryTableConfiguration?: InventoryTableConfiguration;
  AnnotationTableConfiguration?: AnnotationTableConfiguration;
}

export interface MetadataConfigurationResult {
  DestinationResult: DestinationResult;
  JournalTableConfigurationResult?: JournalTableConfigurationResult;
  InventoryTableConfigurationResult?: InventoryTableConfigurationResult;
  AnnotationTableConfigurationResult?: AnnotationTableConfigurationResult;
}

export type MetadataDirective =
  | "COPY"
  | "REPLACE";

export interface MetadataEntry {
  Name?: string;
  Value?: string;
}

export interface MetadataTableConfiguration {
  S3TablesDestination: S3TablesDestination;
}

export interface MetadataTableConfigurationResult {
  S3TablesDestinationResult: S3TablesDestinationResult;
}

export interface MetadataTableEncryptionConfiguration {
  SseAlgorithm: string;
  KmsKeyArn?: string;
}

export interface Metrics {
  Status: string;
  EventThreshold?: ReplicationTimeValue;
}

export interface MetricsAndOperator {
  Prefix?: string;
  Tags?: readonly Tag[];
  AccessPointArn?: string;
}

export interface MetricsConfiguration {
  Id: string;
  Filter?: MetricsFilter;
}

export interface MetricsFilter {
  Prefix?: string;
  Tag?: Tag;
  AccessPointArn?: string;
  And?: MetricsAndOperator;
}

export interface MultipartUpload {
  UploadId?: string;
  Key?: string;
  Initiated?: number;
  StorageClass?: string;
  Owner?: Owner;
  Initiator?: Initiator;
  ChecksumAlgorithm?: string;
  ChecksumType?: string;
}

export interface NoSuchAnnotation {}

export interface NoSuchBucket {}

export interface NoSuchKey {}

export interface NoSuchUpload {}

export interface NoncurrentVersionExpiration {
  NoncurrentDays?: number;
  NewerNoncurrentVersions?: number;
}

export interface NoncurrentVersionTransition {
  NoncurrentDays?: number;
  StorageClass?: string;
  NewerNoncurrentVersions?: number;
}

export interface NotFound {}

export interface NotificationConfiguration {
  TopicConfigurations?: readonly TopicConfiguration[];
  QueueConfigurations?: readonly QueueConfiguration[];
  LambdaFunctionConfigurations?: readonly LambdaFunctionConfiguration[];
  EventBridgeConfiguration?: EventBridgeConfiguration;
}

export interface NotificationConfigurationFilter {
  Key?: S3KeyFilter;
}

export interface Object {
  Key?: string;
  LastModified?: number;
  ETag?: string;
  ChecksumAlgorithm?: readonly string[];
  ChecksumType?: string;
  Size?: number;
  StorageClass?: string;
  Owner?: Owner;
  RestoreStatus?: RestoreStatus;
}

export interface ObjectAlreadyInActiveTierError {}

export type ObjectCannedACL =
  | "private"
  | "public-read"
  | "public-read-write"
  | "authenticated-read"
  | "aws-exec-read"
  | "bucket-owner-read"
  | "bucket-owner-full-control";

export interface ObjectEncryption {
  SSEKMS?: SSEKMSEncryption;
}

export interface ObjectIdentifier {
  Key: string;
  VersionId?: string;
  ETag?: string;
  LastModifiedTime?: number;
  Size?: number;
}

export interface ObjectLockConfiguration {
  ObjectLockEnabled?: string;
  Rule?: ObjectLockRule;
}

export interface ObjectLockLegalHold {
  Status?: string;
}

export type ObjectLockLegalHoldStatus =
  | "ON"
  | "OFF";

export type ObjectLockMode =
  | "GOVERNANCE"
  | "COMPLIANCE";

export interface ObjectLockRetention {
  Mode?: string;
  RetainUntilDate?: number;
  EventHold?: string;
  EventHoldDuration?: EventHoldDuration;
}

export interface ObjectLockRule {
  DefaultRetention?: DefaultRetention;
}

export interface ObjectNotInActiveTierError {}

export type ObjectOwnership =
  | "BucketOwnerPreferred"
  | "ObjectWriter"
  | "BucketOwnerEnforced";

export interface ObjectPart {
  PartNumber?: number;
  Size?: number;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
}

export interface ObjectVersion {
  ETag?: string;
  ChecksumAlgorithm?: readonly string[];
  ChecksumType?: string;
  Size?: number;
  StorageClass?: string;
  Key?: string;
  VersionId?: string;
  IsLatest?: boolean;
  LastModified?: number;
  Owner?: Owner;
  RestoreStatus?: RestoreStatus;
}

export type OptionalObjectAttributes =
  | "RestoreStatus";

export interface OutputLocation {
  S3?: S3Location;
}

export interface OutputSerialization {
  CSV?: CSVOutput;
  JSON?: JSONOutput;
}

export interface Owner {
  DisplayName?: string;
  ID?: string;
}

export interface OwnershipControls {
  Rules: readonly OwnershipControlsRule[];
}

export interface OwnershipControlsRule {
  ObjectOwnership: string;
}

export interface ParquetInput {}

export interface Part {
  PartNumber?: number;
  LastModified?: number;
  ETag?: string;
  Size?: number;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
}

export interface PartitionedPrefix {
  PartitionDateSource?: string;
}

export interface PolicyStatus {
  IsPublic?: boolean;
}

export interface Progress {
  BytesScanned?: number;
  BytesProcessed?: number;
  BytesReturned?: number;
}

export interface ProgressEvent {
  Details?: Progress;
}

export interface PublicAccessBlockConfiguration {
  BlockPublicAcls?: boolean;
  IgnorePublicAcls?: boolean;
  BlockPublicPolicy?: boolean;
  RestrictPublicBuckets?: boolean;
}

export interface PutBucketAbacRequest {
  Bucket: string;
  AbacStatus: AbacStatus;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface PutBucketAccelerateConfigurationRequest {
  Bucket: string;
  AccelerateConfiguration: AccelerateConfiguration;
  ExpectedBucketOwner?: string;
  ChecksumAlgorithm?: string;
}

export interface PutBucketAclRequest {
  Bucket: string;
  ACL?: string;
  AccessControlPolicy?: AccessControlPolicy;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  GrantFullControl?: string;
  GrantRead?: string;
  GrantReadACP?: string;
  GrantWrite?: string;
  GrantWriteACP?: string;
  ExpectedBucketOwner?: string;
}

export interface PutBucketAnalyticsConfigurationRequest {
  Bucket: string;
  Id: string;
  AnalyticsConfiguration: AnalyticsConfiguration;
  ExpectedBucketOwner?: string;
}

export interface PutBucketCorsRequest {
  Bucket: string;
  CORSConfiguration: CORSConfiguration;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface PutBucketEncryptionRequest {
  Bucket: string;
  ServerSideEncryptionConfiguration: ServerSideEncryptionConfiguration;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface PutBucketIntelligentTieringConfigurationRequest {
  Bucket: string;
  Id: string;
  IntelligentTieringConfiguration: IntelligentTieringConfiguration;
  ExpectedBucketOwner?: string;
}

export interface PutBucketInventoryConfigurationRequest {
  Bucket: string;
  Id: string;
  InventoryConfiguration: InventoryConfiguration;
  ExpectedBucketOwner?: string;
}

export interface PutBucketLifecycleConfigurationOutput {
  TransitionDefaultMinimumObjectSize?: string;
}

export interface PutBucketLifecycleConfigurationRequest {
  Bucket: string;
  ChecksumAlgorithm?: string;
  LifecycleConfiguration?: BucketLifecycleConfiguration;
  ExpectedBucketOwner?: string;
  TransitionDefaultMinimumObjectSize?: string;
}

export interface PutBucketLoggingRequest {
  Bucket: string;
  BucketLoggingStatus: BucketLoggingStatus;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface PutBucketMetricsConfigurationRequest {
  Bucket: string;
  Id: string;
  MetricsConfiguration: MetricsConfiguration;
  ExpectedBucketOwner?: string;
}

export interface PutBucketNotificationConfigurationRequest {
  Bucket: string;
  NotificationConfiguration: NotificationConfiguration;
  ExpectedBucketOwner?: string;
  SkipDestinationValidation?: boolean;
}

export interface PutBucketOwnershipControlsRequest {
  Bucket: string;
  OwnershipControls: OwnershipControls;
  ContentMD5?: string;
  ExpectedBucketOwner?: string;
  ChecksumAlgorithm?: string;
}

export interface PutBucketPolicyRequest {
  Bucket: string;
  Policy: string;
  ContentMD5?: string;
  ChecksumAlgorithm?: ChecksumAlgorithm;
  ConfirmRemoveSelfBucketAccess?: boolean;
  ExpectedBucketOwner?: string;
}

export interface PutBucketReplicationRequest {
  Bucket: string;
  ReplicationConfiguration: ReplicationConfiguration;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  Token?: string;
  ExpectedBucketOwner?: string;
}

export interface PutBucketRequestPaymentRequest {
  Bucket: string;
  RequestPaymentConfiguration: RequestPaymentConfiguration;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface PutBucketTaggingRequest {
  Bucket: string;
  Tagging: Tagging;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface PutBucketVersioningRequest {
  Bucket: string;
  VersioningConfiguration: VersioningConfiguration;
  ContentMD5?: string;
  ChecksumAlgorithm?: ChecksumAlgorithm;
  MFA?: string;
  ExpectedBucketOwner?: string;
}

export interface PutBucketWebsiteRequest {
  Bucket: string;
  WebsiteConfiguration: WebsiteConfiguration;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface PutObjectAclOutput {
  RequestCharged?: string;
}

export interface PutObjectAclRequest {
  Bucket: string;
  Key: string;
  ACL?: string;
  AccessControlPolicy?: AccessControlPolicy;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  GrantFullControl?: string;
  GrantRead?: string;
  GrantReadACP?: string;
  GrantWrite?: string;
  GrantWriteACP?: string;
  RequestPayer?: string;
  VersionId?: string;
  ExpectedBucketOwner?: string;
}

export interface PutObjectAnnotationOutput {
  Key?: string;
  AnnotationName?: string;
  ObjectVersionId?: string;
  ETag?: string;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  ChecksumType?: string;
  ServerSideEncryption?: string;
  RequestCharged?: string;
}

export interface PutObjectAnnotationRequest {
  Bucket: string;
  Key: string;
  AnnotationName: string;
  AnnotationPayload: ByteStream;
  VersionId?: string;
  ObjectIfMatch?: string;
  ChecksumAlgorithm?: string;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  ContentMD5?: string;
  RequestPayer?: string;
  ExpectedBucketOwner?: string;
}

export interface PutObjectLegalHoldOutput {
  RequestCharged?: string;
}

export interface PutObjectLegalHoldRequest {
  Bucket: string;
  Key: string;
  LegalHold?: ObjectLockLegalHold;
  RequestPayer?: string;
  VersionId?: string;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface PutObjectLockConfigurationOutput {
  RequestCharged?: string;
}

export interface PutObjectLockConfigurationRequest {
  Bucket: string;
  ObjectLockConfiguration?: ObjectLockConfiguration;
  RequestPayer?: string;
  Token?: string;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface PutObjectOutput {
  Expiration?: string;
  ETag?: string;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  ChecksumType?: string;
  ServerSideEncryption?: string;
  VersionId?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKeyMD5?: string;
  SSEKMSKeyId?: string;
  SSEKMSEncryptionContext?: string;
  BucketKeyEnabled?: boolean;
  Size?: number;
  RequestCharged?: string;
}

export interface PutObjectRequest {
  Bucket: string;
  Key: string;
  ACL?: ObjectCannedACL;
  Body?: ByteStream;
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  ContentLength?: number;
  ContentMD5?: string;
  ContentType?: string;
  ChecksumAlgorithm?: ChecksumAlgorithm;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  Expires?: number;
  IfMatch?: string;
  IfNoneMatch?: string;
  GrantFullControl?: string;
  GrantRead?: string;
  GrantReadACP?: string;
  GrantWriteACP?: string;
  WriteOffsetBytes?: number;
  Metadata?: { readonly [key: string]: string };
  ServerSideEncryption?: ServerSideEncryption;
  StorageClass?: StorageClass;
  WebsiteRedirectLocation?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKey?: string;
  SSECustomerKeyMD5?: string;
  SSEKMSKeyId?: string;
  SSEKMSEncryptionContext?: string;
  BucketKeyEnabled?: boolean;
  RequestPayer?: RequestPayer;
  Tagging?: string;
  ObjectLockMode?: ObjectLockMode;
  ObjectLockRetainUntilDate?: number;
  ObjectLockLegalHoldStatus?: ObjectLockLegalHoldStatus;
  ObjectLockEventHold?: string;
  ObjectLockEventHoldDurationDays?: number;
  ObjectLockEventHoldDurationYears?: number;
  ExpectedBucketOwner?: string;
}

export interface PutObjectRetentionOutput {
  RequestCharged?: string;
}

export interface PutObjectRetentionRequest {
  Bucket: string;
  Key: string;
  Retention?: ObjectLockRetention;
  RequestPayer?: string;
  VersionId?: string;
  BypassGovernanceRetention?: boolean;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface PutObjectTaggingOutput {
  VersionId?: string;
}

export interface PutObjectTaggingRequest {
  Bucket: string;
  Key: string;
  Tagging: Tagging;
  VersionId?: string;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
  RequestPayer?: string;
}

export interface PutPublicAccessBlockRequest {
  Bucket: string;
  PublicAccessBlockConfiguration: PublicAccessBlockConfiguration;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface QueueConfiguration {
  QueueArn: string;
  Events: readonly string[];
  Id?: string;
  Filter?: NotificationConfigurationFilter;
}

export interface RecordExpiration {
  Expiration: string;
  Days?: number;
}

export interface RecordsEvent {
  Payload?: Uint8Array;
}

export interface Redirect {
  HostName?: string;
  HttpRedirectCode?: string;
  Protocol?: string;
  ReplaceKeyPrefixWith?: string;
  ReplaceKeyWith?: string;
}

export interface RedirectAllRequestsTo {
  HostName: string;
  Protocol?: string;
}

export interface RenameObjectOutput {}

export interface RenameObjectRequest {
  Bucket: string;
  Key: string;
  RenameSource: string;
  DestinationIfMatch?: string;
  DestinationIfNoneMatch?: string;
  DestinationIfModifiedSince?: number;
  DestinationIfUnmodifiedSince?: number;
  SourceIfMatch?: string;
  SourceIfNoneMatch?: string;
  SourceIfModifiedSince?: number;
  SourceIfUnmodifiedSince?: number;
  ClientToken?: string;
}

export interface ReplicaModifications {
  Status: string;
}

export interface ReplicationConfiguration {
  Role: string;
  Rules: readonly ReplicationRule[];
}

export interface ReplicationRule {
  Status: string;
  Destination: Destination;
  ID?: string;
  Priority?: number;
  Prefix?: string;
  Filter?: ReplicationRuleFilter;
  SourceSelectionCriteria?: SourceSelectionCriteria;
  ExistingObjectReplication?: ExistingObjectReplication;
  DeleteMarkerReplication?: DeleteMarkerReplication;
}

export interface ReplicationRuleAndOperator {
  Prefix?: string;
  Tags?: readonly Tag[];
}

export interface ReplicationRuleFilter {
  Prefix?: string;
  Tag?: Tag;
  And?: ReplicationRuleAndOperator;
}

export interface ReplicationTime {
  Status: string;
  Time: ReplicationTimeValue;
}

export interface ReplicationTimeValue {
  Minutes?: number;
}

export type RequestPayer =
  | "requester";

export interface RequestPaymentConfiguration {
  Payer: string;
}

export interface RequestProgress {
  Enabled?: boolean;
}

export interface RestoreObjectOutput {
  RequestCharged?: string;
  RestoreOutputPath?: string;
}

export interface RestoreObjectRequest {
  Bucket: string;
  Key: string;
  VersionId?: string;
  RestoreRequest?: RestoreRequest;
  RequestPayer?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface RestoreRequest {
  Days?: number;
  GlacierJobParameters?: GlacierJobParameters;
  Type?: string;
  Tier?: string;
  Description?: string;
  SelectParameters?: SelectParameters;
  OutputLocation?: OutputLocation;
}

export interface RestoreStatus {
  IsRestoreInProgress?: boolean;
  RestoreExpiryDate?: number;
}

export interface RoutingRule {
  Redirect: Redirect;
  Condition?: Condition;
}

export interface S3KeyFilter {
  FilterRules?: readonly FilterRule[];
}

export interface S3Location {
  BucketName: string;
  Prefix: string;
  Encryption?: Encryption;
  CannedACL?: string;
  AccessControlList?: readonly Grant[];
  Tagging?: Tagging;
  UserMetadata?: readonly MetadataEntry[];
  StorageClass?: string;
}

export interface S3ServiceException {}

export interface S3TablesDestination {
  TableBucketArn: string;
  TableName: string;
}

export interface S3TablesDestinationResult {
  TableBucketArn: string;
  TableName: string;
  TableArn: string;
  TableNamespace: string;
}

export interface SSEKMS {
  KeyId: string;
}

export interface SSEKMSEncryption {
  KMSKeyArn: string;
  BucketKeyEnabled?: boolean;
}

export interface SSES3 {}

export interface ScanRange {
  Start?: number;
  End?: number;
}

export interface SelectObjectContentEventStream {
  Records?: RecordsEvent;
  Stats?: StatsEvent;
  Progress?: ProgressEvent;
  Cont?: ContinuationEvent;
  End?: EndEvent;
}

export interface SelectObjectContentOutput {
  Payload?: SelectObjectContentEventStream;
}

export interface SelectObjectContentRequest {
  Bucket: string;
  Key: string;
  Expression: string;
  ExpressionType: string;
  InputSerialization: InputSerialization;
  OutputSerialization: OutputSerialization;
  SSECustomerAlgorithm?: string;
  SSECustomerKey?: string;
  SSECustomerKeyMD5?: string;
  RequestProgress?: RequestProgress;
  ScanRange?: ScanRange;
  ExpectedBucketOwner?: string;
}

export interface SelectParameters {
  InputSerialization: InputSerialization;
  ExpressionType: string;
  Expression: string;
  OutputSerialization: OutputSerialization;
}

export type ServerSideEncryption =
  | "AES256"
  | "aws:fsx"
  | "aws:kms"
  | "aws:kms:dsse";

export interface ServerSideEncryptionByDefault {
  SSEAlgorithm: string;
  KMSMasterKeyID?: string;
}

export interface ServerSideEncryptionConfiguration {
  Rules: readonly ServerSideEncryptionRule[];
}

export interface ServerSideEncryptionRule {
  ApplyServerSideEncryptionByDefault?: ServerSideEncryptionByDefault;
  BucketKeyEnabled?: boolean;
  BlockedEncryptionTypes?: BlockedEncryptionTypes;
}

export interface SessionCredentials {
  AccessKeyId: string;
  SecretAccessKey: string;
  SessionToken: string;
  Expiration: number;
}

export interface SimplePrefix {}

export interface SourceSelectionCriteria {
  SseKmsEncryptedObjects?: SseKmsEncryptedObjects;
  ReplicaModifications?: ReplicaModifications;
}

export interface SseKmsEncryptedObjects {
  Status: string;
}

export interface Stats {
  BytesScanned?: number;
  BytesProcessed?: number;
  BytesReturned?: number;
}

export interface StatsEvent {
  Details?: Stats;
}

export type StorageClass =
  | "STANDARD"
  | "REDUCED_REDUNDANCY"
  | "STANDARD_IA"
  | "ONEZONE_IA"
  | "INTELLIGENT_TIERING"
  | "GLACIER"
  | "DEEP_ARCHIVE"
  | "OUTPOSTS"
  | "GLACIER_IR"
  | "SNOW"
  | "EXPRESS_ONEZONE"
  | "FSX_OPENZFS"
  | "FSX_ONTAP";

export interface StorageClassAnalysis {
  DataExport?: StorageClassAnalysisDataExport;
}

export interface StorageClassAnalysisDataExport {
  OutputSchemaVersion: string;
  Destination: AnalyticsExportDestination;
}

export interface Tag {
  Key: string;
  Value: string;
}

export interface Tagging {
  TagSet: readonly Tag[];
}

export type TaggingDirective =
  | "COPY"
  | "REPLACE";

export interface TargetGrant {
  Grantee?: Grantee;
  Permission?: string;
}

export interface TargetObjectKeyFormat {
  SimplePrefix?: SimplePrefix;
  PartitionedPrefix?: PartitionedPrefix;
}

export interface Tiering {
  Days: number;
  AccessTier: string;
}

export interface TooManyParts {}

export interface TopicConfiguration {
  TopicArn: string;
  Events: readonly string[];
  Id?: string;
  Filter?: NotificationConfigurationFilter;
}

export interface Transition {
  Date?: number;
  Days?: number;
  StorageClass?: string;
}

export interface UnsupportedMediaType {}

export interface UpdateBucketMetadataAnnotationTableConfigurationRequest {
  Bucket: string;
  AnnotationTableConfiguration: AnnotationTableConfigurationUpdates;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface UpdateBucketMetadataInventoryTableConfigurationRequest {
  Bucket: string;
  InventoryTableConfiguration: InventoryTableConfigurationUpdates;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface UpdateBucketMetadataJournalTableConfigurationRequest {
  Bucket: string;
  JournalTableConfiguration: JournalTableConfigurationUpdates;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
  ExpectedBucketOwner?: string;
}

export interface UpdateObjectEncryptionRequest {
  Bucket: string;
  Key: string;
  ObjectEncryption: ObjectEncryption;
  VersionId?: string;
  RequestPayer?: string;
  ExpectedBucketOwner?: string;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
}

export interface UpdateObjectEncryptionResponse {
  RequestCharged?: string;
}

export interface UploadPartCopyOutput {
  CopySourceVersionId?: string;
  CopyPartResult?: CopyPartResult;
  ServerSideEncryption?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKeyMD5?: string;
  SSEKMSKeyId?: string;
  BucketKeyEnabled?: boolean;
  RequestCharged?: string;
}

export interface UploadPartCopyRequest {
  Bucket: string;
  CopySource: string;
  Key: string;
  PartNumber: number;
  UploadId: string;
  CopySourceIfMatch?: string;
  CopySourceIfModifiedSince?: number;
  CopySourceIfNoneMatch?: string;
  CopySourceIfUnmodifiedSince?: number;
  CopySourceRange?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKey?: string;
  SSECustomerKeyMD5?: string;
  CopySourceSSECustomerAlgorithm?: string;
  CopySourceSSECustomerKey?: string;
  CopySourceSSECustomerKeyMD5?: string;
  RequestPayer?: RequestPayer;
  ExpectedBucketOwner?: string;
  ExpectedSourceBucketOwner?: string;
}

export interface UploadPartOutput {
  ServerSideEncryption?: string;
  ETag?: string;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKeyMD5?: string;
  SSEKMSKeyId?: string;
  BucketKeyEnabled?: boolean;
  RequestCharged?: string;
}

export interface UploadPartRequest {
  Bucket: string;
  Key: string;
  PartNumber: number;
  UploadId: string;
  Body?: ByteStream;
  ContentLength?: number;
  ContentMD5?: string;
  ChecksumAlgorithm?: ChecksumAlgorithm;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  SSECustomerAlgorithm?: string;
  SSECustomerKey?: string;
  SSECustomerKeyMD5?: string;
  RequestPayer?: RequestPayer;
  ExpectedBucketOwner?: string;
}

export interface VersioningConfiguration {
  MFADelete?: MFADelete;
  Status?: BucketVersioningStatus;
}

export interface WebsiteConfiguration {
  ErrorDocument?: ErrorDocument;
  IndexDocument?: IndexDocument;
  RedirectAllRequestsTo?: RedirectAllRequestsTo;
  RoutingRules?: readonly RoutingRule[];
}

export interface WriteGetObjectResponseRequest {
  RequestRoute: string;
  RequestToken: string;
  Body?: ByteStream;
  StatusCode?: number;
  ErrorCode?: string;
  ErrorMessage?: string;
  AcceptRanges?: string;
  CacheControl?: string;
  ContentDisposition?: string;
  ContentEncoding?: string;
  ContentLanguage?: string;
  ContentLength?: number;
  ContentRange?: string;
  ContentType?: string;
  ChecksumCRC32?: string;
  ChecksumCRC32C?: string;
  ChecksumCRC64NVME?: string;
  ChecksumSHA1?: string;
  ChecksumSHA256?: string;
  ChecksumSHA512?: string;
  ChecksumMD5?: string;
  ChecksumXXHASH64?: string;
  ChecksumXXHASH3?: string;
  ChecksumXXHASH128?: string;
  DeleteMarker?: boolean;
  ETag?: string;
  Expires?: number;
  Expiration?: string;
  LastModified?: number;
  MissingMeta?: number;
  Metadata?: { readonly [key: string]: string };
  ObjectLockMode?: string;
  ObjectLockLegalHoldStatus?: string;
  ObjectLockRetainUntilDate?: number;
  PartsCount?: number;
  ReplicationStatus?: string;
  RequestCharged?: string;
  Restore?: string;
  ServerSideEncryption?: string;
  SSECustomerAlgorithm?: string;
  SSEKMSKeyId?: string;
  SSECustomerKeyMD5?: string;
  StorageClass?: string;
  TagCount?: number;
  VersionId?: string;
  BucketKeyEnabled?: boolean;
}

export interface S3Operations {
  AbortMultipartUpload: { input: AbortMultipartUploadRequest; output: AbortMultipartUploadOutput };
  CompleteMultipartUpload: { input: CompleteMultipartUploadRequest; output: CompleteMultipartUploadOutput };
  CopyObject: { input: CopyObjectRequest; output: CopyObjectOutput };
  CreateBucket: { input: CreateBucketRequest; output: CreateBucketOutput };
  CreateBucketMetadataConfiguration: { input: CreateBucketMetadataConfigurationRequest; output: {} };
  CreateBucketMetadataTableConfiguration: { input: CreateBucketMetadataTableConfigurationRequest; output: {} };
  CreateMultipartUpload: { input: CreateMultipartUploadRequest; output: CreateMultipartUploadOutput };
  CreateSession: { input: CreateSessionRequest; output: CreateSessionOutput };
  DeleteBucket: { input: DeleteBucketRequest; output: {} };
  DeleteBucketAnalyticsConfiguration: { input: DeleteBucketAnalyticsConfigurationRequest; output: {} };
  DeleteBucketCors: { input: DeleteBucketCorsRequest; output: {} };
  DeleteBucketEncryption: { input: DeleteBucketEncryptionRequest; output: {} };
  DeleteBucketIntelligentTieringConfiguration: { input: DeleteBucketIntelligentTieringConfigurationRequest; output: {} };
  DeleteBucketInventoryConfiguration: { input: DeleteBucketInventoryConfigurationRequest; output: {} };
  DeleteBucketLifecycle: { input: DeleteBucketLifecycleRequest; output: {} };
  DeleteBucketMetadataConfiguration: { input: DeleteBucketMetadataConfigurationRequest; output: {} };
  DeleteBucketMetadataTableConfiguration: { input: DeleteBucketMetadataTableConfigurationRequest; output: {} };
  DeleteBucketMetricsConfiguration: { input: DeleteBucketMetricsConfigurationRequest; output: {} };
  DeleteBucketOwnershipControls: { input: DeleteBucketOwnershipControlsRequest; output: {} };
  DeleteBucketPolicy: { input: DeleteBucketPolicyRequest; output: {} };
  DeleteBucketReplication: { input: DeleteBucketReplicationRequest; output: {} };
  DeleteBucketTagging: { input: DeleteBucketTaggingRequest; output: {} };
  DeleteBucketWebsite: { input: DeleteBucketWebsiteRequest; output: {} };
  DeleteObject: { input: DeleteObjectRequest; output: DeleteObjectOutput };
  DeleteObjectAnnotation: { input: DeleteObjectAnnotationRequest; output: DeleteObjectAnnotationOutput };
  DeleteObjectTagging: { input: DeleteObjectTaggingRequest; output: DeleteObjectTaggingOutput };
  DeleteObjects: { input: DeleteObjectsRequest; output: DeleteObjectsOutput };
  DeletePublicAccessBlock: { input: DeletePublicAccessBlockRequest; output: {} };
  GetBucketAbac: { input: GetBucketAbacRequest; output: GetBucketAbacOutput };
  GetBucketAccelerateConfiguration: { input: GetBucketAccelerateConfigurationRequest; output: GetBucketAccelerateConfigurationOutput };
  GetBucketAcl: { input: GetBucketAclRequest; output: GetBucketAclOutput };
  GetBucketAnalyticsConfiguration: { input: GetBucketAnalyticsConfigurationRequest; output: GetBucketAnalyticsConfigurationOutput };
  GetBucketCors: { input: GetBucketCorsRequest; output: GetBucketCorsOutput };
  GetBucketEncryption: { input: GetBucketEncryptionRequest; output: GetBucketEncryptionOutput };
  GetBucketIntelligentTieringConfiguration: { input: GetBucketIntelligentTieringConfigurationRequest; output: GetBucketIntelligentTieringConfigurationOutput };
  GetBucketInventoryConfiguration: { input: GetBucketInventoryConfigurationRequest; output: GetBucketInventoryConfigurationOutput };
  GetBucketLifecycleConfiguration: { input: GetBucketLifecycleConfigurationRequest; output: GetBucketLifecycleConfigurationOutput };
  GetBucketLocation: { input: GetBucketLocationRequest; output: GetBucketLocationOutput };
  GetBucketLogging: { input: GetBucketLoggingRequest; output: GetBucketLoggingOutput };
  GetBucketMetadataConfiguration: { input: GetBucketMetadataConfigurationRequest; output: GetBucketMetadataConfigurationOutput };
  GetBucketMetadataTableConfiguration: { input: GetBucketMetadataTableConfigurationRequest; output: GetBucketMetadataTableConfigurationOutput };
  GetBucketMetricsConfiguration: { input: GetBucketMetricsConfigurationRequest; output: GetBucketMetricsConfigurationOutput };
  GetBucketNotificationConfiguration: { input: GetBucketNotificationConfigurationRequest; output: NotificationConfiguration };
  GetBucketOwnershipControls: { input: GetBucketOwnershipControlsRequest; output: GetBucketOwnershipControlsOutput };
  GetBucketPolicy: { input: GetBucketPolicyRequest; output: GetBucketPolicyOutput };
  GetBucketPolicyStatus: { input: GetBucketPolicyStatusRequest; output: GetBucketPolicyStatusOutput };
  GetBucketReplication: { input: GetBucketReplicationRequest; output: GetBucketReplicationOutput };
  GetBucketRequestPayment: { input: GetBucketRequestPaymentRequest; output: GetBucketRequestPaymentOutput };
  GetBucketTagging: { input: GetBucketTaggingRequest; output: GetBucketTaggingOutput };
  GetBucketVersioning: { input: GetBucketVersioningRequest; output: GetBucketVersioningOutput };
  GetBucketWebsite: { input: GetBucketWebsiteRequest; output: GetBucketWebsiteOutput };
  GetObject: { input: GetObjectRequest; output: GetObjectOutput };
  GetObjectAcl: { input: GetObjectAclRequest; output: GetObjectAclOutput };
  GetObjectAnnotation: { input: GetObjectAnnotationRequest; output: GetObjectAnnotationOutput };
  GetObjectAttributes: { input: GetObjectAttributesRequest; output: GetObjectAttributesOutput };
  GetObjectLegalHold: { input: GetObjectLegalHoldRequest; output: GetObjectLegalHoldOutput };
  GetObjectLockConfiguration: { input: GetObjectLockConfigurationRequest; output: GetObjectLockConfigurationOutput };
  GetObjectRetention: { input: GetObjectRetentionRequest; output: GetObjectRetentionOutput };
  GetObjectTagging: { input: GetObjectTaggingRequest; output: GetObjectTaggingOutput };
  GetObjectTorrent: { input: GetObjectTorrentRequest; output: GetObjectTorrentOutput };
  GetPublicAccessBlock: { input: GetPublicAccessBlockRequest; output: GetPublicAccessBlockOutput };
  HeadBucket: { input: HeadBucketRequest; output: HeadBucketOutput };
  HeadObject: { input: HeadObjectRequest; output: HeadObjectOutput };
  ListBucketAnalyticsConfigurations: { input: ListBucketAnalyticsConfigurationsRequest; output: ListBucketAnalyticsConfigurationsOutput };
  ListBucketIntelligentTieringConfigurations: { input: ListBucketIntelligentTieringConfigurationsRequest; output: ListBucketIntelligentTieringConfigurationsOutput };
  ListBucketInventoryConfigurations: { input: ListBucketInventoryConfigurationsRequest; output: ListBucketInventoryConfigurationsOutput };
  ListBucketMetricsConfigurations: { input: ListBucketMetricsConfigurationsRequest; output: ListBucketMetricsConfigurationsOutput };
  ListBuckets: { input: ListBucketsRequest; output: ListBucketsOutput };
  ListDirectoryBuckets: { input: ListDirectoryBucketsRequest; output: ListDirectoryBucketsOutput };
  ListMultipartUploads: { input: ListMultipartUploadsRequest; output: ListMultipartUploadsOutput };
  ListObjectAnnotations: { input: ListObjectAnnotationsRequest; output: ListObjectAnnotationsOutput };
  ListObjectVersions: { input: ListObjectVersionsRequest; output: ListObjectVersionsOutput };
  ListObjects: { input: ListObjectsRequest; output: ListObjectsOutput };
  ListObjectsV2: { input: ListObjectsV2Request; output: ListObjectsV2Output };
  ListParts: { input: ListPartsRequest; output: ListPartsOutput };
  PutBucketAbac: { input: PutBucketAbacRequest; output: {} };
  PutBucketAccelerateConfiguration: { input: PutBucketAccelerateConfigurationRequest; output: {} };
  PutBucketAcl: { input: PutBucketAclRequest; output: {} };
  PutBucketAnalyticsConfiguration: { input: PutBucketAnalyticsConfigurationRequest; output: {} };
  PutBucketCors: { input: PutBucketCorsRequest; output: {} };
  PutBucketEncryption: { input: PutBucketEncryptionRequest; output: {} };
  PutBucketIntelligentTieringConfiguration: { input: PutBucketIntelligentTieringConfigurationRequest; output: {} };
  PutBucketInventoryConfiguration: { input: PutBucketInventoryConfigurationRequest; output: {} };
  PutBucketLifecycleConfiguration: { input: PutBucketLifecycleConfigurationRequest; output: PutBucketLifecycleConfigurationOutput };
  PutBucketLogging: { input: PutBucketLoggingRequest; output: {} };
  PutBucketMetricsConfiguration: { input: PutBucketMetricsConfigurationRequest; output: {} };
  PutBucketNotificationConfiguration: { input: PutBucketNotificationConfigurationRequest; output: {} };
  PutBucketOwnershipControls: { input: PutBucketOwnershipControlsRequest; output: {} };
  PutBucketPolicy: { input: PutBucketPolicyRequest; output: {} };
  PutBucketReplication: { input: PutBucketReplicationRequest; output: {} };
  PutBucketRequestPayment: { input: PutBucketRequestPaymentRequest; output: {} };
  PutBucketTagging: { input: PutBucketTaggingRequest; output: {} };
  PutBucketVersioning: { input: PutBucketVersioningRequest; output: {} };
  PutBucketWebsite: { input: PutBucketWebsiteRequest; output: {} };
  PutObject: { input: PutObjectRequest; output: PutObjectOutput };
  PutObjectAcl: { input: PutObjectAclRequest; output: PutObjectAclOutput };
  PutObjectAnnotation: { input: PutObjectAnnotationRequest; output: PutObjectAnnotationOutput };
  PutObjectLegalHold: { input: PutObjectLegalHoldRequest; output: PutObjectLegalHoldOutput };
  PutObjectLockConfiguration: { input: PutObjectLockConfigurationRequest; output: PutObjectLockConfigurationOutput };
  PutObjectRetention: { input: PutObjectRetentionRequest; output: PutObjectRetentionOutput };
  PutObjectTagging: { input: PutObjectTaggingRequest; output: PutObjectTaggingOutput };
  PutPublicAccessBlock: { input: PutPublicAccessBlockRequest; output: {} };
  RenameObject: { input: RenameObjectRequest; output: RenameObjectOutput };
  RestoreObject: { input: RestoreObjectRequest; output: RestoreObjectOutput };
  SelectObjectContent: { input: SelectObjectContentRequest; output: SelectObjectContentOutput };
  UpdateBucketMetadataAnnotationTableConfiguration: { input: UpdateBucketMetadataAnnotationTableConfigurationRequest; output: {} };
  UpdateBucketMetadataInventoryTableConfiguration: { input: UpdateBucketMetadataInventoryTableConfigurationRequest; output: {} };
  UpdateBucketMetadataJournalTableConfiguration: { input: UpdateBucketMetadataJournalTableConfigurationRequest; output: {} };
  UpdateObjectEncryption: { input: UpdateObjectEncryptionRequest; output: UpdateObjectEncryptionResponse };
  UploadPart: { input: UploadPartRequest; output: UploadPartOutput };
  UploadPartCopy: { input: UploadPartCopyRequest; output: UploadPartCopyOutput };
  WriteGetObjectResponse: { input: WriteGetObjectResponseRequest; output: {} };
}
