import type { Database, Outbox, Write } from "@hearth/backplane";
import { type Clock, type Logger, messageOf, parseArn } from "@hearth/base";
import type { EventType } from "../notifications/notification.ts";
import type { DeliverRecord, Notifier } from "../notifications/notifier.ts";
import type { Place } from "../place.ts";
import {
  type EventLogConfigurationStore,
  LOG_LEVELS,
  type LogLevel,
  scopeOf,
} from "./event-log-configuration-store.ts";
import { EVENT_LOG_GROUP, type LogSink } from "./log-sink.ts";

/** A resource that something happened to; `type` as its ARN names it. */
export interface LoggedResource extends Place {
  type: string;
  id: string;
}

interface Entry {
  about: LoggedResource;
  at: number;
  level: LogLevel;
  event: string;
  details: Readonly<Record<string, string | number>>;
}

const CONSUMER = "event-log";

/** More configurations than an account may have. */
export const MOST_CONFIGURATIONS = 1_000;

export type EventLog = ReturnType<typeof createEventLog>;

/**
 * The account's event log (reference 10.10): what happens to resources, where an event log configuration asks for it at
 * that level. A configuration for the resource decides before one for its type, that one before one for all. Entries
 * hold no sensitive member of the model: ids, statuses and reasons only.
 */
export function createEventLog(deps: {
  database: Pick<Database, "commit">;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  configurations: Pick<EventLogConfigurationStore, "list">;
  logSink: LogSink;
}) {
  const { database, outbox, clock, log, configurations, logSink } = deps;
  /** Level by scope, for each account and region: asked whenever something happens, changed rarely. */
  const configured = new Map<string, Promise<ReadonlyMap<string, LogLevel>>>();

  const load = async (place: Place): Promise<ReadonlyMap<string, LogLevel>> => {
    const all = await configurations.list(place, "", MOST_CONFIGURATIONS);
    return new Map(all.map(({ resourceType, resourceId, level }) => [scopeOf(resourceType, resourceId), level]));
  };

  const levelsOf = (place: Place): Promise<ReadonlyMap<string, LogLevel>> => {
    const key = `${place.accountId}/${place.region}`;
    let found = configured.get(key);
    if (!found) {
      found = load(place);
      configured.set(key, found);
      found.catch(() => configured.delete(key));
    }
    return found;
  };

  const isWanted = (levels: ReadonlyMap<string, LogLevel>, { type, id }: LoggedResource, level: LogLevel): boolean => {
    if (levels.size === 0) return false;
    const least = levels.get(scopeOf(type, id)) ?? levels.get(scopeOf(type, "*")) ?? levels.get(scopeOf("*", "*"));
    return least !== undefined && LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
  };

  const entryWrite = (entry: Entry): Write => {
    const { accountId, region, type, id } = entry.about;
    return outbox.write(CONSUMER, `${accountId}/${region}/${type}/${id}`, entry);
  };

  outbox.consume(CONSUMER, async (message) => {
    const { about, at, level, event, details } = message as Entry;
    const { accountId, region, type, id } = about;
    const entry = {
      timestamp: new Date(at).toISOString(),
      level,
      event,
      resourceType: type,
      resourceId: id,
      ...details,
    };
    await logSink.put({ accountId, region }, EVENT_LOG_GROUP, type, [{ at, message: JSON.stringify(entry) }]);
  });

  /** Writes for the batch of the change that they tell of; none where the level is not wanted. */
  async function write(
    about: LoggedResource,
    level: LogLevel,
    event: string,
    details: Entry["details"] = {},
  ): Promise<Write[]> {
    if (!isWanted(await levelsOf(about), about, level)) return [];
    const { accountId, region, type, id } = about;
    return [entryWrite({ about: { accountId, region, type, id }, at: clock.now(), level, event, details })];
  }

  /** Of something that changes nothing, a refusal say. Comes behind the caller, who does not wait. */
  function note(about: LoggedResource, level: LogLevel, event: string, details: Entry["details"] = {}): void {
    const noted = async () => {
      const writes = await write(about, level, event, details);
      if (writes.length === 0) return;
      await database.commit(writes);
      outbox.wake();
    };
    noted().catch((error: unknown) => log.error({ event, error: messageOf(error) }, "event not logged"));
  }

  return {
    write,
    note,

    /** After a configuration has changed. */
    forget(place: Place): void {
      configured.delete(`${place.accountId}/${place.region}`);
    },

    /** The notifier, which logs in the same batch what it tells of. */
    logging(notifier: Notifier): Notifier {
      return {
        ...notifier,
        async write(about, events) {
          const writes = await notifier.write(about, events);
          if (events.length === 0 || (await levelsOf(about)).size === 0) return writes;
          const resource = resourceOf(about, about.arn);
          for (const { type, payload } of events) {
            const { level, details } = told(type, payload);
            writes.push(...(await write(resource, level, type, details)));
          }
          return writes;
        },
      };
    },

    /** The delivery of notifications, which logs what it cannot deliver. */
    watching(deliver: DeliverRecord): DeliverRecord {
      return async (delivery, signal) => {
        try {
          await deliver(delivery, signal);
        } catch (error) {
          const { messageType, resources } = JSON.parse(Buffer.from(delivery.data).toString()) as {
            messageType: string;
            resources: string[];
          };
          const about = resourceOf(delivery, resources[0] ?? "");
          const details = { eventType: messageType, reason: messageOf(error) };
          note(about, "ERROR", "NOTIFICATION_NOT_DELIVERED", details);
          throw error;
        }
      };
    },
  };
}

function resourceOf({ accountId, region }: Place, arn: string): LoggedResource {
  const [type = "", id = ""] = (parseArn(arn)?.resource ?? "").split("/");
  return { accountId, region, type, id };
}

/** What of a notification is logged, and how severe it is. Its payload as such may hold what only the owner may see. */
function told(type: EventType, payload: unknown): { level: LogLevel; details: Entry["details"] } {
  const members = Object.entries((payload ?? {}) as Record<string, unknown>);
  const details = Object.fromEntries(
    members.filter((member): member is [string, string] => LOGGED.includes(member[0]) && typeof member[1] === "string"),
  );
  return { level: levelOf(type, details), details };
}

const LOGGED: readonly string[] = ["status", "traceId", "result", "deviceDiscoveryId", "discoveryId", "state"];

function levelOf(type: EventType, { status, result }: Readonly<Record<string, string>>): LogLevel {
  if (type === "CONNECTOR_ERROR_REPORT") return "ERROR";
  if (result === "failed") return "ERROR";
  if (/FAILED|TIMED_OUT|ISOLATED/.test(status ?? "")) return "WARN";
  return type === "DEVICE_STATE" || type === "DEVICE_EVENT" ? "DEBUG" : "INFO";
}
