import { ServiceError } from "@hearth/contract";
import type { FunctionInvoker, FunctionOutcome } from "@hearth/functions";
import type { InvokeFunction } from "@hearth/managed";

const SERVICE = "iotmanagedintegrations.amazonaws.com";
/** Longer than managed integrations ever waits: it gives up by the signal of the call. */
const TIMEOUT_MS = 60_000;

const REFUSALS: Readonly<Record<Exclude<FunctionOutcome["outcome"], "answered" | "function-error">, string>> = {
  denied: "AccessDeniedException",
  "not-found": "ResourceNotFoundException",
  throttled: "TooManyRequestsException",
  "timed-out": "ServiceException",
  disabled: "ServiceException",
};

/** What managed integrations asks of functions: connectors are called in the name of an account association (9.9). */
export function managedFunctions({ invoke }: FunctionInvoker): InvokeFunction {
  return async ({ accountId, functionArn, sourceArn, payload, signal }) => {
    const outcome = await invoke({
      account: accountId,
      functionArn,
      payload: Buffer.from(payload),
      timeoutMs: TIMEOUT_MS,
      caller: { service: SERVICE, sourceAccount: accountId, sourceArn },
      signal,
    });
    switch (outcome.outcome) {
      case "answered":
        return { payload: textOf(outcome.payload) };
      case "function-error":
        return { functionError: errorTypeOf(outcome.payload) ?? outcome.kind, payload: "" };
      default:
        throw new ServiceError(REFUSALS[outcome.outcome], outcome.message);
    }
  };
}

const textOf = (payload: Uint8Array): string =>
  Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString();

/** The name that the function gave to its error; what it says of it may be anything, and is not carried on. */
function errorTypeOf(payload: Uint8Array): string | undefined {
  try {
    const { errorType } = JSON.parse(textOf(payload)) as { errorType?: unknown };
    return typeof errorType === "string" ? errorType.slice(0, 64) : undefined;
  } catch {
    return undefined;
  }
}
