import type { Bus, Database, Outbound, Outbox, Sealer, Timers } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { HearthOperations, ManagedIntegrationsOperations, OperationTable } from "@hearth/contract";
import { type JobObserver, type ProvisioningHook, permissionsChanged, type ReservedTopic } from "@hearth/iot";
import { createAssociationLife } from "./account-associations/association-life.ts";
import {
  associationNotFound,
  associationOperations,
  associationTags,
} from "./account-associations/association-operations.ts";
import { createAssociationStore } from "./account-associations/association-store.ts";
import { createAuthorizations } from "./account-associations/authorizations.ts";
import type { CallbackAnswer } from "./account-associations/callback-page.ts";
import { createLinkStore } from "./account-associations/link-store.ts";
import { createLinking } from "./account-associations/linking.ts";
import { createOAuthClient } from "./account-associations/oauth-client.ts";
import type { ReadSecret } from "./account-associations/read-secret.ts";
import { registrationOperations } from "./account-associations/registration-operations.ts";
import { keepRenewing } from "./account-associations/renewals.ts";
import { createTokenStore } from "./account-associations/token-store.ts";
import { createUnlinking } from "./account-associations/unlinking.ts";
import { createVendorSecrets } from "./account-associations/vendor-secret.ts";
import { capabilityTopics } from "./capabilities/capability-topics.ts";
import { ReportCache } from "./capabilities/reports.ts";
import { createReportStorage } from "./capabilities/store-report.ts";
import { createCommandStore } from "./commands/command-store.ts";
import { createCommands } from "./commands/commands.ts";
import { createRequestStore } from "./commands/request-store.ts";
import { createDirectRoute, type RouteOf } from "./commands/route.ts";
import { watchConnectivity } from "./connectivity/connectivity.ts";
import { connectorDestinationOperations } from "./connector-destinations/connector-destination-operations.ts";
import { createConnectorDestinationStore } from "./connector-destinations/connector-destination-store.ts";
import { createConnectorCaller } from "./connectors/connector-caller.ts";
import { connectorOperations } from "./connectors/connector-operations.ts";
import { createConnectorRoute } from "./connectors/connector-route.ts";
import { createConnectorStore } from "./connectors/connector-store.ts";
import { eventOperations } from "./connectors/event-operations.ts";
import type { InvokeFunction } from "./connectors/invoke-function.ts";
import { listingOperations } from "./connectors/listing-operations.ts";
import { createReachConnector } from "./connectors/reach-connector.ts";
import { lockerOperations } from "./credential-lockers/locker-operations.ts";
import { createLockerStore } from "./credential-lockers/locker-store.ts";
import { customEndpointOperations } from "./custom-endpoint/custom-endpoint-operations.ts";
import { createAcceptance } from "./device/acceptance.ts";
import { deviceTopics } from "./device/device-topics.ts";
import { deviceProfileOperations } from "./device-profiles/device-profile-operations.ts";
import { createDeviceProfileStore } from "./device-profiles/device-profile-store.ts";
import { createCloudSearch } from "./discovery/cloud-search.ts";
import { createDiscoveredDevices } from "./discovery/discovered-devices.ts";
import { createDiscoveries } from "./discovery/discoveries.ts";
import { discoveryOperations } from "./discovery/discovery-operations.ts";
import { createDiscoveryStore } from "./discovery/discovery-store.ts";
import { createCiphers } from "./encryption/ciphers.ts";
import { createDataKeyStore } from "./encryption/data-key-store.ts";
import { createEncryptionConfiguration } from "./encryption/encryption-configuration.ts";
import type { KeyService } from "./encryption/key-service.ts";
import { createEventLog } from "./event-logs/event-log.ts";
import { createEventLogConfigurationStore } from "./event-logs/event-log-configuration-store.ts";
import { eventLogOperations } from "./event-logs/event-log-operations.ts";
import type { LogSink } from "./event-logs/log-sink.ts";
import { createHubGreeting } from "./hub/hub-greeting.ts";
import { createHubLabels } from "./hub/hub-labels.ts";
import { createHubRoute } from "./hub/hub-route.ts";
import { createHubSetup } from "./hub/hub-setup.ts";
import { createHubTokens } from "./hub/hub-tokens.ts";
import { createIsolation } from "./hub/isolation.ts";
import { hubConfigurationOperations } from "./hub-configuration/hub-configuration-operations.ts";
import { createHubConfigurationStore } from "./hub-configuration/hub-configuration-store.ts";
import type { Idempotently } from "./idempotently.ts";
import type { IotRoom, Messaging } from "./iot-room.ts";
import { createEventRings } from "./notification-targets/event-rings.ts";
import { createJetStream } from "./notification-targets/jetstream.ts";
import { createNotificationFollowing, createNotificationTarget } from "./notification-targets/notification-target.ts";
import { targetOperations } from "./notification-targets/target-operations.ts";
import { createTargetStore } from "./notification-targets/target-store.ts";
import { createWebhook } from "./notification-targets/webhook.ts";
import { configurationOperations } from "./notifications/configuration-operations.ts";
import { destinationOperations } from "./notifications/destination-operations.ts";
import { createDestinationStore } from "./notifications/destination-store.ts";
import { createNotifier, type DeliverRecord } from "./notifications/notifier.ts";
import type { Target } from "./notifications/target.ts";
import { otaConfigurationOperations } from "./ota-configurations/ota-configuration-operations.ts";
import { createOtaConfigurationStore } from "./ota-configurations/ota-configuration-store.ts";
import { createOtaFeed } from "./ota-tasks/ota-feed.ts";
import type { OtaJobs, OtaObjects } from "./ota-tasks/ota-jobs.ts";
import { createOtaObserver } from "./ota-tasks/ota-observer.ts";
import { otaTaskOperations } from "./ota-tasks/ota-task-operations.ts";
import { createOtaTaskStore } from "./ota-tasks/ota-task-store.ts";
import { type ProvisioningRoom, profileOperations } from "./provisioning-profiles/profile-operations.ts";
import { createProfileStore } from "./provisioning-profiles/profile-store.ts";
import { createProvisioningHook } from "./provisioning-profiles/provisioning-hook.ts";
import { logConfigurationsOf } from "./runtime-logs/log-configurations.ts";
import { runtimeLogOperations } from "./runtime-logs/runtime-log-operations.ts";
import { createRuntimeLogStore } from "./runtime-logs/runtime-log-store.ts";
import { remindOfRuntimeLogs, runtimeLogTopics } from "./runtime-logs/runtime-log-topics.ts";
import { publishOperations } from "./schemas/publish-operations.ts";
import { schemaOperations } from "./schemas/schema-operations.ts";
import { createSchemaSets } from "./schemas/schema-sets.ts";
import { createSchemaStore } from "./schemas/schema-store.ts";
import { thingSchemaOperations } from "./schemas/thing-schema-operations.ts";
import type { EnsureServiceRole, ServiceRoleUses } from "./service-role.ts";
import { createShadowMirror } from "./state/shadow-mirror.ts";
import { stateOperations } from "./state/state-operations.ts";
import { createStateStore } from "./state/state-store.ts";
import { createTags } from "./tags/tags.ts";
import { createLifeCycle } from "./things/life-cycle.ts";
import { createRemoval } from "./things/removal.ts";
import { thingOperations } from "./things/thing-operations.ts";
import { createThingStore } from "./things/thing-store.ts";
import { thingTags } from "./things/thing-tags.ts";

