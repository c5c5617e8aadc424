import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { encodeFrame } from "@hearth/hub-ipc";
import fc from "fast-check";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import type { Bus } from "./bus.ts";
import { type ClosableBus, connectBus, listenBus } from "./socket-bus.ts";

const root = await mkdtemp(join(tmpdir(), "hub-bus-"));
afterAll(() => rm(root, { recursive: true, maxRetries: 10 }));
const open = new Set<ClosableBus>();
afterEach(async () => {
  for (const bus of open) await bus.close();
  open.clear();
});
let sockets = 0;
const fresh = () => join(root, `${++sockets}.sock`);
const keep = <T extends ClosableBus>(bus: T): T => {
  open.add(bus);
  return bus;
};
const there = (bus: Bus, service: string, wanted = true): Promise<void> =>
  new Promise((resolve) => {
    const stop = bus.onPresence((name, is) => {
      if (name !== service || is !== wanted) return;
      queueMicrotask(() => stop());
      resolve();
    });
  });

test("a part in another process asks, answers, publishes and hears as one in this", async () => {
  const path = fresh();
  const core = keep(await listenBus(path));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const radio = keep(connectBus(path));
  core.serve("cdmb", { echo: async (body) => ({ core: body }) });
  radio.serve("radio.zigbee", {
    echo: async (body) => ({ radio: body }),
    fail: async () => {
      throw Object.assign(new Error("the coordinator is gone"), { code: 503 });
    },
    huge: async () => ({ text: "x".repeat(1_100_000) }),
    hang: () => new Promise(() => {}),
  });
  await Promise.all([there(core, "radio.zigbee"), there(radio, "cdmb")]);
  const text = "é".repeat(40_000);
  expect(await core.request("radio.zigbee", "echo", { text })).toEqual({ radio: { text } });
  expect(await radio.request("cdmb", "echo", { n: 1 })).toEqual({ core: { n: 1 } });
  expect(await radio.request("radio.zigbee", "echo", {})).toEqual({ radio: {} });
  await expect(core.request("radio.zigbee", "fail", {})).rejects.toMatchObject({ reason: "refused", code: "503" });
  await expect(core.request("radio.zigbee", "huge", {})).rejects.toMatchObject({ reason: "refused" });
  await expect(core.request("radio.zigbee", "none", {})).rejects.toMatchObject({ reason: "no-such-method" });
  await expect(core.request("radio.zigbee", "hang", {}, { timeout: 5 })).rejects.toMatchObject({ reason: "timeout" });
  await expect(radio.request("cdmb", "echo", { text: "x".repeat(1_100_000) })).rejects.toMatchObject({
    reason: "refused",
  });

  const heard: JsonObject[] = [];
  core.subscribe("radio.*.changed", (body) => heard.push(body));
  for (let n = 0; n < 300; n++) radio.publish("radio.zigbee.changed", { n });
  await radio.request("cdmb", "echo", {});
  expect(heard).toEqual(Array.from({ length: 300 }, (_, n) => ({ n })));

  const asked = core.request("radio.zigbee", "hang", {});
  asked.catch(() => {});
  const gone = there(core, "radio.zigbee", false);
  await radio.close();
  await expect(asked).rejects.toMatchObject({ reason: "part-gone" });
  await gone;
  await expect(core.request("radio.zigbee", "echo", {})).rejects.toMatchObject({ reason: "no-such-service" });
});

test("a radio outlives the core: it serves and hears again when there is a new one", async () => {
  const path = fresh();
  const first = await listenBus(path);
  const radio = keep(connectBus(path));
  const heard: JsonObject[] = [];
  const seen: [string, boolean][] = [];
  radio.subscribe("cdmb.changed", (body) => heard.push(body));
  radio.serve("radio.zwave", { health: async () => ({ state: "up" }) });
  radio.onPresence((service, is) => seen.push([service, is]));
  first.serve("cdmb", { hang: () => new Promise(() => {}) });
  await Promise.all([there(first, "radio.zwave"), there(radio, "cdmb")]);
  const asked = radio.request("cdmb", "hang", {});
  asked.catch(() => {});
  await first.close();
  await expect(asked).rejects.toMatchObject({ reason: "part-gone" });
  await expect(radio.request("cdmb", "hang", {})).rejects.toMatchObject({ reason: "no-such-service" });
  radio.publish("radio.zwave.changed", { lost: true });

  const second = keep(await listenBus(path));
  await there(second, "radio.zwave");
  expect(await second.request("radio.zwave", "health", {})).toEqual({ state: "up" });
  second.publish("cdmb.changed", { n: 1 });
  await second.request("radio.zwave", "health", {});
  expect(heard).toEqual([{ n: 1 }]);
  expect(seen.splice(0, 2).sort()).toEqual([
    ["cdmb", true],
    ["radio.zwave", true],
  ]);
  expect(seen.splice(0, 2).sort()).toEqual([
    ["cdmb", false],
    ["radio.zwave", false],
  ]);
  expect(seen).toEqual([["radio.zwave", true]]);
});

