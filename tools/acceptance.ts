/**
 * `npm run acceptance [-- --check]`: writes `docs/acceptance.md`, the table of what managed integrations has to show
 * (the rows of the reference's section 15) and of the tests that show it. A test says so in its title: `row 7: …`,
 * `rows 8 and 9: …`, or `row 7 (part): …` where it shows only some of the row. With `--check` nothing is written; the
 * exit code is 1 when the file is not what would be written.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { claimsIn, type LongRun, type Row, renderAcceptance, type Shown } from "./acceptance/rows.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TABLE = "docs/acceptance.md";

/** `npm test` leaves these out; other long tests have a short form in it. */
const LONG = "tests/long/";

/** Every title that names a row, with its file. */
export function readShown(): Shown[] {
  const files = ["packages", "apps", "examples", "tests"].flatMap((directory) =>
    readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" })
      .filter((name) => /(\.test|-suite)\.ts$/.test(name) && !name.includes("node_modules"))
      .map((name) => `${directory}/${name}`),
  );
  return files
    .sort()
    .flatMap((file) => claimsIn(readFileSync(join(ROOT, file), "utf8")).map((claim) => ({ ...claim, file })));
}

export function acceptanceTable(): string {
  const read = <T>(name: string) => JSON.parse(readFileSync(join(ROOT, "tools/acceptance", name), "utf8")) as T;
  return renderAcceptance(read<Row[]>("rows.json"), readShown(), read<LongRun[]>("long-runs.json"), LONG);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const table = acceptanceTable();
  const path = join(ROOT, TABLE);
  if (!process.argv.includes("--check")) writeFileSync(path, table);
  else if (readFileSync(path, "utf8") !== table) {
    console.error(`${TABLE} is not up to date: npm run acceptance writes it`);
    process.exitCode = 1;
  }
}
