/** What the device tells on standard output. */
export type Step =
  | { event: "started"; version: string }
  | { event: "connected" }
  | { event: "disconnected"; reason: string }
  | { event: "job"; jobId: string; operation: string; attempt: number }
  | { event: "download"; percent: number; received: number; total: number }
  | { event: "reported"; jobId: string; status: string; details: Readonly<Record<string, string>> }
  | { event: "refused"; jobId: string; message: string }
  | { event: "restarting" }
  | { event: "stopped" }
  | { event: "failed"; message: string };

export interface Teller {
  tell(step: Step): void;
  /** How far a download is. */
  show(received: number, total: number): void;
}

interface Terminal {
  isTTY?: boolean;
  write(text: string): unknown;
}

const BAR = 30;

/**
 * One JSON line for each step, for programs; with the device's `name`, sentences for people. A download is a bar that grows in its place on a
 * terminal, and a step for each tenth anywhere else.
 */
export function createTeller(out: Terminal, name?: string): Teller {
  const human = name !== undefined;
  const animated = human && out.isTTY === true;
  let line = "";
  let tenth = -1;

  function tell(step: Step): void {
    // The bar says it already.
    if (human && step.event === "reported" && step.details["step"] === "downloading") return;
    if (step.event === "job") tenth = -1;
    out.write(`${line ? "\n" : ""}${name === undefined ? JSON.stringify(step) : `${name} ${sentence(step)}`}\n`);
    line = "";
  }

  return {
    tell,
    show(received, total) {
      const percent = total === 0 ? 100 : Math.floor((100 * received) / total);
      if (animated) {
        const now = `${name} ${bar(received, total, percent)}`;
        if (now !== line) out.write(`\r${now}`);
        line = now;
      } else if (Math.floor(percent / 10) > tenth) {
        tenth = Math.floor(percent / 10);
        tell({ event: "download", percent, received, total });
      }
    },
  };
}

const mebibytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;

function bar(received: number, total: number, percent: number): string {
  const full = Math.floor((BAR * percent) / 100);
  const size = `${mebibytes(received)} of ${mebibytes(total)}`;
  return `[${"#".repeat(full)}${"-".repeat(BAR - full)}] ${String(percent).padStart(3)} %, ${size}`;
}

const detailed = (details: Readonly<Record<string, string>>): string =>
  Object.entries(details)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");

function sentence(step: Step): string {
  switch (step.event) {
    case "started":
      return `runs version ${step.version}`;
    case "connected":
      return "is connected";
    case "disconnected":
      return `is disconnected: ${step.reason}`;
    case "job":
      return `takes job ${step.jobId}: ${step.operation}${step.attempt > 1 ? `, attempt ${step.attempt}` : ""}`;
    case "download":
      return bar(step.received, step.total, step.percent);
    case "reported":
      return `reports ${step.status} of ${step.jobId}: ${detailed(step.details)}`;
    case "refused":
      return `gives job ${step.jobId} up: ${step.message}`;
    case "restarting":
      return "restarts";
    case "stopped":
      return "stops";
    case "failed":
      return `fails: ${step.message}`;
  }
}
