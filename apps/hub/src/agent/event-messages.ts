import type { Json, JsonObject } from "@hearth/device-sdk";

/** What a device has reported and the cloud has not been told, by endpoint and capability. */
export type Reported = Map<string, Map<string, Reports>>;

export interface Reports {
  properties: Map<string, Json>;
  events: { name: string; parameters: JsonObject }[];
}

/** The platform's limits (docs/device-protocol.md): it refuses a message beyond them with all that is in it. */
const MAX_ITEMS = 100;
/** Of its 128 KiB, with room for the rest of the message, and for what holds the items. */
const MAX_BYTES = 112_000;

type Kind = "properties" | "events";

interface Item {
  endpointId: string;
  id: string;
  kind: Kind;
  value: JsonObject;
}

/**
 * The `endpoints` of as many messages as all that takes, in its order; none when nothing was reported. `tooLong` is told of
 * what no message has room for.
 */
export function eventMessages(reported: Reported, tooLong: (name: Json) => void): JsonObject[][] {
  const messages: JsonObject[][] = [];
  let current = createMessage();
  for (const item of itemsOf(reported)) {
    const bytes = Buffer.byteLength(JSON.stringify(item.value)) + item.endpointId.length + item.id.length + 100;
    if (bytes > MAX_BYTES) {
      tooLong(item.value["name"] ?? null);
      continue;
    }
    if (!current.hasRoom(item, bytes)) {
      messages.push(current.endpoints);
      current = createMessage();
    }
    current.add(item, bytes);
  }
  if (current.endpoints.length > 0) messages.push(current.endpoints);
  return messages;
}

function* itemsOf(reported: Reported): Generator<Item> {
  for (const [endpointId, capabilities] of reported) {
    for (const [id, { properties, events }] of capabilities) {
      for (const [name, value] of properties) yield { endpointId, id, kind: "properties", value: { name, value } };
      for (const event of events) yield { endpointId, id, kind: "events", value: event };
    }
  }
}

function createMessage() {
  const endpoints: { endpointId: string; capabilities: ({ id: string } & { [kind in Kind]?: JsonObject[] })[] }[] = [];
  let held = 0;

  // Items of one capability come one after the other.
  const capabilityOf = ({ endpointId, id }: Item) => {
    const endpoint = endpoints.at(-1)?.endpointId === endpointId ? endpoints.at(-1) : undefined;
    return endpoint?.capabilities.at(-1)?.id === id ? endpoint.capabilities.at(-1) : undefined;
  };
  return {
    endpoints: endpoints as unknown as JsonObject[],
    hasRoom: (item: Item, bytes: number): boolean =>
      held + bytes <= MAX_BYTES && (capabilityOf(item)?.[item.kind]?.length ?? 0) < MAX_ITEMS,
    add(item: Item, bytes: number): void {
      const { endpointId, id, kind, value } = item;
      held += bytes;
      const known = capabilityOf(item);
      if (known) {
        known[kind] ??= [];
        known[kind].push(value);
        return;
      }
      const capability = { id, [kind]: [value] };
      const last = endpoints.at(-1);
      if (last?.endpointId === endpointId) last.capabilities.push(capability);
      else endpoints.push({ endpointId, capabilities: [capability] });
    },
  };
}
