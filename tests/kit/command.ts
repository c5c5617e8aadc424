import { spawn } from "node:child_process";
import { once } from "node:events";
import { programArguments, ROOT } from "./programs.ts";
import { environmentFor } from "./server-process.ts";

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `hearth <args>` as its own process on a data directory. */
export async function hearth(dataDir: string, ...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [...programArguments("hearth"), ...args], {
    cwd: ROOT,
    env: environmentFor(dataDir),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}
