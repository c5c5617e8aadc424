import { type Bus, type Database, onConflictAgain, UniqueViolation, type Write } from "@hearth/backplane";
import { type Clock, randomHex } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { disconnectRequested, permissionsChanged } from "../messaging/message.ts";
import { attachmentsOfCertificate, deleteAttachmentsOf } from "../registry/thing-store.ts";
import type { Page, TimeKey } from "../storage/page.ts";
import type { Place } from "../storage/place.ts";
import type { Planned } from "../storage/planned.ts";
import {
  type Certificate,
  type CertificateStatus,
  certificateArn,
  checkDeletable,
  checkNewStatus,
  noCertificate,
  readCertificatePem,
} from "./certificate.ts";
import type { CertificateAuthority, IssuedCertificate } from "./certificate-authority.ts";
import {
  deleteCertificate,
  insertCertificate,
  listCertificates,
  readCertificate,
  type StoredCertificate,
  updateStatus,
} from "./certificate-store.ts";
import type { CreateKeyPair, KeyPairPem } from "./key-pairs.ts";
import { deletePolicyAttachmentsOf, policiesOf } from "./policy-store.ts";

export interface CertificatesDeps {
  database: Database;
  bus: Bus;
  clock: Clock;
  authority: CertificateAuthority;
  createKeyPair: CreateKeyPair;
}

export interface Certificates {
  /** Makes an RSA key and a certificate for it, without storing anything: `insert` gives the write. */
  issueWithKey(who: string): Promise<{ issued: IssuedCertificate; keyPair: KeyPairPem }>;
  /** Throws `InvalidRequestException`. */
  issueFromRequest(requestPem: string): Promise<IssuedCertificate>;
  /** The write that registers a certificate, issued here or read from its PEM. */
  insert(
    at: Place,
    issued: IssuedCertificate,
    status: CertificateStatus,
    mode?: Certificate["certificateMode"],
    caCertificateId?: string,
  ): Write;

  /** Durable when it resolves, as all that follow. */
  createWithKey(at: Place, status: CertificateStatus): Promise<{ issued: IssuedCertificate; keyPair: KeyPairPem }>;
  createFromRequest(at: Place, requestPem: string, status: CertificateStatus): Promise<IssuedCertificate>;
  /** Throws `CertificateValidationException`, `ResourceAlreadyExistsException`. */
  registerWithoutCa(at: Place, pem: string, status: CertificateStatus): Promise<{ certificateId: string }>;
  find(at: Place, certificateId: string): Promise<StoredCertificate | undefined>;
  /** Throws `ResourceNotFoundException`. */
  get(at: Place, certificateId: string): Promise<StoredCertificate>;
  list(
    at: Place,
    after: TimeKey | undefined,
    limit: number,
    ascending: boolean,
    caCertificateId?: string,
  ): Promise<Page<Certificate>>;
  /** Leaving ACTIVE closes live connections at once (reference 6). */
  setStatus(at: Place, certificateId: string, status: CertificateStatus): Promise<void>;
  remove(at: Place, certificateId: string, forceDelete: boolean): Promise<void>;
  /**
   * INACTIVE and detached from everything, whatever its state: an identity that is over. No writes when it is gone.
   * On `WriteConflict` plan again.
   */
  planRetirement(at: Place, certificateId: string): Promise<Planned>;
  /**
   * Removal whatever its state, with all that it is attached to: for whoever owns the certificate. No writes when it
   * is gone already. On `WriteConflict` plan again.
   */
  planRemoval(at: Place, certificateId: string): Promise<Planned>;
}

