import type { Iam, IamOperations, OperationTable, RequestContext } from "@hearth/contract";
import type { AttachmentStore } from "./attachment-store.ts";
import { cutPage, encodeDocument, invalidInput, noSuchEntity, PAGE, readMarker } from "./entity.ts";
import { MANAGED_POLICY_VERSION, type ManagedPolicy, managedPolicies, managedPolicyOf } from "./managed-policies.ts";

export type PolicyOperations = OperationTable<Pick<IamOperations, "GetPolicy" | "GetPolicyVersion" | "ListPolicies">>;

const POLICY_ARN = /^arn:aws:iam::(aws|\d{12}):policy\/./;

/** Throws `InvalidInputException` for what is not the ARN of a policy. */
export function checkPolicyArn(policyArn: string): void {
  if (!POLICY_ARN.test(policyArn)) throw invalidInput(`ARN ${policyArn} is not valid.`);
}

/** Throws `InvalidInputException` for what is not the ARN of a policy, `NoSuchEntityException` for one that nobody knows. */
export function requirePolicy(policyArn: string): ManagedPolicy {
  checkPolicyArn(policyArn);
  const policy = managedPolicyOf(policyArn);
  if (!policy) throw noSuchEntity(`Policy ${policyArn} does not exist or is not attachable.`);
  return policy;
}

/** The managed policies themselves: to be read, for nobody can make or change one here. */
export function createPolicyOperations({ attachments }: { attachments: AttachmentStore }): PolicyOperations {
  return {
    GetPolicy: {
      resources: ({ PolicyArn }) => [PolicyArn],
      async handle({ PolicyArn }, { accountId }: RequestContext) {
        const policy = requirePolicy(PolicyArn);
        return { Policy: present(policy, await attachments.count(accountId)) };
      },
    },

    GetPolicyVersion: {
      resources: ({ PolicyArn }) => [PolicyArn],
      async handle({ PolicyArn, VersionId }) {
        const { document, createdAt } = requirePolicy(PolicyArn);
        if (VersionId !== MANAGED_POLICY_VERSION) {
          throw noSuchEntity(`Policy ${PolicyArn} version ${VersionId} does not exist or is not attachable.`);
        }
        return {
          PolicyVersion: {
            Document: encodeDocument(document),
            VersionId,
            IsDefaultVersion: true,
            CreateDate: Math.floor(createdAt / 1000),
          },
        };
      },
    },

    ListPolicies: {
      async handle(input, { accountId }) {
        const { Scope = "All", OnlyAttached = false, PathPrefix = "/", PolicyUsageFilter, Marker } = input;
        const { MaxItems = PAGE } = input;
        const counts = await attachments.count(accountId);
        const after = readMarker(Marker);
        // None is a customer's, and none a boundary.
        const none = Scope === "Local" || PolicyUsageFilter === "PermissionsBoundary";
        const found = managedPolicies.filter(
          ({ arn, name, path }) =>
            !none && name > after && path.startsWith(PathPrefix) && (!OnlyAttached || counts.has(arn)),
        );
        const { page, rest } = cutPage(found, MaxItems, (policy) => policy.name);
        return { Policies: page.map((policy) => present(policy, counts)), ...rest };
      },
    },
  };
}

const present = (policy: ManagedPolicy, counts: ReadonlyMap<string, number>): Iam.Policy => ({
  PolicyName: policy.name,
  PolicyId: policy.policyId,
  Arn: policy.arn,
  Path: policy.path,
  DefaultVersionId: MANAGED_POLICY_VERSION,
  AttachmentCount: counts.get(policy.arn) ?? 0,
  PermissionsBoundaryUsageCount: 0,
  IsAttachable: policy.attachable,
  Description: policy.description,
  CreateDate: Math.floor(policy.createdAt / 1000),
  UpdateDate: Math.floor(policy.createdAt / 1000),
});
