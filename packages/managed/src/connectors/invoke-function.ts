import type { Place } from "../place.ts";

/** One call of a function by its ARN, as Lambda's InvokeFunction does it (reference 9.3). */
export interface FunctionCall extends Place {
  /** May end in a qualifier. */
  functionArn: string;
  /** `aws:SourceArn` of the call: the account association. `aws:SourceAccount` is the account in it. */
  sourceArn: string;
  /** JSON. */
  payload: string;
  /** Aborted when nobody waits any more; the function itself ends by its own time limit. */
  signal: AbortSignal;
}

export interface FunctionAnswer {
  /** What kind of error the function ended with, where it did. */
  functionError?: string;
  payload: string;
}

/**
 * What managed integrations asks of functions. Throws ServiceError: ResourceNotFoundException, AccessDeniedException
 * (the function's policy does not let the platform in), TooManyRequestsException, ServiceException.
 */
export type InvokeFunction = (call: FunctionCall) => Promise<FunctionAnswer>;
