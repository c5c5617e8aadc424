import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** What runs now. */
export interface Running {
  version: string;
  slot: "a" | "b";
  /** Lower-case hex. */
  sha256: string;
}

/** The device's memory: two slots for firmware, one of which runs, and its configuration. */
export interface Flash {
  running(): Promise<Running | undefined>;
  /** Where the image with this hash is downloaded to; what is there already is a part of it. */
  pathOf(sha256: string): string;
  /** Forgets a download. */
  discard(sha256: string): Promise<void>;
  /** Puts a download into the slot that does not run, and then makes it the one that does. */
  install(version: string, sha256: string): Promise<Running>;
  configure(configuration: object): Promise<void>;
}

/** A directory in the role of the flash memory. After a power cut it holds the old firmware or the new one. */
export async function openFlash(directory: string): Promise<Flash> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const runningPath = join(directory, "running.json");
  const pathOf = (sha256: string) => join(directory, `download-${sha256}.bin`);

  async function running(): Promise<Running | undefined> {
    try {
      return JSON.parse(await readFile(runningPath, "utf8")) as Running;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Durable as a whole, or not there. */
  async function replace(path: string, value: object): Promise<void> {
    const file = await open(`${path}.new`, "w", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(value, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
    const directoryHandle = await open(directory, "r");
    try {
      await directoryHandle.sync();
    } finally {
      await directoryHandle.close();
    }
  }

  return {
    running,
    pathOf,
    discard: (sha256) => rm(pathOf(sha256), { force: true }),
    async install(version, sha256) {
      const slot = (await running())?.slot === "a" ? "b" : "a";
      await rename(pathOf(sha256), join(directory, `slot-${slot}.bin`));
      const now: Running = { version, slot, sha256 };
      await replace(runningPath, now);
      return now;
    },
    configure: (configuration) => replace(join(directory, "config.json"), configuration),
  };
}
