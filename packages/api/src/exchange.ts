import { InternalError } from "@hearth/base";
import type { OperationBinding, RequestContext, ServiceModel } from "@hearth/contract";
import type { Match, Protocol } from "./protocols/protocol.ts";
import type { Caller } from "./traits.ts";
import type { WireRequest, WireResponse } from "./wire.ts";

/** One request on its way through the pipeline; every step adds what it found. */
export interface Exchange {
  readonly request: WireRequest;
  readonly requestId: string;
  /** Services that the request may mean, by its credential scope or its kind of caller. */
  readonly candidates: readonly ServiceModel[];
  matched?: Matched;
  caller?: Caller;
  context?: RequestContext;
  binding?: AnyBinding;
  input?: Record<string, unknown>;
  /** ARNs that the caller must have permission for. */
  resources?: readonly string[];
  output?: Record<string, unknown>;
  response?: WireResponse;
}

/** The operation that a request asks for. */
export interface Matched {
  model: ServiceModel;
  protocol: Protocol;
  match: Match;
}

export type AnyBinding = OperationBinding<Record<string, unknown>, Record<string, unknown> | undefined>;

/** What an earlier step must have added. */
export function added<T>(value: T | undefined): T {
  if (value === undefined) throw new InternalError("a step of the pipeline ran before the one that it builds on");
  return value;
}
