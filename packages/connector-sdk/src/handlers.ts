import type { DeviceDescription, EndpointState } from "./matter.ts";

/** What every request of the platform says (reference 9.3). */
export interface UserRequest {
  /** Of the user at the vendor. Never log it. */
  token: string;
  /** `OAuth2.0` or `GeneralAuthorization`. */
  authType: string;
  /** The connector's own id at the platform. */
  connectorId: string;
  /** Aborted when nobody waits for the outcome any more: give it to `fetch`. */
  signal: AbortSignal;
}

export interface DiscoverRequest extends UserRequest {
  deviceDiscoveryId: string;
}

/** One action of a command, by the names of the data model. */
export interface DeviceCommand {
  endpointId: string;
  /** `matter.OnOff@1.4` */
  capability: string;
  /** `On`; `UpdateState` and `ReadState` are known of every capability. */
  action: string;
  parameters: Readonly<Record<string, unknown>>;
}

export interface CommandRequest extends UserRequest {
  connectorDeviceId: string;
  /** The same when the platform repeats the request: give it to the vendor as its reference. */
  traceId: string;
  /** In the order in which they are to be done. */
  commands: readonly DeviceCommand[];
}

/** What became of a command, as far as the vendor has told it. */
export interface CommandResult {
  /** As in HTTP; 200 if absent. */
  statusCode?: number;
  message?: string;
  /** The user's id at the vendor, as `activateUser` gave it. */
  userId?: string;
  /** The state afterwards. */
  endpoints?: readonly EndpointState[];
}

export interface DiscoveredDevice {
  /** The vendor's id of the device: 1 to 256 of `a-z A-Z 0-9 _ . , @ -`. */
  id: string;
  name?: string;
  /** What it can do, and its state where that is known. */
  report: DeviceDescription;
  /** Kept with the device. */
  metadata?: unknown;
}

/** What a connector does for the platform (reference 9.1). Throw a `VendorError` for what the vendor refuses. */
export interface ConnectorHandlers {
  /** Who the user of the token is: `userId` is unique among all of the vendor's users. */
  activateUser(request: UserRequest): Promise<{ userId: string; message?: string }>;
  /**
   * All devices of the user, or page by page. What takes longer than the platform waits begins again from the first page
   * in an invocation of its own.
   */
  discoverDevices(
    request: DiscoverRequest,
  ): AsyncIterable<readonly DiscoveredDevice[]> | Promise<readonly DiscoveredDevice[]>;
  /** Does it, and tells what became of it; `later` when something else (an event of the vendor's) will tell. */
  sendCommand(request: CommandRequest): Promise<CommandResult | "later">;
  /** Revokes the user's tokens at the vendor, access and refresh token both. */
  deactivateUser(request: UserRequest): Promise<void>;
}

/** The reply to an invocation (reference 9.3). */
export interface ConnectorAnswer {
  header: { responseCode: number };
  payload: { responseMessage?: string; userId?: string };
}
