import type { ConnectsJob, IdleJob, MessagesJob } from "./job.ts";

type Without<T> = Omit<T, "target" | "seconds" | "warmUp">;

export interface Scenario {
  name: string;
  about: string;
  over: "tcp" | "tls";
  load: Without<MessagesJob> | Without<IdleJob> | Without<ConnectsJob>;
  /** The most of the peer's CPU (of RSS: bytes) that Hearth may need against mosquitto. */
  aim?: number;
  /** Peers do not store what they acknowledge: there is nothing to compare with. */
  alone?: true;
}

const sizes = [
  ["64", 64],
  ["1k", 1024],
] as const;

const pairs = (qos: 0 | 1, size: number, rate: number) =>
  ({ kind: "messages", shape: "pairs", clients: 20, qos, size, rate }) as const;
const wide = (shape: "fan-out" | "fan-in", size: number) =>
  ({
    kind: "messages",
    shape,
    clients: 200,
    qos: 0,
    size,
    // Ten thousand deliveries a second either way.
    rate: shape === "fan-out" ? 50 : 10_000,
  }) as const;
/** Bytes in flight stay below what a broker lets wait for one slow subscriber, or the flood would count drops. */
const flood = (shape: MessagesJob["shape"], qos: 0 | 1, size: number) => {
  const large = size > 64;
  const [window, batch] = {
    pairs: qos === 1 ? [100, 10] : large ? [400, 20] : [2_000, 100],
    "fan-out": large ? [100, 10] : [500, 50],
    "fan-in": large ? [4, 4] : [50, 50],
  }[shape] as [number, number];
  return { kind: "messages", shape, clients: shape === "pairs" ? 20 : 200, qos, size, window, batch } as const;
};

/** In the order in which they run and are reported. */
export const scenarios: readonly Scenario[] = [
  ...sizes.flatMap(([name, size]): Scenario[] => [
    {
      name: `q0-10k-${name}`,
      about: `20→20 QoS 0, 10,000/s, ${size} B`,
      over: "tcp",
      load: pairs(0, size, 10_000),
      aim: 1.0,
    },
    {
      name: `q0-40k-${name}`,
      about: `20→20 QoS 0, 40,000/s, ${size} B`,
      over: "tcp",
      load: pairs(0, size, 40_000),
      aim: 1.0,
    },
    {
      name: `q1-5k-${name}`,
      about: `20→20 QoS 1, 5,000/s, ${size} B`,
      over: "tcp",
      load: pairs(1, size, 5_000),
      aim: 1.1,
    },
    { name: `fan-out-${name}`, about: `1→200, 50/s, ${size} B`, over: "tcp", load: wide("fan-out", size), aim: 0.9 },
    { name: `fan-in-${name}`, about: `200→1, 10,000/s, ${size} B`, over: "tcp", load: wide("fan-in", size), aim: 1.0 },
  ]),
  ...sizes.flatMap(([name, size]): Scenario[] => [
    {
      name: `flood-q0-${name}`,
      about: `flood 20→20 QoS 0, ${size} B`,
      over: "tcp",
      load: flood("pairs", 0, size),
      aim: 0.15,
    },
    {
      name: `flood-q1-${name}`,
      about: `flood 20→20 QoS 1, ${size} B`,
      over: "tcp",
      load: flood("pairs", 1, size),
      aim: 0.15,
    },
    {
      name: `flood-out-${name}`,
      about: `flood 1→200, ${size} B`,
      over: "tcp",
      load: flood("fan-out", 0, size),
      aim: 0.15,
    },
    {
      name: `flood-in-${name}`,
      about: `flood 200→1, ${size} B`,
      over: "tcp",
      load: flood("fan-in", 0, size),
      aim: 0.15,
    },
  ]),
  ...sizes.flatMap(([name, size]): Scenario[] => [
    {
      name: `tls-q0-${name}`,
      about: `TLS 20→20 QoS 0, 10,000/s, ${size} B`,
      over: "tls",
      load: pairs(0, size, 10_000),
      aim: 1.2,
    },
    {
      name: `tls-q1-${name}`,
      about: `TLS 20→20 QoS 1, 5,000/s, ${size} B`,
      over: "tls",
      load: pairs(1, size, 5_000),
      aim: 1.2,
    },
  ]),
  {
    name: "tls-connect",
    about: "mutual-TLS connect, full handshake, 200/s",
    over: "tls",
    load: { kind: "connects", resume: false, rate: 200 },
    aim: 1.2,
  },
  {
    name: "tls-resume",
    about: "mutual-TLS connect, resumed, 200/s",
    over: "tls",
    load: { kind: "connects", resume: true, rate: 200 },
    aim: 1.15,
  },
  {
    name: "idle",
    about: "5,000 idle connections",
    over: "tcp",
    load: { kind: "idle", connections: 5_000 },
    aim: 8 * 1024,
  },
  {
    name: "tls-idle",
    about: "1,000 idle mutual-TLS connections",
    over: "tls",
    load: { kind: "idle", connections: 1_000 },
    aim: 70 * 1024,
  },
  {
    name: "persistent-10k",
    about: "persistent QoS 1, fsync, 10,000/s, 64 B",
    over: "tcp",
    load: { ...pairs(1, 64, 10_000), persistent: true },
    alone: true,
  },
  {
    name: "persistent-flood",
    about: "persistent QoS 1, fsync, flood, 64 B",
    over: "tcp",
    load: { ...flood("pairs", 1, 64), persistent: true },
    alone: true,
  },
];
