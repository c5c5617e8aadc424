import { type Database, onConflictAgain, type Write } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { type CapabilityReport, describeViolation, parseCapabilityReport } from "@hearth/data-model";
import type { Message, Outcome, ReservedTopic } from "@hearth/iot";
import { capabilitiesOutcome } from "../device/device-messages.ts";
import { isLocked, LOCKED } from "../device/locked.ts";
import { isOwnDevice } from "../device/own-device.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { SchemaSets } from "../schemas/schema-sets.ts";
import type { ShadowMirror } from "../state/shadow-mirror.ts";
import { type StoredProperty, stateEndpoints } from "../state/state.ts";
import { namesIn } from "../state/state-operations.ts";
import type { StateStore } from "../state/state-store.ts";
import type { LifeCycle } from "../things/life-cycle.ts";
import { type ManagedThing, mayBecome, thingArn } from "../things/managed-thing.ts";
import type { ThingStore } from "../things/thing-store.ts";

/** A report of 40 endpoints with 40 capabilities fits; anything larger is not one (reference 4.4). */
const MAX_REPORT_BYTES = 128 * 1024;

const parse = (payload: Uint8Array): unknown => {
  if (payload.byteLength > MAX_REPORT_BYTES) throw new Error(`larger than ${MAX_REPORT_BYTES} bytes`);
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
};

const hasProperty = (report: CapabilityReport, property: StoredProperty): boolean =>
  report.endpoints.some(
    (endpoint) =>
      endpoint.id === property.endpointId &&
      endpoint.capabilities.some(
        (capability) =>
          capability.id === property.capabilityId && (capability.properties ?? []).includes(property.property),
      ),
  );

/** `$aws/managed-integrations/{id}/capabilities`: a device says what it can do; the first time activates it. */
export function capabilityTopics(deps: {
  database: Database;
  clock: Clock;
  log: Logger;
  things: ThingStore;
  states: StateStore;
  lifeCycle: LifeCycle;
  notifier: Notifier;
  schemaSets: SchemaSets;
  shadows: ShadowMirror;
}): ReservedTopic[] {
  const { database, clock, log, things, states, lifeCycle, notifier, schemaSets, shadows } = deps;

  const store = async (thing: ManagedThing, report: CapabilityReport): Promise<readonly Message[]> => {
    const now = clock.now();
    const activates = thing.status !== "ACTIVATED" && mayBecome(thing.status, "ACTIVATED");
    const after: ManagedThing = {
      ...thing,
      capabilityReport: JSON.stringify(report),
      status: activates ? "ACTIVATED" : thing.status,
      activatedAt: activates ? now : thing.activatedAt,
      updatedAt: now,
    };
    // State of what the device no longer has would never be refreshed: it goes (U23, `removedStates`).
    const gone = (await states.all(thing)).filter((property) => !hasProperty(report, property));
    const shadow = await shadows.remove(thing, gone);
    const writes: Write[] = [
      ...(shadow?.writes ?? []),
      ...(await lifeCycle.change(thing, after)),
      ...gone.map((property) => states.remove(thing, property)),
    ];
    if (gone.length > 0) {
      const removedStates = { endpoints: stateEndpoints(gone, namesIn(report)) };
      writes.push(
        ...(await notifier.write({ ...thing, arn: thingArn(thing) }, [
          { type: "DEVICE_STATE", payload: { removedStates } },
        ])),
      );
    }
    await database.commit(writes);
    shadow?.committed();
    notifier.wake();
    return shadow?.messages ?? [];
  };

  return [
    {
      filter: "$aws/managed-integrations/+/capabilities",
      deliver: false,
      async handle([id = ""], message, publisher): Promise<Outcome> {
        const device = { accountId: message.accountId, id };
        const refuse = (code: number, why: string): Outcome => {
          log.info({ managedThingId: id, why }, "capability report refused");
          return { reply: [capabilitiesOutcome(device, { accepted: false, code, message: why }, clock.now())] };
        };
        let document: unknown;
        try {
          document = parse(message.payload);
        } catch (error) {
          return refuse(400, `not a JSON document: ${messageOf(error)}`);
        }
        return onConflictAgain(async () => {
          const thing = await things.get(publisher, id);
          if (!thing || !isOwnDevice(thing, publisher)) return refuse(404, "Managed Thing resource not found.");
          if (thing.status === "DELETE_IN_PROGRESS") return refuse(409, "The managed thing is being deleted.");
          const parsed = parseCapabilityReport(document, await schemaSets.of(thing));
          if ("violations" in parsed) return refuse(400, parsed.violations.map(describeViolation).join("; "));
          const publish = await store(thing, parsed.report);
          return { publish, reply: [capabilitiesOutcome(device, { accepted: true }, clock.now())] };
        }).catch((error: unknown) => {
          if (isLocked(error)) return refuse(LOCKED.code, LOCKED.message);
          throw error;
        });
      },
    },
  ];
}
