import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { type Recipe, replaceVariables } from "./recipe.ts";

export interface RunnerOptions {
  /** Where logs go: `<kernelRoot>/logs/<component>.log`, as the nucleus has them. */
  kernelRoot: string;
  /** Where a component's artifacts are unpacked. */
  artifacts(component: string): string;
  /** On top of the recipes' defaults. */
  configuration: Record<string, string>;
}

export interface RunningComponents {
  pids: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/** Does what a nucleus does with components' life cycles: installs and runs each after those that it depends on. */
export function runComponents(recipes: ReadonlyMap<string, Recipe>, options: RunnerOptions): RunningComponents {
  const logs = join(options.kernelRoot, "logs");
  mkdirSync(logs, { recursive: true });
  const running = new Map<string, ChildProcess>();
  for (const recipe of inOrder(recipes)) {
    const lifecycle = recipe.Manifests[0]?.Lifecycle;
    if (!lifecycle) continue;
    const replaced = (text: string): string => replaceVariables(text, recipe, recipes, options);
    const set = Object.entries(lifecycle.Setenv ?? {}).map(([name, value]) => [name, replaced(value)]);
    const env = { ...process.env, ...Object.fromEntries(set) };
    const log = openSync(join(logs, `${recipe.ComponentName}.log`), "a");
    if (lifecycle.Install) {
      const timeout = (lifecycle.Install.Timeout ?? 120) * 1_000;
      const { status } = spawnSync("sh", ["-c", replaced(lifecycle.Install.Script)], {
        env,
        timeout,
        stdio: ["ignore", log, log],
      });
      if (status !== 0) throw new Error(`${recipe.ComponentName} could not be installed: see ${logs}`);
    }
    running.set(
      recipe.ComponentName,
      spawn("sh", ["-c", replaced(lifecycle.Run.Script)], { env, stdio: ["ignore", log, log] }),
    );
    closeSync(log);
  }
  return {
    pids: new Map([...running].map(([name, { pid }]) => [name, pid as number])),
    async stop() {
      const ends = [...running.values()].map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const end = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGTERM");
        await end;
      });
      await Promise.all(ends);
    },
  };
}

function inOrder(recipes: ReadonlyMap<string, Recipe>): Recipe[] {
  const order = new Set<Recipe>();
  const visit = (name: string, path: readonly string[]): void => {
    const recipe = recipes.get(name);
    if (!recipe || order.has(recipe)) return;
    if (path.includes(name)) throw new Error(`${name} depends on itself`);
    for (const dependency of Object.keys(recipe.ComponentDependencies ?? {})) visit(dependency, [...path, name]);
    order.add(recipe);
  };
  for (const name of recipes.keys()) visit(name, []);
  return [...order];
}
