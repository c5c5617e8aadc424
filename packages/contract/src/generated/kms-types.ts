// Written by `npm run generate`. Do not edit.

export interface AliasListEntry {
  AliasName?: string;
  AliasArn?: string;
  TargetKeyId?: string;
  CreationDate?: number;
  LastUpdatedDate?: number;
}

export interface AlreadyExistsException {
  message?: string;
}

export interface CancelKeyDeletionRequest {
  KeyId: string;
}

export interface CancelKeyDeletionResponse {
  KeyId?: string;
}

export interface CloudHsmClusterInUseException {
  message?: string;
}

export interface CloudHsmClusterInvalidConfigurationException {
  message?: string;
}

export interface CloudHsmClusterNotActiveException {
  message?: string;
}

export interface CloudHsmClusterNotFoundException {
  message?: string;
}

export interface CloudHsmClusterNotRelatedException {
  message?: string;
}

export interface ConflictException {
  message?: string;
}

export interface ConnectCustomKeyStoreRequest {
  CustomKeyStoreId: string;
}

export interface ConnectCustomKeyStoreResponse {}

export interface CreateAliasRequest {
  AliasName: string;
  TargetKeyId: string;
}

export interface CreateCustomKeyStoreRequest {
  CustomKeyStoreName: string;
  CloudHsmClusterId?: string;
  TrustAnchorCertificate?: string;
  KeyStorePassword?: string;
  CustomKeyStoreType?: string;
  XksProxyUriEndpoint?: string;
  XksProxyUriPath?: string;
  XksProxyVpcEndpointServiceName?: string;
  XksProxyVpcEndpointServiceOwner?: string;
  XksProxyAuthenticationCredential?: XksProxyAuthenticationCredentialType;
  XksProxyConnectivity?: string;
}

export interface CreateCustomKeyStoreResponse {
  CustomKeyStoreId?: string;
}

export interface CreateGrantRequest {
  KeyId: string;
  Operations: readonly string[];
  GranteePrincipal?: string;
  RetiringPrincipal?: string;
  Constraints?: GrantConstraints;
  GrantTokens?: readonly string[];
  Name?: string;
  DryRun?: boolean;
  GranteeServicePrincipal?: string;
  RetiringServicePrincipal?: string;
}

export interface CreateGrantResponse {
  GrantToken?: string;
  GrantId?: string;
}

export interface CreateKeyRequest {
  Policy?: string;
  Description?: string;
  KeyUsage?: string;
  CustomerMasterKeySpec?: string;
  KeySpec?: string;
  Origin?: string;
  CustomKeyStoreId?: string;
  BypassPolicyLockoutSafetyCheck?: boolean;
  Tags?: readonly Tag[];
  MultiRegion?: boolean;
  XksKeyId?: string;
}

export interface CreateKeyResponse {
  KeyMetadata?: KeyMetadata;
}

export interface CustomKeyStoreHasCMKsException {
  message?: string;
}

export interface CustomKeyStoreInvalidStateException {
  message?: string;
}

export interface CustomKeyStoreNameInUseException {
  message?: string;
}

export interface CustomKeyStoreNotFoundException {
  message?: string;
}

export interface CustomKeyStoresListEntry {
  CustomKeyStoreId?: string;
  CustomKeyStoreName?: string;
  CloudHsmClusterId?: string;
  TrustAnchorCertificate?: string;
  ConnectionState?: string;
  ConnectionErrorCode?: string;
  CreationDate?: number;
  CustomKeyStoreType?: string;
  XksProxyConfiguration?: XksProxyConfigurationType;
}

export type DataKeySpec =
  | "AES_256"
  | "AES_128";

export interface DecapsulateRequest {
  KeyId: string;
  SharedSecretCiphertextBlob: Uint8Array;
  EncapsulationAlgorithm: string;
  GrantTokens?: readonly string[];
  DryRun?: boolean;
}

export interface DecapsulateResponse {
  KeyId?: string;
  SharedSecret?: Uint8Array;
  EncapsulationAlgorithm?: string;
}

export interface DecryptRequest {
  CiphertextBlob?: Uint8Array;
  EncryptionContext?: { readonly [key: string]: string };
  GrantTokens?: readonly string[];
  KeyId?: string;
  EncryptionAlgorithm?: string;
  Recipient?: RecipientInfo;
  DryRun?: boolean;
  DryRunModifiers?: readonly string[];
}

