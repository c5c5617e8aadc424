import { type Cloudtrail, ServiceError } from "@hearth/contract";
import type { TrailRecord } from "./trail-record.ts";

type Selectors = readonly Cloudtrail.AdvancedEventSelector[];

const FIELDS: readonly string[] = ["eventCategory", "eventName", "eventSource", "readOnly", "eventType"];

/** What an event data store keeps where nothing else is said: every management event. */
export const DEFAULT_SELECTORS: Selectors = [
  { Name: "Default management events", FieldSelectors: [{ Field: "eventCategory", Equals: ["Management"] }] },
];

/** Throws `InvalidEventSelectorsException`. */
export function checkSelectors(selectors: Selectors): void {
  const refuse = (why: string) => new ServiceError("InvalidEventSelectorsException", why);
  if (selectors.length === 0 || selectors.length > 5) throw refuse("There must be 1 to 5 event selectors.");
  for (const { FieldSelectors } of selectors) {
    if (!FieldSelectors?.some(({ Field, Equals }) => Field === "eventCategory" && Equals?.includes("Management"))) {
      throw refuse("Every selector must have eventCategory equal to Management: only management events are recorded.");
    }
    for (const { Field } of FieldSelectors) {
      if (!FIELDS.includes(Field))
        throw refuse(`Events are not selected by ${Field}; use one of ${FIELDS.join(", ")}.`);
    }
  }
}

/** Whether one of the selectors takes a record; of a selector every field must. */
export const selects = (selectors: Selectors, record: TrailRecord): boolean =>
  selectors.some(({ FieldSelectors = [] }) =>
    FieldSelectors.every((field) => matches(field, String(record[field.Field] ?? ""))),
  );

function matches(field: Cloudtrail.AdvancedFieldSelector, value: string): boolean {
  const { Equals, NotEquals, StartsWith, NotStartsWith, EndsWith, NotEndsWith } = field;
  return (
    (Equals?.includes(value) ?? true) &&
    !NotEquals?.includes(value) &&
    (StartsWith?.some((start) => value.startsWith(start)) ?? true) &&
    !NotStartsWith?.some((start) => value.startsWith(start)) &&
    (EndsWith?.some((end) => value.endsWith(end)) ?? true) &&
    !NotEndsWith?.some((end) => value.endsWith(end))
  );
}
