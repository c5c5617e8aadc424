import { type ChildProcess, spawn } from "node:child_process";
import { lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import { createBackOff } from "./back-off.ts";

/** How often a process that another has started is looked after. */
const LOOK = 500;
/** Before a process that does not stop is killed. */
const GRACE = 5_000;

export interface ProcessSpec {
  name: string;
  /** Of Node: the program and its arguments. */
  args: readonly string[];
}

export interface Supervised {
  /** Ends a process that does not react to anything; it is started again. */
  kill(): void;
  stop(): Promise<void>;
}

/**
 * Keeps a process running: one that ends is started again, with growing pauses. It outlives its supervisor when that is
 * killed; the next supervisor finds it by `<directory>/<name>.pid` and goes on with it, or replaces it when it was
 * started with other arguments.
 */
export function supervise(
  { name, args }: ProcessSpec,
  { directory, clock, log }: { directory: string; clock: Clock; log: Logger },
): Supervised {
  const pidFile = join(directory, `${name}.pid`);
  const backOff = createBackOff(clock);
  let pid: number | undefined;
  /** When it started: the id alone may be somebody else's by now. */
  let started: string | undefined;
  let child: ChildProcess | undefined;
  let stopTimer = () => {};
  let stopping = false;

  const again = (how: string): void => {
    pid = undefined;
    child = undefined;
    if (stopping) return;
    const wait = backOff.next();
    log.error({ process: name, retryInMs: wait }, `the process ${name} ended (${how}) and is started again`);
    stopTimer = clock.after(wait, start);
  };

  const start = (): void => {
    // Its errors go where ours go, and still do when we are gone.
    const fresh = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    child = fresh;
    fresh.once("error", (error) => again(error.message));
    fresh.once("exit", (code, signal) => again(signal ?? `exit code ${code}`));
    pid = fresh.pid;
    if (pid === undefined) return;
    started = startOf(pid);
    backOff.succeeded();
    log.info({ process: name, pid }, "process started");
    try {
      // A link in its place is not followed.
      rmSync(pidFile, { force: true });
      writeFileSync(pidFile, JSON.stringify({ pid, started, args }), { mode: 0o600, flag: "wx" });
    } catch (error) {
      log.warn({ process: name }, `the process id could not be noted: ${messageOf(error)}`);
    }
  };

  const look = (adopted: number): void => {
    if (startOf(adopted) !== started) again("nobody was there to see how");
    else stopTimer = clock.after(LOOK, () => look(adopted));
  };

  const left = readPidFile(pidFile);
  if (left && startOf(left.pid) === left.started && isOfHub(left.pid, directory)) {
    if (JSON.stringify(left.args) === JSON.stringify(args)) {
      pid = left.pid;
      started = left.started;
      backOff.succeeded();
      log.info({ process: name, pid }, "process of an earlier run found");
      look(left.pid);
    } else {
      log.info({ process: name, pid: left.pid }, "a process with other settings is replaced");
      void end(left.pid, left.started, clock).then(() => {
        if (!stopping) start();
      });
    }
  } else start();

  return {
    kill() {
      if (pid === undefined || startOf(pid) !== started) return;
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It was faster.
      }
    },
    async stop() {
      stopping = true;
      stopTimer();
      if (pid !== undefined) await end(pid, started, clock, child);
      rmSync(pidFile, { force: true });
    },
  };
}

/** When the process started, in the kernel's ticks. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie is gone.
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** A process says itself whose it is; the file may have been put there by anybody. */
function isOfHub(pid: number, directory: string): boolean {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return args.includes("--part") && args[args.indexOf("--run") + 1] === directory;
  } catch {
    return false;
  }
}

function readPidFile(path: string): { pid: number; started: string; args: unknown } | undefined {
  try {
    // A pipe would keep its reader waiting.
    if (!lstatSync(path).isFile()) return undefined;
    const { pid, started, args } = JSON.parse(readFileSync(path, "utf8"));
    return Number.isSafeInteger(pid) && pid > 1 && typeof started === "string" ? { pid, started, args } : undefined;
  } catch {
    return undefined;
  }
}

async function end(pid: number, started: string | undefined, clock: Clock, child?: ChildProcess): Promise<void> {
  const gone = (): boolean => (child ? child.exitCode !== null || child.signalCode !== null : startOf(pid) !== started);
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(pid, name);
    } catch {
      // It was faster.
    }
  };
  if (gone()) return;
  signal("SIGTERM");
  const until = clock.monotonic() + GRACE;
  while (!gone() && clock.monotonic() < until) await new Promise<void>((resolve) => clock.after(20, resolve));
  if (!gone()) signal("SIGKILL");
}
