import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger, FakeClock } from "@hearth/base";
import { afterAll, expect, test, vi } from "vitest";
import { createMemoryBus } from "../bus/memory-bus.ts";
import type { Part } from "../part.ts";
import { runParts } from "./part-runner.ts";

const root = await mkdtemp(join(tmpdir(), "hub-parts-"));
afterAll(() => rm(root, { recursive: true, maxRetries: 10 }));

function setUp() {
  const clock = new FakeClock();
  const bus = createMemoryBus();
  const settings = { configPath: "", stateDirectory: root, runDirectory: "", logDirectory: "", customPlugins: [] };
  /** How often it was told that a part could not start; when it is, its next attempt is on the clock. */
  const failures = { count: 0 };
  const log = createLogger("error", {
    write(line) {
      if (line.includes("could not start")) failures.count += 1;
    },
  });
  return { bus, clock, failures, deps: { bus, clock, logOf: () => log, settings } };
}

test("a part whose start fails is tried again with growing pauses, and leaves nothing on the bus meanwhile", async () => {
  const { bus, clock, failures, deps } = setUp();
  const attempts: number[] = [];
  const part: Part = {
    name: "CDMB",
    async start({ bus: own, directory }) {
      attempts.push(clock.now());
      own.serve("cdmb", { n: async () => ({ n: attempts.length }) });
      own.subscribe("radio.*.changed", () => {});
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
      if (attempts.length < 4) throw new Error("the registry is damaged");
      return { stop: async () => {} };
    },
  };
  const healthy: Part = { name: "Agent", start: async () => ({ stop: async () => {} }) };
  const running = await runParts([part, healthy], deps);
  let said = false;
  const allRan = running.allRan.then(() => {
    said = true;
  });
  expect([running.waiting(), said]).toEqual([["CDMB"], false]);
  await expect(bus.request("cdmb", "n", {})).rejects.toMatchObject({ reason: "no-such-service" });
  expect(await bus.request("part.CDMB", "status", {})).toMatchObject({
    state: "failed",
    reason: "the registry is damaged",
  });
  for (const [pause, count] of [
    [200, 2],
    [400, 3],
    [800, 4],
  ] as const) {
    clock.advance(pause - 1);
    expect(attempts).toHaveLength(count - 1);
    clock.advance(1);
    await vi.waitFor(() => expect(attempts).toHaveLength(count), 30_000);
    if (count < 4) await vi.waitFor(() => expect(failures.count).toBe(count), 30_000);
  }
  await allRan;
  expect(running.waiting()).toEqual([]);
  expect(await bus.request("part.CDMB", "status", {})).toMatchObject({ state: "running" });
  expect(await bus.request("cdmb", "n", {})).toEqual({ n: 4 });
  await running.stop();
  await expect(bus.request("cdmb", "n", {})).rejects.toMatchObject({ reason: "no-such-service" });
  await expect(bus.request("part.CDMB", "status", {})).rejects.toMatchObject({ reason: "no-such-service" });
});

test("a part that hangs in its start holds up neither the others nor the end", async () => {
  const { bus, clock, deps } = setUp();
  const hangs: Part = { name: "HubOnboarding", start: () => new Promise(() => {}) };
  const begun: string[] = [];
  const other = (name: "CDMB" | "Agent"): Part => ({
    name,
    async start() {
      begun.push(name);
      return { stop: async () => {} };
    },
  });
  const ending = new AbortController();
  const starting = runParts(
    [hangs, other("CDMB"), { ...hangs, name: "MQTTProxy" }, other("Agent")],
    deps,
    ending.signal,
  );
  await vi.waitFor(() => {
    clock.advance(5_000);
    expect(begun).toEqual(["CDMB"]);
  }, 30_000);
  await vi.waitFor(
    async () => expect((await bus.request("part.MQTTProxy", "status", {})).state).toBe("starting"),
    30_000,
  );
  ending.abort();
  const running = await starting;
  let stopped = false;
  void running.stop().then(() => {
    stopped = true;
  });
  await vi.waitFor(() => {
    clock.advance(5_000);
    expect(stopped).toBe(true);
  }, 30_000);
});
