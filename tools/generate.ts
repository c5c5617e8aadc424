/**
 * Writes `packages/contract/src/generated`: the models and types of the services whose SDK packages export their
 * schemas, and the types of the services that are written by hand. `--check` writes nothing, and exits 1 with the
 * names of the files that would change.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { hearthModel } from "../packages/contract/src/hearth/model.ts";
import { managedIntegrationsModel } from "../packages/contract/src/managed-integrations/model.ts";
import { emitModel, emitModelDeclaration, emitTypes } from "./contract/emit.ts";
import { sdkSources } from "./contract/sources.ts";
import { walkSdk } from "./contract/walk-schemas.ts";

const TARGET = join(dirname(fileURLToPath(import.meta.url)), "../packages/contract/src/generated");

/** The generated files by name, made in memory. */
export async function generate(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const source of sdkSources) {
    const model = await walkSdk(source);
    const { service } = model;
    files.set(`${service}.js`, emitModel(modelConstant(service), model));
    files.set(`${service}.d.ts`, emitModelDeclaration(modelConstant(service)));
    files.set(`${service}-types.ts`, emitTypes(`${pascalCase(service)}Operations`, model));
  }
  files.set("managed-integrations-types.ts", emitTypes("ManagedIntegrationsOperations", managedIntegrationsModel));
  files.set("hearth-types.ts", emitTypes("HearthOperations", hearthModel));
  return files;
}

/** Names of the files under `directory` that differ from `files`, missing and superfluous ones included. */
export function staleFiles(files: ReadonlyMap<string, string>, directory: string): string[] {
  const present = existsSync(directory) ? readdirSync(directory) : [];
  const stale = [...files].filter(([name, text]) => {
    const path = join(directory, name);
    return !existsSync(path) || readFileSync(path, "utf8") !== text;
  });
  return [...stale.map(([name]) => name), ...present.filter((name) => !files.has(name))].sort();
}

function pascalCase(service: string): string {
  return service.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function modelConstant(service: string): string {
  return `${service.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Model`;
}

async function main(args: readonly string[]): Promise<number> {
  const files = await generate();
  if (args.includes("--check")) {
    const stale = staleFiles(files, TARGET);
    for (const name of stale) console.error(`differs from what \`npm run generate\` would write: ${name}`);
    return stale.length > 0 ? 1 : 0;
  }
  mkdirSync(TARGET, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(TARGET, name), text);
  console.log(`${files.size} files written`);
  return 0;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2));
}
