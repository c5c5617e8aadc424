import type { RequestContext } from "@hearth/contract";
import type { Message, Publisher } from "./message.ts";

/** The router, as the rooms see it: sends messages that are decided and durable to whoever subscribed. */
export type Publish = (messages: readonly Message[], publisher: Publisher) => Promise<void> | undefined;

/** The platform itself, speaking for an account. */
export const platformPublisher = (accountId: string, region: string): Publisher => ({
  accountId,
  region,
  principalId: "platform",
});

/** Whoever made an API request; HTTPS has no client id (reference 1.4). */
export function requestPublisher(request: RequestContext): Publisher {
  const { principal } = request;
  return {
    accountId: request.accountId,
    region: request.region,
    principalId:
      principal.type === "Certificate" ? principal.certificateId : `${principal.accountId}/${principal.principalId}`,
    sourceIp: request.sourceIp,
    ...(principal.type === "Certificate" ? { certificateId: principal.certificateId } : {}),
  };
}
