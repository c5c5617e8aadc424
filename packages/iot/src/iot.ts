import type { DeviceDirectory } from "@hearth/auth";
import type { Bus, Database, Sealer, Timers } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type {
  HearthOperations,
  IotDataOperations,
  IotJobsDataOperations,
  IotOperations,
  OperationTable,
} from "@hearth/contract";
import { createCommandsRoom } from "./commands/commands-room.ts";
import { createCaCertificateOperations } from "./credentials/ca-certificate-operations.ts";
import { createCaCertificates } from "./credentials/ca-certificates.ts";
import { type CertificateAuthority, createCertificateAuthority } from "./credentials/certificate-authority.ts";
import { createCertificateOperations } from "./credentials/certificate-operations.ts";
import { type Certificates, createCertificates } from "./credentials/certificates.ts";
import { createDirectory } from "./credentials/directory.ts";
import { createKeyPairs } from "./credentials/key-pairs.ts";
import { createPolicies, type Policies } from "./credentials/policies.ts";
import { createPolicyOperations } from "./credentials/policy-operations.ts";
import { createEventConfigurations } from "./events/event-configurations.ts";
import { createIdempotency, type Idempotency } from "./idempotency/idempotency.ts";
import { createJobMembership } from "./jobs/job-membership.ts";
import type { JobObjects } from "./jobs/job-objects.ts";
import type { JobObserver } from "./jobs/job-observer.ts";
import { createJobsRoom, type JobsRoom } from "./jobs/jobs-room.ts";
import { createConnectionOperations } from "./messaging/connection-operations.ts";
import type { DeviceConnections, RetainedMessages } from "./messaging/device-connections.ts";
import type { ReservedTopic } from "./messaging/message.ts";
import { createPublishOperations } from "./messaging/publish-operations.ts";
import { createRetainedOperations } from "./messaging/retained-operations.ts";
import type { Router } from "./messaging/router.ts";
import { createOtaUpdateOperations } from "./ota-updates/ota-update-operations.ts";
import { createOtaUpdates } from "./ota-updates/ota-updates.ts";
import { type AutoRegistration, createAutoRegistration } from "./provisioning/auto-registration.ts";
import { type CaClaims, createCaClaims } from "./provisioning/ca-claims.ts";
import { type Claims, createClaims } from "./provisioning/claims.ts";
import { createDeviceRemoval } from "./provisioning/device-removal.ts";
import { createOwnership } from "./provisioning/ownership.ts";
import { createProvisioning } from "./provisioning/provisioning.ts";
import type { ProvisioningHook } from "./provisioning/provisioning-hook.ts";
import { createProvisioningTopics } from "./provisioning/provisioning-topics.ts";
import { createTemplateOperations } from "./provisioning/template-operations.ts";
import { createTemplates, type Templates } from "./provisioning/templates.ts";
import { createGroupOperations } from "./registry/groups/group-operations.ts";
import { createGroups } from "./registry/groups/groups.ts";
import { createThingOperations } from "./registry/thing-operations.ts";
import { createThings, type Things } from "./registry/things.ts";
import { createShadowHistory } from "./shadows/shadow-history.ts";
import { createShadowHistoryOperations } from "./shadows/shadow-history-operations.ts";
import type { HistoryLimits } from "./shadows/shadow-history-rules.ts";
import { createShadowOperations } from "./shadows/shadow-operations.ts";
import { createShadowTopics } from "./shadows/shadow-topics.ts";
import { createShadows, type Shadows } from "./shadows/shadows.ts";
import type { Place } from "./storage/place.ts";
import { createStreamOperations } from "./streams/stream-operations.ts";
import { createStreamTopics } from "./streams/stream-topics.ts";
import { createStreams } from "./streams/streams.ts";
import { createTagOperations } from "./tags/tag-operations.ts";

export interface IotDeps {
  database: Database;
  sealer: Sealer;
  bus: Bus;
  timers: Timers;
  clock: Clock;
  log: Logger;
  /** The host, without a port, that DescribeEndpoint hands out to an account. */
  endpointOf(at: Place): string;
  /** Pre-provisioning hooks by name; may be filled after this room is made, before a device comes. */
  hooks: Readonly<Record<string, ProvisioningHook>>;
  /** Made of this room's reserved topics, so it is called only once requests come in. */
  router: Pick<Router, "publish" | "send" | "sendTogether">;
  /** What devices are connected to. Looked at only once requests come in: it is made after this room, as the router is. */
  broker: { readonly connections: DeviceConnections; readonly retained: RetainedMessages };
  /** Where job documents come from, and the files that they name. */
  objects: JobObjects;
  /** Whether AWS's quotas are kept. */
  profile: "standard" | "aws";
  /** Who keeps state of their own beside jobs'; may be made after this room. */
  jobObservers: () => readonly JobObserver[];
  /** How much of what shadows have been is kept. */
  shadowHistory: HistoryLimits;
}

