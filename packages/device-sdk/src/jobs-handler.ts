import { type Clock, type Logger, messageOf, randomHex, silentLogger, systemClock } from "@hearth/base";
import { type AnsweredRequests, createAnsweredRequests } from "./answered-requests.ts";
import { type BackOff, pauseBefore, usualBackOff } from "./back-off.ts";
import { type CredentialStore, createMemoryCredentialStore } from "./credential-store.ts";
import { AgentStoppedError, JobsRejectedError, NetworkError, QueueFullError, RefusedError } from "./errors.ts";
import {
  isFinal,
  type JobAttempt,
  type JobDocument,
  type JobStatus,
  type JobStatusDetails,
  type JobUpdate,
  parseAttempt,
  parseExecution,
  parseRecord,
  rejectionOf,
  stateIn,
  statusOf,
  stringifyRecord,
  toldOf,
} from "./job-execution.ts";
import { isObject, type JsonObject, member, parseObject } from "./json.ts";
import type { MqttAgent } from "./mqtt-agent.ts";

export interface JobsHandlerOptions {
  agent: Pick<MqttAgent, "publish" | "subscribe" | "unsubscribe" | "onEvent" | "whenConnected">;
  /** The managed thing id, or the name of the thing. */
  thingName: string;
  /** Jobs that wait for `getJobDocument`, and updates of work in progress that wait for the platform; 10 by default. */
  queueSize?: number;
  /** Keeps what is left when the handler stops, and a job's end until the platform has heard it. */
  store?: Pick<CredentialStore, "load" | "save">;
  /** Milliseconds until a request is repeated that was not answered; 10,000 by default. */
  timeout?: number;
  backOff?: BackOff;
  clock?: Clock;
  /** Between 0 and 1. */
  random?: () => number;
  log?: Logger;
}

/**
 * Takes the jobs of one thing and reports on them (reference 12). What is to be told is repeated until the platform
 * has answered, over reconnections and with a store over restarts, in order and each time under the version that it
 * is to change: it takes effect once.
 */
export interface JobsHandler {
  /** Resolves when jobs can arrive. Rejects with RefusedError when the device may not subscribe, CredentialStoreError. */
  start(): Promise<void>;
  /** The next job, oldest first, which is in progress from then on; undefined when none has come in `timeoutMs`. */
  getJobDocument(timeoutMs: number): Promise<JobDocument | undefined>;
  /**
   * Asks the platform whether there is a job; resolves with its answer, which `getJobDocument` then has. Rejects with
   * JobsRejectedError, QueueFullError while as many jobs wait as may, AgentStoppedError.
   */
  pollJobDocument(): Promise<void>;
  /**
   * Resolves once the platform has taken it. Rejects with JobsRejectedError (the attempt was cancelled, timed out or
   * changed by somebody else), QueueFullError (work in progress only), AgentStoppedError when the handler was stopped
   * first: with a store it is told after the next start. RangeError for a job that was not taken or is over.
   */
  updateJobStatus(jobId: string, status: JobStatus, statusDetails?: JobStatusDetails): Promise<void>;
  /** Takes and tells nothing any more; what is left is stored. */
  stop(): Promise<void>;
}

interface WaitingUpdate extends JobUpdate {
  /** The same at each repetition, so that a late answer to an earlier one counts. */
  token: string;
  settle?: { resolve(): void; reject(error: Error): void };
}

/** Refusals that are worth a repetition. */
const TRANSIENT = ["RequestThrottled", "InternalError"];

/** Makes a handler; it takes jobs once `start` is called. */
export function createJobsHandler(options: JobsHandlerOptions): JobsHandler {
  return new Handler(options);
}

class Handler implements JobsHandler {
  readonly #agent: JobsHandlerOptions["agent"];
  readonly #topic: string;
  readonly #queueSize: number;
  readonly #store: Pick<CredentialStore, "load" | "save">;
  readonly #backOff: BackOff;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: Logger;
  readonly #requests: AnsweredRequests;

  #state: "new" | "running" | "stopped" = "new";
  /** Received, and not handed out yet. */
  #jobs: JobDocument[] = [];
  /** Of those, what comes from the store: whether it is still to be done, the platform must say. */
  readonly #stored = new Set<JobDocument>();
  /** Handed out and not over, by job id. */
  readonly #attempts = new Map<string, JobAttempt>();
  #updates: WaitingUpdate[] = [];
  /** Whether to ask for the next job. */
  #wanted = true;
  #pollers: { resolve(): void; reject(error: Error): void }[] = [];
  #takers: ((job: JobDocument | undefined) => void)[] = [];
  /** Whether something has come up since the last step began. */
  #called = false;
  #wake: () => void = () => {};
  #endPause: () => void = () => {};
  /** Ends the request that is under way, once it is the platform's turn. */
  #interrupt: (error: Error) => void = () => {};
  #asking: ((error: Error) => void) | undefined;
  #saving: Promise<void> = Promise.resolve();
  #endEvents: () => void = () => {};

