import { setTimeout as pause } from "node:timers/promises";
import type { ServerFile } from "../kit/server-process.ts";
import { type Clients, certificateOf, clientsOf, mutualTlsDoor, openDoor, policyDocument } from "./doors.ts";
import { KilledServer, type KilledServerOptions } from "./killed-server.ts";
import { type Counts, newCounts, Received, type Stream } from "./mqtt-kill-ledger.ts";
import { type Door, MqttPeer } from "./mqtt-peer.ts";

const POLICY = "killed";
const WINDOW = 10;
/** Of one stream and round, so that what waits for an absent subscriber stays below its queue's bound. */
const MESSAGES = 500;
/** Acknowledgements of each QoS in a round; a fast machine has many more. */
const LEAST = 12;
const DRAIN_WITHIN = 60_000;

export interface KilledMqtt {
  rounds: number;
  counts: Counts;
  problems: string[];
}

interface Publisher {
  peer: MqttPeer;
  streams: Stream[];
}

interface Subscriber {
  peer: MqttPeer;
  received: Received;
}

/** Sends on a stream's next number when the last window has room; `taken` is called for each acknowledgement. */
function publishNext({ peer }: Publisher, stream: Stream, counts: Counts, taken: () => void): void {
  stream.sent += 1;
  const number = stream.sent;
  const { topic, qos, retain } = stream;
  peer.publish(
    { topic, payload: Buffer.from(`${number}`), qos, retain },
    {
      acknowledged: () => {
        stream.acknowledged = Math.max(stream.acknowledged, number);
        counts.acknowledged[qos] += 1;
        stream.again.delete(number - 1000);
        taken();
      },
      resent: () => stream.again.set(number, (stream.again.get(number) ?? 0) + 1),
    },
  );
}

