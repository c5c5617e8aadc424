import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { createEventNumbers, type EventNumbers, type JsonObject } from "@hearth/device-sdk";
import { openAppendLog } from "../state/append-log.ts";
import { type Files, openJsonFile, syncDirectory } from "../state/json-file.ts";
import type { AppendLog } from "../state/state.ts";
import { collapse, isPropertyReport, type Outbound, propertyKeys, withProperties } from "./property-reports.ts";
import type { Channel } from "./proxy-service.ts";

/** A request that the proxy refuses; `code` is what the bus tells who asked. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly code: "bad-message" | "not-connected" | "not-provisioned" | "queue-full";

  constructor(code: ProxyError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** One message of the queue. `position` is missing while the disk has no room for it. */
export interface Entry {
  position?: number;
  outbound: Outbound;
  generation: number;
}

export interface QueueLimits {
  /** Beyond either, property reports collapse to the newest values; beyond twice of it nothing more is taken. */
  bytes: number;
  records: number;
  /** Messages held in memory while the disk is full. */
  overflow: number;
}

const LIMITS: QueueLimits = { bytes: 64 * 1024 * 1024, records: 200_000, overflow: 10_000 };
/** Messages that are held in memory so that they need not be read again. */
const READY = 500;
/** Milliseconds between attempts to write what a full disk has refused. */
const RETRY = 5000;
/** What the disk's state is to blame for, and what may pass. */
const DISK = ["ENOSPC", "EDQUOT", "EIO", "EROFS"];

/** What the platform counts: it drops a message whose number is not larger than the last one about the same thing. */
const NUMBERED: readonly Channel[] = ["control", "setup"];

/**
 * Messages to the cloud, on disk until they are acknowledged, in one order over every restart. The queue alone gives
 * event numbers, when a message comes in, one counter for everything, so that they increase in the order of sending.
 */
export async function openOutboundQueue(options: {
  directory: string;
  clock: Clock;
  log: Logger;
  limits?: Partial<QueueLimits>;
  files?: Files;
}): Promise<OutboundQueue> {
  const { directory, clock, log, files } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const generation = await currentGeneration(directory);
  const queue = new OutboundQueue({
    directory,
    clock,
    log,
    limits: { ...LIMITS, ...options.limits },
    numbers: await openNumbers(directory, clock, log, files),
    generation,
    records: await openGeneration(directory, generation, files),
    ...(files ? { files } : {}),
  });
  return queue;
}

interface QueueDeps {
  directory: string;
  clock: Clock;
  log: Logger;
  limits: QueueLimits;
  numbers: EventNumbers;
  generation: number;
  records: AppendLog;
  files?: Files;
}

export class OutboundQueue {
  readonly #deps: QueueDeps;
  #records: AppendLog;
  #generation: number;
  /** Read and not yet taken, in order; the last is `#read`. */
  #ready: Entry[] = [];
  #read: number;
  /** Everything up to here is acknowledged; beyond it, what `#done` holds. */
  #low: number;
  readonly #done = new Set<number>();
  #forgotten: number;
  /** What the disk had no room for; newer than everything on disk. */
  #overflow: Entry[] = [];
  /** Taken from the overflow and not yet done. */
  #afloat = 0;
  readonly #appending = new Set<Promise<number>>();
  #lastNumber = 0;
  #collapsedTo = { bytes: 0, records: 0 };
  #turn: Promise<unknown> = Promise.resolve();
  #cancelRetry: (() => void) | undefined;
  #forgetting: Promise<void> | undefined;
  #refused = 0;
  #listener: () => void = () => {};

  constructor(deps: QueueDeps) {
    this.#deps = deps;
    this.#records = deps.records;
    this.#generation = deps.generation;
    this.#low = deps.records.first - 1;
    this.#forgotten = this.#low;
    this.#read = this.#low;
  }

  /** Messages that are not acknowledged. */
  get size(): number {
    return this.#records.next - 1 - this.#low - this.#done.size + this.#overflow.length + this.#afloat;
  }

  /** Messages that found no room. */
  get refused(): number {
    return this.#refused;
  }

  /** Called whenever there may be something to take. */
  onReady(listener: () => void): void {
    this.#listener = listener;
  }

