import { type ServiceModel, type Shape, validate } from "@hearth/contract";
import type { Input } from "./door.ts";

/** Tried in this order for a constrained string; the first that the shape allows is its sample. */
const TEXTS: readonly string[] = [
  "aaaa",
  "1.0.0",
  "iot:ListThings",
  "1.0",
  "matter.OnOff@1.4",
  "0x0006",
  "aaaaaaaaaaaaaaa=",
  "arn:aws:kinesis:us-east-1:000000000000:stream/absent",
  "arn:aws:iam::000000000000:role/absent",
  "arn:aws:secretsmanager:us-east-1:000000000000:secret:absent-aaaa",
  "https://absent.example.com/",
  "arn:aws:kms:us-east-1:000000000000:key/absent",
  "/",
  "0",
  "2026-01-01T00:00:00Z",
  "us-east-1",
  "arn:aws:lambda:us-east-1:000000000000:function:absent",
  "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-aaaaaaaaaaaaaaaaa",
  "arn:aws:lambda:us-east-1:000000000000:capacity-provider:absent",
  "0".repeat(6),
  "0".repeat(12),
  "a".repeat(5),
  "a".repeat(16),
  "*",
  "v1",
  "arn:aws:iotmanagedintegrations:us-east-1:000000000000:managed-thing/absent",
  "arn:aws:kinesis:us-east-1:000000000000:stream/absent/consumer/absent:1",
  "o-aaaaaaaaaa/r-aaaa/",
  "o-aaaaaaaaaa",
  "arn:aws:lambda:us-east-1:000000000000:layer:absent:1",
  "arn:aws:lambda:us-east-1:000000000000:function:absent:1",
  `arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-${"a".repeat(17)}`,
  "/mnt/absent",
  "a".repeat(20),
  "a".repeat(36),
  "a".repeat(40),
  "a".repeat(64),
  "a".repeat(1000),
  "aaaaaaaaaaaaaaaaaaaa-aaa",
  "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
];

const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "iot:Connect", Resource: "*" }],
});

const RESOURCE_POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: "000000000000" }, Action: "secretsmanager:*", Resource: "*" }],
});

const CERTIFICATE_ARN = `arn:aws:iot:us-east-1:000000000000:cert/${"a".repeat(64)}`;

/** Where the form allows what the operation's own rules do not: `service/Member` or `service/Operation/Member`. */
const RULED: Readonly<Record<string, unknown>> = {
  "iot/policyDocument": POLICY,
  "iot/AttachPolicy/target": CERTIFICATE_ARN,
  "iot/DetachPolicy/target": CERTIFICATE_ARN,
  "iot/ListAttachedPolicies/target": CERTIFICATE_ARN,
  "iot/principal": CERTIFICATE_ARN,
  "iam/PolicyDocument": POLICY,
  "iam/PolicyArn": "arn:aws:iam::aws:policy/absent",
  "iam/DeletionTaskId":
    "task/aws-service-role/iotmanagedintegrations.amazonaws.com/AWSServiceRoleForIoTManagedIntegrations/absent",
  "sts/RoleArn": "arn:aws:iam::000000000000:role/absent",
  "iot-managed-integrations/AuthenticationMaterialType": "WIFI_SETUP_QR_BAR_CODE",
  "iot-managed-integrations/AuthenticationMaterial": "SN:sample;UPC:000000000000;",
  "logs/retentionInDays": 7,
  "secretsmanager/ResourcePolicy": RESOURCE_POLICY,
  "iot-managed-integrations/StartDeviceDiscovery/AuthenticationMaterialType": "ZWAVE_INSTALL_CODE",
  "iot-managed-integrations/RoleArn": "arn:aws:iam::000000000000:role/absent",
};

/** An input of valid form, of things that do not exist: with every member, or with the required ones alone. */
export function sampleInput(model: ServiceModel, operation: string, extent: "full" | "required"): Input {
  const name = model.operations[operation]?.input;
  if (!name) return {};
  const input = sample(model, name, extent, 0) as Record<string, unknown>;
  for (const member of Object.keys(input)) {
    for (const key of [`${model.service}/${member}`, `${model.service}/${operation}/${member}`]) {
      if (Object.hasOwn(RULED, key)) input[member] = RULED[key];
    }
  }
  const violations = validate(model, name, input);
  if (violations.length > 0) throw new Error(`no sample for ${operation}: ${JSON.stringify(violations)}`);
  return input;
}

/** Shapes may contain themselves. */
const DEEPEST = 8;

function sample(model: ServiceModel, name: string, extent: "full" | "required", depth: number): unknown {
  const shape = model.shapes[name] as Shape;
  switch (shape.type) {
    case "structure": {
      const wanted = Object.entries(shape.members).filter(
        ([member, { jsonValue }]) =>
          shape.required?.includes(member) || (extent === "full" && depth < DEEPEST && !jsonValue),
      );
      const members = shape.union ? wanted.slice(0, 1) : wanted;
      return Object.fromEntries(members.map(([member, of]) => [member, sample(model, of.shape, extent, depth + 1)]));
    }
    case "list":
      return depth < DEEPEST ? [sample(model, shape.member, extent, depth + 1)] : [];
    case "map":
      return { [sample(model, shape.key, extent, depth) as string]: sample(model, shape.value, extent, depth + 1) };
    case "string":
      if (shape.enum) return shape.enum[0];
      return TEXTS.find((text) => validate(model, name, text).length === 0) ?? "no sample";
    case "integer":
    case "long":
    case "float":
    case "double":
      return shape.min ?? 1;
    case "boolean":
      return true;
    case "blob":
      return new TextEncoder().encode("{}");
    case "timestamp":
      return 1_700_000_000;
    case "document":
      return {};
  }
}