/** Everything that outlives the servers: clients with their sessions, and what they were promised. */
class Fleet {
  readonly problems: string[] = [];
  readonly counts = newCounts();
  readonly streams = new Map<string, Stream>();
  readonly publishers: Publisher[];
  readonly subscribers: Subscriber[];
  /** Subscribes and unsubscribes without end: its confirmed subscriptions must be there after a kill. */
  readonly churner: MqttPeer;
  readonly #subscribed = new Set<string>();
  readonly #told = new Set<string>();
  readonly #note = (problem: string) => {
    this.problems.push(problem);
  };

  constructor() {
    this.publishers = ([4, 5, 5] as const).map((version, index) => this.#publisher(`publisher-${index}`, version));
    this.subscribers = [
      this.#subscriber("subscriber-4", 4, 2),
      this.#subscriber("subscriber-5", 5, 2, 7),
      this.#subscriber("subscriber-once-away", 5, 2),
      this.#subscriber("subscriber-qos-1", 5, 1),
    ];
    this.churner = new MqttPeer({
      clientId: "churner",
      version: 5,
      onProblem: this.#note,
      onPublish: ({ topic }) => this.#told.add(topic),
    });
  }

  #publisher(clientId: string, version: 4 | 5): Publisher {
    const stream = (name: string, qos: 1 | 2, retain = false): Stream => {
      const topic = `kill/${clientId}/${name}`;
      const made = { topic, qos, retain, sent: 0, acknowledged: 0, again: new Map() };
      this.streams.set(topic, made);
      return made;
    };
    const streams = [stream("at-least-once", 1), stream("exactly-once", 2), stream("retained", 1, true)];
    return { peer: new MqttPeer({ clientId, version, onProblem: this.#note }), streams };
  }

  #subscriber(clientId: string, version: 4 | 5, qos: 1 | 2, receiveMaximum?: number): Subscriber {
    const received = new Received(this.streams, this.counts, qos, (problem) => this.#note(`${clientId}: ${problem}`));
    const peer: MqttPeer = new MqttPeer({
      clientId,
      version,
      ...(receiveMaximum === undefined ? {} : { receiveMaximum }),
      onPublish: (packet, again) => received.take(packet, again, peer),
      onProblem: this.#note,
    });
    return { peer, received };
  }

  async prepare(door: Door): Promise<void> {
    for (const { peer } of [...this.publishers, ...this.subscribers]) {
      if (await peer.connect(door)) this.#note(`${peer.clientId} had a session before its first connection`);
    }
    for (const { peer } of this.subscribers) await peer.subscribe("kill/#", peer.clientId.endsWith("qos-1") ? 1 : 2);
  }

  /** Loads the server over all clients; resolves with the first acknowledgement. `end` stops the sending. */
  load(door: Door, round: number): { first: Promise<void>; end(): void } {
    let over = false;
    let toldFirst: () => void = () => {};
    const first = new Promise<void>((resolve) => {
      toldFirst = resolve;
    });
    for (const publisher of this.publishers) {
      for (const stream of publisher.streams) {
        const until = stream.sent + MESSAGES;
        const next = () => {
          toldFirst();
          if (!over && stream.sent < until) publishNext(publisher, stream, this.counts, next);
        };
        for (let window = 0; window < WINDOW; window++) publishNext(publisher, stream, this.counts, next);
      }
    }
    this.#churn(door, round, () => over).catch((error: unknown) => {
      if (!over) this.#note(`round ${round}: churner: ${error}`);
    });
    // Sometimes one is away: what comes meanwhile waits for it in the store.
    if (round % 2 === 0) this.subscribers[2]!.peer.cut().catch(() => {});
    return {
      first,
      end: () => {
        over = true;
      },
    };
  }

  async #churn(door: Door, round: number, over: () => boolean): Promise<void> {
    this.#subscribed.clear();
    this.#told.clear();
    if (await this.churner.connect(door, true)) this.#note("a clean start found a session");
    for (let count = 1; !over() && count <= 200; count++) {
      const filter = `churn/${round}/${count}`;
      if (!(await this.churner.subscribe(filter, 1))) return;
      this.#subscribed.add(filter);
      if (count % 3 > 0) continue;
      // Whether it is there while the answer is missing, nobody knows.
      this.#subscribed.delete(filter);
      if (!(await this.churner.unsubscribe(filter))) return;
    }
  }

  async gone(): Promise<void> {
    await Promise.all([...this.publishers, ...this.subscribers].map(({ peer }) => peer.gone()));
    await this.churner.gone();
  }

  /** After a kill: retained messages first, while nobody publishes, then everybody comes back and all that was sent arrives. */
  async check(door: Door, round: number): Promise<void> {
    await this.#retained(door, round, false);
    for (const { peer, received } of this.subscribers) {
      received.forgetBefore(peer.connection);
      if (!(await peer.connect(door))) this.#note(`round ${round}: the session of ${peer.clientId} is gone`);
    }
    for (const { peer } of this.publishers) {
      if (!(await peer.connect(door))) this.#note(`round ${round}: the session of ${peer.clientId} is gone`);
    }
    const deadline = performance.now() + DRAIN_WITHIN;
    const open = () => [
      ...this.publishers.filter(({ peer }) => peer.pending > 0).map(({ peer }) => `${peer.clientId} waits`),
      ...this.subscribers.flatMap(({ peer, received }) =>
        received.missing().map((text) => `${peer.clientId}: ${text}`),
      ),
    ];
    while (open().length > 0 && this.problems.length === 0 && performance.now() < deadline) await pause(5);
    for (const problem of open()) this.#note(`round ${round}: ${problem}`);
    for (const { peer } of this.subscribers) await peer.ping();
    await this.#retained(door, round, true);
    await this.#churned(door, round);
  }

  async #retained(door: Door, round: number, settled: boolean): Promise<void> {
    const found = new Map<string, number>();
    const reader = new MqttPeer({
      clientId: "reader",
      version: 5,
      onProblem: this.#note,
      onPublish: ({ topic, payload }) => found.set(topic, Number(Buffer.from(payload).toString())),
    });
    await reader.connect(door, true);
    await reader.subscribe("kill/+/retained", 1);
    await reader.ping();
    await reader.cut();
    for (const { topic, retain, acknowledged, sent } of this.streams.values()) {
      if (!retain) continue;
      const value = found.get(topic) ?? 0;
      if (value < acknowledged || value > sent || (settled && value !== sent)) {
        this.#note(`round ${round}: retained ${topic} is ${value}, acknowledged ${acknowledged}, sent ${sent}`);
      }
    }
  }

  async #churned(door: Door, round: number): Promise<void> {
    if (!(await this.churner.connect(door)) && this.#subscribed.size > 0) {
      this.#note(`round ${round}: the churner's session is gone`);
    }
    const [{ peer }] = this.publishers as [Publisher];
    for (let count = 1; count <= 200; count++) {
      const topic = `churn/${round}/${count}`;
      peer.publish({ topic, payload: Buffer.from("?"), qos: 1, retain: false }, { acknowledged() {}, resent() {} });
    }
    const deadline = performance.now() + DRAIN_WITHIN;
    const missing = () => [...this.#subscribed].filter((filter) => !this.#told.has(filter));
    while ((missing().length > 0 || peer.pending > 0) && performance.now() < deadline) await pause(5);
    for (const filter of missing()) this.#note(`round ${round}: the confirmed subscription to ${filter} is gone`);
    await this.churner.ping();
    const extra = [...this.#told].filter((topic) => !this.#subscribed.has(topic));
    // The one that was under way.
    if (extra.length > 1) this.#note(`round ${round}: told of what it had left: ${extra.join(", ")}`);
    await this.churner.cut();
  }
}

