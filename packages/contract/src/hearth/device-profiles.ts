import type { Operation, Shape } from "../model.ts";

const errors = ["AccessDeniedException", "InternalServerException", "ThrottlingException", "ValidationException"];

/** Device profiles: what is known of a product before any of its devices comes. */
export const deviceProfileOperations: Readonly<Record<string, Operation>> = {
  PutDeviceProfile: {
    method: "PUT",
    path: "/device-profiles/{ProductCode}",
    status: 200,
    input: "PutDeviceProfileRequest",
    output: "PutDeviceProfileResponse",
    errors,
  },
  GetDeviceProfile: {
    method: "GET",
    path: "/device-profiles/{ProductCode}",
    status: 200,
    input: "DeviceProfileRequest",
    output: "GetDeviceProfileResponse",
    errors: [...errors, "ResourceNotFoundException"],
  },
  ListDeviceProfiles: {
    method: "GET",
    path: "/device-profiles",
    status: 200,
    input: "ListDeviceProfilesRequest",
    output: "ListDeviceProfilesResponse",
    errors,
  },
  DeleteDeviceProfile: {
    method: "DELETE",
    path: "/device-profiles/{ProductCode}",
    status: 204,
    input: "DeviceProfileRequest",
    errors: [...errors, "ResourceNotFoundException"],
  },
};

const members: Extract<Shape, { type: "structure" }>["members"] = {
  AdvertisedProductId: { shape: "AdvertisedProductId" },
  Brand: { shape: "Brand" },
  Model: { shape: "Model" },
  Classification: { shape: "Classification" },
};

const times: typeof members = { CreatedAt: { shape: "Timestamp" }, UpdatedAt: { shape: "Timestamp" } };

export const deviceProfileShapes: Readonly<Record<string, Shape>> = {
  ProductCode: { type: "string", min: 8, max: 13, pattern: "[0-9]+" },
  AdvertisedProductId: { type: "string", min: 5, max: 5, pattern: "[A-Za-z0-9!#$%&()*+;<=>?@^_`{|}~-]+" },
  Brand: { type: "string", min: 1, max: 128, pattern: "[A-Za-z0-9-_ ]+", sensitive: true },
  Model: { type: "string", min: 1, max: 128, pattern: "[A-Za-z0-9-_ ]+", sensitive: true },
  Classification: { type: "string", min: 1, max: 64, sensitive: true },
  ProfileCapabilityReport: { type: "document" },
  DeviceProfileArn: { type: "string" },
  DeviceProfileRequest: {
    type: "structure",
    members: { ProductCode: { shape: "ProductCode", location: "uri" } },
    required: ["ProductCode"],
  },
  PutDeviceProfileRequest: {
    type: "structure",
    members: {
      ProductCode: { shape: "ProductCode", location: "uri" },
      ...members,
      CapabilityReport: { shape: "ProfileCapabilityReport" },
    },
    required: ["ProductCode"],
  },
  PutDeviceProfileResponse: {
    type: "structure",
    members: { Arn: { shape: "DeviceProfileArn" } },
    required: ["Arn"],
  },
  GetDeviceProfileResponse: {
    type: "structure",
    members: {
      ProductCode: { shape: "ProductCode" },
      ...members,
      CapabilityReport: { shape: "ProfileCapabilityReport" },
      ...times,
    },
    required: ["ProductCode", "CreatedAt", "UpdatedAt"],
  },
  ListDeviceProfilesRequest: {
    type: "structure",
    members: {
      MaxResults: { shape: "MaxResults", location: "querystring" },
      NextToken: { shape: "NextToken", location: "querystring" },
    },
  },
  ListDeviceProfilesResponse: {
    type: "structure",
    members: { Items: { shape: "DeviceProfileList" }, NextToken: { shape: "NextToken" } },
    required: ["Items"],
  },
  DeviceProfileList: { type: "list", member: "DeviceProfileSummary" },
  DeviceProfileSummary: {
    type: "structure",
    members: { ProductCode: { shape: "ProductCode" }, ...members, ...times },
    required: ["ProductCode", "CreatedAt", "UpdatedAt"],
  },
};
