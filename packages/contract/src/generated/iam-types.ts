// Written by `npm run generate`. Do not edit.

export interface AcceptDelegationRequestRequest {
  DelegationRequestId: string;
}

export type AccessAdvisorUsageGranularityType =
  | "SERVICE_LEVEL"
  | "ACTION_LEVEL";

export interface AccessDetail {
  ServiceName: string;
  ServiceNamespace: string;
  Region?: string;
  EntityPath?: string;
  LastAuthenticatedTime?: number;
  TotalAuthenticatedEntities?: number;
}

export interface AccessKey {
  UserName: string;
  AccessKeyId: string;
  Status: statusType;
  SecretAccessKey: string;
  CreateDate?: number;
}

export interface AccessKeyLastUsed {
  ServiceName: string;
  Region: string;
  LastUsedDate?: number;
}

export interface AccessKeyMetadata {
  UserName?: string;
  AccessKeyId?: string;
  Status?: statusType;
  CreateDate?: number;
}

export interface AccountNotManagementOrDelegatedAdministratorException {
  Message?: string;
}

export interface AcquireRoleRequest {
  TemplateArn: string;
  TemplateMinorVersion?: number;
  ReplacementValues?: { readonly [key: string]: ReplacementValueEntry };
}

export interface AcquireRoleResponse {
  Role: Role;
}

export interface AddClientIDToOpenIDConnectProviderRequest {
  OpenIDConnectProviderArn: string;
  ClientID: string;
}

export interface AddRoleToInstanceProfileRequest {
  InstanceProfileName: string;
  RoleName: string;
}

export interface AddUserToGroupRequest {
  GroupName: string;
  UserName: string;
}

export interface AssociateDelegationRequestRequest {
  DelegationRequestId: string;
}

export interface AttachGroupPolicyRequest {
  GroupName: string;
  PolicyArn: string;
}

export interface AttachRolePolicyRequest {
  RoleName: string;
  PolicyArn: string;
}

export interface AttachUserPolicyRequest {
  UserName: string;
  PolicyArn: string;
}

export interface AttachedPermissionsBoundary {
  PermissionsBoundaryType?: PermissionsBoundaryAttachmentType;
  PermissionsBoundaryArn?: string;
}

export interface AttachedPolicy {
  PolicyName?: string;
  PolicyArn?: string;
}

export interface CallerIsNotManagementAccountException {
  Message?: string;
}

export interface ChangePasswordRequest {
  OldPassword: string;
  NewPassword: string;
}

export interface ConcurrentModificationException {
  message?: string;
}

export interface ContextEntry {
  ContextKeyName?: string;
  ContextKeyValues?: readonly string[];
  ContextKeyType?: ContextKeyTypeEnum;
}

export type ContextKeyTypeEnum =
  | "string"
  | "stringList"
  | "numeric"
  | "numericList"
  | "boolean"
  | "booleanList"
  | "ip"
  | "ipList"
  | "binary"
  | "binaryList"
  | "date"
  | "dateList";

export interface CreateAccessKeyRequest {
  UserName?: string;
}

export interface CreateAccessKeyResponse {
  AccessKey: AccessKey;
}

export interface CreateAccountAliasRequest {
  AccountAlias: string;
}

export interface CreateDelegationRequestRequest {
  Description: string;
  Permissions: DelegationPermission;
  RequestorWorkflowId: string;
  NotificationChannel: string;
  SessionDuration: number;
  OwnerAccountId?: string;
  RequestMessage?: string;
  RedirectUrl?: string;
  OnlySendByOwner?: boolean;
}

export interface CreateDelegationRequestResponse {
  ConsoleDeepLink?: string;
  DelegationRequestId?: string;
}

export interface CreateGroupRequest {
  GroupName: string;
  Path?: string;
}

export interface CreateGroupResponse {
  Group: Group;
}

export interface CreateInstanceProfileRequest {
  InstanceProfileName: string;
  Path?: string;
  Tags?: readonly Tag[];
}

export interface CreateInstanceProfileResponse {
  InstanceProfile: InstanceProfile;
}

export interface CreateLoginProfileRequest {
  UserName?: string;
  Password?: string;
  PasswordResetRequired?: boolean;
}

export interface CreateLoginProfileResponse {
  LoginProfile: LoginProfile;
}

export interface CreateOpenIDConnectProviderRequest {
  Url: string;
  ClientIDList?: readonly string[];
  ThumbprintList?: readonly string[];
  Tags?: readonly Tag[];
}

export interface CreateOpenIDConnectProviderResponse {
  OpenIDConnectProviderArn?: string;
  Tags?: readonly Tag[];
}

export interface CreatePolicyRequest {
  PolicyName: string;
  PolicyDocument: string;
  Path?: string;
  Description?: string;
  Tags?: readonly Tag[];
}

export interface CreatePolicyResponse {
  Policy?: Policy;
}

export interface CreatePolicyVersionRequest {
  PolicyArn: string;
  PolicyDocument: string;
  SetAsDefault?: boolean;
}

export interface CreatePolicyVersionResponse {
  PolicyVersion?: PolicyVersion;
}

export interface CreateRoleRequest {
  RoleName: string;
  AssumeRolePolicyDocument: string;
  Path?: string;
  Description?: string;
  MaxSessionDuration?: number;
  PermissionsBoundary?: string;
  Tags?: readonly Tag[];
}

export interface CreateRoleResponse {
  Role: Role;
}

export interface CreateSAMLProviderRequest {
  SAMLMetadataDocument: string;
  Name: string;
  Tags?: readonly Tag[];
  AssertionEncryptionMode?: assertionEncryptionModeType;
  AddPrivateKey?: string;
}

export interface CreateSAMLProviderResponse {
  SAMLProviderArn?: string;
  Tags?: readonly Tag[];
}

export interface CreateServiceLinkedRoleRequest {
  AWSServiceName: string;
  Description?: string;
  CustomSuffix?: string;
}

export interface CreateServiceLinkedRoleResponse {
  Role?: Role;
}

export interface CreateServiceSpecificCredentialRequest {
  UserName: string;
  ServiceName: string;
  CredentialAgeDays?: number;
}

export interface CreateServiceSpecificCredentialResponse {
  ServiceSpecificCredential?: ServiceSpecificCredential;
}

export interface CreateUserRequest {
  UserName: string;
  Path?: string;
  PermissionsBoundary?: string;
  Tags?: readonly Tag[];
}

export interface CreateUserResponse {
  User?: User;
}

export interface CreateVirtualMFADeviceRequest {
  VirtualMFADeviceName: string;
  Path?: string;
  Tags?: readonly Tag[];
}

export interface CreateVirtualMFADeviceResponse {
  VirtualMFADevice: VirtualMFADevice;
}

export interface CredentialReportExpiredException {
  message?: string;
}

export interface CredentialReportNotPresentException {
  message?: string;
}

export interface CredentialReportNotReadyException {
  message?: string;
}

export interface DeactivateMFADeviceRequest {
  SerialNumber: string;
  UserName?: string;
}

export interface DelegationPermission {
  PolicyTemplateArn?: string;
  Parameters?: readonly PolicyParameter[];
}

export interface DelegationRequest {
  DelegationRequestId?: string;
  OwnerAccountId?: string;
  Description?: string;
  RequestMessage?: string;
  Permissions?: DelegationPermission;
  PermissionPolicy?: string;
  RolePermissionRestrictionArns?: readonly string[];
  OwnerId?: string;
  ApproverId?: string;
  State?: stateType;
  ExpirationTime?: number;
  RequestorId?: string;
  RequestorName?: string;
  CreateDate?: number;
  SessionDuration?: number;
  RedirectUrl?: string;
  Notes?: string;
  RejectionReason?: string;
  OnlySendByOwner?: boolean;
  UpdatedTime?: number;
}

export interface DeleteAccessKeyRequest {
  AccessKeyId: string;
  UserName?: string;
}

export interface DeleteAccountAliasRequest {
  AccountAlias: string;
}

export interface DeleteConflictException {
  message?: string;
}

export interface DeleteGroupPolicyRequest {
  GroupName: string;
  PolicyName: string;
}

export interface DeleteGroupRequest {
  GroupName: string;
}

export interface DeleteInstanceProfileRequest {
  InstanceProfileName: string;
}

export interface DeleteLoginProfileRequest {
  UserName?: string;
}

export interface DeleteOpenIDConnectProviderRequest {
  OpenIDConnectProviderArn: string;
}

export interface DeletePolicyRequest {
  PolicyArn: string;
}

export interface DeletePolicyVersionRequest {
  PolicyArn: string;
  VersionId: string;
}

export interface DeleteRolePermissionsBoundaryRequest {
  RoleName: string;
}

export interface DeleteRolePolicyRequest {
  RoleName: string;
  PolicyName: string;
}

