import { createLogger } from "@hearth/base";
import { expect, test } from "vitest";
import { createMemoryBus } from "./memory-bus.ts";

test("requests reach who serves, and say why when nobody answers", async () => {
  const bus = createMemoryBus();
  await expect(bus.request("radio.zigbee", "open", {})).rejects.toMatchObject({ reason: "no-such-service" });
  const seen: [string, boolean][] = [];
  bus.onPresence((service, there) => seen.push([service, there]));
  const stop = bus.serve("radio.zigbee", {
    echo: async (body) => body,
    fail: async () => {
      throw Object.assign(new Error("the coordinator is gone"), { code: "503" });
    },
    hang: () => new Promise(() => {}),
  });
  expect(await bus.request("radio.zigbee", "echo", { a: [1] })).toEqual({ a: [1] });
  await expect(bus.request("radio.zigbee", "fail", {})).rejects.toMatchObject({ reason: "refused", code: "503" });
  await expect(bus.request("radio.zigbee", "hang", {}, { timeout: 5 })).rejects.toMatchObject({ reason: "timeout" });
  await expect(bus.request("radio.zigbee", "toString", {})).rejects.toMatchObject({ reason: "no-such-method" });
  stop();
  expect(seen).toEqual([
    ["radio.zigbee", true],
    ["radio.zigbee", false],
  ]);
});

test("a subscriber gets a copy, in the publisher's order", async () => {
  const bus = createMemoryBus();
  const seen: unknown[] = [];
  const stop = bus.subscribe("radio.*.changed", (body) => seen.push(body));
  const body = { n: 1 };
  bus.publish("radio.zwave.changed", body);
  body.n = 2;
  bus.publish("radio.zwave.changed", body);
  bus.publish("radio.zwave.deep.changed", body);
  await Promise.resolve();
  stop();
  bus.publish("radio.zwave.changed", body);
  await Promise.resolve();
  expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
});

test("what is too long to be published is lost with a line in the log, and whoever published goes on", async () => {
  const lines: string[] = [];
  const bus = createMemoryBus({ log: createLogger("warn", { write: (line) => lines.push(line) }) });
  const seen: unknown[] = [];
  bus.subscribe("radio.zigbee.changed", (body) => seen.push(body));
  bus.publish("radio.zigbee.changed", { values: "y".repeat(1_048_576) });
  bus.publish("radio.zigbee.changed", { n: 1 });
  await Promise.resolve();
  expect(seen).toEqual([{ n: 1 }]);
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] as string)).toMatchObject({ topic: "radio.zigbee.changed" });
});
