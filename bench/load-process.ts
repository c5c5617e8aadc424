import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { ROOT } from "../tests/kit/programs.ts";

/** What a load answers to a job. */
export type LoadAnswer<Figures> = { figures?: Figures | undefined } | { error: string };

export interface LoadProcess<Job, Figures> {
  /** One job at a time. Rejects when it fails or the process ends. */
  run(job: Job): Promise<Figures | undefined>;
  stop(): void;
}

/** Starts a load as a process: the server's threads must not wait for its turns of the event loop. */
export function startLoadProcess<Job extends object, Figures>(program: URL): LoadProcess<Job, Figures> {
  const child = spawn(process.execPath, ["--import", "tsx", fileURLToPath(program)], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  return {
    run: (job) =>
      new Promise((resolve, reject) => {
        const ended = (code: number | null) => reject(new Error(`the load ended with ${code}`));
        child.once("exit", ended);
        child.once("message", (answer: LoadAnswer<Figures>) => {
          child.off("exit", ended);
          if ("error" in answer) reject(new Error(answer.error));
          else resolve(answer.figures);
        });
        child.send(job);
      }),
    stop: () => child.disconnect(),
  };
}

/** In the load's own process: takes jobs over IPC, one at a time, and answers each with what `run` gives. */
export function answerJobs<Job, Figures>(run: (job: Job) => Promise<Figures | undefined>): void {
  const send = (answer: LoadAnswer<Figures>) => process.send?.(answer);
  process.on("message", (job: Job) => {
    run(job).then(
      (figures) => send({ figures }),
      (error: unknown) => send({ error: error instanceof Error ? error.message : String(error) }),
    );
  });
  process.on("disconnect", () => process.exit(0));
}
