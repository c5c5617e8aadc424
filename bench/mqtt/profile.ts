import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[];
  samples: number[];
  timeDeltas: number[];
  /** Microseconds of the monotonic clock. */
  startTime: number;
}

/** The functions that the main thread spent its own time in between two moments, the largest share first. */
export function selfTimes(directory: string, [from, to]: [number, number], most = 25): string[] {
  // Workers write profiles of their own; the main thread's is the one of thread 0.
  const name = readdirSync(directory).find((file) => /^CPU\.\d+\.\d+\.\d+\.0\.\d+\.cpuprofile$/.test(file));
  if (!name) throw new Error(`no profile in ${directory}`);
  const profile = JSON.parse(readFileSync(join(directory, name), "utf8")) as Profile;
  const labels = new Map(
    profile.nodes.map(({ id, callFrame }) => {
      const file = callFrame.url.split("/").slice(-3).join("/");
      return [id, `${callFrame.functionName || "(anonymous)"}${file ? `  ${file}` : ""}`];
    }),
  );
  const times = new Map<string, number>();
  let now = profile.startTime;
  let total = 0;
  profile.samples.forEach((id, index) => {
    const delta = profile.timeDeltas[index] ?? 0;
    now += delta;
    const label = labels.get(id) ?? "?";
    if (now < from || now > to || label === "(idle)") return;
    times.set(label, (times.get(label) ?? 0) + delta);
    total += delta;
  });
  const busy = `  JavaScript and what it calls: ${((100 * total) / (to - from)).toFixed(1)} % of the window (libuv's reads are not in it); of that:`;
  const rows = [...times]
    .sort(([, one], [, other]) => other - one)
    .slice(0, most)
    .map(([label, time]) => `${((100 * time) / total).toFixed(1).padStart(5)} %  ${label}`);
  return [busy, ...rows];
}
