import type { Clock } from "@hearth/base";
import { type CloudtrailOperations, type OperationTable, type RequestContext, ServiceError } from "@hearth/contract";
import { timeOfEvent } from "./event-id.ts";
import { resourceType } from "./trail-record.ts";
import type { EventColumn, EventPosition, StoredEvent, TrailStore } from "./trail-store.ts";

/** Days for which events are kept and found (AWS: "Working with CloudTrail event history"). */
export const HISTORY_MS = 90 * 86_400_000;

const MOST_RESULTS = 50;

/** Events that one answer looks at where no index leads to the ones that it seeks; the next page goes on behind. */
const MOST_SCANNED = 10_000;

/** Behind every event; 15 digits. */
const LATEST = 999_999_999_999_999;

interface Attribute {
  column: EventColumn;
  /** An index leads from this column to its events. */
  indexed: boolean;
}

/** By `AttributeKey`. */
const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  AccessKeyId: { column: "access_key_id", indexed: false },
  EventId: { column: "id", indexed: true },
  EventName: { column: "name", indexed: true },
  EventSource: { column: "source", indexed: false },
  ReadOnly: { column: "read_only", indexed: false },
  ResourceName: { column: "resource_name", indexed: true },
  ResourceType: { column: "resource_type", indexed: false },
  Username: { column: "user_name", indexed: true },
};

const refuse = (error: string, message: string) => new ServiceError(error, message);

/** The history of the last 90 days. `settle` resolves once every call answered before is kept. */
export function lookupOperations(deps: {
  store: TrailStore;
  clock: Pick<Clock, "now">;
  settle: () => Promise<void>;
}): OperationTable<Pick<CloudtrailOperations, "LookupEvents">> {
  const { store, clock, settle } = deps;
  return {
    LookupEvents: {
      async handle(input, request) {
        const size = input.MaxResults ?? MOST_RESULTS;
        if (size < 1 || size > MOST_RESULTS) {
          throw refuse("InvalidMaxResultsException", `MaxResults must be a whole number from 1 to ${MOST_RESULTS}.`);
        }
        if (input.EventCategory !== undefined && input.EventCategory !== "insight") {
          throw refuse("InvalidEventCategoryException", "EventCategory may only be insight, or be left out.");
        }
        const { StartTime: start, EndTime: end } = input;
        if (start !== undefined && end !== undefined && start > end) {
          throw refuse("InvalidTimeRangeException", "StartTime must not be later than EndTime.");
        }
        const match = matchOf(input.LookupAttributes ?? []);
        // Nothing here finds unusual activity, so there are no Insights events.
        if (input.EventCategory === "insight") return { Events: [] };
        await settle();
        // EventTime is in whole seconds, so the second that EndTime lies in is within the range.
        const last = end === undefined ? LATEST : Math.min(Math.floor(end) * 1000 + 1000, LATEST);
        const first = start === undefined ? 0 : Math.min(Math.ceil(start) * 1000, LATEST);
        const range = {
          before: input.NextToken === undefined ? { at: last, id: "" } : positionOf(input.NextToken),
          since: Math.max(clock.now() - HISTORY_MS, first),
        };
        return pageOf(request, range, match, size);
      },
    },
  };

  async function pageOf(
    request: RequestContext,
    range: { before: EventPosition; since: number },
    match: (Attribute & { value: string | number }) | undefined,
    size: number,
  ) {
    if (match?.column === "id") {
      const at = timeOfEvent(String(match.value));
      if (at === undefined) return { Events: [] };
      const since = Math.max(range.since, at);
      const before = at < range.before.at ? { at: at + 1, id: "" } : range.before;
      return { Events: (await store.page(request, { before, since }, match, 1)).map(described) };
    }
    const horizon = match && !match.indexed ? await store.back(request, range.before, MOST_SCANNED) : undefined;
    const since = Math.max(range.since, horizon?.at ?? 0);
    const found = await store.page(request, { before: range.before, since }, match, size + 1);
    const page = found.slice(0, size);
    const more = found.length > size ? page.at(-1) : horizon && horizon.at >= range.since ? horizon : undefined;
    // The horizon's own millisecond has been looked at in whole.
    const next = more && (found.length > size ? more : { at: more.at, id: "" });
    return { Events: page.map(described), ...(next && { NextToken: tokenOf(next) }) };
  }
}

function matchOf(
  attributes: readonly { AttributeKey: string; AttributeValue: string }[],
): (Attribute & { value: string | number }) | undefined {
  const [attribute, another] = attributes;
  if (!attribute) return undefined;
  if (another) throw refuse("InvalidLookupAttributesException", "Only one lookup attribute may be given.");
  const { AttributeKey: key, AttributeValue: value } = attribute;
  const known = Object.hasOwn(ATTRIBUTES, key) ? ATTRIBUTES[key] : undefined;
  if (!known) {
    const names = Object.keys(ATTRIBUTES).join(", ");
    throw refuse("InvalidLookupAttributesException", `AttributeKey must be one of ${names}.`);
  }
  // PostgreSQL refuses U+0000 in text; no value has it.
  if (value === "" || value.length > 2000 || value.includes("\u0000")) {
    throw refuse("InvalidLookupAttributesException", "AttributeValue must have 1 to 2000 characters.");
  }
  // AWS's ResourceName is an ARN, an id or a name; events from before names were kept are found by the ARN alone.
  if (key === "ResourceName" && value.startsWith("arn:")) return { column: "resource", indexed: true, value };
  if (key !== "ReadOnly") return { ...known, value };
  if (value !== "true" && value !== "false") {
    throw refuse("InvalidLookupAttributesException", "The AttributeValue of ReadOnly must be true or false.");
  }
  return { ...known, value: value === "true" ? 1 : 0 };
}

const tokenOf = ({ at, id }: EventPosition): string => Buffer.from(`${at}/${id}`).toString("base64url");

function positionOf(token: string): EventPosition {
  const text = token.length > 200 ? "" : Buffer.from(token, "base64url").toString("utf8");
  const found = /^(\d{1,15})\/([0-9a-f-]{0,36})$/.exec(text);
  if (!found || Buffer.from(text).toString("base64url") !== token) {
    throw refuse("InvalidNextTokenException", "NextToken was not returned by this operation. Start again without it.");
  }
  return { at: Number(found[1]), id: found[2]! };
}

const described = (event: StoredEvent) => ({
  EventId: event.id,
  EventName: event.name,
  ReadOnly: String(event.readOnly),
  ...(event.accessKeyId !== undefined && { AccessKeyId: event.accessKeyId }),
  EventTime: Math.floor(event.at / 1000),
  EventSource: event.source,
  Username: event.userName,
  Resources:
    event.resource === undefined ? [] : [{ ResourceType: resourceType(event.resource), ResourceName: event.resource }],
  CloudTrailEvent: JSON.stringify(event.record),
});
