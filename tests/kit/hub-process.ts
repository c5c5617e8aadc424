import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Program, programArguments } from "./programs.ts";

export interface HubProcess {
  pid: number;
  /** Below which its places are: `HEARTH_HUB_ROOT`. */
  root: string;
  /** What it and the processes that it has started say on standard error. */
  stderr(): string;
  /** Resolves to the exit code; null when a signal ended it. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

const KEPT = 1_000_000;

/** Places of a hub of its own; `remove` ends what is left of its processes, too. */
export function makeHubRoot(): { root: string; remove(): Promise<void> } {
  // Short, for the sockets in it.
  const root = mkdtempSync(join(tmpdir(), "hub-"));
  return {
    root,
    async remove() {
      const run = join(root, "dev/aipc");
      for (const name of listed(run).filter((one) => one.endsWith(".pid"))) {
        const { pid } = JSON.parse(readFileSync(join(run, name), "utf8"));
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // Gone already.
        }
      }
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/**
 * Starts the hub's program from its bundle, with `args` behind its name; `hub-toys` is the hub of toys, and a path that of
 * an installed one.
 */
export function startHubProcess(
  root: string,
  args: readonly string[],
  program: Program | `/${string}` = "hub",
): HubProcess {
  const [command, ...words] = isInstalled(program) ? [program] : [process.execPath, ...programArguments(program)];
  const child: ChildProcess = spawn(command, [...words, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, HEARTH_HUB_ROOT: root },
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-KEPT);
  });
  const exited = once(child, "exit").then(([code]) => code as number | null);
  return {
    pid: child.pid as number,
    root,
    stderr: () => stderr,
    async kill(signal) {
      child.kill(signal);
      return await exited;
    },
  };
}

const isInstalled = (program: Program | `/${string}`): program is `/${string}` => program.startsWith("/");

function listed(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
