import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What `hearth.json` holds. */
export interface ServerFile {
  accountId: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  apiEndpoint: string;
  httpsEndpoint: string;
  mqttHost: string;
  mqttsPort: number;
  tlsPort: number;
  caFile: string;
}

export interface ServerProcess {
  file: ServerFile;
  dataDir: string;
  pid: number;
  /** All that it has printed. */
  output(): string;
  /** Resolves to the exit code; null when a signal ended it. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** SIGTERM, and the data directory goes unless it was given. */
  stop(): Promise<void>;
}

export class ServerExited extends Error {
  readonly code: number | null;
  readonly output: string;
  constructor(code: number | null, output: string) {
    super(`the server ended with ${code}: ${output}`);
    this.code = code;
    this.output = output;
  }
}

/** The server as its own process, as `npm start` runs it, on free ports. Rejects with `ServerExited` when it does not come up. */
export async function startServerProcess(
  options: { dataDir?: string; environment?: Record<string, string>; timeout?: number } = {},
): Promise<ServerProcess> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "hearth-server-"));
  const child: ChildProcess = spawn(process.execPath, ["--import", "tsx", join(ROOT, "apps/server/src/main.ts")], {
    cwd: ROOT,
    env: {
      ...process.env,
      HEARTH_DATA_DIR: dataDir,
      HEARTH_API_PORT: "0",
      HEARTH_HTTPS_PORT: "0",
      HEARTH_MQTTS_PORT: "0",
      HEARTH_TLS_PORT: "0",
      ...options.environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the server did not come up: ${printed}`));
    }, options.timeout ?? 30_000);
    const done = (settle: () => void) => {
      clearTimeout(timer);
      settle();
    };
    const onData = (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-100_000);
      if (printed.includes("Hearth is running.")) done(resolve);
    };
    child.stdout?.on("data", onData);
    child.stderr?.on("data", onData);
    void exited.then((code) => done(() => reject(new ServerExited(code, printed))));
  });
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  return {
    file: JSON.parse(readFileSync(join(dataDir, "hearth.json"), "utf8")) as ServerFile,
    dataDir,
    pid: child.pid ?? 0,
    output: () => printed,
    kill,
    async stop() {
      await kill("SIGTERM");
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
