import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServerProcess, startServerProcess } from "../kit/server-process.ts";
import { clientsOf, openDoor, policyDocument } from "./doors.ts";
import { MqttPeer } from "./mqtt-peer.ts";

const long = process.env["HEARTH_LONG"] === "1";
const MIB = 1024 * 1024;
const FLOOD = (long ? 640 : 64) * MIB;
const PAYLOAD = 16 * 1024;
const BATCH = 64;
/** QoS 1 messages, more than a queue holds. */
const MESSAGES = long ? 20_000 : 1500;
const QUEUED = long ? 10_000 : 1000;
/** What the server may grow by; far below what three subscribers do not read of the flood. */
const GROWTH = 128 * MIB;

let server: ServerProcess;
beforeAll(async () => {
  server = await startServerProcess({
    environment: {
      HEARTH_OPEN_MQTT_PORT: "0",
      HEARTH_OPEN_MQTT_POLICY: "open",
      HEARTH_LIMITS: JSON.stringify({ queuedMessages: QUEUED }),
    },
  });
  await clientsOf(server.file).iot.send("CreatePolicy", {
    policyName: "open",
    policyDocument: policyDocument({ Action: "iot:*", Resource: "*" }),
  });
});
afterAll(() => server.stop());

const problems: string[] = [];

/** A subscriber to both topics that notes the numbers of what comes. */
class Subscriber {
  readonly peer: MqttPeer;
  readonly flood: number[] = [];
  readonly acknowledged: number[] = [];
  readonly version: 4 | 5;

  constructor(clientId: string, version: 4 | 5 = 5) {
    this.version = version;
    this.peer = new MqttPeer({
      clientId,
      version,
      onProblem: (problem) => problems.push(problem),
      onPublish: ({ topic, payload }) => {
        (topic === "slow/flood" ? this.flood : this.acknowledged).push(Buffer.from(payload).readUInt32BE());
      },
    });
  }

  async start(filter: string, qos: 0 | 1, transient = false): Promise<this> {
    await this.peer.connect(openDoor(server.file), true, transient);
    await this.peer.subscribe(filter, qos);
    return this;
  }
}

const numbered = (number: number, size: number): Buffer => {
  const payload = Buffer.alloc(size);
  payload.writeUInt32BE(number);
  return payload;
};

const residentBytes = (): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) * 1024;

async function counter(name: string): Promise<number> {
  const text = await (await fetch(`${server.file.apiEndpoint}/metrics`)).text();
  return Number(new RegExp(`^hearth_mqtt_${name} (\\d+)$`, "m").exec(text)?.[1]);
}

/** What never becomes true ends with the test's time. */
async function until(true_: () => boolean): Promise<void> {
  while (!true_()) await pause(2);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

test("subscribers that do not read cost bounded memory and slow nobody down", async () => {
  const healthy = [
    await new Subscriber("healthy-4", 4).start("slow/#", 1),
    await new Subscriber("healthy-5").start("slow/#", 1),
  ];
  const persistent = await new Subscriber("slow-persistent").start("slow/#", 1);
  const transient = await new Subscriber("slow-transient").start("slow/#", 1, true);
  const unacknowledged = await new Subscriber("slow-qos-0").start("slow/#", 0, true);
  const slow = [persistent, transient, unacknowledged];
  const publisher = await new Subscriber("publisher").start("none", 0);
  for (const { peer } of slow) peer.stopReading();
  const handled = () => slow.map(({ flood, acknowledged }) => flood.length + acknowledged.length);
  let read: number[] = [];
  const before = residentBytes();
  let most = 0;

  const floods = FLOOD / PAYLOAD;
  for (let number = 1; number <= floods; number++) {
    await publisher.peer.publishUnacknowledged("slow/flood", numbered(number, PAYLOAD));
    if (number % BATCH > 0) continue;
    await until(() => healthy.every(({ flood }) => flood.length === number));
    most = Math.max(most, residentBytes());
    // A paused socket of Node's takes one chunk in, and hands it to nobody.
    if (number === BATCH) read = slow.map(({ peer }) => peer.bytesRead);
  }
  for (let number = 1; number <= MESSAGES; number++) {
    const message = { topic: "slow/acknowledged", payload: numbered(number, 512), qos: 1, retain: false } as const;
    publisher.peer.publish(message, { acknowledged() {}, resent() {} });
    if (number % 50 > 0) continue;
    await until(
      () => publisher.peer.pending === 0 && healthy.every(({ acknowledged }) => acknowledged.length === number),
    );
    most = Math.max(most, residentBytes());
  }

  // The healthy ones have had everything, in order, and the publisher its acknowledgements; the slow ones nothing.
  for (const { flood, acknowledged } of healthy) {
    expect(flood).toEqual(upTo(floods));
    expect(acknowledged).toEqual(upTo(MESSAGES));
  }
  expect(handled()).toEqual([0, 0, 0]);
  expect(slow.map(({ peer }) => peer.bytesRead)).toEqual(read);
  expect(most - before).toBeLessThan(GROWTH);
  const droppedSlow = await counter("dropped_slow_total");
  const droppedFull = await counter("dropped_full_total");
  expect(droppedSlow).toBeGreaterThan(floods);

  // They read again: what QoS 1 held back comes, in order, as far as a queue reaches.
  for (const { peer } of slow) peer.readOn();
  const fence = MESSAGES + 1;
  const held = [persistent, transient];
  await until(() => held.every(({ acknowledged }) => acknowledged.length >= QUEUED));
  for (const { peer } of slow) await peer.ping();
  const message = { topic: "slow/acknowledged", payload: numbered(fence, 512), qos: 1, retain: false } as const;
  publisher.peer.publish(message, { acknowledged() {}, resent() {} });
  await until(() => slow.every(({ acknowledged }) => acknowledged.at(-1) === fence));
  for (const { acknowledged } of held) {
    acknowledged.pop();
    expect(acknowledged).toEqual(upTo(acknowledged.length));
  }
  const kept = held.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  expect(kept + droppedFull).toBe(2 * MESSAGES);
  expect(droppedFull).toBeGreaterThan(0);
  // Of QoS 0 the beginning came, and all that did not come is counted.
  const missed = slow.reduce((sum, { flood }) => sum + floods - flood.length, 0);
  const missedOfAcknowledged = MESSAGES - (unacknowledged.acknowledged.length - 1);
  expect(missed + missedOfAcknowledged).toBe(droppedSlow);
  expect(problems).toEqual([]);
  if (long) console.log({ floods, messages: MESSAGES, growth: most - before, droppedSlow, droppedFull });
}, 900_000);
