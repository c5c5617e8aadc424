import type { Place } from "../storage/place.ts";

/** The keys of DescribeEventConfigurations (reference 10.2). */
export type EventKey =
  | "THING"
  | "THING_GROUP"
  | "THING_TYPE"
  | "THING_GROUP_MEMBERSHIP"
  | "THING_GROUP_HIERARCHY"
  | "THING_TYPE_ASSOCIATION"
  | "JOB"
  | "JOB_EXECUTION"
  | "POLICY"
  | "CERTIFICATE"
  | "CA_CERTIFICATE";

/** Publishes on `$aws/events/…` what the account has switched on. */
export interface RegistryEvents {
  /** From memory; a change by UpdateEventConfigurations is seen at once. */
  enabled(at: Place, key: EventKey): Promise<boolean>;
  /** To be called once the change is durable; a kill in between may lose the event, as registry events are best effort. */
  publish(at: Place, key: EventKey, topic: string, body: Readonly<Record<string, unknown>>): void;
}
