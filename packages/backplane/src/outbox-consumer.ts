import type { Clock, Logger } from "@hearth/base";
import type { Activity } from "./activity.ts";
import { type BackOff, backOffDelay, Pauses } from "./back-off.ts";
import type { Database } from "./database.ts";
import type { OutboxHandler } from "./outbox.ts";
import type { OutboxChanges } from "./outbox-changes.ts";
import { type Group, type Grouping, OutboxGroups } from "./outbox-groups.ts";
import type { Sealer } from "./sealing.ts";

/** Rows in one read. */
const PAGE = 64;
/** Messages of one consumer in memory … */
const WINDOW = 1024;
const WINDOW_BYTES = 8 << 20;
/** … and of one key. */
const LANE_WINDOW = 128;
/** Messages of one key before another key has its turn. */
const TURN = 32;
const KEYS_PER_PAGE = 200;

const COLUMNS = "SELECT id, message_key, message, created_at FROM hearth_outbox";
const FRESH = `${COLUMNS} WHERE consumer = ? AND parked = 0 AND id > ? ORDER BY id LIMIT ?`;
const PARKED = `${COLUMNS} WHERE consumer = ? AND parked = 1 AND message_key = ? AND id > ? ORDER BY id LIMIT ?`;

/** The distinct keys after one, each found by one step down the index, however many messages a key has. */
const NEXT_KEY = "MIN(message_key) FROM hearth_outbox WHERE consumer = ? AND parked = 1 AND message_key";
const parkedKeys = (first: ">" | ">=") => `WITH RECURSIVE found(k) AS (
  SELECT ${NEXT_KEY} ${first} ?
  UNION ALL
  SELECT (SELECT ${NEXT_KEY} > found.k) FROM found WHERE found.k IS NOT NULL
) SELECT k FROM found WHERE k IS NOT NULL LIMIT ${KEYS_PER_PAGE}`;

interface Row {
  id: number;
  message_key: string;
  message: Uint8Array;
  created_at: number;
}

/** A message whose batch is durable, as its writer knows it. */
export interface Committed {
  id: number;
  key: string;
  /** JSON. */
  text: string;
  /** Milliseconds. */
  createdAt: number;
}

/** Ids that were handed out before one that is handed over, of which so many are looked at. */
const MOST_BEFORE = 256;

interface Message {
  id: number;
  /** As it was read, or before it was sealed. */
  content: Uint8Array | string;
  createdAt: number;
  parked: boolean;
}

const sizeOf = ({ content }: Message): number => (typeof content === "string" ? content.length : content.byteLength);

const messageOf = (row: Row, parked: boolean): Message => ({
  id: row.id,
  content: row.message,
  createdAt: row.created_at,
  parked,
});

/** What is known of a key that has undelivered messages. */
interface Lane {
  key: string;
  group: Group<Lane>;
  /** In order; the first may be with the handler. */
  messages: Message[];
  /** There may be parked messages with an id above `after`. */
  parked: boolean;
  after: number;
  /** Counts the messages that were parked. */
  everParked: number;
  /** Messages on their way to being parked: new ones … */
  parking: number;
  /** … and those of a failed delivery, which precede whatever is parked already. */
  reparking: number;
  failures: number;
  state: "ready" | "running" | "backing off" | "parking";
  cancel?: () => void;
}

export interface OutboxCounts {
  delivered: number;
  /** Attempts that were rejected. */
  failed: number;
  /** Given up at the age limit. */
  dropped: number;
  /** Keys that wait for their next attempt. */
  waitingKeys: number;
}

export interface ConsumerDeps {
  database: Database;
  sealer: Sealer;
  clock: Clock;
  log: Logger;
  activity: Activity;
  changes: OutboxChanges;
  backOff: BackOff;
  concurrency: number;
  maxAge: number;
}

export const outboxPurpose = (consumer: string): string => `outbox ${consumer}`;

/**
 * Delivers the messages of one consumer. Messages are read in order of their ids; those whose key is waiting are
 * marked `parked` once and from then on found by their key only, so that no backlog is ever read twice and what is
 * kept in memory for a waiting key is its name.
 */
