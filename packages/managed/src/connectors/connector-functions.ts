import type { Place } from "../place.ts";

/** What a connector is asked to do (reference 9.3). */
export interface ConnectorRequest {
  operationName: "AWS.DiscoverDevices";
  operationVersion: "1.0";
  connectorId: string;
  deviceDiscoveryId: string;
  connectorDeviceIds?: readonly string[];
}

/** Calls a connector's function and resolves when it has acknowledged. Rejects when it has not. */
export type InvokeConnector = (call: Place & { functionArn: string; payload: ConnectorRequest }) => Promise<void>;

/** A Hearth that runs no functions: what needs one ends with this reason. */
export const noFunctions: InvokeConnector = async ({ functionArn }) => {
  throw new Error(`no function service is connected, so ${functionArn} was not called`);
};
