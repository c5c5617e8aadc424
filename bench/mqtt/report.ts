import { median } from "../machine.ts";
import type { Outcome } from "./job.ts";
import type { Scenario } from "./scenarios.ts";

/** Of one scenario: the outcomes of all runs, by broker. */
export interface Measured {
  scenario: Scenario;
  hearth: Outcome[];
  peer?: Outcome[];
}

type Figure = keyof Omit<Outcome, "window">;

/** Median over the runs; undefined where there is no such figure. */
export function medianOf(outcomes: readonly Outcome[] | undefined, figure: Figure): number | undefined {
  const values = (outcomes ?? []).map((one) => one[figure]).filter((value) => value !== undefined);
  return values.length > 0 ? median(values) : undefined;
}

const round = (value: number | undefined, digits: number) => (value === undefined ? "–" : value.toFixed(digits));
const kib = (bytes: number | undefined) => (bytes === undefined ? "–" : `${(bytes / 1024).toFixed(1)} KiB`);

/** Hearth's figure by the peer's: CPU, or memory for idle connections. */
export function ratioOf({ scenario, hearth, peer }: Measured): number | undefined {
  const figure = scenario.load.kind === "idle" ? "rss" : "cpu";
  const [own, other] = [medianOf(hearth, figure), medianOf(peer, figure)];
  return own === undefined || other === undefined ? undefined : own / other;
}

/** What a reader of the table must know of this scenario. */
function remarks({ scenario, hearth, peer }: Measured): string[] {
  const found: string[] = [];
  for (const [name, outcomes] of [
    ["Hearth", hearth],
    ["peer", peer],
  ] as const) {
    if (!outcomes) continue;
    const { load } = scenario;
    const sent = medianOf(outcomes, "sent");
    const late = medianOf(outcomes, "late");
    if (late !== undefined && late > 0.05) found.push(`${name}: ${(100 * late).toFixed(0)} % sent in late bursts`);
    const made = load.kind === "connects" ? medianOf(outcomes, "rate") : undefined;
    if (load.kind === "connects" && made !== undefined && made < 0.95 * load.rate) {
      found.push(`${name}: only ${made.toFixed(0)}/s of ${load.rate}/s`);
    }
    const wanted = load.kind === "messages" ? load.rate : undefined;
    if (wanted !== undefined && sent !== undefined && sent < 0.98 * wanted) {
      found.push(`${name}: only ${sent.toFixed(0)}/s of ${wanted}/s sent`);
    }
    const lost = medianOf(outcomes, "lost");
    if (lost) found.push(`${name}: ${lost} lost`);
    const generator = medianOf(outcomes, "generator");
    if (generator !== undefined && generator > 0.9)
      found.push(`${name}: generator at ${(100 * generator).toFixed(0)} %`);
    const resumed = medianOf(outcomes, "resumed");
    if (load.kind === "connects" && load.resume && resumed !== undefined && resumed < 0.98) {
      found.push(`${name}: ${(100 * resumed).toFixed(0)} % resumed`);
    }
  }
  return found;
}

/** The scenario in one line, as progress. */
export function line(outcome: Outcome): string {
  const parts = [
    outcome.rss === undefined ? `${round(outcome.cpu, 2)} µs` : kib(outcome.rss),
    outcome.rate === undefined ? "" : `${round(outcome.rate, 0)}/s`,
    outcome.p50 === undefined ? "" : `p50 ${round(outcome.p50, 2)} p99 ${round(outcome.p99, 2)} ms`,
    outcome.late ? `${round(100 * outcome.late, 0)} % late` : "",
    outcome.lost ? `${outcome.lost} lost` : "",
    outcome.generator === undefined ? "" : `generator ${round(100 * outcome.generator, 0)} %`,
    outcome.resumed ? `${round(100 * outcome.resumed, 0)} % resumed` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** Markdown; CPU in microseconds for each delivered message or connect. */
export function table(measured: readonly Measured[], peerName: string): string {
  const rows = measured.map((one) => {
    const { scenario, hearth, peer } = one;
    const idle = scenario.load.kind === "idle";
    const cost = (outcomes: Outcome[] | undefined) =>
      idle ? kib(medianOf(outcomes, "rss")) : round(medianOf(outcomes, "cpu"), 2);
    const latency = (outcomes: Outcome[] | undefined) =>
      medianOf(outcomes, "p50") === undefined
        ? "–"
        : `${round(medianOf(outcomes, "p50"), 2)} / ${round(medianOf(outcomes, "p99"), 2)}`;
    const aim = scenario.aim === undefined ? "" : idle ? `≤ ${kib(scenario.aim)}` : `≤ ${scenario.aim.toFixed(2)}`;
    return [
      `${scenario.about} (\`${scenario.name}\`)`,
      cost(hearth),
      cost(peer),
      round(ratioOf(one), 2),
      aim,
      round(medianOf(hearth, "rate"), 0),
      round(medianOf(peer, "rate"), 0),
      latency(hearth),
      latency(peer),
      remarks(one).join("; "),
    ];
  });
  const head = [
    "Scenario",
    "Hearth µs",
    `${peerName} µs`,
    "ratio",
    "aim",
    "Hearth /s",
    `${peerName} /s`,
    "Hearth p50/p99 ms",
    `${peerName} p50/p99 ms`,
    "remarks",
  ];
  const align = ["---", ...Array.from({ length: 8 }, () => "--:"), "---"];
  return [head, align, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
