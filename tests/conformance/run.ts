import type { ConnectionOptions } from "node:tls";
import type { FakeClock } from "@hearth/base";
import type { Kit } from "../../packages/broker/test/kit.ts";
import type { Case, Json, Profile, Step, Version } from "./case.ts";
import { difference, type Reading, resolve } from "./pattern.ts";
import { Peer } from "./peer.ts";

/** The broker that cases are tried on; each case has an account of its own. */
export interface House {
  kit: Kit;
  clock: FakeClock;
  profile: Profile;
  /** Where clients connect; absent: the kit's plain socket. */
  door?: { port: number; secure: ConnectionOptions };
}

type Loose = Record<string, unknown>;
const listOf = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

let accounts = 100_000_000_000;

/** Runs a case; throws with the step that did not come out as it has to. */
export async function runCase(house: House, one: Case, version: Version): Promise<void> {
  const { kit, profile } = house;
  accounts += 1;
  kit.identity = { accountId: String(accounts), certificateId: "cert" };
  kit.denied.clear();
  for (const what of one.denied ?? []) kit.denied.add(what);
  const run = new Run(house, version);
  try {
    await run.all((profile === "aws" ? one.aws : undefined) ?? one.steps, "");
  } finally {
    await run.end();
  }
}

class Run {
  readonly #house: House;
  readonly #version: Version;
  readonly #reading: Reading;
  readonly #peers = new Map<string, Peer>();
  #packetId = 0;

  constructor(house: House, version: Version) {
    this.#house = house;
    this.#version = version;
    this.#reading = { version, profile: house.profile, names: new Map() };
  }

  async all(steps: readonly Step[], prefix: string): Promise<void> {
    for (const [index, step] of steps.entries()) {
      const where = `${prefix}${index + 1}`;
      try {
        await this.#step(step, where);
      } catch (error) {
        if (error instanceof Error && !error.message.startsWith("step ")) {
          error.message = `step ${where} (${JSON.stringify(step).slice(0, 160)}): ${error.message}`;
        }
        throw error;
      }
    }
  }

  async end(): Promise<void> {
    const { kit } = this.#house;
    for (const peer of this.#peers.values()) peer.socket.destroy();
    for (let i = 0; i < 1000 && kit.broker.metrics.connections > 0; i++) await turn();
  }

  async #step(step: Step, where: string): Promise<void> {
    if (step.steps !== undefined) {
      const times = Number(this.#value(step.repeat ?? 1));
      for (let i = 1; i <= times; i++) {
        this.#reading.names.set("@i", i);
        await this.all(step.steps, `${where}.${i}.`);
      }
      return;
    }
    if (step.advance !== undefined) {
      if (!step.still) await this.#settle();
      this.#house.clock.advance(step.advance * 1000);
      return;
    }
    const name = step.on ?? "";
    if (step.open || step.connect) await this.#open(name, step);
    else await this.#talk(this.#peer(name), step);
  }

  #peer(name: string): Peer {
    const peer = this.#peers.get(name);
    if (peer === undefined) throw new Error(`there is no connection ${name}`);
    return peer;
  }

  #value(value: Json | undefined): unknown {
    return resolve(value, this.#reading);
  }

  /** The broker has handled what every client has sent. */
  async #settle(): Promise<void> {
    for (const peer of this.#peers.values()) await peer.fence();
  }

