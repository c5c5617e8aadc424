import { InternalError, type Logger, messageOf } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import { lazyMessage } from "../messaging/json-message.ts";
import type { Message, Outcome, Publisher, ReservedTopic } from "../messaging/message.ts";
import { clientTokenOf, type JsonObject, parseUpdate, readRequest } from "./shadow.ts";
import { rejectedText } from "./shadow-documents.ts";
import type { ShadowKey } from "./shadow-store.ts";
import { type Shadows, shadowTopic } from "./shadows.ts";

/** The reserved topics of shadows (reference 2 and 3). */
export interface ShadowTopicsDeps {
  shadows: Shadows;
  clock: { now(): number };
  log: Logger;
  profile: "standard" | "aws";
}

type Method = "get" | "update" | "delete";

/** Requests under way for one thing on one connection; AWS's quota is reference 3.4's. */
const IN_FLIGHT = { standard: 100, aws: 10 } as const;

const CODES: Readonly<Record<string, number>> = {
  InvalidRequestException: 400,
  ResourceNotFoundException: 404,
  ConflictException: 409,
  RequestEntityTooLargeException: 413,
  UnsupportedDocumentEncodingException: 415,
  ThrottlingException: 429,
};

const THING_NAME = /^[a-zA-Z0-9:_-]{1,128}$/;
const SHADOW_NAME = /^[$a-zA-Z0-9:_-]{1,64}$/;

export function createShadowTopics({ shadows, clock, log, profile }: ShadowTopicsDeps): ReservedTopic[] {
  const inFlight = new Map<string, number>();

  async function answer(
    method: Method,
    key: ShadowKey,
    request: JsonObject,
    by: Publisher,
  ): Promise<readonly Message[]> {
    if (method === "update") return (await shadows.update(key, parseUpdate(request), by)).messages;
    const clientToken = clientTokenOf(request);
    if (method === "delete") return (await shadows.remove(key, by, clientToken)).messages;
    const document = await shadows.get(key, clientToken);
    return [lazyMessage(key.accountId, shadowTopic(key, "get/accepted"), () => document)];
  }

  async function handle(method: Method, key: ShadowKey, payload: Uint8Array, publisher: Publisher): Promise<Outcome> {
    let clientToken: string | undefined;
    const slot =
      publisher.clientId === undefined ? undefined : `${key.accountId}/${publisher.clientId}/${key.thingName}`;
    const busy = slot === undefined ? 0 : (inFlight.get(slot) ?? 0);
    try {
      if (busy >= IN_FLIGHT[profile])
        throw new ServiceError("ThrottlingException", "Too many requests in flight for this thing");
      if (slot !== undefined) inFlight.set(slot, busy + 1);
      try {
        if (!THING_NAME.test(key.thingName)) throw new ServiceError("InvalidRequestException", "Invalid thing name");
        if (key.shadowName !== undefined && !SHADOW_NAME.test(key.shadowName)) {
          throw new ServiceError("InvalidRequestException", "Invalid shadow name");
        }
        // What a get or a delete carries besides a client token does not matter (reference 3.1).
        const request = readRequest(payload);
        clientToken = clientTokenOf(request);
        return { publish: await answer(method, key, request, publisher) };
      } finally {
        if (slot !== undefined) release(slot);
      }
    } catch (error) {
      const code = error instanceof ServiceError ? CODES[error.name] : undefined;
      if (code === undefined) {
        log.error({ err: error, thingName: key.thingName, method }, "a shadow request failed");
      }
      const text = code === undefined ? "Internal service failure" : messageOf(error);
      return {
        publish: [
          lazyMessage(key.accountId, shadowTopic(key, `${method}/rejected`), () =>
            rejectedText(code ?? 500, text, clock.now(), clientToken),
          ),
        ],
      };
    }
  }

  function release(slot: string): void {
    const left = (inFlight.get(slot) ?? 1) - 1;
    if (left > 0) inFlight.set(slot, left);
    else inFlight.delete(slot);
  }

  const topic = (method: Method, named: boolean): ReservedTopic => ({
    filter: named ? `$aws/things/+/shadow/name/+/${method}` : `$aws/things/+/shadow/${method}`,
    deliver: true,
    handle: ([thingName, shadowName], message, publisher) => {
      if (thingName === undefined) throw new InternalError("a shadow topic without its thing");
      const { accountId, region } = publisher;
      const key = { accountId, region, thingName, ...(named ? { shadowName: shadowName ?? "" } : {}) };
      return handle(method, key, message.payload, publisher);
    },
  });

  return (["get", "update", "delete"] as const).flatMap((method) => [topic(method, false), topic(method, true)]);
}
