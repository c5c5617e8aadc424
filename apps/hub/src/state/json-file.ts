import * as nodeFiles from "node:fs/promises";
import { dirname } from "node:path";
import { DamagedFileError, type JsonFile } from "./state.ts";

/** What is asked of the file system; Node's own unless a test has it fail. */
export type Files = Pick<
  typeof nodeFiles,
  "copyFile" | "link" | "mkdir" | "open" | "readdir" | "readFile" | "rename" | "rm"
>;

export interface JsonFileOptions {
  /** Permissions of the file, 0600 unless given. */
  mode?: number;
  /**
   * Told when the file was damaged and the value before the last is taken instead; the damaged one is then kept as
   * `<name>.damaged`. Without it a damaged file is left as it is and DamagedFileError thrown.
   */
  recover?: (error: DamagedFileError) => void;
  files?: Files;
}

/**
 * Opens the file, or starts with `initial` where there is none (it is written by the first `replace`). `parse` gives
 * the value of what JSON holds and throws for what is none. The value before the last is kept as `<name>.previous`.
 */
export async function openJsonFile<T>(
  path: string,
  parse: (json: unknown) => T,
  initial: T,
  { mode = 0o600, recover, files = nodeFiles }: JsonFileOptions = {},
): Promise<JsonFile<T>> {
  let { value } = await load(path, parse, initial, recover, files);
  let last: Promise<unknown> = Promise.resolve();
  return {
    get value() {
      return value;
    },
    replace(next, { forget = false } = {}) {
      const text = `${JSON.stringify(next, null, 2)}\n`;
      const written = last.then(async () => {
        await replaceFile(path, text, mode, files);
        value = next;
        if (forget) await forgetOthers(path, files);
      });
      last = written.catch(() => {});
      return written;
    },
  };
}

async function load<T>(
  path: string,
  parse: (json: unknown) => T,
  initial: T,
  recover: JsonFileOptions["recover"],
  files: Files,
): Promise<{ value: T }> {
  try {
    return (await read(path, parse, files)) ?? { value: initial };
  } catch (error) {
    if (!(error instanceof DamagedFileError) || !recover) throw error;
    const previous = await read(`${path}.previous`, parse, files);
    if (!previous) throw error;
    await files.copyFile(path, `${path}.damaged`);
    recover(error);
    return previous;
  }
}

/** Undefined when there is no file. */
async function read<T>(path: string, parse: (json: unknown) => T, files: Files): Promise<{ value: T } | undefined> {
  let text: string;
  try {
    text = await files.readFile(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    return { value: parse(jsonOf(text)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DamagedFileError(
      path,
      `${path} is damaged (${reason}): repair it, put ${path}.previous in its place, or remove it to start anew`,
    );
  }
}

/** Node's own error quotes the text around it, which may be a key: where it is has to be enough. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const [where = ""] = /(?<= )at position \d+/.exec(String(error)) ?? [];
    throw new Error(`it is not JSON ${where}`.trimEnd());
  }
}

/** The old text or the new one, whatever happens in between; the old one is `<name>.previous` afterwards. */
async function replaceFile(path: string, text: string, mode: number, files: Files): Promise<void> {
  const fresh = `${path}.new`;
  try {
    const handle = await files.open(fresh, "w", mode);
    try {
      await handle.chmod(mode);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await keepPrevious(path, files);
    await files.rename(fresh, path);
  } catch (error) {
    await files.rm(fresh, { force: true }).catch(() => {});
    throw error;
  }
  await syncDirectory(dirname(path), files);
}

async function keepPrevious(path: string, files: Files): Promise<void> {
  const link = `${path}.previous.new`;
  await files.rm(link, { force: true });
  try {
    await files.link(path, link);
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await files.rename(link, `${path}.previous`);
}

/** Values that the file held before. */
async function forgetOthers(path: string, files: Files): Promise<void> {
  for (const suffix of ["previous", "damaged"]) await files.rm(`${path}.${suffix}`, { force: true });
  await syncDirectory(dirname(path), files);
}

/** A new name in a directory is durable only when the directory is. */
export async function syncDirectory(directory: string, files: Files = nodeFiles): Promise<void> {
  const handle = await files.open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