/** The right to everything, for whoever comes through the door that it returns. */
async function prepareDoor(clients: Clients, mutualTls = false): Promise<(file: ServerFile) => Door> {
  if (mutualTls) {
    const certificate = await certificateOf(clients, POLICY);
    return (file) => mutualTlsDoor(file, certificate);
  }
  await clients.iot.send("CreatePolicy", {
    policyName: POLICY,
    policyDocument: policyDocument({ Action: "iot:*", Resource: "*" }),
  });
  return openDoor;
}

/**
 * Several publishers and persistent subscribers load a server at QoS 1 and 2; it is killed at a random moment, started
 * again, all sessions are resumed; `rounds` times, or until something is wrong.
 */
export async function killMqttRounds({
  rounds,
  mutualTls,
  loadEnvironment,
  progress,
  ...options
}: KilledServerOptions & {
  rounds: number;
  /** Every client comes with a certificate; otherwise through the open port. */
  mutualTls?: boolean;
  /** What the servers from the second on have besides. */
  loadEnvironment?: Record<string, string>;
  progress?(round: number, counts: Counts): void;
}): Promise<KilledMqtt> {
  const fleet = new Fleet();
  const open: Record<string, string> = mutualTls ? {} : { HEARTH_OPEN_MQTT_PORT: "0", HEARTH_OPEN_MQTT_POLICY: POLICY };
  const server = new KilledServer({ ...options, environment: { ...options.environment, ...open } });
  const problems = () => [...server.problems, ...fleet.problems];
  let round = 1;
  try {
    const doorOf = await prepareDoor(clientsOf(await server.up), mutualTls);
    await fleet.prepare(doorOf(await server.up));
    for (; round <= rounds; round++) {
      const before = { ...fleet.counts.acknowledged };
      const load = fleet.load(doorOf(await server.up), round);
      await load.first;
      const hasActed = () => ([1, 2] as const).every((qos) => fleet.counts.acknowledged[qos] > before[qos] + LEAST);
      while (problems().length === 0 && !hasActed()) await pause(10);
      await pause(Math.random() * 400);
      load.end();
      await server.kill();
      await fleet.gone();
      server.start(loadEnvironment);
      // Sometimes the next one does not come far either.
      if (round % 10 === 0) {
        await server.killEarly();
        server.start(loadEnvironment);
      }
      await fleet.check(doorOf(await server.up), round);
      progress?.(round, fleet.counts);
      if (problems().length > 0) break;
    }
  } finally {
    await server.end();
  }
  return { rounds: Math.min(round, rounds), counts: fleet.counts, problems: problems() };
}
