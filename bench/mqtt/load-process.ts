import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ROOT } from "../../tests/kit/programs.ts";
import { onCore } from "./cores.ts";
import type { Answer, Job, Outcome } from "./job.ts";

export interface Generator {
  /** One job at a time. */
  run(job: Job): Promise<Outcome>;
  stop(): void;
}

/** The load generator, as a process on a core of its own. */
export function startGenerator(): Generator {
  const path = fileURLToPath(new URL("generator.ts", import.meta.url));
  const [command = "", ...args] = [...onCore("generator"), process.execPath, "--import", "tsx", path];
  const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit", "ipc"] });
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        const ended = (code: number | null) => reject(new Error(`the load generator ended with ${code}`));
        child.once("exit", ended);
        child.once("message", (answer: Answer) => {
          child.off("exit", ended);
          if ("error" in answer) reject(new Error(answer.error));
          else resolve(answer.outcome);
        });
        child.send(job);
      }),
    stop: () => child.disconnect(),
  };
}
