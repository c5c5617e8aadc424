import { monitorEventLoopDelay } from "node:perf_hooks";

// Loaded into the server (`--import`): on SIGUSR2 it says how long its event loop was held up since the last time.
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
process.on("SIGUSR2", () => {
  const milliseconds = (nanoseconds) => Math.round(nanoseconds / 10_000) / 100;
  const [p99, max] = [delay.percentile(99), delay.max].map(milliseconds);
  console.error(`event-loop-delay ${JSON.stringify({ p99, max })}`);
  delay.reset();
});
