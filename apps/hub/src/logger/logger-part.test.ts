import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, FakeClock } from "@hearth/base";
import type { Json, JsonObject } from "@hearth/device-sdk";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { createMemoryBus } from "../bus/memory-bus.ts";
import type { HubSettings } from "../part.ts";
import { createLoggerPart } from "./logger-part.ts";
import { createProcessLog } from "./process-log.ts";

const root = await mkdtemp(join(tmpdir(), "hub-logger-"));
afterAll(() => rm(root, { recursive: true, maxRetries: 10 }));
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).reverse()) await one();
});
let places = 0;

const ACTIVE = "ManagedIntegrationsDeviceSdkHub.log";
const MINUTE = 60_000;

/** A logger and the part that has something to say, on a clock that stands; the uplink takes what it is sent. */
async function setUp(place = join(root, String(++places))) {
  const clock = new FakeClock();
  const bus = createMemoryBus();
  const sent: { timestamp: string; level: string; message: string }[][] = [];
  const uplink = { connected: true, fails: false };
  bus.serve("mqtt", {
    status: async () => ({ connected: uplink.connected, since: 0, queued: 0 }),
    async send({ channel, message, durable }) {
      if (uplink.fails) throw new Error("the queue is full");
      expect([channel, durable]).toEqual(["logs", true]);
      sent.push((message as JsonObject).entries as never);
      return {};
    },
  });
  const directory = join(place, "state");
  const logs = join(place, "logs");
  await mkdir(directory, { recursive: true });
  const settings: HubSettings = {
    configPath: "",
    stateDirectory: place,
    runDirectory: place,
    logDirectory: logs,
    customPlugins: [],
  };
  const part = createLoggerPart();
  const errors: string[] = [];
  const log = createLogger("error", { write: (line: string) => errors.push(JSON.parse(line).msg) });
  const running = await part.start({ bus, clock, log, directory, settings });
  undo.push(() => running.stop());
  const say = (level: string, message: string): void =>
    bus.publish("log.entry", { at: clock.now(), level, part: "CDMB", message });
  const flush = () => bus.request("log", "flush", {});
  return {
    bus,
    clock,
    sent,
    uplink,
    place,
    logs,
    say,
    flush,
    stop: () => running.stop(),
    async configure(configuration: { [name: string]: Json }) {
      const level = new Promise((resolve) => {
        const stop = bus.subscribe("log.level", (body) => {
          stop();
          resolve(body.level);
        });
      });
      bus.publish("mqtt.south.setup", { messageType: "RUNTIME_LOG_CONFIGURATION", timestamp: "", configuration });
      return await level;
    },
    /** Resolves to why the configuration is not taken. */
    async refused(configuration: { [name: string]: Json }) {
      bus.publish("mqtt.south.setup", { messageType: "RUNTIME_LOG_CONFIGURATION", timestamp: "", configuration });
      return await vi.waitFor(() => {
        expect(errors).toHaveLength(1);
        return errors[0];
      }, 30_000);
    },
    files: async (directory = logs) => (await readdir(directory)).sort(),
    text: async (name = ACTIVE, directory = logs) => readFile(join(directory, name), "utf8").catch(() => ""),
  };
}

test("row 70: log lines rotate at the configured size", async () => {
  const hub = await setUp();
  await hub.configure({ LocalStoreFileRotationMaxBytes: 300, LocalStoreFileRotationMaxFiles: 3 });
  const lines: string[] = [];
  for (let n = 100; n < 140; n++) {
    hub.say("WARN", `line ${n}`);
    lines.push(`2026-01-01T00:00:00.000Z WARN [CDMB] line ${n}`);
    if (n % 3 === 0) await hub.flush();
  }
  await hub.flush();
  const names = await hub.files();
  expect(names.filter((name) => name !== ACTIVE)).toHaveLength(3);
  const numbers = names.flatMap((name) => /^ManagedIntegrationsDeviceSdkHub\.(\d+)\.log$/.exec(name)?.[1] ?? []);
  const inOrder = numbers.map(Number).sort((a, b) => a - b);
  let kept = "";
  for (const number of inOrder) {
    const text = await hub.text(`ManagedIntegrationsDeviceSdkHub.${number}.log`);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(300);
    kept += text;
  }
  kept += await hub.text();
  // The newest, whole and in order.
  expect(kept.trimEnd().split("\n")).toEqual(lines.slice(-kept.trimEnd().split("\n").length));
  expect(kept.split("\n").length).toBeGreaterThan(15);
});

