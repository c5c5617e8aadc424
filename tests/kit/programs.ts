import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What tests start as a process of its own. */
const PROGRAMS = {
  server: "apps/server/src/main.ts",
  hearth: "apps/server/src/cli.ts",
  hub: "apps/hub/src/main.ts",
  "hub-toys": "apps/hub/src/processes/toy-hub.ts",
  light: "examples/light/src/main.ts",
  "firmware-update": "examples/firmware-update/src/main.ts",
  remote: "examples/remote/src/main.ts",
  "store-child": "tests/durability/store-child.ts",
};
export type Program = keyof typeof PROGRAMS;

/** A whole name, so that it is found from every working directory. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/**
 * What makes Node run a program, before the program's own arguments: from a bundle, which starts in a quarter of the
 * time, or from the sources, as `npm start` and `npx hearth` do.
 */
export function programArguments(program: Program, { fromSources = false } = {}): string[] {
  if (!fromSources) return [join(bundles(), `${program}.mjs`)];
  if (program === "hearth") return [join(ROOT, "apps/server/bin/hearth.js")];
  if (program === "hub") return [join(ROOT, "apps/hub/bin/hearth-hub.js")];
  return ["--import", TSX, join(ROOT, PROGRAMS[program])];
}

const CACHE = join(ROOT, "node_modules/.cache/hearth-programs");
const DAY = 86_400_000;
let bundled: string | undefined;

/** The directory of every program's bundle, made when the sources have changed. */
function bundles(): string {
  if (bundled) return bundled;
  const directory = join(CACHE, sourcesDigest());
  if (!existsSync(directory)) bundle(directory);
  bundled = directory;
  return directory;
}

function bundle(directory: string): void {
  const unfinished = `${directory}.${process.pid}`;
  const sources = Object.entries(PROGRAMS).map(([name, path]) => `${name}=${join(ROOT, path)}`);
  const args = ["--import", TSX, join(ROOT, "tests/kit/bundle.ts"), unfinished, ...sources];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the programs could not be bundled: ${stderr}`);
  try {
    renameSync(unfinished, directory);
  } catch (error) {
    // Another process of the same run may have been first.
    rmSync(unfinished, { recursive: true, force: true, maxRetries: 10 });
    if (!existsSync(directory)) throw error;
  }
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (made < Date.now() - DAY) rmSync(path, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Of everything that a bundle depends on. */
function sourcesDigest(): string {
  const hash = createHash("sha256").update(process.version);
  const add = (path: string) => hash.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
  add("package-lock.json");
  add("tests/kit/bundle.ts");
  add("tests/kit/programs.ts");
  const rooms = ["packages", "apps", "examples"].flatMap((floor) =>
    readdirSync(join(ROOT, floor)).map((name) => `${floor}/${name}/src`),
  );
  for (const room of [...rooms, "tests/durability"]) {
    if (!existsSync(join(ROOT, room))) continue;
    const names = readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" });
    for (const name of names.filter((one) => /\.(ts|js|mjs|json)$/.test(one) && !one.endsWith(".test.ts")).sort()) {
      add(join(room, name));
    }
  }
  return hash.digest("hex").slice(0, 32);
}
