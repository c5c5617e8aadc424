import type { Database } from "@hearth/backplane";
import { BoundedMap, type Clock, type Logger, messageOf, uuid } from "@hearth/base";
import { type IotOperations, type OperationTable, ServiceError } from "@hearth/contract";
import { jsonMessage } from "../messaging/json-message.ts";
import { platformPublisher } from "../messaging/publisher.ts";
import type { Router } from "../messaging/router.ts";
import { type Place, placeOf } from "../storage/place.ts";

/** The keys of DescribeEventConfigurations (reference 10.2). */
export type EventKey =
  | "THING"
  | "THING_GROUP"
  | "THING_TYPE"
  | "THING_GROUP_MEMBERSHIP"
  | "THING_GROUP_HIERARCHY"
  | "THING_TYPE_ASSOCIATION"
  | "JOB"
  | "JOB_EXECUTION"
  | "POLICY"
  | "CERTIFICATE"
  | "CA_CERTIFICATE";

/** Publishes on `$aws/events/…` what the account has switched on. */
export interface RegistryEvents {
  /** From memory; a change by UpdateEventConfigurations is seen at once. */
  enabled(at: Place, key: EventKey): Promise<boolean>;
  /** To be called once the change is durable; a kill in between may lose the event, as registry events are best effort. */
  publish(at: Place, key: EventKey, topic: string, body: Readonly<Record<string, unknown>>): void;
}

/** Those whose events this house has to tell; the others' nouns are not built. */
const BUILT: readonly EventKey[] = [
  "THING_GROUP",
  "THING_GROUP_MEMBERSHIP",
  "THING_GROUP_HIERARCHY",
  "JOB",
  "JOB_EXECUTION",
];
const ALL: readonly EventKey[] = [
  ...BUILT,
  "THING",
  "THING_TYPE",
  "THING_TYPE_ASSOCIATION",
  "POLICY",
  "CERTIFICATE",
  "CA_CERTIFICATE",
];
/** Accounts whose switches are kept at hand. */
const CACHED = 1_000;

export interface EventConfigurationsDeps {
  database: Database;
  clock: Clock;
  log: Logger;
  router: Pick<Router, "send">;
}

interface Switches {
  enabled: ReadonlySet<string>;
  createdAt?: number;
  modifiedAt?: number;
}

/** Which registry and job events an account wants, and their publication. */
export function createEventConfigurations({ database, clock, log, router }: EventConfigurationsDeps): {
  events: RegistryEvents;
  operations: OperationTable<IotOperations>;
} {
  const known = new BoundedMap<string, Promise<Switches>>(CACHED);

  async function read(at: Place): Promise<Switches> {
    const rows = await database.query<{ event_type: string; enabled: number; created_at: number; modified_at: number }>(
      `SELECT event_type, enabled, created_at, modified_at FROM iot_event_configuration
       WHERE account_id = ? AND region = ?`,
      placeOf(at),
    );
    return {
      enabled: new Set(rows.filter(({ enabled }) => Number(enabled) === 1).map((row) => row.event_type)),
      ...(rows.length === 0
        ? {}
        : {
            createdAt: Math.min(...rows.map((row) => Number(row.created_at))),
            modifiedAt: Math.max(...rows.map((row) => Number(row.modified_at))),
          }),
    };
  }

  /** Another server's change is seen within a minute. */
  function switchesOf(at: Place): Promise<Switches> {
    const key = `${at.accountId}/${at.region}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const reading = read(at);
    known.set(key, reading);
    reading.catch(() => known.delete(key));
    clock.after(60_000, () => known.delete(key));
    return reading;
  }

  const enabled = async (at: Place, key: EventKey): Promise<boolean> => (await switchesOf(at)).enabled.has(key);

  async function tell(at: Place, key: EventKey, topic: string, body: Readonly<Record<string, unknown>>): Promise<void> {
    if (!(await enabled(at, key))) return;
    const now = clock.now();
    const message = jsonMessage(at.accountId, topic, {
      eventId: uuid(),
      // Job events count in seconds (reference 10.2).
      timestamp: key === "JOB" || key === "JOB_EXECUTION" ? Math.floor(now / 1_000) : now,
      accountId: at.accountId,
      ...body,
    });
    await router.send([message], platformPublisher(at.accountId, at.region));
  }

  return {
    events: {
      enabled,
      publish(at, key, topic, body) {
        tell(at, key, topic, body).catch((error) => {
          log.warn({ topic, reason: messageOf(error) }, "a registry event could not be published");
        });
      },
    },
    operations: {
      DescribeEventConfigurations: {
        handle: async (_, request) => {
          const { enabled: on, createdAt, modifiedAt } = await read(request);
          return {
            eventConfigurations: Object.fromEntries(ALL.map((key) => [key, { Enabled: on.has(key) }])),
            ...(createdAt === undefined ? {} : { creationDate: createdAt / 1_000 }),
            ...(modifiedAt === undefined ? {} : { lastModifiedDate: modifiedAt / 1_000 }),
          };
        },
      },

      UpdateEventConfigurations: {
        handle: async (input, request) => {
          const given = Object.entries(input.eventConfigurations ?? {});
          for (const [key, { Enabled }] of given) {
            if (!ALL.includes(key as EventKey)) {
              throw new ServiceError("InvalidRequestException", `eventConfigurations: there are no events ${key}`);
            }
            if (Enabled && !BUILT.includes(key as EventKey)) {
              throw new ServiceError(
                "InvalidRequestException",
                `eventConfigurations: ${key} is not built: nothing would come`,
              );
            }
          }
          if (given.length > 0) {
            await database.commit(
              given.map(([key, { Enabled = false }]) => ({
                sql: `INSERT INTO iot_event_configuration (account_id, region, event_type, enabled, created_at, modified_at)
                      VALUES (?, ?, ?, ?, ?, ?)
                      ON CONFLICT (account_id, region, event_type)
                      DO UPDATE SET enabled = excluded.enabled, modified_at = excluded.modified_at`,
                params: [...placeOf(request), key, Enabled ? 1 : 0, request.now, request.now],
              })),
            );
          }
          known.delete(`${request.accountId}/${request.region}`);
          return {};
        },
      },
    },
  };
}