export interface DeleteRoleRequest {
  RoleName: string;
}

export interface DeleteSAMLProviderRequest {
  SAMLProviderArn: string;
}

export interface DeleteSSHPublicKeyRequest {
  UserName: string;
  SSHPublicKeyId: string;
}

export interface DeleteServerCertificateRequest {
  ServerCertificateName: string;
}

export interface DeleteServiceLinkedRoleRequest {
  RoleName: string;
}

export interface DeleteServiceLinkedRoleResponse {
  DeletionTaskId: string;
}

export interface DeleteServiceSpecificCredentialRequest {
  ServiceSpecificCredentialId: string;
  UserName?: string;
}

export interface DeleteSigningCertificateRequest {
  CertificateId: string;
  UserName?: string;
}

export interface DeleteUserPermissionsBoundaryRequest {
  UserName: string;
}

export interface DeleteUserPolicyRequest {
  UserName: string;
  PolicyName: string;
}

export interface DeleteUserRequest {
  UserName: string;
}

export interface DeleteVirtualMFADeviceRequest {
  SerialNumber: string;
}

export interface DeletionTaskFailureReasonType {
  Reason?: string;
  RoleUsageList?: readonly RoleUsageType[];
}

export type DeletionTaskStatusType =
  | "SUCCEEDED"
  | "IN_PROGRESS"
  | "FAILED"
  | "NOT_STARTED";

export interface DetachGroupPolicyRequest {
  GroupName: string;
  PolicyArn: string;
}

export interface DetachRolePolicyRequest {
  RoleName: string;
  PolicyArn: string;
}

export interface DetachUserPolicyRequest {
  UserName: string;
  PolicyArn: string;
}

export interface DisableOrganizationsRootCredentialsManagementRequest {}

export interface DisableOrganizationsRootCredentialsManagementResponse {
  OrganizationId?: string;
  EnabledFeatures?: readonly FeatureType[];
}

export interface DisableOrganizationsRootSessionsRequest {}

export interface DisableOrganizationsRootSessionsResponse {
  OrganizationId?: string;
  EnabledFeatures?: readonly FeatureType[];
}

export interface DuplicateCertificateException {
  message?: string;
}

export interface DuplicateSSHPublicKeyException {
  message?: string;
}

export interface EnableMFADeviceRequest {
  UserName: string;
  SerialNumber: string;
  AuthenticationCode1: string;
  AuthenticationCode2: string;
}

export interface EnableOrganizationsRootCredentialsManagementRequest {}

export interface EnableOrganizationsRootCredentialsManagementResponse {
  OrganizationId?: string;
  EnabledFeatures?: readonly FeatureType[];
}

export interface EnableOrganizationsRootSessionsRequest {}

export interface EnableOrganizationsRootSessionsResponse {
  OrganizationId?: string;
  EnabledFeatures?: readonly FeatureType[];
}

export interface EnableOutboundWebIdentityFederationResponse {
  IssuerIdentifier?: string;
}

export interface EntityAlreadyExistsException {
  message?: string;
}

export interface EntityDetails {
  EntityInfo: EntityInfo;
  LastAuthenticated?: number;
}

export interface EntityInfo {
  Arn: string;
  Name: string;
  Type: policyOwnerEntityType;
  Id: string;
  Path?: string;
}

export interface EntityTemporarilyUnmodifiableException {
  message?: string;
}

export type EntityType =
  | "User"
  | "Role"
  | "Group"
  | "LocalManagedPolicy"
  | "AWSManagedPolicy";

export interface ErrorDetails {
  Message: string;
  Code: string;
}

export interface EvaluationResult {
  EvalActionName: string;
  EvalDecision: PolicyEvaluationDecisionType;
  EvalResourceName?: string;
  MatchedStatements?: readonly Statement[];
  MissingContextValues?: readonly string[];
  OrganizationsDecisionDetail?: OrganizationsDecisionDetail;
  PermissionsBoundaryDecisionDetail?: PermissionsBoundaryDecisionDetail;
  EvalDecisionDetails?: { readonly [key: string]: PolicyEvaluationDecisionType };
  ResourceSpecificResults?: readonly ResourceSpecificResult[];
}

export interface FeatureDisabledException {
  message?: string;
}

export interface FeatureEnabledException {
  message?: string;
}

export type FeatureType =
  | "RootCredentialsManagement"
  | "RootSessions";

export interface GenerateCredentialReportResponse {
  State?: ReportStateType;
  Description?: string;
}

export interface GenerateOrganizationsAccessReportRequest {
  EntityPath: string;
  OrganizationsPolicyId?: string;
}

export interface GenerateOrganizationsAccessReportResponse {
  JobId?: string;
}

export interface GenerateServiceLastAccessedDetailsRequest {
  Arn: string;
  Granularity?: AccessAdvisorUsageGranularityType;
}

export interface GenerateServiceLastAccessedDetailsResponse {
  JobId?: string;
}

export interface GetAccessKeyLastUsedRequest {
  AccessKeyId: string;
}

export interface GetAccessKeyLastUsedResponse {
  UserName?: string;
  AccessKeyLastUsed?: AccessKeyLastUsed;
}

export interface GetAccountAuthorizationDetailsRequest {
  Filter?: readonly EntityType[];
  MaxItems?: number;
  Marker?: string;
}

