import { type Database, onConflictAgain, type Write } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import {
  type CapabilityReport,
  type DeviceMessage,
  type DeviceMessageType,
  describeViolation,
  parseDeviceMessage,
  type Violation,
  validateDeviceMessage,
} from "@hearth/data-model";
import type { Message, Outcome, Publisher, ReservedTopic } from "@hearth/iot";
import type { ReportCache } from "../capabilities/reports.ts";
import type { CommandStore } from "../commands/command-store.ts";
import { commandEvent } from "../commands/commands.ts";
import { openRequests } from "../commands/device-requests.ts";
import { MAX_REQUESTS, type RequestStore } from "../commands/request-store.ts";
import type { EventType } from "../notifications/notification.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { SchemaSets } from "../schemas/schema-sets.ts";
import type { ShadowMirror } from "../state/shadow-mirror.ts";
import { changesOf, stateEndpoints } from "../state/state.ts";
import { namesIn } from "../state/state-operations.ts";
import type { StateStore } from "../state/state-store.ts";
import { type ManagedThing, thingArn } from "../things/managed-thing.ts";
import type { Removal } from "../things/removal.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { rejectionMessage } from "./device-messages.ts";
import {
  commandSucceeded,
  completeIds,
  eventPayload,
  failedActions,
  reportedProperties,
  requestPayload,
} from "./device-report.ts";
import { KeyedQueue } from "./keyed-queue.ts";
import { isOwnDevice } from "./own-device.ts";

interface Refusal {
  code: number;
  message: string;
}

/** What a device may say on `north/{id}/control`. */
const CONTROL: readonly DeviceMessageType[] = ["DEVICE_COMMAND_RESPONSE", "DEVICE_EVENT", "DEVICE_COMMAND_REQUEST"];

const isRefusal = (value: object): value is Refusal => "code" in value;

const describe = (violations: readonly Violation[]): Refusal => ({
  code: 400,
  message: violations.map(describeViolation).join("; "),
});

