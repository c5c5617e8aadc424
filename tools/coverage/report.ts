import type { ServiceModel } from "@hearth/contract";
import type { Evidence } from "./evidence.ts";

/** Service → names of the operations that have a handler. */
export type BuiltOperations = Readonly<Record<string, readonly string[]>>;

export interface OperationStatus {
  name: string;
  /** `built`: a success and every modelled error that it can raise were seen. `missing`: no handler, it answers 501. */
  status: "built" | "partial" | "missing";
  /** Of a partial operation: `success` and names of errors that no test has seen. */
  unseen: readonly string[];
}

export interface ServiceStatus {
  service: string;
  operations: readonly OperationStatus[];
}

/**
 * Judges every declared operation.
 *
 * @param handlers absent: an operation with a success is taken to have a handler.
 * @param unraisable errors that need not have been seen: `Error`, `service/Error` or `service/Operation/Error`.
 */
export function judge(
  services: Readonly<Record<string, ServiceModel>>,
  evidence: Evidence,
  handlers: BuiltOperations | undefined,
  unraisable: Readonly<Record<string, string>>,
): ServiceStatus[] {
  return Object.values(services).map((model) => ({
    service: model.service,
    operations: Object.entries(model.operations).map(([name, operation]): OperationStatus => {
      const seen = evidence[model.service]?.[name] ?? { success: false, errors: [] };
      const handled = handlers ? (handlers[model.service]?.includes(name) ?? false) : seen.success;
      if (!handled) return { name, status: "missing", unseen: [] };
      const exempt = (error: string) =>
        [error, `${model.service}/${error}`, `${model.service}/${name}/${error}`].some((key) =>
          Object.hasOwn(unraisable, key),
        );
      const expected = operation.errors.filter((error) => !exempt(error));
      const unseen = [
        ...(seen.success ? [] : ["success"]),
        ...expected.filter((error) => !seen.errors.includes(error) && !seen.errors.includes(codeOf(model, error))),
      ];
      return { name, status: unseen.length === 0 ? "built" : "partial", unseen };
    }),
  }));
}

/** The name on the wire where it differs (query): evidence may use either. */
function codeOf(model: ServiceModel, error: string): string {
  const shape = model.shapes[error];
  return (shape?.type === "structure" && shape.error?.code) || error;
}

/** The page `docs/coverage.md`. */
export function renderCoverage(
  statuses: readonly ServiceStatus[],
  unraisable: Readonly<Record<string, string>>,
): string {
  const parts = [
    "# Coverage",
    "",
    "Written by `npm run coverage`. An operation is _built_ when tests through the API door have seen one success and",
    "each modelled error that it can raise; _partial_ when it has a handler and something of that was not seen;",
    "_missing_ when it has none and answers 501 `NotImplementedException`.",
    "",
    summaryTable(statuses),
    "",
  ];
  for (const status of statuses) parts.push(serviceSection(status), "");
  const reasons = Object.entries(unraisable).map(([name, reason]) => `- \`${name}\`: ${reason}.`);
  parts.push("## Errors that are not asked for", "", ...reasons, "");
  return parts.join("\n");
}

/** One row a service. */
export function summaryTable(statuses: readonly ServiceStatus[]): string {
  const rows = statuses.map(({ service, operations }) => [service, ...countsOf(operations)]);
  const totals = countsOf(statuses.flatMap(({ operations }) => operations));
  return markdownTable(["Service", "Declared", "Built", "Partial", "Missing"], [...rows, ["all", ...totals]]);
}

function countsOf(operations: readonly OperationStatus[]): string[] {
  const count = (status: OperationStatus["status"]) => operations.filter((one) => one.status === status).length;
  return [operations.length, count("built"), count("partial"), count("missing")].map(String);
}

function serviceSection({ service, operations }: ServiceStatus): string {
  const parts = [`## ${service}`];
  const withHandler = operations.filter((one) => one.status !== "missing");
  if (withHandler.length > 0) {
    const rows = withHandler.map((one) => [one.name, one.status, one.unseen.join(", ")]);
    parts.push(markdownTable(["Operation", "Status", "Not seen"], rows));
  }
  const missing = operations.filter((one) => one.status === "missing").map((one) => one.name);
  if (missing.length > 0) parts.push(`Missing (${missing.length}): ${missing.join(", ")}.`);
  return parts.join("\n\n");
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
