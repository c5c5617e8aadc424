import { type Database, isConflict, type Timers, type Write } from "@hearth/backplane";
import { BoundedMap } from "@hearth/base";
import type { Planned } from "@hearth/iot";
import type { Place } from "../place.ts";
import type { ManagedThing } from "../things/managed-thing.ts";
import type { ThingStore } from "../things/thing-store.ts";
import type { OtaJobs } from "./ota-jobs.ts";
import { matchesOtaQuery, type OtaQuery, parseOtaQuery } from "./ota-query.ts";
import { type OtaTask, otaJobKey } from "./ota-task.ts";
import type { OtaTaskStore } from "./ota-task-store.ts";

/** Kind of the timers by which a new continuous task looks at all things, once. */
const TIMER = "ota-feed";
/** Things that it looks at in one commit. */
const PAGE = 200;
/** Queries whose parsed form is kept. */
const PARSED = 1_000;

const NOTHING: Planned = { writes: [], committed: () => {} };

export type OtaFeed = ReturnType<typeof createOtaFeed>;

/**
 * Brings things to the continuous tasks whose query they match (reference 12): all that are there when the task
 * begins, and from then on each with the commit that changes its MetaData. Nothing is ever looked through again.
 */
export function createOtaFeed(deps: {
  database: Database;
  timers: Timers;
  otaTasks: OtaTaskStore;
  otaJobs: Pick<OtaJobs, "engine">;
  things: Pick<ThingStore, "list" | "seize">;
}) {
  const { database, timers, otaTasks, things } = deps;
  const { engine } = deps.otaJobs;
  const parsed = new BoundedMap<string, OtaQuery>(PARSED);

  const queryOf = ({ details: { query = "" } }: OtaTask): OtaQuery => {
    const known = parsed.get(query);
    if (known) return known;
    const found = parseOtaQuery(query);
    parsed.set(query, found);
    return found;
  };

  /** Enters the matching things of a page, unless they change meanwhile; whether there are more. */
  async function page(task: OtaTask, cursor: string, size: number): Promise<void> {
    const rows = await things.list(task, {}, cursor, size);
    const query = queryOf(task);
    const matching = rows.filter(({ details }) => matchesOtaQuery(query, details.metaData));
    const names = matching.map(({ id }) => id);
    const entering =
      names.length === 0 ? NOTHING : await engine.planEnter(otaJobKey(task, task.id), names, { atRate: true });
    const next = rows.length < size ? undefined : rows.at(-1)?.id;
    await database.commit([
      otaTasks.moveCursor(task, task.id, cursor, next),
      ...(names.length === 0 ? [] : [things.seize(matching)]),
      ...entering.writes,
    ]);
    entering.committed();
  }

  timers.handle(TIMER, async (id) => {
    const [accountId = "", region = "", taskId = ""] = id.split("/");
    const place: Place = { accountId, region };
    let size = PAGE;
    for (;;) {
      const [task, cursor] = await Promise.all([otaTasks.get(place, taskId), otaTasks.cursor(place, taskId)]);
      if (task === undefined || cursor === undefined) return [];
      try {
        await page(task, cursor, size);
        size = PAGE;
      } catch (error) {
        if (!isConflict(error)) throw error;
        // Somebody changed one of them: fewer at a time are less likely to meet the next change.
        size = Math.max(1, Math.floor(size / 2));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  return {
    /** Writes that begin a continuous task's look at all things. */
    begin: (task: OtaTask): Write[] => [
      otaTasks.begin(task),
      timers.arm(TIMER, `${task.accountId}/${task.region}/${task.id}`, task.createdAt),
    ],

    /**
     * For the batch that creates a thing, or changes its MetaData: what brings it to the tasks that it matches now, and
     * takes it from those that it does not any more. Conflicts when a task begins meanwhile: ask again.
     */
    async changed(before: ManagedThing | undefined, after: ManagedThing): Promise<Planned> {
      if (before !== undefined && before.details.metaData === after.details.metaData) return NOTHING;
      const begun = await otaTasks.begun(after);
      const guard = otaTasks.stillBegun(after, begun);
      if (begun === undefined) return { writes: [guard], committed: () => {} };
      const plans: Promise<Planned>[] = [];
      for (const task of await otaTasks.open(after)) {
        const query = queryOf(task);
        const did = before !== undefined && matchesOtaQuery(query, before.details.metaData);
        const does = matchesOtaQuery(query, after.details.metaData);
        const key = otaJobKey(task, task.id);
        if (does && !did) plans.push(engine.planEnter(key, [after.id]));
        else if (did && !does) plans.push(engine.planLeave(key, [after.id]));
      }
      const planned = await Promise.all(plans);
      return {
        writes: [guard, ...planned.flatMap(({ writes }) => writes)],
        committed() {
          for (const { committed } of planned) committed();
        },
      };
    },
  };
}
