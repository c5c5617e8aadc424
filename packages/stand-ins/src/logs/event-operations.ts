import { type Database, WriteConflict } from "@hearth/backplane";
import { type Clock, randomHex } from "@hearth/base";
import type { LogsOperations, OperationTable } from "@hearth/contract";
import { compileFilter } from "./filter-pattern.ts";
import { findGroup, findStream } from "./group-operations.ts";
import { DAY_MS, LOG_LIMITS, onGroup, referencedGroup, refuse, streamArn, streamNotFound } from "./log-group.ts";
import type { EventPosition, LogEvent, LogStore } from "./log-store.ts";

type Names = "FilterLogEvents" | "GetLogEvents" | "PutLogEvents";

/** Behind every event; 15 digits. */
const LATEST = 999_999_999_999_999;

/** Events that one answer of FilterLogEvents looks at; the next page goes on behind them. */
const MOST_SCANNED = 10_000;
const SCAN_STEP = 1_000;

const BEGINNING: EventPosition = { at: -1, id: "" };
const END: EventPosition = { at: LATEST, id: "" };

/** Sorts behind what came before. */
export const newBatchId = (now: number): string => `${now.toString(36).padStart(9, "0")}-${randomHex(6)}`;

/** Writing and reading events. */
export function eventOperations(deps: {
  database: Pick<Database, "commit">;
  store: LogStore;
  clock: Pick<Clock, "now">;
}): OperationTable<Pick<LogsOperations, Names>> {
  const { database, store, clock } = deps;
  return {
    PutLogEvents: {
      resources: (input, request) => [streamArn(request, input.logGroupName, input.logStreamName)],
      async handle(input, request) {
        checkBatch(input.logEvents);
        const group = await findGroup(store, request, input.logGroupName);
        const stream = await findStream(store, group, input.logStreamName);
        const now = clock.now();
        const { accepted, rejected } = sorted(input.logEvents, now, group.retentionDays);
        if (accepted.length > 0) {
          const events = accepted.map(({ timestamp, message }) => ({ at: timestamp, message }));
          try {
            await database.commit(store.append(stream, events, newBatchId(now), now));
          } catch (error) {
            if (error instanceof WriteConflict) throw streamNotFound();
            throw error;
          }
        }
        return { ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }) };
      },
    },

    GetLogEvents: {
      resources: (input, request) => [streamArn(request, referencedGroup(input, request), input.logStreamName)],
      async handle(input, request) {
        const group = await findGroup(store, request, referencedGroup(input, request));
        const stream = await findStream(store, group, input.logStreamName);
        const token = input.nextToken === undefined ? undefined : streamToken(input.nextToken);
        const forward = token?.forward ?? input.startFromHead ?? false;
        const from = token?.at ?? (forward ? BEGINNING : END);
        const since = input.startTime ?? 0;
        const before = input.endTime ?? LATEST;
        const limit = input.limit ?? LOG_LIMITS.events;
        const found = await store.eventsOf(stream, { from, forward, since, before }, limit);
        const events = forward ? withinBytes(found) : withinBytes(found.reverse()).reverse();
        return {
          events: events.map(({ at, message, ingestedAt }) => ({ timestamp: at, message, ingestionTime: ingestedAt })),
          // At an end of the stream a token leads to itself.
          nextForwardToken: tokenOf("f", events.at(-1) ?? from),
          nextBackwardToken: tokenOf("b", events[0] ?? from),
        };
      },
    },

    FilterLogEvents: {
      resources: (input, request) => onGroup(request, referencedGroup(input, request)),
      async handle(input, request) {
        if (input.logStreamNames !== undefined && input.logStreamNamePrefix !== undefined) {
          throw refuse("logStreamNames and logStreamNamePrefix cannot be given together.");
        }
        if (input.startFromHead === false) throw refuse("startFromHead false is not supported here.");
        const matches = compileFilter(input.filterPattern ?? "");
        const limit = input.limit ?? LOG_LIMITS.events;
        const until = Math.min(input.endTime ?? LATEST, LATEST);
        const first = { at: input.startTime ?? 0, id: "" };
        let after = input.nextToken === undefined ? first : filterToken(input.nextToken);
        const group = await findGroup(store, request, referencedGroup(input, request));
        const wanted = { until, streams: input.logStreamNames, prefix: input.logStreamNamePrefix ?? "" };
        const events: LogEvent[] = [];
        let bytes = 0;
        let more = true;
        for (let scanned = 0; more && scanned < MOST_SCANNED && events.length < limit; scanned += SCAN_STEP) {
          const found = await store.events(group, { ...wanted, after }, SCAN_STEP);
          more = found.length === SCAN_STEP;
          for (const event of found) {
            if (matches(event.message)) {
              bytes += sizeOf(event);
              if (events.length === limit || (events.length > 0 && bytes > LOG_LIMITS.answerBytes)) {
                return { events: events.map(filtered), searchedLogStreams: [], nextToken: tokenOf("n", after) };
              }
              events.push(event);
            }
            after = event;
          }
        }
        return {
          events: events.map(filtered),
          searchedLogStreams: [],
          ...(more && { nextToken: tokenOf("n", after) }),
        };
      },
    },
  };
}

