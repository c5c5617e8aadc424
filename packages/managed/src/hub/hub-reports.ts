import { MAX_MESSAGE_BYTES, type Violation } from "@hearth/data-model";
import type { FoundDevice } from "../discovery/discoveries.ts";

/** What a hub tells on `north/{id}/setup` about devices behind it (docs/device-protocol.md, "Hubs"). */
export type HubMessage = { eventNumber: number } & (
  | {
      messageType: "DEVICE_DISCOVERED";
      discoveryId: string;
      devices: FoundDevice[];
      /** Of the last message of a discovery. */
      status?: "SUCCEEDED" | "FAILED";
      reason?: string;
    }
  | {
      messageType: "DEVICE_JOINED";
      deviceId: string;
      macAddress?: string;
      deviceSpecificKey?: string;
      /** Of a device with a label of its maker's own protocol, in which the platform reads no radio id. */
      managedThingId?: string;
    }
  | { messageType: "DEVICE_PROVISIONING_REQUEST" }
  | { messageType: "DEVICE_CAPABILITIES"; managedThingId: string; capabilityReport: unknown }
  | { messageType: "DEVICE_WSS"; managedThingId?: string; role: "provisioner" | "provisionee"; status: string }
);

const TYPES = [
  "DEVICE_DISCOVERED",
  "DEVICE_JOINED",
  "DEVICE_CAPABILITIES",
  "DEVICE_WSS",
  "DEVICE_PROVISIONING_REQUEST",
];

/** A message brings so many devices at most; a discovery has as many messages as it needs. */
const MOST_DEVICES = 100;

type Json = Record<string, unknown>;

function objectIn(payload: Uint8Array): Json | undefined {
  if (payload.byteLength > MAX_MESSAGE_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** The type where it is one that only hubs send. Whatever else a payload names has perhaps no text: it is not converted. */
const typeOf = (message: Json | undefined): string | undefined => {
  const type = message?.["messageType"];
  return typeof type === "string" && TYPES.includes(type) ? type : undefined;
};

/** Whether the payload is of a type that only hubs send. */
export const isHubMessage = (payload: Uint8Array): boolean => typeOf(objectIn(payload)) !== undefined;

const ID = /^[A-Za-z0-9:_-]{1,64}$/;
/** The hub's own name of a device: its node id. */
const DEVICE_ID = /^[A-Za-z0-9=_.,@+\-/]{1,64}$/;
const NAME = /^[\p{L}\p{N} ._-]{1,128}$/u;
const LABEL = /^[A-Za-z0-9-_ ]{1,128}$/;
const DEVICE_TYPE = /^[a-zA-Z0-9=_. ,@+\-/]{0,256}$/;
const RADIO_ID = /^[0-9A-Fa-f-]{1,64}$/;
const STATUS = /^[A-Z_]{1,64}$/;
const REASON = /^[^\u0000]{1,256}$/;

type Rule = (value: unknown) => boolean;
const text =
  (pattern: RegExp): Rule =>
  (value) =>
    typeof value === "string" && pattern.test(value);
const optional =
  (rule: Rule): Rule =>
  (value) =>
    value === undefined || rule(value);
const listOf =
  (rule: Rule, most: number): Rule =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(rule);
const oneOf =
  (...values: string[]): Rule =>
  (value) =>
    typeof value === "string" && values.includes(value);
const members =
  (rules: Readonly<Record<string, Rule>>): Rule =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(rules).every(([name, rule]) => rule((value as Json)[name]));

const DEVICE = members({
  deviceId: text(DEVICE_ID),
  name: optional(text(NAME)),
  deviceTypes: optional(listOf(text(DEVICE_TYPE), 50)),
  brand: optional(text(LABEL)),
  model: optional(text(LABEL)),
});

const RULES: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  DEVICE_DISCOVERED: {
    discoveryId: text(ID),
    devices: listOf(DEVICE, MOST_DEVICES),
    status: optional(oneOf("SUCCEEDED", "FAILED")),
    reason: optional(text(REASON)),
  },
  DEVICE_JOINED: {
    deviceId: text(DEVICE_ID),
    macAddress: optional(text(RADIO_ID)),
    deviceSpecificKey: optional(text(RADIO_ID)),
    managedThingId: optional(text(ID)),
  },
  DEVICE_CAPABILITIES: { managedThingId: text(ID), capabilityReport: (value) => typeof value === "object" },
  DEVICE_WSS: {
    managedThingId: optional(text(ID)),
    role: oneOf("provisioner", "provisionee"),
    status: text(STATUS),
  },
  DEVICE_PROVISIONING_REQUEST: {},
};

/** Reads a hub's message and checks its form; members beyond it are left out. Bounded in size and in items. */
export function parseHubMessage(payload: Uint8Array): HubMessage | Violation[] {
  const value = objectIn(payload);
  const type = typeOf(value);
  const rules = type === undefined ? undefined : RULES[type];
  if (!value || !rules) return [wrong("messageType", `must be one of ${TYPES.join(", ")}`)];
  const eventNumber = value["eventNumber"];
  const violations = Object.entries(rules)
    .filter(([name, rule]) => !rule(value[name]))
    .map(([name]) => wrong(name, `is not what ${type} carries`));
  if (!Number.isSafeInteger(eventNumber) || (eventNumber as number) < 0) {
    violations.push(wrong("eventNumber", "must be an integer, 0 or greater"));
  }
  if (violations.length > 0) return violations;
  const known = Object.fromEntries(Object.keys(rules).map((name) => [name, value[name]]));
  if (type === "DEVICE_DISCOVERED") known["devices"] = (value["devices"] as Json[]).map(deviceOf);
  return { messageType: type, eventNumber, ...known } as HubMessage;
}

const deviceOf = ({ deviceId, name, deviceTypes, brand, model }: Json) => ({
  deviceId,
  name,
  deviceTypes,
  brand,
  model,
});

const wrong = (member: string, message: string): Violation => ({ path: member, member, message });
