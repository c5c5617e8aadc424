import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programArguments, ROOT } from "./programs.ts";

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
  openMqttPort?: number;
  caFile: string;
}

export interface ServerOptions {
  /** Kept; without it there is a new one, which goes with `stop`. */
  dataDir?: string;
  /** On top of this process's; an empty value is the same as none. */
  environment?: Record<string, string>;
  cwd?: string;
  /** What stands before the command, such as `setpriv …`. */
  prefix?: readonly string[];
  /** For Node itself, such as `--cpu-prof`. */
  nodeArguments?: readonly string[];
  /** Milliseconds until it must be up; 120,000 by default. */
  timeout?: number;
  /** From the sources, as `npm start` does, and not from a bundle of them. */
  fromSources?: boolean;
}

/** The server's process, whether it is up or not. */
export interface SpawnedServer {
  child: ChildProcess;
  dataDir: string;
  stdout(): string;
  stderr(): string;
  /** Resolves to the exit code when all that it has printed is read; null when a signal ended it. */
  exited: Promise<number | null>;
  /** Resolves once it has said that it runs; rejects with `ServerExited` when it ends before. */
  up: Promise<ServerFile>;
}

export interface ServerProcess {
  file: ServerFile;
  dataDir: string;
  pid: number;
  stdout(): string;
  stderr(): string;
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
    super(`the server ended ${code === null ? "by a signal" : `with ${code}`}: ${output}`);
    this.code = code;
    this.output = output;
  }
}

const KEPT_OUTPUT = 1_000_000;

/** What a server has complained of on standard error, but for reads that the machine's other work has slowed. */
export const complaints = (stderr: string): string =>
  stderr
    .split("\n")
    .filter((line) => !line.endsWith('"msg":"slow read"}'))
    .join("\n");

/** Environment of a server or command on `dataDir`, with any free ports. */
export const environmentFor = (dataDir: string, more: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  HEARTH_DATA_DIR: dataDir,
  HEARTH_API_PORT: "0",
  HEARTH_HTTPS_PORT: "0",
  HEARTH_MQTTS_PORT: "0",
  HEARTH_TLS_PORT: "0",
  HEARTH_CALLBACK_PORT: "0",
  ...more,
});

/** Starts the server as its own process, with the arguments of `npm start`, on free ports, and does not wait for it. */
export function spawnServer(options: ServerOptions = {}): SpawnedServer {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "hearth-server-"));
  const server = [
    process.execPath,
    ...(options.nodeArguments ?? []),
    `--openssl-config=${join(ROOT, "apps/server/openssl.cnf")}`,
    ...programArguments("server", options),
  ];
  const [command = "", ...args] = [...(options.prefix ?? []), ...server];
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: environmentFor(dataDir, options.environment),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { stdout: "", stderr: "" };
  child.stderr.on("data", (chunk: Buffer) => {
    printed.stderr = (printed.stderr + chunk.toString()).slice(-KEPT_OUTPUT);
  });
  const exited = once(child, "close").then(([code]) => code as number | null);
  const up = new Promise<ServerFile>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the server did not come up: ${printed.stdout}${printed.stderr}`));
    }, options.timeout ?? 120_000);
    child.stdout.on("data", (chunk: Buffer) => {
      printed.stdout = (printed.stdout + chunk.toString()).slice(-KEPT_OUTPUT);
      if (!printed.stdout.includes("Hearth is running.")) return;
      clearTimeout(timer);
      resolve(JSON.parse(readFileSync(join(dataDir, "hearth.json"), "utf8")) as ServerFile);
    });
    exited.then((code) => {
      clearTimeout(timer);
      reject(new ServerExited(code, printed.stdout + printed.stderr));
    }, reject);
  });
  // Whoever kills it while it starts does not wait for it.
  up.catch(() => {});
  return { child, dataDir, stdout: () => printed.stdout, stderr: () => printed.stderr, exited, up };
}

/** The server as its own process. Rejects with `ServerExited` when it does not come up. */
export async function startServerProcess(options: ServerOptions = {}): Promise<ServerProcess> {
  const { child, dataDir, stdout, stderr, exited, up } = spawnServer(options);
  const file = await up;
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  return {
    file,
    dataDir,
    pid: child.pid ?? 0,
    stdout,
    stderr,
    output: () => stdout() + stderr(),
    kill,
    async stop() {
      await kill("SIGTERM");
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
