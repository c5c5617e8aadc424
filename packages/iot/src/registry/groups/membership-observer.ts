import type { Place } from "../../storage/place.ts";
import type { Planned } from "../../storage/planned.ts";

/** Told for the batch of a change of membership. Groups by name, ancestors included. */
export interface MembershipObserver {
  /** `remaining`: all groups that the thing is in afterwards. */
  changed(
    at: Place,
    thingName: string,
    change: { entered: readonly string[]; left: readonly string[]; remaining: ReadonlySet<string> },
  ): Promise<Planned>;
  /** The thing itself goes. */
  removed(at: Place, thingName: string): Promise<Planned>;
}

/** What jobs need to know of groups. */
export interface ThingGroups {
  /** The group first, then all below it. */
  descendants(at: Place, groupName: string): Promise<string[]>;
  /** In order of their names, beginning behind `after`; direct members only. */
  members(at: Place, groupName: string, after: string | undefined, limit: number): Promise<string[]>;
  /** The groups that the thing is in, and all above them. */
  groupsOf(at: Place, thingName: string): Promise<ReadonlySet<string>>;
  /** Those of `names` that exist. */
  existing(at: Place, names: readonly string[]): Promise<ReadonlySet<string>>;
}