export interface ManagedDeps {
  database: Database;
  sealer: Sealer;
  bus: Bus;
  outbox: Outbox;
  timers: Timers;
  clock: Clock;
  log: Logger;
  region: string;
  /** The installation's own account. */
  operatorAccountId: string;
  /** The host name that an account's devices connect to. */
  endpointOf(at: { accountId: string; region: string }): string;
  commandTimeoutSeconds: number;
  idempotently: Idempotently;
  ensureServiceRole: EnsureServiceRole;
  iot: IotRoom & ProvisioningRoom;
  messaging: Messaging;
  deliver: DeliverRecord;
  logSink: LogSink;
  /** Requests to URLs that customers name. */
  outbound: Outbound;
  /** Servers of NATS JetStream; undefined: none. */
  natsUrl?: string;
  /** Absent: no functions can be called, and what needs a connector says so. */
  invokeFunction?: InvokeFunction;
  /** The customers' secrets, by which account associations are linked. */
  readSecret: ReadSecret;
  /** Where vendors send end users back to: `redirect_uri` of every link. Without a query. */
  callbackUrl(): string;
  keys: KeyService;
  /** Jobs of IoT Core, which carry OTA tasks out. */
  otaJobs: OtaJobs;
  /** Where the documents of OTA tasks are. */
  otaObjects: OtaObjects;
}

export interface Managed {
  /** Takes records for ARNs of the service `hearth`. */
  notificationTarget: Target;
  /** The records of a target of server-sent events. */
  followNotifications: ReturnType<typeof createNotificationFollowing>;
  operations: OperationTable<ManagedIntegrationsOperations>;
  /** What goes beyond AWS's model of managed integrations. */
  hearthOperations: OperationTable<HearthOperations>;
  reservedTopics: ReservedTopic[];
  provisioningHook: ProvisioningHook;
  /** An end user's browser, back at `callbackUrl`, with this query. */
  acceptCallback(query: URLSearchParams): Promise<CallbackAnswer>;
  serviceRoleUses: ServiceRoleUses;
  /** Told of the jobs that carry OTA tasks out. */
  jobObserver: JobObserver;
  /** Once, at start, before any device connects. */
  settle(): Promise<void>;
  stop(): void;
}

