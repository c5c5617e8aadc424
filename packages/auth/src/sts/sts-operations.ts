import { type OperationTable, ServiceError, type StsOperations } from "@hearth/contract";
import type { RoleAssumption } from "./assume-role.ts";

/** What AssumeRole could be asked for beyond what is built; ignoring any of it would grant something else. */
const NOT_BUILT = [
  "PolicyArns",
  "Tags",
  "TransitiveTagKeys",
  "SerialNumber",
  "TokenCode",
  "SourceIdentity",
  "ProvidedContexts",
] as const;

export function createStsOperations(
  assumption: RoleAssumption,
): OperationTable<Pick<StsOperations, "AssumeRole" | "GetCallerIdentity">> {
  return {
    /** Needs no permission (AWS: STS API Reference, GetCallerIdentity). */
    GetCallerIdentity: {
      handle: async (_input, { principal }) => ({
        UserId: principal.principalId,
        Account: principal.accountId,
        Arn: principal.arn,
      }),
    },

    AssumeRole: {
      resources: ({ RoleArn }) => [RoleArn],
      async handle(input, { principal, sourceIp, now }) {
        const unbuilt = NOT_BUILT.find((name) => {
          const value = input[name];
          return Array.isArray(value) ? value.length > 0 : value !== undefined;
        });
        if (unbuilt)
          throw new ServiceError("NotImplementedException", `AssumeRole with ${unbuilt} is not implemented.`);
        const { session, token } = await assumption.assumeRole(principal, {
          roleArn: input.RoleArn,
          sessionName: input.RoleSessionName,
          duration: input.DurationSeconds,
          externalId: input.ExternalId,
          sessionPolicy: input.Policy,
          context: { "aws:SourceIp": sourceIp },
          now,
        });
        const { accountId, roleName, roleId, sessionName, sessionPolicy } = session;
        return {
          Credentials: {
            AccessKeyId: session.accessKeyId,
            SecretAccessKey: session.secretAccessKey,
            SessionToken: token,
            Expiration: session.expiresAt / 1000,
          },
          AssumedRoleUser: {
            AssumedRoleId: `${roleId}:${sessionName}`,
            Arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`,
          },
          ...(sessionPolicy !== undefined && { PackedPolicySize: Math.ceil((sessionPolicy.length / 2048) * 100) }),
        };
      },
    },
  };
}