export function createCertificates(deps: CertificatesDeps): Certificates {
  const { database, bus, clock, authority } = deps;

  async function get(at: Place, certificateId: string): Promise<StoredCertificate> {
    const certificate = await readCertificate(database, at, certificateId);
    if (!certificate) throw noCertificate(certificateId);
    return certificate;
  }

  function certificateOf(issued: IssuedCertificate, status: CertificateStatus, mode: Certificate["certificateMode"]) {
    const now = clock.now();
    return {
      certificateId: issued.certificateId,
      certificatePem: issued.certificatePem,
      notBefore: issued.notBefore,
      notAfter: issued.notAfter,
      status,
      certificateMode: mode,
      createdAt: now,
      modifiedAt: now,
      customerVersion: 1,
      generationId: randomHex(32),
    };
  }

  const insert: Certificates["insert"] = (at, issued, status, mode = "DEFAULT", caCertificateId = undefined) =>
    insertCertificate(at, {
      ...certificateOf(issued, status, mode),
      ...(caCertificateId === undefined ? {} : { caCertificateId }),
    });

  async function issueWithKey(who: string) {
    const keyPair = await deps.createKeyPair(who);
    return { issued: await authority.issue(keyPair.publicKey), keyPair };
  }

  function changed(at: Place, certificateId: string, cutOff: boolean): void {
    bus.publish(permissionsChanged, { accountId: at.accountId, certificateIds: [certificateId] });
    if (cutOff)
      bus.publish(disconnectRequested, { accountId: at.accountId, certificateId, reason: "FORBIDDEN_ACCESS" });
  }

  return {
    issueWithKey,
    issueFromRequest: (requestPem) => authority.issueFromRequest(requestPem),
    insert,
    find: (at, certificateId) => readCertificate(database, at, certificateId),
    get,

    async createWithKey(at, status) {
      const made = await issueWithKey(at.accountId);
      await database.commit([insert(at, made.issued, status)]);
      return made;
    },

    async createFromRequest(at, requestPem, status) {
      const issued = await authority.issueFromRequest(requestPem);
      await database.commit([insert(at, issued, status)]);
      return issued;
    },

    async registerWithoutCa(at, pem, status) {
      checkNewStatus(status);
      const read = readCertificatePem(pem);
      try {
        await database.commit([insert(at, read, status, "SNI_ONLY")]);
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        throw new ServiceError("ResourceAlreadyExistsException", "The certificate is already registered", {
          resourceId: read.certificateId,
          resourceArn: certificateArn(at, read.certificateId),
        });
      }
      changed(at, read.certificateId, false);
      return { certificateId: read.certificateId };
    },

    list: (at, after, limit, ascending, caCertificateId) =>
      listCertificates(database, at, after, limit, ascending, caCertificateId),

    async setStatus(at, certificateId, status) {
      checkNewStatus(status);
      const before = await onConflictAgain(async () => {
        const certificate = await get(at, certificateId);
        if (certificate.status !== status) await database.commit([updateStatus(certificate, status, clock.now())]);
        return certificate.status;
      });
      if (before !== status) changed(at, certificateId, before === "ACTIVE");
    },

    async remove(at, certificateId, forceDelete) {
      await onConflictAgain(async () => {
        const certificate = await get(at, certificateId);
        const things = await attachmentsOfCertificate(database, at, certificateId, { limit: 1 });
        const policies = await policiesOf(database, at, certificateId);
        const attached = { things: things.rows.length > 0, policies: policies.length > 0 };
        checkDeletable(at, certificate, attached, forceDelete);
        await database.commit([deleteCertificate(certificate), deletePolicyAttachmentsOf(at, certificateId)]);
      });
      changed(at, certificateId, true);
    },

    async planRetirement(at, certificateId) {
      const certificate = await readCertificate(database, at, certificateId);
      if (!certificate) return { writes: [], committed: () => undefined };
      return {
        writes: [
          updateStatus(certificate, "INACTIVE", clock.now()),
          deletePolicyAttachmentsOf(at, certificateId),
          deleteAttachmentsOf(at, certificateId),
        ],
        committed: () => changed(at, certificateId, true),
      };
    },

    async planRemoval(at, certificateId) {
      const certificate = await readCertificate(database, at, certificateId);
      if (!certificate) return { writes: [], committed: () => undefined };
      return {
        writes: [
          deleteCertificate(certificate),
          deletePolicyAttachmentsOf(at, certificateId),
          deleteAttachmentsOf(at, certificateId),
        ],
        committed: () => changed(at, certificateId, true),
      };
    },
  };
}
