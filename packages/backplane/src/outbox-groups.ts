import type { Clock } from "@hearth/base";
import { type BackOff, backOffDelay } from "./back-off.ts";

/** Keys that share a destination: when that hangs or fails, what goes elsewhere must not notice. */
export interface Grouping {
  groupOf(key: string): string;
  /** Deliveries of one group at the same time. */
  perGroup: number;
}

/** What is known of a group that has undelivered messages. */
export interface Group<Lane> {
  readonly name: string;
  /** Keys with undelivered messages. */
  lanes: number;
  running: number;
  /** Failed deliveries since the last that succeeded. */
  failures: number;
  /** Until which nothing is tried; a function that ends the wait. */
  cancel: (() => void) | undefined;
  /** Keys that are ready and wait for a place. */
  waiting: Lane[];
}

/**
 * Shares out a consumer's places among groups. A group has `perGroup` of them; one that has failed as often in a row is
 * taken for down: it has a single place, and pauses between its attempts.
 */
export class OutboxGroups<Lane> {
  readonly #grouping: Grouping;
  readonly #clock: Clock;
  readonly #backOff: BackOff;
  readonly #groups = new Map<string, Group<Lane>>();

  constructor(grouping: Grouping, clock: Clock, backOff: BackOff) {
    this.#grouping = grouping;
    this.#clock = clock;
    this.#backOff = backOff;
  }

  /** The group of a key that has messages from now on. */
  join(key: string): Group<Lane> {
    const name = this.#grouping.groupOf(key);
    let group = this.#groups.get(name);
    if (!group) {
      group = { name, lanes: 0, running: 0, failures: 0, cancel: undefined, waiting: [] };
      this.#groups.set(name, group);
    }
    group.lanes++;
    return group;
  }

  /** A key has no messages any more. */
  leave(group: Group<Lane>): void {
    group.lanes--;
    if (group.lanes > 0) return;
    group.cancel?.();
    this.#groups.delete(group.name);
  }

  /** Places that are free for the group now. */
  free(group: Group<Lane>): number {
    if (group.cancel !== undefined) return 0;
    const { perGroup } = this.#grouping;
    return Math.max(0, (group.failures >= perGroup ? 1 : perGroup) - group.running);
  }

  /** Takes note of a delivery's end. `resume` is called when a group that pauses for it may go on. */
  ended(group: Group<Lane>, succeeded: boolean, resume: () => void): void {
    if (succeeded) {
      group.failures = 0;
      return;
    }
    group.failures++;
    const beyond = group.failures - this.#grouping.perGroup;
    if (beyond < 0 || group.cancel !== undefined) return;
    group.cancel = this.#clock.after(backOffDelay(beyond + 1, this.#backOff), () => {
      group.cancel = undefined;
      resume();
    });
  }

  stop(): void {
    for (const group of this.#groups.values()) group.cancel?.();
  }
}
