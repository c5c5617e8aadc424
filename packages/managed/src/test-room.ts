import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Bus,
  migrations as backplaneMigrations,
  createBus,
  createOutbound,
  createOutbox,
  createSealer,
  createTimers,
  type Database,
  type Outbound,
  type OutboxDispatcher,
  openSqlite,
  type TimerScheduler,
} from "@hearth/backplane";
import { FakeClock, InternalError, type Logger, silentLogger, topicMatches } from "@hearth/base";
import { type OperationBinding, type RequestContext, ServiceError } from "@hearth/contract";
import {
  createIot,
  type IotRoom,
  migrations as iotMigrations,
  type Message,
  type Outcome,
  type Reach,
} from "@hearth/iot";
import { CLAIM, CSR } from "../test/certificates.ts";
import { lightReport } from "../test/light-report.ts";
import type { ReadSecret } from "./account-associations/read-secret.ts";
import type { InvokeFunction } from "./connectors/invoke-function.ts";
import { createManaged, type Managed } from "./managed.ts";
import { migrations } from "./migrations.ts";
import type { Notification } from "./notifications/notification.ts";
import type { DeliverRecord } from "./notifications/notifier.ts";
import { PROVISIONING_HOOK } from "./provisioning-profiles/provisioning-hook.ts";

export const testMigrations = [...backplaneMigrations, ...iotMigrations, ...migrations];

export const AT = { accountId: "000000000000", region: "us-east-1" };
export const OTHER = { accountId: "111111111111", region: "us-east-1" };
export const UPC = "829576019524";
export const COMMAND_SECONDS = 60;

/** What a light with two endpoints says of itself. */
export const REPORT = lightReport(["1", "2"], ["Off", "On", "Toggle"]);

export interface Device {
  id: string;
  certificateId: string;
}

type Place = typeof AT;

/** A room of managed integrations on a real database and a real room of IoT Core, with a clock moved by hand. */
export interface TestRoom {
  managed: Managed;
  iot: IotRoom;
  database: Database;
  bus: Bus;
  clock: FakeClock;
  timers: TimerScheduler;
  outbox: OutboxDispatcher;
  /** Where the SQLite database is. */
  directory: string;
  /** What went to subscribers … */
  sent: Message[];
  /** … and to one client. */
  direct: { clientId: string; message: Message }[];
  /** What arrived in the customer's streams. */
  delivered: { streamArn: string; partitionKey: string; notification: Notification }[];
  /** What was written to the account's logs. */
  logged: (Place & { group: string; stream: string; at: number; message: string })[];
  request(at?: Place): RequestContext;
  call<Input, Output>(binding: OperationBinding<Input, Output> | undefined, input: Input, at?: Place): Promise<Output>;
  /** Calls the handler of a reserved topic as the router does. */
  publish(topic: string, payload: unknown, certificateId: string, at?: Place): Promise<Outcome>;
  /** A managed thing with this serial number: its id. */
  create(serial: string, at?: Place): Promise<string>;
  /** Provisions by claim; the rejected answer is thrown as an Error of its text. */
  provision(serial: string, code?: string, at?: Place): Promise<Device>;
  /** Created, provisioned and activated with `report`. */
  light(serial: string, at?: Place, report?: object): Promise<Device>;
  report(device: Device, report: unknown, at?: Place): Promise<unknown>;
  /** On `north/{id}/control`; the text of a refusal, or undefined. */
  say(device: Device, message: object, at?: Place): Promise<{ code: number; message: string } | undefined>;
  status(id: string, at?: Place): Promise<string | undefined>;
  state(id: string): Promise<Record<string, unknown>>;
  shadow(id: string): Promise<unknown>;
  /** Sends one action to endpoint 1: its trace. */
  command(id: string, name?: string, parameters?: Record<string, unknown>): Promise<string>;
  /** A destination with this name, and a configuration for each event type. */
  configure(name: string, eventTypes: readonly string[], at?: Place): Promise<void>;
  /** What was delivered about a thing, once all is delivered. */
  notified(id: string): Promise<{ type: string; payload: Record<string, unknown> }[]>;
  /** A second server on the same database; close it before this one. */
  restart(): Promise<TestRoom>;
  close(): Promise<void>;
}

