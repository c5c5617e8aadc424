import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

export interface Victim {
  child: ChildProcess;
  /** What was acknowledged, by name. Whoever started the process adds to it until the process has ended. */
  acknowledged: string[];
  /** Resolves with the first acknowledgement. */
  first: Promise<unknown>;
}

/** A process that says what is acknowledged itself: a line `ack <name>` on its standard output. */
export function acknowledgedOnOutput(child: ChildProcess): Victim {
  const acknowledged: string[] = [];
  const lines = createInterface({ input: child.stdout! });
  lines.on("line", (line) => {
    if (line.startsWith("ack ")) acknowledged.push(line.slice(4));
  });
  return { child, acknowledged, first: once(lines, "line") };
}

/** Kills it with SIGKILL; returns when the last of its output has been read. */
export async function kill({ child }: Pick<Victim, "child">): Promise<void> {
  const ended = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, "close");
  child.kill("SIGKILL");
  await ended;
}

/**
 * Starts a process, kills it at a random moment, checks what it has left, and again. Returns the number of
 * acknowledgements and the problems that `check` found; stops at the first round with a problem.
 */
export async function killRounds(options: {
  rounds: number;
  start(round: number): Victim | Promise<Victim>;
  /** What happens to the data between the kill and the check, such as a power cut. */
  afterKill?(round: number): void;
  check(round: number, acknowledged: readonly string[]): Promise<string[]>;
}): Promise<{ acknowledged: number; problems: string[] }> {
  let acknowledged = 0;
  for (let round = 1; round <= options.rounds; round++) {
    const victim = await options.start(round);
    let errors = "";
    victim.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (errors.length < 10_000) errors += text;
    });
    const died = once(victim.child, "close").then(([code, signal]) => {
      if (signal !== "SIGKILL") throw new Error(`round ${round}: the process ended by itself (${code}): ${errors}`);
    });
    // Mostly in full work, sometimes at any moment of the start.
    const moment = round % 3 === 0 ? pause(Math.random() * 600) : victim.first.then(() => pause(Math.random() * 150));
    await Promise.race([moment, died]);
    await kill(victim);
    await died;
    options.afterKill?.(round);
    acknowledged += victim.acknowledged.length;
    const problems = await options.check(round, victim.acknowledged);
    if (problems.length > 0) return { acknowledged, problems };
  }
  return { acknowledged, problems: [] };
}
