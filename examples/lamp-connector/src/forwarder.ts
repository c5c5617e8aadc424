import { setTimeout as wait } from "node:timers/promises";
import { type CapabilityState, type ConnectorEvents, MatterError, VendorError } from "@hearth/connector-sdk";
import { REQUEST_PREFIX } from "./connector.ts";
import { capabilitiesOf, parseDevice } from "./devices.ts";
import { eventStream, type StreamedEvent } from "./event-stream.ts";
import type { VendorSettings } from "./vendor.ts";

/** Ids of events that are known to have come. */
const MOST_KNOWN = 1_000;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** What the platform is told of an event of the vendor's; undefined: nothing. Throws a `VendorError` for nonsense. */
export function deviceEventOf({ type, data }: Pick<StreamedEvent, "type" | "data">) {
  if (type !== "device.state") return undefined;
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    throw new VendorError(502, "an event of the vendor's is not JSON");
  }
  if (!isObject(event)) throw new VendorError(502, "an event of the vendor's is not an object");
  const { requestId, userId, changed } = event;
  // The answer to the command has told it already.
  if (typeof requestId === "string" && requestId.startsWith(REQUEST_PREFIX)) return undefined;
  const device = parseDevice(event["device"]);
  if (!device || typeof userId !== "string") return undefined;
  const moved = device.type === "camera" && Array.isArray(changed) && changed.includes("motion");
  const capabilities = capabilitiesOf(device).map((capability): CapabilityState => {
    const { Occupancy } = capability.properties ?? {};
    return moved && Occupancy ? { ...capability, events: { OccupancyChanged: { Occupancy } } } : capability;
  });
  return { connectorDeviceId: device.id, userId, endpoints: [{ id: "1", capabilities }] };
}

/** Tells the platform what the vendor tells, until the signal: in order, and again from the last event after a cut. */
export async function forward(deps: {
  settings: VendorSettings;
  events: Pick<ConnectorEvents, "deviceEvent">;
  signal: AbortSignal;
  /** Told one line for each step. */
  say: (step: { event: string; [member: string]: unknown }) => void;
  /** Milliseconds before the first further attempt; doubled for each after it. */
  firstWait?: number;
}): Promise<void> {
  const { settings, events, signal, say, firstWait = FIRST_WAIT } = deps;
  const known = new Set<string>();
  let lastId: string | undefined;
  let next = firstWait;

  /** Waits a random part of what it then doubles. */
  async function pause(): Promise<void> {
    await wait(next * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
    next = Math.min(LONGEST_WAIT, next * 2);
  }

  async function take(event: StreamedEvent): Promise<void> {
    // At least once is what the vendor promises.
    if (event.id !== undefined && known.has(event.id)) return;
    if (event.type === "gap") say({ event: "gap", message: "events are lost; run a discovery to catch up" });
    while (!signal.aborted) {
      try {
        const told = deviceEventOf(event);
        if (told) {
          await events.deviceEvent(told);
          say({ event: "forwarded", device: told.connectorDeviceId });
        }
        break;
      } catch (error) {
        const message = reasonOf(error);
        if (!isPassing(error)) {
          // The device of a user who has not registered it, mostly: one event is no reason to end.
          say({ event: "refused", type: event.type, message });
          break;
        }
        say({ event: "waiting", message });
        await pause();
      }
    }
    next = firstWait;
    if (event.id === undefined || signal.aborted) return;
    lastId = event.id;
    known.add(event.id);
    if (known.size > MOST_KNOWN) known.delete(known.values().next().value as string);
  }

  while (!signal.aborted) {
    try {
      say({ event: "connecting" });
      for await (const event of eventStream(settings, { lastId, signal })) {
        await take(event);
      }
      say({ event: "disconnected" });
    } catch (error) {
      if (signal.aborted) return;
      say({ event: "disconnected", message: reasonOf(error) });
    }
    await pause();
  }
}

/** The platform may take the same event later: it is away, or has too much to do. */
function isPassing(error: unknown): boolean {
  if (error instanceof VendorError || error instanceof MatterError) return false;
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  return typeof status !== "number" || status >= 500 || status === 429;
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 500);
