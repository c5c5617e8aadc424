import type { Clock, Logger } from "@hearth/base";
import { dropCommonest, type Kinds, kindsOf, latest } from "./commonest.ts";
import type { ConnectionCause } from "./connection-causes.ts";
import type { BrokerLimits } from "./limits.ts";

/** As in AWS IoT's log entries (reference 12). */
export type ConnectionEventType =
  | "Connect"
  | "Disconnect"
  | "DeleteConnection"
  | "Publish-In"
  | "Publish-Out"
  | "Queued"
  | "Subscribe"
  | "Unsubscribe";

/** Whose event it is, as far as that is known. Without a client id it is kept under the certificate or the source. */
export interface ConnectionParty {
  /** Absent where nobody was recognized: such events are the operator's to see. */
  accountId?: string;
  clientId?: string;
  principalId?: string;
  certificateId?: string;
  sourceIp?: string;
  /** `MQTT`, `WebSocket`, or `TLS` for what came no further. */
  protocol?: string;
}

/** What happened. */
export interface ConnectionNote {
  eventType: ConnectionEventType;
  status: "Success" | "Failure";
  /** For a person: what happened, why, and what to do about it. A function is asked only where the text is kept. */
  reason: string | (() => string);
  /** What kind of happening this is: of one kind, a topic's repeats are counted, not listed. */
  cause: ConnectionCause;
  topicName?: string;
  filter?: string;
  /** Of MQTT 5; of CONNACK in MQTT 3.1.1. */
  reasonCode?: number;
  details?: string;
}

/** One line of the log. Repeats within a minute are one line. Times are milliseconds since the epoch. */
export interface ConnectionEvent extends Omit<ConnectionParty, "accountId">, Omit<ConnectionNote, "reason"> {
  reason: string;
  timestamp: number;
  lastTimestamp: number;
  count: number;
  /** Grows with each event of the broker, repeats included. */
  sequence: number;
}

export interface ConnectionLogDeps {
  clock: Clock;
  log: Pick<Logger, "info">;
  limits: Pick<BrokerLimits, "loggedClients" | "loggedBytes">;
}

/** Of one client. */
export const MOST_EVENTS = 100;
/** Milliseconds between two events that are still told as one. */
const FOLD_WITHIN = 60_000;
/** Milliseconds after which a repeat's reason is asked for again where that takes work. */
const ASK_AGAIN = 1_000;
/** Lines a minute that one client may cause in the platform's log. */
const LINES_A_MINUTE = 30;
/** Sources that nobody is known behind. Strangers must not push anybody's events out. */
const MOST_STRANGERS = 1_000;
const STRANGERS = "";
/** About what an event and a client take in memory besides their texts. */
const EVENT_BYTES = 400;
const CLIENT_BYTES = 300;
const MOST_REASON = 2_000;
const MOST_TOPIC = 512;
const MOST_KEY = 1_024;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);

const textOf = ({ reason }: ConnectionNote): string => cut(typeof reason === "string" ? reason : reason(), MOST_REASON);

interface Entry extends ConnectionEvent {
  /** Repeats at which the platform's log is told again. */
  nextLine: number;
  /** When `reason` was made. */
  askedAt: number;
}

interface History {
  key: string;
  entries: Entry[];
  /** The same by kind, once there were too many. */
  kinds: Kinds<Entry> | undefined;
  bytes: number;
  /** Lines written in the minute that began at `since`. */
  lines: number;
  since: number;
}

interface Ledger {
  /** The one that was quiet for longest comes first. */
  histories: Map<string, History>;
  latest: History | undefined;
  bytes: number;
}

const sizeOf = ({ reason, topicName, filter, details }: Entry): number =>
  EVENT_BYTES + 2 * (reason.length + (topicName ?? filter ?? "").length + (details ?? "").length);

/** Client ids hold no U+0000 [MQTT-1.5.4-2], so nobody can take another's place. */
const keyOf = ({ clientId, certificateId, sourceIp }: ConnectionParty): string => {
  if (clientId !== undefined) return cut(clientId, MOST_KEY);
  return certificateId === undefined ? `\0source ${sourceIp ?? "unknown"}` : `\0certificate ${certificateId}`;
};