export class OutboxConsumer {
  readonly #name: string;
  readonly #handler: OutboxHandler;
  readonly #deps: ConsumerDeps;
  /** Ids that were handed out and not seen yet, with their keys, in order. They may be committed after greater ones. */
  readonly #outstanding: Map<number, string>;
  readonly #lanes = new Map<string, Lane>();
  readonly #fresh: Lane[] = [];
  readonly #retries: Lane[] = [];
  readonly #groups: OutboxGroups<Lane>;
  readonly #pauses: Pauses;
  readonly #counts = { delivered: 0, failed: 0, dropped: 0 };
  #cursor = 0;
  #loaded = 0;
  #loadedBytes = 0;
  #running = 0;
  #retrying = 0;
  #scanning = false;
  #more = false;
  /** All that an earlier process has left was read. */
  #caughtUp = false;
  #stopped = false;

  constructor(
    name: string,
    handler: OutboxHandler,
    outstanding: Map<number, string>,
    deps: ConsumerDeps,
    /** Without one every key is of one group that may have all places. */
    grouping: Grouping = { groupOf: () => "", perGroup: Number.POSITIVE_INFINITY },
  ) {
    this.#name = name;
    this.#handler = handler;
    this.#outstanding = outstanding;
    this.#deps = deps;
    this.#groups = new OutboxGroups(grouping, deps.clock, deps.backOff);
    this.#pauses = new Pauses(deps.clock);
  }

  get counts(): OutboxCounts {
    let waitingKeys = 0;
    for (const lane of this.#lanes.values()) if (lane.failures > 0) waitingKeys++;
    return { ...this.#counts, waitingKeys };
  }

  /** Finds what an earlier process has left, then what is new. */
  start(): void {
    this.#scanning = true;
    this.#deps.activity.track(async () => {
      await this.#retry("find waiting keys", () => this.#findParkedKeys());
      this.#scanning = false;
      this.scan();
    });
  }

  /**
   * Takes a message straight from its writer, once its batch is durable. False when it has to be looked for: there may be an
   * earlier one of its key that was not seen yet, or there is no room.
   */
  take({ id, key, text, createdAt }: Committed): boolean {
    if (!this.#caughtUp || this.#scanning || this.#more || this.#stopped || this.#full()) return false;
    // Seen already by a look at the table after the commit, or out for so long that only a look can find it.
    if (!this.#outstanding.has(id)) return id <= this.#cursor;
    let before = 0;
    for (const [other, otherKey] of this.#outstanding) {
      if (other >= id) break;
      if (otherKey === key || ++before > MOST_BEFORE) return false;
    }
    this.#outstanding.delete(id);
    // Lower ids that are not committed yet are outstanding, so reading goes back for them.
    this.#cursor = Math.max(this.#cursor, id);
    this.#accept(key, { id, content: text, createdAt, parked: false });
    this.#dispatch();
    return true;
  }

  /** Looks for new messages. */
  scan(): void {
    this.#more = true;
    if (this.#scanning || this.#stopped) return;
    this.#scanning = true;
    this.#deps.activity.track(async () => {
      while (this.#more && !this.#stopped && (!this.#full() || (this.#makeRoom() && !this.#full()))) {
        this.#more = false;
        await this.#retry("read new messages", () => this.#readPage());
        this.#dispatch();
        // A long backlog is read page by page between other work.
        await new Promise((resolve) => setImmediate(resolve));
      }
      this.#scanning = false;
    });
  }

  /** Room has been made: goes on where `scan` has stopped. */
  resume(): void {
    if (this.#more) this.scan();
  }

  /** Starts no more deliveries. Those under way end as part of the activity. */
  stop(): void {
    this.#stopped = true;
    for (const lane of this.#lanes.values()) lane.cancel?.();
    this.#groups.stop();
    this.#pauses.end();
  }

  #full(): boolean {
    return this.#loaded + this.#deps.changes.pending >= WINDOW || this.#loadedBytes >= WINDOW_BYTES;
  }

  /** A read fails only when the database does; without it nothing can go on here. */
  async #retry(what: string, read: () => Promise<void>): Promise<void> {
    for (let failures = 1; !this.#stopped; failures++) {
      try {
        return await read();
      } catch (error) {
        this.#deps.log.error({ err: error, consumer: this.#name }, `the outbox could not ${what}`);
        await this.#pauses.wait(backOffDelay(failures, this.#deps.backOff));
      }
    }
  }

  async #findParkedKeys(): Promise<void> {
    let sql = parkedKeys(">=");
    let last = "";
    for (;;) {
      const rows = await this.#deps.database.query<{ k: string }>(sql, [this.#name, last, this.#name]);
      for (const { k: key } of rows) {
        // They have failed before, so they come second to what is new.
        const lane = this.#newLane(key);
        lane.parked = true;
        lane.failures = 1;
        this.#enqueue(lane);
      }
      if (rows.length < KEYS_PER_PAGE || this.#stopped) return;
      last = rows[rows.length - 1]!.k;
      sql = parkedKeys(">");
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #readPage(): Promise<void> {
    const [lowest] = this.#outstanding.keys();
    const after = lowest === undefined ? this.#cursor : Math.min(this.#cursor, lowest - 1);
    const limit = after < this.#cursor ? PAGE + this.#loaded + this.#deps.changes.pending : PAGE;
    const rows = await this.#deps.database.query<Row>(FRESH, [this.#name, after, limit]);
    for (const row of rows) {
      // Others were seen before: they are being delivered, or their removal was not visible yet.
      const late = this.#outstanding.delete(row.id);
      if (row.id > this.#cursor || late) this.#accept(row.message_key, messageOf(row, false));
      this.#cursor = Math.max(this.#cursor, row.id);
    }
    if (rows.length === limit) this.#more = true;
    else this.#caughtUp = true;
  }

  #accept(key: string, message: Message): void {
    const lane = this.#lanes.get(key);
    if (!lane) {
      const first = this.#newLane(key);
      this.#load(first, message);
      this.#enqueue(first);
      return;
    }
    const behind = lane.parked || lane.parking + lane.reparking > 0 || lane.failures > 0;
    const waits = behind || lane.messages.length >= LANE_WINDOW;
    // One that was committed after greater ids is before those that the next read of parked messages looks for.
    if (waits && message.id > lane.after) this.#park(lane, message.id, "parking");
    else this.#load(lane, message);
  }

  #load(lane: Lane, message: Message): void {
    lane.messages.push(message);
    this.#loaded++;
    this.#loadedBytes += sizeOf(message);
  }

  #unload(message: Message): void {
    this.#loaded--;
    this.#loadedBytes -= sizeOf(message);
  }

