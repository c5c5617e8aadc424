import mqtt, { type IClientOptions, type MqttClient } from "mqtt";

export interface Heard {
  topic: string;
  text: string;
  /** The payload as JSON; undefined when it is none. */
  json: Record<string, unknown>;
  qos: number;
  retain: boolean;
}

/** MQTT.js with nothing added but patience: one connection, what it hears, and how it ended. */
export interface Peer {
  readonly client: MqttClient;
  /** All that has arrived, oldest first. */
  readonly heard: readonly Heard[];
  /** Takes the first message on one of the topics out of `heard`, or waits for it; rejects after `timeout` ms. */
  next(topics: string | string[], fits?: (message: Heard) => boolean, timeout?: number): Promise<Heard>;
  /** Granted QoS, or the reason code of the refusal, for each filter. */
  subscribe(filters: string | string[], qos?: 0 | 1): Promise<number[]>;
  /** Resolves once acknowledged (QoS 1); rejects with what MQTT.js rejects with, or when the connection ends before. */
  publish(topic: string, payload: unknown, qos?: 0 | 1): Promise<void>;
  /** Publishes on `topic`, resolves to what comes on `<topic>/accepted` or `<topic>/rejected`. */
  ask(topic: string, payload: unknown): Promise<Heard>;
  /** Resolves when the connection has ended, to the reason code of a DISCONNECT if there was one. */
  readonly closed: Promise<number | undefined>;
  /** DISCONNECT, then close. */
  end(): Promise<void>;
  /** Just closes the socket, as a power cut does. */
  kill(): void;
}

const open = new Set<Peer>();

/** Ends whatever a test has left open. */
export function endPeers(): void {
  for (const peer of open) peer.kill();
  open.clear();
}

/** Connects once. Rejects with the refusal: `code` is the reason code where the broker gave one. */
export async function connectPeer(options: IClientOptions): Promise<Peer> {
  const client = mqtt.connect({
    protocol: "mqtts",
    host: "localhost",
    servername: "localhost",
    protocolVersion: 5,
    clean: true,
    connectTimeout: 30_000,
    ...options,
    reconnectPeriod: 0,
  });
  const heard: Heard[] = [];
  const waiting = new Set<() => void>();
  client.on("message", (topic, payload, { qos, retain }) => {
    heard.push({ topic, text: payload.toString(), json: parse(payload), qos, retain });
    for (const look of waiting) look();
  });
  let reason: number | undefined;
  client.on("disconnect", (packet) => {
    reason = packet.reasonCode;
  });
  const closed = new Promise<number | undefined>((resolve) => client.once("close", () => resolve(reason)));
  await new Promise<void>((resolve, reject) => {
    client.once("connect", () => resolve());
    client.once("error", reject);
    client.once("close", () => reject(new Error("closed before CONNACK")));
  }).catch((error: unknown) => {
    client.end(true);
    throw error;
  });
  client.on("error", () => {});

  const peer: Peer = {
    client,
    heard,
    closed,
    next(topics, fits = () => true, timeout = 30_000) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const index = heard.findIndex((message) => [topics].flat().includes(message.topic) && fits(message));
          if (index < 0) return;
          const [found] = heard.splice(index, 1);
          clearTimeout(timer);
          waiting.delete(look);
          if (found) resolve(found);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`nothing on ${topics}; heard ${JSON.stringify(heard.map((message) => message.topic))}`));
        }, timeout);
        waiting.add(look);
        look();
      });
    },
    subscribe: (filters, qos = 1) =>
      new Promise((resolve, reject) => {
        client.once("close", () => reject(new Error("closed before SUBACK")));
        client.subscribe(filters, { qos }, (error, _grants, packet) => {
          if (packet) resolve(packet.granted.map(Number));
          else reject(error ?? new Error("no SUBACK"));
        });
      }),
    publish: (topic, payload, qos = 1) =>
      new Promise((resolve, reject) => {
        client.once("close", () => reject(new Error("closed before PUBACK")));
        const body = typeof payload === "string" || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload);
        client.publish(topic, body, { qos }, (error) => (error ? reject(error) : resolve()));
      }),
    async ask(topic, payload) {
      // Both at once: a message that nobody takes stays for the next who asks.
      const [answer] = await Promise.all([
        peer.next([`${topic}/accepted`, `${topic}/rejected`]),
        peer.publish(topic, payload),
      ]);
      return answer;
    },
    async end() {
      open.delete(peer);
      await client.endAsync();
    },
    kill() {
      open.delete(peer);
      client.stream.destroy();
      client.end(true);
    },
  };
  client.setMaxListeners(0);
  open.add(peer);
  return peer;
}

function parse(payload: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(payload.toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}