test("row 80 (part): each key of the configuration takes effect, and reset brings the defaults back", async () => {
  const hub = await setUp();
  // WARN unless told otherwise.
  hub.say("INFO", "quiet");
  hub.say("WARN", "loud");
  await hub.flush();
  expect(await hub.text()).toBe("2026-01-01T00:00:00.000Z WARN [CDMB] loud\n");

  // LogLevel, which the processes are told of too.
  expect(await hub.configure({ LogLevel: "DEBUG" })).toBe("DEBUG");
  expect(await hub.bus.request("log", "level", {})).toEqual({ level: "DEBUG" });
  hub.say("DEBUG", "detail");
  await hub.flush();
  expect(await hub.text()).toContain("DEBUG [CDMB] detail");
  await hub.configure({ LogLevel: "ERROR" });
  hub.say("WARN", "not this");
  await hub.flush();
  expect(await hub.text()).not.toContain("not this");

  // LogFlushLevel: at once; what is below it waits for a second.
  await hub.configure({ LogFlushLevel: "ERROR" });
  hub.say("WARN", "waits");
  hub.say("ERROR", "at once");
  await vi.waitFor(async () => expect(await hub.text()).toContain("at once"), 30_000);
  hub.say("WARN", "waits too");
  await Promise.resolve();
  expect(await hub.text()).not.toContain("waits too");
  hub.clock.advance(1_000);
  await vi.waitFor(async () => expect(await hub.text()).toContain("waits too"), 30_000);

  // LocalStoreLocation; the reference's own stands for the hub's.
  const other = join(hub.place, "other");
  await hub.configure({ LocalStoreLocation: other });
  hub.say("WARN", "elsewhere");
  await hub.flush();
  expect(await hub.text(ACTIVE, other)).toContain("elsewhere");
  await hub.configure({ LocalStoreLocation: "/var/log/awsiotmi" });
  hub.say("WARN", "back again");
  await hub.flush();
  expect(await hub.text()).toContain("back again");

  // LocalStoreFileRotationMaxBytes is capped, LocalStoreFileRotationMaxFiles prunes.
  await hub.configure({ LocalStoreFileRotationMaxBytes: 9_000_000, LocalStoreFileRotationMaxFiles: 2 });
  for (let n = 0; n < 400; n++) hub.say("WARN", "x".repeat(1_000));
  await hub.flush();
  expect(await hub.files()).toHaveLength(3);
  for (const name of await hub.files()) expect((await hub.text(name)).length).toBeLessThanOrEqual(125_000);

  // What is wrong changes nothing; what is set survives a restart.
  hub.bus.publish("mqtt.south.setup", {
    messageType: "RUNTIME_LOG_CONFIGURATION",
    configuration: { LogLevel: "LOUD" },
  });
  hub.bus.publish("mqtt.south.setup", {
    messageType: "RUNTIME_LOG_CONFIGURATION",
    managedThingId: "another",
    configuration: { LogLevel: "DEBUG" },
  });
  expect(await hub.configure({ LogLevel: "INFO" })).toBe("INFO");
  await hub.stop();
  // Nor does a directory that is not there any more keep the logger from starting.
  const stored = join(hub.place, "state/runtime-log-configuration.json");
  await writeFile(join(hub.place, "file"), "");
  const configuration = JSON.parse(await readFile(stored, "utf8"));
  await writeFile(stored, JSON.stringify({ ...configuration, LocalStoreLocation: join(hub.place, "file/logs") }));
  const again = await setUp(hub.place);
  expect(await again.bus.request("log", "level", {})).toEqual({ level: "INFO" });
  await again.bus.request("log", "reset", {});
  expect(await again.bus.request("log", "level", {})).toEqual({ level: "WARN" });
});

