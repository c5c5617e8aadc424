import { createWriteStream } from "node:fs";
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { build } from "esbuild";
import yazl from "yazl";

export interface Built {
  /** Directory of the function's code … */
  code: string;
  /** … and a zip of it. */
  zip: string;
  handler: string;
  runtime: string;
}

/** The function's code in `<out>/code`, one file, and as `<out>/lamp-connector.zip`; `ca` is a PEM file to be added. */
export async function buildConnector({ out, ca }: { out: string; ca?: string | undefined }): Promise<Built> {
  const code = join(out, "code");
  await rm(code, { recursive: true, force: true });
  await mkdir(code, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, "main.ts")],
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
  if (ca !== undefined) await copyFile(ca, join(code, "ca.pem"));

  const zip = new yazl.ZipFile();
  for (const name of (await readdir(code)).sort()) zip.addFile(join(code, name), name, { mtime: new Date(2000, 0, 1) });
  zip.end();
  const file = join(out, "lamp-connector.zip");
  await pipeline(zip.outputStream, createWriteStream(file));
  return { code, zip: file, handler: "index.handler", runtime: "nodejs22.x" };
}
