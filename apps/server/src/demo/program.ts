import { type ChildProcess, spawn } from "node:child_process";
import { CommandError } from "../command-error.ts";

/** By its place, not its name: that would be looked for where the command is typed. */
const LOADER = import.meta.resolve("tsx");
const KEPT_OUTPUT = 100_000;

export interface Program {
  /** All that it has printed, or its end. */
  output(): string;
  /** Resolves to the first match in what it prints; rejects with what it printed when it ends before, or in vain after 60 s. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves to its exit code. */
  exited: Promise<number | null>;
  stop(): Promise<void>;
}

/** What runs a program of ours in TypeScript. */
export const typeScript = (path: string, ...args: string[]): string[] => [
  ...[process.execPath, "--import", LOADER, path],
  ...args,
];

/** Starts a program as a process of its own. */
export function startProgram(name: string, command: readonly string[], env: NodeJS.ProcessEnv): Program {
  const [file = "", ...args] = command;
  const child: ChildProcess = spawn(file, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  let ended = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const one of waiting) one();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-KEPT_OUTPUT);
      wake();
    });
  }
  const exited = new Promise<number | null>((resolve) => {
    child.on("error", (error) => {
      printed += error.message;
      resolve(127);
    });
    child.on("close", resolve);
  });
  exited.then(() => {
    ended = true;
    wake();
  });
  return {
    exited,
    output: () => printed,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const done = (end: () => void) => {
          clearTimeout(timer);
          waiting.delete(look);
          end();
        };
        const look = () => {
          const found = pattern.exec(printed);
          if (found) done(() => resolve(found));
          else if (ended) done(() => reject(new CommandError(`${name} ended:\n${printed}`)));
        };
        const timer = setTimeout(
          () => done(() => reject(new CommandError(`${name} did not say ${pattern} within 60 s:\n${printed}`))),
          60_000,
        );
        waiting.add(look);
        look();
      }),
    async stop() {
      if (ended) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await exited;
      clearTimeout(timer);
    },
  };
}