/** Ends of connections that say nothing about a device's set-up. */
const ROUTINE: ReadonlySet<string> = new Set(["CONNECTION_LOST", "SERVER_INITIATED_DISCONNECT"]);

/**
 * What happened to each client lately and why, in memory: the last hundred events of each client id, fewer clients
 * where memory asks for it. A client that makes noise loses its own noise first, an account its own clients.
 */
export class ConnectionLog {
  readonly #deps: ConnectionLogDeps;
  readonly #ledgers = new Map<string, Ledger>();
  #sequence = 0;
  #bytes = 0;
  #clients = 0;

  constructor(deps: ConnectionLogDeps) {
    this.#deps = deps;
  }

  /** About what the log takes in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Client ids, and certificates and sources without one, that something is known of. */
  get clients(): number {
    return this.#clients;
  }

  note(party: ConnectionParty, note: ConnectionNote): void {
    const now = this.#deps.clock.now();
    const ledger = this.#ledger(party.accountId ?? STRANGERS);
    const history = this.#history(ledger, keyOf(party), now);
    const entry = repeated(history.entries, party, note, now);
    this.#sequence += 1;
    if (entry !== undefined) {
      // A policy may have been changed since, and the event has another reason now.
      if (typeof note.reason === "string" || now - entry.askedAt >= ASK_AGAIN) {
        entry.askedAt = now;
        this.#weigh(ledger, history, -sizeOf(entry));
        entry.reason = textOf(note);
        entry.reasonCode = note.reasonCode;
        this.#weigh(ledger, history, sizeOf(entry));
      }
      entry.count += 1;
      entry.lastTimestamp = now;
      entry.sequence = this.#sequence;
      if (history.kinds) latest(history.kinds, entry);
      if (entry.count >= entry.nextLine) {
        entry.nextLine *= 10;
        this.#tell(party, history, entry, now);
      }
      this.#shrink(ledger);
      return;
    }
    const added = this.#add(ledger, history, party, note, now);
    this.#tell(party, history, added, now);
    this.#shrink(ledger);
  }

  /**
   * A client's events; those of a certificate under whatever client id; without either, the latest refusals of the
   * account. At most a hundred, newest last. `operator`: also of peers that nobody is known behind.
   */
  list(
    accountId: string,
    asked: { clientId?: string; certificateId?: string; operator?: boolean } = {},
  ): ConnectionEvent[] {
    const { clientId, certificateId, operator = false } = asked;
    const own = this.#ledgers.get(accountId)?.histories;
    let found: Entry[];
    const strangers = operator ? this.#ledgers.get(STRANGERS)?.histories : undefined;
    if (clientId !== undefined) {
      // Behind U+0000 stands what has no client id.
      const of = (histories: typeof own) => histories?.get(keyOf({ clientId }))?.entries ?? [];
      found = clientId.startsWith("\0") ? [] : [...of(own), ...of(strangers)];
    } else {
      found = [own, strangers].flatMap((histories) =>
        [...(histories?.values() ?? [])].flatMap(({ entries }) => entries),
      );
      found = found.filter((entry) =>
        certificateId === undefined
          ? entry.status === "Failure" && !(entry.eventType === "Disconnect" && ROUTINE.has(entry.cause))
          : entry.certificateId === certificateId,
      );
    }
    return found
      .sort((a, b) => a.sequence - b.sequence)
      .slice(-MOST_EVENTS)
      .map(({ nextLine: _, askedAt: __, ...event }) => event);
  }

