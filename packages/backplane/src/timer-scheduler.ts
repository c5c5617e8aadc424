import { type Clock, InternalError, type Logger, randomHex } from "@hearth/base";
import { Activity } from "./activity.ts";
import { type BackOff, backOffDelay, Pauses, standardBackOff } from "./back-off.ts";
import { type Database, type Write, WriteConflict } from "./database.ts";
import type { Sealer } from "./sealing.ts";
import type { Timers } from "./timers.ts";

type TimerHandler = Parameters<Timers["handle"]>[1];

interface Row {
  kind: string;
  id: string;
  arming: string;
  attempt: number;
  payload: Uint8Array;
}

export interface TimerScheduler extends Timers {
  /** Begins to fire; what fell due meanwhile fires at once. Call it once, when the handlers are registered. */
  start(): Promise<void>;
  /** Waits for the handlers under way and fires no more. */
  stop(): Promise<void>;
  /** Resolves when nothing is left to do but what is due later. For tests. */
  idle(): Promise<void>;
}

export interface TimerDeps {
  /** With the backplane's migrations. */
  database: Database;
  sealer: Sealer;
  clock: Clock;
  log: Logger;
  /** Handlers of one kind at the same time (default 32). */
  concurrency?: number;
  backOff?: Partial<BackOff>;
}

const ARM = `INSERT INTO hearth_timer (kind, id, due_at, arming, attempt, payload) VALUES (?, ?, ?, ?, 0, ?)
  ON CONFLICT (kind, id) DO UPDATE SET due_at = excluded.due_at, arming = excluded.arming, attempt = 0,
  payload = excluded.payload`;
const DISARM = "DELETE FROM hearth_timer WHERE kind = ? AND id = ?";
const REMOVE = "DELETE FROM hearth_timer WHERE kind = ? AND id = ? AND arming = ?";
const POSTPONE = "UPDATE hearth_timer SET due_at = ?, attempt = ? WHERE kind = ? AND id = ? AND arming = ?";
const DUE =
  "SELECT kind, id, arming, attempt, payload FROM hearth_timer WHERE kind = ? AND due_at <= ? ORDER BY due_at LIMIT ?";
const NEXT = "SELECT MIN(due_at) AS due FROM hearth_timer WHERE kind = ? AND due_at > ?";

/** Handlers that are entered in one turn of the event loop. */
const FIRED_AT_ONCE = 8;

const NO_PAYLOAD = new Uint8Array(0);

const purpose = (kind: string): string => `timer ${kind}`;

