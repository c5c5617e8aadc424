import { FakeClock } from "@hearth/base";
import { disconnectRequested } from "@hearth/iot";
import { afterEach, describe, expect, test } from "vitest";
import { type Kit, type KitOptions, startKit } from "../test/kit.ts";

let kit: Kit;
const start = async (options?: KitOptions) => {
  kit = await startKit(options);
};
afterEach(() => kit.stop());

const ACCOUNT = "111111111111";
const known = (clientId: string) => kit.broker.connectionLog.list(ACCOUNT, { clientId });
/** The one event of this kind, whose words are asked for. */
const event = (clientId: string, eventType: string, status = "Failure") => {
  const found = known(clientId).filter((one) => one.eventType === eventType && one.status === status);
  expect(found.map(({ reason }) => reason)).toHaveLength(1);
  return found[0]!;
};
const will = { topic: "w", payload: Buffer.from("x"), qos: 0 as const, retain: false };

describe("the connection log says why", () => {
  test("a client connected, subscribed, unsubscribed and left", async () => {
    await start();
    const client = await kit.rawClient("a", 5, { keepAlive: 60 });
    await client.subscribe("a/#");
    client.send({ type: "unsubscribe", packetId: 2, filters: ["a/#"] });
    await client.expect("unsuback");
    client.send({ type: "disconnect", reasonCode: 0 });
    await client.end();
    expect(known("a").map(({ eventType, status, reason }) => [eventType, status, reason])).toEqual([
      ["Connect", "Success", "connected with MQTT 5, a new session, keep-alive 60 s"],
      ["Subscribe", "Success", "granted QoS 1"],
      ["Unsubscribe", "Success", "unsubscribed"],
      ["Disconnect", "Success", "the client sent DISCONNECT"],
    ]);
    expect(known("a")[1]).toMatchObject({
      filter: "a/#",
      principalId: "cert",
      sourceIp: "127.0.0.1",
      protocol: "MQTT",
    });
  });

  test("a connection, or its will, was denied", async () => {
    await start();
    kit.denied.add("iot:Connect client/evil");
    kit.denied.add("iot:Publish topic/w");
    await (await kit.rawClient("evil", 5)).end();
    expect(event("evil", "Connect")).toMatchObject({
      reasonCode: 0x87,
      reason: expect.stringContaining("by the table"),
    });
    await (await kit.rawClient("testator", 4, { will })).end();
    expect(event("testator", "Connect")).toMatchObject({
      reasonCode: 5,
      reason: expect.stringContaining("will: by the"),
    });
    expect(kit.broker.metrics.connectionsDenied).toBe(2);
  });

  test("a publication was denied, and the connection ended over it", async () => {
    await start();
    kit.denied.add("iot:Publish topic/secret");
    const client = await kit.rawClient("a", 5);
    expect(await client.publishAcknowledged("secret", "x")).toBe(0x87);
    await client.end();
    expect(event("a", "Publish-In")).toMatchObject({
      topicName: "secret",
      reasonCode: 0x87,
      reason: "not authorized to publish: by the table",
    });
    expect(event("a", "Disconnect").details).toBe("disconnectReason AUTH_ERROR");
  });

  test("a subscription was denied, or is none", async () => {
    await start();
    kit.denied.add("iot:Subscribe topicfilter/secret");
    const client = await kit.rawClient("a", 5);
    expect(await client.subscribe("secret")).toBe(0x87);
    expect(event("a", "Subscribe")).toMatchObject({ filter: "secret", cause: "denied", reasonCode: 0x87 });
    expect(event("a", "Subscribe").reason).toBe("not authorized to subscribe: by the table");
    expect(await client.subscribe("a/#/b")).toBe(0x8f);
    expect(known("a").at(-1)).toMatchObject({ cause: "filter", reason: expect.stringContaining("not a topic filter") });
    expect(kit.broker.metrics).toMatchObject({ subscribesDenied: 1, subscribesRefused: 1 });
  });

  test("a message was withheld: repeats are counted", async () => {
    await start();
    kit.denied.add("reader: iot:Receive topic/t");
    const reader = await kit.rawClient("reader", 5);
    await reader.subscribe("t", 0);
    const writer = await kit.rawClient("writer", 5);
    for (let i = 0; i < 5; i++) writer.publish("t", "x");
    await writer.settle();
    expect(event("reader", "Publish-Out")).toMatchObject({
      ...{ topicName: "t", count: 5, cause: "receive" },
      reason: "a message was withheld: not authorized to receive it: by the table",
    });
    // What goes well is not told.
    expect(known("writer").map(({ eventType }) => eventType)).toEqual(["Connect"]);
  });

  test("another connection took over", async () => {
    await start();
    const first = await kit.rawClient("twin", 5);
    kit.identity = { accountId: ACCOUNT, certificateId: "other" };
    await kit.rawClient("twin", 5);
    await first.end();
    const { reason, reasonCode } = event("twin", "Disconnect");
    expect(reason).toMatch(/^taken over by a newer connection .* from 127\.0\.0\.1 as principal other/);
    expect(reasonCode).toBe(0x8e);
    // Whoever was ended is not told by whom.
    expect(JSON.stringify(first.received)).not.toContain("other");
    expect(kit.broker.metrics.takeovers).toBe(1);
  });

  test("the client was silent", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const client = await kit.rawClient("quiet", 5, { keepAlive: 10 });
    clock.advance(15_000);
    await client.end();
    expect(event("quiet", "Disconnect").reason).toMatch(
      /^nothing came for 15 s, .* keep-alive of 10 s \[MQTT-3\.1\.2-24\]/,
    );
    expect(kit.broker.metrics.keepAliveTimeouts).toBe(1);
  });

  test("bytes are no MQTT, with the clause", async () => {
    await start();
    const client = await kit.rawClient("garbled", 5);
    client.bytes("00 00");
    await client.end();
    expect(event("garbled", "Disconnect")).toMatchObject({ cause: "CLIENT_ERROR 0x81", reasonCode: 0x81 });
    expect(event("garbled", "Disconnect").reason).toMatch(/no well-formed MQTT packet: .*\[MQTT-/);
  });

  test("a packet, a payload, a client id is too large", async () => {
    await start({ limits: { packetSize: 200, payload: 20, clientId: 10 } });
    const large = await kit.rawClient("large", 5);
    large.publish("t", "x".repeat(500));
    await large.end();
    expect(event("large", "Disconnect").reason).toContain("larger than the server takes");
    const heavy = await kit.rawClient("heavy", 5);
    heavy.publish("t", "x".repeat(50));
    await heavy.end();
    expect(event("heavy", "Publish-In").reason).toContain("50 bytes, the limit payload is 20");
    await (await kit.rawClient("12345678901", 5)).end();
    expect(event("12345678901", "Connect").reason).toContain("the limit clientId is 10");
  });

  test("QoS 2 is refused where there is none", async () => {
    await start({ limits: { qos2: false } });
    const client = await kit.rawClient("a", 5);
    client.publish("t", "x", { qos: 2 });
    await client.end();
    expect(event("a", "Disconnect")).toMatchObject({
      ...{ cause: "qos2", reasonCode: 0x9b },
      reason: expect.stringMatching(/^QoS 2 is not supported: the limit qos2 is false/),
    });
  });

  test("a session's queue is full, and a message expired", async () => {
    const clock = new FakeClock();
    await start({ clock, limits: { queuedMessages: 1 } });
    const session = { properties: { sessionExpiryInterval: 100 } };
    const reader = await kit.rawClient("reader", 5, session);
    await reader.subscribe("t");
    reader.send({ type: "disconnect", reasonCode: 0 });
    await reader.end();
    const writer = await kit.rawClient("writer", 5);
    for (let i = 0; i < 3; i++) {
      await writer.publishAcknowledged("t", "x", { properties: { messageExpiryInterval: 5 } });
    }
    expect(event("reader", "Queued")).toMatchObject({ count: 2, cause: "full" });
    expect(event("reader", "Queued").reason).toContain("the limit queuedMessages is 1");
    clock.advance(6_000);
    const back = await kit.rawClient("reader", 5, { ...session, clean: false });
    await back.settle();
    await back.settle();
    expect(known("reader").map(({ cause }) => cause)).toContain("expired");
  });

  test("there are too many connections or subscriptions", async () => {
    await start({ limits: { connectionsPerAccount: 1, subscriptionsPerConnection: 1 } });
    const client = await kit.rawClient("one", 5);
    await client.subscribe("a");
    expect(await client.subscribe("b")).toBe(0x97);
    expect(event("one", "Subscribe").reason).toContain("the limit subscriptionsPerConnection is 1");
    await (await kit.rawClient("two", 5)).end();
    expect(event("two", "Connect").reason).toContain("the limit connectionsPerAccount is 1");
  });

  test("a certificate's change ended it", async () => {
    await start();
    const revoked = await kit.rawClient("revoked", 5);
    kit.bus.publish(disconnectRequested, { accountId: ACCOUNT, certificateId: "cert", reason: "FORBIDDEN_ACCESS" });
    await revoked.end();
    expect(event("revoked", "Disconnect")).toMatchObject({ reasonCode: 0x98 });
    expect(event("revoked", "Disconnect").reason).toContain("deactivated, revoked or deleted");
  });

  test("the network or the server went away; the will was published", async () => {
    await start();
    const cut = await kit.rawClient("cut", 5, { will });
    cut.socket.destroy();
    const other = await kit.rawClient("other", 5);
    await other.settle();
    await kit.broker.drain();
    await other.end();
    expect(event("cut", "Disconnect").reason).toContain("without DISCONNECT");
    expect(event("cut", "Publish-In", "Success")).toMatchObject({ topicName: "w", cause: "will" });
    expect(event("other", "Disconnect").reason).toContain("the server is being stopped");
  });

  test("a socket never said CONNECT: kept under its certificate", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const mute = await kit.raw();
    await kit.rawClient("other", 4);
    clock.advance(10_000);
    await mute.end();
    const [one, ...more] = kit.broker.connectionLog.list(ACCOUNT, { certificateId: "cert" }).filter((e) => !e.clientId);
    expect(one!.reason).toContain("did not send CONNECT in time: the limit connectTimeout is 10");
    expect(more).toEqual([]);
    expect(kit.broker.metrics.socketsRefused).toBe(1);
  });
});
