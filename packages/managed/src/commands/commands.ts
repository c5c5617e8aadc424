import { type Database, type Timers, type Write, WriteConflict } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import { randomHex } from "@hearth/base";
import type { ManagedIntegrationsOperations, OperationTable } from "@hearth/contract";
import { type CommandEndpoint, describeViolation, validateCommand, withReportedIds } from "@hearth/data-model";
import type { ReportCache } from "../capabilities/reports.ts";
import { invalid } from "../errors.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { SchemaSets } from "../schemas/schema-sets.ts";
import type { TagConditions } from "../tags/taggable.ts";
import { thingArn } from "../things/managed-thing.ts";
import { thingNotFound } from "../things/thing-operations.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { COMMAND_TIMER, type CommandStore, commandOfTimer, type OpenCommand } from "./command-store.ts";
import { answersIn } from "./device-requests.ts";
import type { RequestStore } from "./request-store.ts";
import type { RouteOf } from "./route.ts";

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
  requests: RequestStore;
  notifier: Notifier;
  routeOf: RouteOf;
  schemaSets: SchemaSets;
  tagConditions: TagConditions;
}) {
  const { database, timers, clock, log, things, reports, commands, requests, notifier, routeOf, schemaSets } = deps;
  const ofThing = deps.tagConditions.resource(
    "managed-thing",
    (input: { ManagedThingId: string }) => input.ManagedThingId,
  );

  timers.handle(COMMAND_TIMER, async (id): Promise<readonly Write[]> => {
    const command = await commands.get(commandOfTimer(id));
    if (!command) return [];
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
      conditions: ofThing,
      async handle(input, request) {
        const thing = await things.get(request, input.ManagedThingId);
        if (!thing) throw thingNotFound(input.ManagedThingId);
        const report = reports.of(thing);
        if (thing.status !== "ACTIVATED" || !report) {
          throw invalid(`The managed thing is ${thing.status}; only an ACTIVATED one takes commands.`);
        }
        const route = await routeOf(thing, input.AccountAssociationId ?? input.ConnectorAssociationId);
        const given = input.Endpoints as unknown as CommandEndpoint[];
        const answers = await answersIn(requests, thing, given, request.now);
        const schemas = await schemaSets.of(thing);
        const violation = validateCommand(report, given, schemas, answers)[0];
        if (violation) throw invalid(`Endpoints${describeViolation(violation)}`);
        const endpoints = withReportedIds(report, given, schemas);

        const command: OpenCommand = {
          accountId: request.accountId,
          region: request.region,
          traceId: randomHex(16),
          thingId: thing.id,
          actions: endpoints.flatMap(({ capabilities }) => capabilities.flatMap(({ actions }) => actions)).length,
          receivedAt: request.now,
        };
        const reach = route.reach();
        if (reach === "nobody") {
          // Nobody could get it before it is too late, so its end is known already.
          const about = { ...thing, arn: thingArn(thing) };
          const failed = await notifier.write(about, [
            commandEvent(command, "failed", request.now),
            ...(route.failed?.(command.traceId) ?? []),
          ]);
          if (failed.length > 0) await database.commit(failed);
          notifier.wake();
          return { TraceId: command.traceId };
        }
        const deadline = request.now + route.timeoutSeconds * 1000;
        const outgoing = { traceId: command.traceId, endpoints, receivedAt: request.now, deadline };
        const recorded = database.commit([...commands.open(command, deadline), ...(route.queue?.(outgoing) ?? [])]);
        // No device gets a command that is not on record: should the process end then, its timer reports it as failed. What
        // a session keeps leaves only when it is stored, which is no sooner, for commits become durable in their order; so
        // both may share a transaction.
        if (reach === "live") await recorded;
        await Promise.all([recorded, route.deliver(outgoing)]);
        timers.wake(deadline);
        return { TraceId: command.traceId };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;

  return { operations };
}