/** The durable timers of one server. One at a time may fire those of a database. */
export function createTimers(deps: TimerDeps): TimerScheduler {
  const { database, sealer, clock, log, concurrency = 32 } = deps;
  const backOff = { ...standardBackOff, ...deps.backOff };
  const activity = new Activity();
  const pauses = new Pauses(clock);
  const handlers = new Map<string, { run: TimerHandler; concurrency: number }>();
  /** By kind, the armings that are with the handler. They stay due in the table until their batch is committed. */
  const firing = new Map<string, Set<string>>();
  let state: "new" | "started" | "stopped" = "new";
  let woken = false;
  let looking = false;
  let lookAgain = false;
  let alarm: { at: number; cancel: () => void } | undefined;

  const setAlarm = (at: number | undefined) => {
    if (alarm?.at === at) return;
    alarm?.cancel();
    alarm = undefined;
    if (at === undefined || state !== "started") return;
    const cancel = clock.after(Math.max(0, at - clock.now()), () => {
      alarm = undefined;
      look();
    });
    alarm = { at, cancel };
  };

  /** Fires what is due and sets the alarm to what is due next. One at a time. */
  const look = () => {
    lookAgain = true;
    if (looking || state !== "started") return;
    looking = true;
    activity.track(async () => {
      while (lookAgain && state === "started") {
        lookAgain = false;
        try {
          await fireDue();
        } catch (error) {
          log.error({ err: error }, "the timers could not be read");
          setAlarm(clock.now() + backOff.first);
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      looking = false;
    });
  };

  const fireDue = async () => {
    const now = clock.now();
    for (const [kind, armings] of firing) {
      const { concurrency: atOnce = concurrency } = handlers.get(kind) ?? {};
      const room = atOnce - armings.size;
      // Each end of a handler looks again.
      if (room <= 0) continue;
      // Those with the handler are still in the table, perhaps first; and in what was read, those that end meanwhile.
      const before = new Set(armings);
      const rows = await database.query<Row>(DUE, [kind, now, atOnce + 1]);
      const due = rows.filter(({ arming }) => !armings.has(arming) && !before.has(arming));
      for (const [index, row] of due.slice(0, room).entries()) {
        // Handlers read at once: a crowd of them would hold up everybody else.
        if (index > 0 && index % FIRED_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
        if (state !== "started") return;
        fire(row, armings);
      }
    }
    if (handlers.size === 0) return;
    const kinds = [...handlers.keys()];
    const sql = kinds.map(() => NEXT).join(" UNION ALL ");
    const nexts = await database.query<{ due: number | null }>(
      sql,
      kinds.flatMap((kind) => [kind, now]),
    );
    const times = nexts.map(({ due }) => due).filter((due) => due !== null);
    setAlarm(times.length > 0 ? Math.min(...times) : undefined);
  };

  const fire = (row: Row, armings: Set<string>) => {
    armings.add(row.arming);
    activity.track(async () => {
      await runHandler(row);
      armings.delete(row.arming);
      look();
    });
  };

  const runHandler = async (row: Row) => {
    const { kind, id, arming } = row;
    try {
      const isEmpty = row.payload.byteLength === 0;
      const payload: unknown = isEmpty ? null : JSON.parse(sealer.openText(row.payload, purpose(kind)));
      const writes = (await handlers.get(kind)?.run(id, payload)) ?? [];
      // The guard finds that the timer was disarmed or armed anew meanwhile. It comes first, so that the handler may
      // arm the same timer again.
      await database.commit([{ sql: REMOVE, params: [kind, id, arming], rows: 1 }, ...writes]);
    } catch (error) {
      if (error instanceof WriteConflict && error.index === 0) return;
      await postpone(row, error);
    }
  };

  const postpone = async ({ kind, id, arming, attempt }: Row, error: unknown) => {
    // A conflict says only that somebody else wrote first: read again and decide again, soon.
    const conflict = error instanceof WriteConflict;
    const failures = attempt + 1;
    const delay = conflict ? 10 * Math.min(failures, 100) : backOffDelay(failures, backOff);
    if (!conflict) log.warn({ err: error, kind, id, failures, delay }, "a timer's handler failed");
    try {
      await database.commit([{ sql: POSTPONE, params: [clock.now() + delay, failures, kind, id, arming] }]);
    } catch (again) {
      log.error({ err: again, kind, id }, "a timer could not be postponed");
      await pauses.wait(delay);
    }
  };

  return {
    arm: (kind, id, dueAt, payload) => {
      if (!Number.isFinite(dueAt)) throw new InternalError(`timer ${kind} cannot be due at ${dueAt}`);
      const sealed = payload === undefined ? NO_PAYLOAD : sealer.seal(JSON.stringify(payload), purpose(kind));
      return { sql: ARM, params: [kind, id, Math.round(dueAt), randomHex(16), sealed] };
    },

    disarm: (kind, id): Write => ({ sql: DISARM, params: [kind, id] }),

    wake(dueAt) {
      if (woken || state !== "started") return;
      // A look that is under way may have read before the batch was committed, and would set the alarm without it.
      if (dueAt !== undefined && !looking && dueAt > clock.now()) {
        if (alarm === undefined || dueAt < alarm.at) setAlarm(dueAt);
        return;
      }
      woken = true;
      activity.begin();
      setImmediate(() => {
        woken = false;
        look();
        activity.end();
      });
    },

    handle(kind, run, atOnce = concurrency) {
      if (handlers.has(kind)) throw new InternalError(`timers of kind ${kind} have a handler already`);
      handlers.set(kind, { run, concurrency: atOnce });
      firing.set(kind, new Set());
      look();
    },

    async start() {
      if (state !== "new") throw new InternalError("the timers were started before");
      state = "started";
      look();
    },

    async stop() {
      state = "stopped";
      setAlarm(undefined);
      pauses.end();
      await activity.idle();
    },

    idle: () => activity.idle(),
  };
}
