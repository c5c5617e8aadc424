import { cpuMicros } from "./process-figures.ts";

const micros = () => Number(process.hrtime.bigint() / 1000n);

/** Begins to measure; what is returned ends it. CPU in microseconds, of the broker. */
export function openWindow(pid: number) {
  const own = process.cpuUsage();
  const begin = micros();
  const before = cpuMicros(pid);
  return () => {
    const cpu = cpuMicros(pid) - before;
    const end = micros();
    const used = process.cpuUsage(own);
    const window: [number, number] = [begin, end];
    return { cpu, seconds: (end - begin) / 1e6, generator: (used.user + used.system) / (end - begin), window };
  };
}
