import { hash } from "node:crypto";
import type { DeviceCertificate, DeviceDirectory } from "../device-directory.ts";
import type { NamedAccount } from "./endpoint-names.ts";

export type CertificateVerdict =
  | { certificate: DeviceCertificate }
  | {
      refusal: "unknown" | "in several accounts" | "not-active" | "not-yet-valid" | "expired";
      /** For the log: a client that is refused in the handshake sees a closed connection only. */
      reason: string;
      certificateId: string;
      /** Whose it is as far as that is known. */
      accountId?: string;
    };

/** Lower-case hex SHA-256 of the DER (reference 6). */
export const certificateIdOf = (der: Uint8Array): string => hash("sha256", der);

/**
 * Decides whether the holder of a certificate may come in. TLS has proven that the peer holds the key; in which account
 * the certificate is registered, and that it is ACTIVE there and within its dates, is checked here, at every connection,
 * resumed ones too. `named`: the account that the TLS server name speaks of.
 */
export async function authenticateCertificate(
  directory: DeviceDirectory,
  der: Uint8Array,
  now: number,
  named?: NamedAccount,
): Promise<CertificateVerdict> {
  const certificateId = certificateIdOf(der);
  const found = registrationOf(await directory.registrations(certificateId), named);
  if (found === "several") {
    const reason = `The certificate ${certificateId} is registered in several accounts: the TLS server name has to say which one is meant (DescribeEndpoint).`;
    return { refusal: "in several accounts", reason, certificateId };
  }
  if (!found) {
    const where = named ? ` in the account ${named.accountId}, which the TLS server name stands for` : "";
    const reason = `The certificate ${certificateId} is not registered${where}.`;
    return { refusal: "unknown", reason, certificateId, ...(named && { accountId: named.accountId }) };
  }
  const { accountId, status, notBefore, notAfter } = found;
  const what = { certificateId, accountId };
  if (status !== "ACTIVE") {
    return { refusal: "not-active", reason: `The certificate ${certificateId} is ${status}.`, ...what };
  }
  if (now < notBefore) {
    const reason = `The certificate ${certificateId} is valid from ${iso(notBefore)}.`;
    return { refusal: "not-yet-valid", reason, ...what };
  }
  if (now > notAfter) {
    return { refusal: "expired", reason: `The certificate ${certificateId} has expired at ${iso(notAfter)}.`, ...what };
  }
  return { certificate: found };
}

/**
 * Which registration counts (reference 6: without a CA several accounts may register a certificate, which is no secret,
 * and the server name selects). A server name that names an account means that one whatever its status is; otherwise the
 * account that the certificate was issued to; otherwise the only one there is.
 */
function registrationOf(
  registrations: readonly DeviceCertificate[],
  named: NamedAccount | undefined,
): DeviceCertificate | "several" | undefined {
  const inNamed =
    named && registrations.find(({ accountId, region }) => accountId === named.accountId && region === named.region);
  if (named?.only) return inNamed;
  const issued = registrations.find(({ issuedHere }) => issuedHere);
  if (issued || named) return issued ?? inNamed;
  return registrations.length > 1 ? "several" : registrations[0];
}

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