/** The room of managed integrations: its nouns, wired to each other and to what is beneath. */
export function createManaged(deps: ManagedDeps): Managed {
  const dataKeys = createDataKeyStore(deps);
  const ciphers = createCiphers({ ...deps, dataKeys });
  const sealed = { ...deps, ciphers };
  const encryption = createEncryptionConfiguration({ ...deps, ciphers, dataKeys });
  const destinations = createDestinationStore(sealed);
  const eventLogs = createEventLogConfigurationStore(deps);
  const eventLog = createEventLog({ ...deps, configurations: eventLogs });
  const notifier = eventLog.logging(
    createNotifier({ ...deps, deliver: eventLog.watching(deps.deliver), destinations }),
  );
  const runtimeLogs = createRuntimeLogStore(deps);
  const targets = createTargetStore(deps);
  const events = createEventRings();
  const jetStream = deps.natsUrl === undefined ? undefined : createJetStream(deps.natsUrl);
  const things = createThingStore(sealed);
  const states = createStateStore(sealed);
  const shadows = createShadowMirror(deps);
  const commands = createCommandStore(deps);
  const requests = createRequestStore(deps);
  const profiles = createProfileStore(sealed);
  const reports = new ReportCache();
  const schemas = createSchemaStore(sealed);
  const schemaSets = createSchemaSets({ schemas });
  const connectors = {
    connectors: createConnectorStore(deps),
    destinations: createConnectorDestinationStore(sealed),
    associations: createAssociationStore(sealed),
  };
  const lockers = createLockerStore(sealed);
  const deviceProfiles = createDeviceProfileStore(sealed);
  const otaConfigurations = createOtaConfigurationStore(sealed);
  const otaTasks = createOtaTaskStore(sealed);
  const otaFeed = createOtaFeed({ ...deps, otaTasks, things });
  const tags = createTags(deps, [
    associationTags(connectors.associations),
    lockers.taggable,
    otaTasks.taggable,
    profiles.taggable,
    thingTags(things),
  ]);
  const tagConditions = tags.conditions;
  const lifeCycle = createLifeCycle({ things, notifier });
  const labels = createHubLabels({ ...deps, things, lockers });
  const hubConfigurations = createHubConfigurationStore(deps);
  const hubTokens = createHubTokens({ ...deps, things, hubConfigurations });
  const greeting = createHubGreeting({ ...deps, tokens: hubTokens, labels, things });
  const isolation = createIsolation({ ...deps, things, lifeCycle, notifier, labels });
  const removal = createRemoval({ ...deps, things, isolation, lifeCycle, commands, requests, notifier });
  const life = createAssociationLife({ ...connectors, notifier });
  const accept = createAcceptance({ ...deps, things, states, commands, requests, notifier, shadows, eventLog });
  const discoveries = createDiscoveryStore(sealed);
  const jobs = createDiscoveries({ ...deps, discoveries, things, notifier });
  const reachConnector = createReachConnector(connectors);
  const linkage = {
    ...{ ...deps, associations: connectors.associations, links: createLinkStore(sealed), life, notifier },
    ...{ secrets: createVendorSecrets(deps), oauth: createOAuthClient(deps), reachConnector },
  };
  const authorizations = createAuthorizations({ ...linkage, tokens: createTokenStore(sealed) });
  keepRenewing({ ...linkage, keeping: authorizations });
  const caller = createConnectorCaller({
    ...deps,
    authorizations,
    invokeFunction: deps.invokeFunction,
    random: Math.random,
  });
  const linking = createLinking({ ...linkage, keeping: authorizations, caller });
  const calling = { ...deps, reachConnector, caller, notifier };
  const cloudSearch = createCloudSearch({ ...calling, discoveries, jobs });
  const unlinking = createUnlinking({
    ...calling,
    authorizations,
    ...connectors,
    discoveries,
    jobs,
    things,
    removal,
    life,
  });
  const discovered = createDiscoveredDevices({ discoveries, associations: connectors.associations, things });
  const storeReport = createReportStorage({ ...deps, states, lifeCycle, notifier, shadows, greeting });
  const takeFromHub = createHubSetup({
    ...{ ...deps, things, lifeCycle, discoveries, jobs, storeReport, schemaSets, notifier, lockers, labels },
  });
  const toDevices = { ...deps, timeoutSeconds: deps.commandTimeoutSeconds };
  const direct = createDirectRoute(toDevices);
  const throughHub = createHubRoute(toDevices);
  const throughConnector = createConnectorRoute({ ...calling, ...connectors, commands, schemaSets });
  const routeOf: RouteOf = async (thing, association) => {
    if (thing.connectorDestinationId !== undefined) return throughConnector(thing, association);
    if (association !== undefined) throw associationNotFound(association);
    return thing.parentControllerId === undefined ? direct(thing) : throughHub(thing, thing.parentControllerId);
  };
  const connectivity = watchConnectivity({ ...deps, things, removal, greeting });
  const stopReminding = remindOfRuntimeLogs({ ...deps, runtimeLogs });
  // The hook's notification is committed by provisioning, which tells afterwards that a certificate may do something.
  const stopWaking = deps.bus.subscribe(permissionsChanged, () => notifier.wake());

  return {
    operations: {
      ...associationOperations({ ...deps, ...connectors, life, linking, unlinking, tagConditions }),
      ...connectorDestinationOperations({ ...deps, ...connectors }),
      ...connectorOperations({ ...deps, ...connectors }),
      ...customEndpointOperations(deps),
      ...discoveryOperations({
        ...{ ...deps, ...connectors, discoveries, jobs, things, notifier, cloudSearch, tagConditions },
      }),
      ...eventOperations({
        ...{ ...deps, ...connectors, reachConnector, discoveries, jobs, things, reports, commands, schemaSets, accept },
      }),
      ...registrationOperations({
        ...{ ...deps, ...connectors, discoveries, things, states, schemas, lifeCycle, notifier, tagConditions },
      }),
      ...encryption.operations,
      ...profileOperations({ ...deps, profiles, tagConditions }),
      ...hubConfigurationOperations({ ...deps, hubConfigurations, hubTokens }),
      ...otaConfigurationOperations({ ...deps, otaConfigurations }),
      ...otaTaskOperations({ ...deps, otaTasks, otaConfigurations, otaFeed, things, tagConditions }),
      ...lockerOperations({ ...deps, lockers, tagConditions, labels }),
      ...thingOperations({
        ...{ ...deps, things, lifeCycle, removal, notifier, tagConditions, lockers, deviceProfiles, discovered },
        ...{ schemas, schemaSets, labels, greeting, otaFeed },
        associations: connectors.associations,
        certificatePem: deps.iot.certificatePem,
      }),
      ...createCommands({
        ...{ ...deps, things, reports, commands, requests, notifier, routeOf, schemaSets, tagConditions },
      }).operations,
      ...stateOperations({ things, states, reports, tagConditions }),
      ...schemaOperations({ schemaSets }),
      ...thingSchemaOperations({ things, reports, schemas, schemaSets, tagConditions }),
      ...destinationOperations({ ...deps, destinations, targets, tagConditions }),
      ...configurationOperations({ ...deps, destinations, notifier, tagConditions }),
      ...eventLogOperations({ ...deps, configurations: eventLogs, eventLog }),
      ...runtimeLogOperations({ ...deps, things, runtimeLogs, tagConditions }),
      ...tags.operations,
    },
    hearthOperations: {
      ...listingOperations({ ...deps, ...connectors }),
      ...deviceProfileOperations({ ...deps, deviceProfiles, schemaSets }),
      ...publishOperations({ ...deps, schemas, schemaSets }),
      ...targetOperations({ ...deps, targets, hasJetStream: jetStream !== undefined }),
    },
    notificationTarget: createNotificationTarget({ targets, webhook: createWebhook(deps), jetStream, events }),
    followNotifications: createNotificationFollowing({ targets, events }),
    reservedTopics: [
      ...capabilityTopics({ ...deps, things, schemaSets, storeReport }),
      ...deviceTopics({ ...deps, things, reports, removal, schemaSets, accept, eventLog, takeFromHub }),
      ...runtimeLogTopics({ ...deps, things, runtimeLogs }),
    ],
    serviceRoleUses: logConfigurationsOf({ eventLogs, runtimeLogs }),
    jobObserver: createOtaObserver({ otaTasks, notifier }),
    provisioningHook: createProvisioningHook({ ...deps, things, lifeCycle, lockers }),
    acceptCallback: linking.acceptCallback,
    async settle() {
      await connectivity.settle();
      await jobs.settle();
    },
    stop() {
      caller.stop();
      linking.stop();
      ciphers.stop();
      connectivity.stop();
      stopReminding();
      stopWaking();
      jetStream?.close().catch((error: unknown) => deps.log.warn({ error: messageOf(error) }, "NATS was not left"));
    },
  };
}