export interface DecryptResponse {
  KeyId?: string;
  Plaintext?: Uint8Array;
  EncryptionAlgorithm?: string;
  CiphertextForRecipient?: Uint8Array;
  KeyMaterialId?: string;
}

export interface DeleteAliasRequest {
  AliasName: string;
}

export interface DeleteCustomKeyStoreRequest {
  CustomKeyStoreId: string;
}

export interface DeleteCustomKeyStoreResponse {}

export interface DeleteImportedKeyMaterialRequest {
  KeyId: string;
  KeyMaterialId?: string;
}

export interface DeleteImportedKeyMaterialResponse {
  KeyId?: string;
  KeyMaterialId?: string;
}

export interface DependencyTimeoutException {
  message?: string;
}

export interface DeriveSharedSecretRequest {
  KeyId: string;
  KeyAgreementAlgorithm: string;
  PublicKey: Uint8Array;
  GrantTokens?: readonly string[];
  DryRun?: boolean;
  Recipient?: RecipientInfo;
}

export interface DeriveSharedSecretResponse {
  KeyId?: string;
  SharedSecret?: Uint8Array;
  CiphertextForRecipient?: Uint8Array;
  KeyAgreementAlgorithm?: string;
  KeyOrigin?: string;
}

export interface DescribeCustomKeyStoresRequest {
  CustomKeyStoreId?: string;
  CustomKeyStoreName?: string;
  Limit?: number;
  Marker?: string;
}

export interface DescribeCustomKeyStoresResponse {
  CustomKeyStores?: readonly CustomKeyStoresListEntry[];
  NextMarker?: string;
  Truncated?: boolean;
}

export interface DescribeKeyRequest {
  KeyId: string;
  GrantTokens?: readonly string[];
}

export interface DescribeKeyResponse {
  KeyMetadata?: KeyMetadata;
}

export interface DisableKeyRequest {
  KeyId: string;
}

export interface DisableKeyRotationRequest {
  KeyId: string;
}

export interface DisabledException {
  message?: string;
}

export interface DisconnectCustomKeyStoreRequest {
  CustomKeyStoreId: string;
}

export interface DisconnectCustomKeyStoreResponse {}

export interface DryRunOperationException {
  message?: string;
}

export interface EnableKeyRequest {
  KeyId: string;
}

export interface EnableKeyRotationRequest {
  KeyId: string;
  RotationPeriodInDays?: number;
}

export interface EncapsulateRequest {
  KeyId: string;
  EncapsulationAlgorithm: string;
  GrantTokens?: readonly string[];
  DryRun?: boolean;
}

export interface EncapsulateResponse {
  KeyId?: string;
  SharedSecret?: Uint8Array;
  SharedSecretCiphertextBlob?: Uint8Array;
  EncapsulationAlgorithm?: string;
}

export interface EncryptRequest {
  KeyId: string;
  Plaintext: Uint8Array;
  EncryptionContext?: { readonly [key: string]: string };
  GrantTokens?: readonly string[];
  EncryptionAlgorithm?: string;
  DryRun?: boolean;
}

export interface EncryptResponse {
  CiphertextBlob?: Uint8Array;
  KeyId?: string;
  EncryptionAlgorithm?: string;
}

export interface ExpiredImportTokenException {
  message?: string;
}

export interface GenerateDataKeyPairRequest {
  KeyId: string;
  KeyPairSpec: string;
  EncryptionContext?: { readonly [key: string]: string };
  GrantTokens?: readonly string[];
  Recipient?: RecipientInfo;
  DryRun?: boolean;
}

export interface GenerateDataKeyPairResponse {
  PrivateKeyCiphertextBlob?: Uint8Array;
  PrivateKeyPlaintext?: Uint8Array;
  PublicKey?: Uint8Array;
  KeyId?: string;
  KeyPairSpec?: string;
  CiphertextForRecipient?: Uint8Array;
  KeyMaterialId?: string;
}

export interface GenerateDataKeyPairWithoutPlaintextRequest {
  KeyId: string;
  KeyPairSpec: string;
  EncryptionContext?: { readonly [key: string]: string };
  GrantTokens?: readonly string[];
  DryRun?: boolean;
}

