import type { JsonObject } from "@hearth/device-sdk";
import type { Delivery } from "./delivery.ts";
import type { Outbound } from "./property-reports.ts";
import type { Uplink } from "./proxy-service.ts";

/** As much as the cloud sends at once (reference 1.5). */
const MAX_BYTES = 131_072;

/** Has what the cloud sends to the hub told on the bus, as ProxyService says; `refused` finds a refused message. */
export function subscribeSouthbound(deps: {
  uplink: Uplink;
  delivery: Delivery;
  id: string;
  onRejected(reason: JsonObject): Outbound | undefined;
  onNonsense(channel: string, bytes: number): void;
}): void {
  const { uplink, delivery, id, onRejected, onNonsense } = deps;
  const listen = (filter: string, channel: string, take: (message: JsonObject, bytes: number) => void) => {
    // A refusal is logged by the agent; what the platform sends unasked comes all the same.
    uplink
      .subscribe(filter, (_topic, payload) => {
        const message = parseMessage(payload);
        if (message) take(message, payload.length);
        else onNonsense(channel, payload.length);
      })
      .catch(() => {});
  };
  const isChild = (message: JsonObject) => Object.hasOwn(message, "managedThingId") && message["managedThingId"] !== id;

  listen(`south/${id}/control`, "control", (message, bytes) =>
    delivery.publish(isChild(message) ? "mqtt.south.control" : "mqtt.hub.control", message, bytes),
  );
  listen(`south/${id}/setup`, "setup", (message, bytes) => delivery.publish("mqtt.south.setup", message, bytes));
  listen(`south/${id}/rejected`, "rejected", (reason, bytes) => {
    const refused = onRejected(reason);
    delivery.publish("mqtt.south.rejected", { ...reason, ...(refused ? { refused: refused.message } : {}) }, bytes);
  });
  for (const outcome of ["accepted", "rejected"]) {
    listen(`$aws/managed-integrations/${id}/capabilities/${outcome}`, "capabilities", (answer, bytes) =>
      delivery.publish("mqtt.hub.capabilities", { accepted: outcome === "accepted", answer }, bytes),
    );
  }
}

/** Undefined for what is too long, no JSON or no object. */
function parseMessage(payload: Buffer): JsonObject | undefined {
  if (payload.length > MAX_BYTES) return undefined;
  try {
    const message: unknown = JSON.parse(payload.toString("utf8"));
    return typeof message === "object" && message !== null && !Array.isArray(message)
      ? (message as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}
