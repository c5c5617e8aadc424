/** One thing that is wrong with a report, a command or a message: where, and why. Never holds the offending value. */
export interface Violation {
  endpointId?: string;
  capabilityId?: string;
  /** The property, action, event or member that it is about. */
  member: string;
  /** From the root of what was checked: `endpoints[0].capabilities[0].id` in a report or a message. */
  path: string;
  /** Why, as a phrase: `must be an integer`. */
  message: string;
}

/** Longest name that an answer repeats: what is unknown may be anything that the sender liked. */
const MAX_NAME = 128;

/** For the one-line answer that a device or a caller receives: where, why, and the names that it is about. */
export function describeViolation({ path, message, member, capabilityId, endpointId }: Violation): string {
  const isInPath = path.replace(/\[\d+\]$/, "").endsWith(member);
  const names = [
    isInPath ? undefined : member,
    capabilityId,
    endpointId === undefined ? undefined : `endpoint ${endpointId}`,
  ];
  const about = names.filter((name) => name !== undefined).map((name) => name.slice(0, MAX_NAME));
  return `${path}: ${message}${about.length > 0 ? ` (${about.join(", ")})` : ""}`;
}

/** Enough to repair what was sent; a hostile sender gets no longer list than that. */
const MAX_VIOLATIONS = 20;

/** Collects violations up to the limit. */
export class Findings {
  readonly violations: Violation[] = [];

  get isFull(): boolean {
    return this.violations.length >= MAX_VIOLATIONS;
  }

  add(path: string, member: string, message: string, where: Pick<Violation, "endpointId" | "capabilityId"> = {}): void {
    if (!this.isFull) this.violations.push({ ...where, member, path, message });
  }
}
