import type { DeviceCommand } from "./handlers.ts";
import { commandsOf, MatterError } from "./matter.ts";
import { VendorError } from "./vendor-error.ts";

interface Base {
  token: string;
  authType: string;
  connectorId: string;
}

/** A request of the platform, checked (reference 9.3, 9.5 to 9.8). */
export type PlatformRequest =
  | (Base & { operation: "AWS.ActivateUser" | "AWS.DeactivateUser" })
  | (Base & { operation: "AWS.DiscoverDevices"; deviceDiscoveryId: string; isContinued: boolean })
  | (Base & {
      operation: "AWS.SendCommand";
      connectorDeviceId: string;
      traceId: string;
      commands: readonly DeviceCommand[];
    });

/** What the connector adds when it invokes itself for the rest of a discovery. */
export const CONTINUED = "continued";

const LONGEST_TOKEN = 64 * 1024;
const LONGEST_ID = 256;

const refused = (message: string): VendorError => new VendorError(400, message);

const objectAt = (from: Record<string, unknown>, name: string, path: string): Record<string, unknown> => {
  const value = Object.hasOwn(from, name) ? from[name] : undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refused(`${path} is not an object`);
  return value as Record<string, unknown>;
};

const textAt = (from: Record<string, unknown>, name: string, path: string, limit = LONGEST_ID): string => {
  const value = Object.hasOwn(from, name) ? from[name] : undefined;
  if (typeof value !== "string" || value.length < 1 || value.length > limit) {
    throw refused(`${path} is not a text of 1 to ${limit} characters`);
  }
  return value;
};

/** Whoever may invoke the function may send anything. Throws a `VendorError` of 400 that names what is wrong. */
export function parseRequest(event: unknown): PlatformRequest {
  const request = objectAt({ event }, "event", "the event");
  const header = objectAt(request, "header", "header");
  const auth = objectAt(header, "auth", "header.auth");
  const payload = objectAt(request, "payload", "payload");
  const operation = textAt(payload, "operationName", "payload.operationName");
  const version = textAt(payload, "operationVersion", "payload.operationVersion", 16);
  // "1.0.0" and "1.0" are both in use: the major number decides (U26).
  if (!/^1(\.\d+)*$/.test(version)) throw refused("payload.operationVersion is not one of major version 1");
  const base: Base = {
    token: textAt(auth, "token", "header.auth.token", LONGEST_TOKEN),
    authType: textAt(auth, "type", "header.auth.type", 64),
    connectorId: textAt(payload, "connectorId", "payload.connectorId", 64),
  };
  switch (operation) {
    case "AWS.ActivateUser":
    case "AWS.DeactivateUser":
      return { ...base, operation };
    case "AWS.DiscoverDevices": {
      const deviceDiscoveryId = textAt(payload, "deviceDiscoveryId", "payload.deviceDiscoveryId");
      return { ...base, operation, deviceDiscoveryId, isContinued: request[CONTINUED] === true };
    }
    case "AWS.SendCommand":
      return {
        ...base,
        operation,
        connectorDeviceId: textAt(payload, "connectorDeviceId", "payload.connectorDeviceId"),
        traceId: textAt(payload, "traceId", "payload.traceId"),
        commands: commandsIn(payload["endpoints"]),
      };
    default:
      throw refused("payload.operationName is none of the operations of a connector");
  }
}

function commandsIn(endpoints: unknown): readonly DeviceCommand[] {
  try {
    const commands = commandsOf(endpoints, "payload.endpoints");
    if (commands.length === 0) throw refused("payload.endpoints has no command");
    return commands;
  } catch (error) {
    throw error instanceof MatterError ? refused(error.message) : error;
  }
}
