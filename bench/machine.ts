import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
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

/** The value below which the share `q` of `values` lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
