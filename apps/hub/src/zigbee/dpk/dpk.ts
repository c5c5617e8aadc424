import type { AttributeRecord, ReadResult } from "../zcl.ts";

/**
 * The device porting kit (reference 10.12): all that the service asks of a radio's stack. Addresses are EUI-64s of 16
 * lower-case hexadecimal digits; values are bytes as they are on air, so that no stack's own names come through.
 *
 * A radio's failure is a RadioGoneError; a device's refusal a ZclStatusError; a request that never reached the device,
 * or that may be done twice, a NotDeliveredError, which the service tries again; silence any other Error. The stack itself repeats nothing
 * after `within` milliseconds: what has been given up is not done later.
 */
export interface ZigbeeDpk {
  /** Brings the network up, also again where it was and nothing came of it, making it when `network` is new to the coordinator. Throws NetworkLostError. */
  start(): Promise<{ network: string }>;
  stop(): Promise<void>;
  /** Resolves when the coordinator itself answers, as far as its stack can ask it; rejects, or never does, otherwise. */
  ping(): Promise<void>;
  /** 0 closes; at most 254 s at once. */
  permitJoin(seconds: number): Promise<void>;
  /**
   * The text of a label or `<EUI-64>|<install code>`. A coordinator may forget it after 300 s, and when it is closed.
   * Throws for one that holds no install code.
   */
  addInstallCode(material: string): Promise<void>;
  devices(): readonly DpkDevice[];
  /** Descriptors, basic attributes, enrolment of IAS zones. */
  interview(address: string): Promise<void>;
  read(to: ClusterAddress, attributes: readonly number[], within: number): Promise<ReadResult>;
  /** The attributes that the device says it has, at most `limit`. */
  discover(to: ClusterAddress, limit: number, within: number): Promise<{ id: number; type: number }[]>;
  write(to: ClusterAddress, records: readonly AttributeRecord[], within: number): Promise<void>;
  /** `response`: the command that answers it, whose payload is returned; otherwise the default response is waited for. */
  command(to: ClusterAddress, request: CommandRequest, within: number): Promise<Buffer>;
  /** Reports and commands of the cluster come to the coordinator. */
  bind(to: ClusterAddress, within: number): Promise<void>;
  configureReporting(to: ClusterAddress, items: readonly ReportingItem[], within: number): Promise<void>;
  /** Asks the device to leave, and forgets it when it does. */
  leave(address: string, within: number): Promise<void>;
  /** Forgets it, whatever it does. */
  forget(address: string): void;
  /** Forgets the network and all that is in it; `start` then makes another. */
  reset(): Promise<void>;
  on(listener: (event: DpkEvent) => void): void;
}

export interface DpkDevice {
  address: string;
  interviewed: boolean;
  sleepy: boolean;
  brand?: string;
  model?: string;
  endpoints: readonly DpkEndpoint[];
}

export interface DpkEndpoint {
  id: number;
  /** Of the profile; 0x0104 is home automation. */
  profile: number;
  deviceType: number;
  /** Server clusters, and client clusters. */
  inputs: readonly number[];
  outputs: readonly number[];
}

export interface ClusterAddress {
  address: string;
  endpoint: number;
  cluster: number;
  manufacturer?: number;
}

export interface CommandRequest {
  command: number;
  payload: Buffer;
  /** Absent: a default response. `none`: the device's radio has it, and that is all. */
  response?: number | "none";
}

export interface ReportingItem {
  attribute: number;
  type: number;
  min: number;
  max: number;
  change?: number;
}

export type DpkEvent =
  | { kind: "joined" | "interviewed" | "left" | "seen"; address: string; lqi?: number }
  | { kind: "interview-failed"; address: string; reason: string }
  /** A whole ZCL frame that a device has sent by itself. */
  | { kind: "frame"; address: string; endpoint: number; cluster: number; data: Buffer; lqi?: number }
  /** The coordinator is not there any more. */
  | { kind: "gone"; reason: string };

/** The coordinator cannot be reached; it may come back. */
export class RadioGoneError extends Error {
  override readonly name = "RadioGoneError";

  constructor(message = "the Zigbee coordinator is not reachable") {
    super(message);
  }
}

/** The device has not heard it: it slept, or there was no way to it. */
export class NotDeliveredError extends Error {
  override readonly name = "NotDeliveredError";

  constructor(message = "the device could not be reached") {
    super(message);
  }
}

/** The coordinator does not have the network that the devices are in: only a person can decide what is to be done. */
export class NetworkLostError extends Error {
  override readonly name = "NetworkLostError";
}

/** Who decides about a device that wants to join. A guest is nobody's yet: everybody may come now. */
export type Admission = (address: string) => "awaited" | "guest" | "stranger";
