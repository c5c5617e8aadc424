/** What is kept and may be dropped. */
export interface Kept {
  readonly eventType: string;
  readonly status: string;
  readonly cause: string;
  /** Grows each time when it happens. */
  readonly sequence: number;
}

/** Entries by kind. In each kind the one that happened least lately comes first. */
export type Kinds<Entry> = Map<string, Set<Entry>>;

const kindOf = ({ eventType, status, cause }: Kept): string => `${eventType} ${status} ${cause}`;

export function kindsOf<Entry extends Kept>(entries: readonly Entry[]): Kinds<Entry> {
  const kinds: Kinds<Entry> = new Map();
  for (const entry of entries.toSorted((a, b) => a.sequence - b.sequence)) latest(kinds, entry);
  return kinds;
}

/** An entry that is new, or has happened again, is the latest of its kind. */
export function latest<Entry extends Kept>(kinds: Kinds<Entry>, entry: Entry): void {
  const kind = kindOf(entry);
  const same = kinds.get(kind);
  if (same === undefined) {
    kinds.set(kind, new Set([entry]));
    return;
  }
  same.delete(entry);
  same.add(entry);
}

/** Takes out the oldest entry of the kind that there is most of: of each kind's entries only the first is looked at. */
export function dropCommonest<Entry extends Kept>(kinds: Kinds<Entry>): Entry | undefined {
  let most = 0;
  let oldest: Entry | undefined;
  for (const same of kinds.values()) {
    if (same.size < most) continue;
    const [first] = same;
    if (same.size > most || first!.sequence < oldest!.sequence) oldest = first;
    most = same.size;
  }
  if (oldest === undefined) return undefined;
  const kind = kindOf(oldest);
  const same = kinds.get(kind);
  same?.delete(oldest);
  if (same?.size === 0) kinds.delete(kind);
  return oldest;
}
