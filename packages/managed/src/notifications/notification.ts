import { uuid } from "@hearth/base";

/** The model's event types that Hearth emits (reference 7.3). CONNECTOR_ASSOCIATION is accepted and never emitted (U24). */
export type EventType =
  | "DEVICE_COMMAND"
  | "DEVICE_COMMAND_REQUEST"
  | "DEVICE_DISCOVERY_STATUS"
  | "DEVICE_EVENT"
  | "DEVICE_LIFE_CYCLE"
  | "DEVICE_STATE"
  | "DEVICE_OTA"
  | "DEVICE_WSS"
  | "CONNECTOR_ASSOCIATION"
  | "ACCOUNT_ASSOCIATION"
  | "CONNECTOR_ERROR_REPORT";

/** One record as it arrives in the customer's stream (reference 7.2, reading U21). */
export interface Notification {
  version: "1.0.0";
  messageId: string;
  messageType: EventType;
  source: "aws.iotmanagedintegrations";
  customerAccountId: string;
  /** ISO 8601. */
  timestamp: string;
  region: string;
  resources: string[];
  payload: unknown;
}

export function notificationOf(
  about: { accountId: string; region: string; arn: string },
  messageType: EventType,
  payload: unknown,
  now: number,
): Notification {
  return {
    version: "1.0.0",
    messageId: uuid(),
    messageType,
    source: "aws.iotmanagedintegrations",
    customerAccountId: about.accountId,
    timestamp: new Date(now).toISOString(),
    region: about.region,
    resources: [about.arn],
    payload,
  };
}
