import { onConflictAgain } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { ManagedIntegrations, ManagedIntegrationsOperations, OperationTable } from "@hearth/contract";
import {
  type DeviceMessage,
  describeViolation,
  extendSchemas,
  fromMatterCommand,
  fromMatterReport,
  fromMatterState,
  type MessageEndpoint,
  type SchemaSet,
  type Violation,
  validateDeviceMessage,
} from "@hearth/data-model";
import type { AssociationStore } from "../account-associations/association-store.ts";
import type { ReportCache } from "../capabilities/reports.ts";
import type { CommandStore } from "../commands/command-store.ts";
import { type Accept, isRefusal } from "../device/acceptance.ts";
import { KeyedQueue } from "../device/keyed-queue.ts";
import type { Discoveries, FoundDevice } from "../discovery/discoveries.ts";
import { MOST_DEVICES } from "../discovery/discoveries.ts";
import { canBeMaterial } from "../discovery/discovery.ts";
import { discoveryNotFound } from "../discovery/discovery-operations.ts";
import type { DiscoveryStore } from "../discovery/discovery-store.ts";
import { invalid } from "../errors.ts";
import type { Messaging } from "../iot-room.ts";
import { checkedSchemas } from "../schemas/checked-schemas.ts";
import type { SchemaSets } from "../schemas/schema-sets.ts";
import type { ManagedThing } from "../things/managed-thing.ts";
import { thingNotFound } from "../things/thing-operations.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { type CloudConnector, connectorArn } from "./cloud-connector.ts";
import { connectorNotFound } from "./connector-operations.ts";
import type { ConnectorStore } from "./connector-store.ts";
import type { ReachConnector } from "./reach-connector.ts";

type Input = ManagedIntegrations.SendConnectorEventRequest;

const refuse = (path: string, violations: readonly Violation[]) =>
  invalid(`${path}: ${violations.map(describeViolation).join("; ")}`);

