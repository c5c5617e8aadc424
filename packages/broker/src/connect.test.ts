import { Duplex, PassThrough } from "node:stream";
import { FakeClock } from "@hearth/base";
import { connectionClosed, disconnectRequested, permissionsChanged } from "@hearth/iot";
import { encode } from "@hearth/mqtt";
import { afterEach, describe, expect, test } from "vitest";
import { type Kit, type KitOptions, startKit, textOf } from "../test/kit.ts";
import { awsLimits } from "./index.ts";

let kit: Kit;
const start = async (options: KitOptions = {}) => {
  kit = await startKit(options);
};
afterEach(() => kit.stop());

const connect = { type: "connect" as const, clean: true, keepAlive: 0 };

describe("CONNECT", () => {
  test("anything else first closes the connection without an answer", async () => {
    await start();
    const client = await kit.raw();
    client.send({ type: "pingreq" });
    await client.end();
    expect(client.received).toEqual([]);
    expect(kit.broker.metrics.protocolErrors).toBe(1);
  });

  test("a second one closes it too", async () => {
    await start();
    const client = await kit.rawClient("twice", 5);
    client.send({ ...connect, version: 5, clientId: "twice" });
    expect(await client.expect("disconnect")).toMatchObject({ reasonCode: 0x82 });
    await client.end();
  });

  test("MQTT 3.1 and unknown versions are told so [MQTT-3.1.2-2]", async () => {
    await start();
    for (const bytes of ["10 0e 0006 4d5149736470 03 02 0000 0000", "10 0c 0004 4d515454 09 02 0000 0000"]) {
      const client = await kit.raw();
      client.bytes(bytes);
      expect(await client.expect("connack")).toMatchObject({ reasonCode: 1, sessionPresent: false });
      await client.end();
    }
  });

  test("packets behind CONNECT wait for its end", async () => {
    await start();
    const client = await kit.raw();
    client.send(
      { ...connect, version: 4, clientId: "eager" },
      {
        type: "subscribe",
        packetId: 1,
        subscriptions: [{ filter: "a", qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
      },
      { type: "publish", topic: "a", payload: Buffer.from("1"), qos: 0, retain: false, dup: false, packetId: 0 },
      { type: "pingreq" },
    );
    await client.expect("connack");
    await client.expect("suback");
    expect(textOf(await client.expect("publish"))).toBe("1");
    await client.expect("pingresp");
  });

  test("a client without an id is given one in version 5, and in 3.1.1 for a clean session only [MQTT-3.1.3-8]", async () => {
    await start();
    const five = await kit.rawClient("", 5);
    expect(five.connack.properties?.assignedClientIdentifier).toMatch(/^\$GEN\/[0-9a-f-]{36}$/);
    expect((await kit.rawClient("", 4)).connack.reasonCode).toBe(0);
    expect((await kit.rawClient("", 4, { clean: false })).connack.reasonCode).toBe(2);
  });

  test("CONNACK says what the server grants", async () => {
    await start({ limits: awsLimits });
    const client = await kit.rawClient("grants", 5, {
      keepAlive: 5,
      properties: { sessionExpiryInterval: 0xffffffff },
    });
    expect(client.connack.properties).toEqual({
      maximumQos: 1,
      retainAvailable: 1,
      wildcardSubscriptionAvailable: 1,
      sharedSubscriptionAvailable: 1,
      subscriptionIdentifierAvailable: 0,
      receiveMaximum: 100,
      topicAliasMaximum: 8,
      maximumPacketSize: 149_504,
      serverKeepAlive: 30,
      sessionExpiryInterval: 604_800,
    });
  });

  test("refusals carry the code of the client's version", async () => {
    await start({ limits: { clientId: 10, connectionsPerAccount: 1, qos2: false } });
    kit.denied.add("iot:Connect client/evil");
    kit.denied.add("iot:Publish topic/secret");
    kit.denied.add("iot:RetainPublish topic/kept");
    const will = { topic: "secret", payload: Buffer.from("x"), qos: 0 as const, retain: false };
    const code = async (clientId: string, version: 4 | 5, more = {}) => {
      const client = await kit.rawClient(clientId, version, more);
      await client.end();
      return client.connack.reasonCode;
    };
    expect(await code("evil", 5)).toBe(0x87);
    expect(await code("evil", 4)).toBe(5);
    expect(await code("w", 5, { will })).toBe(0x87);
    expect(await code("w", 4, { will })).toBe(5);
    expect(await code("w", 5, { will: { ...will, topic: "kept", retain: true } })).toBe(0x87);
    expect(await code("w", 5, { will: { ...will, topic: "fine", qos: 2 } })).toBe(0x9b);
    expect(await code("w", 5, { will: { ...will, topic: "a/+" } })).toBe(0x90);
    expect(await code("12345678901", 5)).toBe(0x85);
    expect(await code("12345678901", 4)).toBe(2);
    expect(await code("m", 5, { properties: { authenticationMethod: "x" } })).toBe(0x8c);
    await kit.rawClient("one", 4);
    expect(await code("two", 5)).toBe(0x97);
    expect((await kit.rawClient("one", 4)).connack.reasonCode).toBe(0);
  });

  test("rights are asked for the features that the client wants (reference 7)", async () => {
    await start();
    const contexts: unknown[] = [];
    const { identity } = kit;
    const [input, output] = [new PassThrough(), new PassThrough()];
    kit.broker.accept(Duplex.from({ readable: input, writable: output }), {
      ...identity,
      region: "us-east-1",
      principalId: "p",
      sourceIp: "::1",
      permissionsFor: async () => ({
        allows(action, resource, context) {
          contexts.push([action, resource, context]);
          return { allowed: true, reason: "" };
        },
      }),
    });
    const will = { topic: "w", payload: Buffer.from("x"), qos: 0 as const, retain: false };
    input.write(encode({ ...connect, clean: false, version: 4, clientId: "c", will }, 4));
    await new Promise((resolve) => output.once("data", resolve));
    expect(contexts[0]).toEqual([
      "iot:Connect",
      "arn:aws:iot:us-east-1:111111111111:client/c",
      {
        "iot:ConnectAttributes": ["PersistentConnect", "LastWill"],
        "iot:LastWillTopic": "arn:aws:iot:us-east-1:111111111111:topic/w",
      },
    ]);
    input.end();
  });

  test("a client that never says CONNECT is let go", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const client = await kit.raw();
    await kit.rawClient("other", 4);
    clock.advance(10_000);
    await client.end();
    expect(client.received).toEqual([]);
  });
});

describe("the connection's life", () => {
  test("silence for one and a half keep-alives ends it [MQTT-3.1.2-24]", async () => {
    const clock = new FakeClock();
    await start({ clock });
    const reasons: string[] = [];
    kit.bus.subscribe(connectionClosed, ({ reason }) => reasons.push(reason));
    const client = await kit.rawClient("quiet", 5, { keepAlive: 10 });
    clock.advance(14_000);
    await client.settle();
    clock.advance(14_900);
    expect(client.closed).toBe(false);
    clock.advance(100);
    expect(await client.expect("disconnect")).toMatchObject({ reasonCode: 0x8d });
    await client.end();
    expect(reasons).toEqual(["MQTT_KEEP_ALIVE_TIMEOUT"]);
  });

  test("the same client id takes over, within one account only", async () => {
    await start();
    const first = await kit.rawClient("same", 5);
    const third = await kit.rawClient("same", 4);
    expect(await first.expect("disconnect")).toMatchObject({ reasonCode: 0x8e });
    await first.end();
    kit.identity = { accountId: "222222222222", certificateId: "other" };
    const stranger = await kit.rawClient("same", 4);
    expect(await third.settle()).toEqual([]);
    await stranger.subscribe("#");
    await third.subscribe("own");
    third.publish("own", "x");
    expect(textOf(await third.expect("publish"))).toBe("x");
    expect(await stranger.settle()).toEqual([]);
  });

  test("two CONNECTs at once leave one connection", async () => {
    await start();
    const clients = await Promise.all([1, 2, 3, 4].map(() => kit.rawClient("rush", 4, { clean: false })));
    const alive = async () => {
      const open = [];
      for (const client of clients) {
        await client.settle();
        if (!client.closed) open.push(client);
      }
      return open.length;
    };
    expect(await alive()).toBe(1);
    expect(kit.broker.metrics.connections).toBe(1);
    expect(kit.broker.metrics.sessions).toBe(1);
  });

  test("a requested disconnection says so and happens at once", async () => {
    await start();
    const closed: unknown[] = [];
    kit.bus.subscribe(connectionClosed, ({ clientId, reason, clientInitiated }) =>
      closed.push([clientId, reason, clientInitiated]),
    );
    const other = await kit.rawClient("other", 5);
    kit.identity = { accountId: "111111111111", certificateId: "revoked" };
    const byCertificate = await kit.rawClient("by-certificate", 5);
    const { accountId } = kit.identity;
    kit.bus.publish(disconnectRequested, { accountId: "9", certificateId: "revoked", reason: "AUTH_ERROR" });
    expect(closed).toEqual([]);
    kit.bus.publish(disconnectRequested, { accountId, certificateId: "revoked", reason: "AUTH_ERROR" });
    expect(closed).toEqual([["by-certificate", "AUTH_ERROR", false]]);
    expect(await byCertificate.expect("disconnect")).toMatchObject({ reasonCode: 0x98 });
    expect(await other.settle()).toEqual([]);
    await byCertificate.end();
  });

  test("changed permissions hold from then on", async () => {
    await start();
    const client = await kit.rawClient("demoted", 5);
    expect(await client.publishAcknowledged("a", "x")).toBe(0);
    kit.denied.add("iot:Publish topic/a");
    expect(await client.publishAcknowledged("a", "x")).toBe(0);
    kit.bus.publish(permissionsChanged, { accountId: kit.identity.accountId, certificateIds: ["cert"] });
    expect(await client.publishAcknowledged("a", "x")).toBe(0x87);
    expect(await client.expect("disconnect")).toMatchObject({ reasonCode: 0x87 });
  });

  test("drain says goodbye to version 5, closes all and takes nobody", async () => {
    await start();
    const five = await kit.rawClient("five", 5);
    const three = await kit.rawClient("three", 4);
    await kit.broker.drain();
    expect(await five.expect("disconnect")).toMatchObject({ reasonCode: 0x8b });
    await Promise.all([five.end(), three.end()]);
    expect(three.received).toEqual([]);
    const late = await kit.raw();
    await late.end();
    expect(kit.broker.metrics.connections).toBe(0);
  });
});
