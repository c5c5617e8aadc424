import { onConflictAgain } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import {
  type DeviceMessage,
  type DeviceMessageType,
  describeViolation,
  parseDeviceMessage,
  type Violation,
  validateDeviceMessage,
} from "@hearth/data-model";
import type { Message, Outcome, Publisher, ReservedTopic } from "@hearth/iot";
import type { ReportCache } from "../capabilities/reports.ts";
import type { EventLog } from "../event-logs/event-log.ts";
import { isHubMessage, parseHubMessage } from "../hub/hub-reports.ts";
import type { TakeFromHub } from "../hub/hub-setup.ts";
import type { SchemaSets } from "../schemas/schema-sets.ts";
import type { ManagedThing } from "../things/managed-thing.ts";
import type { Removal } from "../things/removal.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { type Accept, isRefusal, type Refusal } from "./acceptance.ts";
import { rejectionMessage } from "./device-messages.ts";
import { completeIds } from "./device-report.ts";
import { KeyedQueue } from "./keyed-queue.ts";
import { isLocked, LOCKED } from "./locked.ts";
import { isOwnDevice } from "./own-device.ts";

/** What a device may say on `north/{id}/control`. */
const CONTROL: readonly DeviceMessageType[] = ["DEVICE_COMMAND_RESPONSE", "DEVICE_EVENT", "DEVICE_COMMAND_REQUEST"];

const describe = (violations: readonly Violation[]): Refusal => ({
  code: 400,
  message: violations.map(describeViolation).join("; "),
});

type Envelope = Pick<DeviceMessage, "traceId" | "eventNumber" | "managedThingId">;

const unknown: Refusal = { code: 404, message: "Managed Thing resource not found." };

/** `north/{id}/…`: what devices answer and report; and `south/…`, which belongs to the platform (docs/device-protocol.md). */
export function deviceTopics(deps: {
  clock: Clock;
  log: Logger;
  things: ThingStore;
  reports: ReportCache;
  removal: Removal;
  schemaSets: SchemaSets;
  accept: Accept;
  eventLog: Pick<EventLog, "note">;
  takeFromHub: TakeFromHub;
}): ReservedTopic[] {
  const { clock, log, things, reports, removal, schemaSets, accept, eventLog, takeFromHub } = deps;
  /** Messages of one device are taken in their order; those of different devices side by side. */
  const queue = new KeyedQueue();

  /**
   * The thing that the message is about, the sender itself or a device behind it, or why it may not be: nothing is told
   * to who is not that device.
   */
  async function about(id: string, publisher: Publisher, behind?: string): Promise<ManagedThing | Refusal> {
    const sender = await things.get(publisher, id);
    if (!sender || !isOwnDevice(sender, publisher)) return unknown;
    if (behind === undefined) return sender;
    const thing = await things.get(publisher, behind);
    return sender.role === "CONTROLLER" && thing?.parentControllerId === id ? thing : unknown;
  }

  const isRepeated = (thing: ManagedThing, message: Envelope): boolean =>
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

  const topic = <Said extends Envelope>(
    filter: string,
    read: (payload: Uint8Array) => Said | Violation[],
    take: (thing: ManagedThing, message: Said) => Promise<Message[] | Refusal>,
    behindOf: (message: Said) => string | undefined,
  ): ReservedTopic => ({
    filter,
    deliver: false,
    async handle([id = ""], message, publisher): Promise<Outcome> {
      const refuse = (why: Refusal, said?: Said): Outcome => {
        log.info({ managedThingId: id, topic: message.topic, why: why.message }, "device message refused");
        const { accountId, region } = publisher;
        const reason = { topic: message.topic, code: why.code, reason: why.message };
        eventLog.note({ accountId, region, type: "managed-thing", id }, "WARN", "DEVICE_MESSAGE_REJECTED", reason);
        const { traceId, eventNumber, managedThingId } = said ?? ({} as Partial<Said>);
        const whole = { ...why, managedThingId, traceId, eventNumber };
        return { reply: [rejectionMessage({ accountId: message.accountId, id }, whole, clock.now())] };
      };
      const said = read(message.payload);
      if (Array.isArray(said)) return refuse(describe(said));
      const behind = behindOf(said);
      return queue.run(`${publisher.accountId}/${publisher.region}/${behind ?? id}`, () =>
        onConflictAgain(async () => {
          const thing = await about(id, publisher, behind);
          if (isRefusal(thing)) return refuse(thing, said);
          if (isRepeated(thing, said)) return {};
          const taken = await take(thing, said);
          return Array.isArray(taken) ? { publish: taken } : refuse(taken, said);
        }).catch((error: unknown) => {
          if (isLocked(error)) return refuse(LOCKED, said);
          throw error;
        }),
      );
    },
  });

  const ofDevices = (message: DeviceMessage) => message.managedThingId;
  const deviceSetup = topic("north/+/setup", parseDeviceMessage, setup, ofDevices);
  // What a hub tells about devices behind it is the hub's own word, in the hub's own order.
  const hubSetup = topic("north/+/setup", parseHubMessage, takeFromHub, () => undefined);

  return [
    topic("north/+/control", parseDeviceMessage, control, ofDevices),
    {
      ...deviceSetup,
      handle: (levels, message, publisher) =>
        (isHubMessage(message.payload) ? hubSetup : deviceSetup).handle(levels, message, publisher),
    },
    {
      filter: "south/#",
      deliver: false,
      async handle(): Promise<Outcome> {
        throw new ServiceError("ForbiddenException", "Only the platform publishes below south/.");
      },
    },
  ];
}
