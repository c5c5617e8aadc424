import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Bus,
  migrations as backplaneMigrations,
  createBus,
  createSealer,
  createTimers,
  type Database,
  openSqlite,
  type Subject,
  type TimerScheduler,
} from "@hearth/backplane";
import { FakeClock, InternalError, silentLogger } from "@hearth/base";
import { type OperationBinding, type RequestContext, ServiceError } from "@hearth/contract";
import { createIot, type IotDeps, type IotRoom } from "./iot.ts";
import type { JobObjects } from "./jobs/job-objects.ts";
import type { Message, Outcome, Publisher } from "./messaging/message.ts";
import { migrations } from "./migrations.ts";

/** A room on a real database, with a clock moved by hand. For tests. */
export interface TestRoom {
  iot: IotRoom;
  database: Database;
  bus: Bus;
  clock: FakeClock;
  timers: TimerScheduler;
  /** What the room is made of, for rooms within it. */
  deps: IotDeps;
  /** What went to the router for subscribers. */
  sent: Message[];
  /** What was published as a client would. */
  published: { message: Message; publisher: Publisher }[];
  /** What the object store holds, by `bucket/key`. */
  objects: Map<string, string>;
  request: RequestContext;
  /** Messages that the Bus carried on `subject` since. */
  heard<T>(subject: Subject<T>): T[];
  /** Calls an operation as the API door does. */
  call<Input, Output>(
    binding: OperationBinding<Input, Output> | undefined,
    input: Input,
    request?: RequestContext,
  ): Promise<Output>;
  /** Calls the handler of a reserved topic as the router does. */
  publish(topic: string, payload: unknown, publisher?: Partial<Publisher>): Promise<Outcome>;
  close(): Promise<void>;
}

export const testMigrations = [...backplaneMigrations, ...migrations];

export type OpenTestRoom = (more?: Partial<IotDeps>) => Promise<TestRoom>;

export const AT = { accountId: "000000000000", region: "us-east-1" };

export const requestOf = (at = AT, now = 0): RequestContext => ({
  ...at,
  principal: { type: "Root", accountId: at.accountId, arn: "arn", principalId: at.accountId, accessKeyId: "AKIA" },
  requestId: "request",
  service: "iot",
  operation: "Operation",
  sourceIp: "127.0.0.1",
  userAgent: "test",
  now,
  authorize: async () => {},
});

/** On SQLite in a temporary directory, unless a database is given, which stays open. */
export async function openTestRoom(more: Partial<IotDeps> = {}): Promise<TestRoom> {
  const directory = mkdtempSync(join(tmpdir(), "hearth-iot-"));
  const database =
    more.database ??
    (await openSqlite({
      file: join(directory, "hearth.db"),
      migrations: testMigrations,
      log: silentLogger,
    }));
  const bus = createBus(silentLogger);
  const clock = more.clock instanceof FakeClock ? more.clock : new FakeClock();
  const sealer = createSealer(new Uint8Array(32));
  const timers = createTimers({ database, sealer, clock, log: silentLogger });
  const sent: Message[] = [];
  const published: { message: Message; publisher: Publisher }[] = [];
  const objects = new Map<string, string>();
  const deps: IotDeps = {
    objects: objectsOf(objects),
    profile: "standard",
    shadowHistory: { entries: 100, age: 30 * 24 * 3_600_000 },
    jobObservers: () => [],
    database,
    bus,
    clock,
    sealer,
    timers,
    hooks: {},
    log: silentLogger,
    endpointOf: () => "iot.example.com",
    router: {
      send(messages) {
        sent.push(...messages);
        return undefined;
      },
      async sendTogether(messages, _, writes) {
        await database.commit(writes);
        sent.push(...messages);
      },
      publish(message, publisher) {
        published.push({ message, publisher });
        return undefined;
      },
    },
    broker: {
      get connections(): never {
        throw new InternalError("this room has no broker");
      },
      get retained(): never {
        throw new InternalError("this room has no broker");
      },
    },
    ...more,
  };
  const iot = createIot(deps);
  await timers.start();
  const request = requestOf();
  return {
    iot,
    database,
    bus,
    clock,
    timers,
    deps,
    sent,
    published,
    objects,
    request,
    heard(subject) {
      const messages: (typeof subject.message & {})[] = [];
      bus.subscribe(subject, (message) => messages.push(message as typeof subject.message & {}));
      return messages;
    },
    call(binding, input, asked = request) {
      if (!binding) throw new Error("the operation has no handler");
      return binding.handle(input, asked);
    },
    async publish(topic, payload, publisher = {}) {
      const levels = topic.split("/");
      const found = iot.reservedTopics.find(({ filter }) => {
        const parts = filter.split("/");
        return parts.length === levels.length && parts.every((part, index) => part === "+" || part === levels[index]);
      });
      if (!found) throw new Error(`no handler for ${topic}`);
      const asIs = typeof payload === "string" || payload instanceof Uint8Array;
      const bytes = asIs ? payload : JSON.stringify(payload);
      return found.handle(
        levels.filter((_, index) => found.filter.split("/")[index] === "+"),
        { accountId: AT.accountId, topic, payload: Buffer.from(bytes), qos: 1, retain: false },
        { ...AT, clientId: "client", principalId: "principal", ...publisher },
      );
    },
    async close() {
      await iot.jobs.notices.stop();
      await timers.stop();
      if (!more.database) await database.close();
      rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** An object store that holds text. */
export function objectsOf(objects: ReadonlyMap<string, string>): JobObjects {
  let signed = 0;
  const textOf = ({ bucket, key }: { bucket: string; key: string }): string => {
    const text = objects.get(`${bucket}/${key}`);
    if (text === undefined) throw new ServiceError("NoSuchKey", "The specified key does not exist.");
    return text;
  };
  return {
    locate(url) {
      const [, bucket, key] = /^https:\/\/s3\.us-east-1\.amazonaws\.com\/([^/]+)\/(.+)$/.exec(url) ?? [];
      return bucket !== undefined && key !== undefined ? { bucket, key } : undefined;
    },
    readAs: async (_, object) => Buffer.from(textOf(object)),
    head: async (object) => ({ size: Buffer.byteLength(textOf(object)), etag: textOf(object).slice(0, 64) }),
    async read(object, _, range) {
      const bytes = Buffer.from(textOf(object));
      return (async function* () {
        yield range === undefined ? bytes : bytes.subarray(range.first, range.last + 1);
      })();
    },
    presign: async ({ bucket, key }) => `https://objects.example/${bucket}/${key}?signature=${++signed}`,
    checkRole: async () => {},
  };
}

export const textOf = (message: Message | undefined): string => Buffer.from(message?.payload ?? []).toString();
export const jsonOf = (message: Message | undefined): unknown => JSON.parse(textOf(message));

/** Name and message of the error that a promise rejects with. */
export async function refusalOf(promise: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    return { name: (error as Error).name, message: (error as Error).message };
  }
  throw new Error("was not refused");
}
