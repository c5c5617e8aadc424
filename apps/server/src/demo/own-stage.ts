import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Timeline } from "./timeline.ts";

export interface OwnStage {
  /** Is gone after the demo. */
  directory: string;
  /** Takes what has to be ended, at once, so that somebody ends it whatever happens next; the last comes first. */
  closing: (end: () => Promise<unknown>) => void;
  line: Timeline;
}

/** Runs a demo that brings all it needs; whatever comes of it, and at Ctrl-C, nothing is left. */
export async function onOwnStage(title: string, walk: (stage: OwnStage) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "hearth-demo-"));
  const ends: (() => Promise<unknown>)[] = [];
  const line = new Timeline();
  let cleaning: Promise<void> | undefined;
  const closing = (end: () => Promise<unknown>): void => {
    if (cleaning === undefined) ends.push(end);
    else void end();
  };
  const cleanUp = (): Promise<void> => {
    cleaning ??= (async () => {
      for (const end of ends.reverse()) await end().catch(() => undefined);
      rmSync(directory, { recursive: true, force: true });
    })();
    return cleaning;
  };
  const interrupted = (signal: NodeJS.Signals) => {
    line.step("demo", `${signal}: cleans up`);
    void cleanUp().finally(() => process.exit(130));
  };
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  try {
    line.title(title);
    await walk({ directory, closing, line });
    line.title("Done.");
  } catch (error) {
    // What broke off is of no interest to somebody who has broken it off.
    if (cleaning === undefined) throw error;
  } finally {
    await cleanUp();
    process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
  }
}
