import { type BoundedQuery, openBoundedQuery, QueryRefused } from "@hearth/backplane";
import { type Clock, type Logger, messageOf, uuid } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { Place } from "../place.ts";
import type { EventDataStore } from "./delivery-store.ts";
import { selects } from "./event-selectors.ts";
import { COLUMNS, type ParsedStatement, rowOf, TABLE, textOf } from "./event-sql.ts";
import type { TrailStore } from "./trail-store.ts";

/** A query and, once it is finished, its answer. */
export interface EventQuery extends Place {
  id: string;
  eventDataStore: string;
  statement: string;
  status: "QUEUED" | "RUNNING" | "FINISHED" | "FAILED" | "CANCELLED";
  createdAt: number;
  milliseconds: number;
  scanned: number;
  matched: number;
  bytes: number;
  rows: readonly (readonly { readonly [column: string]: string }[])[];
  /** Characters of `rows`. */
  answerSize: number;
  error?: string;
}

export const DAY_MS = 86_400_000;

/** Events that one query looks at. More are refused: an answer over some of them would be a wrong one. */
const MOST_EVENTS = 50_000;
const PAGE = 1_000;
const BOUNDS = { milliseconds: 30_000, heapBytes: 512 * 1024 * 1024, rows: 10_000, bytes: 8 * 1024 * 1024 };
/** Of all accounts together, each a process. */
const AT_ONCE = 4;
/** Queries that are remembered, with their answers, until the server stops. */
const REMEMBERED = 100;
/** Characters of all answers that are remembered: room for a few of the largest. */
const REMEMBERED_SIZE = 64 * 1024 * 1024;

/** Of answers, oldest first: those that have no room beside the newer ones. The newest always has. */
export function crowdedOut<Answer extends { answerSize: number }>(answers: readonly Answer[], most: number): Answer[] {
  let size = 0;
  const isKept = (answer: Answer, at: number): boolean => {
    size += answer.answerSize;
    return size <= most || at === 0;
  };
  return answers.toReversed().filter((answer, at) => !isKept(answer, at));
}

export type EventQueries = ReturnType<typeof createEventQueries>;

export function createEventQueries(deps: { events: TrailStore; clock: Pick<Clock, "now">; log: Logger }) {
  const { events, clock, log } = deps;
  const remembered = new Map<string, EventQuery>();
  const running = new Map<string, { engine: BoundedQuery; done: Promise<void> }>();
  let opening = 0;

  async function fill(engine: BoundedQuery, query: EventQuery, store: EventDataStore): Promise<void> {
    const since = Math.max(store.createdAt, clock.now() - store.retentionDays * DAY_MS);
    let position = { at: since - 1, id: "~" };
    const before = { at: clock.now() + 1, id: "" };
    for (;;) {
      const page = await events.following(query, position, before, PAGE);
      const rows = page.filter(({ record }) => selects(store.selectors, record)).map(({ record }) => rowOf(record));
      query.scanned += rows.length;
      if (query.scanned > MOST_EVENTS) {
        throw new QueryRefused(
          `the event data store holds more than ${MOST_EVENTS} events; shorten its retention period`,
        );
      }
      for (const row of rows) for (const value of row) query.bytes += typeof value === "string" ? value.length : 8;
      if (rows.length > 0) await engine.insert(rows);
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      position = { at: last.at, id: last.id };
    }
  }

  async function answer(engine: BoundedQuery, query: EventQuery, store: EventDataStore): Promise<void> {
    const began = clock.now();
    try {
      query.status = "RUNNING";
      await fill(engine, query, store);
      const { rows, truncated } = await engine.run();
      if (truncated) throw new QueryRefused(`the answer has more than ${BOUNDS.rows} rows or 8 MiB; use LIMIT`);
      query.rows = rows.map((row) =>
        row.map((value, at) => ({ [engine.columns[at]!.name]: textOf(value, engine.columns[at]!.column) })),
      );
      for (const row of query.rows) {
        for (const cell of row) for (const value of Object.values(cell)) query.answerSize += value.length;
      }
      query.matched = rows.length;
      query.status = "FINISHED";
      for (const { id } of crowdedOut(
        [...remembered.values()].filter(({ status }) => status === "FINISHED"),
        REMEMBERED_SIZE,
      )) {
        remembered.delete(id);
      }
    } catch (error) {
      // Somebody has cancelled it.
      if (query.status !== "RUNNING") return;
      if (!(error instanceof QueryRefused)) log.error({ err: error, query: query.id }, "a query failed");
      query.status = "FAILED";
      query.error = error instanceof QueryRefused ? messageOf(error) : "An internal error occurred.";
    } finally {
      query.milliseconds = clock.now() - began;
      running.delete(query.id);
      engine.close();
    }
  }

  return {
    /** Throws `InvalidQueryStatementException` in SQLite's words, `MaxConcurrentQueriesException`. */
    async begin(store: EventDataStore, statement: string, { sql }: ParsedStatement): Promise<EventQuery> {
      if (running.size + opening >= AT_ONCE) {
        throw new ServiceError("MaxConcurrentQueriesException", `${AT_ONCE} queries are running. Try again later.`);
      }
      opening++;
      try {
        const engine = await openBoundedQuery({ table: TABLE, columns: COLUMNS, sql }, BOUNDS);
        const { accountId, region, id: eventDataStore } = store;
        const query: EventQuery = {
          ...{ accountId, region, eventDataStore, statement, id: uuid(), status: "QUEUED", createdAt: clock.now() },
          ...{ milliseconds: 0, scanned: 0, matched: 0, bytes: 0, rows: [], answerSize: 0 },
        };
        remembered.set(query.id, query);
        if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value as string);
        running.set(query.id, { engine, done: answer(engine, query, store) });
        return query;
      } catch (error) {
        if (error instanceof QueryRefused) throw new ServiceError("InvalidQueryStatementException", messageOf(error));
        throw error;
      } finally {
        opening--;
      }
    },
    find({ accountId, region }: Place, id: string): EventQuery | undefined {
      const found = remembered.get(id);
      return found?.accountId === accountId && found.region === region ? found : undefined;
    },
    /** Newest first. */
    list: ({ accountId, region }: Place, eventDataStore: string): EventQuery[] =>
      [...remembered.values()]
        .filter((one) => one.accountId === accountId && one.region === region && one.eventDataStore === eventDataStore)
        .toSorted((one, other) => other.createdAt - one.createdAt),
    /** False: it has ended already. */
    cancel(query: EventQuery): boolean {
      const work = running.get(query.id);
      if (!work) return false;
      query.status = "CANCELLED";
      work.engine.close();
      return true;
    },
    async stop(): Promise<void> {
      const all = [...running.values()];
      for (const { engine } of all) engine.close();
      await Promise.all(all.map(({ done }) => done));
    },
  };
}
