import { randomHex } from "@hearth/base";

/**
 * Ids of events in the form of a UUID that begins with the time (RFC 9562, version 7), so that an event is found by
 * its id without an index of its own.
 */
export function newEventId(at: number): string {
  const time = at.toString(16).padStart(12, "0");
  const random = randomHex(10);
  const variant = ((Number.parseInt(random.charAt(3), 16) & 3) | 8).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`;
}

const EVENT_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Milliseconds since the epoch at which the event of this id happened; undefined for what is no event's id. */
export const timeOfEvent = (id: string): number | undefined =>
  EVENT_ID.test(id) ? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : undefined;
