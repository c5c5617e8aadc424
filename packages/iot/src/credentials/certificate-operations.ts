import type { IotOperations, OperationTable, RequestContext } from "@hearth/contract";
import { ServiceError } from "@hearth/contract";
import { decodeTimeToken } from "../storage/page.ts";
import type { Place } from "../storage/place.ts";
import { certificateArn, normalCertificateId } from "./certificate.ts";
import type { Certificates } from "./certificates.ts";

/** Certificates and the device endpoint as API operations (reference 6, 1.1). */
export interface CertificateOperationsDeps {
  certificates: Certificates;
  /** The host name that an account's devices connect to; the API's model allows no port. */
  endpointOf(at: Place): string;
}

const PAGE = 25;
const ENDPOINT_TYPES = ["iot:Data", "iot:Data-ATS", "iot:CredentialProvider", "iot:Jobs"];

const onCertificate = (input: { certificateId: string }, request: RequestContext): string[] => [
  certificateArn(request, normalCertificateId(input.certificateId)),
];

export function createCertificateOperations({ certificates, endpointOf }: CertificateOperationsDeps) {
  return {
    CreateKeysAndCertificate: {
      handle: async (input, request) => {
        const { issued, keyPair } = await certificates.createWithKey(request, initialStatus(input));
        return {
          certificateArn: certificateArn(request, issued.certificateId),
          certificateId: issued.certificateId,
          certificatePem: issued.certificatePem,
          keyPair: { PublicKey: keyPair.publicKey, PrivateKey: keyPair.privateKey },
        };
      },
    },

    CreateCertificateFromCsr: {
      handle: async (input, request) => {
        const { certificateId, certificatePem } = await certificates.createFromRequest(
          request,
          input.certificateSigningRequest,
          initialStatus(input),
        );
        return { certificateArn: certificateArn(request, certificateId), certificateId, certificatePem };
      },
    },

    RegisterCertificateWithoutCA: {
      handle: async (input, request) => {
        const status = input.status ?? "INACTIVE";
        const { certificateId } = await certificates.registerWithoutCa(request, input.certificatePem, status);
        return { certificateArn: certificateArn(request, certificateId), certificateId };
      },
    },

    DescribeCertificate: {
      resources: onCertificate,
      handle: async (input, request) => {
        const certificate = await certificates.get(request, normalCertificateId(input.certificateId));
        return {
          certificateDescription: {
            certificateArn: certificateArn(request, certificate.certificateId),
            certificateId: certificate.certificateId,
            status: certificate.status,
            certificatePem: certificate.certificatePem,
            ownedBy: request.accountId,
            caCertificateId: certificate.caCertificateId,
            creationDate: certificate.createdAt / 1000,
            lastModifiedDate: certificate.modifiedAt / 1000,
            customerVersion: certificate.customerVersion,
            generationId: certificate.generationId,
            validity: { notBefore: certificate.notBefore / 1000, notAfter: certificate.notAfter / 1000 },
            certificateMode: certificate.certificateMode,
          },
        };
      },
    },

    ListCertificates: {
      handle: async (input, request) => {
        const after = decodeTimeToken(input.marker);
        const ascending = input.ascendingOrder ?? false;
        const page = await certificates.list(request, after, input.pageSize ?? PAGE, ascending);
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

    UpdateCertificate: {
      resources: onCertificate,
      handle: async (input, request) => {
        await certificates.setStatus(request, normalCertificateId(input.certificateId), input.newStatus);
        return {};
      },
    },

    DeleteCertificate: {
      resources: onCertificate,
      handle: async (input, request) => {
        const certificateId = normalCertificateId(input.certificateId);
        await certificates.remove(request, certificateId, input.forceDelete ?? false);
        return {};
      },
    },

    /** One host of an account serves every kind of endpoint. */
    DescribeEndpoint: {
      handle: async (input, request) => {
        if (input.endpointType !== undefined && !ENDPOINT_TYPES.includes(input.endpointType)) {
          throw new ServiceError(
            "InvalidRequestException",
            `Endpoint type must be one of ${ENDPOINT_TYPES.join(", ")}`,
          );
        }
        return { endpointAddress: endpointOf(request) };
      },
    },
  } satisfies OperationTable<IotOperations>;
}

const initialStatus = (input: { setAsActive?: boolean }) => (input.setAsActive ? "ACTIVE" : "INACTIVE");
