import type { Database, Sealer, Timers } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { IotJobsDataOperations, IotOperations, OperationTable } from "@hearth/contract";
import type { Idempotency } from "../idempotency/idempotency.ts";
import type { ReservedTopic } from "../messaging/message.ts";
import type { Router } from "../messaging/router.ts";
import type { Taggable } from "../tags/taggable.ts";
import { createCommandOperations } from "./command-operations.ts";
import { createCommandTopics } from "./command-topics.ts";
import { createCommands } from "./commands.ts";
import { createExecutionOperations } from "./execution-operations.ts";
import { createCommandExecutions } from "./executions.ts";

export interface CommandsRoomDeps {
  database: Database;
  sealer: Sealer;
  timers: Timers;
  clock: Clock;
  log: Logger;
  router: Pick<Router, "sendTogether">;
  idempotency: Idempotency;
}

export interface CommandsRoom {
  operations: OperationTable<IotOperations>;
  dataOperations: OperationTable<IotJobsDataOperations>;
  reservedTopics: ReservedTopic[];
  taggable: Taggable;
}

/** Commands (reference 14): their records, their executions, and the devices' side, wired to each other. */
export function createCommandsRoom(deps: CommandsRoomDeps): CommandsRoom {
  const commands = createCommands(deps);
  const executions = createCommandExecutions(deps);
  const { operations, dataOperations } = createExecutionOperations({ ...deps, commands, executions });
  return {
    operations: { ...createCommandOperations({ ...deps, commands }), ...operations },
    dataOperations,
    reservedTopics: createCommandTopics({ ...deps, executions }),
    taggable: commands.taggable,
  };
}
