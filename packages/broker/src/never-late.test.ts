import { FakeClock } from "@hearth/base";
import { connectionClosed, type Message } from "@hearth/iot";
import { afterEach, describe, expect, test } from "vitest";
import { type Kit, type RawClient, startKit, textOf } from "../test/kit.ts";

const ACCOUNT = "111111111111";
const platform = { accountId: ACCOUNT, region: "us-east-1", principalId: "platform" };
const keep = { clean: false, properties: { sessionExpiryInterval: 0xffffffff } };

let kit: Kit;
let clock: FakeClock;
const start = async () => {
  clock = new FakeClock();
  kit = await startKit({ clock });
};
afterEach(() => kit.stop());

const send = (text: string, more: Partial<Message> = {}): void => {
  const message = { accountId: ACCOUNT, topic: "a", payload: Buffer.from(text), qos: 1 as const, retain: false };
  kit.router.send([{ ...message, properties: { messageExpiryInterval: 60 }, ...more }], platform);
};
async function leave(client: RawClient): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    const stop = kit.bus.subscribe(connectionClosed, () => {
      stop();
      resolve();
    });
  });
  client.socket.destroy();
  await gone;
}

describe.each([1, 2] as const)("a message of QoS %i that is never to come late", (qos) => {
  const subscribed = async () => {
    await start();
    const client = await kit.rawClient("device", 5, keep);
    await client.subscribe("a", qos);
    return client;
  };

  test("does not come again once it has expired; another does [MQTT-4.4.0-1]", async () => {
    const first = await subscribed();
    send("late", { qos, neverLate: true });
    send("any time", { qos });
    expect([textOf(await first.expect("publish")), textOf(await first.expect("publish"))]).toEqual([
      "late",
      "any time",
    ]);
    await leave(first);
    clock.advance(60_000);
    const second = await kit.rawClient("device", 5, keep);
    const again = await second.expect("publish");
    expect([textOf(again), again.dup]).toEqual(["any time", true]);
    second.send({ type: qos === 1 ? "puback" : "pubrec", packetId: again.packetId, reasonCode: 0 } as never);
    expect((await second.settle()).filter(({ type }) => type === "publish")).toEqual([]);
    expect(kit.broker.metrics.droppedExpired).toBe(1);
    await leave(second);
    // It is out of the store, too.
    await kit.broker.drain();
    expect(await kit.database.query("SELECT seq FROM broker_message WHERE never_late = 1")).toEqual([]);
  });

  test("comes again before its time is over", async () => {
    const first = await subscribed();
    send("in time", { qos, neverLate: true });
    await first.expect("publish");
    await leave(first);
    clock.advance(59_000);
    const second = await kit.rawClient("device", 5, keep);
    const again = await second.expect("publish");
    expect([textOf(again), again.dup]).toEqual(["in time", true]);
  });

  test("does not come after a crash that left nobody to say what was sent", async () => {
    const first = await subscribed();
    send("late", { qos, neverLate: true });
    send("any time", { qos });
    // They leave once they are stored.
    await first.expect("publish");
    await first.expect("publish");
    await kit.crash();
    clock.advance(60_000);
    await kit.restart();
    const second = await kit.rawClient("device", 5, keep);
    expect(textOf(await second.expect("publish"))).toBe("any time");
  });
});

describe("whom a message would reach", () => {
  const reach = (topic = "a/b", client = "device") => kit.broker.connections.reach(ACCOUNT, client, topic);

  test("a connected client that subscribed, its persistent session, or nobody", async () => {
    await start();
    expect(reach()).toBe("nobody");
    const client = await kit.rawClient("device", 5, { clean: false, properties: { sessionExpiryInterval: 100 } });
    expect(reach()).toBe("nobody");
    await client.subscribe("a/+");
    expect([reach(), reach("b"), reach("a/b", "other")]).toEqual(["kept", "nobody", "nobody"]);
    expect(kit.broker.connections.reach("9", "device", "a/b")).toBe("nobody");
    await leave(client);
    expect(reach()).toBe("kept");
    clock.advance(100_000);
    expect(reach()).toBe("nobody");
  });

  test("nobody for who is away and keeps nothing, or took QoS 0 only", async () => {
    await start();
    const client = await kit.rawClient("device", 4);
    await client.subscribe("a/b");
    expect(reach()).toBe("live");
    await leave(client);
    expect(reach()).toBe("nobody");
    const keeper = await kit.rawClient("device", 5, keep);
    await keeper.subscribe("#", 0);
    expect(reach()).toBe("live");
    await leave(keeper);
    expect(reach()).toBe("nobody");
  });
});
