import { randomBytes } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { encode } from "@hearth/mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, type Fleet, openFleet } from "../walk/fleet.ts";

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet();
});
afterAll(() => fleet.close());

/** The upgrade is done; what follows is frames by hand. `closed` resolves when the server has ended it. */
async function upgraded(): Promise<{ socket: TLSSocket; closed: Promise<void> }> {
  const { pathname, search, port } = new URL(await fleet.webSocketUrl());
  const socket = await fleet.handshake(Number(port));
  const key = randomBytes(16).toString("base64");
  socket.write(
    `GET ${pathname}${search} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  let heard = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
  });
  await eventually("101", async () => (heard.includes("\r\n\r\n") ? heard : undefined));
  expect(heard.toString("latin1")).toMatch(/^HTTP\/1\.1 101/);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  return { socket, closed };
}

/** One frame, masked with zeros, of at most 125 bytes. */
const frame = (opcode: number, payload: Uint8Array, final = true) =>
  Buffer.concat([Buffer.from([(final ? 0x80 : 0) | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
const connect = (clientId: string) =>
  Buffer.from(encode({ type: "connect", version: 5, clean: true, keepAlive: 0, clientId }, 5));

test.each([
  ["a frame without a mask", Buffer.concat([Buffer.from([0x82, 2]), Buffer.from([0xc0, 0])])],
  ["a frame of 2^62 bytes", Buffer.from([0x82, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0])],
  ["a frame of 3 MiB", Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x30, 0, 0])],
  ["a continuation of nothing", frame(0, Buffer.from([0xc0, 0]))],
  ["an unknown opcode", frame(5, Buffer.from([0xc0, 0]))],
  ["compression that was not agreed on", Buffer.concat([Buffer.from([0xc2, 0x80, 0, 0, 0, 0])])],
  ["a ping in fragments", frame(9, Buffer.from("x"), false)],
  ["a close of one byte", frame(8, Buffer.from([1]))],
  ["text that is no UTF-8", frame(1, Buffer.from([0xff, 0xfe]))],
])("%s closes the connection, and the log says why", async (_, bytes) => {
  const told = async () => {
    const { Events } = await fleet.hearth.send("ListConnectionEvents", {});
    return Events.findLast(({ Protocol }) => Protocol === "WebSocket");
  };
  const before = (await told())?.Count ?? 0;
  const { socket, closed } = await upgraded();
  socket.write(bytes);
  await closed;
  const event = await eventually("one more", async () => {
    const last = await told();
    return last !== undefined && last.Count > before ? last : undefined;
  });
  expect(event.Reason).toMatch(/^the connection ended before CONNECT: /);
});

test("CONNECT in one frame a byte, with pings between, is CONNECT all the same [MQTT-6.0.0-2]", async () => {
  const { socket, closed } = await upgraded();
  for (const byte of connect("bytewise"))
    socket.write(Buffer.concat([frame(9, Buffer.alloc(0)), frame(2, Buffer.of(byte))]));
  const known = await eventually("CONNECT", async () => {
    const { Events } = await fleet.hearth.send("ListConnectionEvents", { ClientId: "bytewise" });
    return Events.length > 0 ? Events : undefined;
  });
  expect(known).toMatchObject([{ Cause: "connected", Protocol: "WebSocket" }]);
  socket.destroy();
  await closed;
});

test("a flood of pings whose answers nobody reads does not keep others waiting", async () => {
  const { socket } = await upgraded();
  socket.pause();
  const pings = Buffer.concat(Array.from({ length: 10_000 }, () => frame(9, Buffer.alloc(100))));
  for (let i = 0; i < 3; i++) socket.write(pings);
  const other = await upgraded();
  other.socket.write(frame(2, connect("beside the flood")));
  await eventually("its CONNACK", async () => {
    const { Events } = await fleet.hearth.send("ListConnectionEvents", { ClientId: "beside the flood" });
    return Events.find(({ Cause }) => Cause === "connected");
  });
  other.socket.destroy();
  socket.destroy();
});
