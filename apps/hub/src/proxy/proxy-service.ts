import type { JsonObject, MqttAgent } from "@hearth/device-sdk";

/** What the proxy needs of a connection to the cloud; the device SDK's MQTT agent has it all. */
export type Uplink = Pick<
  MqttAgent,
  "start" | "whenConnected" | "publish" | "subscribe" | "onEvent" | "stop" | "pending"
>;

/** Where a message goes: `north/{id}/control`, `/setup`, `/logs`, or the hub's own capability report. */
export type Channel = "control" | "setup" | "logs" | "capabilities";

/**
 * Bus service `mqtt`. What it publishes on the bus:
 * - `mqtt.south.control`: commands for the devices behind the hub, parsed.
 * - `mqtt.south.setup`: everything of that topic, about the hub or not.
 * - `mqtt.south.rejected`: why the cloud did not take a message, with that message as `refused` while it is remembered.
 * - `mqtt.hub.control`, `mqtt.hub.capabilities`: commands for the hub itself, and `{ accepted, answer }` to its report.
 * - `mqtt.connection` `{ connected, since }`: each change, and whenever a part asks for `status`.
 */
export interface ProxyService {
  /**
   * Sends what the cloud is to know. The queue gives `eventNumber` and, where it is missing, `timestamp`. Durable:
   * resolves when it is on disk, from where it goes out in order however often the uplink breaks. Otherwise resolves
   * when it is on its way; `logs` and `capabilities` are then lost with the connection, while what has a number is
   * queued all the same, since numbers may not overtake each other. Refused with `not-connected`, `not-provisioned`,
   * `queue-full`, `bad-message`.
   */
  send(request: { channel: Channel; message: JsonObject; durable: boolean }): Promise<{ position?: number }>;
  /**
   * `since` in milliseconds since the epoch; `queued` counts what the cloud has not acknowledged, `refused` what found
   * no room in the queue; `dismissed`: the cloud has ended the connection for good; `problem` says what keeps the hub
   * from its cloud, once it is worth a person's attention.
   */
  status(request: Record<string, never>): Promise<{
    connected: boolean;
    since: number;
    queued: number;
    refused: number;
    dismissed: boolean;
    problem?: string;
  }>;
  /**
   * Before the credentials go: sends what is queued (10 s at most, or until the cloud ends the connection for good),
   * disconnects, empties the queue. Connects again when the configuration says PROVISIONED.
   */
  release(request: Record<string, never>): Promise<Record<string, never>>;
}
