import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openTestRoom, refusalOf, type TestRoom } from "../test-room.ts";
import { propertiesOf } from "./message-properties.ts";
import { TopicRefused } from "./router.ts";

let room: TestRoom;
beforeAll(async () => {
  room = await openTestRoom();
});
afterAll(() => room.close());

const publish = (input: object, request = room.request) =>
  room.call(room.iot.operations["iot-data"].Publish, { topic: "a/b", ...input }, request);

test("goes to the router as the caller's message, without a client id", async () => {
  await publish({ payload: Buffer.from("hello"), qos: 1, contentType: "text/plain", messageExpiry: 0 });
  expect(room.published.pop()).toEqual({
    message: {
      accountId: "000000000000",
      topic: "a/b",
      payload: Buffer.from("hello"),
      qos: 1,
      retain: false,
      properties: { contentType: "text/plain", messageExpiryInterval: 1 },
    },
    publisher: {
      accountId: "000000000000",
      region: "us-east-1",
      principalId: "000000000000/000000000000",
      sourceIp: "127.0.0.1",
    },
  });
  const principal = { type: "Certificate" as const, accountId: "0", arn: "arn", principalId: "c", certificateId: "c" };
  await publish({}, { ...room.request, principal });
  expect(room.published.pop()).toMatchObject({
    message: { qos: 0, payload: new Uint8Array(0) },
    publisher: { principalId: "c", certificateId: "c" },
  });
});

test("retaining needs its own permission", async () => {
  const asked: string[][] = [];
  const authorize = async (action: string, resource: string) => {
    asked.push([action, resource]);
  };
  await publish({ retain: true }, { ...room.request, authorize });
  expect(asked).toEqual([["iot:RetainPublish", "arn:aws:iot:us-east-1:000000000000:topic/a/b"]]);
  const deny = async () => {
    throw new Error("denied");
  };
  room.published.length = 0;
  expect((await refusalOf(publish({ retain: true }, { ...room.request, authorize: deny }))).message).toBe("denied");
  expect(room.published).toEqual([]);
});

test("asks for iot:Publish on the topic", () => {
  const binding = room.iot.operations["iot-data"].Publish;
  expect(binding?.action).toBe("iot:Publish");
  expect(binding?.resources?.({ topic: "x/y" }, room.request)).toEqual([
    "arn:aws:iot:us-east-1:000000000000:topic/x/y",
  ]);
});

test("answers when the message is durable, and refuses a topic that is not to be published to", async () => {
  let durable = () => {};
  const slow = await openTestRoom({
    router: {
      send: () => undefined,
      sendTogether: async () => {},
      publish: (message) =>
        message.topic.startsWith("$")
          ? Promise.reject(new TopicRefused(message.topic, "not a topic to publish to"))
          : new Promise<void>((resolve) => {
              durable = resolve;
            }),
    },
  });
  const { Publish } = slow.iot.operations["iot-data"];
  let answered = false;
  const asked = slow.call(Publish, { topic: "t" }).then(() => {
    answered = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toBe(false);
  durable();
  await asked;
  const refusal = await refusalOf(slow.call(Publish, { topic: "$other" }));
  expect(refusal.name).toBe("InvalidRequestException");
  await slow.close();
});

describe("refuses", () => {
  test.each([
    { topic: "a/#" },
    { topic: "+" },
    { topic: "x".repeat(257) },
    { payload: new Uint8Array(128 * 1024 + 1) },
    { responseTopic: "a/+" },
    { correlationData: "not base64!" },
    { contentType: "x".repeat(257) },
    { messageExpiry: -1 },
    { userProperties: { a: "b" } },
    { userProperties: [{ a: "b", c: "d" }] },
    { userProperties: [{ a: 1 }] },
    { userProperties: [{ a: "x".repeat(9000) }] },
  ])("%#", async (input) => {
    expect((await refusalOf(publish(input))).name).toBe("InvalidRequestException");
  });

  test("128 KB are allowed", async () => {
    await publish({ payload: new Uint8Array(128 * 1024) });
    expect(room.published.pop()?.message.payload).toHaveLength(128 * 1024);
  });
});

test("MQTT 5 properties, in order and with repetition", () => {
  expect(
    propertiesOf({
      userProperties: [{ b: "1" }, { a: "2" }, { b: "3" }],
      payloadFormatIndicator: "UTF8_DATA",
      responseTopic: "answers",
      correlationData: "AQI=",
      messageExpiry: 10_000_000,
    }),
  ).toEqual({
    userProperties: [
      ["b", "1"],
      ["a", "2"],
      ["b", "3"],
    ],
    payloadFormatIndicator: 1,
    responseTopic: "answers",
    correlationData: Buffer.from([1, 2]),
    messageExpiryInterval: 604_800,
  });
  expect(propertiesOf({})).toBeUndefined();
});
