/** What the load generator is told, over IPC: a broker and what to do to it. */
export interface Target {
  port: number;
  /** Of the broker: its CPU time is read where the window begins and ends. */
  pid: number;
  /**
   * Mutual TLS; plain TCP without. PEM. No authority with it: OpenSSL would send that along with the certificate, and a
   * device, which is told the server's authority and not that of its own certificate, does not.
   */
  tls?: { cert: string; key: string };
}

/** Messages from publishers to subscribers. */
export interface MessagesJob {
  kind: "messages";
  target: Target;
  /** `pairs`: publisher i to subscriber i; `fan-out`: one to all; `fan-in`: all to one. */
  shape: "pairs" | "fan-out" | "fan-in";
  clients: number;
  qos: 0 | 1;
  /** Bytes of payload. */
  size: number;
  /** Publications a second over all publishers, each a segment of its own … */
  rate?: number;
  /** … or so many in flight for each publisher, as fast as they are delivered, `batch` to a write. */
  window?: number;
  batch?: number;
  /** Subscribers' sessions outlive their connections. */
  persistent?: boolean;
  warmUp: number;
  seconds: number;
}

/** Connections that say nothing after one subscription. */
export interface IdleJob {
  kind: "idle";
  target: Target;
  connections: number;
}

/** Connections that come and go. */
export interface ConnectsJob {
  kind: "connects";
  target: Target;
  resume: boolean;
  /** A second. */
  rate: number;
  warmUp: number;
  seconds: number;
}

/** One publication that must be refused: that authorization is on is shown, not believed. */
export interface DeniedJob {
  kind: "denied";
  target: Target;
}

export type Job = MessagesJob | IdleJob | ConnectsJob | DeniedJob;

/** What was seen in the window. */
export interface Outcome {
  /** Deliveries, or connects. */
  count: number;
  /** CPU microseconds of the broker for each of them. */
  cpu?: number;
  /** Of `count`, a second. */
  rate?: number;
  /** Publications a second that were sent. */
  sent?: number;
  /** Milliseconds. */
  p50?: number;
  p99?: number;
  /** Bytes for each connection. */
  rss?: number;
  /** Share of publications that a late tick of the generator sent in a burst. */
  late?: number;
  /** Deliveries that never came. */
  lost?: number;
  /** Share of connects that resumed a TLS session. */
  resumed?: number;
  /** Share of its core that the generator itself used. */
  generator?: number;
  /** Microseconds of the monotonic clock: where the window began and ended. */
  window?: [number, number];
}

export type Answer = { outcome: Outcome } | { error: string };
