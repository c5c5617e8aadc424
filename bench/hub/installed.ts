import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeProgram } from "../../apps/hub/build.ts";

/** The hub's program as the tarball for this machine has it. */
export async function installHub(): Promise<{ program: `/${string}`; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "hearth-hub-"));
  await writeProgram(directory, process.arch === "arm64" ? "aarch64" : "x86_64");
  return {
    program: join(directory, "bin/hearth-hub") as `/${string}`,
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
