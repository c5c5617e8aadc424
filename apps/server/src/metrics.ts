import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export type Metrics = ReturnType<typeof createMetrics>;

/** What `/metrics` shows, in Prometheus form. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "hearth_api_request_seconds",
    help: "Time to answer API requests.",
    labelNames: ["service", "operation", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers: [registry],
  });
  return {
    registry,
    request(served: { service?: string; operation?: string; status: number; milliseconds: number }): void {
      const labels = {
        service: served.service ?? "none",
        operation: served.operation ?? "none",
        status: String(served.status),
      };
      requests.observe(labels, served.milliseconds / 1000);
    },
    /** A value that is read when it is collected. */
    gauge(name: string, help: string, read: () => number): void {
      new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    },
    /** A total kept elsewhere that only grows. */
    total(name: string, help: string, read: () => number): void {
      new Counter({
        name,
        help,
        registers: [registry],
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
    /** Totals kept elsewhere, told apart by one label. */
    totals(name: string, help: string, label: string, read: () => Iterable<readonly [string, number]>): void {
      new Counter({
        name,
        help,
        labelNames: [label],
        registers: [registry],
        collect() {
          this.reset();
          for (const [value, total] of read()) this.inc({ [label]: value }, total);
        },
      });
    },
    async text(): Promise<{ type: string; text: string }> {
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}