/** `north/{id}/…`: what devices answer and report; and `south/…`, which belongs to the platform (docs/device-protocol.md). */
export function deviceTopics(deps: {
  database: Database;
  clock: Clock;
  log: Logger;
  things: ThingStore;
  states: StateStore;
  commands: CommandStore;
  requests: RequestStore;
  reports: ReportCache;
  notifier: Notifier;
  removal: Removal;
  schemaSets: SchemaSets;
  shadows: ShadowMirror;
}): ReservedTopic[] {
  const { database, clock, log, things, states, commands, requests, reports, notifier, removal, schemaSets, shadows } =
    deps;
  /** Messages of one device are taken in their order; those of different devices side by side. */
  const queue = new KeyedQueue();

  /** Commits all that a message causes: state, the command's end, notifications, the shadow. */
  async function accept(
    thing: ManagedThing,
    report: CapabilityReport,
    message: DeviceMessage,
  ): Promise<Message[] | Refusal> {
    const now = clock.now();
    const names = namesIn(report);
    const events: { type: EventType; payload: unknown }[] = [];
    const writes: Write[] = [things.touch(thing, Math.max(thing.lastEventNumber, message.eventNumber ?? 0))];

    if (message.messageType === "DEVICE_COMMAND_RESPONSE" && message.traceId !== undefined) {
      const key = { accountId: thing.accountId, region: thing.region, traceId: message.traceId };
      const command = await commands.get(key);
      // A late answer finds no open command: it still tells the state, but the outcome was reported before.
      if (command?.thingId === thing.id) {
        writes.push(commands.close(command), commands.disarm(command));
        const succeeded = commandSucceeded(message, command.actions);
        if (!succeeded) {
          const { id: managedThingId } = thing;
          log.info({ managedThingId, traceId: message.traceId, failed: failedActions(message) }, "command failed");
        }
        events.push(commandEvent(command, succeeded ? "succeeded" : "failed", now));
      }
    }
    if (message.messageType === "DEVICE_COMMAND_REQUEST") {
      const opened = await openRequests(requests, thing, message, now);
      if (!opened) return { code: 503, message: `At most ${MAX_REQUESTS} requests of a device may be open at once.` };
      writes.push(...opened);
      events.push({ type: "DEVICE_COMMAND_REQUEST", payload: requestPayload(message, names) });
    }

    const timestamp = new Date(now).toISOString();
    const reported = reportedProperties(message);
    const changes = reported.length === 0 ? [] : changesOf(await states.byKey(thing), reported, timestamp);
    const payload = eventPayload(message, names, { eventNumber: message.eventNumber, timestamp: message.timestamp });
    if (payload !== undefined) events.push({ type: "DEVICE_EVENT", payload });
    const shadow = await shadows.put(thing, changes);
    if (changes.length > 0) {
      writes.push(...(await states.put(thing, changes)));
      events.push({ type: "DEVICE_STATE", payload: { addedStates: { endpoints: stateEndpoints(changes, names) } } });
    }
    writes.push(...(await notifier.write({ ...thing, arn: thingArn(thing) }, events)), ...(shadow?.writes ?? []));
    await database.commit(writes);
    shadow?.committed();
    notifier.wake();
    return [...(shadow?.messages ?? [])];
  }

  /** The thing that the message is about, or why it may not be: nothing is told to who is not that device. */
  async function sender(id: string, publisher: Publisher): Promise<ManagedThing | Refusal> {
    const thing = await things.get(publisher, id);
    if (!thing || !isOwnDevice(thing, publisher)) return { code: 404, message: "Managed Thing resource not found." };
    return thing;
  }

  const isRepeated = (thing: ManagedThing, message: DeviceMessage): boolean =>
    message.eventNumber !== undefined && message.eventNumber <= thing.lastEventNumber;

  async function control(thing: ManagedThing, message: DeviceMessage): Promise<Message[] | Refusal> {
    if (!CONTROL.includes(message.messageType)) {
      return { code: 400, message: `north/{id}/control takes ${CONTROL.join(", ")}.` };
    }
    const report = reports.of(thing);
    if (!report) return { code: 409, message: "Send the capability report first." };
    const complete = completeIds(message, report);
    const violations = validateDeviceMessage(report, complete, await schemaSets.of(thing));
    if (violations.length > 0) return describe(violations);
    return accept(thing, report, complete);
  }

  /** The answer to DEVICE_REMOVAL: gone, or not. */
  async function setup(thing: ManagedThing, message: DeviceMessage): Promise<Message[] | Refusal> {
    if (message.messageType !== "DEVICE_REMOVAL_RESPONSE") {
      return { code: 400, message: "north/{id}/setup takes DEVICE_REMOVAL_RESPONSE." };
    }
    if (thing.status !== "DELETE_IN_PROGRESS") return { code: 409, message: "No removal is in progress." };
    if (message.responseCode !== undefined && message.responseCode >= 300) {
      await removal.fail(thing, Math.max(thing.lastEventNumber, message.eventNumber ?? 0), clock.now());
    } else {
      await removal.finish(thing, clock.now());
    }
    return [];
  }

  const topic = (
    filter: string,
    take: (thing: ManagedThing, message: DeviceMessage) => Promise<Message[] | Refusal>,
  ): ReservedTopic => ({
    filter,
    deliver: false,
    async handle([id = ""], message, publisher): Promise<Outcome> {
      const refuse = (why: Refusal, parsed?: DeviceMessage): Outcome => {
        log.info({ managedThingId: id, topic: message.topic, why: why.message }, "device message refused");
        const about = { ...why, traceId: parsed?.traceId, eventNumber: parsed?.eventNumber };
        return { reply: [rejectionMessage({ accountId: message.accountId, id }, about, clock.now())] };
      };
      const parsed = parseDeviceMessage(message.payload);
      if (Array.isArray(parsed)) return refuse(describe(parsed));
      return queue.run(`${publisher.accountId}/${publisher.region}/${id}`, () =>
        onConflictAgain(async () => {
          const thing = await sender(id, publisher);
          if (isRefusal(thing)) return refuse(thing, parsed);
          if (isRepeated(thing, parsed)) return {};
          const taken = await take(thing, parsed);
          return Array.isArray(taken) ? { publish: taken } : refuse(taken, parsed);
        }),
      );
    },
  });

  return [
    topic("north/+/control", control),
    topic("north/+/setup", setup),
    {
      filter: "south/#",
      deliver: false,
      async handle(): Promise<Outcome> {
        throw new ServiceError("ForbiddenException", "Only the platform publishes below south/.");
      },
    },
  ];
}
