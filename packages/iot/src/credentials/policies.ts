import { type Bus, type Database, onConflictAgain, UniqueViolation, type Write } from "@hearth/backplane";
import { type Clock, randomHex } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { permissionsChanged, policyDeleted } from "../messaging/message.ts";
import type { Page } from "../storage/page.ts";
import type { Place } from "../storage/place.ts";
import type { Planned } from "../storage/planned.ts";
import { noCertificate } from "./certificate.ts";
import { readCertificate, type StoredCertificate, touchCertificate } from "./certificate-store.ts";
import {
  checkAttachable,
  checkPolicyDocument,
  checkPolicyName,
  MAX_VERSIONS,
  noPolicy,
  noPolicyVersion,
  type Policy,
  type PolicyVersion,
  policyArn,
} from "./policy.ts";
import {
  deleteAttachmentsOfPolicy,
  deletePolicy,
  deletePolicyAttachment,
  deleteVersion,
  insertPolicy,
  insertPolicyAttachment,
  insertVersion,
  listPolicyNames,
  policiesOf,
  readPolicy,
  readVersions,
  type StoredPolicy,
  targetsOf,
  touchPolicy,
  updatePolicy,
} from "./policy-store.ts";

export interface PoliciesDeps {
  database: Database;
  bus: Bus;
  clock: Clock;
}

export interface Policies {
  /** Throws `MalformedPolicyException`, `ResourceAlreadyExistsException`. */
  create(at: Place, policyName: string, document: string): Promise<void>;
  /** The writes of `create` for a batch of somebody else's; a taken name is a `UniqueViolation`. */
  planCreate(at: Place, policyName: string, document: string): Write[];
  /** Throws `ResourceNotFoundException`, as all that follow. */
  get(at: Place, policyName: string): Promise<{ policy: Policy; versions: PolicyVersion[] }>;
  list(at: Place, after: string | undefined, limit: number, ascending: boolean): Promise<Page<string>>;
  /** Throws `DeleteConflictException` while it is attached or has further versions. */
  remove(at: Place, policyName: string): Promise<void>;
  /**
   * Removal with its versions, whatever it is attached to: for whoever owns the policy. No writes when it is gone
   * already. On `WriteConflict` plan again.
   */
  planRemoval(at: Place, policyName: string): Promise<Planned>;
  /** Throws `MalformedPolicyException`, `VersionsLimitExceededException`. */
  createVersion(at: Place, policyName: string, document: string, setAsDefault: boolean): Promise<PolicyVersion>;
  setDefaultVersion(at: Place, policyName: string, version: string): Promise<void>;
  /** Throws `DeleteConflictException` for the default version. */
  removeVersion(at: Place, policyName: string, version: string): Promise<void>;
  /** Throws `LimitExceededException`. */
  attach(at: Place, policyName: string, certificateId: string): Promise<void>;
  /**
   * The writes of `attach`. They do not guard the certificate: the caller does, with `touchCertificate` or by
   * changing it. Throws `LimitExceededException`.
   */
  planAttach(at: Place, policyName: string, certificateId: string): Promise<Write[]>;
  /** Nothing happens when it is not attached. */
  detach(at: Place, policyName: string, certificateId: string): Promise<void>;
  attachedTo(at: Place, certificateId: string): Promise<string[]>;
  targets(at: Place, policyName: string, after: string | undefined, limit: number): Promise<Page<string>>;
}

/** Where more certificates than this are concerned, the whole account is told. */
const MOST_NAMED = 100;

