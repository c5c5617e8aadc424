import type { ServiceModel } from "../model.ts";

/** The catalogue of connectors across accounts. */
export const connectorOperations: ServiceModel["operations"] = {
  UpdateCloudConnectorListing: {
    method: "PUT",
    path: "/cloud-connectors/{AccountId}/{CloudConnectorId}/listing",
    status: 200,
    input: "UpdateCloudConnectorListingRequest",
    output: "UpdateCloudConnectorListingResponse",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
};

export const connectorShapes: ServiceModel["shapes"] = {
  CloudConnectorId: { type: "string", min: 1, max: 64, pattern: "[a-zA-Z0-9-_]+" },
  CloudConnectorType: { type: "string", enum: ["LISTED", "UNLISTED"] },
  UpdateCloudConnectorListingRequest: {
    type: "structure",
    members: {
      AccountId: { shape: "AccountId", location: "uri" },
      CloudConnectorId: { shape: "CloudConnectorId", location: "uri" },
      Type: { shape: "CloudConnectorType" },
    },
    required: ["AccountId", "CloudConnectorId", "Type"],
  },
  UpdateCloudConnectorListingResponse: { type: "structure", members: {} },
};
