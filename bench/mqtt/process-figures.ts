import { readFileSync } from "node:fs";

/** Linux counts in hundredths of a second in /proc, whatever its timer does. */
const TICKS_PER_SECOND = 100;

/** Microseconds, user and system, that a process has used with all its threads; 10 ms is the grain. */
export const cpuMicros = (pid: number): number => microsIn(`/proc/${pid}/stat`);

/** The same of its first thread alone: in Node the one that runs JavaScript. */
export const firstThreadMicros = (pid: number): number => microsIn(`/proc/${pid}/task/${pid}/stat`);

function microsIn(path: string): number {
  const stat = readFileSync(path, "utf8");
  // The name before stands in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS_PER_SECOND;
}

/** Resident bytes. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) * 1024;
}
