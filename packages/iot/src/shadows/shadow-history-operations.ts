import { type HearthOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import type { ShadowHistory } from "./shadow-history.ts";
import type { ShadowActor } from "./shadow-history-store.ts";
import { type ShadowKey, shadowArn } from "./shadow-store.ts";

interface HistoryInput {
  ThingName: string;
  ShadowName?: string;
}

const PAGE = 25;

/** What shadows have been: the timeline of one, and its state at a moment. */
export function createShadowHistoryOperations({ history }: { history: ShadowHistory }) {
  const keyOf = ({ ThingName, ShadowName }: HistoryInput, { accountId, region }: RequestContext): ShadowKey => ({
    accountId,
    region,
    thingName: ThingName,
    ...(ShadowName === undefined ? {} : { shadowName: ShadowName }),
  });
  const resources = (input: HistoryInput, request: RequestContext): string[] => [shadowArn(keyOf(input, request))];

  return {
    ListShadowHistory: {
      resources,
      async handle(input, request) {
        const { From: from, To: to, NextToken: token } = input;
        const range = {
          from: from && milliseconds(from),
          to: to && milliseconds(to),
          before: token === undefined ? undefined : Number(token),
        };
        const { entries, more } = await history.list(keyOf(input, request), range, input.MaxResults ?? PAGE);
        return {
          Items: entries.map(({ version, at, kind, actor, changes }) => ({
            Version: version,
            Timestamp: at / 1000,
            Kind: kind === "delete" ? "DELETE" : "UPDATE",
            Actor: actorShown(actor),
            Changes: changes,
          })),
          NextToken: more ? String(entries.at(-1)?.ordinal) : undefined,
        };
      },
    },

    GetShadowAt: {
      resources,
      async handle(input, request) {
        const found = await history.at(keyOf(input, request), milliseconds(input.Timestamp));
        if (found === undefined) {
          throw new ServiceError(
            "ResourceNotFoundException",
            `Nothing is kept of the shadow '${input.ShadowName ?? input.ThingName}' at that moment: it did not exist, or its history does not go back so far.`,
          );
        }
        const { version, at, actor, state, metadata } = found;
        return {
          Version: version,
          Timestamp: at / 1000,
          Actor: actor && actorShown(actor),
          State: state,
          Metadata: metadata,
        };
      },
    },
  } satisfies OperationTable<HearthOperations>;
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1000);

const actorShown = ({ principalId, clientId, sourceIp }: ShadowActor) => ({
  PrincipalId: principalId,
  ClientId: clientId,
  SourceIp: sourceIp,
});
