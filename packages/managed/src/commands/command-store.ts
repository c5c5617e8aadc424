import type { Database, Timers, Write } from "@hearth/backplane";
import { BoundedMap } from "@hearth/base";

/** A command that was sent and not yet answered. */
export interface OpenCommand {
  accountId: string;
  region: string;
  traceId: string;
  thingId: string;
  /** How many actions were asked for: an answer that leaves some out is not a success. */
  actions: number;
  /** Milliseconds at which SendManagedThingCommand was accepted. */
  receivedAt: number;
}

type Key = Pick<OpenCommand, "accountId" | "region" | "traceId">;

/** Kind of the durable timer that closes an unanswered command. */
export const COMMAND_TIMER = "managed-command";

const timerId = (key: Key) => `${key.accountId}/${key.region}/${key.traceId}`;

/** The command that a timer of this id is for. */
export function commandOfTimer(id: string): Key {
  const [accountId = "", region = "", traceId = ""] = id.split("/");
  return { accountId, region, traceId };
}

/** Commands that were opened lately; most are answered within a second. */
const RECENT = 10_000;

export type CommandStore = ReturnType<typeof createCommandStore>;

/** Open commands. Each has a durable timer; opening and closing write both together. */
export function createCommandStore({ database, timers }: { database: Database; timers: Timers }) {
  const recent = new BoundedMap<string, OpenCommand>(RECENT);
  return {
    /** For whoever is about to close it: `close` finds out whether it is open still, and who lost asks again. */
    async get(key: Key): Promise<OpenCommand | undefined> {
      const id = timerId(key);
      const opened = recent.get(id);
      // Not a second time: the table says what became of it.
      if (opened && recent.delete(id)) return opened;
      const rows = await database.query<{ thing_id: string; actions: number; received_at: number }>(
        "SELECT thing_id, actions, received_at FROM managed_command WHERE account_id = ? AND region = ? AND trace_id = ?",
        [key.accountId, key.region, key.traceId],
      );
      return (
        rows[0] && { ...key, thingId: rows[0].thing_id, actions: rows[0].actions, receivedAt: rows[0].received_at }
      );
    },

    async ofThing(place: { accountId: string; region: string }, thingId: string): Promise<OpenCommand[]> {
      const rows = await database.query<{ trace_id: string; actions: number; received_at: number }>(
        `SELECT trace_id, actions, received_at FROM managed_command WHERE account_id = ? AND region = ? AND thing_id = ?
          ORDER BY received_at LIMIT 1000`,
        [place.accountId, place.region, thingId],
      );
      return rows.map(({ trace_id: traceId, actions, received_at: receivedAt }) => ({
        ...{ accountId: place.accountId, region: place.region, thingId },
        ...{ traceId, actions, receivedAt },
      }));
    },

    open(command: OpenCommand, deadline: number): Write[] {
      recent.set(timerId(command), command);
      return [
        {
          sql: `INSERT INTO managed_command (account_id, region, trace_id, thing_id, actions, received_at)
            VALUES (?, ?, ?, ?, ?, ?)`,
          params: [
            command.accountId,
            command.region,
            command.traceId,
            command.thingId,
            command.actions,
            command.receivedAt,
          ],
        },
        timers.arm(COMMAND_TIMER, timerId(command), deadline),
      ];
    },

    /** Guarded: a command is closed once, by the answer or by the timer, whichever commits first. */
    close(key: Key): Write {
      return {
        sql: "DELETE FROM managed_command WHERE account_id = ? AND region = ? AND trace_id = ?",
        params: [key.accountId, key.region, key.traceId],
        rows: 1,
      };
    },

    disarm: (key: Key): Write => timers.disarm(COMMAND_TIMER, timerId(key)),
  };
}
