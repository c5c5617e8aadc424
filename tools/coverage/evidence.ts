import type { ServiceModel } from "@hearth/contract";

/** What tests through the door have seen of an operation. */
export interface OperationEvidence {
  success: boolean;
  /** Names of errors, sorted. */
  errors: string[];
}

/** Service → operation → what was seen. */
export type Evidence = Record<string, Record<string, OperationEvidence>>;

export interface ReadEvidence {
  evidence: Evidence;
  /** Lines that are no evidence: not JSON, or of an operation that is not declared. */
  unreadable: number;
}

/**
 * Reads lines `{"service", "operation", "outcome"}`, where the outcome is `success` or an error's name, as the API door
 * appends them to HEARTH_COVERAGE_FILE.
 */
export function readEvidence(services: Readonly<Record<string, ServiceModel>>, text: string): ReadEvidence {
  const evidence: Evidence = {};
  let unreadable = 0;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const entry = parseLine(line);
    const model = entry && Object.hasOwn(services, entry.service) ? services[entry.service] : undefined;
    if (!entry || !model || !Object.hasOwn(model.operations, entry.operation)) {
      unreadable++;
      continue;
    }
    const seen = entryOf(evidence, entry.service, entry.operation);
    if (entry.outcome === "success") seen.success = true;
    else if (!seen.errors.includes(entry.outcome)) seen.errors.push(entry.outcome);
  }
  return { evidence: sorted(evidence), unreadable };
}

/** What either has seen, in sorted order. */
export function mergeEvidence(left: Evidence, right: Evidence): Evidence {
  const merged: Evidence = {};
  for (const one of [left, right]) {
    for (const [service, operations] of Object.entries(one)) {
      for (const [operation, { success, errors }] of Object.entries(operations)) {
        const seen = entryOf(merged, service, operation);
        seen.success ||= success;
        seen.errors = [...new Set([...seen.errors, ...errors])];
      }
    }
  }
  return sorted(merged);
}

function parseLine(line: string): { service: string; operation: string; outcome: string } | undefined {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { service, operation, outcome } = (entry ?? {}) as Record<string, unknown>;
  if (typeof service !== "string" || typeof operation !== "string" || typeof outcome !== "string") return undefined;
  return { service, operation, outcome };
}

function entryOf(evidence: Evidence, service: string, operation: string): OperationEvidence {
  evidence[service] ??= {};
  evidence[service][operation] ??= { success: false, errors: [] };
  return evidence[service][operation];
}

function sorted(evidence: Evidence): Evidence {
  const byKey = <Value>(record: Record<string, Value>): [string, Value][] =>
    Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(
    byKey(evidence).map(([service, operations]) => [
      service,
      Object.fromEntries(
        byKey(operations).map(([name, { success, errors }]) => [name, { success, errors: [...errors].sort() }]),
      ),
    ]),
  );
}
