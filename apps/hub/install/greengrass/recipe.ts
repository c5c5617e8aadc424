import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What is used of Greengrass' component recipes, format 2020-01-25. */
export interface Recipe {
  ComponentName: string;
  ComponentVersion: string;
  ComponentConfiguration?: { DefaultConfiguration: Record<string, unknown> };
  ComponentDependencies?: Record<string, { VersionRequirement: string; DependencyType: "HARD" | "SOFT" }>;
  Manifests: {
    Platform: { os: string };
    Artifacts?: { Uri: string; Unarchive?: string }[];
    Lifecycle: {
      Install?: { Script: string; Timeout?: number };
      Setenv?: Record<string, string>;
      Run: { Script: string };
    };
  }[];
}

const TOP = new Set([
  "RecipeFormatVersion",
  "ComponentName",
  "ComponentVersion",
  "ComponentType",
  "ComponentDescription",
  "ComponentPublisher",
  "ComponentConfiguration",
  "ComponentDependencies",
  "Manifests",
]);
const STEPS = new Set(["Install", "Setenv", "Run"]);
const VARIABLE = /\{(?:([\w.-]+):)?(artifacts|configuration|work|kernel|iot):([^{}\s]+)\}/g;

/** Reads a directory of recipes; `version` takes the place of `@VERSION@`. Throws, by file, for what is no recipe. */
export async function readRecipes(directory: string, version: string): Promise<Map<string, Recipe>> {
  const recipes = new Map<string, Recipe>();
  for (const name of (await readdir(directory)).sort()) {
    const recipe: Recipe = JSON.parse((await readFile(join(directory, name), "utf8")).replaceAll("@VERSION@", version));
    recipes.set(recipe.ComponentName, recipe);
  }
  for (const recipe of recipes.values()) {
    const problem = problemOf(recipe, recipes);
    if (problem) throw new Error(`${recipe.ComponentName}: ${problem}`);
  }
  return recipes;
}

function problemOf(recipe: Recipe, all: ReadonlyMap<string, Recipe>): string | undefined {
  const unknown = Object.keys(recipe).find((key) => !TOP.has(key));
  if (unknown) return `there is no ${unknown} in a recipe`;
  if ((recipe as unknown as { RecipeFormatVersion: string }).RecipeFormatVersion !== "2020-01-25")
    return "unknown format";
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(recipe.ComponentName)) return "its name is none";
  if (!/^\d+\.\d+\.\d+$/.test(recipe.ComponentVersion)) return `${recipe.ComponentVersion} is no version`;
  const dependencies = Object.keys(recipe.ComponentDependencies ?? {});
  const absent = dependencies.find((name) => !all.has(name));
  if (absent) return `it depends on ${absent}, which there is not`;
  const [manifest, ...more] = recipe.Manifests;
  if (!manifest || more.length > 0 || manifest.Platform.os !== "linux") return "it has not one manifest, for Linux";
  const step = Object.keys(manifest.Lifecycle).find((name) => !STEPS.has(name));
  if (step) return `there is no step ${step}`;
  const { Install, Setenv, Run } = manifest.Lifecycle;
  for (const text of [Install?.Script ?? "", Run.Script, ...Object.values(Setenv ?? {})]) {
    for (const [whole, component, kind, key] of text.matchAll(VARIABLE)) {
      if (component && !dependencies.includes(component))
        return `${whole} is of a component that it does not depend on`;
      const owner = component ? all.get(component) : recipe;
      if (kind === "configuration" && valueAt(owner, key as string) === undefined) return `${whole} has no default`;
      if (kind === "artifacts" && !owner?.Manifests[0]?.Artifacts) return `${whole}: there is no artifact`;
    }
    const left = text.replaceAll(VARIABLE, "").match(/\{[^}]*:[^}]*\}/);
    if (left) return `${left[0]} is no recipe variable`;
  }
  return undefined;
}

/** `text` with the recipe's variables in it replaced; `artifacts` says where a component's are unpacked. */
export function replaceVariables(
  text: string,
  recipe: Recipe,
  all: ReadonlyMap<string, Recipe>,
  { artifacts, configuration }: { artifacts(component: string): string; configuration: Record<string, string> },
): string {
  return text.replaceAll(VARIABLE, (whole, component: string | undefined, kind: string, key: string) => {
    const owner = component ? all.get(component) : recipe;
    if (!owner) return whole;
    if (kind === "artifacts") return artifacts(owner.ComponentName);
    if (kind === "configuration") return configuration[key.slice(1)] ?? String(valueAt(owner, key) ?? "");
    return whole;
  });
}

/** By a JSON pointer of one word. */
const valueAt = (recipe: Recipe | undefined, pointer: string): unknown =>
  recipe?.ComponentConfiguration?.DefaultConfiguration[pointer.replace(/^\//, "")];
