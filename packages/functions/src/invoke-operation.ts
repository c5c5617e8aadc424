import { uuid } from "@hearth/base";
import { type LambdaOperations, type OperationTable, ServiceError } from "@hearth/contract";
import type { EventQueue } from "./event-queue.ts";
import type { StoredFunction } from "./function.ts";
import { guardedBy } from "./function-conditions.ts";
import type { FunctionRegistry } from "./function-registry.ts";
import type { Invocation, InvocationResult } from "./host/deployed-function.ts";

/** AWS: Lambda quotas, invocation payload. */
const LONGEST_PAYLOAD = 6_291_456;
const LONGEST_EVENT = 1_048_576;
/** Longer JSON is not parsed here, for it would hold up everybody: the runtime says what is wrong with it. */
const LONGEST_CHECKED = 256 * 1024;
const LONGEST_CLIENT_CONTEXT = 3_583;

export type Run = (stored: StoredFunction, invocation: Invocation) => Promise<InvocationResult>;

/** Invoke, for whoever signs a request. */
export function invokeOperation(deps: {
  registry: FunctionRegistry;
  events: EventQueue;
  requireEnabled(): void;
  run: Run;
}): OperationTable<Pick<LambdaOperations, "Invoke">> {
  const { registry, events, requireEnabled, run } = deps;
  return {
    Invoke: {
      action: "lambda:InvokeFunction",
      ...guardedBy(registry),
      async handle(input, request) {
        const stored = await registry.named(input, request);
        requireEnabled();
        const type = input.InvocationType ?? "RequestResponse";
        const payload = checkedPayload(input.Payload, type === "Event" ? LONGEST_EVENT : LONGEST_PAYLOAD);
        const clientContext = clientContextOf(input.ClientContext);
        if (type === "DryRun") return { StatusCode: 204 };
        if (type === "Event") {
          await events.add(stored, { requestId: uuid(), payload, clientContext });
          return { StatusCode: 202 };
        }
        const tail = input.LogType === "Tail";
        const result = await run(stored, { requestId: uuid(), payload, clientContext, tail });
        if (result.outcome === "throttled") {
          throw new ServiceError("TooManyRequestsException", result.message, { Type: "User", Reason: result.reason });
        }
        return {
          StatusCode: 200,
          ExecutedVersion: "$LATEST",
          Payload: result.payload,
          ...(result.outcome === "failed" ? { FunctionError: "Unhandled" } : {}),
          ...(result.tail ? { LogResult: Buffer.from(result.tail).toString("base64") } : {}),
        };
      },
    },
  };
}

function checkedPayload(given: Uint8Array | undefined, limit: number): Uint8Array {
  const payload = given && given.byteLength > 0 ? given : Buffer.from("{}");
  if (payload.byteLength > limit) {
    const message = `${payload.byteLength} byte payload is too large for this invocation type (limit ${limit} bytes)`;
    throw new ServiceError("RequestTooLargeException", message, { Type: "User" });
  }
  if (payload.byteLength <= LONGEST_CHECKED) {
    try {
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
    } catch {
      throw new ServiceError("InvalidRequestContentException", "Could not parse request body into json.", {
        Type: "User",
      });
    }
  }
  return payload;
}

/** Base64 of JSON, as it stands in the header. */
function clientContextOf(given: string | undefined): string | undefined {
  if (given === undefined || given === "") return undefined;
  const refuse = () =>
    new ServiceError("InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.", {
      Type: "User",
    });
  if (given.length > LONGEST_CLIENT_CONTEXT) throw refuse();
  try {
    // Written anew: nothing but JSON in ASCII gets into a header.
    const text = JSON.stringify(JSON.parse(Buffer.from(given, "base64").toString("utf8")));
    return text.replace(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  } catch {
    throw refuse();
  }
}