export interface TestRoomOptions {
  database?: Database;
  clock?: FakeClock;
  /** Rejects where delivery is to fail. */
  delivering?: (delivery: Parameters<DeliverRecord>[0]) => Promise<void> | void;
  /** `connected` unless it says otherwise. */
  reach?: (clientId: string) => Reach;
  /** Connectors' functions, where they can be called. */
  invokeFunction?: InvokeFunction;
  /** One secret, of client `client`, for everybody unless it says otherwise. */
  readSecret?: ReadSecret;
  /** Calls 127.0.0.1 besides public addresses unless it says otherwise. */
  outbound?: Outbound;
  /** What an object that an OTA task names holds; undefined: there is none. */
  object?: (name: string, task: { accountId: string; arn: string }) => Promise<string> | string | undefined;
  log?: Logger;
}

export type OpenTestRoom = (options?: TestRoomOptions) => Promise<TestRoom>;

export const jsonOf = (message: Message | undefined): Record<string, unknown> =>
  JSON.parse(Buffer.from(message?.payload ?? []).toString());

/** Name and message of the error that a promise rejects with. */
export async function refusalOf(promise: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    return { name: (error as Error).name, message: (error as Error).message };
  }
  throw new Error("was not refused");
}

/** Grows with every message, as a device's does. */
let eventNumber = 0;

/** An event of a device; `changes` replace its members. */
export const event = (properties: Record<string, unknown>, changes: object = {}) => ({
  messageType: "DEVICE_EVENT",
  timestamp: "2026-01-01T00:00:00Z",
  eventNumber: ++eventNumber,
  endpoints: [
    {
      endpointId: "1",
      capabilities: [
        {
          id: "matter.OnOff@1.4",
          properties: Object.entries(properties).map(([name, value]) => ({ name, value })),
        },
      ],
    },
  ],
  ...changes,
});

/** The answer to a command: one action for each code. */
export const response = (traceId: string, codes: readonly number[], properties: Record<string, unknown> = {}) => ({
  messageType: "DEVICE_COMMAND_RESPONSE",
  traceId,
  timestamp: "2026-01-01T00:00:00Z",
  eventNumber: ++eventNumber,
  endpoints: [
    {
      endpointId: "1",
      capabilities: [
        {
          id: "matter.OnOff@1.4",
          actions: codes.map((responseCode) => ({
            name: "On",
            responseCode,
            ...(responseCode < 300 ? {} : { errors: [{ code: "FAILED", message: "no" }] }),
          })),
          ...(Object.keys(properties).length === 0
            ? {}
            : { properties: Object.entries(properties).map(([name, value]) => ({ name, value })) }),
        },
      ],
    },
  ],
});

export const removed = (responseCode?: number) => ({
  messageType: "DEVICE_REMOVAL_RESPONSE",
  timestamp: "2026-01-01T00:00:00Z",
  eventNumber: ++eventNumber,
  ...(responseCode === undefined ? {} : { responseCode }),
});

const noKey = async (): Promise<never> => {
  throw new InternalError("this room has no key management service");
};
const noKeys = { generateDataKey: noKey, decrypt: noKey, describe: noKey, onChange: () => () => {} };

export const CALLBACK_URL = "https://hearth.example.com/oauth2/callback";
const SECRET = JSON.stringify({ clientId: "client", clientSecret: "secret" });

