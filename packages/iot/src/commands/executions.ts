import { type Database, onConflictAgain, type Sealer, type Timers, type Write, WriteConflict } from "@hearth/backplane";
import { type Clock, uuid } from "@hearth/base";
import { type RequestContext, ServiceError } from "@hearth/contract";
import { jsonMessage } from "../messaging/json-message.ts";
import type { Message } from "../messaging/message.ts";
import { platformPublisher } from "../messaging/publisher.ts";
import type { Router } from "../messaging/router.ts";
import type { Place } from "../storage/place.ts";
import { type Command, commandArn, noCommand } from "./command.ts";
import { readCommand } from "./command-store.ts";
import {
  type CommandExecution,
  type ExecutionKey,
  executionTopic,
  isOpen,
  type Report,
  reported,
  targetArn,
  timedOut,
} from "./execution.ts";
import {
  countOpen,
  deleteExecution,
  guardStart,
  insertExecution,
  readExecution,
  updateExecution,
} from "./execution-store.ts";
import { invalid, resolveParameters, type Values } from "./parameters.ts";
import { type Payload, renderTemplate } from "./payload.ts";

export interface CommandExecutionsDeps {
  database: Database;
  sealer: Sealer;
  timers: Timers;
  clock: Clock;
  router: Pick<Router, "sendTogether">;
}

export interface Start {
  commandId: string;
  target: string;
  parameters: Values;
  timeoutSeconds: number;
}

export interface CommandExecutions {
  /**
   * The execution, its deadline and what its device gets are one commit, with the writes of `remember`. Throws
   * ResourceNotFoundException, ValidationException, ServiceQuotaExceededException.
   */
  start(
    request: Pick<RequestContext, "accountId" | "region" | "now">,
    start: Start,
    remember: (answer: { executionId: string }) => readonly Write[],
  ): Promise<{ executionId: string }>;
  /** What the device says. Undefined: there is no such execution. Throws `ReportRefused`, `WriteConflict`. */
  report(key: ExecutionKey, report: Report): Promise<CommandExecution | undefined>;
  get(key: ExecutionKey): Promise<CommandExecution | undefined>;
  /** One that is not there counts as deleted. Throws ConflictException unless the device has ended it. */
  remove(key: ExecutionKey): Promise<void>;
}

/** At first the deadline of an execution, then the end of the time for which it is kept: one timer each. */
const TIMER = "command-execution";
/** Reference 14. */
const OPEN_PER_TARGET = 100;
const KEPT = 180 * 24 * 3_600_000;

