import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { createApi } from "@hearth/api";
import { createAuth, createEndpointNames, endpointWildcard, identitiesChanged } from "@hearth/auth";
import { createBus, createOutbound, createOutbox, createTimers } from "@hearth/backplane";
import { type Clock, createLogger, InternalError, type Logger, messageOf, systemClock } from "@hearth/base";
import { awsLimits, createBroker, standardLimits } from "@hearth/broker";
import { type AnyOperationTable, services } from "@hearth/contract";
import { createIot, createRouter, permissionsChanged, type Router } from "@hearth/iot";
import { createClientIds, createKinesis, createManaged, PROVISIONING_HOOK, type Target } from "@hearth/managed";
import {
  createAwsSecrets,
  createKeys,
  createLogs,
  createObjects,
  createS3Objects,
  createSecrets,
  createStreams,
  createTrail,
} from "@hearth/stand-ins";
import { backupOperations } from "./backup/backups.ts";
import { showBroker } from "./broker-metrics.ts";
import type { Configuration } from "./configuration.ts";
import { coverageRecorder } from "./coverage-recorder.ts";
import { identifyByAuthorizer, identifyDevice } from "./device-identity.ts";
import { functionCredentials } from "./function-credentials.ts";
import { createServerFunctions } from "./functions.ts";
import { serveHealth } from "./health.ts";
import { type HearthFile, writeFileAtomically, writeHearthFile } from "./hearth-file.ts";
import { jobObjects } from "./job-objects.ts";
import { fipsNote } from "./listeners/fips.ts";
import { createListenerPolicies } from "./listeners/listener-policies.ts";
import { type Listeners, MQTT_WITH_AUTHORIZER, openListeners, type Ports } from "./listeners/listeners.ts";
import { managedFunctions } from "./managed-functions.ts";
import { managedKeys } from "./managed-keys.ts";
import { managedObjects } from "./managed-objects.ts";
import { managedRooms } from "./managed-rooms.ts";
import { managedSecrets } from "./managed-secrets.ts";
import { createMetrics } from "./metrics.ts";
import { createRecordDelivery, ownStreams } from "./notification-delivery.ts";
import { createNotificationEvents } from "./notification-events.ts";
import { CALLBACK_PATH, createOAuthCallback } from "./oauth-callback.ts";
import { objectRoles } from "./object-roles.ts";
import { createOpenMqtt, openMqttOf } from "./open-mqtt.ts";
import { rotationOperations } from "./rotation-operations.ts";
import { ensureServerCertificate } from "./server-certificate.ts";
import { plainAddress, socketAddresses } from "./socket-addresses.ts";
import { openStore } from "./store.ts";
import { upgradeToMqtt } from "./web-socket.ts";
import { connectionEventOperations } from "./why/connection-event-operations.ts";
import { describeHandshake } from "./why/handshake-words.ts";

export interface Platform {
  /** Also in `<data dir>/hearth.json`. */
  file: HearthFile;
  dataDir: string;
  ports: Ports;
  /** By service, the operations that have a handler. */
  builtOperations: Readonly<Record<string, readonly string[]>>;
  /** What a person should be told besides. */
  notes: readonly string[];
  /** Reads the policies of the listeners again. */
  reload(): void;
  /** Answers what is under way, tells connected devices, closes the store. */
  stop(): Promise<void>;
}

/** Longest time that a stop waits for requests under way. */
const DRAIN_MS = 5_000;

/**
 * Starts everything in this process and resolves once all listeners accept. Also for tests and for embedding.
 * @throws StoreError, ListenError, ConfigurationError with one line for a person
 */
