import { describeViolation, type SchemaSet, validateCapabilityReport } from "@hearth/data-model";
import { invalid } from "../errors.ts";

/**
 * The JSON of a capability report that a request brings.
 * @throws ValidationException saying where the report is wrong
 */
export function checkedReport(report: unknown, schemas: SchemaSet, member = "CapabilityReport"): string | undefined {
  if (report === undefined) return undefined;
  const violation = validateCapabilityReport(report, schemas)[0];
  if (violation) throw invalid(`${member}.${describeViolation(violation)}`);
  return JSON.stringify(report);
}

/** The same of the deprecated member `Capabilities`, a capability report as text (reference 3.1). */
export function checkedCapabilities(text: string | undefined, schemas: SchemaSet): string | undefined {
  if (text === undefined) return undefined;
  let report: unknown;
  try {
    report = JSON.parse(text);
  } catch {
    throw invalid("Capabilities is not the JSON of a capability report. Give CapabilityReport instead.");
  }
  return checkedReport(report, schemas, "Capabilities");
}