test("row 80 (part): uploads are sent in order each period, then deleted or renamed", async () => {
  const hub = await setUp();
  await hub.configure({ LocalStoreFileRotationMaxBytes: 2_000 });
  hub.say("WARN", "before");
  hub.clock.advance(60 * MINUTE);
  expect(hub.sent).toEqual([]);

  await hub.configure({ UploadLog: true });
  hub.say("ERROR", 'the {"device": 1} is gone');
  hub.clock.advance(5 * MINUTE - 1);
  hub.clock.advance(1);
  await vi.waitFor(() => expect(hub.sent).toHaveLength(1), 30_000);
  expect(hub.sent[0]).toEqual([
    { timestamp: "2026-01-01T00:00:00.000Z", level: "WARN", message: "[CDMB] before" },
    { timestamp: "2026-01-01T01:00:00.000Z", level: "ERROR", message: '[CDMB] the {"device": 1} is gone' },
  ]);
  await vi.waitFor(async () => expect(await hub.files()).toEqual([]), 30_000);

  // Files are renamed when they are to be kept, and no more of them than of the rotated ones.
  await hub.configure({ UploadLog: true, UploadPeriodMinutes: 1, DeleteLocalStoreAfterUpload: false });
  for (let round = 0; round < 7; round++) {
    hub.say("WARN", `round ${round}`);
    hub.clock.advance(MINUTE);
    await vi.waitFor(() => expect(hub.sent).toHaveLength(2 + round), 30_000);
    await vi.waitFor(async () => expect(await hub.files()).toHaveLength(Math.min(round + 1, 5)), 30_000);
    await hub.flush();
  }
  const kept = await hub.files();
  expect(kept.every((name) => /^ManagedIntegrationsDeviceSdkHub\.uploaded\.\d{13}$/.test(name))).toBe(true);
  expect(await hub.text(kept.at(-1))).toContain("round 6");

  // While there is no uplink, or it takes none, the files wait.
  hub.sent.length = 0;
  hub.uplink.connected = false;
  hub.say("WARN", "held back");
  await hub.flush();
  hub.clock.advance(MINUTE);
  await hub.flush();
  expect(await hub.text()).toContain("held back");
  hub.uplink.connected = true;
  hub.uplink.fails = true;
  hub.clock.advance(MINUTE);
  await vi.waitFor(async () => expect(await hub.files()).not.toContain(ACTIVE), 30_000);
  hub.uplink.fails = false;
  await vi.waitFor(() => {
    hub.clock.advance(MINUTE);
    expect(hub.sent.flat().map(({ message }) => message)).toEqual(["[CDMB] held back"]);
  }, 30_000);
});

test("an upload has at most what the platform takes, whatever was logged", async () => {
  const hub = await setUp();
  await hub.configure({ UploadLog: true });
  hub.say("WARN", "a\nforged line\r\n2026-01-01T00:00:00.000Z ERROR [Agent] not so\u2028");
  hub.say("WARN", "x".repeat(40_000));
  for (let n = 0; n < 1_500; n++) hub.say("WARN", `n ${n}`);
  hub.bus.publish("log.entry", { at: 0, level: "WARN", part: "]\n", message: "forged part" });
  hub.bus.publish("log.entry", { at: "now", level: "WARN", part: "CDMB", message: "no time" });
  await hub.flush();
  await writeFile(join(hub.logs, "ManagedIntegrationsDeviceSdkHub.0.log"), "no line of ours\n\n");
  hub.clock.advance(5 * MINUTE);
  await vi.waitFor(() => expect(hub.sent.flat().length).toBe(1_502), 30_000);
  for (const entries of hub.sent) {
    expect(entries.length).toBeLessThanOrEqual(1_000);
    expect(Buffer.byteLength(JSON.stringify({ entries }))).toBeLessThan(128 * 1_024);
  }
  for (const { message } of hub.sent.flat()) expect(message.length).toBeLessThanOrEqual(16_384);
});

test("a disk that takes no lines costs the oldest of many, and their number is said", async () => {
  const hub = await setUp();
  await rm(hub.logs, { recursive: true, maxRetries: 10 });
  for (let n = 0; n < 2_500; n++) hub.say("WARN", `n ${n}`);
  await expect(hub.flush()).rejects.toMatchObject({ reason: "refused", code: "ENOENT" });
  await mkdir(hub.logs);
  await hub.flush();
  const lines = (await hub.text()).trimEnd().split("\n");
  expect(lines[0]).toContain("ERROR [Logger] 500 lines were lost: more came than the disk took");
  expect(lines[1]).toContain("n 500");
  expect(lines).toHaveLength(2_001);
});

