import type { CapabilityReport, CapabilityReportCapability } from "./messages.ts";
import { BUILT_IN_ACTIONS } from "./report.ts";
import type { Capability, SchemaSet } from "./schema-set.ts";

/** One capability of a device, ready for checking what names it. */
export interface ReportedCapability {
  readonly id: string;
  readonly properties: ReadonlySet<string>;
  readonly actions: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
  /** Undefined for a capability whose schema nobody has given: names can be checked then, values cannot. */
  readonly schema: Capability | undefined;
}

/** Capabilities of one endpoint by versioned id, and by identity for those who leave the version out. */
export type ReportedEndpoint = ReadonlyMap<string, ReportedCapability>;

export type ReportIndex = ReadonlyMap<string, ReportedEndpoint>;

const indexes = new WeakMap<CapabilityReport, { schemas: SchemaSet; index: ReportIndex }>();

/** The index of a report, remembered as long as the report object lives: keep the object rather than its text. */
export function indexOfReport(report: CapabilityReport, schemas: SchemaSet): ReportIndex {
  const known = indexes.get(report);
  if (known && known.schemas === schemas) return known.index;
  const index: ReportIndex = new Map(
    report.endpoints.map((endpoint) => [endpoint.id, indexEndpoint(endpoint.capabilities, schemas)]),
  );
  indexes.set(report, { schemas, index });
  return index;
}

function indexEndpoint(capabilities: readonly CapabilityReportCapability[], schemas: SchemaSet): ReportedEndpoint {
  const byId = new Map<string, ReportedCapability>();
  for (const capability of capabilities) {
    const resolved = schemas.resolve(capability.id, "capability");
    const reported: ReportedCapability = {
      id: capability.id,
      properties: new Set(capability.properties),
      actions: new Set([...capability.actions, ...BUILT_IN_ACTIONS]),
      events: new Set(capability.events),
      schema: resolved === undefined ? undefined : schemas.capability(resolved),
    };
    const identity = capability.id.slice(0, capability.id.indexOf("@"));
    for (const id of [capability.id, identity, `${identity}@$latest`]) byId.set(id, reported);
  }
  return byId;
}
