import { openSync, readSync } from "node:fs";
import { createHistogram, monitorEventLoopDelay } from "node:perf_hooks";

// Loaded into the server (`--import`): on SIGUSR2 it says how long its event loop was held up since the last time, and how
// much of that the loop's own thread worked: on a machine that is busy otherwise, only this is the server's own doing.
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

const figures = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
const text = Buffer.alloc(100);
/** Nanoseconds for which this thread has run. */
const worked = () => Number(text.toString("latin1", 0, readSync(figures, text, 0, text.length, 0)).split(" ")[0]);
const work = createHistogram();
let before = worked();
setInterval(() => {
  const now = worked();
  work.record(Math.max(1, now - before));
  before = now;
}, 1).unref();

process.on("SIGUSR2", () => {
  const milliseconds = (nanoseconds) => Math.round(nanoseconds / 10_000) / 100;
  const [p99, max] = [delay.percentile(99), delay.max].map(milliseconds);
  const [workP99, workMax] = [work.percentile(99), work.max].map(milliseconds);
  console.error(`event-loop-delay ${JSON.stringify({ p99, max, workP99, workMax })}`);
  delay.reset();
  work.reset();
});
