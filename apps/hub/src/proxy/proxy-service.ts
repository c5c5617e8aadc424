import type { JsonObject, MqttAgent } from "@hearth/device-sdk";

/** What the proxy needs of a connection to the cloud; the device SDK's MQTT agent has it all. */
export type Uplink = Pick<
  MqttAgent,
  "start" | "whenConnected" | "publish" | "subscribe" | "onEvent" | "stop" | "pending"
>;

/** Where a message goes: `north/{id}/control`, `/setup`, `/logs`, or the hub's own capability report. */
export type Channel = "control" | "setup" | "logs" | "capabilities";

/**
 * Bus service `mqtt`. Topics that it publishes: `mqtt.south.control`, `mqtt.south.setup`, `mqtt.south.rejected` (the
 * message, parsed; only what is about children or is the hub's parts' business), and `mqtt.connection`
 * `{ connected, since }`, also whenever a part asks for `status`.
 */
export interface ProxyService {
  /**
   * Sends what the cloud is to know. The queue gives `eventNumber` and, where it is missing, `timestamp`. Durable:
   * resolves when it is on disk, from where it goes out in order however often the uplink breaks. Otherwise resolves
   * when it is on its way, and is lost with the connection.
   */
  send(request: { channel: Channel; message: JsonObject; durable: boolean }): Promise<{ position?: number }>;
  /** `since` in milliseconds since the epoch; `queued` counts what the cloud has not acknowledged. */
  status(request: Record<string, never>): Promise<{ connected: boolean; since: number; queued: number }>;
}
