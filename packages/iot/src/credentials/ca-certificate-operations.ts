import { type IotOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { decodeTimeToken } from "../storage/page.ts";
import { caCertificateArn } from "./ca-certificate.ts";
import type { CaCertificates } from "./ca-certificates.ts";
import { certificateArn, normalCertificateId } from "./certificate.ts";
import type { Certificates } from "./certificates.ts";

const PAGE = 25;

const onCa = (input: { certificateId: string }, request: RequestContext): string[] => [
  caCertificateArn(request, normalCertificateId(input.certificateId)),
];

/** Only the JITR profiles of managed integrations have templates that CAs lead to. */
const noTemplates = (registrationConfig: unknown): void => {
  if (registrationConfig === undefined) return;
  throw new ServiceError(
    "NotImplementedException",
    "Just-in-time provisioning by registrationConfig is not implemented.",
  );
};

/** The CAs of customers as API operations, and what they have signed (reference 6). */
export function createCaCertificateOperations(deps: { cas: CaCertificates; certificates: Certificates }) {
  const { cas, certificates } = deps;
  return {
    GetRegistrationCode: {
      handle: async (_input, request) => ({ registrationCode: await cas.registrationCode(request) }),
    },

    RegisterCACertificate: {
      handle: async (input, request) => {
        noTemplates(input.registrationConfig);
        const { certificateId } = await cas.register(request, {
          pem: input.caCertificate,
          ...(input.verificationCertificate === undefined ? {} : { verificationPem: input.verificationCertificate }),
          active: input.setAsActive ?? false,
          autoRegistration: input.allowAutoRegistration ?? false,
          mode: input.certificateMode ?? "DEFAULT",
        });
        return { certificateArn: caCertificateArn(request, certificateId), certificateId };
      },
    },

    DescribeCACertificate: {
      resources: onCa,
      handle: async (input, request) => {
        const ca = await cas.get(request, normalCertificateId(input.certificateId));
        return {
          certificateDescription: {
            certificateArn: caCertificateArn(request, ca.certificateId),
            certificateId: ca.certificateId,
            status: ca.status,
            certificatePem: ca.certificatePem,
            ownedBy: request.accountId,
            creationDate: ca.createdAt / 1000,
            lastModifiedDate: ca.modifiedAt / 1000,
            autoRegistrationStatus: ca.autoRegistration ? ("ENABLE" as const) : ("DISABLE" as const),
            customerVersion: ca.customerVersion,
            generationId: ca.generationId,
            validity: { notBefore: ca.notBefore / 1000, notAfter: ca.notAfter / 1000 },
            certificateMode: ca.certificateMode,
          },
          ...(ca.templateName === undefined ? {} : { registrationConfig: { templateName: ca.templateName } }),
        };
      },
    },

    UpdateCACertificate: {
      resources: onCa,
      handle: async (input, request) => {
        noTemplates(input.registrationConfig);
        const wanted = input.newAutoRegistrationStatus;
        const autoRegistration = input.removeAutoRegistration ? false : wanted && wanted === "ENABLE";
        await cas.update(request, normalCertificateId(input.certificateId), {
          ...(input.newStatus === undefined ? {} : { status: input.newStatus }),
          ...(autoRegistration === undefined ? {} : { autoRegistration }),
        });
        return {};
      },
    },

    ListCACertificates: {
      handle: async (input, request) => {
        const after = decodeTimeToken(input.marker);
        const page = await cas.list(request, {
          ...(after && { after }),
          limit: input.pageSize ?? PAGE,
          ascending: input.ascendingOrder ?? false,
          ...(input.templateName === undefined ? {} : { templateName: input.templateName }),
        });
        return {
          certificates: page.rows.map((ca) => ({
            certificateArn: caCertificateArn(request, ca.certificateId),
            certificateId: ca.certificateId,
            status: ca.status,
            creationDate: ca.createdAt / 1000,
          })),
          nextMarker: page.nextToken,
        };
      },
    },

    DeleteCACertificate: {
      resources: onCa,
      handle: async (input, request) => {
        await cas.remove(request, normalCertificateId(input.certificateId));
        return {};
      },
    },

    ListCertificatesByCA: {
      resources: (input, request) => onCa({ certificateId: input.caCertificateId }, request),
      handle: async (input, request) => {
        const after = decodeTimeToken(input.marker);
        const ascending = input.ascendingOrder ?? false;
        const ca = normalCertificateId(input.caCertificateId);
        const page = await certificates.list(request, after, input.pageSize ?? PAGE, ascending, ca);
        return {
          certificates: page.rows.map((certificate) => ({
            certificateArn: certificateArn(request, certificate.certificateId),
            certificateId: certificate.certificateId,
            status: certificate.status,
            certificateMode: certificate.certificateMode,
            creationDate: certificate.createdAt / 1000,
          })),
          nextMarker: page.nextToken,
        };
      },
    },

    RegisterCertificate: {
      handle: async (input, request) => {
        const status = input.status ?? (input.setAsActive ? "ACTIVE" : "INACTIVE");
        const { certificateId } = await cas.registerSigned(
          request,
          input.certificatePem,
          input.caCertificatePem,
          status,
        );
        return { certificateArn: certificateArn(request, certificateId), certificateId };
      },
    },
  } satisfies OperationTable<IotOperations>;
}
