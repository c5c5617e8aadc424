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
