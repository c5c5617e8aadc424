import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { createBus, createSealer, openSqlite } from "@hearth/backplane";
import { FakeClock, silentLogger } from "@hearth/base";
import {
  type Broker,
  type BrokerLimits,
  type BrokerMetrics,
  type ConnectionIdentity,
  createBroker,
  migrations,
} from "@hearth/broker";
import { ServiceError } from "@hearth/contract";
import { createRouter, type ReservedTopic } from "@hearth/iot";
import { type ConnectPacket, encode, type ProtocolVersion } from "@hearth/mqtt";
import { type Packet as OraclePacket, parser as oracleParser } from "mqtt-packet";
import { MemorySocket } from "./memory-socket.ts";
import { makeStream, type Stream } from "./mutate.ts";
import { runParser } from "./parser-run.ts";
import { Random } from "./random.ts";

const ACCOUNT = "111111111111";
/** Longer than any session may last here. */
const A_WHILE = 8 * 86_400_000;

const identity: ConnectionIdentity = {
  accountId: ACCOUNT,
  region: "us-east-1",
  principalId: "certificate",
  certificateId: "certificate",
  sourceIp: "127.0.0.1",
  permissionsFor: () =>
    Promise.resolve({
      thingName: undefined,
      allows: (_action: string, resource: string) => ({
        allowed: !resource.includes("/denied/"),
        reason: "by its name",
      }),
    }),
};

/** Topics of the platform: one answers late, one fails. */
const reserved: ReservedTopic[] = [
  {
    filter: "$fuzz/get",
    deliver: true,
    async handle(_levels, message) {
      await turn();
      return { reply: [{ ...message, topic: "$fuzz/answer", qos: 1, retain: false }] };
    },
  },
  {
    filter: "$fuzz/fail",
    deliver: false,
    async handle() {
      await turn();
      throw new ServiceError("InvalidRequestException", "always");
    },
  },
];

interface Running {
  index: number;
  stream: Stream;
  connect: ConnectPacket | undefined;
  socket: MemorySocket;
  ending: number;
}

/** A broker that is attacked. */
export interface Arena {
  readonly metrics: Readonly<BrokerMetrics>;
  /** Runs streams `first` to `first + count - 1` at the same time; throws when an invariant breaks. */
  attack(first: number, count: number): Promise<void>;
  /** Lets all sessions expire and throws unless the broker is as it was before the first stream. */
  rest(): Promise<void>;
  stop(): Promise<void>;
}

/** What the broker has said on one connection, read by somebody else's parser. */
function replies(written: readonly Buffer[], version: ProtocolVersion): OraclePacket[] {
  const seen: OraclePacket[] = [];
  const oracle = oracleParser({ protocolVersion: version });
  oracle.on("packet", (packet) => seen.push(packet));
  oracle.on("error", (error) => {
    throw error;
  });
  if (oracle.parse(Buffer.concat(written)) > 0) throw new Error("a reply is not whole");
  return seen;
}

/** Bytes of a packet that has been parsed. */
function sizeOf({ length }: OraclePacket): number {
  const remaining = Math.max(length ?? 0, 0);
  return remaining + (remaining < 128 ? 2 : remaining < 16_384 ? 3 : remaining < 2_097_152 ? 4 : 5);
}

function checkReplies({ socket, connect, stream }: Running): void {
  const version = connect?.version;
  const packets = replies(socket.written, version ?? 4);
  const [first, ...rest] = packets;
  if (first !== undefined && first.cmd !== "connack") throw new Error(`the first reply is ${first.cmd}`);
  if (rest.some((packet) => packet.cmd === "connack")) throw new Error("a second CONNACK");
  const end = packets.findIndex((packet) => packet.cmd === "disconnect");
  if (end >= 0 && end < packets.length - 1) throw new Error(`${packets[end + 1]!.cmd} after DISCONNECT`);
  if (end >= 0 && version !== 5) throw new Error("DISCONNECT to a client of 3.1.1");
  // [MQTT-3.1.2-24]
  const largest = connect?.properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
  const tooLarge = packets.find((packet) => sizeOf(packet) > largest);
  if (tooLarge !== undefined) throw new Error(`${tooLarge.cmd} of ${sizeOf(tooLarge)} bytes, at most ${largest}`);
  if (stream.bytes.length === 0 && packets.length > 0) throw new Error("a reply to nothing");
}

/** Waits for a condition: some turns of the event loop, then as long as a database on a busy machine may need. */
async function until(holds: () => boolean, what: () => string): Promise<void> {
  for (let i = 0; i < 50; i++) {
    if (holds()) return;
    await turn();
  }
  for (let i = 0; i < 4000; i++) {
    if (holds()) return;
    await pause(5);
  }
  throw new Error(what());
}

/** A client that behaves, beside those that do not. */
class Witness {
  readonly #socket = new MemorySocket({ stalled: false, deaf: false });
  readonly #oracle = oracleParser({ protocolVersion: 5 });
  readonly #received = new Set<string>();
  #sent = 0;

