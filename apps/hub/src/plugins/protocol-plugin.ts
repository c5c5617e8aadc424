import type { JsonObject } from "@hearth/device-sdk";

/**
 * Both halves of a protocol behind one bus service `radio.<protocol>`: what the provisioner asks of it (join, removal)
 * and what the CDMB does (description, commands, state). Its topics are `radio.<protocol>.<word>`:
 *
 * | word           | body                                                                                      |
 * |----------------|-------------------------------------------------------------------------------------------|
 * | `interviewing` | `{ deviceId }`                                                                            |
 * | `joined`       | `{ device: RadioDevice }`, after the interview                                            |
 * | `failed`       | `{ deviceId?, reason }`: the device could not be admitted                                   |
 * | `left`         | `{ deviceId }`                                                                            |
 * | `changed`      | `{ deviceId, at (ms), endpoints: StateEndpoint[] }`; reports of 100 ms are one               |
 * | `reachable`    | `{ deviceId, reachable, rssi?, battery? }`                                                  |
 * | `health`       | as the method of that name answers                                                        |
 */
export interface RadioService {
  /**
   * Admits devices for `seconds`. `material`: the PIN or DSK that a person has given for the device that comes (S2 with
   * authentication). `custom`: what StartDeviceDiscovery gave for a custom protocol, with its `Name`.
   */
  open(request: { seconds: number; material?: string; custom?: JsonObject }): Promise<Record<string, never>>;
  close(request: Record<string, never>): Promise<Record<string, never>>;
  /** The whole list of labels whose devices may come by themselves (simple and zero-touch setup). Idempotent. */
  provision(request: { labels: Label[] }): Promise<{ refused: { managedThingId: string; reason: string }[] }>;
  devices(request: Record<string, never>): Promise<{ devices: RadioDevice[] }>;
  /** Durable with the radio's own state; null ends it. */
  bind(request: { deviceId: string; managedThingId: string | null }): Promise<Record<string, never>>;
  /** `refresh`: the device is interviewed again. */
  describe(request: { deviceId: string; refresh: boolean }): Promise<{ capabilityReport: CapabilityReport }>;
  /**
   * Runs the actions in order and answers as DEVICE_COMMAND_RESPONSE does (docs/device-protocol.md). A device's failure
   * is a `responseCode`, never a rejection: 501 no such action, 503 no radio, 504 no answer in time.
   */
  command(request: {
    deviceId: string;
    traceId: string;
    /** Milliseconds that are left. */
    within: number;
    endpoints: CommandEndpoint[];
  }): Promise<{ endpoints: ResponseEndpoint[] }>;
  /** All that is known; `refresh`: read from the device now. */
  state(request: { deviceId: string; refresh: boolean }): Promise<{ endpoints: StateEndpoint[] }>;
  /**
   * A device that the radio does not know is `gone`. `force`: forgotten whatever the radio says. Otherwise ends after
   * `seconds` at the latest (a Z-Wave node has to be put into pairing mode by hand).
   */
  remove(request: {
    deviceId: string;
    force: boolean;
    seconds: number;
  }): Promise<{ outcome: "gone" | "failed"; reason?: string }>;
  /** Network-wide exclusion: takes any node out of whichever network it is in. */
  exclude(request: { seconds: number }): Promise<{ outcome: "gone" | "failed"; deviceId?: string; reason?: string }>;
  /** Forgets the network and everything in it: the radio as it left the factory. */
  reset(request: Record<string, never>): Promise<Record<string, never>>;
  health(request: Record<string, never>): Promise<RadioHealth>;
}

export interface RadioHealth {
  state: "starting" | "up" | "coordinator-gone" | "failed";
  reason?: string;
  /** The network's own name: PAN id and channel, home id. */
  network?: string;
}

/** A label that the cloud has told the hub of: the text of its bar code, or its install code or DSK. */
export interface Label {
  managedThingId: string;
  protocol: "ZIGBEE" | "ZWAVE" | "CUSTOM";
  materialType: string;
  material: string;
}

export interface RadioDevice {
  /** `zb.<EUI-64>`, `zw.<home id>.<node id>`, `<custom>.<id>`; letters, digits and dots only. */
  deviceId: string;
  protocol: string;
  /** EUI-64 or DSK: what a label is compared with. */
  radioId?: string;
  brand?: string;
  model?: string;
  name?: string;
  deviceTypes: string[];
  interviewed: boolean;
  sleepy: boolean;
  reachable: boolean;
  managedThingId?: string;
}

/** Shapes of docs/device-protocol.md. */
export interface CapabilityReport {
  version: string;
  nodeId: string;
  endpoints: {
    id: string;
    deviceTypes: string[];
    capabilities: {
      id: string;
      name: string;
      version: string;
      properties: string[];
      actions: string[];
      events: string[];
    }[];
  }[];
}

export interface CommandEndpoint {
  endpointId: string;
  capabilities: {
    id: string;
    name?: string;
    version?: string;
    actions: { name: string; ref?: string; actionTraceId?: string; parameters?: JsonObject }[];
  }[];
}

export interface ResponseEndpoint {
  endpointId: string;
  capabilities: {
    id: string;
    properties?: StateProperty[];
    actions: {
      name: string;
      ref?: string;
      actionTraceId?: string;
      responseCode: number;
      parameters?: JsonObject;
      errors?: { code: string; message: string }[];
    }[];
  }[];
}

export interface StateEndpoint {
  endpointId: string;
  capabilities: {
    id: string;
    properties?: StateProperty[];
    events?: { name: string; parameters: JsonObject }[];
  }[];
}

export interface StateProperty {
  name: string;
  value: JsonObject[string];
}