interface InputEvent {
  timestamp: number;
  message: string;
}

/** AWS: PutLogEvents, "The batch of events must satisfy the following constraints". */
function checkBatch(events: readonly InputEvent[]): void {
  let bytes = 0;
  let previous = 0;
  for (const { timestamp, message } of events) {
    bytes += Buffer.byteLength(message) + LOG_LIMITS.eventOverheadBytes;
    if (timestamp < previous) {
      throw refuse("Log events in a single PutLogEvents request must be in chronological order.");
    }
    previous = timestamp;
  }
  if (bytes > LOG_LIMITS.batchBytes) {
    throw refuse(`Upload too large: ${bytes} bytes exceeds limit of ${LOG_LIMITS.batchBytes}`);
  }
  if (previous - events[0]!.timestamp > LOG_LIMITS.batchSpanMs) {
    throw refuse("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  }
}

/** What of a chronological batch is kept, and the places from and to which it is not. */
function sorted(events: readonly InputEvent[], now: number, retentionDays: number | undefined) {
  const oldest = now - LOG_LIMITS.oldestMs;
  const expiry = retentionDays === undefined ? 0 : now - retentionDays * DAY_MS;
  const expired = events.filter(({ timestamp }) => timestamp < expiry).length;
  const old = events.filter(({ timestamp }) => timestamp < oldest).length;
  const start = Math.max(expired, old);
  const tooNew = events.findIndex(({ timestamp }) => timestamp > now + LOG_LIMITS.newestMs);
  return {
    accepted: events.slice(start, tooNew < 0 ? undefined : Math.max(tooNew, start)),
    rejected: {
      ...(expired > 0 && { expiredLogEventEndIndex: expired }),
      ...(old > 0 && { tooOldLogEventEndIndex: old }),
      ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
    },
  };
}

const sizeOf = ({ message }: LogEvent): number => Buffer.byteLength(message) + LOG_LIMITS.eventOverheadBytes;

/** As many of the first events as one answer may hold; always one. */
function withinBytes(events: readonly LogEvent[]): LogEvent[] {
  let bytes = 0;
  const count = events.findIndex((event, index) => {
    bytes += sizeOf(event);
    return index > 0 && bytes > LOG_LIMITS.answerBytes;
  });
  return events.slice(0, count < 0 ? undefined : count);
}

const filtered = ({ stream, at, message, ingestedAt, id }: LogEvent) => ({
  ...{ logStreamName: stream, timestamp: at, message, ingestionTime: ingestedAt, eventId: id },
});

const tokenOf = (kind: "f" | "b" | "n", { at, id }: EventPosition): string =>
  `${kind}/${Buffer.from(`${at}/${id}`).toString("base64url")}`;

/** Throws `InvalidParameterException` for what is no token of ours. */
function positionOf(token: string): { kind: string; at: EventPosition } {
  const text = token.length > 200 ? "" : Buffer.from(token.slice(2), "base64url").toString("utf8");
  const found = /^(-?\d{1,15})\/([0-9a-z-]{0,60})$/.exec(text);
  if (!found || token[1] !== "/" || Buffer.from(text).toString("base64url") !== token.slice(2)) {
    throw refuse("The specified nextToken is invalid.");
  }
  return { kind: token[0]!, at: { at: Number(found[1]), id: found[2]! } };
}

function streamToken(token: string): { forward: boolean; at: EventPosition } {
  const { kind, at } = positionOf(token);
  if (kind !== "f" && kind !== "b") throw refuse("The specified nextToken is invalid.");
  return { forward: kind === "f", at };
}

function filterToken(token: string): EventPosition {
  const { kind, at } = positionOf(token);
  if (kind !== "n") throw refuse("The specified nextToken is invalid.");
  return at;
}
