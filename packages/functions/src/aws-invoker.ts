import type { LambdaClient } from "@aws-sdk/client-lambda";
import { BoundedMap, messageOf } from "@hearth/base";
import type { FunctionInvoker, FunctionOutcome } from "./invoker.ts";

/** Regions whose clients are kept: ARNs come from whoever registers a connector. */
const MOST_REGIONS = 64;

/**
 * Functions of AWS Lambda, by the AWS credentials of the environment. Whom a function's policy lets in is theirs to say:
 * AWS sees these credentials as the caller, not the service. One attempt a call.
 * @param endpoint in place of AWS's
 */
export function createAwsInvoker({ endpoint }: { endpoint?: string } = {}): FunctionInvoker & { close(): void } {
  const clients = new BoundedMap<string, Promise<LambdaClient>>(MOST_REGIONS);
  const open = (region: string): Promise<LambdaClient> => {
    const client =
      clients.get(region) ??
      // Only who uses it pays for it.
      import("@aws-sdk/client-lambda").then(
        (sdk) => new sdk.LambdaClient({ region, maxAttempts: 1, ...(endpoint ? { endpoint } : {}) }),
      );
    clients.set(region, client);
    return client;
  };

  return {
    async invoke(call): Promise<FunctionOutcome> {
      const [, , service, region = ""] = call.functionArn.split(":");
      if (service !== "lambda" || !/^[a-z0-9-]{1,32}$/.test(region)) {
        return { outcome: "not-found", message: `Function not found: ${call.functionArn}` };
      }
      const client = await open(region);
      const { InvokeCommand } = await import("@aws-sdk/client-lambda");
      const timeout = AbortSignal.timeout(call.timeoutMs);
      const abortSignal = call.signal ? AbortSignal.any([timeout, call.signal]) : timeout;
      try {
        const command = new InvokeCommand({ FunctionName: call.functionArn, Payload: call.payload });
        const { FunctionError, Payload = new Uint8Array() } = await client.send(command, { abortSignal });
        const payload = new Uint8Array(Payload);
        if (FunctionError === undefined) return { outcome: "answered", payload };
        return { outcome: "function-error", kind: FunctionError === "Handled" ? "Handled" : "Unhandled", payload };
      } catch (error) {
        if (abortSignal.aborted) return { outcome: "timed-out", message: "AWS Lambda has not answered in time." };
        const name = (error as Error).name;
        const outcome = OUTCOMES[name];
        if (outcome) return { outcome, message: messageOf(error) };
        throw error;
      }
    },
    close() {
      for (const client of clients.values()) void client.then((one) => one.destroy());
      clients.clear();
    },
  };
}

const OUTCOMES: Readonly<Record<string, "denied" | "not-found" | "throttled">> = {
  AccessDeniedException: "denied",
  ResourceNotFoundException: "not-found",
  TooManyRequestsException: "throttled",
};
