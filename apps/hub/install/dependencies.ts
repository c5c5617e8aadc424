import { cp, open, readdir, readFile, realpath, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { transform } from "esbuild";

/** What a package is made for, by the kernel's names. */
export const MACHINES = ["aarch64", "x86_64"] as const;
export type Machine = (typeof MACHINES)[number];

/** `e_machine` of the ELF header (EM_X86_64, EM_AARCH64). */
const ELF_MACHINES: Readonly<Record<Machine, number>> = { x86_64: 62, aarch64: 183 };

/** What an installed package has that no program reads. */
const LEFT_OUT =
  /^(\.github|\.vscode|__tests__|benchmarks?|coverage|docs|examples?|tests?)(\/|$)|\.(md|markdown|map|ts|mts|cts|flow|gypi?|cc|cpp|c|h|o|d|a|mk)$|(^|\/)(Makefile|obj\.target|\.deps)(\/|$)/;
const LICENCE = /(^|\/)(licen[cs]e|copying|notice)[^/]*\.(md|markdown)$/i;
const isLeftOut = (name: string): boolean => LEFT_OUT.test(name) && !LICENCE.test(name);

/**
 * Copies packages with all that they depend on from one `node_modules` to another, without binaries for other machines.
 * Answers the names of those whose every binary was for another.
 */
export async function copyDependencies(
  names: readonly string[],
  { from, to, machine }: { from: string; to: string; machine: Machine },
): Promise<string[]> {
  const missing: string[] = [];
  const seen = new Set<string>();
  const visit = async (name: string, beside: string, optional: boolean): Promise<void> => {
    const place = await findPackage(name, beside, from);
    if (!place) {
      if (optional) return;
      throw new Error(`${name}, which ${beside} depends on, is not installed: run npm ci`);
    }
    if (seen.has(place)) return;
    seen.add(place);
    if (!(await copyPackage(place, join(to, relative(from, place)), machine))) {
      missing.push(name);
      return;
    }
    const manifest = JSON.parse(await readFile(join(place, "package.json"), "utf8"));
    const needed = { ...manifest.dependencies, ...manifest.optionalDependencies };
    for (const dependency of Object.keys(needed).sort()) {
      await visit(dependency, place, Object.hasOwn(manifest.optionalDependencies ?? {}, dependency));
    }
  };
  for (const name of names) await visit(name, from, false);
  return missing;
}

/** As Node finds it: in the `node_modules` of the package itself, then in those around it. */
async function findPackage(name: string, beside: string, root: string): Promise<string | undefined> {
  for (let place = beside; ; place = dirname(place)) {
    const found = join(place, "node_modules", name);
    if (basename(place) !== "node_modules" && (await isFile(join(found, "package.json")))) return found;
    if (place === root || dirname(place) === place) return undefined;
  }
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** False, and nothing copied, when it has binaries and none for this machine. */
async function copyPackage(source: string, target: string, machine: Machine): Promise<boolean> {
  const place = await realpath(source);
  const binaries = (await readdir(place, { recursive: true })).filter((name) => name.endsWith(".node"));
  const others = new Set<string>();
  for (const name of binaries) {
    if (isLeftOut(name) || !(await isFor(join(place, name), machine))) others.add(name);
  }
  if (binaries.length > 0 && others.size === binaries.length) return false;
  const programs: string[] = [];
  await cp(place, target, {
    recursive: true,
    filter(path) {
      const name = relative(place, path);
      if (isLeftOut(name) || others.has(name) || /(^|\/)node_modules(\/|$)/.test(name)) return false;
      if (/\.[cm]?js$/.test(name)) programs.push(join(target, name));
      return true;
    },
  });
  for (const path of programs) if (await isFile(path)) await shrink(path);
  return true;
}

/** V8 keeps the text of what it runs: comments and indentation are half of it. Names stay, for stack traces. */
async function shrink(path: string): Promise<void> {
  const source = await readFile(path, "utf8");
  const options = { minifyWhitespace: true, lineLimit: 200, legalComments: "inline", target: "node20" } as const;
  const { code } = await transform(source, { ...options, logLevel: "silent" });
  await writeFile(path, code);
}

async function isFor(path: string, machine: Machine): Promise<boolean> {
  const handle = await open(path);
  try {
    const header = Buffer.alloc(20);
    const { bytesRead } = await handle.read(header, 0, 20, 0);
    if (bytesRead < 20 || header.readUInt32BE(0) !== 0x7f454c46) return false;
    return header.readUInt16LE(18) === ELF_MACHINES[machine];
  } finally {
    await handle.close();
  }
}
