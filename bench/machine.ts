import { createHash } from "node:crypto";
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

/** What the figures were taken on. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() || "CPU"}, ${memory} GiB, Node ${process.version}, Linux ${release()}`;
}

/** Median milliseconds of one 4 KiB append with fdatasync, where the servers keep their data. */
export function fsyncCost(rounds = 200): number {
  const directory = mkdtempSync(join(tmpdir(), "hearth-fsync-"));
  const file = openSync(join(directory, "file"), "a");
  const page = new Uint8Array(4096);
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = process.hrtime.bigint();
    writeSync(file, page);
    fdatasyncSync(file);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  closeSync(file);
  rmSync(directory, { recursive: true });
  return quantile(times, 0.5);
}

/** Milliseconds that this core takes for a fixed piece of work: two runs compare if it is the same. */
export function cpuCost(rounds = 9): number {
  const work = new Uint8Array(16 * 2 ** 20);
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    createHash("sha256").update(work).digest();
    return performance.now() - start;
  });
  return median(times);
}

/** Seconds of CPU that the whole machine has used so far; the time that its host has taken from it is in it. */
export function cpuOfMachine(): number {
  const [, user, nice, system, , , interrupts, soft, stolen] = readFileSync("/proc/stat", "utf8")
    .split(/\s+/)
    .map(Number);
  return [user, nice, system, interrupts, soft, stolen].reduce<number>((sum, ticks = 0) => sum + ticks, 0) / 100;
}

/** The value below which the share `q` of `values` lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
