import { parseArgs } from "node:util";

export interface MqttBenchOptions {
  peer: "mosquitto" | "aedes" | "none";
  seconds: number;
  runs: number;
  /** Names, or prefixes that end with `*`; empty: all. */
  only: readonly string[];
  /** Path that the figures are written to as well. */
  json: string | undefined;
  profile: boolean;
}

export const usage =
  "usage: npm run bench -- mqtt [--peer mosquitto|aedes|none] [--seconds 5] [--runs 3] [--only <scenario,…>] [--json <file>] [--profile]";

/** Reads the command line; `problem` says what is wrong with it. */
export function mqttOptions(args: readonly string[]): MqttBenchOptions | { problem: string } {
  let values: { peer: string; seconds: string; runs: string; only: string[]; json?: string; profile: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        peer: { type: "string", default: "mosquitto" },
        seconds: { type: "string", default: "5" },
        runs: { type: "string", default: "3" },
        only: { type: "string", multiple: true, default: [] },
        json: { type: "string" },
        profile: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    return { problem: (error as Error).message };
  }
  const { peer, json, profile } = values;
  if (peer !== "mosquitto" && peer !== "aedes" && peer !== "none") return { problem: `--peer ${peer} is not known` };
  const [seconds, runs] = [Number(values.seconds), Number(values.runs)];
  if (!(seconds > 0)) return { problem: "--seconds must be a number above 0" };
  if (!Number.isInteger(runs) || runs < 1) return { problem: "--runs must be a whole number from 1" };
  const only = values.only.flatMap((one) => one.split(",")).filter((one) => one !== "");
  return { peer: profile ? "none" : peer, seconds, runs, only, json, profile };
}
