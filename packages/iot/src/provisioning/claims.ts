import { createHash } from "node:crypto";
import type { Write } from "@hearth/backplane";
import { ServiceError } from "@hearth/contract";
import { readCertificatePem } from "../credentials/certificate.ts";
import type { Certificates } from "../credentials/certificates.ts";
import type { Policies } from "../credentials/policies.ts";
import { insertPolicyAttachment } from "../credentials/policy-store.ts";
import type { Place } from "../storage/place.ts";
import { deleteTemplate } from "./template-store.ts";
import type { Templates } from "./templates.ts";

/** A claim: a certificate that a product's devices share until each has its own, and the template that admits them. */
export interface Claim extends Place {
  templateName: string;
  templateBody: string;
  /** Name of the pre-provisioning hook. */
  hook: string;
  /** What the claim certificate may do. */
  policyDocument: string;
  /** The caller's own claim certificate; absent: a new one with its key. */
  certificatePem?: string;
}

export interface Claims {
  /**
   * An ACTIVE certificate that carries only the policy, and a template that admits this certificate alone, in the
   * writes; a taken name or certificate is a `UniqueViolation`. Throws `ValidationException`, `InvalidRequestException`.
   */
  create(
    claim: Claim,
  ): Promise<{ certificateId: string; certificatePem: string; privateKey?: string; writes: readonly Write[] }>;
  /** Takes all that away. On `WriteConflict` ask again. `closed` is to be called after the commit. */
  remove(
    claim: Place & { templateName: string; certificateId: string },
  ): Promise<{ writes: readonly Write[]; closed: () => void }>;
}

export interface ClaimsDeps {
  certificates: Certificates;
  policies: Policies;
  templates: Templates;
}

/** A name of its own for each claim: the template's alone might be that of somebody's policy. */
const policyNameOf = (templateName: string, certificateId: string): string =>
  `claim-${templateName}-${createHash("sha256").update(certificateId).digest("hex").slice(0, 16)}`;

export function createClaims({ certificates, policies, templates }: ClaimsDeps): Claims {
  async function certificateOf(at: Place, pem: string | undefined) {
    if (pem === undefined) {
      const { issued, keyPair } = await certificates.issueWithKey(at.accountId);
      const write = certificates.insert(at, issued, "ACTIVE");
      return { ...issued, privateKey: keyPair.privateKey, write };
    }
    try {
      const read = readCertificatePem(pem);
      return { ...read, privateKey: undefined, write: certificates.insert(at, read, "ACTIVE", "SNI_ONLY") };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      throw new ServiceError("ValidationException", error.message);
    }
  }

  return {
    async create(claim) {
      const at = { accountId: claim.accountId, region: claim.region };
      const { certificateId, certificatePem, privateKey, write } = await certificateOf(at, claim.certificatePem);
      const policyName = policyNameOf(claim.templateName, certificateId);
      return {
        certificateId,
        certificatePem,
        ...(privateKey === undefined ? {} : { privateKey }),
        writes: [
          write,
          ...policies.planCreate(at, policyName, claim.policyDocument),
          insertPolicyAttachment(at, policyName, certificateId),
          templates.planCreate(at, {
            templateName: claim.templateName,
            body: claim.templateBody,
            hook: claim.hook,
            claimCertificateId: certificateId,
          }),
        ],
      };
    },

    async remove({ accountId, region, templateName, certificateId }) {
      const at = { accountId, region };
      const certificate = await certificates.planRemoval(at, certificateId);
      const policy = await policies.planRemoval(at, policyNameOf(templateName, certificateId));
      return {
        writes: [deleteTemplate(at, templateName), ...policy.writes, ...certificate.writes],
        closed() {
          policy.committed();
          certificate.committed();
        },
      };
    },
  };
}
