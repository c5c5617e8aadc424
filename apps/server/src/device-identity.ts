import type { TLSSocket } from "node:tls";
import { authenticateCertificate, type DeviceDirectory, devicePermissions } from "@hearth/auth";
import type { Clock } from "@hearth/base";
import type { ConnectionIdentity } from "@hearth/broker";
import type { ClientIds } from "@hearth/managed";
import { socketAddresses } from "./socket-addresses.ts";

export type Identified = { identity: ConnectionIdentity } | { refused: string };

/** Who stands behind a TLS connection, by the certificate that it proved to hold. */
export async function identifyDevice(
  socket: TLSSocket,
  deps: { directory: DeviceDirectory; clientIds: ClientIds; clock: Clock },
): Promise<Identified> {
  const addresses = socketAddresses(socket);
  const { sourceIp } = addresses;
  // Also set on a resumed connection: the session carries the certificate.
  const der = socket.getPeerCertificate(false)?.raw;
  if (!der) return { refused: "no client certificate" };
  const verdict = await authenticateCertificate(deps.directory, der, deps.clock.now());
  if ("refusal" in verdict) return { refused: verdict.reason };
  const { accountId, region, certificateId } = verdict.certificate;
  return {
    identity: {
      accountId,
      region,
      principalId: certificateId,
      certificateId,
      certificateDer: der,
      ...addresses,
      async permissionsFor(clientId) {
        const permissions = await devicePermissions(deps.directory, {
          accountId,
          region,
          certificateId,
          certificateDer: der,
          clientId,
          sourceIp,
        });
        const thingName = permissions.thing?.thingName;
        // Whose registered thing it is was asked above; only others cost a question more.
        const foreign =
          thingName !== clientId &&
          (await deps.clientIds.belongsToAnother({ accountId, region, clientId, certificateId }));
        if (foreign) return { allows: () => ({ allowed: false, reason: "the client id is another device's" }) };
        return { allows: permissions.allows, thingName };
      },
    },
  };
}
