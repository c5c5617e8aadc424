import type { Write } from "@hearth/backplane";
import { ServiceError } from "@hearth/contract";
import type { CaCertificates } from "../credentials/ca-certificates.ts";
import type { Place } from "../storage/place.ts";
import { deleteTemplate } from "./template-store.ts";
import type { Templates } from "./templates.ts";

/** A CA whose signature is a product's claim, and the template that admits what it signed (reference 3.3, JITR). */
export interface CaClaim extends Place {
  templateName: string;
  templateBody: string;
  /** Name of the pre-provisioning hook. */
  hook: string;
  caCertificatePem: string;
}

export function createCaClaims({ cas, templates }: { cas: CaCertificates; templates: Templates }) {
  const planned = (at: Place, claim: CaClaim) => {
    try {
      return cas.planRegistration(at, claim.caCertificatePem, claim.templateName);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      throw new ServiceError("ValidationException", `CaCertificate: ${error.message}`);
    }
  };
  return {
    /** An ACTIVE CA with its template, in the writes; a taken name or CA is a `UniqueViolation`. Throws `ValidationException`. */
    create(claim: CaClaim): { caCertificateId: string; writes: readonly Write[] } {
      const at = { accountId: claim.accountId, region: claim.region };
      const { certificateId, write } = planned(at, claim);
      const template = templates.planCreate(at, {
        templateName: claim.templateName,
        body: claim.templateBody,
        hook: claim.hook,
        // No device comes with the CA's own certificate: the template is for what it has signed.
        claimCertificateId: certificateId,
      });
      return { caCertificateId: certificateId, writes: [write, template] };
    },

    /** Takes all that away; devices that were admitted stay. On `WriteConflict` ask again. */
    async remove(claim: Place & { templateName: string; caCertificateId: string }): Promise<readonly Write[]> {
      const at = { accountId: claim.accountId, region: claim.region };
      return [deleteTemplate(at, claim.templateName), ...(await cas.planRemoval(at, claim.caCertificateId))];
    },
  };
}

export type CaClaims = ReturnType<typeof createCaClaims>;
