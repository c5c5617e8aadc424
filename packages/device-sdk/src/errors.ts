/** The agent's command queue is full: nothing was queued, try again later (reference 11.1, row 89). */
export class QueueFullError extends Error {
  constructor(size: number) {
    super(`the command queue is full (${size} commands)`);
    this.name = "QueueFullError";
  }
}

/** The agent was stopped before the command was carried out. */
export class AgentStoppedError extends Error {
  constructor(message = "the MQTT agent has been stopped") {
    super(message);
    this.name = "AgentStoppedError";
  }
}

/** The broker refused a connection, a publish or a subscription. Trying the same again will not help. */
export class RefusedError extends Error {
  /** MQTT 5 reason code, or MQTT 3.1.1 return code. */
  readonly reasonCode: number;

  constructor(message: string, reasonCode: number) {
    super(message);
    this.name = "RefusedError";
    this.reasonCode = reasonCode;
  }
}

/** The network, or the platform behind it, did not do its part in time. Trying again may help. */
export class NetworkError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "NetworkError";
  }
}

/** The platform refused to provision this device (reference 6, "Fleet provisioning"). */
export class ProvisioningError extends Error {
  /** HTTP-like status that the platform gave, for instance 403. */
  readonly statusCode: number;
  /** For instance `ACCESS_DENIED`, `InvalidCertificateOwnershipToken`. */
  readonly errorCode: string;

  constructor(statusCode: number, errorCode: string, message: string) {
    super(message);
    this.name = "ProvisioningError";
    this.statusCode = statusCode;
    this.errorCode = errorCode;
  }
}

/** The platform refused the capability report, or a shadow request. */
export class RequestRejectedError extends Error {
  /** HTTP-like code that the platform gave. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = "RequestRejectedError";
    this.code = code;
  }
}

/** What the platform says of an execution when it refuses an update of it (reference 4.2). */
export interface ExecutionState {
  /** `QUEUED`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `REJECTED`, `REMOVED` or `CANCELED`. */
  status: string;
  statusDetails: Readonly<Record<string, string>>;
  versionNumber: number;
}

/** The platform refused a request for jobs, or an update of one. */
export class JobsRejectedError extends Error {
  /** For instance `InvalidStateTransition`, `VersionMismatch`, `ResourceNotFound` (reference 4.2). */
  readonly code: string;
  /** The execution as it is, where the platform says so. */
  readonly executionState: ExecutionState | undefined;

  constructor(code: string, message: string, executionState?: ExecutionState) {
    super(message);
    this.name = "JobsRejectedError";
    this.code = code;
    this.executionState = executionState;
  }
}

/** What is stored cannot be read: the medium is damaged, or was written by something else. */
export class CredentialStoreError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "CredentialStoreError";
  }
}

/** Thrown by an action or a setter to choose what the platform is told; anything else that is thrown answers 500. */
export class ActionError extends Error {
  /** Machine-readable reason, `errors[].code` of the response. */
  readonly code: string;
  /** HTTP status of the action, not 2xx. */
  readonly responseCode: number;

  constructor(code: string, message: string, responseCode = 500) {
    super(message);
    this.name = "ActionError";
    this.code = code;
    this.responseCode = responseCode;
  }
}