test("what the core before has asked is not answered to the next one, whose numbers begin anew", async () => {
  const path = fresh();
  const first = await listenBus(path);
  const radio = keep(connectBus(path));
  const answers: ((body: JsonObject) => void)[] = [];
  radio.serve("radio.zwave", { ask: () => new Promise((resolve) => answers.push(resolve)) });
  await there(first, "radio.zwave");
  first.request("radio.zwave", "ask", {}).catch(() => {});
  await vi.waitFor(() => expect(answers).toHaveLength(1), 30_000);
  await first.close();
  const second = keep(await listenBus(path));
  await there(second, "radio.zwave");
  const asked = second.request("radio.zwave", "ask", {});
  await vi.waitFor(() => expect(answers).toHaveLength(2), 30_000);
  answers[0]?.({ from: "before" });
  answers[1]?.({ from: "now" });
  expect(await asked).toEqual({ from: "now" });
});

test("who is seen on a new bus hears what is said at that moment", async () => {
  const path = fresh();
  const first = await listenBus(path);
  const part = keep(connectBus(path));
  const heard: JsonObject[] = [];
  part.serve("agent", { heard: async () => ({ heard }) });
  part.subscribe("mqtt.south.setup", (body) => heard.push(body));
  await there(first, "agent");
  await first.close();
  const second = keep(await listenBus(path));
  await new Promise<void>((resolve) => {
    second.onPresence((service) => {
      if (service !== "agent") return;
      second.publish("mqtt.south.setup", { n: 1 });
      resolve();
    });
  });
  expect(await second.request("agent", "heard", {})).toEqual({ heard: [{ n: 1 }] });
});

test("a second process that serves the same waits until the first is gone", async () => {
  const path = fresh();
  const core = keep(await listenBus(path));
  const [first, second] = [connectBus(path), keep(connectBus(path))];
  first.serve("radio.zigbee", { who: async () => ({ n: 1 }) });
  await there(core, "radio.zigbee");
  second.serve("radio.zigbee", { who: async () => ({ n: 2 }) });
  second.serve("second", {});
  await there(core, "second");
  expect(await core.request("radio.zigbee", "who", {})).toEqual({ n: 1 });
  const changes: boolean[] = [];
  core.onPresence((service, is) => service === "radio.zigbee" && changes.push(is));
  await first.close();
  await vi.waitFor(() => expect(changes).toEqual([true, false, true]), 30_000);
  expect(await core.request("radio.zigbee", "who", {})).toEqual({ n: 2 });
});

test("a subscriber that does not read costs at most 500 messages", async () => {
  const path = fresh();
  const core = keep(await listenBus(path));
  const reader = connect(path);
  await once(reader, "connect");
  reader.pause();
  reader.write(encodeFrame({ op: "subscribe", topic: "flood" }));
  reader.write(encodeFrame({ op: "serve", service: "ready" }));
  await there(core, "ready");
  const text = "x".repeat(1_000);
  for (let n = 0; n < 20_000; n++) core.publish("flood", { n, text });
  // It misses the oldest that wait; the newest 500 are there.
  let bytes = "";
  reader.on("data", (chunk) => {
    bytes += chunk.toString("latin1");
  });
  reader.resume();
  await vi.waitFor(() => expect(bytes).toContain('"n":19999'), { timeout: 30_000 });
  const numbers = [...bytes.matchAll(/"n":(\d+)/g)].map((match) => Number(match[1]));
  expect(numbers.slice(-500)).toEqual(Array.from({ length: 500 }, (_, n) => 19_500 + n));
  expect(numbers.length).toBeLessThan(5_000);
  expect([...numbers].sort((a, b) => a - b)).toEqual(numbers);
  reader.destroy();
});

test("garbage on the socket closes its connection and nobody else notices", async () => {
  const path = fresh();
  const core = keep(await listenBus(path));
  core.serve("cdmb", { echo: async (body) => body });
  const part = keep(connectBus(path));
  await there(part, "cdmb");
  const hostile = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 64 }).map((bytes) => Buffer.concat([Buffer.from([0x7f]), bytes])),
    fc.json().map((text) => {
      const body = Buffer.from(text);
      const header = Buffer.alloc(4);
      header.writeUInt32BE(body.length);
      return Buffer.concat([header, body]);
    }),
    fc
      .record({
        op: fc.constantFrom("publish", "serve", "request", "answer", "constructor", "__proto__", "refusal"),
        topic: fc.oneof(fc.integer(), fc.constant("x".repeat(300))),
        id: fc.oneof(fc.double(), fc.string()),
      })
      .map((message) => encodeFrame(JSON.parse(JSON.stringify(message)))),
  );
  await fc.assert(
    fc.asyncProperty(hostile, async (bytes) => {
      const socket = connect(path);
      socket.on("error", () => {});
      socket.resume();
      socket.write(bytes);
      await once(socket, "close");
    }),
    { numRuns: 60 },
  );
  expect(await part.request("cdmb", "echo", { n: 1 })).toEqual({ n: 1 });
});

test("a name in use is said to be, and what a killed process left is taken over", async () => {
  const path = fresh();
  const core = keep(await listenBus(path));
  await expect(listenBus(path)).rejects.toThrow(/another hub listens on/);
  core.serve("still", {});
  const part = keep(connectBus(path));
  await there(part, "still");
  const stale = fresh();
  await writeFile(stale, "");
  const other = keep(await listenBus(stale, { clock: systemClock }));
  other.serve("cdmb", {});
  await there(keep(connectBus(stale)), "cdmb");
});
