import type { PlainRows } from "@hearth/backplane";
import { BEFORE_DATA_KEYS } from "./account-cipher.ts";

/** What earlier versions have stored as plain text; sealed by the master key until the row is written again. */
export const plainManagedRows: readonly PlainRows[] = [
  {
    name: "managed_thing.capability_report",
    table: "managed_thing",
    key: ["account_id", "region", "id"],
    columns: ["capability_report"],
    where: "capability_report IS NOT NULL",
    seal: (row, sealer) => ({
      capability_report_sealed: sealer.seal(String(row["capability_report"]), BEFORE_DATA_KEYS["capability-report"]),
      capability_report: null,
    }),
  },
  {
    name: "managed_property.value",
    table: "managed_property",
    key: ["account_id", "region", "thing_id", "endpoint_id", "capability_id", "property"],
    columns: ["value"],
    where: "value_sealed IS NULL",
    seal: ({ value }, sealer) => ({ value_sealed: sealer.seal(String(value), BEFORE_DATA_KEYS.state), value: "" }),
  },
];