  #park(lane: Lane, id: number, counter: "parking" | "reparking"): void {
    lane[counter]++;
    this.#deps.changes.park(id, () => {
      lane[counter]--;
      lane.parked = true;
      lane.everParked++;
      if (lane.state === "parking" && lane.reparking === 0) this.#enqueue(lane);
    });
  }

  #enqueue(lane: Lane): void {
    lane.state = "ready";
    (lane.failures > 0 ? this.#retries : this.#fresh).push(lane);
    this.#dispatch();
  }

  /** Keys that have failed use a quarter of the places at most, so that slow failures do not hold up the others. */
  #dispatch(): void {
    const { concurrency } = this.#deps;
    const forRetries = Math.max(1, concurrency >> 2);
    while (!this.#stopped && this.#running < concurrency) {
      const lane = this.#retrying < forRetries ? (this.#retries.shift() ?? this.#fresh.shift()) : this.#fresh.shift();
      if (!lane) return;
      const { group } = lane;
      if (this.#groups.free(group) === 0) {
        group.waiting.push(lane);
        continue;
      }
      const retry = lane.failures > 0;
      lane.state = "running";
      this.#running++;
      group.running++;
      if (retry) this.#retrying++;
      this.#deps.activity.track(async () => {
        await this.#turn(lane);
        this.#running--;
        group.running--;
        if (retry) this.#retrying--;
        this.#admit(group);
        if (this.#more && this.#loaded < WINDOW / 2) this.scan();
        this.#dispatch();
      });
    }
  }

  /** Keys of a group that has places again. */
  #admit(group: Group<Lane>): void {
    for (const lane of group.waiting.splice(0, this.#groups.free(group))) {
      (lane.failures > 0 ? this.#retries : this.#fresh).push(lane);
    }
  }

  /** Lets groups whose keys wait for a place keep no more in memory than is under way, so that others are read. */
  #makeRoom(): boolean {
    const before = this.#loaded;
    for (const lane of this.#lanes.values()) {
      if (lane.messages.length === 0 || this.#groups.free(lane.group) > 0) continue;
      this.#parkFrom(lane, lane.state === "running" ? 1 : 0);
    }
    return this.#loaded < before;
  }

  /** Delivers some messages of a key, then decides what becomes of the key. */
  async #turn(lane: Lane): Promise<void> {
    let dropped = 0;
    for (let count = 0; count < TURN && !this.#stopped; count++) {
      if (lane.messages.length === 0 && lane.parked && lane.reparking === 0) {
        await this.#retry("read waiting messages", () => this.#loadParked(lane));
      }
      const message = lane.messages[0];
      if (!message) break;
      const expired = this.#deps.clock.now() - message.createdAt > this.#deps.maxAge;
      if (!expired && !(await this.#deliver(lane, message))) break;
      if (expired) dropped++;
      lane.messages.shift();
      this.#unload(message);
      this.#deps.changes.remove(message.id);
    }
    if (dropped > 0) {
      this.#counts.dropped += dropped;
      this.#deps.log.error({ consumer: this.#name, key: lane.key, dropped }, "messages were given up: too old");
    }
    // A failed delivery has set the time of the next one.
    if (lane.state !== "running") return;
    if (lane.messages.length > 0 || (lane.parked && lane.reparking === 0)) this.#enqueue(lane);
    else if (lane.parking + lane.reparking > 0) lane.state = "parking";
    else {
      this.#lanes.delete(lane.key);
      this.#groups.leave(lane.group);
    }
  }

  async #loadParked(lane: Lane): Promise<void> {
    // While it fails, the first is all that is needed.
    const limit = lane.failures > 0 ? 1 : TURN;
    // It counts as parked meanwhile, so that what is new waits behind what is being read.
    const before = lane.everParked;
    const rows = await this.#deps.database.query<Row>(PARKED, [this.#name, lane.key, lane.after, limit]);
    lane.parked = rows.length === limit || lane.everParked > before;
    for (const row of rows) {
      this.#load(lane, messageOf(row, true));
      lane.after = row.id;
    }
  }

  async #deliver(lane: Lane, message: Message): Promise<boolean> {
    const { sealer, clock, log, backOff } = this.#deps;
    const attempt = lane.failures + 1;
    try {
      const { content: stored } = message;
      const text = typeof stored === "string" ? stored : sealer.openText(stored, outboxPurpose(this.#name));
      const content: unknown = JSON.parse(text);
      await this.#handler(content, { id: String(message.id), key: lane.key, attempt });
      lane.failures = 0;
      this.#groups.ended(lane.group, true, () => {});
      this.#counts.delivered++;
      return true;
    } catch (error) {
      lane.failures++;
      this.#counts.failed++;
      const delay = backOffDelay(lane.failures, backOff);
      const level = lane.failures === 1 ? "warn" : "debug";
      log[level]({ err: error, consumer: this.#name, key: lane.key, attempt, delay }, "a message was not delivered");
      this.#parkFrom(lane, 0);
      lane.state = "backing off";
      if (this.#stopped) return false;
      this.#groups.ended(lane.group, false, () => {
        this.#admit(lane.group);
        this.#dispatch();
      });
      lane.cancel = clock.after(delay, () => {
        lane.cancel = undefined;
        this.#enqueue(lane);
      });
      return false;
    }
  }

  /** Keeps no more than the first `kept` messages of a waiting key in memory. */
  #parkFrom(lane: Lane, kept: number): void {
    const messages = lane.messages.splice(kept);
    if (messages.length === 0) return;
    lane.after = Math.min(...messages.map(({ id }) => id)) - 1;
    for (const message of messages) {
      this.#unload(message);
      if (message.parked) lane.parked = true;
      else this.#park(lane, message.id, "reparking");
    }
  }

  #newLane(key: string): Lane {
    const lane: Lane = {
      key,
      group: this.#groups.join(key),
      messages: [],
      parked: false,
      after: 0,
      everParked: 0,
      parking: 0,
      reparking: 0,
      failures: 0,
      state: "ready",
    };
    this.#lanes.set(key, lane);
    return lane;
  }
}
