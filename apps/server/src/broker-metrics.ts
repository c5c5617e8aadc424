import type { Broker } from "@hearth/broker";
import type { Metrics } from "./metrics.ts";

/** Counters that may go down. */
const GAUGES = new Set(["connections", "sessions", "subscriptions", "retained"]);

const snake = (name: string) => name.replace(/[A-Z0-9]+/g, (part) => `_${part.toLowerCase()}`);

/** Shows the broker's plain counters at `/metrics` under `hearth_mqtt_…`. */
export function showBroker(metrics: Metrics, counters: Broker["metrics"]): void {
  const { limitReached, ...plain } = counters;
  metrics.totals("hearth_mqtt_limit_reached_total", "MQTT broker: times that a limit was reached.", "limit", () =>
    Object.entries(limitReached),
  );
  for (const name of Object.keys(plain) as (keyof typeof plain)[]) {
    const help = `MQTT broker: ${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}.`;
    if (GAUGES.has(name)) metrics.gauge(`hearth_mqtt_${snake(name)}`, help, () => counters[name]);
    else metrics.total(`hearth_mqtt_${snake(name)}_total`, help, () => counters[name]);
  }
}
