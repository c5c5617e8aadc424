import type { Database, Write } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { CapabilityReport } from "@hearth/data-model";
import type { Message } from "@hearth/iot";
import type { HubGreeting } from "../hub/hub-greeting.ts";
import type { Notifier } from "../notifications/notifier.ts";
import type { ShadowMirror } from "../state/shadow-mirror.ts";
import { type StoredProperty, stateEndpoints } from "../state/state.ts";
import { namesIn } from "../state/state-operations.ts";
import type { StateStore } from "../state/state-store.ts";
import type { LifeCycle } from "../things/life-cycle.ts";
import { type ManagedThing, mayBecome, thingArn } from "../things/managed-thing.ts";

const hasProperty = (report: CapabilityReport, property: StoredProperty): boolean =>
  report.endpoints.some(
    (endpoint) =>
      endpoint.id === property.endpointId &&
      endpoint.capabilities.some(
        (capability) =>
          capability.id === property.capabilityId && (capability.properties ?? []).includes(property.property),
      ),
  );

/** Commits a checked report of a device, its own or one that its hub brought; the first one activates it. */
export type StoreReport = ReturnType<typeof createReportStorage>;

export function createReportStorage(deps: {
  database: Database;
  clock: Clock;
  states: StateStore;
  lifeCycle: LifeCycle;
  notifier: Notifier;
  shadows: ShadowMirror;
  greeting: Pick<HubGreeting, "activated">;
}) {
  const { database, clock, states, lifeCycle, notifier, shadows, greeting } = deps;

  return async (thing: ManagedThing, report: CapabilityReport): Promise<readonly Message[]> => {
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
    if (activates) await greeting.activated(after);
    return shadow?.messages ?? [];
  };
}
