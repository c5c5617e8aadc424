import { type Database, isConflict, type Timers, type Write } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { jsonMessage, lazyMessage } from "../messaging/json-message.ts";
import type { Message } from "../messaging/message.ts";
import { platformPublisher } from "../messaging/publisher.ts";
import type { Router } from "../messaging/router.ts";
import type { Place } from "../storage/place.ts";
import { executionOf, jobsTopic, NOTIFIED, pendingLists, seconds, summaryOf, type ThingAt } from "./device-messages.ts";
import type { Execution } from "./execution.ts";
import { type ExecutionStoreDeps, readPending } from "./execution-store.ts";
import type { Job } from "./job.ts";
import type { JobDocuments } from "./job-documents.ts";
import { type DueKey, type JobThing, listDue, markTold, readDue } from "./job-thing-store.ts";
import type { Jobs } from "./jobs.ts";

export interface NoticesDeps extends ExecutionStoreDeps {
  database: Database;
  clock: Clock;
  timers: Timers;
  log: Logger;
  jobs: Pick<Jobs, "get">;
  documents: Pick<JobDocuments, "render">;
  router: Pick<Router, "sendTogether">;
}

/**
 * `jobs/notify` and `jobs/notify-next`. A change marks its thing as due in its own commit; a worker then tells the thing,
 * and what persistent sessions are to get is one commit with the note that it was told: neither is skipped nor repeated
 * by a kill. What changes while a thing is told makes that commit fail, and the thing is looked at again.
 */
