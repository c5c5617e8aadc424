import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machine } from "../machine.ts";
import {
  aedesOf,
  BenchError,
  type Broker,
  type BrokerKind,
  type Ground,
  hearthOf,
  mosquittoOf,
  prepareGround,
} from "./brokers.ts";
import { coresLine } from "./cores.ts";
import type { Job, Outcome, Target } from "./job.ts";
import { type Generator, startGenerator } from "./load-process.ts";
import { type MqttBenchOptions, mqttOptions, usage } from "./options.ts";
import { selfTimes } from "./profile.ts";
import { line, type Measured, medianOf, ratioOf, table } from "./report.ts";
import { type Scenario, scenarios } from "./scenarios.ts";

/** Seconds before each window: code is compiled, queues fill. */
const WARM_UP = 2;

/** Hearth and a peer in turns under the same load. Resolves to the exit code. */
export async function benchMqtt(args: readonly string[]): Promise<number> {
  const options = mqttOptions(args);
  if ("problem" in options) {
    console.error(`${options.problem}\n${usage}`);
    return 2;
  }
  const chosen = scenarios.filter(
    ({ name }) => options.only.length === 0 || options.only.some((one) => fits(name, one)),
  );
  if (chosen.length === 0) {
    console.error(`no such scenario; there are ${scenarios.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  let ground: Ground | undefined;
  let generator: Generator | undefined;
  try {
    ground = await prepareGround();
    const peer =
      options.peer === "mosquitto" ? mosquittoOf(ground) : options.peer === "aedes" ? aedesOf(ground) : undefined;
    const hearth = await hearthOf(ground);
    console.log(
      [machine(), coresLine, ...[hearth, ...(peer ? [peer] : [])].map((one) => `${one.name}: ${one.about}`)].join("\n"),
    );
    generator = startGenerator();
    await showAuthorization(hearth, generator, ground);
    if (options.profile) {
      await profile(chosen, hearth, generator, ground, options);
      return 0;
    }
    console.log(`${options.runs} runs of ${options.seconds} s after ${WARM_UP} s, in turns; medians`);
    const measured: Measured[] = [];
    for (const [index, scenario] of chosen.entries()) {
      console.log(`[${index + 1}/${chosen.length}] ${scenario.name}: ${scenario.about}`);
      const one = await measure(scenario, hearth, scenario.alone ? undefined : peer, generator, ground, options);
      measured.push(one);
      // After each, so that a bench that is stopped has not been for nothing.
      if (options.json) writeFileSync(options.json, asJson(measured, options, hearth, peer));
    }
    console.log(`\n${table(measured, peer?.name ?? "–")}`);
    return 0;
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    generator?.stop();
    ground?.remove();
  }
}

/** A whole name, or a prefix that ends with `*`. */
const fits = (name: string, wanted: string) =>
  wanted.endsWith("*") ? name.startsWith(wanted.slice(0, -1)) : name === wanted;

function jobOf(scenario: Scenario, broker: Broker, ground: Ground, seconds: number): Job {
  const { client } = ground.certificates;
  const target: Target =
    scenario.over === "tls"
      ? { port: broker.tlsPort, pid: broker.pid, tls: client }
      : { port: broker.tcpPort, pid: broker.pid };
  return { ...scenario.load, target, warmUp: WARM_UP, seconds } as Job;
}

async function measure(
  scenario: Scenario,
  hearth: BrokerKind,
  peer: BrokerKind | undefined,
  generator: Generator,
  ground: Ground,
  { runs, seconds }: MqttBenchOptions,
): Promise<Measured> {
  const measured: Measured = { scenario, hearth: [], ...(peer ? { peer: [] } : {}) };
  const turns = [
    [hearth, measured.hearth],
    ...(peer && measured.peer ? ([[peer, measured.peer]] as const) : []),
  ] as const;
  // Memory is counted on a fresh process each time; elsewhere one that has compiled its code serves all runs.
  const fresh = scenario.load.kind === "idle";
  const kept = fresh ? [] : await Promise.all(turns.map(([kind]) => kind.start()));
  try {
    for (let run = 0; run < runs; run++) {
      for (const [index, [kind, outcomes]] of turns.entries()) {
        const broker = kept[index] ?? (await kind.start());
        try {
          const outcome = await generator.run(jobOf(scenario, broker, ground, seconds));
          outcomes.push(outcome);
          console.log(`  run ${run + 1} ${kind.name.padEnd(9)} ${line(outcome)}`);
        } finally {
          if (fresh) await broker.stop();
        }
      }
    }
  } finally {
    for (const broker of kept) await broker.stop();
  }
  const ratio = ratioOf(measured);
  if (ratio !== undefined)
    console.log(`  ratio ${ratio.toFixed(2)}${scenario.load.kind === "idle" ? "" : ` (aim ${scenario.aim})`}`);
  return measured;
}

/** On both ports, before anything is measured. */
async function showAuthorization(hearth: BrokerKind, generator: Generator, ground: Ground): Promise<void> {
  const broker = await hearth.start();
  try {
    for (const over of ["tcp", "tls"] as const) {
      const { target } = jobOf({ over, load: { kind: "idle" } } as Scenario, broker, ground, 0);
      const { count } = await generator.run({ kind: "denied", target });
      console.log(`authorization is on over ${over}: an allowed topic delivers, ${count} denied ones are refused`);
    }
  } finally {
    await broker.stop();
  }
}

/** Hearth alone, one run of each scenario, and where its main thread's time went. */
async function profile(
  chosen: readonly Scenario[],
  hearth: BrokerKind,
  generator: Generator,
  ground: Ground,
  { seconds }: MqttBenchOptions,
): Promise<void> {
  for (const scenario of chosen) {
    const directory = mkdtempSync(join(tmpdir(), "hearth-profile-"));
    const broker = await hearth.start(directory);
    let outcome: Outcome;
    try {
      outcome = await generator.run(jobOf(scenario, broker, ground, seconds));
    } finally {
      await broker.stop();
    }
    console.log(`\n${scenario.name}: ${scenario.about}; ${line(outcome)} (with the profiler's own cost)`);
    if (outcome.window) console.log(selfTimes(directory, outcome.window).join("\n"));
    else console.log("  nothing happens in it that a profile would show");
    rmSync(directory, { recursive: true, force: true });
  }
}

function asJson(
  measured: readonly Measured[],
  { seconds, runs }: MqttBenchOptions,
  hearth: BrokerKind,
  peer: BrokerKind | undefined,
): string {
  const medians = (outcomes: Outcome[] | undefined) =>
    outcomes && {
      cpuMicros: medianOf(outcomes, "cpu"),
      rate: medianOf(outcomes, "rate"),
      p50: medianOf(outcomes, "p50"),
      p99: medianOf(outcomes, "p99"),
      rss: medianOf(outcomes, "rss"),
      runs: outcomes,
    };
  const rows = measured.map((one) => ({
    scenario: one.scenario.name,
    about: one.scenario.about,
    aim: one.scenario.aim,
    ratio: ratioOf(one),
    hearth: medians(one.hearth),
    peer: medians(one.peer),
  }));
  const brokers = [hearth, peer].map((kind) => kind && { name: kind.name, about: kind.about });
  return `${JSON.stringify({ machine: machine(), cores: coresLine, brokers, seconds, runs, rows }, null, 2)}\n`;
}