export interface GenerateDataKeyPairWithoutPlaintextResponse {
  PrivateKeyCiphertextBlob?: Uint8Array;
  PublicKey?: Uint8Array;
  KeyId?: string;
  KeyPairSpec?: string;
  KeyMaterialId?: string;
}

export interface GenerateDataKeyRequest {
  KeyId: string;
  EncryptionContext?: { readonly [key: string]: string };
  NumberOfBytes?: number;
  KeySpec?: DataKeySpec;
  GrantTokens?: readonly string[];
  Recipient?: RecipientInfo;
  DryRun?: boolean;
}

export interface GenerateDataKeyResponse {
  CiphertextBlob?: Uint8Array;
  Plaintext?: Uint8Array;
  KeyId?: string;
  CiphertextForRecipient?: Uint8Array;
  KeyMaterialId?: string;
}

export interface GenerateDataKeyWithoutPlaintextRequest {
  KeyId: string;
  EncryptionContext?: { readonly [key: string]: string };
  KeySpec?: DataKeySpec;
  NumberOfBytes?: number;
  GrantTokens?: readonly string[];
  DryRun?: boolean;
}

export interface GenerateDataKeyWithoutPlaintextResponse {
  CiphertextBlob?: Uint8Array;
  KeyId?: string;
  KeyMaterialId?: string;
}

export interface GenerateMacRequest {
  Message: Uint8Array;
  KeyId: string;
  MacAlgorithm: string;
  GrantTokens?: readonly string[];
  DryRun?: boolean;
}

export interface GenerateMacResponse {
  Mac?: Uint8Array;
  MacAlgorithm?: string;
  KeyId?: string;
}

export interface GenerateRandomRequest {
  NumberOfBytes?: number;
  CustomKeyStoreId?: string;
  Recipient?: RecipientInfo;
}

export interface GenerateRandomResponse {
  Plaintext?: Uint8Array;
  CiphertextForRecipient?: Uint8Array;
}

export interface GetKeyLastUsageRequest {
  KeyId: string;
}

export interface GetKeyLastUsageResponse {
  KeyId?: string;
  KeyLastUsage?: KeyLastUsageData;
  TrackingStartDate?: number;
  KeyCreationDate?: number;
}

export interface GetKeyPolicyRequest {
  KeyId: string;
  PolicyName?: string;
}

export interface GetKeyPolicyResponse {
  Policy?: string;
  PolicyName?: string;
}

export interface GetKeyRotationStatusRequest {
  KeyId: string;
}

export interface GetKeyRotationStatusResponse {
  KeyRotationEnabled?: boolean;
  KeyId?: string;
  RotationPeriodInDays?: number;
  NextRotationDate?: number;
  OnDemandRotationStartDate?: number;
}

export interface GetParametersForImportRequest {
  KeyId: string;
  WrappingAlgorithm: string;
  WrappingKeySpec: string;
}

export interface GetParametersForImportResponse {
  KeyId?: string;
  ImportToken?: Uint8Array;
  PublicKey?: Uint8Array;
  ParametersValidTo?: number;
}

export interface GetPublicKeyRequest {
  KeyId: string;
  GrantTokens?: readonly string[];
}

export interface GetPublicKeyResponse {
  KeyId?: string;
  PublicKey?: Uint8Array;
  CustomerMasterKeySpec?: string;
  KeySpec?: string;
  KeyUsage?: string;
  EncryptionAlgorithms?: readonly string[];
  SigningAlgorithms?: readonly string[];
  KeyAgreementAlgorithms?: readonly string[];
  EncapsulationAlgorithms?: readonly string[];
}

export interface GrantConstraints {
  EncryptionContextSubset?: { readonly [key: string]: string };
  EncryptionContextEquals?: { readonly [key: string]: string };
  SourceArn?: string;
}

export interface GrantListEntry {
  KeyId?: string;
  GrantId?: string;
  Name?: string;
  CreationDate?: number;
  GranteePrincipal?: string;
  RetiringPrincipal?: string;
  IssuingAccount?: string;
  Operations?: readonly string[];
  Constraints?: GrantConstraints;
  GranteeServicePrincipal?: string;
  RetiringServicePrincipal?: string;
}

