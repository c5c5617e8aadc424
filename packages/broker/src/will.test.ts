import { FakeClock } from "@hearth/base";
import { disconnectRequested } from "@hearth/iot";
import { afterEach, describe, expect, test } from "vitest";
import { type Kit, type KitOptions, type RawClient, startKit, textOf } from "../test/kit.ts";

let kit: Kit;
let watcher: RawClient;
const start = async (options: KitOptions = {}) => {
  kit = await startKit(options);
  watcher = await kit.rawClient("watcher", 5);
  await watcher.subscribe("will/#");
};
afterEach(() => kit.stop());

const will = (text: string, delay = 0) => ({
  topic: `will/${text}`,
  payload: Buffer.from(text),
  qos: 0 as const,
  retain: false,
  ...(delay > 0 ? { properties: { willDelayInterval: delay } } : {}),
});

const wills = async () =>
  (await watcher.settle()).map((packet) => (packet.type === "publish" ? textOf(packet) : packet.type));

describe("a will", () => {
  test("follows a lost connection and a violation, not a proper end", async () => {
    await start();
    const lost = await kit.rawClient("lost", 4, { will: will("lost") });
    lost.socket.destroy();
    expect(textOf(await watcher.expect("publish"))).toBe("lost");
    const wrong = await kit.rawClient("wrong", 4, { will: will("wrong") });
    wrong.bytes("00 00");
    expect(textOf(await watcher.expect("publish"))).toBe("wrong");
    const proper = await kit.rawClient("proper", 5, { will: will("proper") });
    proper.send({ type: "disconnect", reasonCode: 0 });
    await proper.end();
    expect(await wills()).toEqual([]);
  });

  test("follows DISCONNECT 0x04 [MQTT-3.14.4-3]", async () => {
    await start();
    const client = await kit.rawClient("asking", 5, { will: will("asked") });
    client.send({ type: "disconnect", reasonCode: 4 });
    expect(textOf(await watcher.expect("publish"))).toBe("asked");
  });

  test("follows a takeover, unless it has a delay that the new connection overtakes", async () => {
    const clock = new FakeClock();
    await start({ clock });
    await kit.rawClient("now", 5, { will: will("now") });
    await kit.rawClient("now", 5);
    expect(await wills()).toEqual(["now"]);
    const keep = { clean: false, properties: { sessionExpiryInterval: 100 } };
    await kit.rawClient("later", 5, { ...keep, will: will("later", 10) });
    await kit.rawClient("later", 5, keep);
    clock.advance(20_000);
    expect(await wills()).toEqual([]);
    await kit.rawClient("fresh", 5, { ...keep, will: will("fresh", 10) });
    // A clean start ends the session, and with it the delay.
    await kit.rawClient("fresh", 5, { ...keep, clean: true });
    expect(await wills()).toEqual(["fresh"]);
  });

  test("waits for its delay, but not beyond its session [MQTT-3.1.3-9]", async () => {
    const clock = new FakeClock();
    await start({ clock });
    for (const [name, expiry, delay] of [
      ["a", 100, 10],
      ["b", 5, 60],
      ["c", 0, 60],
    ] as const) {
      const properties = { sessionExpiryInterval: expiry };
      const client = await kit.rawClient(name, 5, { properties, will: will(name, delay) });
      client.socket.destroy();
      while (kit.broker.metrics.connections > 1) await watcher.settle().then((got) => watcher.received.push(...got));
    }
    expect(await wills()).toEqual(["c"]);
    clock.advance(5_000);
    expect(await wills()).toEqual(["b"]);
    clock.advance(4_999);
    expect(await wills()).toEqual([]);
    clock.advance(1);
    expect(await wills()).toEqual(["a"]);
  });

  test("sent because the server stops reaches persistent sessions before drain resolves", async () => {
    await start();
    const keep = { clean: false };
    const keeper = await kit.rawClient("keeper", 4, keep);
    await keeper.subscribe("will/#");
    await kit.rawClient("stopped", 4, { will: { ...will("stopped"), qos: 1 } });
    await kit.broker.drain();
    await kit.crash();
    await kit.restart();
    const back = await kit.rawClient("keeper", 4, keep);
    expect(textOf(await back.expect("publish"))).toBe("stopped");
  });

  test("is not published once its certificate is not active any more", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const keep = { clean: false, properties: { sessionExpiryInterval: 100 } };
    kit.identity = { accountId: "111111111111", certificateId: "stolen" };
    await kit.rawClient("cut", 5, { will: will("cut") });
    const away = await kit.rawClient("away", 5, { ...keep, will: will("away", 10) });
    away.socket.destroy();
    await kit.rawClient("crashed", 5, { ...keep, will: will("crashed") });
    kit.identity = { accountId: "111111111111", certificateId: "cert" };
    const other = await kit.rawClient("other", 5, { will: will("other") });
    kit.revoked.add("stolen");
    const { accountId } = kit.identity;
    kit.bus.publish(disconnectRequested, { accountId, certificateId: "stolen", reason: "FORBIDDEN_ACCESS" });
    clock.advance(10_000);
    other.socket.destroy();
    expect(textOf(await watcher.expect("publish"))).toBe("other");
    expect(await wills()).toEqual([]);
    await kit.crash();
    await kit.restart();
    watcher = await kit.rawClient("watcher", 5);
    await watcher.subscribe("will/#");
    clock.advance(200_000);
    expect(await wills()).toEqual([]);
  });

  test("of a persistent session is not lost in a crash", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const keep = { clean: false, properties: { sessionExpiryInterval: 100 } };
    await kit.rawClient("crashed", 5, { ...keep, will: will("crashed", 10) });
    const done = await kit.rawClient("done", 5, { ...keep, will: will("done") });
    done.send({ type: "disconnect", reasonCode: 0 });
    await done.end();
    const pending = await kit.rawClient("pending", 5, { ...keep, will: will("pending", 20) });
    pending.socket.destroy();
    await wills();
    await kit.crash();
    await kit.restart();
    watcher = await kit.rawClient("watcher", 5);
    await watcher.subscribe("will/#");
    expect(await wills()).toEqual([]);
    clock.advance(10_000);
    expect(await wills()).toEqual(["crashed"]);
    clock.advance(10_000);
    expect(await wills()).toEqual(["pending"]);
  });
});
