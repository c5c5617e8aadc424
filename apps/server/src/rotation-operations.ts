import { type HearthOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { CertificateAuthority } from "@hearth/iot";
import type { ServerCertificate } from "./server-certificate.ts";

/**
 * RotateDeviceAuthority, RotateMasterKey and RotateServerCertificate of the `hearth` service. All are everybody's, so only the
 * installation's own account may ask. Connections that are open go on; what was issued before stays valid.
 */
export function rotationOperations(deps: {
  authority: Pick<CertificateAuthority, "rotate">;
  /** Undefined: the master key is not a file of ours. */
  rotateMasterKey?: (() => Promise<void>) | undefined;
  /** Issues another server certificate under the same root and shows it from the next handshake on. */
  renewServerCertificate(): Promise<ServerCertificate>;
  /** The installation's own account. */
  accountId: string;
}) {
  const { authority, rotateMasterKey, renewServerCertificate, accountId } = deps;
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
    RotateMasterKey: {
      async handle(_, request) {
        operatorOnly(request);
        if (!rotateMasterKey) {
          const message =
            "The master key is given by HEARTH_MASTER_KEY. Only one in the data directory can be rotated.";
          throw new ServiceError("ConflictException", message);
        }
        await rotateMasterKey();
        return { RotatedAt: request.now / 1000 };
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