export interface ImportKeyMaterialRequest {
  KeyId: string;
  ImportToken: Uint8Array;
  EncryptedKeyMaterial: Uint8Array;
  ValidTo?: number;
  ExpirationModel?: string;
  ImportType?: string;
  KeyMaterialDescription?: string;
  KeyMaterialId?: string;
}

export interface ImportKeyMaterialResponse {
  KeyId?: string;
  KeyMaterialId?: string;
}

export interface IncorrectKeyException {
  message?: string;
}

export interface IncorrectKeyMaterialException {
  message?: string;
}

export interface IncorrectTrustAnchorException {
  message?: string;
}

export interface InvalidAliasNameException {
  message?: string;
}

export interface InvalidArnException {
  message?: string;
}

export interface InvalidCiphertextException {
  message?: string;
}

export interface InvalidGrantIdException {
  message?: string;
}

export interface InvalidGrantTokenException {
  message?: string;
}

export interface InvalidImportTokenException {
  message?: string;
}

export interface InvalidKeyUsageException {
  message?: string;
}

export interface InvalidMarkerException {
  message?: string;
}

export interface KMSInternalException {
  message?: string;
}

export interface KMSInvalidMacException {
  message?: string;
}

export interface KMSInvalidSignatureException {
  message?: string;
}

export interface KMSInvalidStateException {
  message?: string;
}

export interface KMSServiceException {}

export interface KeyLastUsageData {
  Operation?: string;
  Timestamp?: number;
  CloudTrailEventId?: string;
  KmsRequestId?: string;
}

export interface KeyListEntry {
  KeyId?: string;
  KeyArn?: string;
}

export interface KeyMetadata {
  KeyId: string;
  AWSAccountId?: string;
  Arn?: string;
  CreationDate?: number;
  Enabled?: boolean;
  Description?: string;
  KeyUsage?: string;
  KeyState?: string;
  DeletionDate?: number;
  ValidTo?: number;
  Origin?: string;
  CustomKeyStoreId?: string;
  CloudHsmClusterId?: string;
  ExpirationModel?: string;
  KeyManager?: string;
  CustomerMasterKeySpec?: string;
  KeySpec?: string;
  EncryptionAlgorithms?: readonly string[];
  SigningAlgorithms?: readonly string[];
  KeyAgreementAlgorithms?: readonly string[];
  EncapsulationAlgorithms?: readonly string[];
  MultiRegion?: boolean;
  MultiRegionConfiguration?: MultiRegionConfiguration;
  PendingDeletionWindowInDays?: number;
  MacAlgorithms?: readonly string[];
  XksKeyConfiguration?: XksKeyConfigurationType;
  CurrentKeyMaterialId?: string;
}

export interface KeyUnavailableException {
  message?: string;
}

export interface LimitExceededException {
  message?: string;
}

export interface ListAliasesRequest {
  KeyId?: string;
  Limit?: number;
  Marker?: string;
}

export interface ListAliasesResponse {
  Aliases?: readonly AliasListEntry[];
  NextMarker?: string;
  Truncated?: boolean;
}

export interface ListGrantsRequest {
  KeyId: string;
  Limit?: number;
  Marker?: string;
  GrantId?: string;
  GranteePrincipal?: string;
  GranteeServicePrincipal?: string;
}

export interface ListGrantsResponse {
  Grants?: readonly GrantListEntry[];
  NextMarker?: string;
  Truncated?: boolean;
}

export interface ListKeyPoliciesRequest {
  KeyId: string;
  Limit?: number;
  Marker?: string;
}

export interface ListKeyPoliciesResponse {
  PolicyNames?: readonly string[];
  NextMarker?: string;
  Truncated?: boolean;
}

export interface ListKeyRotationsRequest {
  KeyId: string;
  IncludeKeyMaterial?: string;
  Limit?: number;
  Marker?: string;
}

export interface ListKeyRotationsResponse {
  Rotations?: readonly RotationsListEntry[];
  NextMarker?: string;
  Truncated?: boolean;
}

export interface ListKeysRequest {
  Limit?: number;
  Marker?: string;
}

export interface ListKeysResponse {
  Keys?: readonly KeyListEntry[];
  NextMarker?: string;
  Truncated?: boolean;
}

