import { X509Certificate } from "node:crypto";
import { type Bus, type Database, onConflictAgain, type Write } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { isSignedBy, subjectAttribute, subjectHash } from "../credentials/ca-certificate.ts";
import { guardCa, registeringCas, type StoredCaCertificate } from "../credentials/ca-certificate-store.ts";
import { type ReadCertificate, readCertificatePem } from "../credentials/certificate.ts";
import { readCertificate } from "../credentials/certificate-store.ts";
import type { Certificates } from "../credentials/certificates.ts";
import { jsonMessage } from "../messaging/json-message.ts";
import { permissionsChanged } from "../messaging/message.ts";
import { platformPublisher } from "../messaging/publisher.ts";
import type { Router } from "../messaging/router.ts";
import type { Place } from "../storage/place.ts";
import type { ProvisionBySignature } from "./provisioning.ts";

/** What became of a certificate that a registered CA has signed. */
export interface AutoRegistered extends Place {
  certificateId: string;
  /** For whoever looks after the device, in words. */
  told: string;
}

export interface AutoRegistration {
  /**
   * Just-in-time registration (reference 6): of a certificate that is not registered, or that still waits for its
   * activation. Undefined when it is neither, or no CA that registers certificates has signed it. The connection ends either way: whoever
   * is admitted connects again. `at`: the account that the TLS server name stands for.
   */
  register(der: Uint8Array, at?: Place): Promise<AutoRegistered | undefined>;
}

export function createAutoRegistration(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  log: Logger;
  certificates: Pick<Certificates, "insert">;
  provision: ProvisionBySignature;
  router: Pick<Router, "send">;
}): AutoRegistration {
  const { database, bus, clock, log, certificates, provision, router } = deps;

  async function issuerOf(certificate: X509Certificate, at?: Place): Promise<StoredCaCertificate | undefined> {
    const now = clock.now();
    const named = await registeringCas(database, subjectHash(certificate.issuer), at);
    const signers = named.filter((ca) => now >= ca.notBefore && now <= ca.notAfter && isSignedBy(certificate, ca));
    // Whoever has proved to hold the key comes first; copies of one CA in several accounts say nothing without a name.
    const proven = signers.find(({ certificateMode }) => certificateMode === "DEFAULT");
    return proven ?? (signers.length === 1 ? signers[0] : undefined);
  }

  function announce(ca: StoredCaCertificate, certificateId: string, registeredAt: number): void {
    const { accountId, region } = ca;
    const topic = `$aws/events/certificates/registered/${ca.certificateId}`;
    const event = {
      certificateId,
      caCertificateId: ca.certificateId,
      timestamp: clock.now(),
      certificateStatus: "PENDING_ACTIVATION",
      awsAccountId: accountId,
      certificateRegistrationTimestamp: registeredAt,
    };
    router
      .send([jsonMessage(accountId, topic, event)], platformPublisher(accountId, region))
      ?.catch((error) => log.error({ topic, error: messageOf(error) }, "registration not announced"));
  }

  /** It waits until somebody activates it; each attempt meanwhile is told of. */
  async function wait(ca: StoredCaCertificate, read: ReadCertificate): Promise<string | undefined> {
    const { certificateId } = read;
    const known = await readCertificate(database, ca, certificateId);
    if (known && known.status !== "PENDING_ACTIVATION") return undefined;
    if (!known) {
      await database.commit([
        guardCa(ca),
        certificates.insert(ca, read, "PENDING_ACTIVATION", ca.certificateMode, ca.certificateId),
      ]);
      bus.publish(permissionsChanged, { accountId: ca.accountId, certificateIds: [certificateId] });
    }
    announce(ca, certificateId, known?.createdAt ?? clock.now());
    return `The certificate ${certificateId} is registered by its CA ${ca.certificateId} and PENDING_ACTIVATION.`;
  }

  /** The CA's template admits it, or not: then nothing is registered, and the device may try again. */
  async function admit(
    ca: StoredCaCertificate,
    templateName: string,
    read: ReadCertificate,
    certificate: X509Certificate,
  ): Promise<string | undefined> {
    const { certificateId } = read;
    // Whoever has deactivated it has done so for a reason.
    if (await readCertificate(database, ca, certificateId)) return undefined;
    const serialNumber = subjectAttribute(certificate, "CN");
    const productCode = subjectAttribute(certificate, "OU");
    const plan = await provision({
      at: { accountId: ca.accountId, region: ca.region },
      templateName,
      caCertificateId: ca.certificateId,
      certificate: read,
      parameters: {
        ...(serialNumber === undefined ? {} : { SerialNumber: serialNumber }),
        ...(productCode === undefined ? {} : { UniversalProductCode: productCode }),
      },
    });
    if ("refused" in plan) return `The template ${templateName} of its CA does not admit it: ${plan.refused}`;
    const writes: Write[] = [
      guardCa(ca),
      certificates.insert(ca, read, plan.certificateStatus, ca.certificateMode, ca.certificateId),
      ...plan.writes,
    ];
    await database.commit(writes);
    bus.publish(permissionsChanged, { accountId: ca.accountId, certificateIds: [certificateId] });
    plan.committed();
    return `The certificate ${certificateId} is registered by its CA and ${plan.certificateStatus}. Connect again.`;
  }

  return {
    async register(der, at) {
      let certificate: X509Certificate;
      let read: ReadCertificate;
      try {
        certificate = new X509Certificate(der);
        read = readCertificatePem(certificate.toString());
      } catch {
        return undefined;
      }
      const now = clock.now();
      if (certificate.ca || now < read.notBefore || now > read.notAfter) return undefined;
      return onConflictAgain(async () => {
        const ca = await issuerOf(certificate, at);
        if (!ca) return undefined;
        const { templateName, accountId, region } = ca;
        const told =
          templateName === undefined ? await wait(ca, read) : await admit(ca, templateName, read, certificate);
        return told === undefined ? undefined : { accountId, region, certificateId: read.certificateId, told };
      }, 5);
    },
  };
}
