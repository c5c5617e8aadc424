import { type Check, checks, type Found } from "./checks.ts";
import { type StageOptions, startStage } from "./stage.ts";

export interface CheckResult {
  clause: string;
  title: string;
  ok: boolean;
  why?: string;
  milliseconds: number;
}

/** Tries a connector against the contract; `progress` hears of each check before and after it. */
export async function runChecks(
  options: StageOptions & {
    /** Which of the checks; all if absent. */
    wanted?: (check: Check) => boolean;
    progress?: { begins(check: Check, number: number, of: number): void; ended(result: CheckResult): void };
  },
): Promise<CheckResult[]> {
  const { wanted = () => true, progress, vendorUrlVariable } = options;
  const stage = await startStage(options);
  const found: Found = {};
  const results: CheckResult[] = [];
  const possible = checks.filter(
    ({ needs }) => vendorUrlVariable !== undefined || (needs !== "proxy" && needs !== "time"),
  );
  try {
    const chosen = possible.filter(wanted);
    for (const [i, check] of chosen.entries()) {
      progress?.begins(check, i + 1, chosen.length);
      const since = performance.now();
      const why = await check.run(stage, found);
      const { clause, title } = check;
      const milliseconds = Math.round(performance.now() - since);
      const result = { clause, title, ok: why === undefined, ...(why === undefined ? {} : { why }), milliseconds };
      results.push(result);
      progress?.ended(result);
    }
  } finally {
    await stage.stop();
  }
  return results;
}
