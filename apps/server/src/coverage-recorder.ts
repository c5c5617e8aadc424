import { appendFileSync } from "node:fs";

/**
 * Notes every outcome that the API door gave, for `npm run coverage`: an operation counts as built when tests have
 * seen it succeed and raise each of its errors. Undefined unless HEARTH_COVERAGE_FILE asks for it.
 */
export function coverageRecorder(
  file: string | undefined,
): ((service: string, operation: string, outcome: string) => void) | undefined {
  if (!file) return undefined;
  const seen = new Set<string>();
  return (service, operation, outcome) => {
    const line = JSON.stringify({ service, operation, outcome: outcome === "Success" ? "success" : outcome });
    if (seen.has(line)) return;
    seen.add(line);
    appendFileSync(file, `${line}\n`);
  };
}
