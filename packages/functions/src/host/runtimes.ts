import { findProgram } from "./find-program.ts";
import { SEARCH_PATH } from "./sandbox.ts";

/** Where a runtime's program is; `problem` says in words why there is none. */
type FoundRuntime = { kind: "node" | "python" | "provided"; program: string } | { problem: string };

/** The interpreter of a runtime by AWS's name. Node is the server's own, whichever version the name asks for. */
export function findRuntime(runtime: string): FoundRuntime {
  if (/^provided(\.al2|\.al2023)?$/.test(runtime)) return { kind: "provided", program: "bootstrap" };
  if (/^nodejs(1[8-9]|[2-9]\d)\.x$/.test(runtime)) return { kind: "node", program: process.execPath };
  if (/^python3\.\d+$/.test(runtime)) {
    const program = findProgram("python3", SEARCH_PATH);
    if (program) return { kind: "python", program };
    return { problem: `${runtime} needs python3, which is not installed in ${SEARCH_PATH}` };
  }
  return { problem: `${runtime} is not built here: choose nodejs22.x, python3.x or provided.al2023` };
}
