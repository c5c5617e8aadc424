import { onConflictAgain } from "@hearth/backplane";
import {
  type OperationTable,
  type RequestContext,
  type SecretsmanagerOperations,
  ServiceError,
} from "@hearth/contract";
import { arnOf, requireLiving } from "./secret.ts";
import { given } from "./secret-access.ts";
import type { SecretDeps } from "./secret-operations.ts";
import { isPublic, readPolicy } from "./secret-policy.ts";

type Names = "DeleteResourcePolicy" | "GetResourcePolicy" | "PutResourcePolicy" | "ValidateResourcePolicy";

const PUBLIC =
  "The policy allows everybody, which BlockPublicPolicy forbids. Name principals, or narrow it down by a condition.";

/** Who else may use a secret. */
export function policyOperations({
  database,
  store,
  access,
}: SecretDeps): OperationTable<Pick<SecretsmanagerOperations, Names>> {
  const setPolicy = (input: { SecretId: string }, request: RequestContext, policy: string | undefined) =>
    onConflictAgain(async () => {
      const secret = await access.find(input, request);
      requireLiving(secret);
      await database.commit([store.update(secret, { policy, changedAt: request.now })]);
      return { ARN: arnOf(secret), Name: secret.name };
    });

  return {
    PutResourcePolicy: {
      ...access.onSecret(({ BlockPublicPolicy }) => given({ "secretsmanager:BlockPublicPolicy": BlockPublicPolicy })),
      async handle(input, request) {
        const document = readPolicy(input.ResourcePolicy);
        if (input.BlockPublicPolicy && isPublic(document)) throw new ServiceError("PublicPolicyException", PUBLIC);
        return setPolicy(input, request, input.ResourcePolicy);
      },
    },

    GetResourcePolicy: {
      ...access.onSecret(),
      async handle(input, request) {
        const secret = await access.find(input, request);
        requireLiving(secret);
        const { policy, name } = secret;
        return { ARN: arnOf(secret), Name: name, ...(policy !== undefined && { ResourcePolicy: policy }) };
      },
    },

    DeleteResourcePolicy: {
      ...access.onSecret(),
      handle: (input, request) => setPolicy(input, request, undefined),
    },

    ValidateResourcePolicy: {
      ...access.onSecret(),
      async resources(input, request) {
        return input.SecretId === undefined ? ["*"] : access.onSecret().resources(input, request);
      },
      async handle(input, request) {
        if (input.SecretId !== undefined) requireLiving(await access.find({ SecretId: input.SecretId }, request));
        const faults = isPublic(readPolicy(input.ResourcePolicy))
          ? [{ CheckName: "PublicPolicy", ErrorMessage: PUBLIC }]
          : [];
        return { PolicyValidationPassed: faults.length === 0, ValidationErrors: faults };
      },
    },
  };
}
