/** What one worker has last written into its own place, and what of it was acknowledged. */
export interface Slot {
  sent: number;
  acknowledged: number;
}

/** All that servers have acknowledged since the first start, over every kill. */
export class Ledger {
  /** Names of things (CreateThing). */
  readonly things = new Set<string>();
  /** Ids (CreateManagedThing). */
  readonly managedThings = new Set<string>();
  /** Ids (DeleteManagedThing with Force). */
  readonly deletions = new Set<string>();
  /** Deletions that were asked for, acknowledged or not. */
  readonly deleting = new Set<string>();
  /** Trace ids (SendManagedThingCommand). */
  readonly commands = new Set<string>();
  /** Values of a property that the device reported at QoS 1. */
  readonly reports = new Set<number>();
  /** Data by sequence number (PutRecord). */
  readonly records = new Map<string, string>();
  /** By thing: the members of its shadow's `reported`, each written by one worker, counting. */
  readonly shadows = new Map<string, Map<string, Slot>>();
  /** Whatever went wrong while no server was being killed. */
  readonly problems: string[] = [];
  acknowledged = 0;

  slot(thing: string, member: string): Slot {
    const members = this.shadows.get(thing) ?? new Map<string, Slot>();
    this.shadows.set(thing, members);
    const slot = members.get(member) ?? { sent: 0, acknowledged: 0 };
    members.set(member, slot);
    return slot;
  }

  acknowledge(take: () => unknown): void {
    take();
    this.acknowledged++;
  }
}

/** How much was acknowledged of each kind. */
export function countsOf(ledger: Ledger): Record<string, number> {
  const updates = (thing: string) =>
    [...(ledger.shadows.get(thing)?.values() ?? [])].reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  return {
    total: ledger.acknowledged,
    things: ledger.things.size,
    managedThings: ledger.managedThings.size,
    deletions: ledger.deletions.size,
    commands: ledger.commands.size,
    reports: ledger.reports.size,
    records: ledger.records.size,
    ...Object.fromEntries([...ledger.shadows.keys()].map((thing) => [`shadow ${thing}, last values`, updates(thing)])),
  };
}

/** Whether something of each kind was acknowledged, and by every writer of a shadow. */
export const allHaveActed = (ledger: Ledger): boolean =>
  Object.values(countsOf(ledger)).every((count) => count > 0) &&
  [...ledger.shadows.values()].every((members) => [...members.values()].every(({ acknowledged }) => acknowledged > 0));
