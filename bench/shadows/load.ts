import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { type LoadClient, openClient } from "../mqtt/client.ts";
import { frame, text } from "../mqtt/packets.ts";
import type { ShadowFigures, ShadowJob } from "./job.ts";

export interface ShadowLoad {
  update(seconds: number): Promise<ShadowFigures>;
  stop(): void;
}

/** Devices that report, each of several things over one connection, and wait for `accepted` with so many in flight. */
export async function connectShadowLoad(job: ShadowJob & { kind: "connect" }): Promise<ShadowLoad> {
  const { certificate: cert, privateKey: key } = job.identity;
  const context = createSecureContext({ ca: readFileSync(job.file.caFile), cert, key });
  const reporters: Reporter[] = [];
  // A few at a time: a handshake is work for both sides.
  for (let first = 0; first < job.connections; first += 10) {
    const some = Array.from({ length: Math.min(10, job.connections - first) }, (_, offset) => first + offset);
    const opened = some.map((index) => openReporter(job, context, index));
    reporters.push(...(await Promise.all(opened)));
  }
  return {
    async update(seconds) {
      const latencies: number[] = [];
      const own = process.cpuUsage();
      const begun = performance.now();
      const end = begun + seconds * 1000;
      await Promise.all(reporters.map((reporter) => reporter.updateUntil(end, latencies)));
      const used = process.cpuUsage(own);
      return { seconds: (performance.now() - begun) / 1000, latencies, cpu: used.user + used.system };
    },
    stop() {
      for (const reporter of reporters) reporter.stop();
    },
  };
}

interface Reporter {
  updateUntil(end: number, latencies: number[]): Promise<void>;
  stop(): void;
}

const REJECTED = Buffer.from("rejected");

async function openReporter(
  { file, connections, things, inFlight }: ShadowJob & { kind: "connect" },
  context: ReturnType<typeof createSecureContext>,
  index: number,
): Promise<Reporter> {
  const own = Array.from({ length: Math.max(1, Math.round(things / connections)) }, (_, of) => `bench-${index}-${of}`);
  const topics = own.map((thing) => text(`$aws/things/${thing}/shadow/update`));
  /** By slot, when the update in it left. */
  const starts = new Float64Array(inFlight);
  let client: LoadClient | undefined;
  let next = 0;
  let packetId = 0;
  let open = 0;
  let end = 0;
  let into: number[] = [];
  let finished = (): void => {};

  const send = (slot: number): void => {
    const topic = topics[next++ % topics.length] as Buffer;
    packetId = (packetId % 65_535) + 1;
    const level = next % 100;
    const payload = `{"state":{"reported":{"on":${level > 50},"level":${level},"temperature":21.5}},"clientToken":"${slot}"}`;
    starts[slot] = performance.now();
    client?.socket.write(frame(0x32, topic, Buffer.from([packetId >> 8, packetId & 255]), Buffer.from(payload)));
  };

  client = await openClient(
    { port: file.mqttsPort },
    {
      clientId: `bench-${index}`,
      context,
      onPacket(first, data, at, packetEnd) {
        if (first >> 4 !== 3) return;
        const topicEnd = at + 2 + data.readUInt16BE(at);
        if (REJECTED.equals(data.subarray(topicEnd - REJECTED.length, topicEnd))) {
          throw new Error(data.toString("utf8", topicEnd, packetEnd));
        }
        // The document ends with `"clientToken":"<slot>"}`.
        let slot = 0;
        let scale = 1;
        for (let digit = packetEnd - 3; data[digit] !== 0x22; digit--, scale *= 10) {
          slot += ((data[digit] as number) - 0x30) * scale;
        }
        const now = performance.now();
        into.push(now - (starts[slot] as number));
        if (now < end) {
          if (client?.socket.writableCorked === 0) client.socket.cork();
          send(slot);
        } else if (--open === 0) finished();
      },
      onRead() {
        if (client?.socket.writableCorked) client.socket.uncork();
      },
    },
  );
  for (const thing of own) {
    for (const answer of ["accepted", "rejected"]) {
      await client.subscribe(`$aws/things/${thing}/shadow/update/${answer}`, 0);
    }
  }
  return {
    updateUntil(until, latencies) {
      end = until;
      into = latencies;
      open = inFlight;
      return new Promise((resolve) => {
        finished = resolve;
        for (let slot = 0; slot < inFlight; slot++) send(slot);
      });
    },
    stop: () => void client?.socket.destroy(),
  };
}
