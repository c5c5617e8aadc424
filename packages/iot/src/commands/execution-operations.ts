import type { Database } from "@hearth/backplane";
import {
  type Iot,
  type IotJobsDataOperations,
  type IotOperations,
  type OperationTable,
  type RequestContext,
  ServiceError,
} from "@hearth/contract";
import type { Idempotency } from "../idempotency/idempotency.ts";
import { noThing } from "../registry/thing.ts";
import { readThing } from "../registry/thing-store.ts";
import { decodeTimeToken } from "../storage/page.ts";
import { placed } from "../storage/place.ts";
import { commandArn, commandIdOf, noCommand } from "./command.ts";
import { inOwnWords, PAGE } from "./command-operations.ts";
import type { Commands } from "./commands.ts";
import { type CommandExecution, targetArn, targetOf } from "./execution.ts";
import { type ExecutionStoreDeps, listExecutions } from "./execution-store.ts";
import type { CommandExecutions } from "./executions.ts";
import { invalid } from "./parameters.ts";

export interface ExecutionOperationsDeps extends ExecutionStoreDeps {
  database: Database;
  commands: Pick<Commands, "get">;
  executions: CommandExecutions;
  idempotency: Pick<Idempotency, "idempotently">;
}

/** Seconds (reference 14). */
const DEFAULT_TIMEOUT = 10;
const LONGEST_TIMEOUT = 43_200;

const onTarget = ({ targetArn }: { targetArn: string }): string[] => [targetArn];

export function createExecutionOperations(deps: ExecutionOperationsDeps) {
  const { database, commands, executions, idempotency } = deps;

  async function checkTarget(request: RequestContext, target: string): Promise<void> {
    const thingName = target.startsWith("thing/") ? target.slice("thing/".length) : undefined;
    if (thingName !== undefined && !(await readThing(database, request, thingName))) throw noThing(thingName);
  }

  async function checkFilter(request: RequestContext, { commandId, target }: { commandId?: string; target?: string }) {
    if (commandId !== undefined && !(await commands.get({ ...placed(request), commandId }))) throw noCommand(commandId);
    if (target !== undefined) await checkTarget(request, target);
  }

  const keyOf = (request: RequestContext, input: { targetArn: string; executionId: string }) => ({
    ...placed(request),
    target: targetOf(request, input.targetArn),
    executionId: input.executionId,
  });

  const operations = {
    GetCommandExecution: {
      resources: onTarget,
      handle: async (input, request) => {
        const execution = await executions.get(keyOf(request, input));
        if (!execution) {
          throw new ServiceError("ResourceNotFoundException", `Command execution ${input.executionId} not found`);
        }
        const { reason, result, parameters, timeoutSeconds } = execution;
        return {
          ...summaryOf(execution),
          statusReason: reason,
          ...(input.includeResult ? { result } : {}),
          ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
          executionTimeoutSeconds: timeoutSeconds,
          lastUpdatedAt: execution.updatedAt / 1_000,
          timeToLive: execution.expiresAt / 1_000,
        };
      },
    },

    ListCommandExecutions: {
      resources: (input) => [input.commandArn ?? input.targetArn ?? "*"],
      handle: async (input, request) => {
        const after = inOwnWords(() => decodeTimeToken(input.nextToken));
        if ((input.targetArn === undefined) === (input.commandArn === undefined)) {
          throw invalid("One of targetArn and commandArn is needed, and not both");
        }
        const filter = {
          ...timeFilterOf(input),
          ...(input.targetArn === undefined ? {} : { target: targetOf(request, input.targetArn) }),
          ...(input.commandArn === undefined ? {} : { commandId: commandIdOf(request, input.commandArn) }),
          status: input.status,
          ascending: input.sortOrder === "ASCENDING",
        };
        if (input.namespace === "AWS-IoT-FleetWise") return { commandExecutions: [] };
        const page = await listExecutions(deps, request, filter, after, input.maxResults ?? PAGE);
        // Those of a command or a thing that is gone are still listed.
        if (page.rows.length === 0) await checkFilter(request, filter);
        return { commandExecutions: page.rows.map(summaryOf), nextToken: page.nextToken };
      },
    },

    DeleteCommandExecution: {
      resources: onTarget,
      handle: async (input, request) => {
        const { executionId } = input;
        // The model has no name for what is not found: it counts as deleted, another account's as well.
        const target = targetIn(request, input.targetArn);
        if (target !== undefined) await executions.remove({ ...placed(request), target, executionId });
        return {};
      },
    },
  } satisfies OperationTable<IotOperations>;

  const dataOperations = {
    StartCommandExecution: {
      resources: (input) => [input.commandArn, input.targetArn],
      handle: async ({ clientToken: ClientToken, ...input }, request) => {
        // Devices have no part in it: AWS signs it with IAM's credentials alone.
        if (request.principal.type === "Certificate") {
          throw new ServiceError("AccessDeniedException", "A device's certificate cannot start command executions");
        }
        const commandId = commandIdOf(request, input.commandArn);
        const target = targetOf(request, input.targetArn);
        const { parameters = {}, executionTimeoutSeconds: timeoutSeconds = DEFAULT_TIMEOUT } = input;
        if (timeoutSeconds > LONGEST_TIMEOUT) {
          throw invalid(`executionTimeoutSeconds: at most ${LONGEST_TIMEOUT} (12 hours)`);
        }
        const asked = { ...input, ...(ClientToken === undefined ? {} : { ClientToken }) };
        return idempotency.idempotently("StartCommandExecution", asked, request, async (remember) => {
          await checkTarget(request, target);
          return executions.start(request, { commandId, target, parameters, timeoutSeconds }, remember);
        });
      },
    },
  } satisfies OperationTable<IotJobsDataOperations>;

  return { operations, dataOperations };
}

function targetIn(request: RequestContext, arn: string): string | undefined {
  try {
    return targetOf(request, arn);
  } catch (error) {
    if (error instanceof ServiceError && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

function summaryOf(execution: CommandExecution) {
  const { executionId, commandId, target, status, createdAt, startedAt, completedAt } = execution;
  return {
    commandArn: commandArn(execution, commandId),
    executionId,
    targetArn: targetArn(execution, target),
    status,
    createdAt: createdAt / 1_000,
    ...(startedAt === undefined ? {} : { startedAt: startedAt / 1_000 }),
    ...(completedAt === undefined ? {} : { completedAt: completedAt / 1_000 }),
  };
}

/** Which of the two times, and between which moments. Throws ValidationException. */
function timeFilterOf({ startedTimeFilter, completedTimeFilter }: Iot.ListCommandExecutionsRequest) {
  if ((startedTimeFilter === undefined) === (completedTimeFilter === undefined)) {
    throw invalid("One of startedTimeFilter and completedTimeFilter is needed, and not both");
  }
  const { after, before } = startedTimeFilter ?? completedTimeFilter ?? {};
  if (after === undefined && before === undefined) throw invalid("The time filter needs after or before");
  return {
    by: startedTimeFilter ? ("created_at" as const) : ("completed_at" as const),
    ...(after === undefined ? {} : { from: timeOf(after) }),
    ...(before === undefined ? {} : { to: timeOf(before) }),
  };
}

/** `yyyy-MM-dd'T'HH:mm`, in UTC (the model of ListCommandExecutions). */
function timeOf(text: string): number {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z?$/.test(text) ? Date.parse(text.replace(/Z?$/, "Z")) : Number.NaN;
  if (Number.isNaN(time)) throw invalid("A time filter's times have the form yyyy-MM-ddTHH:mm, in UTC");
  return time;
}