  /**
   * Numbers the message and resolves once it is on disk, with its position; without one when the disk is full and
   * it waits in memory. Rejects with ProxyError `queue-full`.
   */
  append(channel: Channel, message: JsonObject, notBefore?: number): Promise<{ position?: number }> {
    return this.#inTurn(async () => {
      await this.#makeRoom();
      const numbered = NUMBERED.includes(channel) ? await this.#numbered(message) : message;
      const outbound: Outbound = { channel, message: numbered, ...(notBefore === undefined ? {} : { notBefore }) };
      // Not waited for within the turn: appends of the same moment share one fsync.
      return { stored: this.#overflow.length > 0 ? this.#keepAfloat(outbound) : this.#store(outbound) };
    }).then(({ stored }) => stored);
  }

  /** The next message to send; undefined when every one is taken. */
  async take(): Promise<Entry | undefined> {
    const ready = this.#ready.shift();
    if (ready) return ready;
    return this.#inTurn(async () => {
      if (this.#ready.length === 0 && this.#read < this.#records.next - 1) {
        for await (const { position, record } of this.#records.read(this.#read + 1)) {
          // One that was appended meanwhile has been put there already.
          if (position <= this.#read) continue;
          this.#read = position;
          if (!this.#done.has(position)) this.#ready.push(this.#entry(record as unknown as Outbound, position));
          if (this.#ready.length >= READY) break;
        }
      }
      const entry = this.#ready.shift() ?? this.#overflow.shift();
      if (entry && entry.position === undefined) this.#afloat++;
      return entry;
    });
  }

  /** The cloud has acknowledged it, or will never take it. */
  done({ position, generation }: Entry): void {
    if (position === undefined) this.#afloat = Math.max(0, this.#afloat - 1);
    if (position === undefined || generation !== this.#generation) return;
    this.#done.add(position);
    while (this.#done.delete(this.#low + 1)) this.#low++;
    this.#forgetting ??= this.#forget().finally(() => {
      this.#forgetting = undefined;
    });
  }

  /** Everything in it is gone, whoever it was about. */
  clear(): Promise<void> {
    return this.#inTurn(async () => {
      await Promise.allSettled(this.#appending);
      await this.#replace(async () => {});
      this.#overflow = [];
      this.#afloat = 0;
    });
  }

  async close(): Promise<void> {
    this.#cancelRetry?.();
    await this.#turn;
    await this.#forgetting;
    await this.#forget();
    await this.#records.close();
  }

  async #forget(): Promise<void> {
    // What is acknowledged meanwhile goes with it.
    await Promise.resolve();
    try {
      while (this.#forgotten < this.#low) {
        const upTo = this.#low;
        await this.#records.forget(upTo);
        this.#forgotten = upTo;
      }
    } catch (error) {
      this.#deps.log.warn({ error: messageOf(error) }, "the queue could not be shortened");
    }
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(run);
    this.#turn = result.catch(() => {});
    return result;
  }

  #entry(outbound: Outbound, position?: number): Entry {
    return { outbound, generation: this.#generation, ...(position === undefined ? {} : { position }) };
  }

  async #numbered(message: JsonObject): Promise<JsonObject> {
    const { clock, numbers } = this.#deps;
    const timestamp = message["timestamp"] ?? new Date(clock.now()).toISOString();
    return { ...message, timestamp, eventNumber: await numbers.next() };
  }

  async #store(outbound: Outbound): Promise<{ position?: number }> {
    const generation = this.#generation;
    const appended = this.#records.append(outbound as unknown as JsonObject);
    this.#appending.add(appended);
    try {
      const position = await appended;
      const number = outbound.message["eventNumber"];
      if (typeof number === "number") this.#lastNumber = Math.max(this.#lastNumber, number);
      if (generation === this.#generation && position === this.#read + 1 && this.#ready.length < READY) {
        this.#read = position;
        this.#ready.push(this.#entry(outbound, position));
      }
      this.#listener();
      return { position };
    } catch (error) {
      if (!DISK.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      this.#deps.log.error({ error: messageOf(error) }, "the disk takes no messages: they wait in memory");
      return this.#inTurn(async () => ({ stored: this.#keepAfloat(await this.#renumbered(outbound)) })).then(
        ({ stored }) => stored,
      );
    } finally {
      this.#appending.delete(appended);
    }
  }

  /** A later message may have found room where this one did not; its number must then be the larger. */
  async #renumbered(outbound: Outbound): Promise<Outbound> {
    const number = outbound.message["eventNumber"];
    if (typeof number !== "number" || number > this.#lastNumber) return outbound;
    return { ...outbound, message: await this.#numbered(outbound.message) };
  }

  async #keepAfloat(outbound: Outbound): Promise<{ position?: number }> {
    const { limits, clock } = this.#deps;
    if (this.#overflow.length >= limits.overflow) {
      this.#overflow = collapse(this.#overflow);
      if (this.#overflow.length >= limits.overflow) this.#refuse();
    }
    this.#overflow.push(this.#entry(outbound));
    this.#cancelRetry ??= clock.after(RETRY, () => void this.#retry());
    this.#listener();
    return {};
  }

  #retry(): Promise<void> {
    this.#cancelRetry = undefined;
    return this.#inTurn(async () => {
      while (this.#overflow[0]) {
        try {
          await this.#records.append(this.#overflow[0].outbound as unknown as JsonObject);
        } catch {
          this.#cancelRetry = this.#deps.clock.after(RETRY, () => void this.#retry());
          return;
        }
        this.#overflow.shift();
      }
      this.#deps.log.info("the disk takes messages again");
      this.#listener();
    });
  }

  #refuse(): never {
    this.#refused++;
    const { log } = this.#deps;
    log.error({ refused: this.#refused, queued: this.size }, "the queue to the cloud is full: a message is lost");
    throw new ProxyError("queue-full", "the queue to the cloud is full");
  }

  #kept(): { bytes: number; records: number } {
    const { bytes, next, first } = this.#records;
    return { bytes, records: next - first + this.#appending.size };
  }

  async #makeRoom(): Promise<void> {
    const { limits } = this.#deps;
    const over = (factor: number) => {
      const { bytes, records } = this.#kept();
      return bytes >= limits.bytes * factor || records >= limits.records * factor;
    };
    if (!over(1)) return;
    const { bytes, records } = this.#kept();
    if (bytes >= this.#collapsedTo.bytes * 1.5 || records >= this.#collapsedTo.records * 1.5) {
      await this.#collapse().catch((error) => {
        this.#deps.log.error({ error: messageOf(error) }, "the queue is long and cannot be shortened");
      });
      this.#collapsedTo = this.#kept();
    }
    if (over(2)) this.#refuse();
  }

  /** Of each property that reports tell, the newest value stays, where it stands; nothing else is lost. */
  async #collapse(): Promise<void> {
    await Promise.allSettled(this.#appending);
    const before = this.size;
    const old = this.#records;
    const newest = new Map<string, number>();
    for await (const { position, record } of old.read(this.#low + 1)) {
      const outbound = record as unknown as Outbound;
      if (isPropertyReport(outbound)) for (const key of propertyKeys(outbound)) newest.set(key, position);
    }
    await this.#replace(async (fresh) => {
      let appended: Promise<unknown>[] = [];
      for await (const { position, record } of old.read(this.#low + 1)) {
        if (this.#done.has(position)) continue;
        const outbound = record as unknown as Outbound;
        const kept = isPropertyReport(outbound)
          ? withProperties(outbound, (key) => newest.get(key) === position)
          : outbound;
        if (kept) appended.push(fresh.append(kept as unknown as JsonObject));
        if (appended.length < 1000) continue;
        await Promise.all(appended);
        appended = [];
      }
      await Promise.all(appended);
    });
    this.#deps.log.warn(
      { before, after: this.size },
      "the queue is long: only the newest value of each property stays",
    );
  }

  /** Another log takes this one's place, at once and for good; entries that are out are sent again with their numbers. */
  async #replace(fill: (fresh: AppendLog) => Promise<void>): Promise<void> {
    const { directory, files } = this.#deps;
    const generation = this.#generation + 1;
    const building = join(directory, `${BUILDING}${generation}`);
    await rm(building, { recursive: true, force: true });
    const fresh = await openAppendLog(building, files ? { files } : {});
    try {
      await fill(fresh).finally(() => fresh.close());
    } catch (error) {
      // On a full disk every byte of it is missed.
      await rm(building, { recursive: true, force: true });
      throw error;
    }
    await this.#forgetting;
    await rename(building, join(directory, `${QUEUE}${generation}`));
    await syncDirectory(directory);
    const old = this.#records;
    this.#records = await openGeneration(directory, generation, files);
    this.#generation = generation;
    this.#ready = [];
    this.#done.clear();
    this.#low = this.#records.first - 1;
    this.#forgotten = this.#low;
    this.#read = this.#low;
    await old.close();
    await rm(join(directory, `${QUEUE}${generation - 1}`), { recursive: true, force: true });
  }
}

