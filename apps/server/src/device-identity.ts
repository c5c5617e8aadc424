import type { TLSSocket } from "node:tls";
import {
  type Auth,
  authenticateCertificate,
  type DeviceDirectory,
  devicePermissions,
  type NamedAccount,
} from "@hearth/auth";
import type { Clock } from "@hearth/base";
import type { ConnectionCause, ConnectionIdentity, ConnectionParty, IdentifyByConnect } from "@hearth/broker";
import type { AutoRegistration } from "@hearth/iot";
import type { ClientIds } from "@hearth/managed";
import { peerCertificate } from "./peer-certificate.ts";
import { socketAddresses } from "./socket-addresses.ts";

export type Identified =
  | { identity: ConnectionIdentity }
  | { refused: string; cause: ConnectionCause; party: ConnectionParty };

/** What whoever looks after the device can do about a certificate that is not let in. */
const ADVICE = {
  unknown:
    "Register it (RegisterCertificateWithoutCA), or let the device use one that CreateKeysAndCertificate made here; an account's devices connect to what its DescribeEndpoint answers.",
  "in several accounts":
    "The device has to connect to what its account's DescribeEndpoint answers, and to send it as SNI.",
  "not-active": "UpdateCertificate with newStatus ACTIVE lets it in, unless it was revoked for good.",
  "not-yet-valid": "Look at the clocks of the server and of whoever made it.",
  expired: "The device needs a new one.",
} as const;

/**
 * Who stands behind a TLS connection, by the certificate that it proved to hold. `named`: the account that its server
 * name stands for.
 */
export async function identifyDevice(
  socket: TLSSocket,
  named: NamedAccount | undefined,
  deps: { directory: DeviceDirectory; clientIds: ClientIds; clock: Clock; autoRegistration: AutoRegistration },
): Promise<Identified> {
  const addresses = socketAddresses(socket);
  const { sourceIp } = addresses;
  const der = peerCertificate(socket);
  if (!der) {
    const refused =
      "The client showed no certificate. MQTT over TLS needs the device's certificate and its private key: give both to its TLS library. Some show none, too, when they do not trust the server's.";
    return { refused, cause: "no certificate", party: { sourceIp, protocol: "TLS" } };
  }
  const verdict = await authenticateCertificate(deps.directory, der, deps.clock.now(), named);
  if ("refusal" in verdict) {
    const { accountId, certificateId, refusal, reason } = verdict;
    if (refusal === "unknown" || refusal === "not-active") {
      const registered = await deps.autoRegistration.register(der, named);
      if (registered) {
        const { told, accountId } = registered;
        const party = { accountId, certificateId, principalId: certificateId, sourceIp };
        return { refused: told, cause: "certificate not-active", party: { ...party, protocol: "TLS" } };
      }
    }
    const party = { accountId, certificateId, principalId: certificateId, sourceIp };
    return {
      refused: `${reason} ${ADVICE[refusal]}`,
      cause: `certificate ${refusal}`,
      party: { ...party, protocol: "TLS" },
    };
  }
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

/** Who stands behind a connection whose client chose, by ALPN `mqtt`, to be judged by a custom authorizer. */
export function identifyByAuthorizer(
  auth: Pick<Auth, "authorizeCustom">,
  socket: TLSSocket,
  serverName: string | undefined,
): IdentifyByConnect {
  const addresses = socketAddresses(socket);
  return async ({ clientId, username, password }) => {
    const verdict = await auth.authorizeCustom({
      tls: serverName === undefined ? {} : { serverName },
      mqtt: { clientId, ...(username === undefined ? {} : { username }), ...(password ? { password } : {}) },
      sourceIp: addresses.sourceIp,
    });
    return "refused" in verdict ? verdict : { identity: { ...verdict.identity, ...addresses } };
  };
}
