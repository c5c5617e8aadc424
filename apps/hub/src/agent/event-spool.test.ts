import { FakeClock, silentLogger } from "@hearth/base";
import { parseDeviceMessage } from "@hearth/data-model";
import type { Json, JsonObject } from "@hearth/device-sdk";
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

/** All that the messages say, by endpoint and capability, in their order; each message is one that the cloud takes. */
function saidBy(sent: readonly unknown[]): { properties: Map<string, Json>; events: number[] } {
  const properties = new Map<string, Json>();
  const events: number[] = [];
  for (const told of sent) {
    const message = {
      ...{ messageType: "DEVICE_EVENT", managedThingId: "thing", eventNumber: 1, endpoints: told },
      timestamp: "2026-01-01T00:00:00.000Z",
    };
    const read = parseDeviceMessage(Buffer.from(JSON.stringify(message)));
    expect(Object.keys(read)).toContain("endpoints");
    for (const { capabilities } of (told ?? []) as ReturnType<typeof endpoints>) {
      for (const capability of capabilities as {
        properties?: { name: string; value: Json }[];
        events?: JsonObject[];
      }[]) {
        for (const { name, value } of capability.properties ?? []) properties.set(name, value);
        for (const event of capability.events ?? []) events.push(Number((event["parameters"] as JsonObject)["n"]));
      }
    }
  }
  return { properties, events };
}

test("a device's flood leaves in messages that the cloud takes: all events in order, beside the newest values", async () => {
  const { add, arrived, clock, sent, slow, spool } = bench();
  slow();
  add({ OnOff: false });
  clock.advance(100);
  for (let n = 0; n < 1_000; n++) {
    const event = { name: "Received", parameters: { n, payload: "ab".repeat(80) } };
    spool.add("thing", clock.now(), [
      { endpointId: "1", capabilities: [{ id: "hearth.RadioCluster@1.0", events: [event] }] },
    ]);
  }
  add({ OnOff: true, Text: "x".repeat(60_000), Other: "y".repeat(60_000) });
  for (let before = -1; before < sent.length; ) {
    before = sent.length;
    await arrived();
  }
  const { properties, events } = saidBy(sent);
  expect(events).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  expect(properties.get("OnOff")).toBe(true);
  expect(properties.size).toBe(3);
});

test("what no message has room for is left out, and what came with it is told", async () => {
  const { add, clock, sent, spool } = bench();
  add({ Text: "x".repeat(200_000), OnOff: true });
  clock.advance(100);
  await spool.drain();
  expect([...saidBy(sent).properties]).toEqual([["OnOff", true]]);
  expect(sent).toHaveLength(1);
  add({ Text: "x".repeat(200_000) });
  clock.advance(100);
  await spool.drain();
  expect(sent).toHaveLength(1);
});

test("who goes on and on tells ten times a second for a while, then once, and the last value at the end", async () => {
  const { add, clock, sent, spool } = bench();
  let level = 0;
  const minutes = async (count: number) => {
    for (let n = 0; n < count * 600; n++) {
      add({ CurrentLevel: ++level });
      clock.advance(100);
      await soon();
    }
  };
  await minutes(1);
  const first = sent.length;
  expect(first).toBeLessThan(250);
  await minutes(1);
  expect(sent.length - first).toBeLessThan(130);
  clock.advance(1_000);
  await spool.drain();
  expect(sent.at(-1)).toEqual(endpoints({ CurrentLevel: level }));
});

test("events without end are lost beyond what a device may have; those of another device are not", async () => {
  const { clock, sent, spool } = bench();
  const say = async (managedThingId: string, count: number) => {
    sent.length = 0;
    for (let n = 0; n < count; n++) {
      const event = { name: "SwitchLatched", parameters: { n } };
      spool.add(managedThingId, clock.now(), [
        { endpointId: "1", capabilities: [{ id: "matter.Switch@1.4", events: [event] }] },
      ]);
      if (n % 100 === 99) await spool.drain();
    }
    await spool.drain();
    return saidBy(sent).events.length;
  };
  expect(await say("thing", 2_000)).toBe(1_000);
  expect(await say("other", 10)).toBe(10);
  clock.advance(60_000);
  expect(await say("thing", 2_000)).toBe(300);
});