export function createCommandExecutions(deps: CommandExecutionsDeps): CommandExecutions {
  const { database, sealer, timers, clock, router } = deps;

  const timerId = ({ accountId, region, target, executionId }: ExecutionKey): string =>
    `${accountId}/${region}/${target}/${executionId}`;

  function keyOfTimer(id: string): ExecutionKey {
    const [accountId = "", region = "", kind = "", name = "", executionId = ""] = id.split("/");
    return { accountId, region, target: `${kind}/${name}`, executionId };
  }

  const send = (at: Place, messages: readonly Message[], writes: readonly Write[]): Promise<void> =>
    router.sendTogether(messages, platformPublisher(at.accountId, at.region), writes);

  async function available(key: Place & { commandId: string }): Promise<Command> {
    const command = await readCommand(deps, key);
    if (!command) throw noCommand(key.commandId);
    if (command.pendingDeletionAt !== undefined) throw invalid(`Command ${key.commandId} is being deleted`);
    if (command.deprecated) throw invalid(`Command ${key.commandId} is deprecated: it is not executed any more`);
    return command;
  }

  async function start(
    { accountId, region, now }: Pick<RequestContext, "accountId" | "region" | "now">,
    { commandId, target, parameters: given, timeoutSeconds }: Start,
    remember: (answer: { executionId: string }) => readonly Write[],
  ): Promise<{ executionId: string }> {
    const at = { accountId, region };
    const executionId = uuid();
    for (let tries = 20; ; tries--) {
      const command = await available({ ...at, commandId });
      const parameters = resolveParameters(command.parameters, given);
      const execution: CommandExecution = {
        ...at,
        target,
        executionId,
        commandId,
        status: "CREATED",
        isFinal: false,
        parameters,
        timeoutSeconds,
        createdAt: now,
        updatedAt: now,
        deadlineAt: now + timeoutSeconds * 1_000,
        expiresAt: now + KEPT,
        revision: 1,
      };
      const messages = [requestMessage(execution, payloadOf(command, parameters)), eventOf(execution)];
      const writes = [
        guardStart(execution, OPEN_PER_TARGET),
        insertExecution(execution, sealer),
        timers.arm(TIMER, timerId(execution), execution.deadlineAt),
        ...remember({ executionId }),
      ];
      try {
        await send(at, messages, writes);
        timers.wake(execution.deadlineAt);
        return { executionId };
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        if ((await countOpen(database, at, target)) >= OPEN_PER_TARGET) {
          throw new ServiceError(
            "ServiceQuotaExceededException",
            `${OPEN_PER_TARGET} executions of ${target} are open already: wait until some have ended`,
          );
        }
        if (tries <= 0) throw error;
      }
    }
  }

  timers.handle(TIMER, async (id) => {
    const key = keyOfTimer(id);
    const execution = await readExecution(deps, key);
    if (!execution) return [];
    const now = clock.now();
    if (now >= execution.expiresAt) return [deleteExecution(key)];
    if (!isOpen(execution)) return [timers.arm(TIMER, id, execution.expiresAt)];
    if (now < execution.deadlineAt) return [timers.arm(TIMER, id, execution.deadlineAt)];
    const after = timedOut(execution, now);
    await send(
      key,
      [eventOf(after)],
      [updateExecution(execution, after, sealer), timers.arm(TIMER, id, execution.expiresAt)],
    );
    return [];
  });

  return {
    start,
    get: (key) => readExecution(deps, key),

    report: (key, report) =>
      onConflictAgain(async () => {
        const execution = await readExecution(deps, key);
        if (!execution) return undefined;
        const after = reported(execution, report, clock.now());
        const writes = [updateExecution(execution, after, sealer)];
        if (after.isFinal) writes.push(timers.arm(TIMER, timerId(key), execution.expiresAt));
        await send(key, [eventOf(after)], writes);
        return after;
      }),

    async remove(key) {
      const execution = await readExecution(deps, key);
      if (!execution) return;
      if (!execution.isFinal) {
        throw new ServiceError(
          "ConflictException",
          `The execution is ${execution.status}: only one that its device has ended can be deleted`,
          { resourceId: key.executionId },
        );
      }
      await database.commit([deleteExecution(key), timers.disarm(TIMER, timerId(key))]);
    },
  };
}

function payloadOf({ payload, template }: Command, values: Values): Payload {
  if (template) return renderTemplate(template.text, template.format, values);
  return payload ?? { content: new Uint8Array() };
}

/** An offline persistent session gets it later, while its deadline lies ahead (reference 14). */
function requestMessage(execution: CommandExecution, { content, contentType }: Payload): Message {
  return {
    accountId: execution.accountId,
    topic: `${executionTopic(execution.target, execution.executionId)}/request${formatOf(contentType)}`,
    payload: content,
    qos: 1,
    retain: false,
    properties: {
      ...(contentType === undefined ? {} : { contentType }),
      messageExpiryInterval: execution.timeoutSeconds,
    },
    neverLate: true,
  };
}

function formatOf(contentType = ""): "" | "/json" | "/cbor" {
  const [type = ""] = contentType.toLowerCase().split(";");
  const formats = { "application/json": "/json", "application/cbor": "/cbor" } as const;
  return formats[type.trim() as keyof typeof formats] ?? "";
}

/** In the commit of the change, so that no kill loses it. */
function eventOf(execution: CommandExecution): Message {
  const { executionId, status, reason, commandId, target, updatedAt } = execution;
  return jsonMessage(execution.accountId, `$aws/events/commandExecution/${commandId}/${status}`, {
    executionId,
    status,
    statusReason: reason,
    eventType: "COMMAND_EXECUTION",
    commandArn: commandArn(execution, commandId),
    targetArn: targetArn(execution, target),
    timestamp: updatedAt,
  });
}
