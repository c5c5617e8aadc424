import { type Database, isConflict, type Write } from "@hearth/backplane";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { jsonMessage } from "../messaging/json-message.ts";
import type { Message } from "../messaging/message.ts";
import { platformPublisher } from "../messaging/publisher.ts";
import type { Router } from "../messaging/router.ts";
import type { Place } from "../storage/place.ts";
import {
  executionOf,
  jobsTopic,
  NOTIFIED,
  pendingLists,
  seconds,
  summaryOf,
  type ThingAt,
  withDocumentObject,
} from "./device-messages.ts";
import type { Execution } from "./execution.ts";
import { type ExecutionStoreDeps, readPending } from "./execution-store.ts";
import type { Job } from "./job.ts";
import type { JobDocuments } from "./job-documents.ts";
import { type JobThing, listDue, markTold, readDue } from "./job-thing-store.ts";
import type { Jobs } from "./jobs.ts";

export interface NoticesDeps extends ExecutionStoreDeps {
  database: Database;
  clock: Clock;
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
  /** Tells what an earlier life left due. */
  start(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

/** Things that are read together. */
const BATCH = 200;
/** Milliseconds until things whose notices failed are looked at again. */
const AGAIN = 5_000;

const keyOf = ({ accountId, region, thingName }: ThingAt): string => `${accountId}/${region}/${thingName}`;

export function createNotices(deps: NoticesDeps): Notices {
  const { database, clock, log, jobs, documents, router } = deps;
  const waiting = new Map<string, ThingAt>();
  let running: Promise<void> | undefined;
  let stopped = false;
  const retries = new Set<() => void>();

  function begin(): void {
    if (stopped || running !== undefined || waiting.size === 0) return;
    running = work().finally(() => {
      running = undefined;
      begin();
    });
  }

  async function work(): Promise<void> {
    // Behind the answers to the requests that caused them.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.size > 0 && !stopped) {
      const batch = take();
      try {
        await tellAll(batch[0] as ThingAt, batch);
      } catch (error) {
        log.warn({ reason: messageOf(error), things: batch.length }, "job notifications are tried again");
        later(batch);
      }
    }
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
    const cancel = clock.after(AGAIN, () => {
      retries.delete(cancel);
      wake(things);
    });
    retries.add(cancel);
  }

  function wake(things: readonly ThingAt[]): void {
    if (stopped) return;
    for (const thing of things) waiting.set(keyOf(thing), thing);
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
    const known = new Map<string, Promise<string | undefined>>();
    const documentOf = ({ jobId }: Execution): Promise<string | undefined> => {
      const found = known.get(jobId) ?? render(at, jobId);
      known.set(jobId, found);
      return found;
    };
    const again: ThingAt[] = [];
    await Promise.all(
      due.map(async (thing) => {
        try {
          await tell(at, thing, pending.get(thing.thingName) ?? [], documentOf);
        } catch (error) {
          if (!isConflict(error)) throw error;
          again.push({ accountId: at.accountId, region: at.region, thingName: thing.thingName });
        }
      }),
    );
    for (const thing of again) waiting.set(keyOf(thing), thing);
  }

  /** Undefined when it cannot be made now: the device is told all the same, and asks for it. */
  async function render(at: Place, jobId: string): Promise<string | undefined> {
    const job = await jobs.get({ accountId: at.accountId, region: at.region, jobId });
    if (job === undefined) return undefined;
    try {
      return await documents.render(job);
    } catch (error) {
      log.warn({ jobId, reason: messageOf(error) }, "a job's document could not be made for its devices");
      return undefined;
    }
  }

  async function tell(
    at: Place,
    thing: JobThing,
    pending: readonly Execution[],
    documentOf: (execution: Execution) => Promise<string | undefined>,
  ): Promise<void> {
    const { accountId, region } = at;
    const now = clock.now();
    const timestamp = seconds(now);
    const messages: Message[] = [];
    if (thing.changed) {
      const body = { timestamp, jobs: pendingLists(pending) };
      messages.push(jsonMessage(accountId, jobsTopic(thing.thingName, "notify"), body));
    }
    const [next] = pending;
    if (next?.jobId !== thing.told?.jobId || next?.executionNumber !== thing.told?.executionNumber) {
      const execution = next && withDocumentObject(executionOf(next, await documentOf(next), now));
      const body = { timestamp, ...(execution === undefined ? {} : { execution }) };
      messages.push(jsonMessage(accountId, jobsTopic(thing.thingName, "notify-next"), body));
    }
    await router.sendTogether(messages, platformPublisher(accountId, region), [markTold(at, thing, next)]);
  }

  async function scan(): Promise<void> {
    let after: [string, string, string] = ["", "", ""];
    while (!stopped) {
      const found = await listDue(database, after, BATCH);
      wake(found);
      const last = found.at(-1);
      if (found.length < BATCH || last === undefined) return;
      after = [last.accountId, last.region, last.thingName];
      await running;
    }
  }

  return {
    wake,

    async commit(job, executions, writes) {
      const { accountId, region, namespaceId } = job;
      if (namespaceId === undefined) return database.commit(writes);
      const timestamp = seconds(clock.now());
      const messages = executions.map((execution) =>
        jsonMessage(accountId, jobsTopic(execution.thingName, `${job.jobId}/notify-namespace-${namespaceId}/`), {
          timestamp,
          jobs: { [execution.status]: [summaryOf(execution)] },
        }),
      );
      await router.sendTogether(messages, platformPublisher(accountId, region), writes);
    },

    start() {
      scan().catch((error) => {
        log.warn({ reason: messageOf(error) }, "the devices that have to be told of jobs could not be read");
        const cancel = clock.after(AGAIN, () => {
          retries.delete(cancel);
          this.start();
        });
        retries.add(cancel);
      });
    },

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