export interface ListResourceTagsRequest {
  KeyId: string;
  Limit?: number;
  Marker?: string;
}

export interface ListResourceTagsResponse {
  Tags?: readonly Tag[];
  NextMarker?: string;
  Truncated?: boolean;
}

export interface ListRetirableGrantsRequest {
  Limit?: number;
  Marker?: string;
  RetiringPrincipal?: string;
  RetiringServicePrincipal?: string;
}

export interface MalformedPolicyDocumentException {
  message?: string;
}

export interface MultiRegionConfiguration {
  MultiRegionKeyType?: string;
  PrimaryKey?: MultiRegionKey;
  ReplicaKeys?: readonly MultiRegionKey[];
}

export interface MultiRegionKey {
  Arn?: string;
  Region?: string;
}

export interface NotFoundException {
  message?: string;
}

export interface PutKeyPolicyRequest {
  KeyId: string;
  Policy: string;
  PolicyName?: string;
  BypassPolicyLockoutSafetyCheck?: boolean;
}

export interface ReEncryptRequest {
  DestinationKeyId: string;
  CiphertextBlob?: Uint8Array;
  SourceEncryptionContext?: { readonly [key: string]: string };
  SourceKeyId?: string;
  DestinationEncryptionContext?: { readonly [key: string]: string };
  SourceEncryptionAlgorithm?: string;
  DestinationEncryptionAlgorithm?: string;
  GrantTokens?: readonly string[];
  DryRun?: boolean;
  DryRunModifiers?: readonly string[];
}

export interface ReEncryptResponse {
  CiphertextBlob?: Uint8Array;
  SourceKeyId?: string;
  KeyId?: string;
  SourceEncryptionAlgorithm?: string;
  DestinationEncryptionAlgorithm?: string;
  SourceKeyMaterialId?: string;
  DestinationKeyMaterialId?: string;
}

export interface RecipientInfo {
  KeyEncryptionAlgorithm?: string;
  AttestationDocument?: Uint8Array;
}

export interface ReplicateKeyRequest {
  KeyId: string;
  ReplicaRegion: string;
  Policy?: string;
  BypassPolicyLockoutSafetyCheck?: boolean;
  Description?: string;
  Tags?: readonly Tag[];
}

export interface ReplicateKeyResponse {
  ReplicaKeyMetadata?: KeyMetadata;
  ReplicaPolicy?: string;
  ReplicaTags?: readonly Tag[];
}

export interface RetireGrantRequest {
  GrantToken?: string;
  KeyId?: string;
  GrantId?: string;
  DryRun?: boolean;
}

export interface RevokeGrantRequest {
  KeyId: string;
  GrantId: string;
  DryRun?: boolean;
}

export interface RotateKeyOnDemandRequest {
  KeyId: string;
}

export interface RotateKeyOnDemandResponse {
  KeyId?: string;
}

export interface RotationsListEntry {
  KeyId?: string;
  KeyMaterialId?: string;
  KeyMaterialDescription?: string;
  ImportState?: string;
  KeyMaterialState?: string;
  ExpirationModel?: string;
  ValidTo?: number;
  RotationDate?: number;
  RotationType?: string;
}

export interface ScheduleKeyDeletionRequest {
  KeyId: string;
  PendingWindowInDays?: number;
}

export interface ScheduleKeyDeletionResponse {
  KeyId?: string;
  DeletionDate?: number;
  KeyState?: string;
  PendingWindowInDays?: number;
}

export interface SignRequest {
  KeyId: string;
  Message: Uint8Array;
  SigningAlgorithm: string;
  MessageType?: string;
  GrantTokens?: readonly string[];
  DryRun?: boolean;
}

export interface SignResponse {
  KeyId?: string;
  Signature?: Uint8Array;
  SigningAlgorithm?: string;
}

export interface Tag {
  TagKey: string;
  TagValue: string;
}

export interface TagException {
  message?: string;
}

export interface TagResourceRequest {
  KeyId: string;
  Tags: readonly Tag[];
}

export interface UnsupportedOperationException {
  message?: string;
}

export interface UntagResourceRequest {
  KeyId: string;
  TagKeys: readonly string[];
}

export interface UpdateAliasRequest {
  AliasName: string;
  TargetKeyId: string;
}

