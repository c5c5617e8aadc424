import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { createAddressCount } from "./http-bounds.ts";

const socket = (remoteAddress: string) => Object.assign(new EventEmitter(), { remoteAddress }) as unknown as Socket;

test("connections are counted by address until they close or leave", () => {
  const count = createAddressCount(2);
  const [a, b, c] = [socket("192.0.2.1"), socket("192.0.2.1"), socket("192.0.2.1")];
  expect([count.enter(a), count.enter(b), count.enter(c)]).toEqual([true, true, false]);
  expect(count.enter(socket("192.0.2.2"))).toBe(true);
  count.leave(a);
  a.emit("close", false);
  expect([count.enter(c), count.enter(socket("192.0.2.1"))]).toEqual([true, false]);
  b.emit("close", false);
  c.emit("close", false);
  expect(count.enter(socket("192.0.2.1"))).toBe(true);
  // Never counted, so it takes nobody's place away.
  count.leave(socket("192.0.2.1"));
  expect([count.enter(socket("192.0.2.1")), count.enter(socket("192.0.2.1"))]).toEqual([true, false]);
});
