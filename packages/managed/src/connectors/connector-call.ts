import type { MatterCommandEndpoint } from "@hearth/data-model";
import type { AccountAssociation } from "../account-associations/account-association.ts";
import type { CloudConnector } from "./cloud-connector.ts";

/** What a connector is asked to do (reference 9.5 to 9.8); the caller adds the operation's version and the connector. */
export type ConnectorRequest =
  | { operationName: "AWS.ActivateUser" }
  | { operationName: "AWS.DeactivateUser" }
  | { operationName: "AWS.DiscoverDevices"; deviceDiscoveryId: string }
  | {
      operationName: "AWS.SendCommand";
      connectorDeviceId: string;
      traceId: string;
      endpoints: readonly MatterCommandEndpoint[];
    };

export interface ConnectorCall {
  association: AccountAssociation;
  connector: CloudConnector;
  request: ConnectorRequest;
  /** Milliseconds: no attempt begins after it. */
  until?: number;
}

/** Why a connector did not take a request. */
export type ConnectorErrorCode =
  /** No answer in time. */
  | "TIMED_OUT"
  /** The function ended with an error. */
  | "FUNCTION_ERROR"
  | "THROTTLED"
  | "MALFORMED_ANSWER"
  /** It answered 500 or above. */
  | "CONNECTOR_ERROR"
  /** It answered 4xx. */
  | "CONNECTOR_REFUSED"
  /** The function's policy does not let the platform call it. */
  | "ACCESS_DENIED"
  | "FUNCTION_NOT_FOUND"
  /** There is no token to call it with. */
  | "AUTHORIZATION_FAILED"
  /** It failed so often that it is not called for a while. */
  | "CIRCUIT_OPEN"
  | "NO_FUNCTIONS";

export interface ConnectorFailure {
  ok: false;
  errorCode: ConnectorErrorCode;
  /** Fit for an event: without the token, in one line. */
  message: string;
  responseCode?: number;
  /** Whether the same request may end otherwise a little later. */
  again: boolean;
  /** How often the function was called. */
  attempts: number;
}

export type ConnectorOutcome = { ok: true; message?: string; userId?: unknown } | ConnectorFailure;

/** The only way to a connector's function. */
export interface ConnectorCaller {
  /** Rejects only when the platform stops meanwhile. */
  call(call: ConnectorCall): Promise<ConnectorOutcome>;
  /** Until when (milliseconds) a connector that keeps failing for this account is not called; undefined: it is. */
  openUntil(link: Pick<ConnectorCall, "association" | "connector">): number | undefined;
  stop(): void;
}

/** "1.0.0" of ActivateUser and "1.0" of the others are as printed (U26). */
export const versionOf = (operation: ConnectorRequest["operationName"]): string =>
  operation === "AWS.ActivateUser" ? "1.0.0" : "1.0";