export interface UpdateCustomKeyStoreRequest {
  CustomKeyStoreId: string;
  NewCustomKeyStoreName?: string;
  KeyStorePassword?: string;
  CloudHsmClusterId?: string;
  XksProxyUriEndpoint?: string;
  XksProxyUriPath?: string;
  XksProxyVpcEndpointServiceName?: string;
  XksProxyVpcEndpointServiceOwner?: string;
  XksProxyAuthenticationCredential?: XksProxyAuthenticationCredentialType;
  XksProxyConnectivity?: string;
}

export interface UpdateCustomKeyStoreResponse {}

export interface UpdateKeyDescriptionRequest {
  KeyId: string;
  Description: string;
}

export interface UpdatePrimaryRegionRequest {
  KeyId: string;
  PrimaryRegion: string;
}

export interface VerifyMacRequest {
  Message: Uint8Array;
  KeyId: string;
  MacAlgorithm: string;
  Mac: Uint8Array;
  GrantTokens?: readonly string[];
  DryRun?: boolean;
}

export interface VerifyMacResponse {
  KeyId?: string;
  MacValid?: boolean;
  MacAlgorithm?: string;
}

export interface VerifyRequest {
  KeyId: string;
  Message: Uint8Array;
  Signature: Uint8Array;
  SigningAlgorithm: string;
  MessageType?: string;
  GrantTokens?: readonly string[];
  DryRun?: boolean;
}

export interface VerifyResponse {
  KeyId?: string;
  SignatureValid?: boolean;
  SigningAlgorithm?: string;
}

export interface XksKeyAlreadyInUseException {
  message?: string;
}

export interface XksKeyConfigurationType {
  Id?: string;
}

export interface XksKeyInvalidConfigurationException {
  message?: string;
}

export interface XksKeyNotFoundException {
  message?: string;
}

export interface XksProxyAuthenticationCredentialType {
  AccessKeyId: string;
  RawSecretAccessKey: string;
}

export interface XksProxyConfigurationType {
  Connectivity?: string;
  AccessKeyId?: string;
  UriEndpoint?: string;
  UriPath?: string;
  VpcEndpointServiceName?: string;
  VpcEndpointServiceOwner?: string;
}

export interface XksProxyIncorrectAuthenticationCredentialException {
  message?: string;
}

export interface XksProxyInvalidConfigurationException {
  message?: string;
}

export interface XksProxyInvalidResponseException {
  message?: string;
}

export interface XksProxyUriEndpointInUseException {
  message?: string;
}

export interface XksProxyUriInUseException {
  message?: string;
}

export interface XksProxyUriUnreachableException {
  message?: string;
}

export interface XksProxyVpcEndpointServiceInUseException {
  message?: string;
}

export interface XksProxyVpcEndpointServiceInvalidConfigurationException {
  message?: string;
}

export interface XksProxyVpcEndpointServiceNotFoundException {
  message?: string;
}

