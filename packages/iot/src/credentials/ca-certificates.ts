import { X509Certificate } from "node:crypto";
import { type Bus, type Database, onConflictAgain, UniqueViolation, type Write } from "@hearth/backplane";
import { type Clock, randomHex } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { permissionsChanged } from "../messaging/message.ts";
import type { Page, TimeKey } from "../storage/page.ts";
import type { Place } from "../storage/place.ts";
import {
  type CaCertificate,
  caCertificateArn,
  checkVerification,
  isSignedBy,
  noCaCertificate,
  readCaCertificate,
  subjectHash,
} from "./ca-certificate.ts";
import {
  caRegistrations,
  casOfSubject,
  deleteCa,
  guardCa,
  insertCa,
  insertRegistrationCode,
  listCas,
  readCa,
  registrationCode,
  type StoredCaCertificate,
  updateCa,
} from "./ca-certificate-store.ts";
import { type CertificateStatus, certificateArn, checkNewStatus, readCertificatePem } from "./certificate.ts";
import type { Certificates } from "./certificates.ts";

export interface CaRegistration {
  pem: string;
  /** Of mode DEFAULT only. */
  verificationPem?: string;
  active: boolean;
  autoRegistration: boolean;
  mode: CaCertificate["certificateMode"];
}

export type CaCertificates = ReturnType<typeof createCaCertificates>;

/** CAs of the same subject that one account may register (reference 6). */
const MOST_OF_A_SUBJECT = 10;