export interface IotRoom {
  operations: {
    iot: OperationTable<IotOperations>;
    "iot-data": OperationTable<IotDataOperations>;
    "iot-jobs-data": OperationTable<IotJobsDataOperations>;
  };
  /** What goes beyond AWS. */
  hearthOperations: OperationTable<HearthOperations>;
  reservedTopics: ReservedTopic[];
  directory: DeviceDirectory;
  authority: CertificateAuthority;
  things: Things;
  certificates: Certificates;
  policies: Policies;
  templates: Templates;
  shadows: Shadows;
  idempotency: Idempotency;
  jobs: Pick<JobsRoom, "jobs" | "engine" | "executions" | "notices">;
  /** For batches of the caller's: a claim certificate with its template, its removal, and a device's removal. */
  createClaim: Claims["create"];
  removeClaim: Claims["remove"];
  createCaClaim: CaClaims["create"];
  removeCaClaim: CaClaims["remove"];
  autoRegistration: AutoRegistration;
  forgetDevice: ReturnType<typeof createDeviceRemoval>;
}

/** The room of IoT Core: its nouns, wired to each other and to what is beneath. */
export function createIot(deps: IotDeps): IotRoom {
  const { database, bus, router } = deps;
  // First of all subscribers: who hears of a change may ask the directory at once.
  const directory = createDirectory({ database, bus });
  const authority = createCertificateAuthority(deps);
  const certificates = createCertificates({ ...deps, authority, createKeyPair: createKeyPairs() });
  const cas = createCaCertificates({ ...deps, certificates });
  const policies = createPolicies(deps);
  const { events, operations: eventOperations } = createEventConfigurations(deps);
  const groups = createGroups({ ...deps, events, observer: () => membership });
  const jobs = createJobsRoom({ ...deps, groups, registryEvents: events, observers: deps.jobObservers });
  const membership = createJobMembership({ database, engine: jobs.engine });
  const streams = createStreams(deps);
  const otaUpdates = createOtaUpdates({ ...deps, ...jobs, streams });
  const things = createThings({ ...deps, leaving: groups.planForget });
  const history = createShadowHistory({ ...deps, limits: deps.shadowHistory });
  const shadows = createShadows({ ...deps, history });
  const idempotency = createIdempotency(deps);
  const commands = createCommandsRoom({ ...deps, idempotency });
  const templates = createTemplates(deps);
  const ownership = createOwnership({ ...deps, certificates, idempotency });
  const { provision, bySignature } = createProvisioning({ ...deps, things, groups, certificates, policies, ownership });
  const caClaims = createCaClaims({ cas, templates });
  const claims = createClaims({ certificates, policies, templates });

  return {
    operations: {
      iot: {
        ...createThingOperations({ things }),
        ...createCertificateOperations({ certificates, endpointOf: deps.endpointOf }),
        ...createCaCertificateOperations({ cas, certificates }),
        ...createPolicyOperations({ policies }),
        ...createTemplateOperations({ templates, hooks: deps.hooks }),
        ...createGroupOperations({ groups, things }),
        ...createTagOperations({
          database,
          taggables: [commands.taggable, groups.taggable, ...jobs.taggables, streams.taggable, otaUpdates.taggable],
        }),
        ...createStreamOperations({ streams }),
        ...createOtaUpdateOperations({ ...deps, updates: otaUpdates }),
        ...commands.operations,
        ...eventOperations,
        ...jobs.operations,
      },
      "iot-data": {
        ...createShadowOperations({ shadows, clock: deps.clock, publish: (messages, by) => router.send(messages, by) }),
        ...createPublishOperations({ router }),
        ...createConnectionOperations(deps),
        ...createRetainedOperations(deps),
      },
      "iot-jobs-data": { ...commands.dataOperations, ...jobs.dataOperations },
    },
    hearthOperations: createShadowHistoryOperations({ history }),
    reservedTopics: [
      ...createShadowTopics({ ...deps, shadows }),
      ...createProvisioningTopics({ ownership, provision, log: deps.log }),
      ...commands.reservedTopics,
      ...jobs.reservedTopics,
      ...createStreamTopics({ ...deps, streams }),
    ],
    directory,
    authority,
    things,
    certificates,
    policies,
    templates,
    shadows,
    idempotency,
    jobs,
    createClaim: claims.create,
    removeClaim: claims.remove,
    createCaClaim: caClaims.create,
    removeCaClaim: caClaims.remove,
    autoRegistration: createAutoRegistration({ ...deps, certificates, provision: bySignature }),
    forgetDevice: createDeviceRemoval({ things, certificates, shadows }),
  };
}
