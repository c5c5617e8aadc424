import { type Database, type Timers, type Write, WriteConflict } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import { randomHex } from "@hearth/base";
import type { ManagedIntegrationsOperations, OperationTable } from "@hearth/contract";
import { type CommandEndpoint, describeViolation, validateCommand } from "@hearth/data-model";
import type { ReportCache } from "../capabilities/reports.ts";
import { commandMessage } from "../device/device-messages.ts";
import { invalid, notFound } from "../errors.ts";
import type { Messaging } from "../iot-room.ts";
import type { Notifier } from "../notifications/notifier.ts";
import { thingArn } from "../things/managed-thing.ts";
import { thingNotFound } from "../things/thing-operations.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { COMMAND_TIMER, type CommandStore, type OpenCommand } from "./command-store.ts";

type Result = "succeeded" | "failed";

/** The DEVICE_COMMAND notification of a command that has ended (reference 7.3). */
export const commandEvent = (command: OpenCommand, result: Result, executedAt: number) => ({
  type: "DEVICE_COMMAND" as const,
  payload: {
    traceId: command.traceId,
    receivedAt: new Date(command.receivedAt).toISOString(),
    executedAt: new Date(executedAt).toISOString(),
    result,
  },
});

/** SendManagedThingCommand, and what closes a command that the device does not answer (reference 6, U18). */
export function createCommands(deps: {
  database: Database;
  timers: Timers;
  clock: Clock;
  log: Logger;
  things: ThingStore;
  reports: ReportCache;
  commands: CommandStore;
  notifier: Notifier;
  messaging: Messaging;
  timeoutSeconds: number;
}) {
  const { database, timers, clock, log, things, reports, commands, notifier, messaging, timeoutSeconds } = deps;

  timers.handle(COMMAND_TIMER, async (_id, payload): Promise<readonly Write[]> => {
    const command = payload as OpenCommand;
    if (!(await commands.get(command))) return [];
    log.info({ managedThingId: command.thingId, traceId: command.traceId }, "command not answered in time");
    const about = { ...command, id: command.thingId, arn: thingArn({ ...command, id: command.thingId }) };
    try {
      await database.commit([
        commands.close(command),
        ...(await notifier.write(about, [commandEvent(command, "failed", clock.now())])),
      ]);
    } catch (error) {
      // The answer came first.
      if (!(error instanceof WriteConflict)) throw error;
    }
    notifier.wake();
    return [];
  });

  const operations = {
    SendManagedThingCommand: {
      resources: (input, request) => [thingArn({ ...request, id: input.ManagedThingId })],
      async handle(input, request) {
        const thing = await things.get(request, input.ManagedThingId);
        if (!thing) throw thingNotFound(input.ManagedThingId);
        const association = input.AccountAssociationId ?? input.ConnectorAssociationId;
        if (association !== undefined) throw notFound("AccountAssociation", association);
        const report = reports.of(thing);
        if (thing.status !== "ACTIVATED" || !report) {
          throw invalid(`The managed thing is ${thing.status}; only an ACTIVATED one takes commands.`);
        }
        const endpoints = input.Endpoints as unknown as CommandEndpoint[];
        const violation = validateCommand(report, endpoints)[0];
        if (violation) throw invalid(`Endpoints${describeViolation(violation)}`);

        const command: OpenCommand = {
          accountId: request.accountId,
          region: request.region,
          traceId: randomHex(16),
          thingId: thing.id,
          actions: endpoints.flatMap(({ capabilities }) => capabilities.flatMap(({ actions }) => actions)).length,
          receivedAt: request.now,
        };
        await database.commit(commands.open(command, request.now + timeoutSeconds * 1000));
        timers.wake();
        // The command is on record now: should the process end here, its timer reports it as failed.
        await messaging.publish([
          commandMessage(thing, { traceId: command.traceId, endpoints, now: request.now, timeoutSeconds }),
        ]);
        return { TraceId: command.traceId };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;

  return { operations };
}
