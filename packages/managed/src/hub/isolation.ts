import { type Database, type Outbox, onConflictAgain, type Write } from "@hearth/backplane";
import type { Clock } from "@hearth/base";
import type { Notifier } from "../notifications/notifier.ts";
import type { Place } from "../place.ts";
import type { LifeCycle } from "../things/life-cycle.ts";
import { type ManagedThing, mayBecome } from "../things/managed-thing.ts";
import type { ThingStore } from "../things/thing-store.ts";
import type { HubLabels, LabelChange } from "./hub-labels.ts";

export type Isolation = ReturnType<typeof createIsolation>;

const CONSUMER = "isolate";

/** Children at a time: one commit for thousands would hold everybody else up. */
const BATCH = 200;

/** What becomes of the devices behind a hub whose record goes: they are ISOLATED (reference 3.5, U38). */
export function createIsolation(deps: {
  database: Database;
  outbox: Outbox;
  clock: Clock;
  things: ThingStore;
  lifeCycle: LifeCycle;
  notifier: Pick<Notifier, "wake">;
  labels: Pick<HubLabels, "changed">;
}) {
  const { database, outbox, clock, things, lifeCycle, notifier, labels } = deps;

  /** Isolates one batch; the id after which the next begins, or undefined when this was the last. */
  async function isolate(place: Place, parentControllerId: string, after: string): Promise<string | undefined> {
    return onConflictAgain(async () => {
      const children = await things.list(place, { parentControllerId }, after, BATCH);
      const writes: Write[] = [];
      const changes: LabelChange[] = [];
      for (const child of children) {
        if (child.status === "ISOLATED" || !mayBecome(child.status, "ISOLATED")) continue;
        const after: ManagedThing = { ...child, status: "ISOLATED", updatedAt: clock.now() };
        changes.push({ before: child, after });
        writes.push(...(await lifeCycle.change(child, after)));
      }
      if (writes.length > 0) await database.commit(writes);
      notifier.wake();
      // Another hub of the home may take them in at once.
      await labels.changed(changes);
      return children.length < BATCH ? undefined : children.at(-1)?.id;
    });
  }

  outbox.consume(CONSUMER, async (message) => {
    const { accountId, region, id } = message as Place & { id: string };
    let after: string | undefined = "";
    while (after !== undefined) after = await isolate({ accountId, region }, id, after);
  });

  return {
    /** For the batch that removes the thing. */
    of(thing: ManagedThing): Write[] {
      if (thing.role !== "CONTROLLER") return [];
      const { accountId, region, id } = thing;
      return [outbox.write(CONSUMER, `${accountId}/${region}/${id}`, { accountId, region, id })];
    },
  };
}
