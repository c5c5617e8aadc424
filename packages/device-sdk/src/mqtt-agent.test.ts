import { FakeClock } from "@hearth/base";
import type { IPublishPacket } from "mqtt-packet";
import { afterEach, describe, expect, test } from "vitest";
import type { ConnectionOptions } from "./connection.ts";
import { AgentStoppedError, QueueFullError, RefusedError } from "./errors.ts";
import { type AgentEvent, type AgentOptions, createMqttAgent, type MqttAgent } from "./mqtt-agent.ts";
import { createAuthority } from "./simulator/authority.ts";
import { type BrokerRules, type Fate, type SimulatedBroker, startSimulatedBroker } from "./simulator/broker.ts";

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const run of cleanup.splice(0).reverse()) await run();
});

async function broker(rules: BrokerRules, port?: number): Promise<SimulatedBroker> {
  const started = await startSimulatedBroker({ rules, ...(port ? { port } : {}) });
  cleanup.push(() => started.close());
  return started;
}

type Options = Partial<Omit<AgentOptions, "connection">> & { connection?: Partial<ConnectionOptions> };

function agent(port: number, options: Options = {}): MqttAgent {
  const connection = { host: "127.0.0.1", port, plaintext: true, clientId: "device", ...options.connection };
  const made = createMqttAgent({ backOff: { minimum: 1, maximum: 4 }, ...options, connection });
  cleanup.push(() => made.stop({ timeout: 0 }));
  return made;
}

const nextEvent = <S extends AgentEvent["state"]>(of: MqttAgent, state: S) =>
  new Promise<Extract<AgentEvent, { state: S }>>((resolve) => {
    const end = of.onEvent((event) => {
      if (event.state !== state) return;
      end();
      resolve(event as Extract<AgentEvent, { state: S }>);
    });
  });

