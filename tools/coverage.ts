/**
 * `npm run coverage [-- [--replace] [evidence file...]]`: merges evidence of tests through the API door (the named
 * files, and the one that HEARTH_COVERAGE_FILE names) into `docs/coverage.json`, writes `docs/coverage.md` and prints
 * the table. With `--replace` the evidence of earlier runs is forgotten, which is right after a run of all tests.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { services } from "@hearth/contract";
import { type Evidence, mergeEvidence, readEvidence } from "./coverage/evidence.ts";
import { type BuiltOperations, judge, renderCoverage, summaryTable } from "./coverage/report.ts";
import { unraisableErrors } from "./coverage/unraisable.ts";

export interface CoverageOptions {
  /** Directory of `coverage.json` and `coverage.md`. */
  directory: string;
  evidenceFiles: readonly string[];
  replace: boolean;
  /** Which operations have a handler; absent: those with a success. */
  builtOperations?: () => BuiltOperations | Promise<BuiltOperations>;
}

/** Merges, writes both files, and returns what is to be printed. An evidence file that does not exist is an error. */
export async function updateCoverage(options: CoverageOptions): Promise<string> {
  const recordPath = join(options.directory, "coverage.json");
  const handlers = await options.builtOperations?.();
  const notes: string[] = handlers ? [] : ["No list of handlers: an operation with a success is taken to have one."];
  let evidence: Evidence = {};
  if (!options.replace && existsSync(recordPath)) {
    evidence = mergeEvidence(JSON.parse(readFileSync(recordPath, "utf8")) as Evidence, {});
  }
  for (const file of options.evidenceFiles) {
    const read = readEvidence(services, readFileSync(file, "utf8"));
    evidence = mergeEvidence(evidence, read.evidence);
    if (read.unreadable > 0) notes.push(`${file}: ${read.unreadable} lines are no evidence and were left out.`);
  }
  const statuses = judge(services, evidence, handlers, unraisableErrors);
  mkdirSync(options.directory, { recursive: true });
  writeFileSync(recordPath, `${JSON.stringify(evidence, null, 2)}\n`);
  writeFileSync(join(options.directory, "coverage.md"), renderCoverage(statuses, unraisableErrors));
  return [...notes, summaryTable(statuses)].join("\n\n");
}

/** The server's own list, where it exports one. */
async function serverOperations(): Promise<CoverageOptions["builtOperations"]> {
  const server: { builtOperations?: CoverageOptions["builtOperations"] } = await import("../apps/server/src/index.ts");
  return server.builtOperations;
}

async function main(args: readonly string[]): Promise<void> {
  const named = process.env["HEARTH_COVERAGE_FILE"];
  const files = args.filter((argument) => !argument.startsWith("--"));
  const builtOperations = await serverOperations();
  const text = await updateCoverage({
    directory: join(dirname(fileURLToPath(import.meta.url)), "../docs"),
    evidenceFiles: named && !files.includes(named) ? [...files, named] : files,
    replace: args.includes("--replace"),
    ...(builtOperations && { builtOperations }),
  });
  console.log(text);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
