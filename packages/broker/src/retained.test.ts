import { afterEach, describe, expect, test } from "vitest";
import { breakableDisk, type Kit, type KitOptions, startKit, textOf } from "../test/kit.ts";

let kit: Kit;
const disk = breakableDisk();
const start = async (options: KitOptions = {}) => {
  disk.broken = false;
  kit = await startKit({ wrapDatabase: disk.wrapDatabase, ...options });
};
afterEach(() => kit.stop());

const ACCOUNT = "111111111111";
const kept = (topic: string) => {
  const found = kit.broker.retained.get(ACCOUNT, topic);
  return found && textOf(found.message);
};

/** Publishes with RETAIN; at QoS 1 resolves when the server has acknowledged the message, or refused it. */
async function retain(topic: string, text: string, qos: 0 | 1 = 1): Promise<void> {
  const client = await kit.rawClient("sender", 5);
  client.publish(topic, text, { qos, retain: true });
  if (qos === 0) await client.settle();
  else if (disk.broken) expect(await client.expect("disconnect")).toMatchObject({ reasonCode: 0x80 });
  else expect(await client.expect("puback")).toMatchObject({ reasonCode: 0 });
}

describe("a retained message whose commit fails", () => {
  test.each([0, 1] as const)("at QoS %i leaves the one before in its place", async (qos) => {
    await start();
    await retain("kept", "old");
    disk.broken = true;
    await retain("kept", "new", qos);
    await retain("fresh", "new", qos);
    await retain("kept", "newer still", qos);
    expect([kept("kept"), kept("fresh")]).toEqual(["old", undefined]);
    expect(kit.broker.metrics.retained).toBe(1);
    const late = await kit.rawClient("late", 5);
    await late.subscribe("#");
    expect((await late.settle()).map((packet) => packet.type === "publish" && textOf(packet))).toEqual(["old"]);
    disk.broken = false;
    await kit.restart();
    await kit.broker.start();
    expect([kept("kept"), kept("fresh")]).toEqual(["old", undefined]);
  });

  test("is not removed by an empty one", async () => {
    await start();
    await retain("kept", "old");
    disk.broken = true;
    await retain("kept", "");
    expect(kept("kept")).toBe("old");
    disk.broken = false;
    await retain("kept", "");
    expect(kept("kept")).toBeUndefined();
  });

  test("takes no room from others", async () => {
    await start({ limits: { retainedMessages: 1 } });
    disk.broken = true;
    await retain("failed", "abc");
    disk.broken = false;
    await retain("kept", "abc");
    expect(kept("kept")).toBe("abc");
    disk.broken = true;
    await retain("kept", "");
    expect(kit.broker.retained.get(ACCOUNT, "kept")).toBeDefined();
    const client = await kit.rawClient("other", 5);
    disk.broken = false;
    expect(await client.publishAcknowledged("one too many", "a", { retain: true })).toBe(0x97);
  });

  test("does not bring back what has been published since", async () => {
    await start();
    const sender = await kit.rawClient("sender", 5);
    sender.publish("a", "first", { qos: 0, retain: true });
    sender.publish("a", "second", { qos: 0, retain: true });
    await sender.settle();
    expect(kept("a")).toBe("second");
    disk.broken = true;
    sender.publish("a", "third", { qos: 0, retain: true });
    await sender.settle();
    disk.broken = false;
    sender.publish("a", "fourth", { qos: 0, retain: true });
    await sender.settle();
    expect(kept("a")).toBe("fourth");
    expect(kit.broker.metrics.retained).toBe(1);
  });
});
