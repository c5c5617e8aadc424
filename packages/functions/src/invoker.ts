/** One synchronous invocation of a function on behalf of a service of the platform. */
export interface FunctionCall {
  /** The account on whose behalf the service calls. */
  account: string;
  /** `arn:aws:lambda:<region>:<account>:function:<name>`, with or without a qualifier. */
  functionArn: string;
  /** JSON. */
  payload: Uint8Array;
  /** How long the caller waits, in milliseconds; the function runs on, to its own time limit. */
  timeoutMs: number;
  /** Whom the function's resource policy is asked about. */
  caller: {
    /** `iotmanagedintegrations.amazonaws.com`, say. */
    service: string;
    /** Condition key `aws:SourceAccount`. */
    sourceAccount: string;
    /** Condition key `aws:SourceArn`. */
    sourceArn?: string;
  };
  /** Nobody waits any more: the outcome is `timed-out`; the function runs on. */
  signal?: AbortSignal;
}

export type FunctionOutcome =
  | { outcome: "answered"; payload: Uint8Array }
  /**
   * The function failed. `Handled`: it said so itself; `Unhandled`: its environment crashed, answered with too much, or
   * reached the function's own time limit. The payload is JSON with `errorType` and `errorMessage`.
   */
  | { outcome: "function-error"; kind: "Handled" | "Unhandled"; payload: Uint8Array }
  /**
   * The function was not run to its end: its policy does not allow the caller (`denied`), there is none of this name
   * (`not-found`), too many invocations run already (`throttled`), `timeoutMs` has passed (`timed-out`), or functions
   * are switched off in this installation (`disabled`).
   */
  | { outcome: "denied" | "not-found" | "throttled" | "timed-out" | "disabled"; message: string };

/** Where functions are run: by this installation or by AWS Lambda. */
export interface FunctionInvoker {
  /** Resolves whatever the function does; rejects where the function's code or place cannot be reached. */
  invoke(call: FunctionCall): Promise<FunctionOutcome>;
}
