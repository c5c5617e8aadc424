import type { MqttClient } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Kit, startKit } from "../test/kit.ts";

let kit: Kit;
beforeAll(async () => {
  kit = await startKit();
});
afterAll(() => kit.stop());

/** The next `count` messages as `topic=payload`. */
function next(client: MqttClient, count: number): Promise<string[]> {
  const seen: string[] = [];
  return new Promise((resolve) => {
    client.on("message", (topic, payload) => {
      seen.push(`${topic}=${payload}`);
      if (seen.length === count) resolve(seen);
    });
  });
}

// MQTT.js, both protocols: what the raw-packet tests show in detail, with a client that somebody else wrote.
describe.each([4, 5] as const)("MQTT.js with version %i", (protocolVersion) => {
  const name = (what: string) => `${what}-${protocolVersion}`;

  test.each([0, 1] as const)("publishes and receives at QoS %i", async (qos) => {
    const receiver = await kit.client({ clientId: name(`r${qos}`), protocolVersion });
    const sender = await kit.client({ clientId: name(`s${qos}`), protocolVersion });
    await receiver.subscribeAsync(`${protocolVersion}/q${qos}/#`, { qos });
    const got = next(receiver, 200);
    const topics = Array.from({ length: 200 }, (_, i) => `${protocolVersion}/q${qos}/${i}`);
    await Promise.all(topics.map((topic, i) => sender.publishAsync(topic, `${i}`, { qos })));
    expect(await got).toEqual(topics.map((topic, i) => `${topic}=${i}`));
  });

  test("keeps a persistent session's messages while it is away", async () => {
    const options = {
      clientId: name("persistent"),
      protocolVersion,
      clean: false,
      ...(protocolVersion === 5 ? { properties: { sessionExpiryInterval: 600 } } : {}),
    };
    const first = await kit.client(options);
    await first.subscribeAsync(`${protocolVersion}/away`, { qos: 1 });
    await first.endAsync();
    const sender = await kit.client({ clientId: name("away-sender"), protocolVersion });
    for (const text of ["1", "2", "3"]) await sender.publishAsync(`${protocolVersion}/away`, text, { qos: 1 });
    const got = new Promise<string[]>((resolve, reject) => {
      kit.client(options, (client) => resolve(next(client, 3))).catch(reject);
    });
    expect(await got).toEqual(["1", "2", "3"].map((text) => `${protocolVersion}/away=${text}`));
  });

  test("retained messages and wills", async () => {
    const receiver = await kit.client({ clientId: name("watcher"), protocolVersion });
    const doomed = await kit.client({
      clientId: name("doomed"),
      protocolVersion,
      will: { topic: `${protocolVersion}/will`, payload: Buffer.from("gone"), qos: 1, retain: true },
    });
    await receiver.subscribeAsync(`${protocolVersion}/will`, { qos: 1 });
    const got = next(receiver, 1);
    doomed.stream.destroy();
    expect(await got).toEqual([`${protocolVersion}/will=gone`]);
    const late = await kit.client({ clientId: name("late"), protocolVersion });
    const retained = next(late, 1);
    await late.subscribeAsync(`${protocolVersion}/will`, { qos: 1 });
    expect(await retained).toEqual([`${protocolVersion}/will=gone`]);
  });
});

test("properties travel between MQTT 5 clients", async () => {
  const receiver = await kit.client({ clientId: "properties-r", protocolVersion: 5 });
  const sender = await kit.client({ clientId: "properties-s", protocolVersion: 5 });
  await receiver.subscribeAsync("properties", { qos: 1, properties: { subscriptionIdentifier: 9 } });
  const got = new Promise((resolve) =>
    receiver.on("message", (_topic, _payload, packet) => resolve(packet.properties)),
  );
  const properties = {
    contentType: "text/plain",
    responseTopic: "answers",
    correlationData: Buffer.from([1, 2]),
    userProperties: { colour: "red" },
    payloadFormatIndicator: true,
    messageExpiryInterval: 60,
  };
  await sender.publishAsync("properties", "x", { qos: 1, properties });
  expect(await got).toMatchObject({ ...properties, subscriptionIdentifier: 9 });
});

test("large payloads in both directions", async () => {
  const client = await kit.client({ clientId: "large", protocolVersion: 4 });
  await client.subscribeAsync("large", { qos: 1 });
  const payload = Buffer.alloc(600_000, "x");
  const got = new Promise<Buffer>((resolve) => client.on("message", (_topic, received) => resolve(received)));
  await client.publishAsync("large", payload, { qos: 1 });
  expect((await got).equals(payload)).toBe(true);
});
