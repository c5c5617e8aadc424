import { readdirSync, readFileSync } from "node:fs";

/** A process and all that it has started, straight or not. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = statOf(Number(name))?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  for (const next = [root]; next.length > 0; ) {
    const pid = next.pop() ?? 0;
    found.push(pid);
    next.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** MiB of all of them: resident, and proportional (what they share is counted once). */
export function memoryOf(pids: readonly number[]): { rss: number; pss: number } {
  const sum = { rss: 0, pss: 0 };
  for (const pid of pids) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
    sum.rss += kibibytes("Rss") / 1024;
    sum.pss += kibibytes("Pss") / 1024;
  }
  return sum;
}

/** Seconds of CPU that they have used so far, user and system. */
export const cpuOf = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + (statOf(pid)?.cpu ?? 0), 0);

/** Linux counts in hundredths of a second, whatever the kernel's own clock. */
const TICKS = 100;

function statOf(pid: number): { parent: number; cpu: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name stands in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { parent: Number(fields[1]), cpu: (Number(fields[11]) + Number(fields[12])) / TICKS };
  } catch {
    return undefined;
  }
}