/** On SQLite in a temporary directory, unless a database is given, which stays open. */
export async function openTestRoom(options: TestRoomOptions = {}): Promise<TestRoom> {
  const directory = mkdtempSync(join(tmpdir(), "hearth-managed-"));
  const database =
    options.database ??
    (await openSqlite({ file: join(directory, "hearth.db"), migrations: testMigrations, log: silentLogger }));
  const clock = options.clock ?? new FakeClock();
  const bus = createBus(silentLogger);
  const sealer = createSealer(new Uint8Array(32));
  const deps = { database, sealer, clock, log: options.log ?? silentLogger };
  const timers = createTimers(deps);
  const outbox = createOutbox(deps);
  const sent: Message[] = [];
  const direct: { clientId: string; message: Message }[] = [];
  const delivered: TestRoom["delivered"] = [];
  const logged: TestRoom["logged"] = [];
  const iot = createIot({
    ...deps,
    bus,
    timers,
    endpointOf: () => "iot.example.com",
    objects: {
      locate: () => undefined,
      readAs: () => Promise.reject(new InternalError("this room has no objects")),
      head: () => Promise.reject(new InternalError("this room has no objects")),
      read: () => Promise.reject(new InternalError("this room has no objects")),
      presign: () => Promise.reject(new InternalError("this room has no objects")),
      checkRole: async () => {},
    },
    profile: "standard",
    jobObservers: () => [managed.jobObserver],
    shadowHistory: { entries: 0, age: 0 },
    hooks: { [PROVISIONING_HOOK]: (input) => managed.provisioningHook(input) },
    router: {
      send: (messages) => void sent.push(...messages),
      async sendTogether(messages, _, writes) {
        await database.commit(writes);
        sent.push(...messages);
      },
      publish: () => undefined,
    },
    broker: {
      get connections(): never {
        throw new InternalError("this room has no broker");
      },
      get retained(): never {
        throw new InternalError("this room has no broker");
      },
    },
  });
  const managed: Managed = createManaged({
    ...deps,
    bus,
    outbox,
    timers,
    region: AT.region,
    operatorAccountId: AT.accountId,
    endpointOf: () => "iot.example.com",
    commandTimeoutSeconds: COMMAND_SECONDS,
    idempotently: iot.idempotency.idempotently,
    ensureServiceRole: async () => [],
    iot: {
      forgetDevice: iot.forgetDevice,
      createClaim: iot.createClaim,
      removeClaim: iot.removeClaim,
      createCaClaim: iot.createCaClaim,
      removeCaClaim: iot.removeCaClaim,
      reportShadow: (thing, reported) => iot.shadows.planUpdate(thing, { state: { reported } }),
      certificatePem: async (place, id) => (await iot.certificates.find(place, id))?.certificatePem,
    },
    messaging: {
      publish: async (messages) => void sent.push(...messages),
      direct: (clientId, message) => direct.push({ clientId, message }) > 0,
      reach: (_account, clientId) => options.reach?.(clientId) ?? "live",
    },
    outbound: options.outbound ?? createOutbound({ allow: ["127.0.0.1"] }),
    ...(options.invokeFunction ? { invokeFunction: options.invokeFunction } : {}),
    readSecret: options.readSecret ?? (async () => SECRET),
    callbackUrl: () => CALLBACK_URL,
    keys: noKeys,
    otaJobs: iot.jobs,
    otaObjects: {
      locate: (url) => {
        const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
        return key === "" ? undefined : { bucket, key };
      },
      async read({ bucket, key }, task) {
        const text = await options.object?.(`${bucket}/${key}`, task);
        if (text === undefined) throw new ServiceError("NoSuchKey", "The specified key does not exist.");
        return Buffer.from(text);
      },
    },
    logSink: {
      async put(place, group, stream, events) {
        logged.push(...events.map(({ at, message }) => ({ ...place, group, stream, at, message })));
      },
    },
    async deliver(delivery) {
      await options.delivering?.(delivery);
      const { targetArn: streamArn, partitionKey, data } = delivery;
      delivered.push({ streamArn, partitionKey, notification: JSON.parse(Buffer.from(data).toString()) });
    },
  });
  await managed.settle();
  await outbox.start();
  await timers.start();

  const { operations } = managed;
  const claims = new Map<string, Promise<{ name: string; certificateId: string }>>();
  const claimOf = (at: Place) => {
    const known = claims.get(at.accountId) ?? makeClaim(at);
    claims.set(at.accountId, known);
    return known;
  };
  async function makeClaim(at: Place) {
    const sql = "SELECT name, claim_certificate_id FROM provisioning_profile WHERE account_id = ?";
    type Row = { name: string; claim_certificate_id: string };
    let [row] = await database.query<Row>(sql, [at.accountId]);
    if (!row) {
      const input = { ProvisioningType: "FLEET_PROVISIONING" as const, ClaimCertificate: CLAIM };
      await room.call(operations.CreateProvisioningProfile, input, at);
      [row] = await database.query<Row>(sql, [at.accountId]);
    }
    return { name: row?.name ?? "", certificateId: row?.claim_certificate_id ?? "" };
  }

  const room: TestRoom = {
    ...{ managed, iot, database, bus, clock, timers, outbox, directory, sent, direct, delivered, logged },

    request: (at = AT) => ({
      ...at,
      principal: { type: "Root", accountId: at.accountId, arn: "arn", principalId: at.accountId, accessKeyId: "AKIA" },
      requestId: "request",
      service: "iot-managed-integrations",
      operation: "Operation",
      sourceIp: "127.0.0.1",
      userAgent: "test",
      now: clock.now(),
      authorize: async () => {},
    }),

    async call(binding, input, at) {
      if (!binding) throw new Error("the operation has no handler");
      return binding.handle(input, room.request(at));
    },

    async publish(topic, payload, certificateId, at = AT) {
      const found = [...iot.reservedTopics, ...managed.reservedTopics].find(({ filter }) =>
        topicMatches(filter, topic),
      );
      if (!found) throw new Error(`no handler for ${topic}`);
      const parts = found.filter.split("/");
      const bytes = typeof payload === "string" ? payload : JSON.stringify(payload);
      const outcome = await found.handle(
        topic.split("/").filter((_, index) => parts[index] === "+"),
        { accountId: at.accountId, topic, payload: Buffer.from(bytes), qos: 1, retain: false },
        { ...at, clientId: "client", principalId: certificateId, certificateId },
      );
      sent.push(...(outcome.publish ?? []));
      return outcome;
    },

    async create(serial, at) {
      const { Id = "" } = await room.call(
        operations.CreateManagedThing,
        {
          Role: "DEVICE",
          AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
          AuthenticationMaterial: `SN:${serial};UPC:${UPC};`,
        },
        at,
      );
      return Id;
    },

    async provision(serial, code = UPC, at = AT) {
      const claim = await claimOf(at);
      const ask = async (topic: string, payload: object) => {
        const [message] = (await room.publish(topic, payload, claim.certificateId, at)).reply ?? [];
        const answer = jsonOf(message);
        if (!message?.topic.endsWith("/accepted")) throw new Error(`${answer["statusCode"]} ${answer["errorCode"]}`);
        return answer;
      };
      const created = await ask("$aws/certificates/create-from-csr/json", { certificateSigningRequest: CSR });
      const answer = await ask(`$aws/provisioning-templates/${claim.name}/provision/json`, {
        certificateOwnershipToken: created["certificateOwnershipToken"],
        parameters: { SerialNumber: serial, UniversalProductCode: code },
      });
      return { id: String(answer["thingName"]), certificateId: String(created["certificateId"]) };
    },

    async light(serial, at = AT, report = REPORT) {
      await room.create(serial, at);
      const device = await room.provision(serial, UPC, at);
      const refused = await room.report(device, report, at);
      if (refused !== undefined) throw new Error(JSON.stringify(refused));
      return device;
    },

    async report(device, report, at) {
      const topic = `$aws/managed-integrations/${device.id}/capabilities`;
      const { reply = [] } = await room.publish(topic, report, device.certificateId, at);
      return reply[0]?.topic === `${topic}/accepted` ? undefined : jsonOf(reply[0]);
    },

    async say(device, message, at) {
      const { reply } = await room.publish(`north/${device.id}/control`, message, device.certificateId, at);
      return reply?.[0] && (jsonOf(reply[0]) as never);
    },

    async status(id, at) {
      return (await room.call(operations.GetManagedThing, { Identifier: id }, at)).ProvisioningStatus;
    },

    async state(id) {
      const { Endpoints } = await room.call(operations.GetManagedThingState, { ManagedThingId: id });
      const endpoints = Endpoints as unknown as {
        endpointId: string;
        capabilities: { id: string; properties: { name: string; value: { propertyValue: unknown } }[] }[];
      }[];
      return Object.fromEntries(
        endpoints.flatMap((endpoint) =>
          endpoint.capabilities.flatMap((capability) =>
            capability.properties.map(({ name, value }) => [`${endpoint.endpointId}/${name}`, value.propertyValue]),
          ),
        ),
      );
    },

    async shadow(id) {
      return JSON.parse(await iot.shadows.get({ ...AT, thingName: id })).state.reported;
    },

    async command(id, name = "On", parameters = {}) {
      const capability = { id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [{ name, parameters }] };
      const { TraceId = "" } = await room.call(operations.SendManagedThingCommand, {
        ManagedThingId: id,
        Endpoints: [{ endpointId: "1", capabilities: [capability] }],
      });
      return TraceId;
    },

    async configure(name, eventTypes, at) {
      await room.call(
        operations.CreateDestination,
        {
          Name: name,
          DeliveryDestinationType: "KINESIS",
          DeliveryDestinationArn: `arn:aws:kinesis:us-east-1:${(at ?? AT).accountId}:stream/${name}`,
          RoleArn: `arn:aws:iam::${(at ?? AT).accountId}:role/${name}`,
        },
        at,
      );
      for (const EventType of eventTypes) {
        const input = { EventType: EventType as "DEVICE_STATE", DestinationName: name };
        await room.call(operations.CreateNotificationConfiguration, input, at);
      }
    },

    async notified(id) {
      await outbox.idle();
      return delivered
        .filter(({ partitionKey }) => partitionKey === id)
        .map(({ notification }) => ({
          type: notification.messageType,
          payload: notification.payload as Record<string, unknown>,
        }));
    },

    async restart() {
      managed.stop();
      await timers.stop();
      await outbox.stop();
      return openTestRoom({ ...options, clock, database });
    },

    async close() {
      managed.stop();
      await timers.stop();
      await outbox.stop();
      if (!options.database) await database.close();
      rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
  return room;
}
