import { createSecureContext } from "node:tls";
import type { Answer, Job, Outcome } from "./job.ts";
import { loadConnects, loadDenied, loadIdle } from "./load-connections.ts";
import { loadMessages } from "./load-messages.ts";

/** The load's own process: takes jobs over IPC, one at a time, and answers each with its outcome. */

function run(job: Job): Promise<Outcome> {
  const { tls } = job.target;
  const context = tls && createSecureContext(tls);
  switch (job.kind) {
    case "messages":
      return loadMessages(job, context);
    case "idle":
      return loadIdle(job, context);
    case "connects":
      return loadConnects(job, context);
    case "denied":
      return loadDenied(job, context);
  }
}

process.on("message", (job: Job) => {
  run(job).then(
    (outcome) => process.send?.({ outcome } satisfies Answer),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? error.message : String(error) } satisfies Answer),
  );
});
process.on("disconnect", () => process.exit(0));
