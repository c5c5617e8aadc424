import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { SEARCH_PATH } from "./sandbox.ts";

const onPath = (name: string): string | undefined =>
  SEARCH_PATH.split(":")
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

/** Where a runtime's program is; `problem` says in words why there is none. */
type FoundRuntime = { kind: "node" | "python" | "provided"; program: string } | { problem: string };

/** The interpreter of a runtime by AWS's name. Node is the server's own, whichever version the name asks for. */
export function findRuntime(runtime: string): FoundRuntime {
  if (/^provided(\.al2|\.al2023)?$/.test(runtime)) return { kind: "provided", program: "bootstrap" };
  if (/^nodejs(1[8-9]|[2-9]\d)\.x$/.test(runtime)) return { kind: "node", program: process.execPath };
  if (/^python3\.\d+$/.test(runtime)) {
    const program = onPath("python3");
    if (program) return { kind: "python", program };
    return { problem: `${runtime} needs python3, which is not installed in ${SEARCH_PATH}` };
  }
  return { problem: `${runtime} is not built here: choose nodejs22.x, python3.x or provided.al2023` };
}
