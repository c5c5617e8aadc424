import type { AuditedCall } from "@hearth/contract";
import type { Exchange } from "./exchange.ts";
import type { WireResponse } from "./wire.ts";

/** What the trail is told of a request. Undefined where it got no further than to its operation or its caller. */
export function auditedCall(
  exchange: Exchange | undefined,
  answer: WireResponse,
  failure: { code: string; message: string } | undefined,
): AuditedCall | undefined {
  if (!exchange?.matched || !exchange.context) return undefined;
  const { matched, context, input, output, resources } = exchange;
  return {
    model: matched.model,
    operation: matched.match.name,
    ...(input && { input }),
    ...(failure ? { failure } : output && { output }),
    responseHeaders: answer.headers,
    resources: resources ?? [],
    principal: context.principal,
    accountId: context.accountId,
    region: context.region,
    requestId: exchange.requestId,
    sourceIp: context.sourceIp,
    userAgent: context.userAgent,
    at: context.now,
  };
}