  constructor(broker: Broker) {
    this.#oracle.on("packet", (packet) => {
      if (packet.cmd === "publish") this.#received.add(packet.payload.toString());
      else this.#received.add(packet.cmd);
    });
    this.#oracle.on("error", (error) => {
      throw error;
    });
    broker.accept(this.#socket, identity);
    const topic = { noLocal: false, retainAsPublished: false, retainHandling: 2 as const };
    this.#say(
      encode({ type: "connect", version: 5, clean: true, keepAlive: 0, clientId: "the witness of all this" }, 5),
      encode({ type: "subscribe", packetId: 1, subscriptions: [{ filter: "the/witness/only", qos: 0, ...topic }] }, 5),
    );
  }

  #say(...packets: Uint8Array[]): void {
    for (const packet of packets) this.#socket.say(Buffer.from(packet));
  }

  /** Throws unless a message that it publishes comes back. */
  async serves(): Promise<void> {
    const text = `alive ${++this.#sent}`;
    const message = { qos: 0 as const, packetId: 0, retain: false, dup: false, payload: Buffer.from(text) };
    this.#say(encode({ type: "publish", topic: "the/witness/only", ...message }, 5));
    const heard = () => {
      for (const chunk of this.#socket.written.splice(0)) this.#oracle.parse(chunk);
      return this.#received.delete(text);
    };
    await until(heard, () => `the witness does not get its message (${[...this.#received]})`);
    this.#received.clear();
  }

  leave(): Promise<void> {
    this.#socket.hangUp();
    return until(
      () => this.#socket.destroyed,
      () => "the witness cannot leave",
    );
  }
}

/** Starts a broker with `limits`, except that its sessions and retained messages are fewer, so that a run can end. */
export async function createArena(limits: BrokerLimits, seed: number): Promise<Arena> {
  const directory = mkdtempSync(join(tmpdir(), "hearth-fuzz-"));
  const log = silentLogger;
  const clock = new FakeClock();
  // What survives a power cut is tried elsewhere; here millions of commits are made.
  const file = join(directory, "test.db");
  const database = await openSqlite({ file, migrations, log, unsafeNoFsync: true });
  const router = createRouter({ reserved, log });
  const bounded = {
    ...limits,
    sessionExpiry: Math.min(limits.sessionExpiry, 7 * 86_400),
    // What the connection log keeps of clients that are gone must not look like a leak.
    loggedClients: 500,
    retainedMessages: 30,
    queuedMessages: 200,
  };
  const broker = createBroker({
    database,
    sealer: createSealer(new Uint8Array(32)),
    bus: createBus(log),
    clock,
    log,
    router,
    limits: bounded,
  });
  router.attach(broker);
  await broker.start();
  const { metrics } = broker;
  let witness: Witness | undefined;

  function open(index: number): Running {
    const random = Random.of(seed, index);
    const stream = makeStream(random, index);
    const connect = runParser(stream, bounded.packetSize);
    const socket = new MemorySocket({ stalled: random.once(20), deaf: random.once(20) });
    return { index, stream, connect, socket, ending: random.int(4) };
  }

  async function attack(first: number, count: number): Promise<void> {
    witness ??= new Witness(broker);
    const running: Running[] = [];
    let current = first;
    try {
      for (; current < first + count; current++) running.push(open(current));
      for (const { socket } of running) broker.accept(socket, identity);
      const longest = Math.max(...running.map(({ stream }) => stream.chunks.length));
      const step = Math.ceil(longest / 8);
      for (let at = 0; at < longest; at += step) {
        for (const { index, stream, socket } of running) {
          current = index;
          for (const chunk of stream.chunks.slice(at, at + step)) socket.say(chunk);
        }
        await turn();
      }
      await witness.serves();
      clock.advance(1100);
      for (const { index, socket, ending } of running) {
        current = index;
        socket.wake();
        if (ending === 0) socket.destroy();
        else if (ending === 1) socket.destroy(new Error("read ECONNRESET"));
        else socket.hangUp();
      }
      await turn();
      clock.advance(3000);
      const gone = () => running.every(({ socket }) => socket.destroyed) && metrics.connections === 1;
      await until(gone, () => `${metrics.connections} connections are left`);
      for (const one of running) {
        current = one.index;
        checkReplies(one);
      }
    } catch (error) {
      const which = `seed ${seed}, streams ${first} to ${first + count - 1}, at ${current}`;
      throw new Error(`${which}: ${(error as Error).message}`, { cause: error });
    }
  }

  return {
    metrics,
    attack,
    async rest() {
      await witness?.leave();
      witness = undefined;
      const empty = () => {
        // Again each time: a session that was being stored when its connection broke begins to expire only then.
        clock.advance(A_WHILE);
        return metrics.connections === 0 && metrics.sessions === 0 && metrics.subscriptions === 0;
      };
      await until(
        empty,
        () =>
          `left: ${metrics.connections} connections, ${metrics.sessions} sessions, ${metrics.subscriptions} subscriptions`,
      );
      if (metrics.retained > bounded.retainedMessages) throw new Error(`${metrics.retained} retained messages`);
    },
    async stop() {
      await broker.drain();
      await database.close();
      rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
