// `npm run hub:tarball -- [--arch x86_64|aarch64] [--out DIRECTORY]` writes the package that a hub is installed from
// (reference 10.3). The same sources give the same bytes.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build, type Metafile } from "esbuild";
import { copyDependencies, MACHINES, type Machine } from "./install/dependencies.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const INSTALL = fileURLToPath(new URL("install", import.meta.url));

/** With native parts, or too many files to be worth bundling: they are packed as they are. */
const UNBUNDLED = ["zigbee-herdsman", "zwave-js", "@matter/main", "@matter/nodejs", "pkcs11js", "aws-crt"];

/** The program in chunks, of which each process loads those of its parts; where which source went. */
export async function bundleProgram(directory: string, { write = true } = {}): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: { main: join(ROOT, "apps/hub/src/main.ts") },
    outdir: join(directory, "lib"),
    outExtension: { ".js": ".mjs" },
    absWorkingDir: ROOT,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: UNBUNDLED,
    // V8 keeps the text of what it runs. Names stay, for stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 200,
    legalComments: "eof",
    logLevel: "warning",
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    metafile: true,
    write,
  });
  return metafile;
}

/** The program as it is installed: `bin`, `lib`, `node_modules` and the start script. Answers what it had to leave out. */
export async function writeProgram(directory: string, machine: Machine): Promise<string[]> {
  await bundleProgram(directory);
  const missing = await copyDependencies(UNBUNDLED, { from: ROOT, to: directory, machine });
  await mkdir(join(directory, "bin"));
  await cp(join(INSTALL, "hearth-hub"), join(directory, "bin/hearth-hub"));
  await cp(join(INSTALL, "start_iotmi_sdk.sh"), join(directory, "start_iotmi_sdk.sh"));
  for (const name of ["LICENSE", "NOTICE"]) await cp(join(ROOT, name), join(directory, name)).catch(() => {});
  return missing;
}

async function writePackage(stage: string, machine: Machine, version: string): Promise<string[]> {
  const artifacts = join(stage, "package/greengrass/artifacts");
  const missing = await writeProgram(artifacts, machine);
  await writeRecipes(join(stage, "package/greengrass/recipes"), version);
  const setup = join(stage, "hubSystemdSetup");
  await mkdir(setup, { recursive: true });
  for (const name of [
    "README.md",
    "copy_to_hub.sh",
    "setup_hub.sh",
    "iotshd_config.sample.json",
    "local_certs",
    "systemd",
  ]) {
    await cp(join(INSTALL, name), join(setup, name), { recursive: true });
  }
  return missing;
}

async function writeRecipes(directory: string, version: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const source = join(INSTALL, "greengrass/recipes");
  for (const name of await readdir(source)) {
    const text = (await readFile(join(source, name), "utf8")).replaceAll("@VERSION@", version);
    await writeFile(join(directory, name.replace(/\.json$/, `-${version}.json`)), text);
  }
}

/** Nothing of the place and the time of the build: names in order, one time, no owners, no umask. */
function pack(stage: string, file: string): void {
  const tar = [
    ...["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "--mode=u+rwX,go+rX,go-w"],
    ...["--format=gnu", "--use-compress-program=gzip -n -9", "-cf", file, "-C", stage, "package", "hubSystemdSetup"],
  ];
  const { status, stderr } = spawnSync("tar", tar, { encoding: "utf8" });
  if (status !== 0) throw new Error(`tar could not write ${file} (GNU tar is needed): ${stderr}`);
}

/** Writes the tarball into `out`; answers its path and what it lacks. */
export async function writeTarball(machine: Machine, out: string): Promise<{ file: string; missing: string[] }> {
  const { version } = JSON.parse(await readFile(join(ROOT, "apps/hub/package.json"), "utf8"));
  const stage = await mkdtemp(join(tmpdir(), "hearth-hub-"));
  try {
    await chmod(stage, 0o755);
    const missing = await writePackage(stage, machine, version);
    await mkdir(out, { recursive: true });
    const file = join(out, `hearth-hub-${machine}-v${version}.tgz`);
    pack(stage, `${file}.new`);
    await rename(`${file}.new`, file);
    return { file, missing };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values } = parseArgs({
    options: { arch: { type: "string", default: "x86_64" }, out: { type: "string", default: "dist" } },
  });
  const machine = MACHINES.find((one) => one === values.arch);
  if (!machine) throw new Error(`--arch: there is no ${values.arch}; there are ${MACHINES.join(" and ")}`);
  const { file, missing } = await writeTarball(machine, resolve(values.out));
  const sum = createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
  process.stdout.write(`${file}\nsha256 ${sum}\n`);
  for (const name of missing) process.stdout.write(`without ${name}: there is no binary of it for ${machine} here\n`);
}
