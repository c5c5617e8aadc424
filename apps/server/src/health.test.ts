import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { awsLimits, type Broker, standardLimits } from "@hearth/broker";
import { afterEach, beforeEach, expect, test } from "vitest";
import { showBroker } from "./broker-metrics.ts";
import { serveHealth } from "./health.ts";
import { createMetrics } from "./metrics.ts";

let server: Server;
beforeEach(async () => {
  const metrics = createMetrics();
  const limitReached = Object.fromEntries(Object.keys(standardLimits).map((name) => [name, 0]));
  limitReached["payload"] = 3;
  showBroker(metrics, { connections: 2, limitReached } as unknown as Broker["metrics"]);
  server = createServer((incoming, response) => {
    serveHealth(incoming, response, { ready: () => true, metrics: metrics.text, hosts: ["localhost", "[::1]"] });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const ask = (host: string, path = "/metrics"): Promise<{ status: number | undefined; text: string }> =>
  new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    request({ host: "127.0.0.1", port, path, headers: { host }, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
    })
      .on("error", reject)
      .end();
  });

test.each(["localhost", "LOCALHOST:4566", "[::1]:80"])("metrics are shown under %s", async (host) => {
  expect((await ask(host)).status).toBe(200);
});

test.each(["elsewhere.example", "elsewhere.example:4566", "localhost.example", "::1", ""])(
  "metrics are not shown under %j",
  async (host) => {
    const { status, text } = await ask(host);
    expect(status).toBe(403);
    expect(text).not.toContain("hearth_mqtt");
    expect((await ask(host, "/healthz")).status).toBe(200);
  },
);

test("every limit has its counter", async () => {
  const { text } = await ask("localhost");
  expect(text).toContain('hearth_mqtt_limit_reached_total{limit="payload"} 3\n');
  for (const name of Object.keys(awsLimits))
    expect(text).toContain(`hearth_mqtt_limit_reached_total{limit="${name}"} `);
  expect(text).toContain("hearth_mqtt_connections 2\n");
});
