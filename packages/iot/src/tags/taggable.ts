import type { Write } from "@hearth/backplane";
import type { Place } from "../storage/place.ts";
import type { Tags } from "./tags.ts";

/** A noun whose resources carry tags. */
export interface Taggable {
  /** What its ARNs begin with: `thinggroup`. */
  readonly type: string;
  /** Undefined: there is no such resource. */
  find(at: Place, id: string): Promise<Tagged | undefined>;
}

export interface Tagged {
  readonly tags: Tags;
  /** Guarded: it conflicts when somebody else wrote since. */
  replace(tags: Tags): Write;
}
