// `node --import tsx examples/lamp-connector/build.ts [--out <directory>] [--ca <file>]` writes the function's code to
// <directory>/code, and the same as <directory>/lamp-connector.zip.
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import yazl from "yazl";

const { values } = parseArgs({ options: { out: { type: "string" }, ca: { type: "string" } } });
const out = values.out ?? join(import.meta.dirname, "dist");
const code = join(out, "code");
await rm(code, { recursive: true, force: true });
await mkdir(code, { recursive: true });
await build({
  entryPoints: [join(import.meta.dirname, "src", "main.ts")],
  outfile: join(code, "index.mjs"),
  bundle: true,
  minify: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // A function has its role's keys in its environment: the search for others is never begun.
  external: ["@aws-sdk/credential-provider-node"],
  legalComments: "none",
  logLevel: "warning",
  banner: {
    js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
  },
});
if (values.ca) await copyFile(values.ca, join(code, "ca.pem"));

const zip = new yazl.ZipFile();
for (const name of (await readdir(code)).sort()) zip.addFile(join(code, name), name, { mtime: new Date(2000, 0, 1) });
zip.end();
const file = join(out, "lamp-connector.zip");
await pipeline(zip.outputStream, createWriteStream(file));
process.stdout.write(`${JSON.stringify({ code, zip: file, handler: "index.handler", runtime: "nodejs22.x" })}\n`);
