import type { IotDataOperations, OperationTable, RequestContext } from "@hearth/contract";
import { type Publish, platformPublisher, requestPublisher } from "../messaging/publisher.ts";
import { decodeToken } from "../storage/page.ts";
import { parseUpdate, readRequest } from "./shadow.ts";
import { type ShadowKey, shadowArn } from "./shadow-store.ts";
import type { ShadowOutcome, Shadows } from "./shadows.ts";

/** Shadows through HTTPS (reference 3.3); what changes is published on MQTT as well (reference 3.2). */
export interface ShadowOperationsDeps {
  shadows: Shadows;
  clock: { now(): number };
  publish: Publish;
}

interface ShadowInput {
  thingName: string;
  shadowName?: string;
}

export function createShadowOperations({ shadows, clock, publish }: ShadowOperationsDeps) {
  const keyOf = (input: ShadowInput, request: RequestContext): ShadowKey => ({
    accountId: request.accountId,
    region: request.region,
    thingName: input.thingName,
    ...(input.shadowName === undefined ? {} : { shadowName: input.shadowName }),
  });

  const resources = (input: ShadowInput, request: RequestContext): string[] => [shadowArn(keyOf(input, request))];

  async function finish(outcome: ShadowOutcome, request: RequestContext): Promise<{ payload: Uint8Array }> {
    await publish(outcome.messages, platformPublisher(request.accountId, request.region));
    return { payload: Buffer.from(outcome.accepted()) };
  }

  return {
    GetThingShadow: {
      action: "iot:GetThingShadow",
      resources,
      handle: async (input, request) => ({ payload: Buffer.from(await shadows.get(keyOf(input, request))) }),
    },
    UpdateThingShadow: {
      action: "iot:UpdateThingShadow",
      resources,
      handle: async (input, request) =>
        finish(
          await shadows.update(
            keyOf(input, request),
            parseUpdate(readRequest(input.payload)),
            requestPublisher(request),
          ),
          request,
        ),
    },
    DeleteThingShadow: {
      action: "iot:DeleteThingShadow",
      resources,
      handle: async (input, request) =>
        finish(await shadows.remove(keyOf(input, request), requestPublisher(request)), request),
    },
    ListNamedShadowsForThing: {
      action: "iot:ListNamedShadowsForThing",
      handle: async (input, request) => {
        const [after] = decodeToken(input.nextToken) ?? [];
        const page = await shadows.list(keyOf(input, request), after, input.pageSize ?? 25);
        return { results: page.rows, nextToken: page.nextToken, timestamp: Math.floor(clock.now() / 1000) };
      },
    },
  } satisfies OperationTable<IotDataOperations>;
}