/** SendConnectorEvent: what connectors tell of their vendors' devices (reference 9.4). */
export function eventOperations(deps: {
  clock: Clock;
  connectors: Pick<ConnectorStore, "get">;
  associations: Pick<AssociationStore, "userHash">;
  reachConnector: ReachConnector;
  discoveries: DiscoveryStore;
  jobs: Discoveries;
  things: ThingStore;
  reports: ReportCache;
  commands: CommandStore;
  schemaSets: SchemaSets;
  accept: Accept;
  messaging: Pick<Messaging, "publish">;
}) {
  const { clock, connectors, associations, reachConnector, discoveries, jobs, things, reports, commands } = deps;
  const { schemaSets, accept } = deps;
  const pages = new KeyedQueue();

  /** A page of what was found; codes of 3xx say that more is to come, 400 and above that it failed (reference 9.6, U28). */
  async function discovered(input: Input, connector: CloudConnector): Promise<void> {
    const { DeviceDiscoveryId: id, StatusCode: code } = input;
    if (id === undefined) throw invalid("DeviceDiscoveryId is required with Operation DEVICE_DISCOVERY.");
    if (code === undefined) throw invalid("StatusCode is required with Operation DEVICE_DISCOVERY.");
    const discovery = await discoveries.anywhere(connector.region, id);
    const reached = discovery?.associationId && (await reachConnector(discovery, discovery.associationId));
    if (!discovery || !reached || !isSame(reached.connector, connector)) throw discoveryNotFound(id);
    if (isOther(input.UserId, reached.association.details.userId)) throw discoveryNotFound(id);
    if (discovery.status !== "RUNNING") throw invalid(`The device discovery is over: ${discovery.status}.`);
    const ends =
      code >= 400
        ? { status: "FAILED" as const, reason: input.Message ?? `the connector reported ${code}` }
        : code >= 300
          ? undefined
          : { status: "SUCCEEDED" as const };
    const schemas = await schemaSets.ofAccount(discovery);
    const asked = discovery.details.connectorDeviceIds;
    const found = (input.Devices ?? [])
      .map((device, index) => foundDevice(device, index, schemas))
      // DiscoverDevices has no member for the ids that the customer asked for, so a connector tells of all (9.6, 9.9).
      .filter(({ deviceId }) => asked === undefined || asked.includes(deviceId));
    const taken = await jobs.receive(discovery, { destinationId: reached.destination.id }, found, ends);
    if (!taken) throw invalid(`Devices: a device discovery keeps at most ${MOST_DEVICES} devices.`);
  }

  /** The things that the event is about, each of a user who is linked through the connector (reference 9.4). */
  async function meant(input: Input, connector: CloudConnector): Promise<ManagedThing[]> {
    const { ConnectorDeviceId: deviceId, UserId: user } = input;
    if (deviceId === undefined) throw invalid(`ConnectorDeviceId is required with Operation ${input.Operation}.`);
    const userHash = user === undefined ? undefined : associations.userHash(user);
    const registered = await things.ofConnector(connector, deviceId, userHash);
    // Nothing of an unlinked user's devices is taken any more (reference 9.8).
    if (registered.length === 0) throw thingNotFound(deviceId);
    return registered;
  }

  const received = (messageType: DeviceMessage["messageType"], endpoints: MessageEndpoint[]): DeviceMessage => ({
    messageType,
    timestamp: new Date(clock.now()).toISOString(),
    endpoints,
  });

  async function take(given: ManagedThing, input: Input): Promise<void> {
    await onConflictAgain(async () => {
      const thing = await things.get(given, given.id);
      const report = thing && reports.of(thing);
      if (thing?.status !== "ACTIVATED" || !report) throw thingNotFound(given.id);
      const message = await messageOf(input, thing);
      const violations = validateDeviceMessage(report, message, await schemaSets.of(thing));
      if (violations.length > 0) throw refuse("MatterEndpoint", violations);
      // Connectors do not number what they tell, so the platform does (U8).
      const taken = await accept(thing, report, { ...message, eventNumber: thing.lastEventNumber + 1 });
      if (isRefusal(taken)) throw invalid(taken.message);
      await deps.messaging.publish(taken);
    });
  }

  /** The event in the words of managed integrations. */
  async function messageOf(input: Input, thing: ManagedThing): Promise<DeviceMessage> {
    const about = { report: reports.of(thing), schemas: await schemaSets.of(thing) };
    const said = input.MatterEndpoint === undefined ? [] : [input.MatterEndpoint];
    switch (input.Operation) {
      case "DEVICE_COMMAND_REQUEST": {
        if (said.length === 0) throw invalid("MatterEndpoint is required with Operation DEVICE_COMMAND_REQUEST.");
        const command = fromMatterCommand(said, about);
        if ("violations" in command) throw refuse("MatterEndpoint", command.violations);
        return received("DEVICE_COMMAND_REQUEST", command.endpoints);
      }
      case "DEVICE_COMMAND_RESPONSE": {
        const traceId = input.TraceId;
        if (traceId === undefined) throw invalid("TraceId is required with Operation DEVICE_COMMAND_RESPONSE.");
        const command = await commands.get({ accountId: thing.accountId, region: thing.region, traceId });
        if (command && command.thingId !== thing.id) throw invalid("TraceId names a command to another managed thing.");
        const state = fromMatterState(said, about);
        if ("violations" in state) throw refuse("MatterEndpoint", state.violations);
        const code = input.StatusCode ?? 200;
        return {
          ...received(
            "DEVICE_COMMAND_RESPONSE",
            state.endpoints.map((one) => answered(one, code)),
          ),
          traceId,
        };
      }
      default: {
        if (said.length === 0) throw invalid("MatterEndpoint is required with Operation DEVICE_EVENT.");
        const state = fromMatterState(said, about);
        if ("violations" in state) throw refuse("MatterEndpoint", state.violations);
        return received("DEVICE_EVENT", state.endpoints);
      }
    }
  }

  return {
    SendConnectorEvent: {
      resources: (input, { accountId, region }) => [connectorArn({ accountId, region, id: input.ConnectorId })],
      async handle(input, request) {
        // Connectors are their account's own: another account's credentials find none (reference 9.1).
        const connector = await connectors.get(request, input.ConnectorId);
        if (!connector) throw connectorNotFound(input.ConnectorId);
        if (input.Operation === "DEVICE_DISCOVERY") {
          // Pages may come all at once; one after another none has to be converted again.
          await pages.run(input.DeviceDiscoveryId ?? "", () => onConflictAgain(() => discovered(input, connector)));
        } else for (const thing of await meant(input, connector)) await take(thing, input);
        return { ConnectorId: input.ConnectorId };
      },
    },
  } satisfies OperationTable<ManagedIntegrationsOperations>;
}

const isSame = (one: CloudConnector, other: CloudConnector): boolean =>
  one.accountId === other.accountId && one.region === other.region && one.id === other.id;

/** UserId is optional: then the connector and the device's id decide (reference 9.4). */
const isOther = (given: string | undefined, known: string | undefined): boolean =>
  given !== undefined && given !== known;

function foundDevice(device: ManagedIntegrations.Device, index: number, schemas: SchemaSet): FoundDevice {
  if (!canBeMaterial(device.ConnectorDeviceId)) {
    throw invalid(`Devices[${index}].ConnectorDeviceId has too many dots to be used in an AuthenticationMaterial.`);
  }
  const own = checkedSchemas(device.CapabilitySchemas ?? [], schemas, `Devices[${index}].CapabilitySchemas`);
  const documents = own.map(({ document }) => document);
  const all = own.length === 0 ? schemas : extendSchemas(schemas, documents);
  const converted = fromMatterReport(device.CapabilityReport, all);
  if ("violations" in converted) throw refuse(`Devices[${index}].CapabilityReport`, converted.violations);
  const { report, state } = converted;
  const deviceTypes = [...new Set(report.endpoints.flatMap((endpoint) => endpoint.deviceTypes))];
  return {
    deviceId: device.ConnectorDeviceId,
    name: device.ConnectorDeviceName,
    deviceTypes,
    report,
    state,
    schemas: own.length === 0 ? undefined : own,
  };
}

/** The event's StatusCode is the outcome of every action that has none of its own. */
const answered = (endpoint: MessageEndpoint, responseCode: number): MessageEndpoint => ({
  ...endpoint,
  capabilities: endpoint.capabilities.map((capability) => ({
    ...capability,
    ...(capability.actions
      ? {
          actions: capability.actions.map((action) => ({
            ...action,
            responseCode: action.responseCode ?? responseCode,
          })),
        }
      : {}),
  })),
});