/** The CAs that customers sign their devices' certificates with. */
export function createCaCertificates(deps: {
  database: Database;
  bus: Bus;
  clock: Clock;
  certificates: Pick<Certificates, "insert">;
}) {
  const { database, bus, clock, certificates } = deps;

  const get = async (at: Place, certificateId: string): Promise<StoredCaCertificate> => {
    const ca = await readCa(database, at, certificateId);
    if (!ca) throw noCaCertificate(certificateId);
    return ca;
  };

  const alreadyThere = (at: Place, certificateId: string) =>
    new ServiceError("ResourceAlreadyExistsException", "The CA certificate is already registered", {
      resourceId: certificateId,
      resourceArn: caCertificateArn(at, certificateId),
    });

  const codeOf = async (at: Place): Promise<string> => {
    const known = await registrationCode(database, at);
    if (known !== undefined) return known;
    await database.commit([insertRegistrationCode(at, randomHex(32))]);
    return (await registrationCode(database, at)) as string;
  };

  /** The new CA with the write that registers it. */
  const planned = (
    at: Place,
    read: ReturnType<typeof readCaCertificate>,
    state: Pick<CaCertificate, "autoRegistration" | "certificateMode" | "status" | "templateName">,
  ): Write => {
    const now = clock.now();
    const stamps = { createdAt: now, modifiedAt: now, customerVersion: 1, generationId: randomHex(32) };
    return insertCa(at, { ...read, ...state, ...stamps });
  };

  return {
    get,
    /** 64 hex digits, always the same ones for an account in a region. */
    registrationCode: codeOf,

    /**
     * Throws `CertificateValidationException`, `InvalidRequestException`, `LimitExceededException`,
     * `RegistrationCodeValidationException`, `ResourceAlreadyExistsException`.
     */
    async register(at: Place, registration: CaRegistration): Promise<{ certificateId: string }> {
      const read = readCaCertificate(registration.pem, clock.now());
      const { verificationPem, mode } = registration;
      if (mode === "SNI_ONLY") {
        if (verificationPem !== undefined) {
          throw new ServiceError("InvalidRequestException", "The mode SNI_ONLY takes no verification certificate");
        }
      } else {
        if (verificationPem === undefined) {
          throw new ServiceError("InvalidRequestException", "The mode DEFAULT needs a verification certificate");
        }
        checkVerification(verificationPem, read, await codeOf(at));
        // Who has proved to hold the key is one account of a region (reference 6).
        const others = await caRegistrations(database, read.certificateId);
        const other = others.find((one) => one.certificateMode === "DEFAULT" && one.region === at.region);
        if (other) throw alreadyThere(at, read.certificateId);
      }
      if ((await casOfSubject(database, at, read.subject)).length >= MOST_OF_A_SUBJECT) {
        const message = `There are ${MOST_OF_A_SUBJECT} CA certificates with this subject already`;
        throw new ServiceError("LimitExceededException", message);
      }
      const { active, autoRegistration } = registration;
      const status = active ? "ACTIVE" : "INACTIVE";
      try {
        await database.commit([planned(at, read, { status, autoRegistration, certificateMode: mode })]);
      } catch (error) {
        if (error instanceof UniqueViolation) throw alreadyThere(at, read.certificateId);
        throw error;
      }
      return { certificateId: read.certificateId };
    },

    /**
     * For a batch of the caller's: an ACTIVE CA whose devices a template admits when they first connect. A CA that is
     * registered already is a `UniqueViolation`. Throws `CertificateValidationException`.
     */
    planRegistration(at: Place, pem: string, templateName: string): { certificateId: string; write: Write } {
      const read = readCaCertificate(pem, clock.now());
      const state = { status: "ACTIVE", autoRegistration: true, certificateMode: "SNI_ONLY", templateName } as const;
      return { certificateId: read.certificateId, write: planned(at, read, state) };
    },

    /** No writes when it is gone already. On `WriteConflict` plan again. */
    async planRemoval(at: Place, certificateId: string): Promise<readonly Write[]> {
      const ca = await readCa(database, at, certificateId);
      return ca ? [deleteCa(ca)] : [];
    },

    list: (
      at: Place,
      list: { after?: TimeKey; limit: number; ascending: boolean; templateName?: string },
    ): Promise<Page<CaCertificate>> => listCas(database, at, list),

    /** What is undefined stays. Throws `ResourceNotFoundException`. */
    update: (
      at: Place,
      certificateId: string,
      change: Partial<Pick<CaCertificate, "autoRegistration" | "status">>,
    ): Promise<void> =>
      onConflictAgain(async () => {
        const ca = await get(at, certificateId);
        const { status = ca.status, autoRegistration = ca.autoRegistration } = change;
        if (status === ca.status && autoRegistration === ca.autoRegistration) return;
        await database.commit([updateCa(ca, { status, autoRegistration }, clock.now())]);
      }),

    /** Certificates that it has signed stay as they are. Throws `CertificateStateException` while it is ACTIVE. */
    remove: (at: Place, certificateId: string): Promise<void> =>
      onConflictAgain(async () => {
        const ca = await get(at, certificateId);
        if (ca.status === "ACTIVE") {
          const message = "The CA certificate must be deactivated (not ACTIVE) before deletion";
          throw new ServiceError("CertificateStateException", message, { resourceId: certificateId });
        }
        await database.commit([deleteCa(ca)]);
      }),

    /**
     * RegisterCertificate: of a device, signed by a CA that is registered and ACTIVE. Throws
     * `CertificateConflictException`, `CertificateStateException`, `CertificateValidationException`,
     * `InvalidRequestException`, `ResourceAlreadyExistsException`.
     */
    async registerSigned(
      at: Place,
      pem: string,
      caPem: string | undefined,
      status: CertificateStatus,
    ): Promise<{ certificateId: string }> {
      checkNewStatus(status);
      const read = readCertificatePem(pem);
      const certificate = new X509Certificate(read.certificatePem);
      const wanted = caPem === undefined ? undefined : readCertificatePem(caPem).certificateId;
      const named = await casOfSubject(database, at, subjectHash(certificate.issuer));
      const signers = named.filter(
        (ca) => (wanted === undefined || ca.certificateId === wanted) && isSignedBy(certificate, ca),
      );
      const [signer] = signers;
      if (!signer) {
        const message = "No CA certificate that is registered has signed the certificate. Register its CA first";
        throw new ServiceError("CertificateValidationException", message);
      }
      if (signers.length > 1) {
        const message = "Several registered CA certificates have signed it. Say which by caCertificatePem";
        throw new ServiceError("CertificateConflictException", message);
      }
      if (signer.status !== "ACTIVE") {
        throw new ServiceError("CertificateStateException", "The CA certificate is INACTIVE. Activate it first", {
          resourceId: signer.certificateId,
        });
      }
      const { certificateId } = read;
      try {
        const insert = certificates.insert(at, read, status, signer.certificateMode, signer.certificateId);
        await database.commit([guardCa(signer), insert]);
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        throw new ServiceError("ResourceAlreadyExistsException", "The certificate is already registered", {
          resourceId: certificateId,
          resourceArn: certificateArn(at, certificateId),
        });
      }
      bus.publish(permissionsChanged, { accountId: at.accountId, certificateIds: [certificateId] });
      return { certificateId };
    },
  };
}
