import { type Bus, type Database, onConflictAgain, type Sealer, type Write } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { readCertificate, type StoredCertificate, updateStatus } from "../credentials/certificate-store.ts";
import type { Certificates } from "../credentials/certificates.ts";
import type { Policies } from "../credentials/policies.ts";
import { checkAttachable } from "../credentials/policy.ts";
import { insertPolicyAttachment, readPolicy, touchPolicy } from "../credentials/policy-store.ts";
import { canonicalJson } from "../idempotency/idempotency.ts";
import { permissionsChanged } from "../messaging/message.ts";
import type { Groups } from "../registry/groups/groups.ts";
import { changeThing, type Thing } from "../registry/thing.ts";
import { insertAttachment, insertThing, readThing, touchThing, updateThing } from "../registry/thing-store.ts";
import type { Things } from "../registry/things.ts";
import type { Place } from "../storage/place.ts";
import type { Planned } from "../storage/planned.ts";
import type { Ownership } from "./ownership.ts";
import { readToken, useToken } from "./ownership-store.ts";
import type { ProvisioningHook, ProvisioningHookOutput } from "./provisioning-hook.ts";
import { type ProvisioningPlan, parseTemplate, runTemplate } from "./template.ts";
import { readTemplate, type StoredTemplate } from "./template-store.ts";

/** RegisterThing of fleet provisioning (reference 6). */
export interface ProvisioningRequest {
  at: Place;
  templateName: string;
  /** Who asks: the claim certificate's id, when it is one. */
  principalId: string;
  claimCertificateId?: string;
  clientId: string;
  ownershipToken: string;
  parameters: Readonly<Record<string, string>>;
}

export interface ProvisioningAnswer {
  deviceConfiguration: Readonly<Record<string, string>>;
  thingName?: string;
}

export interface ProvisioningDeps {
  database: Database;
  sealer: Sealer;
  bus: Bus;
  clock: Clock;
  log: Logger;
  things: Things;
  groups: Pick<Groups, "directGroupsOf" | "planChange">;
  certificates: Certificates;
  policies: Policies;
  ownership: Ownership;
  /** By name. Looked at when a device comes, so it may be filled after this room is made. */
  hooks: Readonly<Record<string, ProvisioningHook>>;
}

/** A device whose certificate a CA has signed that leads to a template: what it needs besides the certificate. */
export type ProvisionBySignature = (request: {
  at: Place;
  templateName: string;
  caCertificateId: string;
  /** Not registered yet. */
  certificate: { certificateId: string; certificatePem: string };
  parameters: Readonly<Record<string, string>>;
}) => Promise<
  { certificateStatus: "ACTIVE" | "INACTIVE"; writes: readonly Write[]; committed: () => void } | { refused: string }
>;

/**
 * Why a device is not provisioned, as it is told: `statusCode` and `errorCode` of the rejected message.
 */
export class ProvisioningRefused extends Error {
  readonly statusCode: number;
  readonly errorCode: string;
  constructor(statusCode: number, errorCode: string, message: string) {
    super(message);
    this.name = "ProvisioningRefused";
    this.statusCode = statusCode;
    this.errorCode = errorCode;
  }
}

/** A hook that has not answered by then has refused. Milliseconds. */
const HOOK_TIME = 5_000;
const ATTEMPTS = 5;

/** A new certificate, which may not be stored yet. */
type Issued = Pick<StoredCertificate, "certificateId" | "certificatePem">;

const ANSWER = "iot.provisioning-answer";
const REQUEST = "iot.provisioning-request";

const denied = (message: string) => new ProvisioningRefused(403, "ACCESS_DENIED", message);
const badToken = () =>
  new ProvisioningRefused(400, "InvalidCertificateOwnershipToken", "Certificate ownership token is not valid");

/**
 * Provisions a device: thing, certificate, policies and what the hook adds in one commit. A repeat of the same request
 * gets the same answer while its ownership token lives. Throws `ProvisioningRefused` and `ServiceError`.
 */
