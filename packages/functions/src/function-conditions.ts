import { type RequestContext, ServiceError } from "@hearth/contract";
import { onFunction } from "./function.ts";
import type { FunctionRegistry } from "./function-registry.ts";

type Reference = { FunctionName: string; Qualifier?: string };

/** The tags that policies see as `aws:ResourceTag/<key>`; none where there is no such function. */
const resourceTags =
  (registry: Pick<FunctionRegistry, "named">) =>
  async (input: Reference, request: RequestContext): Promise<Record<string, string>> => {
    const stored = await registry.named(input, request).catch((error: unknown) => {
      // Tags that could not be read are not absent: a denial may stand on them.
      if (error instanceof ServiceError) return undefined;
      throw error;
    });
    return Object.fromEntries(
      Object.entries(stored?.tags ?? {}).map(([key, value]) => [`aws:ResourceTag/${key}`, value] as const),
    );
  };

/** On what the caller of an operation on a function needs permission, and what policies may ask of it. */
export const guardedBy = (registry: Pick<FunctionRegistry, "named">) => ({
  resources: onFunction,
  conditions: resourceTags(registry),
});
