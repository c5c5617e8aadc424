import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { Bus } from "../bus/bus.ts";
import type { HubSettings, Part, PartName } from "../part.ts";
import { createBackOff } from "./back-off.ts";
import { createPartBus } from "./part-bus.ts";

/** A part that takes longer to start does not hold up the next. */
const PATIENCE = 5_000;

export interface RunnerDeps {
  bus: Bus;
  clock: Clock;
  /** The log of a part. */
  logOf(part: string): Logger;
  settings: HubSettings;
}

interface Stoppable {
  stop(): Promise<void>;
}

export interface RunningParts extends Stoppable {
  /** Those that do not run yet, because their start failed or takes long. */
  waiting(): PartName[];
  /** Resolves when all have started once. */
  allRan: Promise<void>;
}

/**
 * Starts the parts one after the other. One whose start fails is tried again, with growing pauses; the others run. Each
 * part is a service `part.<name>` on the bus, whose method `status` says how it is. After `signal` no more are started.
 */
export async function runParts(parts: readonly Part[], deps: RunnerDeps, signal?: AbortSignal): Promise<RunningParts> {
  const running: PartRun[] = [];
  const waiting = new Set(parts.map(({ name }) => name));
  let sayAllRan = () => {};
  const allRan = new Promise<void>((resolve) => {
    sayAllRan = resolve;
  });
  const ran = (part: PartName): void => {
    if (waiting.delete(part) && waiting.size === 0) sayAllRan();
  };
  const aborted = new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
  for (const part of parts) {
    if (signal?.aborted) break;
    const run = runPart(part, deps, () => ran(part.name));
    running.push(run);
    await Promise.race([run.started, aborted, new Promise<void>((resolve) => deps.clock.after(PATIENCE, resolve))]);
  }
  return {
    waiting: () => [...waiting],
    allRan,
    async stop() {
      for (const run of running.reverse()) await run.stop();
    },
  };
}

interface PartRun extends Stoppable {
  /** The first attempt, whatever became of it. */
  started: Promise<void>;
}

function runPart(part: Part, { bus, clock, logOf, settings }: RunnerDeps, onRun: () => void): PartRun {
  const log = logOf(part.name);
  const view = createPartBus(bus, log);
  const backOff = createBackOff(clock);
  let state: "starting" | "running" | "failed" = "starting";
  let reason: string | undefined;
  let instance: { stop(): Promise<void> } | undefined;
  let stopTimer = () => {};
  let stopped = false;

  const attempt = async (): Promise<void> => {
    try {
      const directory = join(settings.stateDirectory, part.name);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const started = await part.start({ bus: view.bus, clock, log, directory, settings });
      if (stopped) return await started.stop();
      instance = started;
      state = "running";
      reason = undefined;
      log.info("started");
      onRun();
    } catch (error) {
      view.release();
      if (stopped) return;
      state = "failed";
      reason = messageOf(error);
      const wait = backOff.next();
      log.error({ retryInMs: wait }, `could not start: ${reason}`);
      stopTimer = clock.after(wait, () => {
        current = attempt();
      });
    }
  };

  const stopServing = bus.serve(`part.${part.name}`, {
    status: async () => ({ state, pid: process.pid, ...(reason !== undefined && { reason }) }),
  });
  let current = attempt();
  return {
    started: current,
    async stop() {
      stopped = true;
      stopTimer();
      // A start that hangs is not waited for.
      await Promise.race([current, new Promise<void>((resolve) => clock.after(PATIENCE, resolve))]);
      await instance?.stop().catch((error) => log.error(`could not stop: ${messageOf(error)}`));
      view.release();
      stopServing();
    },
  };
}
