import type { Database, Write } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { CapabilityReport, DeviceMessage } from "@hearth/data-model";
import type { Message } from "@hearth/iot";
import type { CommandStore } from "../commands/command-store.ts";
import { commandEvent } from "../commands/commands.ts";
import { openRequests } from "../commands/device-requests.ts";
import { MAX_REQUESTS, type RequestStore } from "../commands/request-store.ts";
import type { EventLog } from "../event-logs/event-log.ts";
import type { EventType } from "../notifications/notification.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { ShadowMirror } from "../state/shadow-mirror.ts";
import { changesOf, stateEndpoints } from "../state/state.ts";
import { namesIn } from "../state/state-operations.ts";
import type { StateStore } from "../state/state-store.ts";
import { type ManagedThing, thingArn } from "../things/managed-thing.ts";
import type { ThingStore } from "../things/thing-store.ts";
import { commandSucceeded, eventPayload, failedActions, reportedProperties, requestPayload } from "./device-report.ts";

/** Why a message was not taken. */
export interface Refusal {
  code: number;
  message: string;
}

export const isRefusal = (value: object): value is Refusal => "code" in value;

/** Takes what a device said, wherever it came from; its capability ids are complete and it was validated. */
export type Accept = ReturnType<typeof createAcceptance>;

export function createAcceptance(deps: {
  database: Database;
  clock: Clock;
  log: Logger;
  things: Pick<ThingStore, "touch" | "touched">;
  states: StateStore;
  commands: CommandStore;
  requests: RequestStore;
  notifier: Notifier;
  shadows: ShadowMirror;
  eventLog: Pick<EventLog, "write">;
}) {
  const { database, clock, log, things, states, commands, requests, notifier, shadows, eventLog } = deps;

  /** Commits all that a message causes: state, the command's end, notifications, the shadow. */
  return async function accept(
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
          const failed = failedActions(message);
          log.info({ managedThingId, traceId: message.traceId, failed }, "command failed");
          for (const { name, responseCode } of failed) {
            const details = { traceId: message.traceId, action: name, responseCode: responseCode ?? "none" };
            const about = { ...thing, type: "managed-thing" };
            writes.push(...(await eventLog.write(about, "ERROR", "DEVICE_COMMAND_ACTION_FAILED", details)));
          }
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
    things.touched(thing);
    states.committed(thing, changes);
    shadow?.committed();
    notifier.wake(writes);
    return [...(shadow?.messages ?? [])];
  };
}
