// `node --import tsx tests/kit/bundle.ts <directory> <name>=<source> …` writes each program to <directory>/<name>.mjs,
// with everything that it imports but native addons.
import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";

const RESOLVED = Symbol("resolved");

/** What is found by its place (a worker, a data file, another program) is found from the source's place, as ever. */
const places: Plugin = {
  name: "places",
  setup(pending) {
    pending.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      if (!source.includes("import.meta")) return undefined;
      const contents = source
        .replaceAll(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(path).href))
        .replaceAll(/\bimport\.meta\.filename\b/g, JSON.stringify(path))
        .replaceAll(/\bimport\.meta\.dirname\b/g, JSON.stringify(dirname(path)));
      return { loader: "ts", contents };
    });
    // A native addon looks for its binary beside itself. What is imported only when it is needed stays where it is:
    // esbuild gives an `import()` of CommonJS no named exports.
    pending.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      // Large, and used by one part of one program.
      const isApart = path === "better-sqlite3" || path.startsWith("@matter/");
      const external = isApart || (kind === "dynamic-import" && !path.startsWith("@hearth/"));
      if (!external || pluginData === RESOLVED || isBuiltin(path)) return undefined;
      const found = await pending.resolve(path, { kind, resolveDir, pluginData: RESOLVED });
      return { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

const [outdir, ...programs] = process.argv.slice(2);
if (!outdir) throw new Error("which directory?");
await build({
  entryPoints: Object.fromEntries(programs.map((program) => program.split("=") as [string, string])),
  outdir,
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20",
  external: ["tsx"],
  legalComments: "none",
  logLevel: "warning",
  // CommonJS among the dependencies requires Node's own modules.
  banner: {
    js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
  },
  plugins: [places],
});