export interface KmsOperations {
  CancelKeyDeletion: { input: CancelKeyDeletionRequest; output: CancelKeyDeletionResponse };
  ConnectCustomKeyStore: { input: ConnectCustomKeyStoreRequest; output: ConnectCustomKeyStoreResponse };
  CreateAlias: { input: CreateAliasRequest; output: {} };
  CreateCustomKeyStore: { input: CreateCustomKeyStoreRequest; output: CreateCustomKeyStoreResponse };
  CreateGrant: { input: CreateGrantRequest; output: CreateGrantResponse };
  CreateKey: { input: CreateKeyRequest; output: CreateKeyResponse };
  Decapsulate: { input: DecapsulateRequest; output: DecapsulateResponse };
  Decrypt: { input: DecryptRequest; output: DecryptResponse };
  DeleteAlias: { input: DeleteAliasRequest; output: {} };
  DeleteCustomKeyStore: { input: DeleteCustomKeyStoreRequest; output: DeleteCustomKeyStoreResponse };
  DeleteImportedKeyMaterial: { input: DeleteImportedKeyMaterialRequest; output: DeleteImportedKeyMaterialResponse };
  DeriveSharedSecret: { input: DeriveSharedSecretRequest; output: DeriveSharedSecretResponse };
  DescribeCustomKeyStores: { input: DescribeCustomKeyStoresRequest; output: DescribeCustomKeyStoresResponse };
  DescribeKey: { input: DescribeKeyRequest; output: DescribeKeyResponse };
  DisableKey: { input: DisableKeyRequest; output: {} };
  DisableKeyRotation: { input: DisableKeyRotationRequest; output: {} };
  DisconnectCustomKeyStore: { input: DisconnectCustomKeyStoreRequest; output: DisconnectCustomKeyStoreResponse };
  EnableKey: { input: EnableKeyRequest; output: {} };
  EnableKeyRotation: { input: EnableKeyRotationRequest; output: {} };
  Encapsulate: { input: EncapsulateRequest; output: EncapsulateResponse };
  Encrypt: { input: EncryptRequest; output: EncryptResponse };
  GenerateDataKey: { input: GenerateDataKeyRequest; output: GenerateDataKeyResponse };
  GenerateDataKeyPair: { input: GenerateDataKeyPairRequest; output: GenerateDataKeyPairResponse };
  GenerateDataKeyPairWithoutPlaintext: { input: GenerateDataKeyPairWithoutPlaintextRequest; output: GenerateDataKeyPairWithoutPlaintextResponse };
  GenerateDataKeyWithoutPlaintext: { input: GenerateDataKeyWithoutPlaintextRequest; output: GenerateDataKeyWithoutPlaintextResponse };
  GenerateMac: { input: GenerateMacRequest; output: GenerateMacResponse };
  GenerateRandom: { input: GenerateRandomRequest; output: GenerateRandomResponse };
  GetKeyLastUsage: { input: GetKeyLastUsageRequest; output: GetKeyLastUsageResponse };
  GetKeyPolicy: { input: GetKeyPolicyRequest; output: GetKeyPolicyResponse };
  GetKeyRotationStatus: { input: GetKeyRotationStatusRequest; output: GetKeyRotationStatusResponse };
  GetParametersForImport: { input: GetParametersForImportRequest; output: GetParametersForImportResponse };
  GetPublicKey: { input: GetPublicKeyRequest; output: GetPublicKeyResponse };
  ImportKeyMaterial: { input: ImportKeyMaterialRequest; output: ImportKeyMaterialResponse };
  ListAliases: { input: ListAliasesRequest; output: ListAliasesResponse };
  ListGrants: { input: ListGrantsRequest; output: ListGrantsResponse };
  ListKeyPolicies: { input: ListKeyPoliciesRequest; output: ListKeyPoliciesResponse };
  ListKeyRotations: { input: ListKeyRotationsRequest; output: ListKeyRotationsResponse };
  ListKeys: { input: ListKeysRequest; output: ListKeysResponse };
  ListResourceTags: { input: ListResourceTagsRequest; output: ListResourceTagsResponse };
  ListRetirableGrants: { input: ListRetirableGrantsRequest; output: ListGrantsResponse };
  PutKeyPolicy: { input: PutKeyPolicyRequest; output: {} };
  ReEncrypt: { input: ReEncryptRequest; output: ReEncryptResponse };
  ReplicateKey: { input: ReplicateKeyRequest; output: ReplicateKeyResponse };
  RetireGrant: { input: RetireGrantRequest; output: {} };
  RevokeGrant: { input: RevokeGrantRequest; output: {} };
  RotateKeyOnDemand: { input: RotateKeyOnDemandRequest; output: RotateKeyOnDemandResponse };
  ScheduleKeyDeletion: { input: ScheduleKeyDeletionRequest; output: ScheduleKeyDeletionResponse };
  Sign: { input: SignRequest; output: SignResponse };
  TagResource: { input: TagResourceRequest; output: {} };
  UntagResource: { input: UntagResourceRequest; output: {} };
  UpdateAlias: { input: UpdateAliasRequest; output: {} };
  UpdateCustomKeyStore: { input: UpdateCustomKeyStoreRequest; output: UpdateCustomKeyStoreResponse };
  UpdateKeyDescription: { input: UpdateKeyDescriptionRequest; output: {} };
  UpdatePrimaryRegion: { input: UpdatePrimaryRegionRequest; output: {} };
  Verify: { input: VerifyRequest; output: VerifyResponse };
  VerifyMac: { input: VerifyMacRequest; output: VerifyMacResponse };
}