  constructor(options: JobsHandlerOptions) {
    this.#agent = options.agent;
    this.#topic = `$aws/things/${options.thingName}/jobs`;
    this.#queueSize = options.queueSize ?? 10;
    this.#store = options.store ?? createMemoryCredentialStore();
    this.#backOff = options.backOff ?? usualBackOff;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#log = options.log ?? silentLogger;
    this.#requests = createAnsweredRequests({
      agent: options.agent,
      clock: this.#clock,
      timeout: options.timeout ?? 10_000,
      refusal: rejectionOf,
    });
  }

  async start(): Promise<void> {
    if (this.#state !== "new") return;
    this.#state = "running";
    await this.#load();
    this.#endEvents = this.#agent.onEvent(({ state }) => {
      if (state !== "connected") return;
      // What was told meanwhile went by, and what was asked is perhaps lost.
      this.#wanted = true;
      this.#interrupt(new NetworkError("the connection was lost before the answer"));
      this.#endPause();
      this.#call();
    });
    const granted = [
      this.#agent.subscribe(`${this.#topic}/notify-next`, (_topic, payload) => this.#notified(payload)),
      ...["start-next", "+/get", "+/update"].map((rest) => this.#requests.listen(`${this.#topic}/${rest}`)),
    ];
    void this.#work();
    await Promise.all(granted);
  }

  getJobDocument(timeoutMs: number): Promise<JobDocument | undefined> {
    const job = this.#jobs.shift();
    // There is room for another.
    this.#call();
    if (job) return Promise.resolve(this.#handedOut(job));
    if (timeoutMs <= 0 || this.#state === "stopped") return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const take = (taken: JobDocument | undefined) => {
        cancel();
        this.#takers = this.#takers.filter((other) => other !== take);
        resolve(taken);
      };
      const cancel = this.#clock.after(timeoutMs, () => take(undefined));
      this.#takers.push(take);
    });
  }

  pollJobDocument(): Promise<void> {
    if (this.#state === "stopped") return Promise.reject(new AgentStoppedError("the jobs handler has been stopped"));
    if (this.#jobs.length >= this.#queueSize) return Promise.reject(new QueueFullError(this.#queueSize));
    return new Promise((resolve, reject) => {
      this.#pollers.push({ resolve, reject });
      this.#wanted = true;
      this.#call();
    });
  }

  async updateJobStatus(jobId: string, status: JobStatus, statusDetails?: JobStatusDetails): Promise<void> {
    const attempt = this.#attempts.get(jobId);
    if (!attempt || this.#updates.some((update) => isEnd(update, attempt))) {
      throw new RangeError(`no job ${jobId} is being done: take it with getJobDocument first`);
    }
    if (this.#state === "stopped") throw new AgentStoppedError("the jobs handler has been stopped");
    const update: WaitingUpdate = {
      jobId,
      executionNumber: attempt.executionNumber,
      status: statusOf(status),
      ...(statusDetails ? { statusDetails: { ...statusDetails } } : {}),
      token: randomHex(8),
    };
    // The end of a job always finds room: there is one for each job at most.
    if (!isFinal(update.status) && this.#updates.length >= this.#queueSize) throw new QueueFullError(this.#queueSize);
    const told = new Promise<void>((resolve, reject) => {
      update.settle = { resolve, reject };
    });
    this.#updates.push(update);
    if (isFinal(update.status)) this.#saveSoon();
    this.#call();
    await told;
  }

  async stop(): Promise<void> {
    if (this.#state === "stopped") return this.#saving;
    const wasRunning = this.#state === "running";
    this.#state = "stopped";
    this.#endEvents();
    for (const rest of ["notify-next", ...["start-next", "+/get", "+/update"].flatMap(answersOf)]) {
      this.#agent.unsubscribe(`${this.#topic}/${rest}`);
    }
    const stopped = () => new AgentStoppedError("the jobs handler was stopped first");
    for (const take of [...this.#takers]) take(undefined);
    for (const { reject } of this.#pollers.splice(0)) reject(stopped());
    this.#interrupt(stopped());
    this.#endPause();
    this.#call();
    try {
      if (wasRunning) await this.#save();
    } finally {
      for (const { settle } of this.#updates) settle?.reject(stopped());
    }
  }

  /** One request after the other: what is to be told before what is to be asked, or a job that is over came again. */
  async #work(): Promise<void> {
    for (let attempt = 0; this.#state === "running"; ) {
      try {
        await this.#agent.whenConnected();
        this.#called = false;
        const busy = await this.#step();
        attempt = 0;
        if (!busy) await this.#idle();
      } catch (error) {
        // A stopped agent never starts again.
        if (this.#state !== "running" || error instanceof AgentStoppedError) return;
        this.#log.info({ reason: messageOf(error) }, "a request for jobs is repeated");
        // What a lost connection has cost is asked again as soon as there is one.
        if (!(error instanceof NetworkError)) await this.#pause(pauseBefore(attempt++, this.#backOff, this.#random));
      }
    }
  }

  /** False when there is nothing to do. Throws what a repetition may mend. */
  async #step(): Promise<boolean> {
    const [update] = this.#updates;
    if (update) await this.#tell(update);
    else if (this.#stored.size > 0) await this.#verify();
    else if (this.#wanted && this.#jobs.length < this.#queueSize) await this.#next();
    else return false;
    return true;
  }

  async #tell(update: WaitingUpdate): Promise<void> {
    const { jobId, executionNumber, status, statusDetails, token } = update;
    const attempt = this.#attempts.get(jobId);
    if (attempt?.executionNumber !== executionNumber) {
      return this.#forget(jobId, executionNumber, new JobsRejectedError("ResourceNotFound", "the attempt is over"));
    }
    const body: JsonObject = {
      status,
      ...(statusDetails ? { statusDetails: { ...statusDetails } } : {}),
      expectedVersion: attempt.versionNumber,
      executionNumber,
      includeJobExecutionState: true,
    };
    try {
      const accepted = await this.#ask(`${jobId}/update`, body, token);
      this.#told(attempt, 1, stateIn(member(accepted, "executionState"))?.versionNumber);
    } catch (error) {
      if (error instanceof RefusedError) return this.#refused(attempt, error);
      if (!(error instanceof JobsRejectedError)) throw error;
      const state = error.executionState;
      const told = state ? toldOf(this.#updatesOf(attempt), attempt.versionNumber, state) : 0;
      if (told > 0) this.#told(attempt, told, state?.versionNumber);
      else this.#refused(attempt, error);
    }
  }

  /** The first `count` updates of an attempt have reached the platform. */
  #told(attempt: JobAttempt, count: number, versionNumber = attempt.versionNumber + count): void {
    const told = this.#updatesOf(attempt).slice(0, count);
    attempt.versionNumber = versionNumber;
    this.#updates = this.#updates.filter((update) => !told.includes(update));
    if (told.some(({ status }) => isFinal(status))) {
      this.#attempts.delete(attempt.jobId);
      this.#saveSoon();
    }
    for (const { settle } of told) settle?.resolve();
  }

  #refused(attempt: JobAttempt, error: Error): void {
    const state = error instanceof JobsRejectedError ? error.executionState : undefined;
    const gone = error instanceof JobsRejectedError && error.code === "ResourceNotFound";
    if (gone || (state && isFinal(state.status))) {
      this.#forget(attempt.jobId, attempt.executionNumber, error);
      return;
    }
    // Somebody else reports on it too: the next update builds on what there is.
    if (state) attempt.versionNumber = state.versionNumber;
    const update = this.#updates.shift();
    if (update && isFinal(update.status)) this.#saveSoon();
    update?.settle?.reject(error);
  }

  /** The attempt is over, whatever was still to be told of it. */
  #forget(jobId: string, executionNumber: number, error: Error): void {
    const lost = this.#updatesOf({ jobId, executionNumber });
    this.#updates = this.#updates.filter((update) => !lost.includes(update));
    if (this.#attempts.get(jobId)?.executionNumber === executionNumber) this.#attempts.delete(jobId);
    this.#saveSoon();
    for (const { settle } of lost) settle?.reject(error);
  }

  /** Whether a job that was stored is still to be done, and what its document is now: URLs in it may have expired. */
  async #verify(): Promise<void> {
    const [job] = this.#stored;
    if (!job) return;
    const { jobId, executionNumber } = job;
    try {
      const now = parseExecution(member(await this.#ask(`${jobId}/get`, { executionNumber }), "execution"));
      const place = this.#jobs.indexOf(job);
      if (now?.executionNumber === executionNumber && place >= 0) this.#jobs[place] = now;
    } catch (error) {
      if (!(error instanceof JobsRejectedError) || TRANSIENT.includes(error.code)) throw error;
      this.#jobs = this.#jobs.filter((other) => other !== job);
    }
    this.#stored.delete(job);
  }

  async #next(): Promise<void> {
    this.#wanted = false;
    const pollers = this.#pollers.splice(0);
    try {
      this.#take(parseExecution(member(await this.#ask("start-next", {}), "execution")));
      for (const { resolve } of pollers) resolve();
    } catch (error) {
      if (error instanceof JobsRejectedError || error instanceof RefusedError) {
        this.#log.warn({ reason: error.message }, "the platform gives no job");
        for (const { reject } of pollers) reject(error);
        return;
      }
      this.#wanted = true;
      this.#pollers.push(...pollers);
      throw error;
    }
  }

  #take(job: JobDocument | undefined): void {
    if (!job || this.#isKnown(job)) return;
    this.#jobs.push(job);
    const [taker] = this.#takers;
    if (!taker) return;
    const next = this.#jobs.shift();
    if (next) taker(this.#handedOut(next));
  }

  #handedOut(job: JobDocument): JobDocument {
    this.#stored.delete(job);
    const { jobId, executionNumber, versionNumber } = job;
    this.#attempts.set(jobId, { jobId, executionNumber, versionNumber });
    return job;
  }

  #isKnown({ jobId, executionNumber }: JobAttempt): boolean {
    const same = (other: JobAttempt | undefined) => other?.jobId === jobId && other.executionNumber === executionNumber;
    return same(this.#attempts.get(jobId)) || this.#jobs.some(same);
  }

  /** `notify-next` says what a start would give; empty when there is nothing. */
  #notified(payload: Buffer): void {
    const body = parseObject(payload);
    const execution = body && member(body, "execution");
    const attempt = parseAttempt(execution);
    if (!isObject(execution) || (attempt && this.#isKnown(attempt))) return;
    this.#wanted = true;
    this.#call();
  }

  #updatesOf({ jobId, executionNumber }: Pick<JobAttempt, "jobId" | "executionNumber">): WaitingUpdate[] {
    return this.#updates.filter((update) => update.jobId === jobId && update.executionNumber === executionNumber);
  }

  /** Throws JobsRejectedError only where a repetition would be refused as well. */
  async #ask(rest: string, body: JsonObject, clientToken?: string): Promise<JsonObject> {
    try {
      return await new Promise<JsonObject>((resolve, reject) => {
        // Until it is acknowledged the agent itself sends it again on the next connection.
        this.#asking = reject;
        const published = () => {
          if (this.#asking === reject) this.#interrupt = reject;
        };
        this.#requests.request(`${this.#topic}/${rest}`, body, { clientToken, published }).then(resolve, reject);
      });
    } catch (error) {
      if (!(error instanceof JobsRejectedError) || !TRANSIENT.includes(error.code)) throw error;
      throw new Error(`the platform could not answer: ${error.message}`, { cause: error });
    } finally {
      this.#asking = undefined;
      this.#interrupt = () => {};
    }
  }

  /** There is something to do. */
  #call(): void {
    this.#called = true;
    this.#wake();
  }

  async #idle(): Promise<void> {
    if (!this.#called) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  /** For `milliseconds`, or until there is a new connection. */
  async #pause(milliseconds: number): Promise<void> {
    const cancel = this.#clock.after(milliseconds, () => this.#endPause());
    await new Promise<void>((resolve) => (this.#endPause = resolve));
    cancel();
  }

  async #load(): Promise<void> {
    const content = (await this.#store.load("Job Queue"))?.content;
    if (content === undefined) return;
    const record = parseRecord(content);
    if (!record) return this.#log.warn({}, "the stored jobs cannot be read; the platform knows what is to be done");
    const { jobs, updates, attempts } = record;
    for (const attempt of attempts) this.#attempts.set(attempt.jobId, attempt);
    this.#updates = updates.map((update) => ({ ...update, token: randomHex(8) }));
    for (const job of jobs) {
      this.#stored.add(job);
      this.#take(job);
    }
  }

  #saveSoon(): void {
    this.#save().catch((error: unknown) => {
      this.#log.error({ reason: messageOf(error) }, "the jobs could not be stored");
    });
  }

  /** One after the other, each with what there is at its turn. */
  #save(): Promise<void> {
    const saved = this.#saving.then(async () => {
      const reported = new Set(this.#updates.map(({ jobId }) => jobId));
      const attempts = [...this.#attempts.values()].filter(({ jobId }) => reported.has(jobId));
      const updates = this.#updates.map(({ token: _, settle: __, ...update }) => update);
      await this.#store.save("Job Queue", { content: stringifyRecord({ jobs: this.#jobs, updates, attempts }) });
    });
    this.#saving = saved.catch(() => {});
    return saved;
  }
}

const answersOf = (rest: string): string[] => [`${rest}/accepted`, `${rest}/rejected`];

const isEnd = (update: JobUpdate, { jobId, executionNumber }: JobAttempt): boolean =>
  update.jobId === jobId && update.executionNumber === executionNumber && isFinal(update.status);
