import { readFileSync } from "node:fs";
import { createClient } from "@hearth/client";
import { connectAsync, type MqttClient } from "mqtt";
import { startServerProcess } from "../tests/kit/server-process.ts";
import { median, quantile } from "./machine.ts";

const THINGS = 50;
/** Updates of one device that wait for their `accepted`. */
const IN_FLIGHT = 8;

/**
 * Durable shadow updates a second: devices over mutual TLS publish `reported` at QoS 1 and count the `accepted`
 * answers, each of which leaves after the fsync.
 */
export async function benchShadows(seconds: number, runs: number): Promise<void> {
  const server = await startServerProcess({ fromSources: true });
  try {
    const { file } = server;
    const iot = createClient("iot", { endpoint: file.apiEndpoint, region: file.region, credentials: file });
    const keys = await iot.send("CreateKeysAndCertificate", { setAsActive: true });
    await iot.send("CreatePolicy", {
      policyName: "bench",
      policyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "iot:*", Resource: "*" }],
      }),
    });
    await iot.send("AttachPolicy", { policyName: "bench", target: keys.certificateArn ?? "" });
    const devices = await Promise.all(
      Array.from({ length: THINGS }, (_, index) => device(file, keys, `bench-${index}`)),
    );
    console.log(`${THINGS} devices over mutual TLS, ${IN_FLIGHT} updates in flight each, ${runs} runs of ${seconds} s`);
    const rates: number[] = [];
    const p50: number[] = [];
    const p99: number[] = [];
    for (let run = 0; run < runs; run++) {
      const latencies: number[] = [];
      const end = Date.now() + seconds * 1000;
      await Promise.all(devices.map((one) => one.updateUntil(end, latencies)));
      rates.push(latencies.length / seconds);
      p50.push(median(latencies));
      p99.push(quantile(latencies, 0.99));
      console.log(`  run ${run + 1}: ${rates.at(-1)?.toFixed(0)} updates/s`);
    }
    console.log(
      `durable shadow updates: ${median(rates).toFixed(0)}/s, p50 ${median(p50).toFixed(1)} ms, p99 ${median(p99).toFixed(1)} ms (medians)`,
    );
    await Promise.all(devices.map((one) => one.client.endAsync()));
  } finally {
    await server.stop();
  }
}

async function device(
  file: { mqttHost: string; mqttsPort: number; caFile: string },
  keys: { certificatePem?: string; keyPair?: { PrivateKey?: string } },
  thingName: string,
) {
  const client: MqttClient = await connectAsync(`mqtts://${file.mqttHost}:${file.mqttsPort}`, {
    clientId: thingName,
    ca: readFileSync(file.caFile),
    cert: keys.certificatePem,
    key: keys.keyPair?.PrivateKey,
    reconnectPeriod: 0,
  });
  const prefix = `$aws/things/${thingName}/shadow/update`;
  const waiting = new Map<string, () => void>();
  client.on("message", (_topic, payload) => {
    const { clientToken } = JSON.parse(payload.toString()) as { clientToken?: string };
    if (clientToken) waiting.get(clientToken)?.();
  });
  await client.subscribeAsync([`${prefix}/accepted`, `${prefix}/rejected`], { qos: 0 });
  let count = 0;
  const update = () =>
    new Promise<void>((resolve) => {
      const clientToken = `t${count++}`;
      waiting.set(clientToken, () => {
        waiting.delete(clientToken);
        resolve();
      });
      client.publish(prefix, JSON.stringify({ state: { reported: { count } }, clientToken }), { qos: 1 });
    });
  return {
    client,
    async updateUntil(end: number, latencies: number[]) {
      const worker = async () => {
        while (Date.now() < end) {
          const start = performance.now();
          await update();
          latencies.push(performance.now() - start);
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    },
  };
}
