import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { type LoadClient, openClient } from "./client.ts";
import { Histogram } from "./histogram.ts";
import type { MessagesJob, Outcome } from "./job.ts";
import { type Prepared, publishPacket } from "./packets.ts";
import { openWindow } from "./window.ts";

/** Publications that may wait for a late tick; more are left out, and the rate is reported as not reached. */
const BEHIND_MS = 200;
/** Milliseconds between ticks from which on what is sent is a burst that the machine made, not the load. */
const LATE_MS = 4;
/** Milliseconds without a delivery after which what is in flight is given up as lost. */
const SILENCE_MS = 2_000;

interface Publisher {
  socket: Socket;
  packet: Prepared;
  packetId: number;
  sent: number;
  /** Deliveries of its publications, and PUBACKs. */
  delivered: number;
  acknowledged: number;
}

/** Publishers, subscribers and the clock are one process, so that a stamp in the payload is a latency. */
export async function loadMessages(job: MessagesJob, context: SecureContext | undefined): Promise<Outcome> {
  const { shape, clients, qos, size, target } = job;
  const publisherCount = shape === "fan-out" ? 1 : clients;
  const subscriberCount = shape === "fan-in" ? 1 : clients;
  const fan = shape === "fan-out" ? clients : 1;
  const latencies = new Histogram();
  const publishers: Publisher[] = [];
  let delivered = 0;
  let total = 0;
  let measuring = false;
  let refill: (() => void) | undefined;

  const subscriber = async (index: number): Promise<LoadClient> => {
    let acknowledgements: Buffer[] = [];
    const client = await openClient(target, {
      clientId: `s${index}`,
      clean: !job.persistent,
      context,
      onPacket(first, data, at, end) {
        if (first >> 4 !== 3) return;
        const payload = end - size;
        total += 1;
        publishers[data.readUInt32LE(payload + 8)]!.delivered += 1;
        if (measuring) {
          delivered += 1;
          latencies.add(performance.now() - data.readDoubleLE(payload));
        }
        if (first & 6) {
          const id = at + 2 + ((data[at]! << 8) | data[at + 1]!);
          acknowledgements.push(Buffer.from([0x40, 2, data[id]!, data[id + 1]!]));
        }
      },
      onRead() {
        if (acknowledgements.length > 0) {
          client?.socket.write(acknowledgements.length === 1 ? acknowledgements[0]! : Buffer.concat(acknowledgements));
          acknowledgements = [];
        }
        refill?.();
      },
    });
    const filter = shape === "pairs" ? `bench/p${index}/m` : shape === "fan-out" ? "bench/p0/m" : "bench/+/m";
    await client.subscribe(filter, qos);
    return client;
  };
  const publisher = async (index: number): Promise<Publisher> => {
    const { socket } = await openClient(target, {
      clientId: `p${index}`,
      context,
      onPacket(first) {
        if (first >> 4 === 4) publishers[index]!.acknowledged += 1;
      },
      onRead: () => refill?.(),
    });
    const packet = publishPacket(`bench/p${index}/m`, size, qos, index);
    return { socket, packet, packetId: 0, sent: 0, delivered: 0, acknowledged: 0 };
  };

  const subscribers = await Promise.all(Array.from({ length: subscriberCount }, (_, index) => subscriber(index)));
  publishers.push(...(await Promise.all(Array.from({ length: publisherCount }, (_, index) => publisher(index)))));
  for (const { socket } of [...subscribers, ...publishers]) {
    socket.once("close", () => {
      if (refill) throw new Error("the broker closed a connection under load");
    });
  }

  const sentNow = () => publishers.reduce((sum, one) => sum + one.sent, 0);
  const load = job.rate === undefined ? flood(job, publishers, fan) : pace(job.rate, publishers, qos);
  refill = load.refill;
  await delay(job.warmUp * 1000);
  const [sentBefore, lateBefore] = [sentNow(), load.late()];
  const close = openWindow(target.pid);
  measuring = true;
  await delay(job.seconds * 1000);
  measuring = false;
  const { cpu, seconds, generator, window } = close();
  const published = sentNow() - sentBefore;
  const late = (load.late() - lateBefore) / published;
  load.stop();
  // What is still under way arrives, or never will.
  for (let before = -1; total < sentNow() * fan && before !== total; ) {
    before = total;
    await delay(total < sentNow() * fan ? SILENCE_MS / 4 : 0);
  }
  refill = undefined;
  const lost = sentNow() * fan - total;
  for (const { socket } of [...subscribers, ...publishers]) socket.destroy();
  if (job.persistent) await forget(job, subscriberCount, context);
  return {
    count: delivered,
    cpu: cpu / delivered,
    rate: delivered / seconds,
    sent: published / seconds,
    late,
    p50: latencies.quantile(0.5),
    p99: latencies.quantile(0.99),
    lost,
    generator,
    window,
  };
}

interface Load {
  refill?: () => void;
  /** Publications sent so far by late ticks. */
  late(): number;
  stop(): void;
}

/** One tick a millisecond sends what is due, each message as a write, that is a segment, of its own. */
function pace(rate: number, publishers: Publisher[], qos: number): Load {
  const start = performance.now();
  let due = 0;
  let next = 0;
  let last = start;
  let late = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const wanted = Math.floor(((now - start) * rate) / 1000);
    due = Math.max(due, wanted - Math.ceil((rate * BEHIND_MS) / 1000));
    if (now - last > LATE_MS) late += wanted - due;
    last = now;
    for (; due < wanted; due++) {
      const one = publishers[next]!;
      next = (next + 1) % publishers.length;
      one.socket.write(stamped(one, 1, qos, performance.now()));
    }
  }, 1);
  return { late: () => late, stop: () => clearInterval(timer) };
}

/** Keeps `window` messages of each publisher in flight. */
function flood({ window = 100, batch = 10, qos }: MessagesJob, publishers: Publisher[], fan: number): Load {
  let scheduled = false;
  let stopped = false;
  const fill = () => {
    scheduled = false;
    if (stopped) return;
    const now = performance.now();
    for (const one of publishers) {
      for (;;) {
        const arrived = one.delivered / fan;
        const settled = qos === 0 ? arrived : Math.min(arrived, one.acknowledged);
        if (one.sent + batch - settled > window) break;
        one.socket.write(stamped(one, batch, qos, now));
      }
    }
  };
  const refill = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(fill);
  };
  refill();
  return {
    refill,
    late: () => 0,
    stop: () => {
      stopped = true;
    },
  };
}

/** A buffer of its own: it may have to wait in the socket. */
function stamped(one: Publisher, count: number, qos: number, now: number): Buffer {
  const { bytes, payloadAt, packetIdAt } = one.packet;
  const { length } = bytes;
  const out = Buffer.allocUnsafe(length * count);
  for (let at = 0; at < out.length; at += length) {
    bytes.copy(out, at);
    out.writeDoubleLE(now, at + payloadAt);
    if (qos > 0) {
      one.packetId = (one.packetId % 65_535) + 1;
      out.writeUInt16BE(one.packetId, at + packetIdAt);
    }
  }
  one.sent += count;
  return out;
}

/** Ends the sessions that outlived their connections. */
async function forget({ target }: MessagesJob, count: number, context: SecureContext | undefined): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      (await openClient(target, { clientId: `s${index}`, context })).socket.destroy();
    }),
  );
}

const delay = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
