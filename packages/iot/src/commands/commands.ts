import { type Database, onConflictAgain, type Sealer, type Timers, UniqueViolation } from "@hearth/backplane";
import { ServiceError } from "@hearth/contract";
import type { Taggable } from "../tags/taggable.ts";
import { type Command, type CommandKey, commandArn } from "./command.ts";
import { deleteCommand, insertCommand, readCommand, updateCommand } from "./command-store.ts";
import { lastDeadline } from "./execution-store.ts";

export interface CommandsDeps {
  database: Database;
  sealer: Sealer;
  timers: Timers;
}

export interface Commands {
  get(key: CommandKey): Promise<Command | undefined>;
  /** Throws ConflictException when the id is taken. */
  create(command: Command): Promise<void>;
  /** Undefined: there is no such command. Throws ConflictException when it is being deleted. */
  update(
    key: CommandKey,
    change: Partial<Pick<Command, "displayName" | "description" | "deprecated">>,
    now: number,
  ): Promise<Command | undefined>;
  /** Whether it is gone; otherwise it goes once its open executions have ended, which takes 12 hours at most. */
  remove(key: CommandKey, now: number): Promise<"gone" | "pending">;
  readonly taggable: Taggable;
}

const TIMER = "command-deletion";
/** As long as an execution may take (reference 14). */
const LONGEST_EXECUTION = 12 * 3_600_000;
/** Executions that fall due at their deadline are then past it. */
const AFTERWARDS = 1_000;

const timerId = ({ accountId, region, commandId }: CommandKey): string => `${accountId}/${region}/${commandId}`;

const conflict = (key: CommandKey, message: string): ServiceError =>
  new ServiceError("ConflictException", message, { resourceId: commandArn(key, key.commandId) });

export function createCommands(deps: CommandsDeps): Commands {
  const { database, sealer, timers } = deps;

  timers.handle(TIMER, async (id) => {
    const [accountId = "", region = "", commandId = ""] = id.split("/");
    const key = { accountId, region, commandId };
    const command = await readCommand(deps, key);
    if (command?.pendingDeletionAt === undefined) return [];
    const deadline = await lastDeadline(database, key);
    return deadline === undefined ? deleteCommand(key) : [timers.arm(TIMER, id, deadline + AFTERWARDS)];
  });

  return {
    get: (key) => readCommand(deps, key),

    async create(command) {
      try {
        await database.commit(insertCommand(command, sealer));
      } catch (error) {
        if (!(error instanceof UniqueViolation)) throw error;
        throw conflict(command, `Command ${command.commandId} already exists`);
      }
    },

    update: (key, change, now) =>
      onConflictAgain(async () => {
        const command = await readCommand(deps, key);
        if (!command) return undefined;
        if (command.pendingDeletionAt !== undefined) throw conflict(key, `Command ${key.commandId} is being deleted`);
        const after: Command = { ...command, ...change, updatedAt: now };
        await database.commit([updateCommand(command, after, sealer)]);
        return after;
      }),

    async remove(key, now) {
      const exists = await onConflictAgain(async () => {
        const command = await readCommand(deps, key);
        if (!command || command.pendingDeletionAt !== undefined) return command !== undefined;
        // From here on nothing is started; whatever is killed, the timer ends what has begun.
        await database.commit([
          updateCommand(command, { ...command, pendingDeletionAt: now, updatedAt: now }, sealer),
          timers.arm(TIMER, timerId(key), now + LONGEST_EXECUTION),
        ]);
        timers.wake(now + LONGEST_EXECUTION);
        return true;
      });
      if (!exists) return "gone";
      const deadline = await lastDeadline(database, key);
      if (deadline === undefined) {
        await database.commit([...deleteCommand(key), timers.disarm(TIMER, timerId(key))]);
        return "gone";
      }
      await database.commit([timers.arm(TIMER, timerId(key), deadline + AFTERWARDS)]);
      timers.wake(deadline + AFTERWARDS);
      return "pending";
    },

    taggable: {
      type: "command",
      async find({ accountId, region }, commandId) {
        const command = await readCommand(deps, { accountId, region, commandId });
        return (
          command && {
            tags: command.tags,
            replace: (tags) => updateCommand(command, { ...command, tags }, sealer),
          }
        );
      },
    },
  };
}
