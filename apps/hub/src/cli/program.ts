import { resolve } from "node:path";
import { messageOf } from "@hearth/base";
import { Command, Option } from "commander";
import { createProcessLog } from "../logger/process-log.ts";
import { type PartTable, runHub } from "../processes/run.ts";
import { readStatus } from "../processes/status.ts";
import { defaultPlaces, type RunFlags, readRunFlags } from "./run-options.ts";

/** Of settings that no restart mends (EX_CONFIG of sysexits.h). */
const UNUSABLE = 78;

/** `hearth-hub`. Each flag may be given as an environment variable, which its help names. */
export function createProgram(table: PartTable, environment: NodeJS.ProcessEnv = process.env): Command {
  const places = defaultPlaces(environment.HEARTH_HUB_ROOT);
  const program = new Command("hearth-hub")
    .description("A hub for Zigbee, Z-Wave and other devices: parts that speak over a local bus")
    .showHelpAfterError()
    .addHelpText("after", "\nHEARTH_HUB_ROOT: directory below which the default places are (default: /)");
  const option = (flags: string, text: string, variable: string): Option =>
    new Option(flags, text).env(`HEARTH_HUB_${variable}`);
  const repeated = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];
  const runDirectory = option("--run <directory>", "where the sockets are", "RUN").default(places.run);
  program
    .command("run")
    .description("run the hub, until SIGTERM or SIGINT")
    .addOption(
      option("--zigbee <port>", "Zigbee coordinator, tcp://host:port or a serial device (default: none)", "ZIGBEE"),
    )
    .addOption(
      option("--zwave <port>", "Z-Wave controller, tcp://host:port or a serial device (default: none)", "ZWAVE"),
    )
    .addOption(
      option(
        "--custom <module>",
        "matter, or the module of a custom protocol's plug-in; may be repeated (default: none)",
        "CUSTOM",
      ).argParser(repeated),
    )
    .addOption(option("--config <file>", "configuration of the hub", "CONFIG").default(places.config))
    .addOption(option("--state <directory>", "where the parts keep what must survive", "STATE").default(places.state))
    .addOption(runDirectory)
    .addOption(
      option("--logs <directory>", "runtime logs, unless their configuration names another", "LOGS").default(
        places.logs,
      ),
    )
    .addOption(
      option(
        "--zigbee-adapter <kind>",
        "kind of coordinator: deconz, ember, zboss, zigate, zoh, zstack",
        "ZIGBEE_ADAPTER",
      ).default("zstack"),
    )
    .addOption(
      option(
        "--certificate-handler <module>",
        "pkcs11, or the module that keeps certificates and keys (default: files)",
        "CERTIFICATE_HANDLER",
      ),
    )
    .addOption(
      option(
        "--layout <processes>",
        "processes with commas between: core, zigbee, zwave, custom, or a part's name (default: core and one for each radio that there is)",
        "LAYOUT",
      ),
    )
    .addOption(
      new Option(
        "--part <name>",
        "run only this part, on the bus of another process; may be repeated (default: all)",
      ).argParser(repeated),
    )
    .option("--no-children", "leave the other processes of the layout to somebody else (default: start them)")
    .addOption(
      option("--log-level <level>", "of standard error: DEBUG, INFO, WARN, ERROR", "LOG_LEVEL").default("INFO"),
    )
    .action((flags: RunFlags) => run(table, flags));

  program
    .command("status")
    .description("how each part is; exit code 1 unless all run")
    .addOption(runDirectory)
    .addOption(new Option("--wait <seconds>", "how long to wait until all run").default("0"))
    .action(status);
  return program;
}

/** Until a signal. What nobody catches ends the process as a whole: whoever looks after it starts it anew. */
async function run(table: PartTable, flags: RunFlags): Promise<void> {
  const log = createProcessLog("ERROR").logOf("hub");
  const fall = (error: unknown): void => {
    log.fatal({ stack: error instanceof Error ? error.stack : undefined }, `the process ends: ${messageOf(error)}`);
    process.exit(1);
  };
  process.on("uncaughtException", fall);
  process.on("unhandledRejection", fall);
  const ending = new AbortController();
  const starting = Promise.resolve().then(() => runHub(table, readRunFlags(flags), ending.signal));
  const stop = (): void => {
    if (ending.signal.aborted) return;
    ending.abort();
    starting.then((running) => running.stop()).then(() => process.exit(0), fall);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  try {
    await starting;
  } catch (error) {
    process.stderr.write(`hearth-hub: ${messageOf(error)}\n`);
    process.exit(UNUSABLE);
  }
}

async function status(flags: { run: string; wait: string }): Promise<void> {
  const run = resolve(flags.run);
  const statuses = await readStatus(run, Math.max(Number(flags.wait) || 0, 1) * 1_000);
  for (const { part, state, pid, reason } of statuses) {
    process.stdout.write(`${part.padEnd(16)} ${state}${pid ? ` (pid ${pid})` : ""}${reason ? `: ${reason}` : ""}\n`);
  }
  if (statuses.every(({ state }) => state === "missing")) {
    process.stderr.write(
      `hearth-hub: no hub runs in ${run}: start one, or say by --run or HEARTH_HUB_ROOT where it is\n`,
    );
  }
  process.exitCode = statuses.every(({ state }) => state === "running") ? 0 : 1;
}
