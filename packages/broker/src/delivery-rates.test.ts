import { FakeClock } from "@hearth/base";
import { afterEach, expect, test } from "vitest";
import { type Kit, type KitOptions, startKit, textOf } from "../test/kit.ts";
import type { LimitName } from "./index.ts";

let kit: Kit;
let clock: FakeClock;
const start = async (options: KitOptions = {}) => {
  clock = new FakeClock();
  kit = await startKit({ ...options, clock });
};
afterEach(() => kit.stop());
const reached = (name: LimitName) => kit.broker.metrics.limitReached[name];
const texts = (packets: Awaited<ReturnType<Awaited<ReturnType<Kit["rawClient"]>>["settle"]>>) =>
  packets.filter((packet) => packet.type === "publish").map((packet) => textOf(packet));

test.each([
  ["publishesPerSecond", {}],
  ["publishesPerSecond", { sessionExpiryInterval: 100 }],
  ["outboundPerSecond", {}],
] as const)("above %s messages of QoS 1 wait and follow in order, session %j", async (limit, properties) => {
  await start({ limits: { [limit]: 10 } });
  const reader = await kit.rawClient("reader", 5, { properties });
  await reader.subscribe("a");
  for (let i = 0; i < 3; i++) {
    const writer = await kit.rawClient(`writer ${i}`, 5);
    for (let k = 0; k < 8; k++) await writer.publishAcknowledged("a", `${i * 8 + k}`);
  }
  const came: string[] = [];
  const counts: number[] = [];
  for (let step = 0; step < 4; step++) {
    const packets = await reader.settle();
    for (const packet of packets) if (packet.type === "publish") reader.acknowledge(packet.packetId);
    await reader.settle();
    came.push(...texts(packets));
    counts.push(packets.length);
    clock.advance(500);
  }
  expect(counts).toEqual([10, 5, 5, 4]);
  expect(came).toEqual(Array.from({ length: 24 }, (_, i) => `${i}`));
  expect(kit.broker.metrics).toMatchObject({ droppedRate: 0, droppedFull: 0 });
  expect(reached(limit)).toBeGreaterThan(0);
});

test("messages that are held back are bounded like others that wait", async () => {
  await start({ limits: { publishesPerSecond: 5, queuedMessages: 3 } });
  const reader = await kit.rawClient("reader", 5);
  await reader.subscribe("a");
  for (let i = 0; i < 10; i++) await (await kit.rawClient(`w${i}`, 5)).publishAcknowledged("a", `${i}`);
  expect(texts(await reader.settle())).toEqual(["0", "1", "2", "3", "4"]);
  expect(reached("queuedMessages")).toBe(2);
  reader.socket.destroy();
  await kit.broker.drain();
  clock.advance(10_000);
});

test("queues of clients that are away take so many messages a second of one account", async () => {
  await start({ limits: { queuedPerSecond: 3 } });
  const keep = { clean: false, properties: { sessionExpiryInterval: 100 } };
  for (const clientId of ["one", "two"]) {
    const client = await kit.rawClient(clientId, 5, keep);
    await client.subscribe("a");
    client.send({ type: "disconnect", reasonCode: 0 });
    await client.end();
  }
  const here = await kit.rawClient("here", 5, keep);
  await here.subscribe("a");
  const writer = await kit.rawClient("writer", 5);
  for (const text of ["1", "2", "3"]) expect(await writer.publishAcknowledged("a", text)).toBe(0);
  clock.advance(1000);
  await writer.publishAcknowledged("a", "4");
  expect(texts(await here.settle())).toEqual(["1", "2", "3", "4"]);
  expect(reached("queuedPerSecond")).toBe(3);
  expect(kit.broker.metrics.droppedFull).toBe(3);
  expect(texts(await (await kit.rawClient("one", 5, keep)).settle())).toHaveLength(3);
  expect(texts(await (await kit.rawClient("two", 5, keep)).settle())).toHaveLength(2);
});

test("what was queued leaves at its own rate, together with what is published meanwhile", async () => {
  await start({ limits: { drainPerSecond: 10 } });
  const keep = { clean: false, properties: { sessionExpiryInterval: 100 } };
  const before = await kit.rawClient("reader", 5, keep);
  await before.subscribe("a");
  before.send({ type: "disconnect", reasonCode: 0 });
  await before.end();
  const writer = await kit.rawClient("writer", 5);
  for (let i = 0; i < 25; i++) await writer.publishAcknowledged("a", `${i}`);
  const reader = await kit.rawClient("reader", 5, keep);
  const came: string[][] = [];
  for (let step = 0; step < 4; step++) {
    if (step === 1) await writer.publishAcknowledged("a", "live");
    for (let i = 0; i < 2; i++)
      await reader.settle().then((packets) => {
        came[step] = [...(came[step] ?? []), ...texts(packets)];
        for (const packet of packets) if (packet.type === "publish") reader.acknowledge(packet.packetId);
      });
    clock.advance(1000);
  }
  const queued = Array.from({ length: 25 }, (_, i) => `${i}`);
  expect(came.map((texts) => texts.length)).toEqual([10, 11, 5, 0]);
  expect(came[1]).toContain("live");
  expect(came.flat().filter((text) => text !== "live")).toEqual(queued);
  expect(reached("drainPerSecond")).toBeGreaterThan(0);
});

test.each([
  [4, "unacknowledged3"],
  [5, "unacknowledged5"],
] as const)("what a client of version %i does not acknowledge is given up in time", async (version, limit) => {
  await start({ limits: { [limit]: 60, sendMaximum: 2 } });
  const reader = await kit.rawClient("reader", version, {
    clean: version === 5,
    properties: version === 5 ? { sessionExpiryInterval: 1000 } : undefined,
  });
  await reader.subscribe("a");
  const writer = await kit.rawClient("writer", 5);
  await writer.publishAcknowledged("a", "0");
  clock.advance(20_000);
  for (let i = 1; i < 4; i++) await writer.publishAcknowledged("a", `${i}`);
  expect(texts(await reader.settle())).toEqual(["0", "1"]);
  clock.advance(39_999);
  expect(texts(await reader.settle())).toEqual([]);
  clock.advance(1);
  expect(texts(await reader.settle())).toEqual(["2"]);
  expect(kit.broker.metrics.droppedUnacknowledged).toBe(1);
  clock.advance(20_000);
  expect(texts(await reader.settle())).toEqual(["3"]);
  expect(reached(limit)).toBe(2);
});
