import { type Clock, type Logger, messageOf } from "@hearth/base";
import { type AgentEvent, AgentStoppedError, type Json, type JsonObject, type MqttAgent } from "@hearth/device-sdk";
import { type Bus, BusError } from "../bus/bus.ts";
import type { Channel } from "../proxy/proxy-service.ts";

/** Milliseconds between questions to a proxy that is not there or refuses. */
const AGAIN = 1000;

/**
 * The device SDK's MQTT agent by way of the proxy (reference 10.9): publishes and subscribes on the hub's own topics
 * over the bus, so that there is no second connection. Numbers are the proxy's to give; the SDK's are left out.
 */
export function createProxyAgent(deps: { bus: Bus; id: string; clock: Clock; log: Logger }): MqttAgent {
  const { bus, id, clock, log } = deps;
  const listeners = new Set<(event: AgentEvent) => void>();
  const ends: (() => void)[] = [];
  const subscriptions = new Map<string, () => void>();
  let waiting: { resolve(): void; reject(error: Error): void }[] = [];
  let connected = false;
  let stopped = false;
  let pending = 0;

  const emit = (event: AgentEvent) => {
    for (const listener of listeners) listener(event);
  };

  function become(now: boolean): void {
    if (now === connected || stopped) return;
    connected = now;
    emit(now ? { state: "connected", sessionPresent: true } : { state: "disconnected", reason: "the proxy's is lost" });
    if (!now) return;
    for (const { resolve } of waiting) resolve();
    waiting = [];
  }

  async function send(channel: Channel, message: JsonObject, durable: boolean): Promise<void> {
    pending++;
    try {
      for (;;) {
        if (stopped) throw new AgentStoppedError();
        try {
          await bus.request("mqtt", "send", { channel, message, durable });
          return;
        } catch (error) {
          if (error instanceof BusError && error.code === "bad-message") throw error;
          log.debug({ error: messageOf(error) }, "the MQTT proxy takes no message");
          await new Promise<void>((resolve) => void clock.after(AGAIN, resolve));
        }
      }
    } finally {
      pending--;
    }
  }

  return {
    start() {
      ends.push(
        bus.subscribe("mqtt.connection", (body) => become(body["connected"] === true)),
        // The proxy answers by telling everybody.
        bus.onPresence((service, there) => {
          if (service !== "mqtt") return;
          if (there) bus.request("mqtt", "status", {}).catch(() => {});
          else become(false);
        }),
      );
    },
    whenConnected() {
      if (stopped) return Promise.reject(new AgentStoppedError());
      return connected ? Promise.resolve() : new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    async publish(topic, payload) {
      const { eventNumber: _own, ...message } = JSON.parse(payload.toString()) as JsonObject;
      const channel = channelOf(topic, id);
      if (!channel) throw new RangeError(`not a topic of the hub's own: ${topic}`);
      await send(channel, message, channel !== "capabilities");
    },
    async subscribe(filter, handler) {
      const deliver = (body: Json) => handler(filter, Buffer.from(JSON.stringify(body)));
      const end = subscriptionOf(bus, filter, id, deliver);
      if (end) subscriptions.set(filter, end);
    },
    unsubscribe(filter) {
      subscriptions.get(filter)?.();
      subscriptions.delete(filter);
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get pending() {
      return pending;
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      for (const end of [...ends, ...subscriptions.values()]) end();
      for (const { reject } of waiting) reject(new AgentStoppedError());
      waiting = [];
      emit({ state: "stopped" });
    },
  };
}

function channelOf(topic: string, id: string): Channel | undefined {
  if (topic === `$aws/managed-integrations/${id}/capabilities`) return "capabilities";
  return topic === `north/${id}/control` ? "control" : undefined;
}

/** `south/{id}/setup` is not the hub control's: the provisioner carries out the hub's removal. */
function subscriptionOf(bus: Bus, filter: string, id: string, deliver: (body: Json) => void): (() => void) | undefined {
  if (filter === `south/${id}/control`) return bus.subscribe("mqtt.hub.control", deliver);
  if (filter === `south/${id}/rejected`) return bus.subscribe("mqtt.south.rejected", deliver);
  const outcome = filter.startsWith(`$aws/managed-integrations/${id}/capabilities/`) && filter.split("/").at(-1);
  if (outcome !== "accepted" && outcome !== "rejected") return undefined;
  return bus.subscribe("mqtt.hub.capabilities", ({ accepted, answer }) => {
    if (accepted === (outcome === "accepted") && answer !== undefined) deliver(answer);
  });
}
