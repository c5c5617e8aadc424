/**
 * Modelled errors that no request can provoke in a healthy Hearth, so that no test through the door is asked to show
 * them: `Error` everywhere, `service/Error` in one service, `service/Operation/Error` in one operation. An entry is a
 * claim: who makes Hearth raise one of them takes it out here.
 */
export const unraisableErrors: Readonly<Record<string, string>> = {
  InternalException: "a defect of the platform, never raised on purpose",
  InternalFailure: "a defect of the platform, never raised on purpose",
  InternalFailureException: "a defect of the platform, never raised on purpose",
  InternalServerException: "a defect of the platform, never raised on purpose",
  ServerInternalException: "a defect of the platform, never raised on purpose",
  ServiceFailureException: "a defect of the platform, never raised on purpose",
  ServiceUnavailableException: "the store or the platform is away, not what a request asks for",
  ThrottlingException:
    "request rates are not limited; a client with too much to take refuses SendDirectMessage, which a test shows",

  // Who lacks a permission is told so by AccessDeniedException (iot-data: ForbiddenException), as AWS does.
  UnauthorizedException: "AccessDeniedException or ForbiddenException is raised in its place",

  "iot-managed-integrations/GetCustomEndpoint/ValidationException": "it has no input",
  "iot-managed-integrations/RegisterCustomEndpoint/ValidationException": "it has no input",
  "iot-managed-integrations/GetDefaultEncryptionConfiguration/ValidationException": "it has no input",
  "iot-managed-integrations/GetDefaultEncryptionConfiguration/ResourceNotFoundException":
    "an account that has chosen nothing has the default encryption",
  "iot-managed-integrations/RegisterCustomEndpoint/ConflictException": "registering again gives the same endpoint",
  "iot-managed-integrations/DeregisterAccountAssociation/ConflictException":
    "what is not registered is ResourceNotFoundException",
  "iot-managed-integrations/CreateProvisioningProfile/ResourceNotFoundException": "it names nothing that exists",
  "iot-managed-integrations/DeleteProvisioningProfile/ConflictException": "nothing hinders a profile's deletion",
  "iot-managed-integrations/GetHubConfiguration/ValidationException": "it has no input",
  "iot-managed-integrations/PutHubConfiguration/ResourceNotFoundException": "it names nothing that exists",
  "iot-managed-integrations/CreateCredentialLocker/ServiceQuotaExceededException":
    "the number of lockers is not limited",
  "iot-managed-integrations/TagResource/ConflictException": "changes that meet are done one after the other",
  "iot-managed-integrations/UntagResource/ConflictException": "changes that meet are done one after the other",
  "iot-managed-integrations/UpdateAccountAssociation/ConflictException":
    "updates that meet are done one after the other",
  "iot-managed-integrations/GetSchemaVersion/ConflictException": "it changes nothing",
  "iot-managed-integrations/ListSchemaVersions/ConflictException": "it changes nothing",

  "iot/DeleteThing/ResourceNotFoundException": "a thing that is not there counts as deleted",
  "iot/DetachPrincipalPolicy/ResourceNotFoundException": "what is not attached counts as detached",
  "iot/ListPrincipalThings/ResourceNotFoundException": "a principal that nobody knows has no things",
  "iot/ListPrincipalThingsV2/ResourceNotFoundException": "a principal that nobody knows has no things",
  "iot/GetRegistrationCode/InvalidRequestException": "it has no input",
  "iot/RegisterCACertificate/ResourceNotFoundException": "it names no template",
  "iot/DetachPolicy/LimitExceededException": "it adds nothing",
  "iot/ListAttachedPolicies/LimitExceededException": "it adds nothing",
  "iot/ListTargetsForPolicy/LimitExceededException": "it adds nothing",
  "iot/RegisterCertificateWithoutCA/CertificateStateException": "InvalidRequestException refuses the state",
  "iot/UpdateCertificate/CertificateStateException": "only a transfer between accounts binds a certificate's state",
  "iot/CreateProvisioningTemplate/LimitExceededException": "the number of templates is not limited",
  "iot/DeleteProvisioningTemplate/DeleteConflictException": "a template has one version",
  "iot/ConflictingResourceUpdateException": "updates that meet are done one after the other",

  // The door looks for an operation by method and path; one test of each path shows the error.
  "iot-data/MethodNotAllowedException": "with another method there is no operation to raise it",
  "iot-data/ListNamedShadowsForThing/ResourceNotFoundException": "a thing that nobody knows has no shadows",
  "iot-data/GetThingShadow/UnsupportedDocumentEncodingException": "it takes no document",
  "iot-data/DeleteThingShadow/UnsupportedDocumentEncodingException": "it takes no document",

  "kinesis/ProvisionedThroughputExceededException": "a shard's throughput is not limited",
  "kinesis/KMSAccessDeniedException": "streams are not encrypted with KMS",
  "kinesis/KMSDisabledException": "streams are not encrypted with KMS",
  "kinesis/KMSInvalidStateException": "streams are not encrypted with KMS",
  "kinesis/KMSNotFoundException": "streams are not encrypted with KMS",
  "kinesis/KMSOptInRequired": "streams are not encrypted with KMS",
  "kinesis/KMSThrottlingException": "streams are not encrypted with KMS",
  "kinesis/DeleteStream/LimitExceededException": "it adds nothing",
  "kinesis/DescribeStream/LimitExceededException": "it adds nothing",
  "kinesis/DescribeStreamSummary/LimitExceededException": "it adds nothing",
  "kinesis/ListShards/LimitExceededException": "it adds nothing",
  "kinesis/ListStreams/LimitExceededException": "it adds nothing",
  "kinesis/ListStreams/ExpiredNextTokenException": "the token is a name, which does not expire",
  "kinesis/ListShards/ResourceInUseException": "a stream is ACTIVE or gone",
  "kinesis/DeleteStream/ResourceInUseException": "only two deletions that meet could raise it",

  "cloudtrail/LookupEvents/OperationNotPermittedException": "it is permitted or denied by policies alone",
  "cloudtrail/LookupEvents/UnsupportedOperationException": "it is supported everywhere",

  "logs/OperationAbortedException": "changes that meet are done one after the other",
  "logs/CreateLogGroup/LimitExceededException": "the number of log groups is not limited",
  "logs/DeleteLogGroup/ValidationException": "InvalidParameterException refuses the form",
  "logs/DeleteLogStream/ValidationException": "InvalidParameterException refuses the form",
  "logs/PutLogEvents/DataAlreadyAcceptedException": "sequence tokens are not asked for, as AWS no longer does",
  "logs/PutLogEvents/InvalidSequenceTokenException": "sequence tokens are not asked for, as AWS no longer does",
  "logs/PutLogEvents/UnrecognizedClientException":
    "every service answers unknown keys by it, as tests of signatures show",

  "kms/DependencyTimeoutException": "nothing that it depends on times out by itself",
  "kms/KMSInternalException": "a defect of the platform, never raised on purpose",
  "kms/KeyUnavailableException": "a key's material is there as long as the key is",
  "kms/InvalidArnException": "what is no ARN of a key is NotFoundException",
  "kms/InvalidGrantTokenException": "grants are not built, and their tokens are not looked at",
  "kms/CreateKey/CloudHsmClusterInvalidConfigurationException":
    "UnsupportedOperationException refuses custom key stores",
  "kms/CreateKey/CustomKeyStoreInvalidStateException": "UnsupportedOperationException refuses custom key stores",
  "kms/CreateKey/CustomKeyStoreNotFoundException": "UnsupportedOperationException refuses custom key stores",
  "kms/CreateKey/XksKeyAlreadyInUseException": "UnsupportedOperationException refuses custom key stores",
  "kms/CreateKey/XksKeyInvalidConfigurationException": "UnsupportedOperationException refuses custom key stores",
  "kms/CreateKey/XksKeyNotFoundException": "UnsupportedOperationException refuses custom key stores",
  "kms/CreateKey/TagException": "UnsupportedOperationException refuses tags",
  "kms/CreateKey/LimitExceededException": "it takes a thousand keys; the tests make far fewer",
  "kms/EnableKey/LimitExceededException": "it adds nothing",
  "kms/PutKeyPolicy/LimitExceededException": "MalformedPolicyDocumentException refuses what is too long",
  "kms/PutKeyPolicy/UnsupportedOperationException": "every key has a policy that can be put",
  "kms/GenerateDataKey/InvalidKeyUsageException": "there are keys for encryption only",
  "kms/GenerateDataKeyWithoutPlaintext/InvalidKeyUsageException": "there are keys for encryption only",
  "kms/GetKeyPolicy/KMSInvalidStateException": "a policy is read in every state of the key",
  "kms/ListKeys/InvalidMarkerException": "every marker is a place in the list",

  "secretsmanager/InternalServiceError": "a defect of the platform, never raised on purpose",
  "secretsmanager/BatchGetSecretValue/DecryptionFailure": "stands in the answer's Errors, by secret",
  "secretsmanager/BatchGetSecretValue/InvalidRequestException": "stands in the answer's Errors, by secret",
  "secretsmanager/BatchGetSecretValue/ResourceNotFoundException": "stands in the answer's Errors, by secret",
  "secretsmanager/CreateSecret/LimitExceededException": "the number of secrets is not limited",
  "secretsmanager/CreateSecret/MalformedPolicyDocumentException": "it takes no policy",
  "secretsmanager/CreateSecret/PreconditionNotMetException": "only secrets that a service manages have preconditions",
  "secretsmanager/UpdateSecret/MalformedPolicyDocumentException": "it takes no policy",
  "secretsmanager/UpdateSecret/PreconditionNotMetException": "only secrets that a service manages have preconditions",
  "secretsmanager/ListSecrets/InvalidParameterException": "ValidationException refuses the form",
  "secretsmanager/ListSecrets/InvalidRequestException": "it changes nothing, and what it lists has no states",
  "secretsmanager/RestoreSecret/InvalidRequestException": "what does not wait for its deletion stays as it is",

  "iot-managed-integrations/CreateEventLogConfiguration/ServiceQuotaExceededException":
    "it takes a thousand configurations; the others are far below it",

  "sts/RegionDisabledException": "no region can be disabled",

  "iam/ConcurrentModificationException": "changes that meet are done one after the other",
  "iam/CreateUser/NoSuchEntityException": "InvalidInputException refuses a boundary that does not exist",
  "iam/CreateUser/LimitExceededException": "the number of users is not limited",
  "iam/AttachRolePolicy/LimitExceededException": "there are fewer managed policies than may be attached",
  "iam/AttachUserPolicy/LimitExceededException": "there are fewer managed policies than may be attached",
  "iam/CreateServiceLinkedRole/LimitExceededException": "the number of roles is not limited",
  "iam/DeleteServiceLinkedRole/LimitExceededException": "it adds nothing",
  "iam/DetachRolePolicy/LimitExceededException": "it adds nothing",
  "iam/DetachUserPolicy/LimitExceededException": "it adds nothing",
  "iam/DeleteAccessKey/LimitExceededException": "it adds nothing",
  "iam/DeleteRole/LimitExceededException": "it adds nothing",
  "iam/DeleteRolePolicy/LimitExceededException": "it adds nothing",
  "iam/DeleteUser/LimitExceededException": "it adds nothing",
  "iam/DeleteUserPolicy/LimitExceededException": "it adds nothing",
  "iam/UpdateAccessKey/LimitExceededException": "it adds nothing",
  "iam/UpdateRoleDescription/UnmodifiableEntityException": "a service-linked role's description may be changed",
};