/** Numbers that look random and are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

describe("publishers", () => {
  test.each([4, 5] as const)(
    "many at once lose no message over breaking connections (MQTT level %i)",
    async (level) => {
      const random = seeded(level);
      const arrivals: { payload: string; dup: boolean; messageId: number | undefined }[] = [];
      let breaks = 0;
      const { port } = await broker({
        fate(): Fate {
          const roll = random();
          if (roll > 0.06) return "acknowledge";
          breaks++;
          return roll < 0.03 ? "break" : "process-and-break";
        },
        received: (_client, { payload, dup, messageId }: IPublishPacket & { payload: Buffer }) =>
          arrivals.push({ payload: payload.toString(), dup, messageId }),
      });
      const device = agent(port, { queueSize: 600, random, connection: { protocolVersion: level } });
      device.start();

      const publishers = Array.from({ length: 30 }, async (_, publisher) => {
        for (let n = 0; n < 20; n++) await device.publish(`from/${publisher}`, `${publisher}:${n}`);
      });
      await Promise.all(publishers);

      expect(breaks).toBeGreaterThan(10);
      expect(device.pending).toBe(0);
      const firsts = new Map<string, number | undefined>();
      for (const { payload, dup, messageId } of arrivals) {
        if (firsts.has(payload)) {
          // Sent again: marked as such, under the identifier it had [MQTT-3.3.1-1, MQTT-4.4.0-1].
          expect({ payload, dup, messageId }).toEqual({ payload, dup: true, messageId: firsts.get(payload) });
        } else firsts.set(payload, messageId);
      }
      expect(firsts.size).toBe(600);
      expect(arrivals.length).toBeGreaterThan(600);
      for (let publisher = 0; publisher < 30; publisher++) {
        const own = [...firsts.keys()].filter((payload) => payload.startsWith(`${publisher}:`));
        expect(own).toEqual(Array.from({ length: 20 }, (_, n) => `${publisher}:${n}`));
      }
    },
  );

  test("messages of one publisher that does not wait keep their order", async () => {
    const seen: string[] = [];
    let count = 0;
    const { port } = await broker({
      fate: () => (++count % 40 === 0 ? "break" : "acknowledge"),
      received: (_client, { payload }) => seen.push(payload.toString()),
    });
    const device = agent(port);
    device.start();
    const wanted = Array.from({ length: 200 }, (_, n) => String(n));
    await Promise.all(wanted.map((payload) => device.publish("t", payload)));
    expect([...new Set(seen)]).toEqual(wanted);
  });

  test("an acknowledgement that is lost with its connection is asked for again", async () => {
    let count = 0;
    const arrivals: boolean[] = [];
    const { port } = await broker({
      fate: () => (count++ === 0 ? "process-and-break" : "acknowledge"),
      received: (_client, { dup }) => arrivals.push(dup),
    });
    const device = agent(port);
    device.start();
    await device.publish("t", "once");
    expect(arrivals).toEqual([false, true]);
  });

  test("a connection that the device breaks itself acknowledges nothing", async () => {
    let withheld: () => void = () => {};
    const arrived = new Promise<void>((resolve) => {
      withheld = resolve;
    });
    const arrivals: boolean[] = [];
    const hub = await broker({
      fate: () => {
        withheld();
        return arrivals.length === 0 ? "withhold" : "acknowledge";
      },
      received: (_client, { dup }) => arrivals.push(dup),
    });
    const device = agent(hub.port, { connection: { sessionExpiry: 0 } });
    device.start();
    const published = device.publish("t", "x");
    await arrived;
    // Larger than the device has said that it takes.
    hub.send("device", "too/large", "x".repeat(300_000));
    await published;
    expect(arrivals).toEqual([false, true]);
  });

  test("a connection on which an acknowledgement does not come is given up", async () => {
    const clock = new FakeClock();
    let count = 0;
    let withheld: () => void = () => {};
    const { port } = await broker({
      fate: () => {
        if (count++ > 0) return "acknowledge";
        withheld();
        return "withhold";
      },
    });
    const device = agent(port, { clock, acknowledgementTimeout: 5000 });
    device.start();
    const arrived = new Promise<void>((resolve) => {
      withheld = resolve;
    });
    const published = device.publish("t", "x");
    await arrived;
    const lost = nextEvent(device, "disconnected");
    clock.advance(4999);
    expect(device.pending).toBe(1);
    clock.advance(1);
    expect(await lost).toEqual({ state: "disconnected", reason: "no PUBACK in time" });
    clock.advance(4);
    await published;
  });

  test("a full queue is an error, and what is in it is still delivered", async () => {
    const seen: string[] = [];
    const { port } = await broker({ received: (_client, { payload }) => seen.push(payload.toString()) });
    const device = agent(port, { queueSize: 3 });
    const queued = ["a", "b", "c"].map((payload) => device.publish("t", payload));
    await expect(device.publish("t", "d")).rejects.toThrow(QueueFullError);
    device.start();
    await Promise.all(queued);
    expect(seen).toEqual(["a", "b", "c"]);
    await device.publish("t", "e");
    expect(seen).toEqual(["a", "b", "c", "e"]);
  });

  test("no more than the window are unacknowledged", async () => {
    let unacknowledged = 0;
    let windowFull: () => void = () => {};
    const full = new Promise<void>((resolve) => {
      windowFull = resolve;
    });
    const hub = await broker({
      fate: () => {
        if (++unacknowledged === 4) windowFull();
        return "withhold";
      },
    });
    const device = agent(hub.port, { window: 4, queueSize: 50 });
    const published = Promise.allSettled(Array.from({ length: 50 }, () => device.publish("t", "x")));
    device.start();
    await full;
    // What the device had sent beyond the window would be there before the answer to this.
    await device.subscribe("later", () => {});
    await device.stop({ timeout: 0 });
    const outcomes = await published;
    expect(unacknowledged).toBe(4);
    expect(outcomes.every((outcome) => outcome.status === "rejected")).toBe(true);
  });

  test("a message that the broker refuses is rejected, and the others go on", async () => {
    const seen: string[] = [];
    const { port } = await broker({
      mayPublish: (_client, topic) => topic !== "forbidden",
      received: (_client, { payload }) => seen.push(payload.toString()),
    });
    const device = agent(port);
    device.start();
    const refused = device.publish("forbidden", "no");
    const accepted = device.publish("allowed", "yes");
    await expect(refused).rejects.toThrow(RefusedError);
    await expect(refused).rejects.toMatchObject({ reasonCode: 0x87 });
    await accepted;
    expect(seen).toEqual(["yes"]);
  });

  test("topics with wildcards are refused at once", async () => {
    const device = agent(1);
    await expect(device.publish("a/#", "x")).rejects.toThrow(RangeError);
    await expect(device.publish("", "x")).rejects.toThrow(RangeError);
  });

  test("the caller may reuse its buffer", async () => {
    const seen: string[] = [];
    const { port } = await broker({ received: (_client, { payload }) => seen.push(payload.toString()) });
    const device = agent(port);
    const buffer = Buffer.from("first");
    const published = device.publish("t", buffer);
    buffer.write("SPOIL");
    device.start();
    await published;
    expect(seen).toEqual(["first"]);
  });

  test("QoS 0 is sent once, unacknowledged", async () => {
    const seen: number[] = [];
    const { port } = await broker({ received: (_client, { qos }) => seen.push(qos) });
    const device = agent(port);
    device.start();
    await device.publish("t", "a", { qos: 0 });
    await device.publish("t", "b");
    expect(seen).toEqual([0, 1]);
  });
});

describe("subscriptions", () => {
  test("are made again after a reconnect, whatever the session holds", async () => {
    const hub = await broker({});
    const device = agent(hub.port, { connection: { sessionExpiry: 0 } });
    const received: string[] = [];
    let next: () => void = () => {};
    const granted = device.subscribe("to/+/device", (topic, payload) => {
      received.push(`${topic}=${payload}`);
      next();
    });
    const arrival = () =>
      new Promise<void>((resolve) => {
        next = resolve;
      });
    device.start();
    await granted;
    await device.whenConnected();
    let arrived = arrival();
    hub.publish("to/the/device", "1");
    await arrived;

    const back = nextEvent(device, "connected");
    hub.break("device");
    expect(await back).toEqual({ state: "connected", sessionPresent: false });
    arrived = arrival();
    hub.publish("to/the/device", "2");
    await arrived;
    expect(received).toEqual(["to/the/device=1", "to/the/device=2"]);
  });

  test("what was sent while the device was away arrives when it is back", async () => {
    const hub = await broker({});
    const device = agent(hub.port);
    let arrived: (text: string) => void = () => {};
    const message = new Promise<string>((resolve) => {
      arrived = resolve;
    });
    device.start();
    await device.subscribe("to/device", (_topic, payload) => arrived(payload.toString()));
    await device.whenConnected();
    const back = nextEvent(device, "connected");
    hub.break("device");
    hub.publish("to/device", "while away");
    expect(await message).toBe("while away");
    expect(await back).toEqual({ state: "connected", sessionPresent: true });
  });

  test("a refused filter rejects, and the others stand", async () => {
    const hub = await broker({ maySubscribe: (_client, filter) => filter !== "not/mine" });
    const device = agent(hub.port);
    const filters = Array.from({ length: 20 }, (_, n) => `mine/${n}`);
    const granted = filters.map((filter) => device.subscribe(filter, () => {}));
    const refused = device.subscribe("not/mine", () => {});
    device.start();
    await Promise.all(granted);
    await expect(refused).rejects.toMatchObject({ name: "RefusedError", reasonCode: 0x80 });
    await device.publish("t", "still connected");
  });

  test("a handler that throws harms nobody", async () => {
    const hub = await broker({});
    const device = agent(hub.port);
    const seen: string[] = [];
    device.start();
    await device.subscribe("#", () => {
      throw new Error("broken handler");
    });
    await device.subscribe("t", (_topic, payload) => seen.push(payload.toString()));
    await device.publish("t", "x");
    await device.publish("t", "y");
    expect(seen).toContain("x");
  });
});

describe("connection", () => {
  test("waits for a platform that is not there yet", async () => {
    const placeholder = await startSimulatedBroker({ rules: {} });
    const { port } = placeholder;
    await placeholder.close();
    const device = agent(port);
    const lost = nextEvent(device, "disconnected");
    device.start();
    const published = device.publish("t", "patient");
    expect(await lost).toMatchObject({ reason: expect.stringContaining("ECONNREFUSED") });
    await broker({}, port);
    await published;
  });

  test("tells why the broker refused it, and keeps trying", async () => {
    let attempts = 0;
    const { port } = await broker({ mayConnect: () => ++attempts > 2 });
    const device = agent(port);
    const refused = nextEvent(device, "disconnected");
    device.start();
    expect(await refused).toMatchObject({ reasonCode: 0x87 });
    await device.whenConnected();
    expect(attempts).toBe(3);
  });

  test("mutual TLS, with ALPN where it is asked for", async () => {
    const authority = await createAuthority();
    const server = await authority.issue("platform", "localhost");
    const own = await authority.issue("device");
    let seen: string | undefined;
    const hub = await startSimulatedBroker({
      tls: { ...server, alpn: ["x-amzn-mqtt-ca"] },
      rules: {
        mayConnect: ({ certificateId }) => {
          seen = certificateId;
          return true;
        },
      },
    });
    cleanup.push(() => hub.close());
    const secure = {
      host: "localhost",
      port: hub.port,
      ca: authority.certificate,
      certificate: own.certificate,
      privateKey: own.privateKey,
      clientId: "device",
      plaintext: false,
    };
    const device = agent(hub.port, { connection: { ...secure, alpn: ["x-amzn-mqtt-ca"] } });
    device.start();
    await device.whenConnected();
    expect(seen).toBe(own.certificateId);

    const wrongProtocol = agent(hub.port, { connection: { ...secure, clientId: "other", alpn: ["mqtt"] } });
    const failed = nextEvent(wrongProtocol, "disconnected");
    wrongProtocol.start();
    expect((await failed).reason).toMatch(/no application protocol/);
  });

  test("a server of another authority is not trusted", async () => {
    const authority = await createAuthority();
    const stranger = await createAuthority();
    const hub = await startSimulatedBroker({ tls: await stranger.issue("platform", "localhost"), rules: {} });
    cleanup.push(() => hub.close());
    const device = agent(hub.port, {
      connection: {
        host: "localhost",
        port: hub.port,
        clientId: "device",
        ca: authority.certificate,
        plaintext: false,
      },
    });
    const failed = nextEvent(device, "disconnected");
    device.start();
    expect((await failed).reason).toMatch(/certificate/);
  });
});

describe("stop", () => {
  test("sends what is queued, then refuses", async () => {
    const seen: string[] = [];
    const { port } = await broker({ received: (_client, { payload }) => seen.push(payload.toString()) });
    const device = agent(port);
    device.start();
    const published = Array.from({ length: 50 }, (_, n) => device.publish("t", String(n)));
    await device.stop();
    await Promise.all(published);
    expect(seen).toHaveLength(50);
    await expect(device.publish("t", "late")).rejects.toThrow(AgentStoppedError);
    await expect(device.whenConnected()).rejects.toThrow(AgentStoppedError);
  });

  test("gives up after its time when nobody answers", async () => {
    const clock = new FakeClock();
    const device = agent(1, { clock });
    device.start();
    const published = device.publish("t", "x");
    const outcome = expect(published).rejects.toThrow(AgentStoppedError);
    const stopped = device.stop({ timeout: 5000 });
    clock.advance(5000);
    await stopped;
    await outcome;
    expect(device.pending).toBe(0);
  });

  test("is polite: the broker gets DISCONNECT", async () => {
    let left: (politely: boolean) => void = () => {};
    const goodbye = new Promise<boolean>((resolve) => {
      left = resolve;
    });
    const { port } = await broker({ left: (_client, politely) => left(politely) });
    const device = agent(port);
    device.start();
    await device.whenConnected();
    const events: AgentEvent[] = [];
    device.onEvent((event) => events.push(event));
    await device.stop();
    expect(events).toEqual([{ state: "stopped" }]);
    expect(await goodbye).toBe(true);
  });
});
