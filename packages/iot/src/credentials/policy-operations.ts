import { type IotOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { decodeToken, encodeToken } from "../storage/page.ts";
import { certificateArn, principalCertificateId } from "./certificate.ts";
import type { Policies } from "./policies.ts";
import { noPolicyVersion, policyArn } from "./policy.ts";

/** Policies as API operations (reference 7). */
export interface PolicyOperationsDeps {
  policies: Policies;
}

const PAGE = 25;

const onPolicy = (input: { policyName: string }, request: RequestContext): string[] => [
  policyArn(request, input.policyName),
];
const onTarget = (input: { target: string }): string[] => [input.target];
const onPrincipal = (input: { principal: string }): string[] => [input.principal];

export function createPolicyOperations({ policies }: PolicyOperationsDeps) {
  const summary = (policyName: string, request: RequestContext) => ({
    policyName,
    policyArn: policyArn(request, policyName),
  });

  const attach = async (policyName: string, target: string, request: RequestContext) => {
    await policies.attach(request, policyName, principalCertificateId(request, target));
    return {};
  };

  const detach = async (policyName: string, target: string, request: RequestContext, foreign?: () => ServiceError) => {
    await policies.detach(request, policyName, principalCertificateId(request, target, foreign));
    return {};
  };

  /** A principal has ten policies at most, but a page may be asked to be smaller. */
  async function attached(target: string, input: Paged, request: RequestContext) {
    const [after] = decodeToken(input.marker) ?? [];
    const all = await policies.attachedTo(request, principalCertificateId(request, target));
    const names = input.ascendingOrder === false ? all.reverse() : all;
    const start = after === undefined ? 0 : names.indexOf(after) + 1;
    const page = names.slice(start, start + (input.pageSize ?? PAGE));
    const more = start + page.length < names.length;
    return {
      policies: page.map((name) => summary(name, request)),
      nextMarker: more ? markerAfter(page) : undefined,
    };
  }

  async function targets(policyName: string, input: Paged, request: RequestContext) {
    const [after] = decodeToken(input.marker) ?? [];
    const page = await policies.targets(request, policyName, after, input.pageSize ?? PAGE);
    return { targets: page.rows.map((id) => certificateArn(request, id)), nextMarker: page.nextToken };
  }

  return {
    CreatePolicy: {
      resources: onPolicy,
      handle: async (input, request) => {
        await policies.create(request, input.policyName, input.policyDocument);
        return { ...summary(input.policyName, request), policyDocument: input.policyDocument, policyVersionId: "1" };
      },
    },

    GetPolicy: {
      resources: onPolicy,
      handle: async (input, request) => {
        const { policy, versions } = await policies.get(request, input.policyName);
        return {
          ...summary(policy.policyName, request),
          policyDocument: versions.find((version) => version.version === policy.defaultVersion)?.document,
          defaultVersionId: String(policy.defaultVersion),
          creationDate: policy.createdAt / 1000,
          lastModifiedDate: policy.modifiedAt / 1000,
          generationId: policy.generationId,
        };
      },
    },

    ListPolicies: {
      handle: async (input, request) => {
        const [after] = decodeToken(input.marker) ?? [];
        const page = await policies.list(request, after, input.pageSize ?? PAGE, input.ascendingOrder ?? true);
        return { policies: page.rows.map((name) => summary(name, request)), nextMarker: page.nextToken };
      },
    },

    DeletePolicy: {
      resources: onPolicy,
      handle: async (input, request) => {
        await policies.remove(request, input.policyName);
        return {};
      },
    },

    CreatePolicyVersion: {
      resources: onPolicy,
      handle: async (input, request) => {
        const isDefaultVersion = input.setAsDefault ?? false;
        const version = await policies.createVersion(request, input.policyName, input.policyDocument, isDefaultVersion);
        return {
          policyArn: policyArn(request, input.policyName),
          policyDocument: input.policyDocument,
          policyVersionId: String(version.version),
          isDefaultVersion,
        };
      },
    },

    GetPolicyVersion: {
      resources: onPolicy,
      handle: async (input, request) => {
        const { policy, versions } = await policies.get(request, input.policyName);
        const version = versions.find((candidate) => String(candidate.version) === input.policyVersionId);
        if (!version) throw noPolicyVersion(input.policyName, input.policyVersionId);
        return {
          ...summary(policy.policyName, request),
          policyDocument: version.document,
          policyVersionId: String(version.version),
          isDefaultVersion: version.version === policy.defaultVersion,
          creationDate: version.createdAt / 1000,
          lastModifiedDate: version.createdAt / 1000,
          generationId: policy.generationId,
        };
      },
    },

    ListPolicyVersions: {
      resources: onPolicy,
      handle: async (input, request) => {
        const { policy, versions } = await policies.get(request, input.policyName);
        return {
          policyVersions: versions.map((version) => ({
            versionId: String(version.version),
            isDefaultVersion: version.version === policy.defaultVersion,
            createDate: version.createdAt / 1000,
          })),
        };
      },
    },

    SetDefaultPolicyVersion: {
      resources: onPolicy,
      handle: async (input, request) => {
        await policies.setDefaultVersion(request, input.policyName, input.policyVersionId);
        return {};
      },
    },

    DeletePolicyVersion: {
      resources: onPolicy,
      handle: async (input, request) => {
        await policies.removeVersion(request, input.policyName, input.policyVersionId);
        return {};
      },
    },

    AttachPolicy: { resources: onTarget, handle: (input, request) => attach(input.policyName, input.target, request) },
    DetachPolicy: {
      resources: onTarget,
      handle: (input, request) => {
        // DetachPolicy models no ResourceNotFoundException: what cannot be attached here is an invalid target.
        const foreign = () =>
          new ServiceError("InvalidRequestException", "The target is not a certificate of this account");
        return detach(input.policyName, input.target, request, foreign);
      },
    },
    AttachPrincipalPolicy: {
      resources: onPrincipal,
      handle: (input, request) => attach(input.policyName, input.principal, request),
    },
    DetachPrincipalPolicy: {
      resources: onPrincipal,
      handle: (input, request) => detach(input.policyName, input.principal, request),
    },
    ListAttachedPolicies: { resources: onTarget, handle: (input, request) => attached(input.target, input, request) },
    ListPrincipalPolicies: {
      resources: onPrincipal,
      handle: (input, request) => attached(input.principal, input, request),
    },
    ListTargetsForPolicy: {
      resources: onPolicy,
      handle: (input, request) => targets(input.policyName, input, request),
    },
    ListPolicyPrincipals: {
      resources: onPolicy,
      handle: async (input, request) => {
        const page = await targets(input.policyName, input, request);
        return { principals: page.targets, nextMarker: page.nextMarker };
      },
    },
  } satisfies OperationTable<IotOperations>;
}

interface Paged {
  marker?: string;
  pageSize?: number;
  ascendingOrder?: boolean;
}

const markerAfter = (page: readonly string[]): string => encodeToken([page[page.length - 1] as string]);
