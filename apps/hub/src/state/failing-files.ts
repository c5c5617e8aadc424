import * as nodeFiles from "node:fs/promises";
import type { Files } from "./json-file.ts";

/**
 * Node's file system, of which the `failAt`th step that changes something fails half way; every later one too when the
 * process was `killed` by it. For tests of what must survive that.
 */
export function failingFiles({ failAt, killed }: { failAt: number; killed: boolean }): {
  files: Files;
  failed(): boolean;
  /** From now on every write finds no space. */
  full(value: boolean): void;
} {
  let steps = 0;
  let isFull = false;
  const opened = new Set<nodeFiles.FileHandle>();
  const gate = (): void => {
    steps += 1;
    if (steps !== failAt && !(killed && steps > failAt)) return;
    // The system closes what a killed process had open, once the step that is half way has written its half.
    if (killed) setImmediate(() => void Promise.all([...opened].map((handle) => handle.close().catch(() => {}))));
    throw Object.assign(new Error("step failed"), { code: "EIO" });
  };
  const space = (): void => {
    if (isFull) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
  const guard =
    <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      gate();
      return run(...args);
    };
  const wrap = (handle: nodeFiles.FileHandle): nodeFiles.FileHandle => {
    opened.add(handle);
    return new Proxy(handle, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (typeof value !== "function") return value;
        if (name === "write") {
          return async (bytes: Buffer, offset: number, length: number, position: number) => {
            space();
            try {
              gate();
            } catch (error) {
              // Half of it got there.
              if (Buffer.isBuffer(bytes)) await target.write(bytes, offset, length >> 1, position);
              throw error;
            }
            return target.write(bytes, offset, length, position);
          };
        }
        if (name === "writeFile") {
          return async (text: string) => {
            space();
            try {
              gate();
            } catch (error) {
              await target.writeFile(text.slice(0, text.length >> 1));
              throw error;
            }
            return target.writeFile(text);
          };
        }
        if (["sync", "datasync", "truncate", "chmod"].includes(String(name))) return guard(value.bind(target));
        return value.bind(target);
      },
    });
  };
  return {
    files: {
      ...nodeFiles,
      copyFile: guard(nodeFiles.copyFile),
      link: guard(nodeFiles.link),
      rename: guard(nodeFiles.rename),
      rm: guard(nodeFiles.rm),
      open: async (...args: Parameters<typeof nodeFiles.open>) => {
        if (args[1] !== "r") gate();
        return wrap(await nodeFiles.open(...args));
      },
    } as Files,
    failed: () => steps >= failAt,
    full(value) {
      isFull = value;
    },
  };
}
