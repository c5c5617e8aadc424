import type { Taggable } from "../tags/taggable.ts";
import type { ThingStore } from "./thing-store.ts";

/** Managed things have tags (reference 8): they are part of the sealed details. */
export const thingTags = (things: Pick<ThingStore, "get" | "update">): Taggable => ({
  type: "managed-thing",
  async find(place, id) {
    const thing = await things.get(place, id);
    return (
      thing && {
        tags: thing.details.tags ?? {},
        replace(tags, now) {
          const kept = Object.keys(tags).length === 0 ? undefined : { ...tags };
          return things.update(thing, { ...thing, details: { ...thing.details, tags: kept }, updatedAt: now });
        },
      }
    );
  },
});