export function createPolicies({ database, bus, clock }: PoliciesDeps): Policies {
  async function read(at: Place, policyName: string): Promise<StoredPolicy> {
    const policy = await readPolicy(database, at, policyName);
    if (!policy) throw noPolicy(policyName);
    return policy;
  }

  async function readTarget(at: Place, certificateId: string): Promise<StoredCertificate> {
    const certificate = await readCertificate(database, at, certificateId);
    if (!certificate) throw noCertificate(certificateId);
    return certificate;
  }

  function versionOf(versions: readonly PolicyVersion[], policyName: string, version: string): PolicyVersion {
    const found = versions.find((candidate) => String(candidate.version) === version);
    if (!found) throw noPolicyVersion(policyName, version);
    return found;
  }

  const changed = (at: Place, certificateIds?: readonly string[]): void =>
    bus.publish(permissionsChanged, { accountId: at.accountId, ...(certificateIds ? { certificateIds } : {}) });

  const gone = (at: Place, policyName: string): void =>
    bus.publish(policyDeleted, { accountId: at.accountId, region: at.region, policyName });

  function planCreate(at: Place, policyName: string, document: string): Write[] {
    checkPolicyName(policyName);
    checkPolicyDocument(document);
    const now = clock.now();
    const times = { createdAt: now, modifiedAt: now, generationId: randomHex(32) };
    return insertPolicy(at, { policyName, defaultVersion: 1, lastVersion: 1, ...times }, document);
  }

  async function planAttach(at: Place, policyName: string, certificateId: string): Promise<Write[]> {
    await read(at, policyName);
    checkAttachable(await policiesOf(database, at, certificateId), policyName);
    return [touchPolicy(at, policyName), insertPolicyAttachment(at, policyName, certificateId)];
  }

  return {
    planCreate,
    planAttach,

    async create(at, policyName, document) {
      const writes = planCreate(at, policyName, document);
      try {
        await database.commit(writes);
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        throw new ServiceError("ResourceAlreadyExistsException", `Policy ${policyName} already exists`, {
          resourceId: policyName,
          resourceArn: policyArn(at, policyName),
        });
      }
    },

    async get(at, policyName) {
      const policy = await read(at, policyName);
      return { policy, versions: await readVersions(database, at, policyName) };
    },

    list: (at, after, limit, ascending) => listPolicyNames(database, at, after, limit, ascending),

    remove: (at, policyName) =>
      onConflictAgain(async () => {
        const policy = await read(at, policyName);
        const versions = await readVersions(database, at, policyName);
        if (versions.length > 1) {
          throw new ServiceError(
            "DeleteConflictException",
            `Cannot delete the policy because it has one or more policy versions attached to it (name=${policyName})`,
          );
        }
        const targets = await targetsOf(database, at, policyName, undefined, 1);
        if (targets.rows.length > 0) {
          throw new ServiceError(
            "DeleteConflictException",
            `The policy cannot be deleted as the policy is attached to one or more principals (name=${policyName})`,
          );
        }
        await database.commit(deletePolicy(at, policy));
        gone(at, policyName);
      }),

    async planRemoval(at, policyName) {
      const policy = await readPolicy(database, at, policyName);
      if (!policy) return { writes: [], committed: () => undefined };
      const { rows, nextToken } = await targetsOf(database, at, policyName, undefined, MOST_NAMED);
      return {
        // Whoever attaches it meanwhile touches it: the guard then asks for a new plan.
        writes: [...deletePolicy(at, policy), deleteAttachmentsOfPolicy(at, policyName)],
        committed() {
          changed(at, nextToken === undefined ? rows : undefined);
          gone(at, policyName);
        },
      };
    },

    createVersion: (at, policyName, document, setAsDefault) =>
      onConflictAgain(async () => {
        checkPolicyDocument(document);
        const policy = await read(at, policyName);
        const versions = await readVersions(database, at, policyName);
        if (versions.length >= MAX_VERSIONS) {
          throw new ServiceError(
            "VersionsLimitExceededException",
            `The policy ${policyName} already has the maximum number of versions (${MAX_VERSIONS})`,
          );
        }
        const now = clock.now();
        const version = { version: policy.lastVersion + 1, document, createdAt: now };
        const next: Policy = {
          ...policy,
          lastVersion: version.version,
          defaultVersion: setAsDefault ? version.version : policy.defaultVersion,
          modifiedAt: now,
          generationId: randomHex(32),
        };
        await database.commit([updatePolicy(at, policy.revision, next), insertVersion(at, policyName, version)]);
        if (setAsDefault) changed(at);
        return version;
      }),

    setDefaultVersion: (at, policyName, version) =>
      onConflictAgain(async () => {
        const policy = await read(at, policyName);
        const chosen = versionOf(await readVersions(database, at, policyName), policyName, version);
        if (chosen.version === policy.defaultVersion) return;
        const next = { ...policy, defaultVersion: chosen.version, modifiedAt: clock.now() };
        await database.commit([updatePolicy(at, policy.revision, next)]);
        changed(at);
      }),

    removeVersion: (at, policyName, version) =>
      onConflictAgain(async () => {
        const policy = await read(at, policyName);
        const chosen = versionOf(await readVersions(database, at, policyName), policyName, version);
        if (chosen.version === policy.defaultVersion) {
          throw new ServiceError(
            "DeleteConflictException",
            `Cannot delete the default version of a policy (name=${policyName})`,
          );
        }
        const next = { ...policy, modifiedAt: clock.now() };
        await database.commit([updatePolicy(at, policy.revision, next), deleteVersion(at, policyName, chosen.version)]);
      }),

    attach: (at, policyName, certificateId) =>
      onConflictAgain(async () => {
        const certificate = await readTarget(at, certificateId);
        const writes = await planAttach(at, policyName, certificateId);
        await database.commit([touchCertificate(certificate), ...writes]);
        changed(at, [certificateId]);
      }),

    detach: async (at, policyName, certificateId) => {
      await database.commit([deletePolicyAttachment(at, policyName, certificateId)]);
      changed(at, [certificateId]);
    },

    attachedTo: async (at, certificateId) => {
      await readTarget(at, certificateId);
      return policiesOf(database, at, certificateId);
    },

    targets: async (at, policyName, after, limit) => {
      await read(at, policyName);
      return targetsOf(database, at, policyName, after, limit);
    },
  };
}