export interface GetAccountAuthorizationDetailsResponse {
  UserDetailList?: readonly UserDetail[];
  GroupDetailList?: readonly GroupDetail[];
  RoleDetailList?: readonly RoleDetail[];
  Policies?: readonly ManagedPolicyDetail[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface GetAccountPasswordPolicyResponse {
  PasswordPolicy: PasswordPolicy;
}

export interface GetAccountPropertiesRequest {}

export interface GetAccountPropertiesResponse {
  Properties?: { readonly [key: string]: string };
}

export interface GetAccountSummaryResponse {
  SummaryMap?: { readonly [key: string]: number };
}

export interface GetContextKeysForCustomPolicyRequest {
  PolicyInputList: readonly string[];
}

export interface GetContextKeysForPolicyResponse {
  ContextKeyNames?: readonly string[];
}

export interface GetContextKeysForPrincipalPolicyRequest {
  PolicySourceArn: string;
  PolicyInputList?: readonly string[];
}

export interface GetCredentialReportResponse {
  Content?: Uint8Array;
  ReportFormat?: ReportFormatType;
  GeneratedTime?: number;
}

export interface GetDelegationRequestRequest {
  DelegationRequestId: string;
  DelegationPermissionCheck?: boolean;
}

export interface GetDelegationRequestResponse {
  DelegationRequest?: DelegationRequest;
  PermissionCheckStatus?: permissionCheckStatusType;
  PermissionCheckResult?: permissionCheckResultType;
}

export interface GetGroupPolicyRequest {
  GroupName: string;
  PolicyName: string;
}

export interface GetGroupPolicyResponse {
  GroupName: string;
  PolicyName: string;
  PolicyDocument: string;
}

export interface GetGroupRequest {
  GroupName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface GetGroupResponse {
  Group: Group;
  Users: readonly User[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface GetHumanReadableSummaryRequest {
  EntityArn: string;
  Locale?: string;
}

export interface GetHumanReadableSummaryResponse {
  SummaryContent?: string;
  Locale?: string;
  SummaryState?: summaryStateType;
}

export interface GetInstanceProfileRequest {
  InstanceProfileName: string;
}

export interface GetInstanceProfileResponse {
  InstanceProfile: InstanceProfile;
}

export interface GetLoginProfileRequest {
  UserName?: string;
}

export interface GetLoginProfileResponse {
  LoginProfile: LoginProfile;
}

export interface GetMFADeviceRequest {
  SerialNumber: string;
  UserName?: string;
}

export interface GetMFADeviceResponse {
  SerialNumber: string;
  UserName?: string;
  EnableDate?: number;
  Certifications?: { readonly [key: string]: string };
}

export interface GetOpenIDConnectProviderRequest {
  OpenIDConnectProviderArn: string;
}

export interface GetOpenIDConnectProviderResponse {
  Url?: string;
  ClientIDList?: readonly string[];
  ThumbprintList?: readonly string[];
  CreateDate?: number;
  Tags?: readonly Tag[];
}

export interface GetOrganizationsAccessReportRequest {
  JobId: string;
  MaxItems?: number;
  Marker?: string;
  SortKey?: sortKeyType;
}

export interface GetOrganizationsAccessReportResponse {
  JobStatus: jobStatusType;
  JobCreationDate: number;
  JobCompletionDate?: number;
  NumberOfServicesAccessible?: number;
  NumberOfServicesNotAccessed?: number;
  AccessDetails?: readonly AccessDetail[];
  IsTruncated?: boolean;
  Marker?: string;
  ErrorDetails?: ErrorDetails;
}

export interface GetOutboundWebIdentityFederationInfoResponse {
  IssuerIdentifier?: string;
  JwtVendingEnabled?: boolean;
}

export interface GetPolicyRequest {
  PolicyArn: string;
}

export interface GetPolicyResponse {
  Policy?: Policy;
}

export interface GetPolicyVersionRequest {
  PolicyArn: string;
  VersionId: string;
}

export interface GetPolicyVersionResponse {
  PolicyVersion?: PolicyVersion;
}

export interface GetRolePolicyRequest {
  RoleName: string;
  PolicyName: string;
}

export interface GetRolePolicyResponse {
  RoleName: string;
  PolicyName: string;
  PolicyDocument: string;
}

export interface GetRoleRequest {
  RoleName: string;
}

export interface GetRoleResponse {
  Role: Role;
}

export interface GetRoleTemplateVersionRequest {
  TemplateArn: string;
  MinorVersion?: number;
}

export interface GetRoleTemplateVersionResponse {
  RoleTemplateVersion: RoleTemplateVersion;
}

export interface GetSAMLProviderRequest {
  SAMLProviderArn: string;
}

export interface GetSAMLProviderResponse {
  SAMLProviderUUID?: string;
  SAMLMetadataDocument?: string;
  CreateDate?: number;
  ValidUntil?: number;
  Tags?: readonly Tag[];
  AssertionEncryptionMode?: assertionEncryptionModeType;
  PrivateKeyList?: readonly SAMLPrivateKey[];
}

export interface GetSSHPublicKeyRequest {
  UserName: string;
  SSHPublicKeyId: string;
  Encoding: encodingType;
}

export interface GetSSHPublicKeyResponse {
  SSHPublicKey?: SSHPublicKey;
}

export interface GetServerCertificateRequest {
  ServerCertificateName: string;
}

export interface GetServerCertificateResponse {
  ServerCertificate: ServerCertificate;
}

export interface GetServiceLastAccessedDetailsRequest {
  JobId: string;
  MaxItems?: number;
  Marker?: string;
}

export interface GetServiceLastAccessedDetailsResponse {
  JobStatus: jobStatusType;
  JobCreationDate: number;
  ServicesLastAccessed: readonly ServiceLastAccessed[];
  JobCompletionDate: number;
  JobType?: AccessAdvisorUsageGranularityType;
  IsTruncated?: boolean;
  Marker?: string;
  Error?: ErrorDetails;
}

export interface GetServiceLastAccessedDetailsWithEntitiesRequest {
  JobId: string;
  ServiceNamespace: string;
  MaxItems?: number;
  Marker?: string;
}

export interface GetServiceLastAccessedDetailsWithEntitiesResponse {
  JobStatus: jobStatusType;
  JobCreationDate: number;
  JobCompletionDate: number;
  EntityDetailsList: readonly EntityDetails[];
  IsTruncated?: boolean;
  Marker?: string;
  Error?: ErrorDetails;
}

export interface GetServiceLinkedRoleDeletionStatusRequest {
  DeletionTaskId: string;
}

export interface GetServiceLinkedRoleDeletionStatusResponse {
  Status: DeletionTaskStatusType;
  Reason?: DeletionTaskFailureReasonType;
}

export interface GetUserPolicyRequest {
  UserName: string;
  PolicyName: string;
}

export interface GetUserPolicyResponse {
  UserName: string;
  PolicyName: string;
  PolicyDocument: string;
}

export interface GetUserRequest {
  UserName?: string;
}

export interface GetUserResponse {
  User: User;
}

export interface Group {
  Path: string;
  GroupName: string;
  GroupId: string;
  Arn: string;
  CreateDate: number;
}

export interface GroupDetail {
  Path?: string;
  GroupName?: string;
  GroupId?: string;
  Arn?: string;
  CreateDate?: number;
  GroupPolicyList?: readonly PolicyDetail[];
  AttachedManagedPolicies?: readonly AttachedPolicy[];
}

export interface IAMServiceException {}

export interface InlinePolicy {
  PolicyName: string;
  PolicyDocument: string;
}

export interface InlinePolicyIdentifierType {
  PolicyName: string;
  AttachmentType: string;
  AttachmentName: string;
}

export interface InstanceProfile {
  Path: string;
  InstanceProfileName: string;
  InstanceProfileId: string;
  Arn: string;
  CreateDate: number;
  Roles: readonly Role[];
  Tags?: readonly Tag[];
}

export interface InvalidAuthenticationCodeException {
  message?: string;
}

export interface InvalidCertificateException {
  message?: string;
}

export interface InvalidInputException {
  message?: string;
}

export interface InvalidPublicKeyException {
  message?: string;
}

export interface InvalidUserTypeException {
  message?: string;
}

export interface KeyPairMismatchException {
  message?: string;
}

export interface LimitExceededException {
  message?: string;
}

export interface ListAccessKeysRequest {
  UserName?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListAccessKeysResponse {
  AccessKeyMetadata: readonly AccessKeyMetadata[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListAccountAliasesRequest {
  Marker?: string;
  MaxItems?: number;
}

export interface ListAccountAliasesResponse {
  AccountAliases: readonly string[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListAttachedGroupPoliciesRequest {
  GroupName: string;
  PathPrefix?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListAttachedGroupPoliciesResponse {
  AttachedPolicies?: readonly AttachedPolicy[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListAttachedRolePoliciesRequest {
  RoleName: string;
  PathPrefix?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListAttachedRolePoliciesResponse {
  AttachedPolicies?: readonly AttachedPolicy[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListAttachedUserPoliciesRequest {
  UserName: string;
  PathPrefix?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListAttachedUserPoliciesResponse {
  AttachedPolicies?: readonly AttachedPolicy[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListDelegationRequestsRequest {
  OwnerId?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListDelegationRequestsResponse {
  DelegationRequests?: readonly DelegationRequest[];
  Marker?: string;
  isTruncated?: boolean;
}

export interface ListEntitiesForPolicyRequest {
  PolicyArn: string;
  EntityFilter?: EntityType;
  PathPrefix?: string;
  PolicyUsageFilter?: PolicyUsageType;
  Marker?: string;
  MaxItems?: number;
}

export interface ListEntitiesForPolicyResponse {
  PolicyGroups?: readonly PolicyGroup[];
  PolicyUsers?: readonly PolicyUser[];
  PolicyRoles?: readonly PolicyRole[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListGroupPoliciesRequest {
  GroupName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListGroupPoliciesResponse {
  PolicyNames: readonly string[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListGroupsForUserRequest {
  UserName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListGroupsForUserResponse {
  Groups: readonly Group[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListGroupsRequest {
  PathPrefix?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListGroupsResponse {
  Groups: readonly Group[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListInstanceProfileTagsRequest {
  InstanceProfileName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListInstanceProfileTagsResponse {
  Tags: readonly Tag[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListInstanceProfilesForRoleRequest {
  RoleName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListInstanceProfilesForRoleResponse {
  InstanceProfiles: readonly InstanceProfile[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListInstanceProfilesRequest {
  PathPrefix?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListInstanceProfilesResponse {
  InstanceProfiles: readonly InstanceProfile[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListMFADeviceTagsRequest {
  SerialNumber: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListMFADeviceTagsResponse {
  Tags: readonly Tag[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListMFADevicesRequest {
  UserName?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListMFADevicesResponse {
  MFADevices: readonly MFADevice[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListOpenIDConnectProviderTagsRequest {
  OpenIDConnectProviderArn: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListOpenIDConnectProviderTagsResponse {
  Tags: readonly Tag[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListOpenIDConnectProvidersRequest {}

export interface ListOpenIDConnectProvidersResponse {
  OpenIDConnectProviderList?: readonly OpenIDConnectProviderListEntry[];
}

export interface ListOrganizationsFeaturesRequest {}

export interface ListOrganizationsFeaturesResponse {
  OrganizationId?: string;
  EnabledFeatures?: readonly FeatureType[];
}

export interface ListPoliciesGrantingServiceAccessEntry {
  ServiceNamespace?: string;
  Policies?: readonly PolicyGrantingServiceAccess[];
}

export interface ListPoliciesGrantingServiceAccessRequest {
  Arn: string;
  ServiceNamespaces: readonly string[];
  Marker?: string;
}

export interface ListPoliciesGrantingServiceAccessResponse {
  PoliciesGrantingServiceAccess: readonly ListPoliciesGrantingServiceAccessEntry[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListPoliciesRequest {
  Scope?: policyScopeType;
  OnlyAttached?: boolean;
  PathPrefix?: string;
  PolicyUsageFilter?: PolicyUsageType;
  Marker?: string;
  MaxItems?: number;
}

export interface ListPoliciesResponse {
  Policies?: readonly Policy[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListPolicyTagsRequest {
  PolicyArn: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListPolicyTagsResponse {
  Tags: readonly Tag[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListPolicyVersionsRequest {
  PolicyArn: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListPolicyVersionsResponse {
  Versions?: readonly PolicyVersion[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListRolePoliciesRequest {
  RoleName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListRolePoliciesResponse {
  PolicyNames: readonly string[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListRoleTagsRequest {
  RoleName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListRoleTagsResponse {
  Tags: readonly Tag[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListRolesRequest {
  PathPrefix?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListRolesResponse {
  Roles: readonly Role[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListSAMLProviderTagsRequest {
  SAMLProviderArn: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListSAMLProviderTagsResponse {
  Tags: readonly Tag[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListSAMLProvidersRequest {}

export interface ListSAMLProvidersResponse {
  SAMLProviderList?: readonly SAMLProviderListEntry[];
}

export interface ListSSHPublicKeysRequest {
  UserName?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListSSHPublicKeysResponse {
  SSHPublicKeys?: readonly SSHPublicKeyMetadata[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListServerCertificateTagsRequest {
  ServerCertificateName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListServerCertificateTagsResponse {
  Tags: readonly Tag[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListServerCertificatesRequest {
  PathPrefix?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListServerCertificatesResponse {
  ServerCertificateMetadataList: readonly ServerCertificateMetadata[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListServiceSpecificCredentialsRequest {
  UserName?: string;
  ServiceName?: string;
  AllUsers?: boolean;
  Marker?: string;
  MaxItems?: number;
}

export interface ListServiceSpecificCredentialsResponse {
  ServiceSpecificCredentials?: readonly ServiceSpecificCredentialMetadata[];
  Marker?: string;
  IsTruncated?: boolean;
}

export interface ListSigningCertificatesRequest {
  UserName?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListSigningCertificatesResponse {
  Certificates: readonly SigningCertificate[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListUserPoliciesRequest {
  UserName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListUserPoliciesResponse {
  PolicyNames: readonly string[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListUserTagsRequest {
  UserName: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListUserTagsResponse {
  Tags: readonly Tag[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListUsersRequest {
  PathPrefix?: string;
  Marker?: string;
  MaxItems?: number;
}

export interface ListUsersResponse {
  Users: readonly User[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface ListVirtualMFADevicesRequest {
  AssignmentStatus?: assignmentStatusType;
  Marker?: string;
  MaxItems?: number;
}

export interface ListVirtualMFADevicesResponse {
  VirtualMFADevices: readonly VirtualMFADevice[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface LoginProfile {
  UserName: string;
  CreateDate: number;
  PasswordResetRequired?: boolean;
}

export interface MFADevice {
  UserName: string;
  SerialNumber: string;
  EnableDate: number;
}

export interface MalformedCertificateException {
  message?: string;
}

export interface MalformedPolicyDocumentException {
  message?: string;
}

export interface ManagedPolicyDetail {
  PolicyName?: string;
  PolicyId?: string;
  Arn?: string;
  Path?: string;
  DefaultVersionId?: string;
  AttachmentCount?: number;
  PermissionsBoundaryUsageCount?: number;
  IsAttachable?: boolean;
  Description?: string;
  CreateDate?: number;
  UpdateDate?: number;
  PolicyVersionList?: readonly PolicyVersion[];
}

export interface NameConflictException {
  message?: string;
}

export interface NoSuchEntityException {
  message?: string;
}

export interface OpenIDConnectProviderListEntry {
  Arn?: string;
}

export interface OpenIdIdpCommunicationErrorException {
  message?: string;
}

export interface OrderedOrganizationPolicyType {
  ServiceControlPolicyInputList?: readonly string[];
}

export interface OrganizationNotFoundException {
  Message?: string;
}

export interface OrganizationNotInAllFeaturesModeException {
  Message?: string;
}

export interface OrganizationsDecisionDetail {
  AllowedByOrganizations?: boolean;
}

export interface ParameterDefinition {
  Name: string;
  Type: string;
  SubType?: string;
  Description?: string;
  IsRequired?: boolean;
  DefaultValue?: string;
  Immutable?: boolean;
}

export interface PasswordPolicy {
  MinimumPasswordLength?: number;
  RequireSymbols?: boolean;
  RequireNumbers?: boolean;
  RequireUppercaseCharacters?: boolean;
  RequireLowercaseCharacters?: boolean;
  AllowUsersToChangePassword?: boolean;
  ExpirePasswords?: boolean;
  MaxPasswordAge?: number;
  PasswordReusePrevention?: number;
  HardExpiry?: boolean;
}

export interface PasswordPolicyViolationException {
  message?: string;
}

export type PermissionsBoundaryAttachmentType =
  | "PermissionsBoundaryPolicy";

export interface PermissionsBoundaryDecisionDetail {
  AllowedByPermissionsBoundary?: boolean;
}

export interface Policy {
  PolicyName?: string;
  PolicyId?: string;
  Arn?: string;
  Path?: string;
  DefaultVersionId?: string;
  AttachmentCount?: number;
  PermissionsBoundaryUsageCount?: number;
  IsAttachable?: boolean;
  Description?: string;
  CreateDate?: number;
  UpdateDate?: number;
  Tags?: readonly Tag[];
}

export interface PolicyDetail {
  PolicyName?: string;
  PolicyDocument?: string;
}

export type PolicyEvaluationDecisionType =
  | "allowed"
  | "explicitDeny"
  | "implicitDeny";

export interface PolicyEvaluationException {
  message?: string;
}

export interface PolicyGrantingServiceAccess {
  PolicyName: string;
  PolicyType: policyType;
  PolicyArn?: string;
  EntityType?: policyOwnerEntityType;
  EntityName?: string;
}

export interface PolicyGroup {
  GroupName?: string;
  GroupId?: string;
}

export interface PolicyIdentifier {
  PolicyType?: string;
  PolicyArn?: string;
  InlinePolicyIdentifier?: InlinePolicyIdentifierType;
}

export interface PolicyNotAttachableException {
  message?: string;
}

export interface PolicyParameter {
  Name?: string;
  Values?: readonly string[];
  Type?: PolicyParameterTypeEnum;
}

export type PolicyParameterTypeEnum =
  | "string"
  | "stringList";

export interface PolicyRole {
  RoleName?: string;
  RoleId?: string;
}

export type PolicySourceType =
  | "user"
  | "group"
  | "role"
  | "aws-managed"
  | "user-managed"
  | "resource"
  | "none";

export type PolicyUsageType =
  | "PermissionsPolicy"
  | "PermissionsBoundary";

export interface PolicyUser {
  UserName?: string;
  UserId?: string;
}

export interface PolicyVersion {
  Document?: string;
  VersionId?: string;
  IsDefaultVersion?: boolean;
  CreateDate?: number;
}

export interface Position {
  Line?: number;
  Column?: number;
}

export interface PutAccountPropertiesRequest {
  Properties: { readonly [key: string]: string };
}

export interface PutAccountPropertiesResponse {}

export interface PutGroupPolicyRequest {
  GroupName: string;
  PolicyName: string;
  PolicyDocument: string;
}

export interface PutRolePermissionsBoundaryRequest {
  RoleName: string;
  PermissionsBoundary: string;
}

export interface PutRolePolicyRequest {
  RoleName: string;
  PolicyName: string;
  PolicyDocument: string;
}

export interface PutUserPermissionsBoundaryRequest {
  UserName: string;
  PermissionsBoundary: string;
}

export interface PutUserPolicyRequest {
  UserName: string;
  PolicyName: string;
  PolicyDocument: string;
}

export interface RejectDelegationRequestRequest {
  DelegationRequestId: string;
  Notes?: string;
}

export interface RemoveClientIDFromOpenIDConnectProviderRequest {
  OpenIDConnectProviderArn: string;
  ClientID: string;
}

export interface RemoveRoleFromInstanceProfileRequest {
  InstanceProfileName: string;
  RoleName: string;
}

export interface RemoveUserFromGroupRequest {
  GroupName: string;
  UserName: string;
}

export interface ReplacementValueEntry {
  Values: readonly string[];
}

export type ReportFormatType =
  | "text/csv";

export interface ReportGenerationLimitExceededException {
  message?: string;
}

export type ReportStateType =
  | "STARTED"
  | "INPROGRESS"
  | "COMPLETE";

export interface ResetServiceSpecificCredentialRequest {
  ServiceSpecificCredentialId: string;
  UserName?: string;
}

export interface ResetServiceSpecificCredentialResponse {
  ServiceSpecificCredential?: ServiceSpecificCredential;
}

export interface ResourceSpecificResult {
  EvalResourceName: string;
  EvalResourceDecision: PolicyEvaluationDecisionType;
  MatchedStatements?: readonly Statement[];
  MissingContextValues?: readonly string[];
  EvalDecisionDetails?: { readonly [key: string]: PolicyEvaluationDecisionType };
  PermissionsBoundaryDecisionDetail?: PermissionsBoundaryDecisionDetail;
}

export interface ResyncMFADeviceRequest {
  UserName: string;
  SerialNumber: string;
  AuthenticationCode1: string;
  AuthenticationCode2: string;
}

export interface Role {
  Path: string;
  RoleName: string;
  RoleId: string;
  Arn: string;
  CreateDate: number;
  AssumeRolePolicyDocument?: string;
  Description?: string;
  MaxSessionDuration?: number;
  PermissionsBoundary?: AttachedPermissionsBoundary;
  Tags?: readonly Tag[];
  RoleLastUsed?: RoleLastUsed;
  SourceRoleTemplate?: SourceRoleTemplate;
}

export interface RoleDetail {
  Path?: string;
  RoleName?: string;
  RoleId?: string;
  Arn?: string;
  CreateDate?: number;
  AssumeRolePolicyDocument?: string;
  InstanceProfileList?: readonly InstanceProfile[];
  RolePolicyList?: readonly PolicyDetail[];
  AttachedManagedPolicies?: readonly AttachedPolicy[];
  PermissionsBoundary?: AttachedPermissionsBoundary;
  Tags?: readonly Tag[];
  RoleLastUsed?: RoleLastUsed;
}

export interface RoleLastUsed {
  LastUsedDate?: number;
  Region?: string;
}

export interface RoleModifiedException {
  message?: string;
}

export interface RoleTemplateDisabledException {
  message?: string;
}

export interface RoleTemplateVersion {
  TemplateArn?: string;
  TemplateName?: string;
  TemplateVersionId?: string;
  Description?: string;
  MajorVersion?: number;
  DefaultMinorVersion?: number;
  ManagedByType?: string;
  ManagedByValue?: string;
  Enabled?: boolean;
  MinorVersion?: number;
  RoleNamePattern?: string;
  RolePathPattern?: string;
  RoleDescriptionPattern?: string;
  AssumeRolePolicyDocumentTemplate?: string;
  InlinePolicyTemplates?: readonly InlinePolicy[];
  ManagedPolicyArns?: readonly string[];
  PermissionBoundaryArn?: string;
  ParametersDefinition?: readonly ParameterDefinition[];
  RoleTagsTemplate?: readonly TagTemplate[];
  MaxSessionDuration?: number;
  VersionEnabled?: boolean;
  CreateTimestamp?: number;
  UpdateTimestamp?: number;
}

export interface RoleUsageType {
  Region?: string;
  Resources?: readonly string[];
}

export interface SAMLPrivateKey {
  KeyId?: string;
  Timestamp?: number;
}

export interface SAMLProviderListEntry {
  Arn?: string;
  ValidUntil?: number;
  CreateDate?: number;
}

export interface SSHPublicKey {
  UserName: string;
  SSHPublicKeyId: string;
  Fingerprint: string;
  SSHPublicKeyBody: string;
  Status: statusType;
  UploadDate?: number;
}

export interface SSHPublicKeyMetadata {
  UserName: string;
  SSHPublicKeyId: string;
  Status: statusType;
  UploadDate: number;
}

export interface SendDelegationTokenRequest {
  DelegationRequestId: string;
}

export interface ServerCertificate {
  ServerCertificateMetadata: ServerCertificateMetadata;
  CertificateBody: string;
  CertificateChain?: string;
  Tags?: readonly Tag[];
}

export interface ServerCertificateMetadata {
  Path: string;
  ServerCertificateName: string;
  ServerCertificateId: string;
  Arn: string;
  UploadDate?: number;
  Expiration?: number;
}

export interface ServiceAccessNotEnabledException {
  Message?: string;
}

export interface ServiceFailureException {
  message?: string;
}

export interface ServiceLastAccessed {
  ServiceName: string;
  ServiceNamespace: string;
  LastAuthenticated?: number;
  LastAuthenticatedEntity?: string;
  LastAuthenticatedRegion?: string;
  TotalAuthenticatedEntities?: number;
  TrackedActionsLastAccessed?: readonly TrackedActionLastAccessed[];
}

export interface ServiceNotSupportedException {
  message?: string;
}

export interface ServiceSpecificCredential {
  CreateDate: number;
  ServiceName: string;
  ServiceSpecificCredentialId: string;
  UserName: string;
  Status: statusType;
  ExpirationDate?: number;
  ServiceUserName?: string;
  ServicePassword?: string;
  ServiceCredentialAlias?: string;
  ServiceCredentialSecret?: string;
}

export interface ServiceSpecificCredentialMetadata {
  UserName: string;
  Status: statusType;
  CreateDate: number;
  ServiceSpecificCredentialId: string;
  ServiceName: string;
  ServiceUserName?: string;
  ServiceCredentialAlias?: string;
  ExpirationDate?: number;
}

export interface SetDefaultPolicyVersionRequest {
  PolicyArn: string;
  VersionId: string;
}

export interface SetSecurityTokenServicePreferencesRequest {
  GlobalEndpointTokenVersion: globalEndpointTokenVersion;
}

export interface SigningCertificate {
  UserName: string;
  CertificateId: string;
  CertificateBody: string;
  Status: statusType;
  UploadDate?: number;
}

export interface SimulateCustomPolicyRequest {
  PolicyInputList: readonly string[];
  ActionNames: readonly string[];
  PermissionsBoundaryPolicyInputList?: readonly string[];
  OrderedOrganizationPolicyInputList?: readonly OrderedOrganizationPolicyType[];
  ResourceArns?: readonly string[];
  ResourcePolicy?: string;
  ResourceOwner?: string;
  CallerArn?: string;
  ContextEntries?: readonly ContextEntry[];
  ResourceHandlingOption?: string;
  MaxItems?: number;
  Marker?: string;
}

export interface SimulatePolicyResponse {
  EvaluationResults?: readonly EvaluationResult[];
  IsTruncated?: boolean;
  Marker?: string;
}

export interface SimulatePrincipalPolicyRequest {
  PolicySourceArn: string;
  ActionNames: readonly string[];
  PolicyInputList?: readonly string[];
  PermissionsBoundaryPolicyInputList?: readonly string[];
  PolicyExclusionList?: readonly PolicyIdentifier[];
  ResourceArns?: readonly string[];
  ResourcePolicy?: string;
  ResourceOwner?: string;
  CallerArn?: string;
  ContextEntries?: readonly ContextEntry[];
  ResourceHandlingOption?: string;
  MaxItems?: number;
  Marker?: string;
}

export interface SourceRoleTemplate {
  TemplateArn: string;
  TemplateMinorVersion: number;
}

export interface Statement {
  SourcePolicyId?: string;
  SourcePolicyType?: PolicySourceType;
  StartPosition?: Position;
  EndPosition?: Position;
}

export interface Tag {
  Key: string;
  Value: string;
}

export interface TagInstanceProfileRequest {
  InstanceProfileName: string;
  Tags: readonly Tag[];
}

export interface TagMFADeviceRequest {
  SerialNumber: string;
  Tags: readonly Tag[];
}

export interface TagOpenIDConnectProviderRequest {
  OpenIDConnectProviderArn: string;
  Tags: readonly Tag[];
}

export interface TagPolicyRequest {
  PolicyArn: string;
  Tags: readonly Tag[];
}

export interface TagRoleRequest {
  RoleName: string;
  Tags: readonly Tag[];
}

export interface TagSAMLProviderRequest {
  SAMLProviderArn: string;
  Tags: readonly Tag[];
}

export interface TagServerCertificateRequest {
  ServerCertificateName: string;
  Tags: readonly Tag[];
}

export interface TagTemplate {
  Key: string;
  Value: string;
}

export interface TagUserRequest {
  UserName: string;
  Tags: readonly Tag[];
}

export interface TrackedActionLastAccessed {
  ActionName?: string;
  LastAccessedEntity?: string;
  LastAccessedTime?: number;
  LastAccessedRegion?: string;
}

export interface UnmodifiableEntityException {
  message?: string;
}

export interface UnrecognizedPublicKeyEncodingException {
  message?: string;
}

export interface UntagInstanceProfileRequest {
  InstanceProfileName: string;
  TagKeys: readonly string[];
}

export interface UntagMFADeviceRequest {
  SerialNumber: string;
  TagKeys: readonly string[];
}

export interface UntagOpenIDConnectProviderRequest {
  OpenIDConnectProviderArn: string;
  TagKeys: readonly string[];
}

export interface UntagPolicyRequest {
  PolicyArn: string;
  TagKeys: readonly string[];
}

export interface UntagRoleRequest {
  RoleName: string;
  TagKeys: readonly string[];
}

export interface UntagSAMLProviderRequest {
  SAMLProviderArn: string;
  TagKeys: readonly string[];
}

export interface UntagServerCertificateRequest {
  ServerCertificateName: string;
  TagKeys: readonly string[];
}

export interface UntagUserRequest {
  UserName: string;
  TagKeys: readonly string[];
}

export interface UpdateAccessKeyRequest {
  AccessKeyId: string;
  Status: statusType;
  UserName?: string;
}

export interface UpdateAccountPasswordPolicyRequest {
  MinimumPasswordLength?: number;
  RequireSymbols?: boolean;
  RequireNumbers?: boolean;
  RequireUppercaseCharacters?: boolean;
  RequireLowercaseCharacters?: boolean;
  AllowUsersToChangePassword?: boolean;
  MaxPasswordAge?: number;
  PasswordReusePrevention?: number;
  HardExpiry?: boolean;
}

export interface UpdateAssumeRolePolicyRequest {
  RoleName: string;
  PolicyDocument: string;
}

export interface UpdateDelegationRequestRequest {
  DelegationRequestId: string;
  Notes?: string;
}

export interface UpdateGroupRequest {
  GroupName: string;
  NewPath?: string;
  NewGroupName?: string;
}

export interface UpdateLoginProfileRequest {
  UserName: string;
  Password?: string;
  PasswordResetRequired?: boolean;
}

export interface UpdateOpenIDConnectProviderThumbprintRequest {
  OpenIDConnectProviderArn: string;
  ThumbprintList: readonly string[];
}

export interface UpdateRoleDescriptionRequest {
  RoleName: string;
  Description: string;
}

export interface UpdateRoleDescriptionResponse {
  Role?: Role;
}

export interface UpdateRoleRequest {
  RoleName: string;
  Description?: string;
  MaxSessionDuration?: number;
}

export interface UpdateRoleResponse {}

export interface UpdateSAMLProviderRequest {
  SAMLProviderArn: string;
  SAMLMetadataDocument?: string;
  AssertionEncryptionMode?: assertionEncryptionModeType;
  AddPrivateKey?: string;
  RemovePrivateKey?: string;
}

export interface UpdateSAMLProviderResponse {
  SAMLProviderArn?: string;
}

export interface UpdateSSHPublicKeyRequest {
  UserName: string;
  SSHPublicKeyId: string;
  Status: statusType;
}

export interface UpdateServerCertificateRequest {
  ServerCertificateName: string;
  NewPath?: string;
  NewServerCertificateName?: string;
}

export interface UpdateServiceSpecificCredentialRequest {
  ServiceSpecificCredentialId: string;
  Status: statusType;
  UserName?: string;
}

export interface UpdateSigningCertificateRequest {
  CertificateId: string;
  Status: statusType;
  UserName?: string;
}

export interface UpdateUserRequest {
  UserName: string;
  NewPath?: string;
  NewUserName?: string;
}

export interface UploadSSHPublicKeyRequest {
  UserName: string;
  SSHPublicKeyBody: string;
}

export interface UploadSSHPublicKeyResponse {
  SSHPublicKey?: SSHPublicKey;
}

export interface UploadServerCertificateRequest {
  ServerCertificateName: string;
  CertificateBody: string;
  PrivateKey: string;
  Path?: string;
  CertificateChain?: string;
  Tags?: readonly Tag[];
}

export interface UploadServerCertificateResponse {
  ServerCertificateMetadata?: ServerCertificateMetadata;
  Tags?: readonly Tag[];
}

export interface UploadSigningCertificateRequest {
  CertificateBody: string;
  UserName?: string;
}

export interface UploadSigningCertificateResponse {
  Certificate: SigningCertificate;
}

export interface User {
  Path: string;
  UserName: string;
  UserId: string;
  Arn: string;
  CreateDate: number;
  PasswordLastUsed?: number;
  PermissionsBoundary?: AttachedPermissionsBoundary;
  Tags?: readonly Tag[];
}

export interface UserDetail {
  Path?: string;
  UserName?: string;
  UserId?: string;
  Arn?: string;
  CreateDate?: number;
  UserPolicyList?: readonly PolicyDetail[];
  GroupList?: readonly string[];
  AttachedManagedPolicies?: readonly AttachedPolicy[];
  PermissionsBoundary?: AttachedPermissionsBoundary;
  Tags?: readonly Tag[];
}

export interface VirtualMFADevice {
  SerialNumber: string;
  Base32StringSeed?: Uint8Array;
  QRCodePNG?: Uint8Array;
  User?: User;
  EnableDate?: number;
  Tags?: readonly Tag[];
}

export type assertionEncryptionModeType =
  | "Required"
  | "Allowed";

export type assignmentStatusType =
  | "Assigned"
  | "Unassigned"
  | "Any";

export type encodingType =
  | "SSH"
  | "PEM";

export type globalEndpointTokenVersion =
  | "v1Token"
  | "v2Token";

export type jobStatusType =
  | "IN_PROGRESS"
  | "COMPLETED"
  | "FAILED";

export type permissionCheckResultType =
  | "ALLOWED"
  | "DENIED"
  | "UNSURE";

export type permissionCheckStatusType =
  | "COMPLETE"
  | "IN_PROGRESS"
  | "FAILED";

export type policyOwnerEntityType =
  | "USER"
  | "ROLE"
  | "GROUP";

export type policyScopeType =
  | "All"
  | "AWS"
  | "Local";

export type policyType =
  | "INLINE"
  | "MANAGED";

export type sortKeyType =
  | "SERVICE_NAMESPACE_ASCENDING"
  | "SERVICE_NAMESPACE_DESCENDING"
  | "LAST_AUTHENTICATED_TIME_ASCENDING"
  | "LAST_AUTHENTICATED_TIME_DESCENDING";

export type stateType =
  | "UNASSIGNED"
  | "ASSIGNED"
  | "PENDING_APPROVAL"
  | "FINALIZED"
  | "ACCEPTED"
  | "REJECTED"
  | "EXPIRED";

export type statusType =
  | "Active"
  | "Inactive"
  | "Expired";

export type summaryKeyType =
  | "Users"
  | "UsersQuota"
  | "Groups"
  | "GroupsQuota"
  | "ServerCertificates"
  | "ServerCertificatesQuota"
  | "UserPolicySizeQuota"
  | "GroupPolicySizeQuota"
  | "GroupsPerUserQuota"
  | "SigningCertificatesPerUserQuota"
  | "AccessKeysPerUserQuota"
  | "MFADevices"
  | "MFADevicesInUse"
  | "AccountMFAEnabled"
  | "AccountAccessKeysPresent"
  | "AccountPasswordPresent"
  | "AccountSigningCertificatesPresent"
  | "AttachedPoliciesPerGroupQuota"
  | "AttachedPoliciesPerRoleQuota"
  | "AttachedPoliciesPerUserQuota"
  | "Policies"
  | "PoliciesQuota"
  | "PolicySizeQuota"
  | "PolicyVersionsInUse"
  | "PolicyVersionsInUseQuota"
  | "VersionsPerPolicyQuota"
  | "GlobalEndpointTokenVersion"
  | "AssumeRolePolicySizeQuota"
  | "InstanceProfiles"
  | "InstanceProfilesQuota"
  | "Providers"
  | "RolePolicySizeQuota"
  | "Roles"
  | "RolesQuota";

export type summaryStateType =
  | "AVAILABLE"
  | "NOT_AVAILABLE"
  | "NOT_SUPPORTED"
  | "FAILED";

export interface IamOperations {
  AcceptDelegationRequest: { input: AcceptDelegationRequestRequest; output: {} };
  AcquireRole: { input: AcquireRoleRequest; output: AcquireRoleResponse };
  AddClientIDToOpenIDConnectProvider: { input: AddClientIDToOpenIDConnectProviderRequest; output: {} };
  AddRoleToInstanceProfile: { input: AddRoleToInstanceProfileRequest; output: {} };
  AddUserToGroup: { input: AddUserToGroupRequest; output: {} };
  AssociateDelegationRequest: { input: AssociateDelegationRequestRequest; output: {} };
  AttachGroupPolicy: { input: AttachGroupPolicyRequest; output: {} };
  AttachRolePolicy: { input: AttachRolePolicyRequest; output: {} };
  AttachUserPolicy: { input: AttachUserPolicyRequest; output: {} };
  ChangePassword: { input: ChangePasswordRequest; output: {} };
  CreateAccessKey: { input: CreateAccessKeyRequest; output: CreateAccessKeyResponse };
  CreateAccountAlias: { input: CreateAccountAliasRequest; output: {} };
  CreateDelegationRequest: { input: CreateDelegationRequestRequest; output: CreateDelegationRequestResponse };
  CreateGroup: { input: CreateGroupRequest; output: CreateGroupResponse };
  CreateInstanceProfile: { input: CreateInstanceProfileRequest; output: CreateInstanceProfileResponse };
  CreateLoginProfile: { input: CreateLoginProfileRequest; output: CreateLoginProfileResponse };
  CreateOpenIDConnectProvider: { input: CreateOpenIDConnectProviderRequest; output: CreateOpenIDConnectProviderResponse };
  CreatePolicy: { input: CreatePolicyRequest; output: CreatePolicyResponse };
  CreatePolicyVersion: { input: CreatePolicyVersionRequest; output: CreatePolicyVersionResponse };
  CreateRole: { input: CreateRoleRequest; output: CreateRoleResponse };
  CreateSAMLProvider: { input: CreateSAMLProviderRequest; output: CreateSAMLProviderResponse };
  CreateServiceLinkedRole: { input: CreateServiceLinkedRoleRequest; output: CreateServiceLinkedRoleResponse };
  CreateServiceSpecificCredential: { input: CreateServiceSpecificCredentialRequest; output: CreateServiceSpecificCredentialResponse };
  CreateUser: { input: CreateUserRequest; output: CreateUserResponse };
  CreateVirtualMFADevice: { input: CreateVirtualMFADeviceRequest; output: CreateVirtualMFADeviceResponse };
  DeactivateMFADevice: { input: DeactivateMFADeviceRequest; output: {} };
  DeleteAccessKey: { input: DeleteAccessKeyRequest; output: {} };
  DeleteAccountAlias: { input: DeleteAccountAliasRequest; output: {} };
  DeleteAccountPasswordPolicy: { input: {}; output: {} };
  DeleteGroup: { input: DeleteGroupRequest; output: {} };
  DeleteGroupPolicy: { input: DeleteGroupPolicyRequest; output: {} };
  DeleteInstanceProfile: { input: DeleteInstanceProfileRequest; output: {} };
  DeleteLoginProfile: { input: DeleteLoginProfileRequest; output: {} };
  DeleteOpenIDConnectProvider: { input: DeleteOpenIDConnectProviderRequest; output: {} };
  DeletePolicy: { input: DeletePolicyRequest; output: {} };
  DeletePolicyVersion: { input: DeletePolicyVersionRequest; output: {} };
  DeleteRole: { input: DeleteRoleRequest; output: {} };
  DeleteRolePermissionsBoundary: { input: DeleteRolePermissionsBoundaryRequest; output: {} };
  DeleteRolePolicy: { input: DeleteRolePolicyRequest; output: {} };
  DeleteSAMLProvider: { input: DeleteSAMLProviderRequest; output: {} };
  DeleteSSHPublicKey: { input: DeleteSSHPublicKeyRequest; output: {} };
  DeleteServerCertificate: { input: DeleteServerCertificateRequest; output: {} };
  DeleteServiceLinkedRole: { input: DeleteServiceLinkedRoleRequest; output: DeleteServiceLinkedRoleResponse };
  DeleteServiceSpecificCredential: { input: DeleteServiceSpecificCredentialRequest; output: {} };
  DeleteSigningCertificate: { input: DeleteSigningCertificateRequest; output: {} };
  DeleteUser: { input: DeleteUserRequest; output: {} };
  DeleteUserPermissionsBoundary: { input: DeleteUserPermissionsBoundaryRequest; output: {} };
  DeleteUserPolicy: { input: DeleteUserPolicyRequest; output: {} };
  DeleteVirtualMFADevice: { input: DeleteVirtualMFADeviceRequest; output: {} };
  DetachGroupPolicy: { input: DetachGroupPolicyRequest; output: {} };
  DetachRolePolicy: { input: DetachRolePolicyRequest; output: {} };
  DetachUserPolicy: { input: DetachUserPolicyRequest; output: {} };
  DisableOrganizationsRootCredentialsManagement: { input: DisableOrganizationsRootCredentialsManagementRequest; output: DisableOrganizationsRootCredentialsManagementResponse };
  DisableOrganizationsRootSessions: { input: DisableOrganizationsRootSessionsRequest; output: DisableOrganizationsRootSessionsResponse };
  DisableOutboundWebIdentityFederation: { input: {}; output: {} };
  EnableMFADevice: { input: EnableMFADeviceRequest; output: {} };
  EnableOrganizationsRootCredentialsManagement: { input: EnableOrganizationsRootCredentialsManagementRequest; output: EnableOrganizationsRootCredentialsManagementResponse };
  EnableOrganizationsRootSessions: { input: EnableOrganizationsRootSessionsRequest; output: EnableOrganizationsRootSessionsResponse };
  EnableOutboundWebIdentityFederation: { input: {}; output: EnableOutboundWebIdentityFederationResponse };
  GenerateCredentialReport: { input: {}; output: GenerateCredentialReportResponse };
  GenerateOrganizationsAccessReport: { input: GenerateOrganizationsAccessReportRequest; output: GenerateOrganizationsAccessReportResponse };
  GenerateServiceLastAccessedDetails: { input: GenerateServiceLastAccessedDetailsRequest; output: GenerateServiceLastAccessedDetailsResponse };
  GetAccessKeyLastUsed: { input: GetAccessKeyLastUsedRequest; output: GetAccessKeyLastUsedResponse };
  GetAccountAuthorizationDetails: { input: GetAccountAuthorizationDetailsRequest; output: GetAccountAuthorizationDetailsResponse };
  GetAccountPasswordPolicy: { input: {}; output: GetAccountPasswordPolicyResponse };
  GetAccountProperties: { input: GetAccountPropertiesRequest; output: GetAccountPropertiesResponse };
  GetAccountSummary: { input: {}; output: GetAccountSummaryResponse };
  GetContextKeysForCustomPolicy: { input: GetContextKeysForCustomPolicyRequest; output: GetContextKeysForPolicyResponse };
  GetContextKeysForPrincipalPolicy: { input: GetContextKeysForPrincipalPolicyRequest; output: GetContextKeysForPolicyResponse };
  GetCredentialReport: { input: {}; output: GetCredentialReportResponse };
  GetDelegationRequest: { input: GetDelegationRequestRequest; output: GetDelegationRequestResponse };
  GetGroup: { input: GetGroupRequest; output: GetGroupResponse };
  GetGroupPolicy: { input: GetGroupPolicyRequest; output: GetGroupPolicyResponse };
  GetHumanReadableSummary: { input: GetHumanReadableSummaryRequest; output: GetHumanReadableSummaryResponse };
  GetInstanceProfile: { input: GetInstanceProfileRequest; output: GetInstanceProfileResponse };
  GetLoginProfile: { input: GetLoginProfileRequest; output: GetLoginProfileResponse };
  GetMFADevice: { input: GetMFADeviceRequest; output: GetMFADeviceResponse };
  GetOpenIDConnectProvider: { input: GetOpenIDConnectProviderRequest; output: GetOpenIDConnectProviderResponse };
  GetOrganizationsAccessReport: { input: GetOrganizationsAccessReportRequest; output: GetOrganizationsAccessReportResponse };
  GetOutboundWebIdentityFederationInfo: { input: {}; output: GetOutboundWebIdentityFederationInfoResponse };
  GetPolicy: { input: GetPolicyRequest; output: GetPolicyResponse };
  GetPolicyVersion: { input: GetPolicyVersionRequest; output: GetPolicyVersionResponse };
  GetRole: { input: GetRoleRequest; output: GetRoleResponse };
  GetRolePolicy: { input: GetRolePolicyRequest; output: GetRolePolicyResponse };
  GetRoleTemplateVersion: { input: GetRoleTemplateVersionRequest; output: GetRoleTemplateVersionResponse };
  GetSAMLProvider: { input: GetSAMLProviderRequest; output: GetSAMLProviderResponse };
  GetSSHPublicKey: { input: GetSSHPublicKeyRequest; output: GetSSHPublicKeyResponse };
  GetServerCertificate: { input: GetServerCertificateRequest; output: GetServerCertificateResponse };
  GetServiceLastAccessedDetails: { input: GetServiceLastAccessedDetailsRequest; output: GetServiceLastAccessedDetailsResponse };
  GetServiceLastAccessedDetailsWithEntities: { input: GetServiceLastAccessedDetailsWithEntitiesRequest; output: GetServiceLastAccessedDetailsWithEntitiesResponse };
  GetServiceLinkedRoleDeletionStatus: { input: GetServiceLinkedRoleDeletionStatusRequest; output: GetServiceLinkedRoleDeletionStatusResponse };
  GetUser: { input: GetUserRequest; output: GetUserResponse };
  GetUserPolicy: { input: GetUserPolicyRequest; output: GetUserPolicyResponse };
  ListAccessKeys: { input: ListAccessKeysRequest; output: ListAccessKeysResponse };
  ListAccountAliases: { input: ListAccountAliasesRequest; output: ListAccountAliasesResponse };
  ListAttachedGroupPolicies: { input: ListAttachedGroupPoliciesRequest; output: ListAttachedGroupPoliciesResponse };
  ListAttachedRolePolicies: { input: ListAttachedRolePoliciesRequest; output: ListAttachedRolePoliciesResponse };
  ListAttachedUserPolicies: { input: ListAttachedUserPoliciesRequest; output: ListAttachedUserPoliciesResponse };
  ListDelegationRequests: { input: ListDelegationRequestsRequest; output: ListDelegationRequestsResponse };
  ListEntitiesForPolicy: { input: ListEntitiesForPolicyRequest; output: ListEntitiesForPolicyResponse };
  ListGroupPolicies: { input: ListGroupPoliciesRequest; output: ListGroupPoliciesResponse };
  ListGroups: { input: ListGroupsRequest; output: ListGroupsResponse };
  ListGroupsForUser: { input: ListGroupsForUserRequest; output: ListGroupsForUserResponse };
  ListInstanceProfileTags: { input: ListInstanceProfileTagsRequest; output: ListInstanceProfileTagsResponse };
  ListInstanceProfiles: { input: ListInstanceProfilesRequest; output: ListInstanceProfilesResponse };
  ListInstanceProfilesForRole: { input: ListInstanceProfilesForRoleRequest; output: ListInstanceProfilesForRoleResponse };
  ListMFADeviceTags: { input: ListMFADeviceTagsRequest; output: ListMFADeviceTagsResponse };
  ListMFADevices: { input: ListMFADevicesRequest; output: ListMFADevicesResponse };
  ListOpenIDConnectProviderTags: { input: ListOpenIDConnectProviderTagsRequest; output: ListOpenIDConnectProviderTagsResponse };
  ListOpenIDConnectProviders: { input: ListOpenIDConnectProvidersRequest; output: ListOpenIDConnectProvidersResponse };
  ListOrganizationsFeatures: { input: ListOrganizationsFeaturesRequest; output: ListOrganizationsFeaturesResponse };
  ListPolicies: { input: ListPoliciesRequest; output: ListPoliciesResponse };
  ListPoliciesGrantingServiceAccess: { input: ListPoliciesGrantingServiceAccessRequest; output: ListPoliciesGrantingServiceAccessResponse };
  ListPolicyTags: { input: ListPolicyTagsRequest; output: ListPolicyTagsResponse };
  ListPolicyVersions: { input: ListPolicyVersionsRequest; output: ListPolicyVersionsResponse };
  ListRolePolicies: { input: ListRolePoliciesRequest; output: ListRolePoliciesResponse };
  ListRoleTags: { input: ListRoleTagsRequest; output: ListRoleTagsResponse };
  ListRoles: { input: ListRolesRequest; output: ListRolesResponse };
  ListSAMLProviderTags: { input: ListSAMLProviderTagsRequest; output: ListSAMLProviderTagsResponse };
  ListSAMLProviders: { input: ListSAMLProvidersRequest; output: ListSAMLProvidersResponse };
  ListSSHPublicKeys: { input: ListSSHPublicKeysRequest; output: ListSSHPublicKeysResponse };
  ListServerCertificateTags: { input: ListServerCertificateTagsRequest; output: ListServerCertificateTagsResponse };
  ListServerCertificates: { input: ListServerCertificatesRequest; output: ListServerCertificatesResponse };
  ListServiceSpecificCredentials: { input: ListServiceSpecificCredentialsRequest; output: ListServiceSpecificCredentialsResponse };
  ListSigningCertificates: { input: ListSigningCertificatesRequest; output: ListSigningCertificatesResponse };
  ListUserPolicies: { input: ListUserPoliciesRequest; output: ListUserPoliciesResponse };
  ListUserTags: { input: ListUserTagsRequest; output: ListUserTagsResponse };
  ListUsers: { input: ListUsersRequest; output: ListUsersResponse };
  ListVirtualMFADevices: { input: ListVirtualMFADevicesRequest; output: ListVirtualMFADevicesResponse };
  PutAccountProperties: { input: PutAccountPropertiesRequest; output: PutAccountPropertiesResponse };
  PutGroupPolicy: { input: PutGroupPolicyRequest; output: {} };
  PutRolePermissionsBoundary: { input: PutRolePermissionsBoundaryRequest; output: {} };
  PutRolePolicy: { input: PutRolePolicyRequest; output: {} };
  PutUserPermissionsBoundary: { input: PutUserPermissionsBoundaryRequest; output: {} };
  PutUserPolicy: { input: PutUserPolicyRequest; output: {} };
  RejectDelegationRequest: { input: RejectDelegationRequestRequest; output: {} };
  RemoveClientIDFromOpenIDConnectProvider: { input: RemoveClientIDFromOpenIDConnectProviderRequest; output: {} };
  RemoveRoleFromInstanceProfile: { input: RemoveRoleFromInstanceProfileRequest; output: {} };
  RemoveUserFromGroup: { input: RemoveUserFromGroupRequest; output: {} };
  ResetServiceSpecificCredential: { input: ResetServiceSpecificCredentialRequest; output: ResetServiceSpecificCredentialResponse };
  ResyncMFADevice: { input: ResyncMFADeviceRequest; output: {} };
  SendDelegationToken: { input: SendDelegationTokenRequest; output: {} };
  SetDefaultPolicyVersion: { input: SetDefaultPolicyVersionRequest; output: {} };
  SetSecurityTokenServicePreferences: { input: SetSecurityTokenServicePreferencesRequest; output: {} };
  SimulateCustomPolicy: { input: SimulateCustomPolicyRequest; output: SimulatePolicyResponse };
  SimulatePrincipalPolicy: { input: SimulatePrincipalPolicyRequest; output: SimulatePolicyResponse };
  TagInstanceProfile: { input: TagInstanceProfileRequest; output: {} };
  TagMFADevice: { input: TagMFADeviceRequest; output: {} };
  TagOpenIDConnectProvider: { input: TagOpenIDConnectProviderRequest; output: {} };
  TagPolicy: { input: TagPolicyRequest; output: {} };
  TagRole: { input: TagRoleRequest; output: {} };
  TagSAMLProvider: { input: TagSAMLProviderRequest; output: {} };
  TagServerCertificate: { input: TagServerCertificateRequest; output: {} };
  TagUser: { input: TagUserRequest; output: {} };
  UntagInstanceProfile: { input: UntagInstanceProfileRequest; output: {} };
  UntagMFADevice: { input: UntagMFADeviceRequest; output: {} };
  UntagOpenIDConnectProvider: { input: UntagOpenIDConnectProviderRequest; output: {} };
  UntagPolicy: { input: UntagPolicyRequest; output: {} };
  UntagRole: { input: UntagRoleRequest; output: {} };
  UntagSAMLProvider: { input: UntagSAMLProviderRequest; output: {} };
  UntagServerCertificate: { input: UntagServerCertificateRequest; output: {} };
  UntagUser: { input: UntagUserRequest; output: {} };
  UpdateAccessKey: { input: UpdateAccessKeyRequest; output: {} };
  UpdateAccountPasswordPolicy: { input: UpdateAccountPasswordPolicyRequest; output: {} };
  UpdateAssumeRolePolicy: { input: UpdateAssumeRolePolicyRequest; output: {} };
  UpdateDelegationRequest: { input: UpdateDelegationRequestRequest; output: {} };
  UpdateGroup: { input: UpdateGroupRequest; output: {} };
  UpdateLoginProfile: { input: UpdateLoginProfileRequest; output: {} };
  UpdateOpenIDConnectProviderThumbprint: { input: UpdateOpenIDConnectProviderThumbprintRequest; output: {} };
  UpdateRole: { input: UpdateRoleRequest; output: UpdateRoleResponse };
  UpdateRoleDescription: { input: UpdateRoleDescriptionRequest; output: UpdateRoleDescriptionResponse };
  UpdateSAMLProvider: { input: UpdateSAMLProviderRequest; output: UpdateSAMLProviderResponse };
  UpdateSSHPublicKey: { input: UpdateSSHPublicKeyRequest; output: {} };
  UpdateServerCertificate: { input: UpdateServerCertificateRequest; output: {} };
  UpdateServiceSpecificCredential: { input: UpdateServiceSpecificCredentialRequest; output: {} };
  UpdateSigningCertificate: { input: UpdateSigningCertificateRequest; output: {} };
  UpdateUser: { input: UpdateUserRequest; output: {} };
  UploadSSHPublicKey: { input: UploadSSHPublicKeyRequest; output: UploadSSHPublicKeyResponse };
  UploadServerCertificate: { input: UploadServerCertificateRequest; output: UploadServerCertificateResponse };
  UploadSigningCertificate: { input: UploadSigningCertificateRequest; output: UploadSigningCertificateResponse };
}
