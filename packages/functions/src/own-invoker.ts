import { type Clock, uuid } from "@hearth/base";
import { referencedArn, referenceOf } from "./function.ts";
import { refusalOf } from "./function-policy.ts";
import type { FunctionRegistry } from "./function-registry.ts";
import type { Run } from "./invoke-operation.ts";
import type { FunctionInvoker, FunctionOutcome } from "./invoker.ts";

/** Functions of this installation, for services of the platform. `disabled`: why functions cannot be run. */
export function createOwnInvoker(deps: {
  clock: Clock;
  registry: FunctionRegistry;
  run: Run;
  disabled: string | undefined;
}): FunctionInvoker {
  const { clock, registry, run, disabled } = deps;
  return {
    async invoke(call): Promise<FunctionOutcome> {
      const notFound: FunctionOutcome = { outcome: "not-found", message: `Function not found: ${call.functionArn}` };
      if (!/^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[^:]+(:[^:]+)?$/.test(call.functionArn)) return notFound;
      const reference = referenceOf(call.functionArn, { accountId: call.account, region: "" });
      if (reference.qualifier !== undefined)
        return { ...notFound, message: `Function not found: ${referencedArn(reference)}` };
      const stored = await registry.find(reference, reference.name);
      if (!stored) return notFound;
      const refusal = refusalOf(stored, call.caller);
      if (refusal !== undefined) return { outcome: "denied", message: refusal };
      if (disabled !== undefined) return { outcome: "disabled", message: disabled };
      return new Promise((resolve, reject) => {
        const timedOut = () => resolve({ outcome: "timed-out", message: "The function has not answered in time." });
        const cancel = clock.after(call.timeoutMs, timedOut);
        call.signal?.addEventListener("abort", timedOut, { once: true });
        if (call.signal?.aborted) timedOut();
        run(stored, { requestId: uuid(), payload: call.payload })
          .then((result) => {
            if (result.outcome === "throttled") resolve({ outcome: "throttled", message: result.message });
            else if (result.outcome === "answered") resolve({ outcome: "answered", payload: result.payload });
            else resolve({ outcome: "function-error", kind: "Unhandled", payload: result.payload });
          }, reject)
          .finally(() => {
            cancel();
            call.signal?.removeEventListener("abort", timedOut);
          });
      });
    },
  };
}
