import { BoundedMap } from "@hearth/base";
import type { CapabilityReport } from "@hearth/data-model";
import type { ManagedThing } from "../things/managed-thing.ts";

const CAPACITY = 2_000;

/** Parsed capability reports of the devices that were heard lately: every message of a device is checked against its own. */
export class ReportCache {
  readonly #parsed = new BoundedMap<string, { text: string; report: CapabilityReport }>(CAPACITY);

  /** Undefined while the device has reported nothing. */
  of(thing: Pick<ManagedThing, "accountId" | "region" | "id" | "capabilityReport">): CapabilityReport | undefined {
    const text = thing.capabilityReport;
    if (text === undefined) return undefined;
    const key = `${thing.accountId}/${thing.region}/${thing.id}`;
    const known = this.#parsed.get(key);
    if (known?.text === text) return known.report;
    const report = JSON.parse(text) as CapabilityReport;
    this.#parsed.set(key, { text, report });
    return report;
  }
}
