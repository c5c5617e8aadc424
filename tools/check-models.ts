/**
 * Compares the contract with the published API models, where a directory of them is present (`HEARTH_API_MODELS`,
 * otherwise `../shared/api-models` beside the repository). Prints every difference, the intended ones with their
 * reasons; exits 1 if one is not intended. Elsewhere it says that it was skipped.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { services } from "@hearth/contract";
import { compareModel } from "./contract/compare-model.ts";
import { intendedDifference, intendedDifferences } from "./contract/intended-differences.ts";
import type { PublishedModel } from "./contract/published-model.ts";

const COMPARED = ["iot", "iot-data", "iot-jobs-data", "iot-managed-integrations"] as const;

/** Where the published models are looked for. */
export function modelsDirectory(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const repository = join(dirname(fileURLToPath(import.meta.url)), "..");
  return resolve(repository, environment["HEARTH_API_MODELS"] ?? "../shared/api-models");
}

export interface ModelComparison {
  /** A line each. */
  unintended: string[];
  /** A line each, with the reason. */
  intended: string[];
}

/** Compares every service that has a published model in the directory; a model that is missing is a difference. */
export function compareAll(directory: string): ModelComparison {
  const comparison: ModelComparison = { unintended: [], intended: [] };
  const met = new Set<object>();
  for (const service of COMPARED) {
    const path = join(directory, `${service}.json`);
    if (!existsSync(path)) {
      comparison.unintended.push(`${service}: no published model ${service}.json`);
      continue;
    }
    const published = JSON.parse(readFileSync(path, "utf8")) as PublishedModel;
    for (const { where, ours, published: theirs } of compareModel(services[service]!, published)) {
      const line = `${service}: ${where}: ours ${ours}, published ${theirs}`;
      const intended = intendedDifference(service, where);
      if (intended) {
        comparison.intended.push(`${line} (intended: ${intended.reason})`);
        met.add(intended);
      } else comparison.unintended.push(line);
    }
  }
  for (const entry of intendedDifferences) {
    if (!met.has(entry)) comparison.unintended.push(`${entry.service}: intended, and not met: ${entry.where.source}`);
  }
  return comparison;
}

/** The differences that nobody intended, a line each. */
export function compareModels(directory: string): string[] {
  return compareAll(directory).unintended;
}

function main(): number {
  const directory = modelsDirectory();
  if (!existsSync(directory)) {
    console.log(
      `check:models skipped: no published API models at ${directory} (HEARTH_API_MODELS names another place)`,
    );
    return 0;
  }
  const { intended, unintended } = compareAll(directory);
  for (const line of [...intended, ...unintended]) console.log(line);
  console.log(`check:models: ${unintended.length} unintended differences, ${intended.length} intended`);
  return unintended.length > 0 ? 1 : 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = main();
