import type { ManagedIntegrations } from "@hearth/contract";

/** The record of one physical device and the rules of its life (reference 3.1, 3.5). */

export type Role = "CONTROLLER" | "DEVICE";

export type ProvisioningStatus =
  | "UNASSOCIATED"
  | "PRE_ASSOCIATED"
  | "DISCOVERED"
  | "ACTIVATED"
  | "DELETION_FAILED"
  | "DELETE_IN_PROGRESS"
  | "ISOLATED"
  | "DELETED";

/** What is sealed at rest: everything that the model marks sensitive, and what goes with it. */
export interface ThingDetails {
  authenticationMaterial: string;
  authenticationMaterialType: string;
  serialNumber?: string;
  universalProductCode?: string;
  internationalArticleNumber?: string;
  /** Five characters, of the device's profile. */
  advertisedProductId?: string;
  owner?: string;
  brand?: string;
  model?: string;
  name?: string;
  classification?: string;
  deviceSpecificKey?: string;
  macAddress?: string;
  metaData?: Record<string, string>;
  tags?: Record<string, string>;
  wiFiSimpleSetupConfiguration?: {
    EnableAsProvisioner?: boolean;
    EnableAsProvisionee?: boolean;
    TimeoutInMinutes?: number;
  };
  /** Changes with the schemas that the thing brought itself; undefined while it has none. */
  schemaRevision?: string;
  hubNetworkMode?: "STANDARD" | "NETWORK_WIDE_EXCLUSION";
  /** Of a discovered device: what it is the same by in every discovery. */
  discoveredIdentity?: string;
  /** The vendor's id of a device of another cloud. */
  connectorDeviceId?: string;
  /** The hub's id of a device behind it. */
  hubDeviceId?: string;
}

export interface ManagedThing {
  accountId: string;
  region: string;
  id: string;
  role: Role;
  status: ProvisioningStatus;
  details: ThingDetails;
  credentialLockerId?: string;
  parentControllerId?: string;
  /** JSON, as stored; `capabilityReportOf` parses it. */
  capabilityReport?: string;
  certificateId?: string;
  /** Of a device of another cloud: through which connector and with which settings it is reached. */
  connectorDestinationId?: string;
  /** Grows with every write; the guard of read, decide, commit. */
  revision: number;
  /** Highest `eventNumber` that the device has sent. */
  lastEventNumber: number;
  connected?: boolean;
  connectivityAt?: number;
  disconnectReason?: ManagedIntegrations.DisconnectReasonValue;
  /** Milliseconds. */
  createdAt: number;
  updatedAt: number;
  activatedAt?: number;
}

const LIVE: readonly ProvisioningStatus[] = ["UNASSOCIATED", "PRE_ASSOCIATED", "DISCOVERED", "ACTIVATED", "ISOLATED"];

/** From which statuses each one may be entered (reference 3.5). `DELETED` also by force from any. */
const ENTERED_FROM: Readonly<Record<ProvisioningStatus, readonly ProvisioningStatus[]>> = {
  UNASSOCIATED: ["ACTIVATED"],
  PRE_ASSOCIATED: [],
  DISCOVERED: ["UNASSOCIATED", "PRE_ASSOCIATED"],
  ACTIVATED: ["DISCOVERED", "UNASSOCIATED", "ISOLATED"],
  DELETE_IN_PROGRESS: [...LIVE, "DELETION_FAILED"],
  DELETION_FAILED: ["DELETE_IN_PROGRESS"],
  ISOLATED: [...LIVE, "DELETION_FAILED", "DELETE_IN_PROGRESS"],
  DELETED: ["DELETE_IN_PROGRESS"],
};

/** Whether a thing may go from one status to the other. Staying is not a transition. */
export const mayBecome = (from: ProvisioningStatus, to: ProvisioningStatus): boolean => ENTERED_FROM[to].includes(from);

export const thingArn = (thing: Pick<ManagedThing, "accountId" | "region" | "id">): string =>
  `arn:aws:iotmanagedintegrations:${thing.region}:${thing.accountId}:managed-thing/${thing.id}`;

/** The status of a new record, by what its authentication material says about how the device will come (reference 3.5). */
export function initialStatus(materialType: string): ProvisioningStatus {
  switch (materialType) {
    case "ZWAVE_QR_BAR_CODE":
    case "ZIGBEE_QR_BAR_CODE":
    case "CUSTOM_PROTOCOL_QR_BAR_CODE":
      return "PRE_ASSOCIATED";
    case "DISCOVERED_DEVICE":
      return "DISCOVERED";
    default:
      return "UNASSOCIATED";
  }
}

const JOINED: readonly ProvisioningStatus[] = ["DISCOVERED", "ACTIVATED", "DELETE_IN_PROGRESS", "DELETION_FAILED"];

/**
 * Whether somebody has to be told before the record can go: the device that has credentials of its own, or the hub
 * that it has joined. The vendor of another cloud never is (U7).
 */
export const mustBeTold = (thing: Pick<ManagedThing, "status" | "certificateId" | "parentControllerId">): boolean =>
  thing.parentControllerId !== undefined
    ? JOINED.includes(thing.status)
    : thing.certificateId !== undefined && thing.status !== "UNASSOCIATED" && thing.status !== "PRE_ASSOCIATED";
