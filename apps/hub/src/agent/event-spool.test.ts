import { FakeClock, silentLogger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { expect, test } from "vitest";
import { createEventSpool } from "./event-spool.ts";

const ON_OFF = "matter.OnOff@1.4";
const endpoints = (properties: JsonObject) => [
  {
    endpointId: "1",
    capabilities: [{ id: ON_OFF, properties: Object.entries(properties).map(([name, value]) => ({ name, value })) }],
  },
];
const answered = (properties: JsonObject) =>
  endpoints(properties).map(({ endpointId, capabilities }) => ({
    endpointId,
    capabilities: capabilities.map((capability) => ({ ...capability, actions: [{ name: "On", responseCode: 200 }] })),
  }));
const soon = () => new Promise((resolve) => setImmediate(resolve));

function bench() {
  const clock = new FakeClock();
  const sent: unknown[] = [];
  const waiting: (() => void)[] = [];
  let slow = false;
  const arrive = (what: unknown) => {
    sent.push(what);
    return slow ? new Promise<void>((resolve) => waiting.push(resolve)) : Promise.resolve();
  };
  const spool = createEventSpool({ send: (message) => arrive(message["endpoints"]), clock, log: silentLogger });
  return {
    ...{ clock, sent, spool },
    answer: (properties: JsonObject) => spool.answer("thing", answered(properties), () => arrive("answer")),
    add: (properties: JsonObject) => spool.add("thing", clock.now(), endpoints(properties)),
    slow: () => {
      slow = true;
    },
    /** What is on its way arrives. */
    async arrived() {
      waiting.shift()?.();
      await soon();
    },
  };
}

test("what a device said before its answer is not said after it", async () => {
  const { add, answer, clock, sent, spool } = bench();
  add({ OnOff: false, OnTime: 5 });
  await answer({ OnOff: true });
  clock.advance(100);
  await spool.drain();
  expect(sent).toEqual(["answer", endpoints({ OnTime: 5 })]);
  add({ OnOff: false });
  await answer({ OnOff: true });
  clock.advance(100);
  await spool.drain();
  expect(sent.slice(2)).toEqual(["answer"]);
});

test("an answer waits for the event before it, and what comes later for the answer", async () => {
  const { add, answer, arrived, clock, sent, slow, spool } = bench();
  slow();
  add({ OnOff: false });
  clock.advance(100);
  const handed = answer({ OnOff: true });
  await soon();
  expect(sent).toEqual([endpoints({ OnOff: false })]);
  await arrived();
  expect(sent.slice(1)).toEqual(["answer"]);
  add({ OnOff: false });
  clock.advance(100);
  await soon();
  expect(sent).toHaveLength(2);
  await arrived();
  await handed;
  expect(sent.slice(2)).toEqual([endpoints({ OnOff: false })]);
  await arrived();
  await spool.drain();
  expect(sent).toHaveLength(3);
});