  async #open(name: string, step: Step): Promise<void> {
    const peer = await Peer.open(
      this.#house.door?.port ?? this.#house.kit.port,
      step.version ?? this.#version,
      this.#house.door?.secure,
    );
    this.#peers.set(name, peer);
    if (step.connect === undefined) return;
    const connect = this.#value(step.connect) as Loose;
    if (connect["properties"] !== undefined && peer.version === 4) delete connect["properties"];
    const { version } = peer;
    peer.send([
      { cmd: "connect", protocolId: "MQTT", protocolVersion: version, clientId: name, keepalive: 0, ...connect },
    ]);
    if (step.connack === null) return;
    const wanted = { cmd: "connack", reasonCode: 0, ...(this.#value(step.connack ?? {}) as Loose) };
    await this.#expect(peer, wanted);
    peer.connected = wanted.reasonCode === 0;
  }

  async #talk(peer: Peer, step: Step): Promise<void> {
    if (step.send) peer.send(listOf(step.send).map((one) => this.#value(one) as Loose));
    if (step.bytes) peer.write(this.#value(step.bytes) as string);
    if (step.subscribe) await this.#subscribe(peer, step);
    if (step.publish) await this.#publish(peer, step);
    for (const one of listOf(step.expect ?? [])) await this.#expect(peer, one, step.contains);
    if (step.quiet) await this.#quiet(peer);
    if (step.drop) await this.#drop(peer);
    if (step.refused !== undefined) {
      if (peer.version === 5) await this.#expect(peer, { cmd: "disconnect", reasonCode: step.refused });
      await this.#closed(peer);
    }
    if (step.rejected !== undefined) await this.#rejected(peer, step.rejected);
    if (step.closed) await this.#closed(peer);
  }

  /** Resolved late, so that a name that one packet sets is known to the next. */
  async #expect(peer: Peer, wanted: unknown, contains?: string): Promise<void> {
    const fields = this.#value(wanted as Json) as Loose;
    const { packet, bytes } = await peer.next(`${String(fields["cmd"])} has to come`);
    // CONNACK of 3.1.1 calls it a return code; an acknowledgement of 3.1.1 has none, which means success.
    const known = { ...packet, reasonCode: packet["reasonCode"] ?? packet["returnCode"] ?? 0 };
    const found = difference(fields, known, this.#reading);
    if (found !== undefined) throw new Error(found);
    if (contains !== undefined && !bytes.includes(Buffer.from(contains.replace(/\s/g, ""), "hex"))) {
      throw new Error(`${bytes.toString("hex")} does not contain ${contains}`);
    }
  }

  async #subscribe(peer: Peer, { subscribe, properties, granted }: Step): Promise<void> {
    const subscriptions = listOf(subscribe!).map((one) => ({ qos: 0, ...(this.#value(one) as Loose) }));
    this.#packetId += 1;
    const messageId = this.#packetId;
    const with5 = properties && peer.version === 5 ? { properties: this.#value(properties) } : {};
    peer.send([{ cmd: "subscribe", messageId, subscriptions, ...with5 }]);
    const wanted = this.#value(granted) ?? subscriptions.map(({ qos }) => qos);
    await this.#expect(peer, { cmd: "suback", messageId, granted: wanted });
  }

  async #publish(peer: Peer, { publish, reason }: Step): Promise<void> {
    const packet: Loose = { payload: "", qos: 0, retain: false, dup: false, ...(this.#value(publish!) as Loose) };
    if (peer.version === 4) delete packet["properties"];
    this.#packetId += 1;
    const messageId = packet["messageId"] ?? this.#packetId;
    peer.send([{ ...packet, cmd: "publish", messageId }]);
    const reasonCode = this.#value(reason) ?? 0;
    if (packet["qos"] === 1) await this.#expect(peer, { cmd: "puback", messageId, reasonCode });
    if (packet["qos"] !== 2) return;
    await this.#expect(peer, { cmd: "pubrec", messageId, reasonCode });
    if (reasonCode !== 0) return;
    peer.send([{ cmd: "pubrel", messageId, reasonCode: 0 }]);
    await this.#expect(peer, { cmd: "pubcomp", messageId, reasonCode: 0 });
  }

  async #quiet(peer: Peer): Promise<void> {
    await this.#settle();
    if (peer.received.length > 0) throw new Error(`nothing may come, but ${JSON.stringify(peer.received[0]!.packet)}`);
    if (peer.closed) throw new Error("the connection was closed");
  }

  /** Cuts the connection and waits until the broker has noticed. */
  async #drop(peer: Peer): Promise<void> {
    const { metrics } = this.#house.kit.broker;
    await peer.fence();
    const before = metrics.connections;
    peer.connected = false;
    peer.socket.destroy();
    for (let i = 0; i < 1000 && metrics.connections >= before; i++) await turn();
  }

  async #closed(peer: Peer): Promise<void> {
    peer.connected = false;
    await peer.end();
    if (peer.received.length > 0)
      throw new Error(`nothing more may come, but ${JSON.stringify(peer.received[0]!.packet)}`);
  }

  /** A broken CONNECT: closed, and at most a CONNACK with this code before (section 4.13.1). */
  async #rejected(peer: Peer, code: Json): Promise<void> {
    await peer.end();
    if (peer.received.length > 0) await this.#expect(peer, { cmd: "connack", reasonCode: code, sessionPresent: false });
    await this.#closed(peer);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
