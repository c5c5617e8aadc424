import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, systemClock } from "@hearth/base";
import { connectBus, listenBus } from "../bus/socket-bus.ts";
import { childFlags, type RunOptions } from "../cli/run-options.ts";
import { createProcessLog } from "../logger/process-log.ts";
import type { HubSettings, Part, PartName } from "../part.ts";
import { isWanted, layOut, START_ORDER } from "./layout.ts";
import { runParts } from "./part-runner.ts";
import { openRunDirectory } from "./run-directory.ts";
import { watchForStuck } from "./stuck-watch.ts";
import { supervise } from "./supervisor.ts";

/** Each of the hub's parts; what makes it is called in the process that runs it. */
export type PartTable = Readonly<Partial<Record<PartName, () => Part | Promise<Part>>>>;

export const BUS_SOCKET = "bus.sock";
/** The core's own: `parts {}` answers `{ parts }`, what there should be. */
export const HUB_SERVICE = "hub";

export interface RunningHub {
  stop(): Promise<void>;
}

const partsOf = (table: PartTable, settings: HubSettings): PartName[] =>
  START_ORDER.filter((part) => table[part] && isWanted(part, settings));

/**
 * Runs the hub, or with `parts` some of it on the bus of another process. Resolves when the parts have begun, or `signal`
 * says that they need not; rejects when this process can never be of use, with what to do.
 */
export async function runHub(table: PartTable, options: RunOptions, signal?: AbortSignal): Promise<RunningHub> {
  const { settings, parts } = options;
  const log = createProcessLog(options.logLevel);
  const layout = layOut(options.layout, settings);
  const left = parts?.find((part) => !isWanted(part, settings));
  if (left) throw new Error(`--part ${left}: nothing says how it is reached: see --zigbee, --zwave and --custom`);
  const unknown = parts?.find((part) => !table[part]);
  if (unknown) throw new Error(`--part ${unknown}: this program does not have it`);
  // What libraries write, keys among it, is nobody else's. Where a group may look, it is said there.
  process.umask(0o077);
  await openRunDirectory(settings.runDirectory);
  await mkdir(settings.stateDirectory, { recursive: true, mode: 0o700 });
  const path = join(settings.runDirectory, BUS_SOCKET);
  const busLog = { log: log.logOf("hub") };
  const bus = parts ? connectBus(path, busLog) : await listenBus(path, busLog);
  log.attach(bus);
  const hubLog = log.logOf("hub");
  if (!parts) bus.serve(HUB_SERVICE, { parts: async () => ({ parts: partsOf(table, settings) }) });
  const children = parts || !options.children ? [] : layout.children;
  const supervised = children.map(({ name, part }) => {
    const args = [...process.execArgv, process.argv[1] as string, ...childFlags(part, options)];
    const one = supervise({ name, args }, { directory: settings.runDirectory, clock: systemClock, log: hubLog });
    const endWatch = watchForStuck(part, { bus, clock: systemClock, log: hubLog, kill: one.kill });
    return { endWatch, stop: one.stop };
  });
  // A process that waits for the bus has nothing else to stay for.
  const stay = setInterval(() => {}, 0x7fffffff);
  const made: Part[] = [];
  for (const name of START_ORDER.filter((part) => (parts ?? layout.core).includes(part))) {
    const create = table[name];
    if (create) made.push(await create());
  }
  const running = await runParts(made, { bus, clock: systemClock, logOf: log.logOf, settings }, signal);
  // A process of one part has said it already: the part started.
  if (!parts) {
    const processes = children.map(({ name }) => name);
    void running.allRan.then(() => hubLog.info({ parts: made.map(({ name }) => name), processes }, "the hub runs"));
    const waiting = running.waiting();
    if (waiting.length > 0)
      hubLog.warn({ parts: waiting }, "some parts do not run yet: they are tried again, see their errors");
  }
  return {
    async stop() {
      for (const { endWatch } of supervised) endWatch();
      await Promise.all(supervised.map((one) => one.stop()));
      await running.stop().catch((error) => hubLog.error(`could not stop: ${messageOf(error)}`));
      await bus.close();
      clearInterval(stay);
    },
  };
}
