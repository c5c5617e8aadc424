import { type HearthOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { CertificateAuthority } from "@hearth/iot";
import type { ServerCertificate } from "./server-certificate.ts";

/**
 * RotateDeviceAuthority and RotateServerCertificate of the `hearth` service. Both are everybody's, so only the
 * installation's own account may ask. Connections that are open go on; what was issued before stays valid.
 */
export function rotationOperations(deps: {
  authority: Pick<CertificateAuthority, "rotate">;
  /** Issues another server certificate under the same root and shows it from the next handshake on. */
  renewServerCertificate(): Promise<ServerCertificate>;
  /** The installation's own account. */
  accountId: string;
}) {
  const { authority, renewServerCertificate, accountId } = deps;
  const operatorOnly = (request: RequestContext) => {
    if (request.accountId !== accountId) {
      throw new ServiceError("AccessDeniedException", `Keys of the installation are for account ${accountId} only.`);
    }
  };
  return {
    RotateDeviceAuthority: {
      async handle(_, request) {
        operatorOnly(request);
        return { CertificatePem: await authority.rotate() };
      },
    },
    RotateServerCertificate: {
      async handle(_, request) {
        operatorOnly(request);
        const { chain, notAfter } = await renewServerCertificate();
        return { CertificatePem: chain, NotAfter: notAfter / 1000 };
      },
    },
  } satisfies OperationTable<HearthOperations>;
}
