import { benchCommands } from "./commands.ts";
import { benchConnectors } from "./connectors.ts";
import { benchFunctions } from "./functions.ts";
import { benchHub } from "./hub.ts";
import { cpuCost, fsyncCost, machine } from "./machine.ts";
import { benchManaged } from "./managed.ts";
import { benchMqtt } from "./mqtt/bench-mqtt.ts";
import { usage as mqttUsage } from "./mqtt/options.ts";
import { benchRollout } from "./rollout.ts";
import { benchShadows } from "./shadows.ts";

const benches: Readonly<Record<string, (seconds: number, runs: number, ...more: string[]) => Promise<void>>> = {
  commands: benchCommands,
  connectors: benchConnectors,
  functions: benchFunctions,
  hub: benchHub,
  managed: benchManaged,
  rollout: benchRollout,
  shadows: benchShadows,
};

/** `npm run bench -- <name> [seconds a run] [runs]`, or `mqtt` with options of its own. */
const [name = "", ...args] = process.argv.slice(2);
if (name === "mqtt") process.exit(await benchMqtt(args));
const [seconds = "5", runs = "3", ...more] = args;
const bench = benches[name];
if (!bench || !(Number(seconds) > 0) || !(Number(runs) > 0)) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join("|")} [seconds a run] [runs]\n${mqttUsage}`);
  process.exit(2);
}
console.log(machine());
console.log(
  `one fsync of 4 KiB: ${fsyncCost().toFixed(3)} ms (median of 200); SHA-256 of 16 MiB: ${cpuCost().toFixed(1)} ms`,
);
await bench(Number(seconds), Number(runs), ...more);
process.exit(0);