export async function startPlatform(
  configuration: Configuration,
  given: {
    clock?: Clock;
    log?: Logger;
    /** Takes a backup over as the database; absent: this platform cannot. */
    restore?: (path: string) => Promise<void>;
  } = {},
): Promise<Platform> {
  const clock = given.clock ?? systemClock;
  const log = given.log ?? createLogger(configuration.logLevel);
  const { accountId, region, dataDir } = configuration;
  const notes: string[] = [];
  const listenerPolicies = createListenerPolicies(configuration.listeners, log);
  const fips = fipsNote(configuration.listeners);
  if (fips !== undefined) notes.push(fips);
  if (configuration.unsafeNoFsync) notes.push("HEARTH_UNSAFE_NO_FSYNC is set: a power cut loses acknowledged data.");

  const open = openMqttOf(configuration);
  const store = await openStore(configuration, clock, log);
  const undo: (() => Promise<void> | void)[] = [() => store.close()];
  try {
    const { database, sealer } = store;
    const bus = createBus(log);
    const outbox = createOutbox({ database, sealer, clock, log });
    const timers = createTimers({ database, sealer, clock, log });
    const metrics = createMetrics();
    const publicHost = configuration.publicUrl ? new URL(configuration.publicUrl).hostname : "localhost";
    const endpoints = createEndpointNames({ publicHost, home: { accountId, region } });

    // The router needs the topics of `iot` and `managed`, which need the router: it is filled in below.
    let router: Router | undefined;
    const platformPublisher = { accountId, region, principalId: "platform" };
    const send: Router["send"] = (messages, publisher) => router?.send(messages, publisher);
    const sendTogether: Router["sendTogether"] = async (messages, publisher, writes) => {
      if (router === undefined) throw new InternalError("messages are sent before there is a router");
      await router.sendTogether(messages, publisher, writes);
    };

    const keys = createKeys({ database, sealer, clock });
    const streams = createStreams({ database, clock, log, sealer });
    const logs = createLogs({ database, clock, log, sealer });
    const origin = () => configuration.publicUrl ?? `https://localhost:${listeners.ports.https}`;
    const assumeRole = objectRoles({
      auth: () => auth,
      clock,
      region,
      origin,
    });
    const objects = createObjects({
      database,
      clock,
      log,
      sealer,
      directory: join(dataDir, "objects"),
      fsync: !configuration.unsafeNoFsync,
      assumeRole,
    });
    const elsewhere = configuration.objects === "aws" ? createS3Objects({ assumeRole }) : undefined;
    const objectAccess = elsewhere ?? objects.access;
    const trail = createTrail({ database, clock, log, sealer, writer: objectAccess });
    const objectsOfJobs = jobObjects({
      access: () => objectAccess,
      operations: () => (elsewhere === undefined ? objects.operations : undefined),
      auth: () => auth,
      origin,
    });
    const iot = await createIot({
      database,
      sealer,
      bus,
      timers,
      clock,
      log,
      endpointOf: endpoints.endpointOf,
      objects: objectsOfJobs,
      profile: configuration.profile,
      jobObservers: () => [managed.jobObserver],
      shadowHistory: {
        entries: configuration.shadowHistoryEntries,
        age: configuration.shadowHistoryDays * 24 * 3_600_000,
      },
      hooks: { [PROVISIONING_HOOK]: (input) => managed.provisioningHook(input) },
      router: {
        publish: (message, publisher) => router?.publish(message, publisher),
        send,
        sendTogether,
      },
      broker: {
        get connections() {
          return broker.connections;
        },
        get retained() {
          return broker.retained;
        },
      },
    });
    const auth = createAuth({
      database,
      sealer,
      clock,
      log,
      bus,
      directory: iot.directory,
      endpoints,
      listener: listenerPolicies.listener,
      serviceRoleUses: (accountId) => managed.serviceRoleUses(accountId),
    });
    // Connections over WebSocket carry the permissions of a user or role: when those change they are asked for again.
    bus.subscribe(identitiesChanged, ({ accountId }) => bus.publish(permissionsChanged, { accountId }));
    const secretsManager = createSecrets({ database, clock, timers, keys, rightsOf: auth.rightsOf });
    const secrets = configuration.secrets === "aws" ? createAwsSecrets() : secretsManager;
    const root = await auth.ensureRootAccount({ accountId, region });
    const functions = createServerFunctions(configuration, {
      ...{ database, sealer, clock, log, outbox, logs, assumeRoleForService: auth.assumeRoleForService },
      credentials: functionCredentials(auth),
      apiEndpoint: () => `http://127.0.0.1:${listeners.ports.api}`,
      authority: () => certificate.root,
    });
    notes.push(...functions.notes);
    const kinesis: Target = configuration.kinesis === "aws" ? createKinesis() : ownStreams(streams);
    const managed = createManaged({
      database,
      sealer,
      bus,
      outbox,
      timers,
      clock,
      log,
      region,
      operatorAccountId: accountId,
      endpointOf: endpoints.endpointOf,
      commandTimeoutSeconds: configuration.commandTimeoutSeconds,
      idempotently: iot.idempotency.idempotently,
      ensureServiceRole: auth.ensureServiceRole,
      iot: managedRooms(iot),
      keys: managedKeys(keys, auth.rightsOf),
      otaJobs: iot.jobs,
      otaObjects: managedObjects(objectsOfJobs),
      messaging: {
        publish: async (messages) => send(messages, platformPublisher),
        direct: (clientId, message) => broker.reply(clientId, message),
        reach: (account, clientId, topic) => broker.connections.reach(account, clientId, topic),
      },
      outbound: createOutbound({ allow: configuration.outboundAllow, ca: configuration.outboundCa }),
      invokeFunction: managedFunctions(functions.invoker),
      readSecret: managedSecrets(secrets),
      callbackUrl: () => callbackUrl(),
      natsUrl: configuration.natsUrl,
      logSink: logs,
      deliver: createRecordDelivery(auth, () => ({ kinesis, hearth: managed.notificationTarget })),
    });
    const clientIds = createClientIds({ database });
    const openMqtt = open && createOpenMqtt(open, { directory: iot.directory, clientIds, bus, log });
    router = createRouter({ reserved: [...iot.reservedTopics, ...managed.reservedTopics], log });
    const broker = createBroker({
      database,
      sealer,
      bus,
      clock,
      log,
      router,
      async isCertificateActive(accountId, certificateId) {
        const registrations = await iot.directory.registrations(certificateId);
        return registrations.some((one) => one.accountId === accountId && one.status === "ACTIVE");
      },
      limits: { ...(configuration.profile === "aws" ? awsLimits : standardLimits), ...configuration.limits },
    });
    router.attach(broker);
    showBroker(metrics, broker.metrics);

    const operations: Record<string, AnyOperationTable> = {
      ...auth.operations,
      ...iot.operations,
      "iot-managed-integrations": managed.operations,
      cloudtrail: trail.operations,
      kinesis: streams.operations,
      lambda: functions.operations,
      logs: logs.operations,
      kms: keys.operations,
      secretsmanager: secretsManager.operations,
      s3: objects.operations,
      hearth: {
        ...auth.operations.hearth,
        ...iot.hearthOperations,
        ...managed.hearthOperations,
        ...backupOperations({ store, clock, dataDir, accountId, restore: given.restore }),
        ...connectionEventOperations({ connectionLog: broker.connectionLog, accountId }),
        ...rotationOperations({
          rotateMasterKey: store.rotateMasterKey,
          authority: iot.authority,
          async renewServerCertificate() {
            const renewed = await ensureServerCertificate({ database, sealer, clock }, serverNames, true);
            listeners.show(renewed);
            return renewed;
          },
          accountId,
        }),
      },
    };
    const recorder = coverageRecorder(process.env["HEARTH_COVERAGE_FILE"]);
    const api = createApi({
      services,
      operations,
      authenticate: auth.authenticate,
      authorize: auth.authorize,
      listenerPolicy(listener) {
        const policy = listenerPolicies.of(listener);
        return (
          policy &&
          ((principal, action, resource, context) =>
            auth.authorizeAtListener(policy, principal, action, resource, context))
        );
      },
      clock,
      log,
      metrics: metrics.request,
      audit(call) {
        if (call.model.service === "iot-managed-integrations") trail.record(call);
      },
      ...(recorder ? { record: recorder } : {}),
    });

    const notificationEvents = createNotificationEvents({ auth, managed, clock, log, metrics: metrics.request });
    const oauthCallback = createOAuthCallback({ managed, log });
    const callbackUrl = () =>
      configuration.callbackUrl ?? `https://${publicHost}:${listeners.ports.callback}${CALLBACK_PATH}`;

    await functions.start();
    await managed.settle();
    await objects.start();
    await broker.start();
    const names = [publicHost, ...configuration.serverNames].map((name) => name.toLowerCase());
    const serverNames = [...names, ...names.flatMap((name) => endpointWildcard(name, region) ?? [])];
    const certificate = await ensureServerCertificate({ database, sealer, clock }, serverNames);

    let ready = false;
    const hosts = ["localhost", "127.0.0.1", "[::1]", ...names];
    const isLoopbackApi = (request: IncomingMessage) => !(request.socket instanceof TLSSocket);
    const listeners: Listeners = await openListeners(
      configuration,
      certificate,
      {
        request(request: IncomingMessage, response: ServerResponse, listener?: string) {
          const health = { hosts, ready: () => ready, ...(isLoopbackApi(request) ? { metrics: metrics.text } : {}) };
          if (serveHealth(request, response, health)) return;
          if (listener === undefined && functions.serveCode(request, response)) return;
          // Listeners with a policy of their own serve the API alone.
          if (listener !== undefined || !notificationEvents.serve(request, response)) {
            api.handle(request, response, listener);
          }
        },
        upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
          upgradeToMqtt(request, socket, head, { auth, broker, clock, log });
        },
        handshakeFailed(error, sourceIp) {
          const { cause, words } = describeHandshake(error);
          broker.refused({ sourceIp: sourceIp && plainAddress(sourceIp), protocol: "TLS" }, cause, words);
        },
        mqtt(socket: TLSSocket, { alpn, serverName }) {
          if (alpn === MQTT_WITH_AUTHORIZER) {
            const { sourceIp } = socketAddresses(socket);
            return broker.acceptByConnect(socket, identifyByAuthorizer(auth, socket, serverName), { sourceIp });
          }
          identifyDevice(socket, endpoints.named(serverName), {
            ...{ directory: iot.directory, clientIds, clock, autoRegistration: iot.autoRegistration },
          }).then(
            (found) => {
              if ("identity" in found) return broker.accept(socket, found.identity);
              broker.refused(found.party, found.cause, found.refused);
              socket.destroy();
            },
            (error) => {
              const { sourceIp } = socketAddresses(socket);
              log.error({ sourceIp, error: messageOf(error) }, "device could not be identified");
              const why = "the server could not find out whose certificate this is; its log says more";
              broker.refused({ sourceIp, protocol: "TLS" }, "SERVER_ERROR", why);
              socket.destroy();
            },
          );
        },
        callback(request, response) {
          if (!serveHealth(request, response, { hosts, ready: () => ready })) oauthCallback(request, response);
        },
        openMqtt(socket: Socket) {
          if (openMqtt) broker.accept(socket, openMqtt.identity(socket));
          else socket.destroy();
        },
      },
      log,
    );
    undo.push(() => listeners.close());
    if (listeners.tlsPortNote) notes.push(listeners.tlsPortNote);
    if (configuration.publicUrl) notes.push(`${configuration.publicUrl} leads here to port ${listeners.ports.https}.`);

    if (openMqtt && listeners.ports.openMqtt !== undefined) {
      notes.push(...(await openMqtt.warnings(listeners.ports.openMqtt)));
    }

    // Only now: whoever reads hearth.json may connect at once.
    await outbox.start();
    await timers.start();
    iot.jobs.notices.start();
    const stopTrimming = streams.start();
    const stopTrail = trail.start();
    const stopLogs = logs.start();
    const caFile = join(dataDir, "ca.pem");
    await writeFileAtomically(caFile, certificate.root, 0o644);
    const file: HearthFile = {
      accountId,
      region,
      accessKeyId: root.accessKeyId,
      secretAccessKey: root.secretAccessKey,
      apiEndpoint: `http://127.0.0.1:${listeners.ports.api}`,
      httpsEndpoint: configuration.publicUrl ?? `https://localhost:${listeners.ports.https}`,
      mqttHost: publicHost,
      mqttsPort: listeners.ports.mqtts,
      tlsPort: listeners.ports.tls,
      callbackUrl: callbackUrl(),
      ...(listeners.ports.openMqtt === undefined ? {} : { openMqttPort: listeners.ports.openMqtt }),
      ...(configuration.listeners.length > 0 && {
        listeners: Object.fromEntries(
          Object.entries(listeners.ports.named).map(([name, port]) => [name, `https://${publicHost}:${port}`]),
        ),
      }),
      caFile,
    };
    await writeHearthFile(dataDir, file);
    ready = true;

    return {
      file,
      dataDir,
      ports: listeners.ports,
      builtOperations: Object.fromEntries(
        Object.entries(operations).map(([service, table]) => [service, Object.keys(table)]),
      ),
      notes,
      reload: listenerPolicies.reload,
      async stop() {
        ready = false;
        listeners.stopAccepting();
        notificationEvents.stop();
        listeners.drain();
        await Promise.race([
          Promise.all([api.drain(), broker.drain()]),
          new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref()),
        ]);
        await listeners.close();
        await functions.stop();
        managed.stop();
        await iot.jobs.notices.stop();
        kinesis.close?.();
        elsewhere?.close();
        secrets.close?.();
        await stopTrimming();
        await stopTrail();
        await stopLogs();
        await timers.stop();
        await outbox.stop();
        await store.close();
      },
    };
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}
