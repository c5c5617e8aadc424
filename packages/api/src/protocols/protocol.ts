import type { Operation, ServiceModel } from "@hearth/contract";
import type { Failure, WireRequest, WireResponse } from "../wire.ts";

/** What the router found. */
export interface Match {
  name: string;
  operation: Operation;
  /** Values of the path's labels by their name in the template, decoded. */
  labels: Readonly<Record<string, string>>;
}

/** How a service's operations and their data look on the wire. */
export interface Protocol {
  /**
   * Finds the operation. Throws `UnknownOperationException` (or the protocol's own word for it), and
   * `SerializationException` where the request is too malformed to tell.
   */
  match(model: ServiceModel, request: WireRequest): Match;
  /** Whether the operation takes its body piece by piece; absent: none does. Such a protocol matches by the head alone. */
  streams?(model: ServiceModel, match: Match): boolean;
  /**
   * Input as handlers see it, unvalidated: values that do not fit their shape are still as they were sent.
   * Throws `SerializationException` for a body that cannot be read at all.
   */
  parse(model: ServiceModel, match: Match, request: WireRequest): Record<string, unknown>;
  serialize(
    model: ServiceModel,
    match: Match,
    output: Readonly<Record<string, unknown>>,
    requestId: string,
  ): WireResponse;
  /** `model` is absent where the request does not even say which service it wants. */
  serializeFailure(model: ServiceModel | undefined, failure: Failure, requestId: string): WireResponse;
}
