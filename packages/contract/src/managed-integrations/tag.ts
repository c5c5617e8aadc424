import type { Operation, Shape } from "../model.ts";

/** Tags of resources. */
export const tagOperations: Readonly<Record<string, Operation>> = {
  ListTagsForResource: {
    method: "GET",
    path: "/tags/{ResourceArn}",
    status: 200,
    input: "ListTagsForResourceRequest",
    output: "ListTagsForResourceResponse",
    errors: ["InvalidRequestException", "ResourceNotFoundException", "ThrottlingException", "UnauthorizedException"],
  },
  TagResource: {
    method: "POST",
    path: "/tags/{ResourceArn}",
    status: 200,
    input: "TagResourceRequest",
    output: "TagResourceResponse",
    errors: [
      "ConflictException",
      "InvalidRequestException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "UnauthorizedException",
    ],
  },
  UntagResource: {
    method: "DELETE",
    path: "/tags/{ResourceArn}",
    status: 200,
    input: "UntagResourceRequest",
    output: "UntagResourceResponse",
    errors: [
      "ConflictException",
      "InvalidRequestException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "UnauthorizedException",
    ],
  },
};

export const tagShapes: Readonly<Record<string, Shape>> = {
  IoTManagedIntegrationsResourceARN: {
    type: "string",
    min: 1,
    max: 200,
    pattern:
      "arn:aws:iotmanagedintegrations:[0-9a-zA-Z-]+:[0-9]+:(managed-thing|provisioning-profile|ota-task|credential-locker|account-association)/[0-9a-zA-Z]+",
  },
  ListTagsForResourceRequest: {
    type: "structure",
    members: { ResourceArn: { shape: "IoTManagedIntegrationsResourceARN", location: "uri" } },
    required: ["ResourceArn"],
  },
  ListTagsForResourceResponse: { type: "structure", members: { tags: { shape: "TagsMap" } } },
  TagKeyList: { type: "list", member: "TagKey", min: 0, max: 200 },
  TagResourceRequest: {
    type: "structure",
    members: {
      ResourceArn: { shape: "IoTManagedIntegrationsResourceARN", location: "uri" },
      Tags: { shape: "TagsMap" },
    },
    required: ["ResourceArn", "Tags"],
  },
  TagResourceResponse: { type: "structure", members: {} },
  UntagResourceRequest: {
    type: "structure",
    members: {
      ResourceArn: { shape: "IoTManagedIntegrationsResourceARN", location: "uri" },
      TagKeys: { shape: "TagKeyList", location: "querystring", locationName: "tagKeys" },
    },
    required: ["ResourceArn", "TagKeys"],
  },
  UntagResourceResponse: { type: "structure", members: {} },
};