export function createProvisioning(deps: ProvisioningDeps): {
  provision: (request: ProvisioningRequest) => Promise<ProvisioningAnswer>;
  bySignature: ProvisionBySignature;
} {
  const { database, sealer, bus, clock, log, things, groups, certificates, policies, ownership, hooks } = deps;

  async function attempt(request: ProvisioningRequest): Promise<ProvisioningAnswer> {
    const { at } = request;
    const template = await readTemplate(database, at, request.templateName);
    if (template?.type !== "FLEET_PROVISIONING") {
      throw new ProvisioningRefused(404, "ResourceNotFound", `Template ${request.templateName} not found`);
    }
    if (!template.enabled) throw denied(`Template ${request.templateName} is disabled`);
    if (template.claimCertificateId !== undefined && template.claimCertificateId !== request.claimCertificateId) {
      throw denied("The claim certificate does not belong to this template");
    }

    const tokenHash = ownership.hashOf(request.ownershipToken);
    const token = await readToken(database, at, tokenHash);
    if (!token || token.claimPrincipalId !== request.principalId || token.expiresAt <= clock.now()) throw badToken();
    const asked = canonicalJson({ template: request.templateName, parameters: request.parameters });
    const requestHash = sealer.hash(asked, REQUEST);
    if (token.used) {
      if (token.used.requestHash !== requestHash) throw badToken();
      return JSON.parse(sealer.openText(token.used.answer, ANSWER)) as ProvisioningAnswer;
    }
    const certificate = await readCertificate(database, at, token.certificateId);
    if (certificate?.status !== "PENDING_ACTIVATION") {
      // Another request under this token may have been committed between the two readings.
      const now = await readToken(database, at, tokenHash);
      if (now?.used) return attempt(request);
      throw badToken();
    }

    const hooked =
      template.hook === undefined
        ? undefined
        : await askHook(template.hook, template, { ...request, signed: false }, certificate);
    const parameters = { ...request.parameters, ...hooked?.parameterOverrides };
    const plan = runTemplate(parseTemplate(template.body), parameters, certificate.certificateId);
    const answer: ProvisioningAnswer = {
      deviceConfiguration: plan.deviceConfiguration,
      ...(plan.thing ? { thingName: plan.thing.thingName } : {}),
    };
    const replaced = await planReplacement(at, certificate, hooked?.replacesCertificateId);
    const thing = await planThing(at, plan, certificate);
    await database.commit([
      useToken(at, tokenHash, requestHash, sealer.seal(JSON.stringify(answer), ANSWER)),
      updateStatus(certificate, plan.certificateStatus, clock.now()),
      ...(await policyWrites(at, plan, certificate)),
      ...thing.writes,
      ...(replaced?.writes ?? []),
      ...(hooked?.writes ?? []),
    ]);
    bus.publish(permissionsChanged, { accountId: at.accountId, certificateIds: [certificate.certificateId] });
    thing.committed();
    replaced?.committed();
    return answer;
  }

  async function askHook(
    name: string,
    template: StoredTemplate,
    request: Pick<ProvisioningRequest, "at" | "claimCertificateId" | "clientId" | "parameters" | "principalId"> & {
      signed: boolean;
    },
    certificate: Issued,
  ): Promise<ProvisioningHookOutput> {
    const refused = denied("The pre-provisioning hook did not allow this device");
    const hook = Object.hasOwn(hooks, name) ? hooks[name] : undefined;
    if (!hook) {
      log.error({ hook: name, templateName: template.templateName }, "a pre-provisioning hook is missing");
      throw refused;
    }
    let output: ProvisioningHookOutput | undefined;
    try {
      output = await within(
        HOOK_TIME,
        hook({
          ...request.at,
          templateName: template.templateName,
          claimCertificateId: request.claimCertificateId ?? request.principalId,
          signed: request.signed,
          certificateId: certificate.certificateId,
          certificatePem: certificate.certificatePem,
          clientId: request.clientId,
          parameters: request.parameters,
        }),
      );
    } catch (error) {
      log.warn({ hook: name, why: messageOf(error) }, "a pre-provisioning hook failed");
    }
    if (output?.allowProvisioning !== true) throw refused;
    return output;
  }

  /** Rejects when the hook takes longer; what it answers then is dropped. */
  function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = clock.after(milliseconds, () => reject(new Error(`no answer within ${milliseconds} ms`)));
      promise.then(resolve, reject).finally(cancel);
    });
  }

  async function planReplacement(
    at: Place,
    certificate: Issued,
    replaces: string | undefined,
  ): Promise<Planned | undefined> {
    if (replaces === undefined || replaces === certificate.certificateId) return undefined;
    return certificates.planRetirement(at, replaces);
  }

  async function policyWrites(at: Place, plan: ProvisioningPlan, certificate: Issued): Promise<Write[]> {
    const writes: Write[] = [];
    const attached: string[] = [];
    for (const { policyName, document } of plan.policies) {
      if (attached.includes(policyName)) continue;
      checkAttachable(attached, policyName);
      if (await readPolicy(database, at, policyName)) writes.push(touchPolicy(at, policyName));
      else if (document !== undefined) writes.push(...policies.planCreate(at, policyName, document));
      else throw new ProvisioningRefused(404, "ResourceNotFound", `Policy ${policyName} not found`);
      writes.push(insertPolicyAttachment(at, policyName, certificate.certificateId));
      attached.push(policyName);
    }
    return writes;
  }

  async function planThing(at: Place, plan: ProvisioningPlan, certificate: Issued): Promise<Planned> {
    if (!plan.thing) return { writes: [], committed: () => undefined };
    const { thingName, override } = plan.thing;
    const wanted = things.newThing(plan.thing);
    const known = await readThing(database, at, thingName);
    const attachment = insertAttachment(at, {
      thingName,
      certificateId: certificate.certificateId,
      principalType: "NON_EXCLUSIVE_THING",
    });
    const { writes, committed } = await planGroups(at, known ?? wanted, plan.thing, known !== undefined);
    const planned = (own: readonly Write[]): Planned => ({ writes: [...own, attachment, ...writes], committed });
    if (!known) return planned(insertThing(at, wanted));
    const same = canonicalJson(known.attributes) === canonicalJson(wanted.attributes);
    if (same || override === "DO_NOTHING") {
      return planned([touchThing(at, thingName, writes.length > 0 ? known.revision : undefined)]);
    }
    if (override === "FAIL") {
      throw new ProvisioningRefused(409, "ResourceConflict", `Thing ${thingName} exists with other attributes`);
    }
    const changed = changeThing(known, { attributes: wanted.attributes, merge: override === "MERGE" });
    return planned(updateThing(at, known.revision, changed));
  }

  async function planGroups(
    at: Place,
    thing: Thing,
    { groups: wanted, groupOverride }: NonNullable<ProvisioningPlan["thing"]>,
    exists: boolean,
  ): Promise<Planned> {
    const direct = exists && wanted ? await groups.directGroupsOf(at, thing.thingName) : [];
    const isSame = wanted?.length === direct.length && wanted.every((name) => direct.includes(name));
    if (wanted === undefined || isSame || (exists && groupOverride === "DO_NOTHING")) {
      return { writes: [], committed: () => undefined };
    }
    if (exists && groupOverride === "FAIL") {
      throw new ProvisioningRefused(409, "ResourceConflict", `Thing ${thing.thingName} exists in other groups`);
    }
    const leaving = direct.filter((name) => !wanted.includes(name));
    return groups.planChange(at, thing, wanted, leaving);
  }

  const bySignature: ProvisionBySignature = async ({ at, templateName, caCertificateId, certificate, parameters }) => {
    try {
      const template = await readTemplate(database, at, templateName);
      if (!template?.enabled) throw denied(`Template ${templateName} is disabled or gone`);
      const asked = { at, clientId: "", parameters, principalId: caCertificateId, signed: true };
      const hooked =
        template.hook === undefined ? undefined : await askHook(template.hook, template, asked, certificate);
      const all = { ...parameters, ...hooked?.parameterOverrides };
      const plan = runTemplate(parseTemplate(template.body), all, certificate.certificateId);
      const replaced = await planReplacement(at, certificate, hooked?.replacesCertificateId);
      const thing = await planThing(at, plan, certificate);
      return {
        certificateStatus: plan.certificateStatus,
        writes: [
          ...(await policyWrites(at, plan, certificate)),
          ...thing.writes,
          ...(replaced?.writes ?? []),
          ...(hooked?.writes ?? []),
        ],
        committed() {
          thing.committed();
          replaced?.committed();
        },
      };
    } catch (error) {
      if (error instanceof ProvisioningRefused || error instanceof ServiceError) return { refused: error.message };
      throw error;
    }
  };

  return { provision: (request) => onConflictAgain(() => attempt(request), ATTEMPTS), bySignature };
}

/** What the device is told of any failure. */
export function refusalOf(error: unknown): { statusCode: number; errorCode: string; errorMessage: string } | undefined {
  if (error instanceof ProvisioningRefused) {
    return { statusCode: error.statusCode, errorCode: error.errorCode, errorMessage: error.message };
  }
  if (!(error instanceof ServiceError)) return undefined;
  const [statusCode, errorCode] = SERVICE_ERRORS[error.name] ?? [400, "InvalidParameter"];
  return { statusCode, errorCode, errorMessage: error.message };
}

const SERVICE_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  ConflictException: [409, "ResourceConflict"],
  LimitExceededException: [410, "LimitExceeded"],
  ResourceNotFoundException: [404, "ResourceNotFound"],
  ThrottlingException: [429, "Throttled"],
};
