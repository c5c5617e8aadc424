/** A row of the reference's table of what managed integrations has to show. */
export interface Row {
  row: number;
  what: string;
  worksWhen: string;
}

/** What one title claims. */
export interface Claim {
  row: number;
  /** It shows some of the row only. */
  part: boolean;
}

export interface Shown extends Claim {
  file: string;
}

/** A run of `npm run test:long` that was looked at. */
export interface LongRun {
  row: number;
  /** `2026-11-21` */
  date: string;
  /** The line that says how it went. */
  output: string;
}

const TITLE = /["'`]rows? (\d{1,3}(?:(?:, | and )\d{1,3})*)( \(part\))?: /g;

/** The rows that titles of tests in `source` name. */
export function claimsIn(source: string): Claim[] {
  const claims = new Map<string, Claim>();
  for (const [, numbers = "", part] of source.matchAll(TITLE)) {
    for (const number of numbers.split(/, | and /)) {
      const claim = { row: Number(number), part: part !== undefined };
      claims.set(`${claim.row} ${claim.part}`, claim);
    }
  }
  return [...claims.values()];
}

/**
 * The table, by row. Files whose path begins with `long` are no part of `npm test`: they show a row once a run of theirs is recorded.
 * Throws when a title or a run names a row that there is not.
 */
export function renderAcceptance(
  rows: readonly Row[],
  shown: readonly Shown[],
  runs: readonly LongRun[],
  long: string,
): string {
  const known = new Set(rows.map(({ row }) => row));
  for (const { row } of [...shown, ...runs]) if (!known.has(row)) throw new Error(`there is no row ${row}`);
  const lines = rows.map(({ row, what, worksWhen }) => {
    const tests = shown.filter((one) => one.row === row);
    const files = [...new Set(tests.map(({ file }) => `\`${file}\``))].join("<br>");
    return `| ${row} | **${what}**: ${worksWhen} | ${files} | ${stateOf(row, tests, runs, long)} |`;
  });
  const states = lines.map((line) => line.split(" | ").at(-1)?.split(/[ :;]/)[0] ?? "");
  const count = (state: string) => states.filter((one) => one === state).length;
  return `# What managed integrations shows

Written by \`npm run acceptance\` out of the titles of the tests (\`row 7: …\`); the rows are those of the acceptance table
of managed integrations. **shown**: a test of \`npm test\` shows the whole row, or a recorded run of \`npm run test:long\`.
**partly**: tests show some of it. **open**: nothing does yet.

${count("shown")} shown, ${count("partly")} partly, ${count("open")} open.

| row | works when | test file | state |
|---|---|---|---|
${lines.join("\n")}
`;
}

function stateOf(row: number, tests: readonly Shown[], runs: readonly LongRun[], long: string): string {
  const whole = tests.filter(({ part }) => !part);
  const run = runs.find((one) => one.row === row);
  const said = run === undefined ? "" : `; long run of ${run.date}: ${run.output.replaceAll("|", "\\|")}`;
  if (whole.some(({ file }) => !file.startsWith(long))) return `shown${said}`;
  if (whole.length > 0) return run === undefined ? "open: its long run is not recorded" : `shown${said}`;
  return tests.length > 0 ? `partly${said}` : "open";
}
