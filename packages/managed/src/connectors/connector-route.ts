import { type Database, type Outbox, onConflictAgain } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import { describeViolation, type MatterCommandEndpoint, toMatterCommand } from "@hearth/data-model";
import { associationNotFound } from "../account-associations/association-operations.ts";
import type { AssociationStore } from "../account-associations/association-store.ts";
import type { CommandStore } from "../commands/command-store.ts";
import { commandEvent } from "../commands/commands.ts";
import type { DeviceRoute, OutgoingCommand } from "../commands/route.ts";
import { invalid } from "../errors.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { Place } from "../place.ts";
import type { SchemaSets } from "../schemas/schema-sets.ts";
import { type ManagedThing, thingArn } from "../things/managed-thing.ts";
import type { CloudConnector } from "./cloud-connector.ts";
import type { ConnectorCaller, ConnectorFailure } from "./connector-call.ts";
import { connectorErrorReport, connectorGone, connectorGroups, connectorLane } from "./error-report.ts";
import type { ReachConnector, Reached } from "./reach-connector.ts";

const CONSUMER = "connector-command";
/** Associations of one thing that are looked through for one that can take a command. */
const MOST_LOOKED_AT = 100;

interface Queued extends Place {
  traceId: string;
  associationId: string;
  connectorDeviceId: string;
  endpoints: readonly MatterCommandEndpoint[];
  /** Milliseconds. */
  deadline: number;
}

/** Commands to devices of other clouds, through their connectors' functions (reference 9.7). */
export function createConnectorRoute(deps: {
  database: Database;
  outbox: Outbox;
  clock: Clock;
  associations: Pick<AssociationStore, "hasThing" | "things">;
  commands: CommandStore;
  notifier: Pick<Notifier, "write" | "wake">;
  schemaSets: Pick<SchemaSets, "of">;
  reachConnector: ReachConnector;
  caller: ConnectorCaller;
  commandTimeoutSeconds: number;
}) {
  const { database, outbox, clock, associations, commands, notifier, schemaSets, reachConnector, caller } = deps;

  outbox.consume(
    CONSUMER,
    async (message) => {
      const { accountId, region, traceId, associationId, connectorDeviceId, endpoints, deadline } = message as Queued;
      const key = { accountId, region, traceId };
      // Answered, or reported as failed: nothing is sent after that.
      if (clock.now() >= deadline || !(await commands.get(key))) return;
      const reached = await reachConnector({ accountId, region }, associationId);
      const request = { operationName: "AWS.SendCommand" as const, connectorDeviceId, traceId, endpoints };
      const outcome = reached ? await caller.call({ ...reached, request, until: deadline }) : undefined;
      // The state moves on the connector's DEVICE_COMMAND_RESPONSE, whatever the acknowledgement said.
      if (outcome?.ok) return;
      await fail(key, reached?.connector, outcome ?? connectorGone);
    },
    connectorGroups,
  );

  /** The command's end, because the connector has not taken it. */
  const fail = (
    key: Place & { traceId: string },
    connector: CloudConnector | undefined,
    failure: Pick<ConnectorFailure, "errorCode" | "message">,
  ) =>
    onConflictAgain(async () => {
      const command = await commands.get(key);
      if (!command) return;
      const thing = { ...key, id: command.thingId };
      const told = await notifier.write({ ...thing, arn: thingArn(thing) }, [
        commandEvent(command, "failed", clock.now()),
        connectorErrorReport(connector, { operationName: "AWS.SendCommand", traceId: key.traceId }, failure),
      ]);
      await database.commit([commands.close(command), commands.disarm(command), ...told]);
      notifier.wake();
    });

  /** The association that a command goes through: the one that is named, or the first that can take it. */
  async function through(thing: ManagedThing, associationId: string | undefined): Promise<Reached | undefined> {
    if (associationId !== undefined) {
      if (!(await associations.hasThing(thing, { thingId: thing.id, associationId }))) {
        throw associationNotFound(associationId);
      }
      return reachConnector(thing, associationId);
    }
    const start = { thingId: "", associationId: "" };
    let first: Reached | undefined;
    for (const one of await associations.things(thing, { thingId: thing.id }, start, MOST_LOOKED_AT)) {
      const reached = await reachConnector(thing, one.associationId);
      if (reached?.association.state === "ASSOCIATION_SUCCEEDED") return reached;
      first ??= reached;
    }
    return first;
  }

  /** Why a command that is sent now would come to nobody. */
  function obstacle(reached: Reached | undefined): Pick<ConnectorFailure, "errorCode" | "message"> | undefined {
    if (!reached) return connectorGone;
    const { state } = reached.association;
    if (state !== "ASSOCIATION_SUCCEEDED") {
      return { errorCode: "AUTHORIZATION_FAILED", message: `the account association is ${state}` };
    }
    if (caller.openUntil(reached) === undefined) return undefined;
    return { errorCode: "CIRCUIT_OPEN", message: "the connector failed so often that it is not called for a while" };
  }

  return async (thing: ManagedThing, associationId: string | undefined): Promise<DeviceRoute> => {
    const reached = await through(thing, associationId);
    const { commandTimeoutSeconds: timeoutSeconds } = deps;
    const nobody = obstacle(reached);
    if (nobody || !reached) {
      const report = nobody ?? connectorGone;
      return {
        timeoutSeconds,
        reach: () => "nobody",
        failed: (traceId) => [
          connectorErrorReport(reached?.connector, { operationName: "AWS.SendCommand", traceId }, report),
        ],
        deliver: async () => undefined,
      };
    }
    const schemas = await schemaSets.of(thing);
    return {
      timeoutSeconds,
      reach: () => "live",
      queue(command: OutgoingCommand) {
        const converted = toMatterCommand(command.endpoints, schemas);
        if ("violations" in converted) {
          throw invalid(`Endpoints: ${converted.violations.map(describeViolation).join("; ")}`);
        }
        const { accountId, region } = thing;
        const queued: Queued = {
          ...{ accountId, region, traceId: command.traceId, associationId: reached.association.id },
          ...{ connectorDeviceId: thing.details.connectorDeviceId ?? "", deadline: command.deadline },
          endpoints: converted.endpoints,
        };
        return [outbox.write(CONSUMER, connectorLane(reached.connector, accountId, thing.id), queued)];
      },
      deliver: async () => outbox.wake(),
    };
  };
}
