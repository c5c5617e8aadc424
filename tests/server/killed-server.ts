import { setTimeout as pause } from "node:timers/promises";
import { type ServerFile, type SpawnedServer, spawnServer } from "../kit/server-process.ts";

export interface KilledServerOptions {
  dataDir: string;
  environment?: Record<string, string>;
  /** What happens to the data between a kill and the next start, such as a power cut. */
  afterKill?(): void;
  beforeStart?(): void;
}

/** A server that is killed and started again on the same data; the first start is the constructor's. */
export class KilledServer {
  /** Errors that its logs tell of. */
  readonly problems: string[] = [];
  readonly #options: KilledServerOptions;
  #server: SpawnedServer;

  constructor(options: KilledServerOptions) {
    this.#options = options;
    this.#server = this.#spawn();
  }

  get current(): SpawnedServer {
    return this.#server;
  }

  get up(): Promise<ServerFile> {
    return this.#server.up;
  }

  #spawn(more: Record<string, string> = {}): SpawnedServer {
    const { dataDir, environment = {}, beforeStart } = this.#options;
    beforeStart?.();
    return spawnServer({ dataDir, environment: { ...environment, ...more }, timeout: 60_000 });
  }

  /** Starts the next one, with `more` in its environment. */
  start(more?: Record<string, string>): void {
    this.#server = this.#spawn(more);
  }

  async kill(): Promise<void> {
    this.#server.child.kill("SIGKILL");
    await this.#server.exited;
    this.problems.push(...errorsIn(this.#server.stderr()));
    this.#options.afterKill?.();
  }

  /** Kills the server somewhere in its start, or soon after. */
  async killEarly(): Promise<void> {
    await Promise.race([pause(Math.random() * 2000), this.up]);
    await pause(Math.random() * 100);
    await this.kill();
  }

  /** Ends it as an operator does. */
  async stop(): Promise<void> {
    this.#server.child.kill("SIGTERM");
    await this.#server.exited;
  }

  /** Leaves nothing running, whatever state it is in. */
  async end(): Promise<void> {
    this.#server.child.kill("SIGKILL");
    await this.#server.exited;
  }
}

const ERROR_LEVEL = 50;

/** Lines of a log that tell of an error, or are no log at all. */
function errorsIn(log: string): string[] {
  return log.split("\n").filter((line) => {
    if (line === "") return false;
    const { level } = line.startsWith("{") && line.endsWith("}") ? (JSON.parse(line) as { level?: number }) : {};
    // The kill may have cut the last line.
    return level === undefined ? !line.startsWith("{") : level >= ERROR_LEVEL;
  });
}