  #ledger(accountId: string): Ledger {
    let ledger = this.#ledgers.get(accountId);
    if (ledger === undefined) {
      ledger = { histories: new Map(), latest: undefined, bytes: 0 };
      this.#ledgers.set(accountId, ledger);
    }
    return ledger;
  }

  #history(ledger: Ledger, key: string, now: number): History {
    const known = ledger.histories.get(key);
    if (known !== undefined && known === ledger.latest) return known;
    const history = known ?? { key, entries: [], kinds: undefined, bytes: 0, lines: 0, since: now };
    if (known === undefined) {
      this.#clients += 1;
      this.#weigh(ledger, history, CLIENT_BYTES + 2 * key.length);
    } else ledger.histories.delete(key);
    ledger.histories.set(key, history);
    ledger.latest = history;
    return history;
  }

  #add(ledger: Ledger, history: History, party: ConnectionParty, note: ConnectionNote, now: number): Entry {
    const { eventType, status, cause, topicName, filter, reasonCode, details } = note;
    const { clientId, principalId, certificateId, sourceIp, protocol } = party;
    const entry: Entry = {
      timestamp: now,
      lastTimestamp: now,
      count: 1,
      sequence: this.#sequence,
      eventType,
      status,
      reason: textOf(note),
      cause,
      topicName: topicName === undefined ? undefined : cut(topicName, MOST_TOPIC),
      filter: filter === undefined ? undefined : cut(filter, MOST_TOPIC),
      reasonCode,
      details: details === undefined ? undefined : cut(details, MOST_TOPIC),
      clientId: clientId === undefined ? undefined : cut(clientId, MOST_KEY),
      principalId,
      certificateId,
      sourceIp,
      protocol,
      nextLine: 10,
      askedAt: now,
    };
    if (history.entries.length >= MOST_EVENTS) {
      history.kinds ??= kindsOf(history.entries);
      // A client that subscribes to thousands of topics comes by here for each.
      const gone = dropCommonest(history.kinds)!;
      history.entries.splice(history.entries.indexOf(gone), 1);
      this.#weigh(ledger, history, -sizeOf(gone));
    }
    history.entries.push(entry);
    if (history.kinds) latest(history.kinds, entry);
    this.#weigh(ledger, history, sizeOf(entry));
    return entry;
  }

  #weigh(ledger: Ledger, history: History, bytes: number): void {
    history.bytes += bytes;
    ledger.bytes += bytes;
    this.#bytes += bytes;
  }

  #shrink(written: Ledger): void {
    const { loggedClients, loggedBytes } = this.#deps.limits;
    if (written === this.#ledgers.get(STRANGERS) && written.histories.size > MOST_STRANGERS)
      this.#forgetOldest(written);
    while (this.#clients > loggedClients || this.#bytes > loggedBytes) {
      let largest = written;
      for (const ledger of this.#ledgers.values()) if (ledger.bytes > largest.bytes) largest = ledger;
      this.#forgetOldest(largest);
    }
  }

  #forgetOldest(ledger: Ledger): void {
    const [oldest] = ledger.histories.values();
    if (oldest === undefined) return;
    ledger.histories.delete(oldest.key);
    if (ledger.latest === oldest) ledger.latest = undefined;
    this.#clients -= 1;
    this.#weigh(ledger, oldest, -oldest.bytes);
    if (ledger.histories.size > 0) return;
    for (const [accountId, other] of this.#ledgers) if (other === ledger) this.#ledgers.delete(accountId);
  }

  #tell({ accountId }: ConnectionParty, history: History, entry: Entry, now: number): void {
    if (now - history.since >= 60_000) {
      history.since = now;
      history.lines = 0;
    }
    history.lines += 1;
    if (history.lines > LINES_A_MINUTE) return;
    const { clientId, eventType, status, reason, cause, topicName, filter, reasonCode, count } = entry;
    const { principalId, sourceIp } = entry;
    this.#deps.log.info(
      {
        accountId,
        clientId,
        eventType,
        status,
        reason,
        cause,
        topicName,
        filter,
        reasonCode,
        count,
        principalId,
        sourceIp,
      },
      "connection event",
    );
  }
}

/** The entry that this is a repeat of: the same of the same peer within a minute. */
function repeated(
  entries: readonly Entry[],
  { principalId, sourceIp }: ConnectionParty,
  { eventType, status, cause, topicName, filter }: ConnectionNote,
  now: number,
): Entry | undefined {
  const topic = topicName ?? filter;
  const cutTopic = topic === undefined ? undefined : cut(topic, MOST_TOPIC);
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i]!;
    if (
      entry.cause === cause &&
      entry.eventType === eventType &&
      entry.status === status &&
      (entry.topicName ?? entry.filter) === cutTopic &&
      entry.sourceIp === sourceIp &&
      entry.principalId === principalId &&
      now - entry.lastTimestamp <= FOLD_WITHIN
    ) {
      return entry;
    }
  }
  return undefined;
}