const QUEUE = "queue-";
const BUILDING = "building-";

async function currentGeneration(directory: string): Promise<number> {
  const names = await readdir(directory);
  const generations = names.flatMap((name) =>
    /^queue-\d{1,15}$/.test(name) ? [Number(name.slice(QUEUE.length))] : [],
  );
  const current = Math.max(1, ...generations);
  for (const name of names) {
    const stale = name.startsWith(BUILDING) || (name.startsWith(QUEUE) && name !== `${QUEUE}${current}`);
    if (stale) await rm(join(directory, name), { recursive: true, force: true });
  }
  return current;
}

const openGeneration = (directory: string, generation: number, files?: Files): Promise<AppendLog> =>
  openAppendLog(join(directory, `${QUEUE}${generation}`), files ? { files } : {});

/** Where the disk is full the numbers go on in memory: the next start begins at its clock, which is beyond them. */
async function openNumbers(directory: string, clock: Clock, log: Logger, files?: Files): Promise<EventNumbers> {
  const parse = (json: unknown): { next: number } => {
    const next = (json as { next?: unknown } | null)?.next;
    if (typeof next !== "number" || !Number.isSafeInteger(next)) throw new Error("not the next number");
    return { next };
  };
  const recover = () => log.warn("the record of event numbers was damaged; they go on from the clock");
  const file = await openJsonFile(
    join(directory, "event-numbers.json"),
    parse,
    { next: 1 },
    {
      recover,
      ...(files ? { files } : {}),
    },
  );
  const store = {
    load: async () => file.value,
    save: (_label: string, record: { next: number }) =>
      file.replace(record).catch((error) => log.error({ error: messageOf(error) }, "event numbers cannot be kept")),
  };
  return createEventNumbers(store as Parameters<typeof createEventNumbers>[0], clock);
}
