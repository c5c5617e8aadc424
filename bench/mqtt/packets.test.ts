import { parser } from "mqtt-packet";
import { expect, test } from "vitest";
import { Histogram } from "./histogram.ts";
import { mqttOptions } from "./options.ts";
import { connectPacket, packetReader, publishPacket, subscribePacket } from "./packets.ts";

test("the prepared packets are MQTT, as a parser that we did not write reads them", () => {
  const read: object[] = [];
  const other = parser();
  other.on("packet", (packet) => read.push(packet));
  const { bytes, packetIdAt } = publishPacket("bench/p7/m", 1024, 1, 7);
  bytes.writeUInt16BE(513, packetIdAt);
  other.parse(Buffer.concat([connectPacket("p7", false), subscribePacket("bench/+/m", 1), bytes]));
  expect(read).toMatchObject([
    { cmd: "connect", clientId: "p7", clean: false, protocolVersion: 4, keepalive: 0 },
    { cmd: "subscribe", subscriptions: [{ topic: "bench/+/m", qos: 1 }] },
    { cmd: "publish", topic: "bench/p7/m", qos: 1, messageId: 513, length: 12 + 2 + 1024 },
  ]);
});

test("packets are found however the stream is cut", () => {
  const { bytes, payloadAt } = publishPacket("bench/p3/m", 200, 0, 3);
  const stream = Buffer.concat([Buffer.from([0x20, 2, 0, 0]), bytes, Buffer.from([0x40, 2, 1, 2]), bytes]);
  for (let cut = 0; cut <= stream.length; cut++) {
    const found: [number, number][] = [];
    const read = packetReader((first, data, at, end) => {
      found.push([first, end - at]);
      if (first === 0x30) expect(data.readUInt32LE(end - 200 + 8)).toBe(3);
    });
    read(stream.subarray(0, cut));
    read(stream.subarray(cut));
    const body = 2 + "bench/p3/m".length + 200;
    expect(bytes.length - payloadAt).toBe(200);
    expect(found).toEqual([
      [0x20, 2],
      [0x30, body],
      [0x40, 2],
      [0x30, body],
    ]);
  }
});

test("quantiles are those of what was added, to 10 µs", () => {
  const histogram = new Histogram();
  expect(histogram.quantile(0.5)).toBeNaN();
  for (let i = 1; i <= 100; i++) histogram.add(i);
  expect(histogram.quantile(0.5)).toBeCloseTo(50, 1);
  expect(histogram.quantile(0.99)).toBeCloseTo(99, 1);
  histogram.add(60_000);
  expect(histogram.quantile(1)).toBeCloseTo(10_000, 1);
});

test("the command line is read, and what is wrong with it is said", () => {
  expect(mqttOptions(["--peer", "aedes", "--only", "idle,tls-*", "--runs", "1"])).toMatchObject({
    peer: "aedes",
    only: ["idle", "tls-*"],
    runs: 1,
    seconds: 5,
  });
  expect(mqttOptions(["--peer", "other"])).toEqual({ problem: "--peer other is not known" });
  expect(mqttOptions(["--runs", "0"])).toMatchObject({ problem: expect.stringContaining("--runs") });
  expect(mqttOptions(["--nonsense"])).toMatchObject({ problem: expect.stringContaining("--nonsense") });
});
