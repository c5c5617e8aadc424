/** What a device can do, as stored and returned (reference 4.4; API: CapabilityReport). */
export interface CapabilityReport {
  version: "1.0.0";
  nodeId?: string;
  endpoints: CapabilityReportEndpoint[];
}

export interface CapabilityReportEndpoint {
  id: string;
  deviceTypes: string[];
  capabilities: CapabilityReportCapability[];
}

export interface CapabilityReportCapability {
  /** `matter.OnOff@1.4` */
  id: string;
  name: string;
  /** The cluster revision. */
  version: string;
  properties: string[];
  actions: string[];
  events: string[];
}

/** What SendManagedThingCommand carries (reference 6; API: CommandEndpoint). */
export interface CommandEndpoint {
  endpointId: string;
  capabilities: CommandCapability[];
}

export interface CommandCapability {
  id: string;
  name: string;
  version: string;
  actions: CommandAction[];
}

export interface CommandAction {
  name: string;
  ref?: string;
  actionTraceId?: string;
  parameters?: Record<string, unknown>;
}

/** What GetManagedThingState returns (reference 6). */
export interface StateEndpoint {
  endpointId: string;
  capabilities: StateCapability[];
}

export interface StateCapability {
  id: string;
  name: string;
  version: string;
  properties: StateProperty[];
}

export interface StateProperty {
  name: string;
  value: { propertyValue: unknown; lastChangedAt: string };
}

export type DeviceMessageType =
  | "DEVICE_COMMAND"
  | "DEVICE_COMMAND_RESPONSE"
  | "DEVICE_COMMAND_REQUEST"
  | "DEVICE_EVENT"
  | "DEVICE_REMOVAL"
  | "DEVICE_REMOVAL_RESPONSE";

/** The envelope of docs/device-protocol.md, in either direction. */
export interface DeviceMessage {
  messageType: DeviceMessageType;
  /** ISO 8601, UTC. */
  timestamp: string;
  /** Of commands and their responses. */
  traceId?: string;
  /** The device behind the hub that sends or receives this; absent: the hub, or any other device, itself. */
  managedThingId?: string;
  /** Of every message that a device sends: strictly increasing. */
  eventNumber?: number;
  endpoints?: MessageEndpoint[];
  /** Of DEVICE_REMOVAL_RESPONSE: as in HTTP. */
  responseCode?: number;
}

export interface MessageEndpoint {
  endpointId: string;
  capabilities: MessageCapability[];
}

export interface MessageCapability {
  /** A device may leave the version out; the one of its capability report is meant. */
  id: string;
  name?: string;
  version?: string;
  properties?: MessageProperty[];
  actions?: MessageAction[];
  events?: MessageEvent[];
}

export interface MessageProperty {
  name: string;
  value: unknown;
  lastChangedAt?: string;
}

export interface MessageAction {
  name: string;
  ref?: string;
  actionTraceId?: string;
  parameters?: Record<string, unknown>;
  /** Of a response: as in HTTP, 100 to 599. */
  responseCode?: number;
  errors?: { code: string; message: string }[];
}

export interface MessageEvent {
  name: string;
  parameters?: Record<string, unknown>;
}
