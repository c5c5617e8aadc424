import { FakeClock } from "@hearth/base";
import { expect, test } from "vitest";
import { PastConnections } from "./past-connections.ts";

const ended = (sessionExpiry: number) => ({ connected: false, cleanSession: true, sessionExpiry });

test("a connection is remembered for half an hour, by account and client", () => {
  const clock = new FakeClock();
  const past = new PastConnections(clock);
  past.remember("1", "a", ended(1));
  past.remember("2", "a", ended(2));
  clock.advance(30 * 60_000 - 1);
  expect([past.find("1", "a"), past.find("2", "a"), past.find("1", "b")]).toEqual([ended(1), ended(2), undefined]);
  past.remember("2", "a", ended(3));
  clock.advance(1);
  expect([past.find("1", "a"), past.find("2", "a")]).toEqual([undefined, ended(3)]);
});

test("where there are too many, those that ended first are forgotten first", () => {
  const past = new PastConnections(new FakeClock(), 2);
  for (const client of ["a", "b", "a", "c"]) past.remember("1", client, ended(0));
  expect(["a", "b", "c"].map((client) => past.find("1", client) !== undefined)).toEqual([true, false, true]);
});
