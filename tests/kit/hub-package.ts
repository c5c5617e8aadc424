import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./programs.ts";

function mustRun(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: ROOT, encoding: "utf8" });
  const complaints = (stderr ?? "").split("\n").filter((line) => line && !line.startsWith("npm warn"));
  if (status !== 0 || complaints.length > 0) {
    throw new Error(
      `${command} ${args.join(" ")}: ${error?.message ?? `exit code ${status}`}\n${complaints.join("\n")}`,
    );
  }
}

/** `npm run hub:tarball` into `directory`, `shell` before it: the tarball's path. */
export function buildHubPackage(machine: "aarch64" | "x86_64", directory: string, shell = ""): string {
  mustRun("sh", ["-c", `${shell} npm run --silent hub:tarball -- --arch ${machine} --out ${directory}`]);
  return join(directory, readdirSync(directory)[0] as string);
}

export function unpackHubPackage(tarball: string, directory: string): void {
  mkdirSync(directory);
  mustRun("tar", ["-xzf", tarball, "-C", directory]);
}

/** Sets up the hub of an unpacked package below `root`, as its README says: the path of `bin/hearth-hub`. */
export function installHubPackage(unpacked: string, root: string): `/${string}` {
  const setup = join(unpacked, "hubSystemdSetup");
  cpSync(join(setup, "iotshd_config.sample.json"), join(setup, "iotshd_config.json"));
  const program = join(setup, "package.tgz");
  mustRun("tar", ["-czf", program, "-C", join(unpacked, "package/greengrass/artifacts"), "."]);
  mkdirSync(root);
  mustRun("sh", [join(setup, "setup_hub.sh"), `--root=${root}`, `--package=${program}`]);
  return join(root, "opt/hearth-hub/bin/hearth-hub") as `/${string}`;
}
