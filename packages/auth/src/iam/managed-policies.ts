/**
 * AWS's own managed policies for managed integrations (managed-integrations reference 13.2). They are the same for every
 * account and cannot be changed, so they stand here and in no table.
 */
export interface ManagedPolicy {
  name: string;
  arn: string;
  policyId: string;
  /** Begins and ends with `/`. */
  path: string;
  description: string;
  /** False for what belongs to a service-linked role alone. */
  attachable: boolean;
  /** JSON; the only version, `v1`. */
  document: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

export const MANAGED_POLICY_VERSION = "v1";
export const SERVICE = "iotmanagedintegrations.amazonaws.com";
export const SERVICE_ROLE_NAME = "AWSServiceRoleForIoTManagedIntegrations";
/** Where service-linked roles live; nobody else makes a role there. */
export const SERVICE_ROLE_ROOT = "/aws-service-role/";
export const SERVICE_ROLE_PATH = `${SERVICE_ROLE_ROOT}${SERVICE}/`;

const LOG_GROUPS = "arn:aws:logs:*:*:log-group:/aws/iotmanagedintegrations/*";
const IN_OWN_ACCOUNT = { StringEquals: { "aws:PrincipalAccount": `\${aws:ResourceAccount}` } };

const METRICS = {
  Sid: "CloudWatchMetrics",
  Effect: "Allow",
  Action: ["cloudwatch:PutMetricData"],
  Resource: "*",
  Condition: { StringEquals: { "cloudwatch:namespace": ["AWS/IoTManagedIntegrations", "AWS/Usage"] } },
};

function managedPolicy(
  name: string,
  path: string,
  policyId: string,
  description: string,
  statements: readonly object[],
): ManagedPolicy {
  return {
    name,
    arn: `arn:aws:iam::aws:policy${path}${name}`,
    policyId,
    path,
    description,
    attachable: !path.startsWith(SERVICE_ROLE_ROOT),
    document: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
    createdAt: Date.UTC(2025, 2, 5),
  };
}

const fullAccess = managedPolicy(
  "AWSIoTManagedIntegrationsFullAccess",
  "/",
  "ANPAZHEARTHFULLACCESS",
  "Everything that managed integrations can do, and making its service-linked role.",
  [
    { Sid: "AllOfTheService", Effect: "Allow", Action: ["iotmanagedintegrations:*"], Resource: "*" },
    {
      Sid: "ItsServiceLinkedRole",
      Effect: "Allow",
      Action: ["iam:CreateServiceLinkedRole"],
      Resource: `arn:aws:iam::*:role${SERVICE_ROLE_PATH}${SERVICE_ROLE_NAME}`,
      Condition: { StringEquals: { "iam:AWSServiceName": SERVICE } },
    },
  ],
);

const rolePolicy = managedPolicy(
  "AWSIoTManagedIntegrationsRolePolicy",
  SERVICE_ROLE_ROOT,
  "ANPAZHEARTHROLEPOLICY",
  "Logs and metrics of managed integrations, each account into its own.",
  [
    {
      Sid: "CloudWatchLogs",
      Effect: "Allow",
      Action: ["logs:CreateLogGroup"],
      Resource: [LOG_GROUPS],
      Condition: IN_OWN_ACCOUNT,
    },
    {
      Sid: "CloudWatchStreams",
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: [`${LOG_GROUPS}:log-stream:*`],
      Condition: IN_OWN_ACCOUNT,
    },
    METRICS,
  ],
);

/** What the service-linked role may. */
export const serviceRolePolicy = managedPolicy(
  "AWSIoTManagedIntegrationsServiceRolePolicy",
  SERVICE_ROLE_ROOT,
  "ANPAZHEARTHSERVICEROL",
  "Logs and metrics that managed integrations writes by its service-linked role.",
  [
    {
      Sid: "CloudWatchLogs",
      Effect: "Allow",
      Action: ["logs:CreateLogGroup", "logs:DescribeLogGroups"],
      Resource: [LOG_GROUPS],
    },
    {
      Sid: "CloudWatchStreams",
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      Resource: [LOG_GROUPS, `${LOG_GROUPS}:log-stream:*`],
    },
    METRICS,
  ],
);

/** In the order of their names. */
export const managedPolicies: readonly ManagedPolicy[] = [fullAccess, rolePolicy, serviceRolePolicy];

export const managedPolicyOf = (arn: string): ManagedPolicy | undefined =>
  managedPolicies.find((policy) => policy.arn === arn);
