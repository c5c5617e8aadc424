import type { Operation, Shape } from "../model.ts";

/** Provisioning profiles. */
export const provisioningOperations: Readonly<Record<string, Operation>> = {
  CreateProvisioningProfile: {
    method: "POST",
    path: "/provisioning-profiles",
    status: 201,
    input: "CreateProvisioningProfileRequest",
    output: "CreateProvisioningProfileResponse",
    errors: [
      "AccessDeniedException",
      "ConflictException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ServiceUnavailableException",
      "ThrottlingException",
      "UnauthorizedException",
      "ValidationException",
    ],
  },
  DeleteProvisioningProfile: {
    method: "DELETE",
    path: "/provisioning-profiles/{Identifier}",
    status: 200,
    input: "DeleteProvisioningProfileRequest",
    errors: [
      "AccessDeniedException",
      "ConflictException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ServiceUnavailableException",
      "ThrottlingException",
      "UnauthorizedException",
      "ValidationException",
    ],
  },
  GetProvisioningProfile: {
    method: "GET",
    path: "/provisioning-profiles/{Identifier}",
    status: 200,
    input: "GetProvisioningProfileRequest",
    output: "GetProvisioningProfileResponse",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ServiceUnavailableException",
      "ThrottlingException",
      "UnauthorizedException",
      "ValidationException",
    ],
  },
  ListProvisioningProfiles: {
    method: "GET",
    path: "/provisioning-profiles",
    status: 200,
    input: "ListProvisioningProfilesRequest",
    output: "ListProvisioningProfilesResponse",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ServiceUnavailableException",
      "ThrottlingException",
      "UnauthorizedException",
      "ValidationException",
    ],
  },
};

/**
 * AWS caps a ProvisioningProfileArn at 64 characters, fewer than its fixed parts need; that cap is left out on
 * purpose (reference U51).
 */
export const provisioningShapes: Readonly<Record<string, Shape>> = {
  CaCertificate: {
    type: "string",
    pattern: "-----BEGIN CERTIFICATE-----.*(.|\\n)*-----END CERTIFICATE-----\\n?",
    sensitive: true,
  },
  ClaimCertificate: { type: "string", sensitive: true },
  ClaimCertificatePrivateKey: { type: "string", sensitive: true },
  CreateProvisioningProfileRequest: {
    type: "structure",
    members: {
      ProvisioningType: { shape: "ProvisioningType" },
      CaCertificate: { shape: "CaCertificate" },
      ClaimCertificate: { shape: "ClaimCertificate" },
      Name: { shape: "ProvisioningProfileName" },
      ClientToken: { shape: "ClientToken", idempotencyToken: true },
      Tags: { shape: "TagsMap" },
    },
    required: ["ProvisioningType"],
  },
  CreateProvisioningProfileResponse: {
    type: "structure",
    members: {
      Arn: { shape: "ProvisioningProfileArn" },
      Name: { shape: "ProvisioningProfileName" },
      ProvisioningType: { shape: "ProvisioningType" },
      Id: { shape: "ProvisioningProfileId" },
      Status: { shape: "ProvisioningProfileStatus" },
      ClaimCertificate: { shape: "ClaimCertificate" },
      ClaimCertificatePrivateKey: { shape: "ClaimCertificatePrivateKey" },
    },
  },
  DeleteProvisioningProfileRequest: {
    type: "structure",
    members: { Identifier: { shape: "ProvisioningProfileId", location: "uri" } },
    required: ["Identifier"],
  },
  GetProvisioningProfileRequest: {
    type: "structure",
    members: { Identifier: { shape: "ProvisioningProfileId", location: "uri" } },
    required: ["Identifier"],
  },
  GetProvisioningProfileResponse: {
    type: "structure",
    members: {
      Arn: { shape: "ProvisioningProfileArn" },
      Name: { shape: "ProvisioningProfileName" },
      ProvisioningType: { shape: "ProvisioningType" },
      Id: { shape: "ProvisioningProfileId" },
      Status: { shape: "ProvisioningProfileStatus" },
      ClaimCertificate: { shape: "ClaimCertificate" },
      Tags: { shape: "TagsMap" },
    },
  },
  ListProvisioningProfilesRequest: {
    type: "structure",
    members: {
      NextToken: { shape: "NextToken", location: "querystring" },
      MaxResults: { shape: "MaxResults", location: "querystring" },
    },
  },
  ListProvisioningProfilesResponse: {
    type: "structure",
    members: { Items: { shape: "ProvisioningProfileListDefinition" }, NextToken: { shape: "NextToken" } },
  },
  ProvisioningProfileArn: {
    type: "string",
    min: 32,
    pattern: "arn:aws:iotmanagedintegrations:[0-9a-zA-Z-]+:[0-9]+:provisioning-profile/[0-9a-zA-Z]+",
  },
  ProvisioningProfileId: { type: "string", min: 1, max: 64, pattern: "[A-Za-z0-9-_]+" },
  ProvisioningProfileListDefinition: { type: "list", member: "ProvisioningProfileSummary" },
  ProvisioningProfileName: { type: "string", min: 1, max: 36, pattern: "[0-9A-Za-z_-]+" },
  ProvisioningProfileStatus: {
    type: "string",
    enum: ["CREATE_IN_PROGRESS", "CREATE_FAILED", "CREATED", "DELETE_IN_PROGRESS", "DELETE_FAILED"],
  },
  ProvisioningProfileSummary: {
    type: "structure",
    members: {
      Name: { shape: "ProvisioningProfileName" },
      Id: { shape: "ProvisioningProfileId" },
      Arn: { shape: "ProvisioningProfileArn" },
      ProvisioningType: { shape: "ProvisioningType" },
      Status: { shape: "ProvisioningProfileStatus" },
    },
  },
  ProvisioningType: { type: "string", enum: ["FLEET_PROVISIONING", "JITR"] },
};
