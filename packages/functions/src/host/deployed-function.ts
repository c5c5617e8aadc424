/** Keys of the execution role for one environment. */
export interface FunctionCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

/** Throws where the role cannot be taken any more. */
export type RoleCredentials = (roleArn: string, functionArn: string) => Promise<FunctionCredentials>;

/** What the host must know of a function to run it. */
export interface DeployedFunction {
  accountId: string;
  region: string;
  name: string;
  /** Without a qualifier. */
  arn: string;
  /** Of code and configuration: environments of another one are not used any more. */
  generation: string;
  runtime: string;
  /** `index.handler`; unused by `provided.*`. */
  handler: string;
  roleArn: string;
  timeoutSeconds: number;
  memoryMb: number;
  /** Invocations that may run at once; absent: as many as the account may have. */
  concurrency?: number | undefined;
  logGroup: string;
  /** Hex SHA-256 of the zip: equal ones are unpacked once. */
  codeSha256: string;
  /** The zip. */
  code(): Promise<Uint8Array>;
  /** The function's own environment variables. */
  variables(): Readonly<Record<string, string>>;
}

export interface Invocation {
  requestId: string;
  payload: Uint8Array;
  /** JSON. */
  clientContext?: string | undefined;
  /** Whether the end of the invocation's log is wanted. */
  tail?: boolean;
}

export type InvocationResult =
  | { outcome: "answered"; payload: Uint8Array; tail?: Uint8Array | undefined }
  | { outcome: "failed"; payload: Uint8Array; tail?: Uint8Array | undefined }
  | { outcome: "throttled"; reason: ThrottleReason; message: string };

/** Names of AWS's. */
export type ThrottleReason =
  | "ReservedFunctionConcurrentInvocationLimitExceeded"
  | "ConcurrentInvocationLimitExceeded"
  | "CallerRateLimitExceeded";

/** The error document of a failed invocation. */
export const errorPayload = (errorType: string, errorMessage: string): Uint8Array =>
  Buffer.from(JSON.stringify({ errorType, errorMessage }));
