import type { Operation, Shape } from "../model.ts";

/** Destinations of cloud connectors, and how they authenticate. */
export const connectorDestinationOperations: Readonly<Record<string, Operation>> = {
  CreateConnectorDestination: {
    method: "POST",
    path: "/connector-destinations",
    status: 201,
    input: "CreateConnectorDestinationRequest",
    output: "CreateConnectorDestinationResponse",
    errors: [
      "AccessDeniedException",
      "ConflictException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "UnauthorizedException",
      "ValidationException",
    ],
  },
  DeleteConnectorDestination: {
    method: "DELETE",
    path: "/connector-destinations/{Identifier}",
    status: 200,
    input: "DeleteConnectorDestinationRequest",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  GetConnectorDestination: {
    method: "GET",
    path: "/connector-destinations/{Identifier}",
    status: 200,
    input: "GetConnectorDestinationRequest",
    output: "GetConnectorDestinationResponse",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
  ListConnectorDestinations: {
    method: "GET",
    path: "/connector-destinations",
    status: 200,
    input: "ListConnectorDestinationsRequest",
    output: "ListConnectorDestinationsResponse",
    errors: ["AccessDeniedException", "InternalServerException", "ThrottlingException", "ValidationException"],
  },
  UpdateConnectorDestination: {
    method: "PUT",
    path: "/connector-destinations/{Identifier}",
    status: 204,
    input: "UpdateConnectorDestinationRequest",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
};

export const connectorDestinationShapes: Readonly<Record<string, Shape>> = {
  AuthConfig: {
    type: "structure",
    members: { oAuth: { shape: "OAuthConfig" }, GeneralAuthorization: { shape: "AuthMaterials" } },
  },
  AuthConfigUpdate: {
    type: "structure",
    members: {
      oAuthUpdate: { shape: "OAuthUpdate" },
      GeneralAuthorizationUpdate: { shape: "GeneralAuthorizationUpdate" },
    },
  },
  AuthMaterial: {
    type: "structure",
    members: { SecretsManager: { shape: "SecretsManager" }, AuthMaterialName: { shape: "AuthMaterialName" } },
    required: ["SecretsManager", "AuthMaterialName"],
  },
  AuthMaterials: { type: "list", member: "AuthMaterial", min: 0, max: 3 },
  AuthType: { type: "string", enum: ["OAUTH"] },
  AuthUrl: {
    type: "string",
    min: 1,
    max: 1024,
    pattern:
      "https?:\\/\\/(www\\.)?[-a-zA-Z0-9@:%._\\+~#=]{1,256}\\.[a-zA-Z0-9()]{1,6}([-a-zA-Z0-9()@:%_\\+.~#?&\\/=]*)",
  },
  ConnectorDestinationDescription: { type: "string", min: 1, max: 256, pattern: "[0-9A-Za-z_\\- ]+" },
  ConnectorDestinationListDefinition: { type: "list", member: "ConnectorDestinationSummary" },
  ConnectorDestinationName: { type: "string", min: 1, max: 128, pattern: "[A-Za-z0-9-_ ]+" },
  ConnectorDestinationSummary: {
    type: "structure",
    members: {
      Name: { shape: "ConnectorDestinationName" },
      Description: { shape: "ConnectorDestinationDescription" },
      CloudConnectorId: { shape: "CloudConnectorId" },
      Id: { shape: "ConnectorDestinationId" },
    },
  },
  CreateConnectorDestinationRequest: {
    type: "structure",
    members: {
      Name: { shape: "ConnectorDestinationName" },
      Description: { shape: "ConnectorDestinationDescription" },
      CloudConnectorId: { shape: "CloudConnectorId" },
      AuthType: { shape: "AuthType" },
      AuthConfig: { shape: "AuthConfig" },
      SecretsManager: { shape: "SecretsManager" },
      ClientToken: { shape: "ClientToken", idempotencyToken: true },
    },
    required: ["CloudConnectorId", "AuthConfig"],
  },
  CreateConnectorDestinationResponse: { type: "structure", members: { Id: { shape: "ConnectorDestinationId" } } },
  DeleteConnectorDestinationRequest: {
    type: "structure",
    members: { Identifier: { shape: "ConnectorDestinationId", location: "uri" } },
    required: ["Identifier"],
  },
  GeneralAuthorizationUpdate: {
    type: "structure",
    members: { AuthMaterialsToAdd: { shape: "AuthMaterials" }, AuthMaterialsToUpdate: { shape: "AuthMaterials" } },
  },
  GetConnectorDestinationRequest: {
    type: "structure",
    members: { Identifier: { shape: "ConnectorDestinationId", location: "uri" } },
    required: ["Identifier"],
  },
  GetConnectorDestinationResponse: {
    type: "structure",
    members: {
      Name: { shape: "ConnectorDestinationName" },
      Description: { shape: "ConnectorDestinationDescription" },
      CloudConnectorId: { shape: "CloudConnectorId" },
      Id: { shape: "ConnectorDestinationId" },
      AuthType: { shape: "AuthType" },
      AuthConfig: { shape: "AuthConfig" },
      SecretsManager: { shape: "SecretsManager" },
      OAuthCompleteRedirectUrl: { shape: "OAuthCompleteRedirectUrl" },
    },
  },
  ListConnectorDestinationsRequest: {
    type: "structure",
    members: {
      CloudConnectorId: { shape: "CloudConnectorId", location: "querystring" },
      NextToken: { shape: "NextToken", location: "querystring" },
      MaxResults: { shape: "MaxResults", location: "querystring" },
    },
  },
  ListConnectorDestinationsResponse: {
    type: "structure",
    members: {
      ConnectorDestinationList: { shape: "ConnectorDestinationListDefinition" },
      NextToken: { shape: "NextToken" },
    },
  },
  OAuthCompleteRedirectUrl: { type: "string", min: 1, max: 1024, pattern: "(http|https)://.*" },
  OAuthConfig: {
    type: "structure",
    members: {
      authUrl: { shape: "AuthUrl" },
      tokenUrl: { shape: "TokenUrl" },
      scope: { shape: "String" },
      tokenEndpointAuthenticationScheme: { shape: "TokenEndpointAuthenticationScheme" },
      oAuthCompleteRedirectUrl: { shape: "String" },
      proactiveRefreshTokenRenewal: { shape: "ProactiveRefreshTokenRenewal" },
    },
    required: ["authUrl", "tokenUrl", "tokenEndpointAuthenticationScheme"],
  },
  OAuthUpdate: {
    type: "structure",
    members: {
      oAuthCompleteRedirectUrl: { shape: "String" },
      proactiveRefreshTokenRenewal: { shape: "ProactiveRefreshTokenRenewal" },
    },
  },
  ProactiveRefreshTokenRenewal: {
    type: "structure",
    members: {
      enabled: { shape: "Boolean" },
      DaysBeforeRenewal: { shape: "ProactiveRefreshTokenRenewalDaysBeforeRenewalInteger" },
    },
  },
  ProactiveRefreshTokenRenewalDaysBeforeRenewalInteger: { type: "integer", min: 30 },
  SecretsManager: {
    type: "structure",
    members: { arn: { shape: "SecretsManagerArn" }, versionId: { shape: "SecretsManagerVersionId" } },
    required: ["arn", "versionId"],
  },
  SecretsManagerArn: {
    type: "string",
    min: 20,
    max: 2048,
    pattern: "arn:aws:secretsmanager:[0-9a-zA-Z-]{1,32}:\\d{12}:secret:[A-Za-z0-9/_+=.@-]{8,520}",
  },
  SecretsManagerVersionId: { type: "string", min: 32, max: 64, pattern: "[a-zA-Z0-9-_]+" },
  TokenEndpointAuthenticationScheme: { type: "string", enum: ["HTTP_BASIC", "REQUEST_BODY_CREDENTIALS"] },
  TokenUrl: {
    type: "string",
    min: 1,
    max: 1024,
    pattern:
      "https?:\\/\\/(www\\.)?[-a-zA-Z0-9@:%._\\+~#=]{1,256}\\.[a-zA-Z0-9()]{1,6}([-a-zA-Z0-9()@:%_\\+.~#?&\\/=]*)",
  },
  UpdateConnectorDestinationRequest: {
    type: "structure",
    members: {
      Identifier: { shape: "ConnectorDestinationId", location: "uri" },
      Description: { shape: "ConnectorDestinationDescription" },
      Name: { shape: "ConnectorDestinationName" },
      AuthType: { shape: "AuthType" },
      AuthConfig: { shape: "AuthConfigUpdate" },
      SecretsManager: { shape: "SecretsManager" },
    },
    required: ["Identifier"],
  },
};
