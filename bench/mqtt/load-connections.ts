import type { SecureContext } from "node:tls";
import { type LoadClient, openClient } from "./client.ts";
import type { ConnectsJob, DeniedJob, IdleJob, Outcome } from "./job.ts";
import { publishPacket, STAMP_BYTES } from "./packets.ts";
import { residentBytes } from "./process-figures.ts";
import { openWindow } from "./window.ts";

const AT_ONCE = 8;
/** Connections that come and go before the count, so that a process's first growth is not put down to them. */
const REHEARSAL = 200;
const SETTLE_MS = 3_000;
const PACE_MS = 500;

const delay = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function openMany(job: IdleJob, count: number, context: SecureContext | undefined): Promise<LoadClient[]> {
  const open: LoadClient[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const clientId = `p${next++}`;
      const client = await openClient(job.target, { clientId, context });
      await client.subscribe(`bench/${clientId}/m`, 0);
      open.push(client);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return open;
}

/** Resident memory that connections with one subscription each add. */
export async function loadIdle(job: IdleJob, context: SecureContext | undefined): Promise<Outcome> {
  const { pid } = job.target;
  for (const { socket } of await openMany(job, REHEARSAL, context)) socket.destroy();
  await delay(SETTLE_MS);
  const before = residentBytes(pid);
  const open = await openMany(job, job.connections, context);
  await delay(SETTLE_MS);
  const rss = (residentBytes(pid) - before) / job.connections;
  const close = openWindow(pid);
  await delay(SETTLE_MS);
  const { cpu, seconds } = close();
  for (const { socket } of open) socket.destroy();
  // Idle CPU, in microseconds a second for each connection.
  return { count: job.connections, rss, cpu: cpu / seconds / job.connections };
}

/**
 * Handshake, CONNECT, CONNACK and the end, spread evenly. As fast as they go before the window: what runs once a connect
 * is not compiled for long at a few hundred a second, and a broker runs for longer than that.
 */
export async function loadConnects(job: ConnectsJob, context: SecureContext | undefined): Promise<Outcome> {
  let count = 0;
  let resumed = 0;
  let warm = false;
  let stopped = false;
  const worker = async (index: number) => {
    let session: Buffer | undefined;
    const every = (1000 * AT_ONCE) / job.rate;
    let due = performance.now() + (every * index) / AT_ONCE;
    while (!stopped) {
      if (warm) await delay(Math.max(0, due - performance.now()));
      due = Math.max(warm ? due + every : 0, performance.now());
      const { socket } = await openClient(job.target, {
        clientId: `p${index}`,
        context,
        ...(job.resume && session ? { session } : {}),
        onSession(given) {
          session = given;
        },
      });
      // Tickets of TLS 1.3 follow the handshake: the first of them is there when CONNACK is.
      count += 1;
      if ((socket as unknown as { isSessionReused?: () => boolean }).isSessionReused?.()) resumed += 1;
      await new Promise((resolve) => {
        socket.on("close", resolve);
        socket.end(Buffer.from([0xe0, 0]));
      });
    }
  };
  const workers = Promise.all(Array.from({ length: AT_ONCE }, (_, index) => worker(index)));
  await delay(job.warmUp * 1000);
  warm = true;
  // The pace is found again before anything is counted.
  await delay(PACE_MS);
  const [countBefore, resumedBefore] = [count, resumed];
  const close = openWindow(job.target.pid);
  await delay(job.seconds * 1000);
  const { cpu, seconds, generator, window } = close();
  const [made, reused] = [count - countBefore, resumed - resumedBefore];
  stopped = true;
  await workers;
  return { count: made, cpu: cpu / made, rate: made / seconds, resumed: reused / made, generator, window };
}

/** Resolves when a publication to a topic that the policy denies has ended the connection; rejects when it was taken. */
export async function loadDenied({ target }: DeniedJob, context: SecureContext | undefined): Promise<Outcome> {
  let heard = 0;
  const listener = await openClient(target, { clientId: "s0", context, onPacket: () => heard++ });
  await listener.subscribe("bench/p0/#", 0);
  const publish = async (topic: string) => {
    let acknowledged = false;
    const { socket } = await openClient(target, {
      clientId: "p0",
      context,
      onPacket(first) {
        if (first >> 4 !== 4) return;
        acknowledged = true;
        socket.destroy();
      },
    });
    const { bytes, packetIdAt } = publishPacket(topic, STAMP_BYTES, 1, 0);
    bytes.writeUInt16BE(1, packetIdAt);
    await new Promise((resolve) => {
      socket.on("close", resolve);
      socket.write(bytes);
    });
    return acknowledged;
  };
  const allowed = await publish("bench/p0/m");
  const denied = [await publish("bench/p0/denied"), await publish("bench/p1/m")];
  listener.socket.destroy();
  if (!allowed || heard !== 1) throw new Error("a publication that the policy allows did not arrive");
  if (denied.includes(true)) throw new Error("a publication that the policy denies was taken");
  return { count: denied.length };
}
