import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { isConflict } from "@hearth/backplane";
import { type Clock, formatArn, type Logger, messageOf, randomText } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { ObjectCaller, ObjectWriter } from "../objects/object-access.ts";
import type { Place } from "../place.ts";
import type { DeliveryStore, StoredTrail } from "./delivery-store.ts";
import type { EventPosition, TrailStore } from "./trail-store.ts";

const compress = promisify(gzip);

/** AWS delivers within five minutes on average. */
export const DELIVER_EVERY_MS = 5 * 60_000;
/**
 * An event bears the time at which its request came and is kept when it was answered, so one that is kept now may stand
 * before others. Nothing younger than this is delivered, which is longer than any request takes.
 */
export const SETTLED_MS = 2 * 60_000;
/** Events of one file. */
const MOST_EVENTS = 1_000;

export const trailArn = ({ accountId, region }: Place, name: string): string =>
  formatArn("cloudtrail", region, accountId, `trail/${name}`);

/** Where the files of a trail lie, without the date. */
export const folderOf = ({ prefix, accountId }: StoredTrail): string =>
  `${prefix ? `${prefix}/` : ""}AWSLogs/${accountId}`;

export const deliveryCaller = (trail: StoredTrail): ObjectCaller => ({
  service: "cloudtrail.amazonaws.com",
  accountId: trail.accountId,
  sourceArn: trailArn(trail, trail.name),
});

/**
 * Puts what every logging trail has not yet into its bucket. What fails is tried again the next time from where it stood;
 * one trail does not hold up another.
 */
export function createTrailDelivery(deps: {
  store: DeliveryStore;
  events: TrailStore;
  writer: Pick<ObjectWriter, "write">;
  clock: Pick<Clock, "now">;
  log: Logger;
  /** Resolves when what was recorded is kept; false: it could not be. */
  settle(): Promise<boolean>;
}) {
  const { store, events, writer, clock, log, settle } = deps;

  async function deliverTrail(trail: StoredTrail, before: EventPosition): Promise<void> {
    let from = trail;
    for (;;) {
      const batch = await events.following(from, from.position, before, MOST_EVENTS);
      const last = batch.at(-1);
      if (!last) return;
      const body = await compress(JSON.stringify({ Records: batch.map(({ record }) => record) }));
      await writer.write({ bucket: from.bucket, key: keyOf(from, clock.now()) }, deliveryCaller(from), body, {
        contentType: "application/json",
        contentEncoding: "gzip",
      });
      const position = { at: last.at, id: last.id };
      await store.commit([store.moveTrail(from, position, clock.now())]);
      if (batch.length < MOST_EVENTS) return;
      from = { ...from, position };
    }
  }

  return async function deliver(): Promise<void> {
    const trails = await store.loggingTrails();
    if (trails.length === 0 || !(await settle())) return;
    const before = { at: clock.now() - SETTLED_MS, id: "" };
    for (const trail of trails) {
      try {
        await deliverTrail(trail, before);
      } catch (error) {
        // It was stopped, deleted or delivered by somebody else meanwhile.
        if (isConflict(error)) continue;
        const name = error instanceof ServiceError ? error.name : "InternalError";
        log.warn({ trail: trailArn(trail, trail.name), error: messageOf(error) }, "a trail could not be delivered");
        await store.commit([store.failTrail(trail, name, clock.now())]);
      }
    }
  };
}

/** AWS: "Finding your CloudTrail log files". */
function keyOf(trail: StoredTrail, now: number): string {
  const time = new Date(now).toISOString();
  const day = time.slice(0, 10).replaceAll("-", "/");
  const minute = `${time.slice(0, 16).replaceAll(/[-:]/g, "")}Z`;
  const { accountId, region } = trail;
  const name = `${accountId}_CloudTrail_${region}_${minute}_${randomText(16)}.json.gz`;
  return `${folderOf(trail)}/CloudTrail/${region}/${day}/${name}`;
}
