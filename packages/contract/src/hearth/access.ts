import type { ServiceModel } from "../model.ts";

/** Why somebody may do something or may not. */
export const accessOperations: ServiceModel["operations"] = {
  ExplainAccess: {
    method: "POST",
    path: "/access-explanations",
    status: 200,
    input: "ExplainAccessRequest",
    output: "ExplainAccessResponse",
    errors: [
      "AccessDeniedException",
      "InternalServerException",
      "ResourceNotFoundException",
      "ThrottlingException",
      "ValidationException",
    ],
  },
};

export const accessShapes: ServiceModel["shapes"] = {
  PrincipalArn: {
    type: "string",
    min: 20,
    max: 2048,
    pattern: "arn:aws:(iam|sts|iot):[a-z0-9-]*:[0-9]{12}:[ -~]{1,1900}",
  },
  ActionName: { type: "string", min: 3, max: 128, pattern: "[a-zA-Z0-9-]{1,63}:[a-zA-Z0-9]{1,64}" },
  ResourceArn: { type: "string", min: 1, max: 2048 },
  ListenerName: { type: "string", min: 1, max: 32, pattern: "[a-z][a-z0-9-]*" },
  ConditionKey: { type: "string", min: 1, max: 256 },
  ConditionValue: { type: "string", min: 0, max: 2048 },
  ConditionValueList: { type: "list", member: "ConditionValue", min: 1, max: 50 },
  ConditionMap: { type: "map", key: "ConditionKey", value: "ConditionValueList", max: 50 },
  ExplainAccessRequest: {
    type: "structure",
    members: {
      PrincipalArn: { shape: "PrincipalArn" },
      Action: { shape: "ActionName" },
      ResourceArn: { shape: "ResourceArn" },
      Context: { shape: "ConditionMap" },
      Listener: { shape: "ListenerName" },
    },
    required: ["PrincipalArn", "Action"],
  },
  Flag: { type: "boolean" },
  ExplainAccessResponse: {
    type: "structure",
    members: { Allowed: { shape: "Flag" }, Reason: { shape: "Text" } },
    required: ["Allowed", "Reason"],
  },
};
