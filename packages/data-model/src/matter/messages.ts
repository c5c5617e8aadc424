/** The capability report of connectors and hubs that speak in ids (reference 9.6; API: MatterCapabilityReport). */
export interface MatterCapabilityReport {
  version: "1.0.0";
  nodeId?: string;
  endpoints: MatterReportEndpoint[];
}

export interface MatterReportEndpoint {
  id: string;
  deviceTypes: string[];
  clusters: MatterReportCluster[];
}

export interface MatterReportCluster {
  /** `0x0006` */
  id: string;
  revision: number;
  /** The capability: `matter.OnOff@1.4`. */
  publicId?: string;
  name?: string;
  /** `value` only where the current state is known. */
  attributes: { id: string; name?: string; value?: unknown }[];
  commands: string[];
  events: string[];
}

/** What a device says or answers, in ids (reference 4.2; API: MatterEndpoint). */
export interface MatterEndpoint {
  id: string;
  clusters: MatterCluster[];
}

export interface MatterCluster {
  id: string;
  revision?: string;
  /** Values by attribute id. */
  attributes?: Record<string, unknown>;
  /** Fields, `responseCode` and `errors` by the id of the response. */
  commands?: Record<string, unknown>;
  /** Fields by event id. */
  events?: Record<string, unknown>;
}

/** A command in ids, as AWS.SendCommand carries it (reference 9.7): each entry of `commands` has one command id. */
export interface MatterCommandEndpoint {
  id: string;
  clusters: MatterCommandCluster[];
}

export interface MatterCommandCluster {
  id: string;
  revision?: string;
  commands: Record<string, unknown>[];
}