export interface Notices {
  /** To be called once the batch that marked these things is durable. */
  wake(things: readonly ThingAt[]): void;
  /** Commits a change of executions; those of a namespaced job are told in the same commit, on the job's own topic. */
  commit(job: Job, executions: readonly Execution[], writes: readonly Write[]): Promise<void>;
  /**
   * The same for a batch that somebody else commits, who wakes the timers then: a namespaced job's things are told behind
   * it, and again should a kill come between the message and its note.
   */
  planTold(job: Job, executions: readonly Execution[]): Write[];
  /** Tells what an earlier life left due. */
  start(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Things that are read together. */
const BATCH = 32;
/** Things that wait in memory; what goes beyond is read from the table once these are told. */
const MAX_WAITING = 10_000;
/** Milliseconds until things whose notices failed are looked at again. */
const AGAIN = 5_000;
const FIRST: DueKey = ["", "", ""];
/** Kind of the timers by which things hear of a namespaced job that they come to or leave. */
const NAMESPACE_TIMER = "job-namespace-notice";

/** What a thing is told of a namespaced job, on the job's own topic. */
interface NamespaceNotice {
  topic: string;
  jobs: { [status: string]: readonly ReturnType<typeof summaryOf>[] };
}

function namespaceNotice(
  { jobId, namespaceId }: Pick<Job, "jobId" | "namespaceId">,
  execution: Execution,
): NamespaceNotice {
  return {
    topic: jobsTopic(execution.thingName, `${jobId}/notify-namespace-${namespaceId}/`),
    jobs: { [execution.status]: [summaryOf(execution)] },
  };
}

const keyOf = ({ accountId, region, thingName }: ThingAt): string => `${accountId}/${region}/${thingName}`;

export function createNotices(deps: NoticesDeps): Notices {
  const { database, clock, timers, log, jobs, documents, router } = deps;
  const waiting = new Map<string, ThingAt>();
  /** How far the table has been read for things that are due; undefined when that need not be. */
  let cursor: DueKey | undefined;
  /** Something was left to the table behind the cursor's back. */
  let overflown = false;
  let running: Promise<void> | undefined;
  let stopped = false;
  const retries = new Set<() => void>();

  function begin(): void {
    if (stopped || running !== undefined || (waiting.size === 0 && cursor === undefined)) return;
    running = work().finally(() => {
      running = undefined;
      begin();
    });
  }

  async function work(): Promise<void> {
    // Behind the answers to the requests that caused them.
    await new Promise((resolve) => setImmediate(resolve));
    while (!stopped && (waiting.size > 0 || (await refill()))) {
      const batch = take();
      try {
        await tellAll(batch[0] as ThingAt, batch);
      } catch (error) {
        log.warn({ reason: messageOf(error), things: batch.length }, "job notifications are tried again");
        later(batch);
      }
    }
  }

  /** Takes the next page of things that the table has as due; false when there are none. */
  async function refill(): Promise<boolean> {
    if (cursor === undefined) return false;
    try {
      const found = await listDue(database, cursor, BATCH);
      const last = found.at(-1);
      if (found.length === BATCH && last !== undefined) cursor = [last.accountId, last.region, last.thingName];
      else {
        cursor = overflown ? FIRST : undefined;
        overflown = false;
      }
      for (const thing of found) waiting.set(keyOf(thing), thing);
      return waiting.size > 0 || refill();
    } catch (error) {
      log.warn({ reason: messageOf(error) }, "the devices that have to be told of jobs could not be read");
      cursor = undefined;
      afterPause(() => scan());
      return false;
    }
  }

  function scan(): void {
    if (cursor === undefined) cursor = FIRST;
    else overflown = true;
    begin();
  }

  /** Up to a batch of things of one account and region. */
  function take(): ThingAt[] {
    const batch: ThingAt[] = [];
    for (const [key, thing] of waiting) {
      const [first = thing] = batch;
      if (thing.accountId !== first.accountId || thing.region !== first.region) continue;
      waiting.delete(key);
      if (batch.push(thing) === BATCH) break;
    }
    return batch;
  }

  function later(things: readonly ThingAt[]): void {
    afterPause(() => wake(things));
  }

  function afterPause(run: () => void): void {
    if (stopped) return;
    const cancel = clock.after(AGAIN, () => {
      retries.delete(cancel);
      run();
    });
    retries.add(cancel);
  }

  function wake(things: readonly ThingAt[]): void {
    if (stopped) return;
    for (const thing of things) {
      if (waiting.size < MAX_WAITING) waiting.set(keyOf(thing), thing);
      else scan();
    }
    begin();
  }

  async function tellAll(at: Place, things: readonly ThingAt[]): Promise<void> {
    // In this order: what changes behind the first look has a later generation, and the note that it was told fails.
    const due = await readDue(
      database,
      at,
      things.map(({ thingName }) => thingName),
    );
    const pending = await readPending(
      deps,
      at,
      due.map(({ thingName }) => thingName),
      NOTIFIED,
    );
    const known = new Map<string, Promise<unknown>>();
    const documentOf = ({ jobId }: Execution): Promise<unknown> => {
      const found = known.get(jobId) ?? render(at, jobId);
      known.set(jobId, found);
      return found;
    };
    const { accountId, region } = at;
    const again: ThingAt[] = [];
    await Promise.all(
      due.map(async (thing) => {
        try {
          await tell(at, thing, pending.get(thing.thingName) ?? [], documentOf);
        } catch (error) {
          const { thingName } = thing;
          if (isConflict(error)) again.push({ accountId, region, thingName });
          else {
            // Its own misfortune: the others of the batch are told.
            log.warn({ thingName, reason: messageOf(error) }, "a device's job notifications are tried again");
            later([{ accountId, region, thingName }]);
          }
        }
      }),
    );
    for (const thing of again) waiting.set(keyOf(thing), thing);
  }

  /** Undefined when it cannot be made now: the device is told all the same, and asks for it. */
  async function render(at: Place, jobId: string): Promise<unknown> {
    const job = await jobs.get({ accountId: at.accountId, region: at.region, jobId });
    if (job === undefined) return undefined;
    try {
      return JSON.parse(await documents.render(job)) as unknown;
    } catch (error) {
      log.warn({ jobId, reason: messageOf(error) }, "a job's document could not be made for its devices");
      return undefined;
    }
  }

  async function tell(
    at: Place,
    thing: JobThing,
    pending: readonly Execution[],
    documentOf: (execution: Execution) => Promise<unknown>,
  ): Promise<void> {
    const { accountId, region } = at;
    const now = clock.now();
    const timestamp = seconds(now);
    const messages: Message[] = [];
    if (thing.changed) {
      messages.push(
        lazyMessage(accountId, jobsTopic(thing.thingName, "notify"), () =>
          JSON.stringify({ timestamp, jobs: pendingLists(pending) }),
        ),
      );
    }
    const [next] = pending;
    if (next?.jobId !== thing.told?.jobId || next?.executionNumber !== thing.told?.executionNumber) {
      const jobDocument = next && (await documentOf(next));
      const bodyOf = () => ({
        timestamp,
        ...(next && { execution: { ...executionOf(next, undefined, now), jobDocument } }),
      });
      messages.push(lazyMessage(accountId, jobsTopic(thing.thingName, "notify-next"), () => JSON.stringify(bodyOf())));
    }
    await router.sendTogether(messages, platformPublisher(accountId, region), [markTold(at, thing, next)]);
  }

  function tellNamespace(at: Place, notices: readonly NamespaceNotice[], writes: readonly Write[]): Promise<void> {
    const { accountId, region } = at;
    const timestamp = seconds(clock.now());
    const messages = notices.map(({ topic, jobs }) => jsonMessage(accountId, topic, { timestamp, jobs }));
    return router.sendTogether(messages, platformPublisher(accountId, region), writes);
  }

  timers.handle(NAMESPACE_TIMER, async (id, payload) => {
    const [accountId = "", region = ""] = id.split("/");
    await tellNamespace({ accountId, region }, [payload as NamespaceNotice], []);
    return [];
  });

  return {
    wake,

    async commit(job, executions, writes) {
      if (job.namespaceId === undefined) return database.commit(writes);
      await tellNamespace(
        job,
        executions.map((execution) => namespaceNotice(job, execution)),
        writes,
      );
    },

    planTold(job, executions) {
      if (job.namespaceId === undefined) return [];
      const now = clock.now();
      return executions.map((execution) => {
        const { accountId, region, thingName, executionNumber, versionNumber } = execution;
        const id = [accountId, region, job.jobId, thingName, executionNumber, versionNumber].join("/");
        return timers.arm(NAMESPACE_TIMER, id, now, namespaceNotice(job, execution));
      });
    },

    start: scan,

    async idle() {
      while (running !== undefined) await running;
    },

    async stop() {
      stopped = true;
      for (const cancel of retries) cancel();
      await running;
    },
  };
}
