import { parseCron } from "./cron.ts";
import type { MaintenanceWindow } from "./job.ts";

/** When the window that is open at `now` shuts; undefined when none is. Milliseconds since the epoch. */
export function openUntil(windows: readonly MaintenanceWindow[], now: number): number | undefined {
  let until: number | undefined;
  for (const { startTime, durationInMinutes } of windows) {
    const length = durationInMinutes * 60_000;
    const cron = parseCron(startTime);
    // Windows may begin while an earlier one of the same schedule is open: the last one counts.
    for (let start = cron.next(now - length); start !== undefined && start <= now; start = cron.next(start)) {
      until = Math.max(until ?? 0, start + length);
    }
  }
  return until;
}

/** When the next window opens, after `now`. */
export function nextOpening(windows: readonly MaintenanceWindow[], now: number): number | undefined {
  const openings = windows.flatMap(({ startTime }) => parseCron(startTime).next(now) ?? []);
  return openings.length === 0 ? undefined : Math.min(...openings);
}
