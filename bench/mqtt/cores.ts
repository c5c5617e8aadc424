import { spawnSync } from "node:child_process";
import { cpus } from "node:os";

const separable = cpus().length >= 2 && !spawnSync("taskset", ["-V"]).error;
const CORE = { broker: "0", generator: "1" };

/** Command that keeps a process and its threads on one core, all brokers on the same, the generator on another. */
export const onCore = (role: keyof typeof CORE): string[] => (separable ? ["taskset", "-c", CORE[role]] : []);

export const coresLine = separable
  ? "broker on core 0, generator on core 1 (taskset)"
  : "broker and generator share all cores (no taskset, or one core)";
