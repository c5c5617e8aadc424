import { FakeClock, type Logger, silentLogger } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import { expect, test } from "vitest";
import { openAppendLog } from "../state/append-log.ts";
import type { AppendLog } from "../state/state.ts";
import { type AgentBench, openAgentBench, proxyInto, withDirectory } from "./agent-bench.ts";
import { openCommandJournal } from "./command-journal.ts";

const plug = { deviceId: "zb.1", values: { on: false } };
const THING = "thing-zb.1";
const codes = (message: JsonObject | undefined) =>
  JSON.stringify(message)
    .match(/"responseCode":(\d+)/g)
    ?.map((found) => Number(found.slice(15)));
const responses = ({ sent }: AgentBench) => sent.filter(({ messageType }) => messageType === "DEVICE_COMMAND_RESPONSE");
const commands = ({ radio }: AgentBench) => radio.asked.filter(({ method }) => method === "command");

test("row 67: a command on the control topic reaches the device through the CDMB, and its answer leaves", () =>
  withDirectory(async (directory) => {
    const hub = await openAgentBench(directory);
    await hub.add(plug);
    hub.command("trace-1", THING, "On");
    await expect.poll(() => responses(hub), { interval: 5 }).toHaveLength(1);
    expect(responses(hub)[0]).toEqual({
      messageType: "DEVICE_COMMAND_RESPONSE",
      managedThingId: THING,
      traceId: "trace-1",
      endpoints: [
        {
          endpointId: "1",
          capabilities: [
            {
              id: "matter.OnOff@1.4",
              actions: [{ name: "On", responseCode: 200, parameters: {} }],
              properties: [{ name: "OnOff", value: true }],
            },
          ],
        },
      ],
    });
    expect(hub.radio.value("zb.1", "on")).toBe(true);
    // The answer has told what the device said meanwhile; what it says afterwards goes, too.
    await hub.advance(100);
    await hub.agent.settled();
    expect(hub.sent.at(-1)).toEqual(responses(hub)[0]);
    hub.radio.change("zb.1", { on: false });
    await hub.advance(100);
    await hub.agent.settled();
    expect(hub.sent.at(-1)).toEqual({
      messageType: "DEVICE_EVENT",
      managedThingId: THING,
      timestamp: expect.stringMatching(/Z$/),
      endpoints: [
        { endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", properties: [{ name: "OnOff", value: false }] }] },
      ],
    });
    await hub.stop();
  }));

test("a command arrives twice, runs once, also after a restart", () =>
  withDirectory(async (directory) => {
    let hub = await openAgentBench(directory);
    await hub.add(plug);
    hub.command("trace-1", THING, "Toggle");
    hub.command("trace-1", THING, "Toggle");
    await expect.poll(() => responses(hub), { interval: 5 }).toHaveLength(1);
    await hub.agent.settled();
    hub.command("trace-1", THING, "Toggle");
    await expect.poll(() => responses(hub), { interval: 5 }).toHaveLength(2);
    expect(responses(hub)[1]).toEqual(responses(hub)[0]);
    expect(commands(hub)).toHaveLength(1);
    const first = responses(hub)[0];
    await hub.stop();

    hub = await openAgentBench(directory);
    await hub.add({ ...plug, values: { on: true } });
    hub.command("trace-1", THING, "Toggle");
    await expect.poll(() => responses(hub), { interval: 5 }).toEqual([first]);
    expect(commands(hub)).toHaveLength(0);
    await hub.stop();
  }));

test("killed while a command runs: it is answered, never run again, and the device is asked what became of it", () =>
  withDirectory(async (directory) => {
    const killed = await openAgentBench(directory);
    await killed.add(plug);
    killed.radio.fail("command", () => new Promise<never>(() => {}));
    killed.command("trace-1", THING, "On");
    await expect.poll(() => commands(killed), { interval: 5 }).toHaveLength(1);

    const hub = await openAgentBench(directory, { devices: [{ ...plug, values: { on: true } }] });
    await expect.poll(() => responses(hub), { interval: 5 }).toHaveLength(1);
    expect(responses(hub)[0]).toMatchObject({ traceId: "trace-1", managedThingId: THING });
    await hub.agent.settled();
    await hub.advance(100);
    expect(JSON.stringify(hub.sent.at(-1))).toContain('{"name":"OnOff","value":true}');
    expect(codes(responses(hub)[0])).toEqual([500]);
    expect(JSON.stringify(responses(hub)[0])).toContain("the hub was restarted while the command ran");
    expect(commands(hub)).toHaveLength(0);
    await hub.stop();
    // Answered once and for all.
    const again = await openAgentBench(directory);
    await again.add(plug);
    again.command("trace-2", THING, "On");
    await expect.poll(() => responses(again), { interval: 5 }).toHaveLength(1);
    expect(responses(again)[0]).toMatchObject({ traceId: "trace-2" });
    await again.stop();
  }));

test("an answer that was written down but not handed over goes out after the restart", () =>
  withDirectory(async (directory) => {
    const written: unknown[] = [];
    const killed = await openAgentBench(directory, {
      proxy: false,
      log: (log) => ({
        ...bound(log),
        async append(record) {
          const position = await log.append(record);
          written.push(record["kind"]);
          return position;
        },
      }),
    });
    await killed.add(plug);
    killed.command("trace-1", THING, "On");
    await expect.poll(() => written, { interval: 5 }).toEqual(["begun", "answered"]);
    const hub = await openAgentBench(directory);
    await expect.poll(() => codes(responses(hub)[0]), { interval: 5 }).toEqual([200]);
    await hub.stop();
  }));

test("what cannot run is answered with its reason", () =>
  withDirectory(async (directory) => {
    const hub = await openAgentBench(directory);
    await hub.add(plug);
    const outcome = async (traceId: string, run: () => void) => {
      run();
      await expect.poll(() => responses(hub).find((one) => one["traceId"] === traceId), { interval: 5 }).toBeDefined();
      return codes(responses(hub).find((one) => one["traceId"] === traceId));
    };
    expect(await outcome("t-unbound", () => hub.command("t-unbound", "nobody", "On"))).toEqual([404]);
    expect(await outcome("t-action", () => hub.command("t-action", THING, "Explode"))).toEqual([501]);
    // The clocks of hub and cloud do not agree: what counts is how long the cloud waits.
    const over = { timestamp: "2001-01-01T00:00:10Z", expiresAt: "2001-01-01T00:00:10Z" };
    expect(await outcome("t-expired", () => hub.command("t-expired", THING, "On", over))).toEqual([504]);
    const ahead = { timestamp: "2099-01-01T00:00:00Z", expiresAt: "2099-01-01T00:01:00Z" };
    expect(await outcome("t-ahead", () => hub.command("t-ahead", THING, "On", ahead))).toEqual([200]);
    hub.radio.stop();
    expect(await outcome("t-radio", () => hub.command("t-radio", THING, "On"))).toEqual([503]);
    const before = hub.sent.length;
    const malformed: JsonObject[] = [
      { endpoints: [] },
      { endpoints: "x" },
      { traceId: "no trace id!" },
      { managedThingId: 7 },
    ];
    for (const more of malformed) {
      hub.command("t-malformed", THING, "On", more);
    }
    await hub.advance(1000);
    expect(hub.sent.slice(before).filter(({ messageType }) => messageType !== "DEVICE_EVENT")).toEqual([]);
    await hub.stop();
  }));

test("commands of many devices, and several of each, wait and all run; what the hub cannot hold is answered 503", () =>
  withDirectory(async (directory) => {
    const hub = await openAgentBench(directory);
    const devices = Array.from({ length: 40 }, (_, n) => ({ deviceId: `zb.${n}`, values: { on: false } }));
    await hub.add(...devices);
    for (const [round, name] of ["On", "Off", "On"].entries()) {
      for (let n = 0; n < devices.length; n++) hub.command(`t-${round}-${n}`, `thing-zb.${n}`, name);
    }
    await hub.advance(0);
    await hub.agent.settled();
    expect(responses(hub)).toHaveLength(120);
    expect(responses(hub).flatMap(codes)).toEqual(Array.from({ length: 120 }, () => 200));
    expect(devices.every(({ deviceId }) => hub.radio.value(deviceId, "on") === true)).toBe(true);

    // The fillers are refused with 400, by those that were asked at all.
    const actions = [{ name: "Off", parameters: { filler: "x".repeat(100_000) } }];
    const endpoints = [{ endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", actions }] }];
    for (let n = 0; n < 100; n++) hub.command(`large-${n}`, `thing-zb.${n % 40}`, "Off", { endpoints });
    await hub.advance(0);
    await hub.agent.settled();
    const answered = responses(hub).slice(120).flatMap(codes);
    expect(answered.filter((code) => code === 400)).toHaveLength(83);
    expect(answered.filter((code) => code === 503)).toHaveLength(17);
    await hub.stop();
  }));

test("expired while it waited: the disk was slow, and nothing is begun any more", () =>
  withDirectory(async (directory) => {
    const clock = new FakeClock();
    const hub = await openAgentBench(directory, {
      clock,
      log: (log) => ({
        ...bound(log),
        async append(record) {
          clock.advance(2_000);
          return log.append(record);
        },
      }),
    });
    await hub.add(plug);
    hub.command("t-1", THING, "On", { timestamp: "2026-01-01T00:00:00Z", expiresAt: "2026-01-01T00:00:02Z" });
    await expect.poll(() => responses(hub), { interval: 5 }).toHaveLength(1);
    expect(codes(responses(hub)[0])).toEqual([504]);
    expect(hub.radio.value("zb.1", "on")).toBe(false);
    await hub.stop();
  }));

test("a disk that is full refuses commands, and goes on telling what devices report", () =>
  withDirectory(async (directory) => {
    const full = async () => {
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    };
    const hub = await openAgentBench(directory, { log: (log) => ({ ...bound(log), append: full }) });
    await hub.add(plug);
    hub.command("t-1", THING, "On");
    await expect.poll(() => codes(responses(hub)[0]), { interval: 5 }).toEqual([503]);
    expect(hub.radio.value("zb.1", "on")).toBe(false);
    hub.radio.change("zb.1", { on: true });
    await hub.advance(100);
    expect(hub.sent.at(-1)).toMatchObject({ messageType: "DEVICE_EVENT", managedThingId: THING });
    await hub.stop();
  }));

test("100 reports at once are 100 messages, whatever each device says within 100 ms", () =>
  withDirectory(async (directory) => {
    const hub = await openAgentBench(directory);
    const devices = Array.from({ length: 100 }, (_, n) => ({ deviceId: `zb.${n}`, values: { on: false, level: 1 } }));
    await hub.add(...devices);
    await hub.advance(100);
    await hub.agent.settled();
    const from = hub.sent.length;
    for (const level of [10, 20, 30]) {
      for (const { deviceId } of devices) hub.radio.change(deviceId, { on: level === 30, level });
    }
    await hub.advance(100);
    await hub.agent.settled();
    const told = hub.sent.slice(from);
    expect(told).toHaveLength(100);
    expect(new Set(told.map(({ managedThingId }) => managedThingId)).size).toBe(100);
    for (const message of told) {
      expect(message["endpoints"]).toEqual([
        {
          endpointId: "1",
          capabilities: [
            { id: "matter.OnOff@1.4", properties: [{ name: "OnOff", value: true }] },
            { id: "matter.LevelControl@1.4", properties: [{ name: "CurrentLevel", value: 30 }] },
          ],
        },
      ]);
    }
    await hub.stop();
  }));

test("while the proxy is away reports wait, merged, and leave in order when it is back", () =>
  withDirectory(async (directory) => {
    const hub = await openAgentBench(directory, { proxy: false });
    await hub.add({ deviceId: "zb.1", values: { on: false, level: 1 } });
    const alarm = (n: number) =>
      hub.bus.publish("cdmb.changed", {
        ...{ managedThingId: THING, deviceId: "zb.1", at: hub.clock.now() },
        endpoints: [
          { endpointId: "1", capabilities: [{ id: "x.Alarm@1.0", events: [{ name: "Rang", parameters: { n } }] }] },
        ],
      });
    for (let n = 1; n <= 3; n++) {
      alarm(n);
      hub.radio.change("zb.1", { level: n });
      await hub.advance(1_000);
    }
    hub.bus.serve(
      "mqtt",
      proxyInto(hub.sent, () => true),
    );
    await expect.poll(() => JSON.stringify(hub.sent).match(/"n":\d/g), { interval: 5 }).toHaveLength(3);
    const text = JSON.stringify(hub.sent);
    expect(text.match(/"n":\d/g)).toEqual(['"n":1', '"n":2', '"n":3']);
    expect(hub.sent.length).toBeLessThanOrEqual(2);
    expect(text).toContain('"properties":[{"name":"CurrentLevel","value":3}]');
    expect(text).not.toContain('"value":2');
    await hub.stop();
  }));

test("what can never be sent is let go of, and does not keep back what comes after it", () =>
  withDirectory(async (directory) => {
    const hub = await openAgentBench(directory, { proxy: false });
    await hub.add(plug);
    let code = "bad-message";
    const taken: JsonObject[] = [];
    hub.bus.serve("mqtt", {
      status: async () => ({ connected: false, since: 0, queued: 0 }),
      async send({ message }) {
        if (code) throw Object.assign(new Error(code), { code });
        taken.push(message as JsonObject);
        return {};
      },
    });
    hub.radio.change("zb.1", { on: true });
    await hub.advance(100);
    // A hub that is starting has no cloud for a moment; one that was off-boarded has none for ever.
    code = "not-provisioned";
    hub.radio.change("zb.1", { on: false });
    await hub.advance(100);
    for (let tries = 0; tries < 14; tries++) await hub.advance(5_000);
    code = "";
    hub.radio.change("zb.1", { on: true });
    await hub.advance(100);
    await hub.agent.settled();
    expect(taken).toHaveLength(1);
    expect(JSON.stringify(taken)).toContain('"value":true');
    await hub.stop();
  }));

/** The log's members by themselves, so that one can be replaced. */
function bound(log: AppendLog): AppendLog {
  return {
    append: (record) => log.append(record),
    forget: (upTo) => log.forget(upTo),
    read: (from) => log.read(from),
    close: () => log.close(),
    get first() {
      return log.first;
    },
    get next() {
      return log.next;
    },
    get bytes() {
      return log.bytes;
    },
  };
}

test("the last 500 commands that were answered are remembered, however many run", () =>
  withDirectory(async (directory) => {
    const log = await openAppendLog(directory);
    const journal = await openCommandJournal(log, silentLogger);
    const traces = Array.from({ length: 1_100 }, (_, n) => `t-${n}`);
    const command = (traceId: string) => ({ traceId, managedThingId: THING, endpoints: [] });
    await Promise.all(traces.map((traceId) => journal.begin(command(traceId))));
    const [first = "", ...others] = traces;
    const done = async (traceId: string) => {
      await journal.answer(command(traceId));
      await journal.sent(traceId);
    };
    await done(first);
    expect(journal.find(first)).toBeDefined();
    await Promise.all(others.map(done));
    expect(traces.filter((traceId) => journal.find(traceId))).toEqual(traces.slice(-500));
    await log.close();
    const again = await openAppendLog(directory);
    expect((await openCommandJournal(again, silentLogger)).interrupted).toEqual([]);
    await again.close();
  }));

test("records of the journal that nobody could have written so are left out, and the others answered", () =>
  withDirectory(async (directory) => {
    const log = await openAppendLog(directory);
    const capability = { id: "matter.OnOff@1.4", actions: [{ name: "On" }] };
    const row = { kind: "begun", traceId: "t", managedThingId: THING };
    const whole = { ...row, traceId: "whole", endpoints: [{ endpointId: "1", capabilities: [capability] }] };
    const others = [
      { kind: "forgotten", traceId: "t" },
      { ...row, traceId: "a b", endpoints: whole.endpoints },
      { ...row, managedThingId: 7, endpoints: whole.endpoints },
      row,
      { ...row, endpoints: {} },
      { ...row, endpoints: [null] },
      { ...row, endpoints: [{ endpointId: "1" }] },
      { ...row, endpoints: [{ endpointId: "1", capabilities: [{ ...capability, actions: "On" }] }] },
      { ...row, endpoints: [{ endpointId: "1", capabilities: [{ ...capability, properties: [1] }] }] },
      // An answer without a code is none.
      { ...whole, kind: "answered" },
    ];
    for (const record of [whole, ...others]) await log.append(record as unknown as JsonObject);
    const problems: unknown[] = [];
    const logger = { ...silentLogger, error: (fields: object) => void problems.push(fields) } as Logger;
    const { interrupted, unsent } = await openCommandJournal(log, logger);
    expect(interrupted.map(({ traceId }) => traceId)).toEqual(["whole"]);
    expect(unsent).toEqual([]);
    expect(problems).toHaveLength(others.length);
    expect(problems[3]).toMatchObject({ problem: "its endpoints are malformed" });
    await log.close();
  }));