test("another place takes over the lines that the first has not taken; one that cannot be noted takes nothing", async () => {
  const hub = await setUp();
  const other = join(hub.place, "other");
  await rm(join(hub.place, "state"), { recursive: true });
  expect(await hub.refused({ LocalStoreLocation: other })).toContain("is not taken");
  hub.say("WARN", "stays");
  await hub.flush();
  expect(await hub.text()).toContain("stays");
  await mkdir(join(hub.place, "state"));
  await rm(hub.logs, { recursive: true, maxRetries: 10 });
  hub.say("WARN", "moves");
  await hub.configure({ LocalStoreLocation: other });
  await hub.flush();
  expect(await hub.text(ACTIVE, other)).toContain("moves");
});

test("what a process says before the logger is there is not lost, nor what it says without it", async () => {
  const written: string[] = [];
  const processLog = createProcessLog("ERROR", (line) => written.push(line));
  const log = processLog.logOf("Agent");
  log.warn({ deviceId: "zb.1" }, "early");
  log.debug("nobody wants this");
  log.error("seen");
  expect(written.map((line) => JSON.parse(line).msg)).toEqual(["seen"]);
  const hub = await setUp();
  processLog.attach(hub.bus);
  log.child({ endpoint: "1" }).warn("later");
  await hub.flush();
  const lines = (await hub.text()).trimEnd().split("\n");
  expect(lines.map((line) => line.slice(25))).toEqual([
    'WARN [Agent] early {"deviceId":"zb.1"}',
    "ERROR [Agent] seen",
    'WARN [Agent] later {"endpoint":"1"}',
  ]);
  expect(await hub.configure({ LogLevel: "DEBUG" })).toBe("DEBUG");
  log.debug("wanted now");
  await hub.flush();
  expect(await hub.text()).toContain("DEBUG [Agent] wanted now");
  // Longer than the bus takes: what a line may hold of it is there.
  log.warn(`long ${"x".repeat(2_000_000)}`);
  await hub.flush();
  expect(await hub.text()).toMatch(/WARN \[Agent\] long x{10000}/);
});

test("what is said without end is written once a second, with how often it was left out, and nothing else with it", () => {
  const written: string[] = [];
  const clock = new FakeClock();
  const processLog = createProcessLog("INFO", (line) => written.push(line), clock);
  const log = processLog.logOf("AceZigbee");
  const told = () => written.splice(0).map((line) => JSON.parse(line));
  for (let n = 0; n < 10_000; n++) log.info({ n }, "again");
  expect(told()).toHaveLength(100);
  log.info("something else");
  processLog.logOf("CDMB").info("again");
  expect(told().map(({ msg }) => msg)).toEqual(["something else", "again"]);
  clock.advance(2_000);
  for (let n = 0; n < 10_000; n++) log.info({ n }, "again");
  expect(told()).toMatchObject([{ msg: "again", n: 0, leftOut: 9_900 }, { n: 1 }]);
  // Nor does it help to say it otherwise each time; the end of a process is always told.
  for (let n = 0; n < 10_000; n++) log.info(`again ${n}`);
  expect(told().length).toBeLessThan(2_000);
  log.fatal("the process ends");
  expect(told()).toMatchObject([{ msg: "the process ends" }]);
  clock.advance(60_000);
  log.info("quiet again");
  expect(told()).toHaveLength(1);
});

test.each([
  ["cannot be written", (name: string) => mkdir(name)],
  ["is a link, which somebody else may have put there", (name: string) => symlink(join(root, "theirs"), name)],
])("a place whose log file %s is not taken, and no line is lost", async (_what, put) => {
  const hub = await setUp();
  const elsewhere = join(hub.place, "elsewhere");
  await mkdir(elsewhere);
  await put(join(elsewhere, ACTIVE));
  await writeFile(join(root, "theirs"), "untouched");
  expect(await hub.refused({ LocalStoreLocation: elsewhere })).toContain("is not taken");
  hub.say("WARN", "still here");
  await hub.flush();
  expect(await hub.text()).toContain("still here");
  expect(await readFile(join(root, "theirs"), "utf8")).toBe("untouched");
});
