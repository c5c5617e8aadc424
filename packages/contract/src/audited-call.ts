import type { Principal } from "./handlers.ts";
import type { ServiceModel } from "./model.ts";

/** One call of a known caller, as the API door answered it: what the trail keeps. */
export interface AuditedCall {
  model: ServiceModel;
  operation: string;
  /** Absent where the operation is not built or its input could not be read. */
  input?: Readonly<Record<string, unknown>>;
  /** Absent where the call failed. */
  output?: Readonly<Record<string, unknown>>;
  failure?: { code: string; message: string };
  /** Names in lower case. */
  responseHeaders: Readonly<Record<string, string>>;
  /** ARNs that the caller needed permission for; `*` where the operation is not about one resource. */
  resources: readonly string[];
  principal: Principal;
  /** The service that makes the call on the principal's behalf, `iotmanagedintegrations.amazonaws.com` say. */
  invokedBy?: string;
  accountId: string;
  region: string;
  requestId: string;
  sourceIp: string;
  userAgent: string;
  /** Milliseconds since the epoch at which the request arrived. */
  at: number;
}
