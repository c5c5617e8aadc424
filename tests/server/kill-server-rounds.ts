import { setTimeout as pause } from "node:timers/promises";
import { ServerExited, type ServerFile, type SpawnedServer, spawnServer } from "../kit/server-process.ts";
import { certificateOf, clientsOf, notifyStream, provisionDevice, RECORDS } from "./doors.ts";
import { Checker } from "./kill-check.ts";
import { startLoad, type Writers } from "./kill-load.ts";
import { allHaveActed, Ledger } from "./ledger.ts";

export interface Killed {
  rounds: number;
  ledger: Ledger;
  problems: string[];
}

/** Commands that a kill leaves unanswered are closed soon after. */
const COMMAND_TIMEOUT = { HEARTH_COMMAND_TIMEOUT_SECONDS: "1" };

/** What the load needs, made on a new server through its doors. */
export async function prepare(file: ServerFile): Promise<Writers> {
  const clients = clientsOf(file);
  await notifyStream(clients, file);
  await clients.kinesis.send("CreateStream", { StreamName: RECORDS, ShardCount: 1 });
  return { certificate: await certificateOf(clients), device: await provisionDevice(clients, file, "KILLED") };
}

/** The same, and an end to waiting when the server ends meanwhile. */
async function prepared(server: SpawnedServer): Promise<Writers> {
  const ended = server.exited.then((code) => Promise.reject(new ServerExited(code, server.stderr())));
  return Promise.race([prepare(await server.up), ended]);
}

/**
 * A server under load over all its doors is killed at a random moment, started again and asked for everything that
 * was acknowledged; `rounds` times, or until something is wrong.
 */
export async function killServerRounds(options: {
  rounds: number;
  dataDir: string;
  environment?: Record<string, string>;
  /** After the preparation the server is stopped and started again with these. */
  loadEnvironment?: Record<string, string>;
  /** What happens to the data between the kill and the next start, such as a power cut. */
  afterKill?(): void;
  beforeStart?(): void;
  /** Milliseconds until notifications that are owed must have come. */
  patience?: number;
  /** Called after each round. */
  progress?(round: number, ledger: Ledger): void;
}): Promise<Killed> {
  const { rounds, dataDir, environment = {}, loadEnvironment, afterKill, beforeStart, patience, progress } = options;
  const ledger = new Ledger();
  const checker = new Checker(ledger);
  const start = (more: Record<string, string> = {}) => {
    beforeStart?.();
    return spawnServer({ dataDir, environment: { ...COMMAND_TIMEOUT, ...environment, ...more }, timeout: 60_000 });
  };
  const problems: string[] = [];
  const after = (server: SpawnedServer): void => {
    problems.push(...errorsIn(server.stderr()));
    afterKill?.();
    problems.push(...checker.storedState(dataDir));
  };

  let server = start();
  let round = 1;
  try {
    const writers = await prepared(server);
    if (loadEnvironment) {
      server.child.kill("SIGTERM");
      await server.exited;
      server = start(loadEnvironment);
    }
    for (; round <= rounds; round++) {
      const load = startLoad(await server.up, writers, ledger, round);
      await load.first;
      // Once every door has acknowledged something, later at any moment.
      while (round === 1 && ledger.problems.length === 0 && !allHaveActed(ledger)) await pause(10);
      await pause(Math.random() * 400);
      load.expectEnd();
      server.child.kill("SIGKILL");
      await server.exited;
      await load.ended();
      after(server);
      server = start();
      // Sometimes the next one does not come far either.
      if (round % 4 === 0) {
        await Promise.race([pause(Math.random() * 2000), server.up]);
        await pause(Math.random() * 100);
        server.child.kill("SIGKILL");
        await server.exited;
        after(server);
        server = start();
      }
      problems.push(...(await checker.check(await server.up, { patience })), ...ledger.problems);
      progress?.(round, ledger);
      if (problems.length > 0) break;
    }
    if (problems.length === 0) problems.push(...(await checker.check(await server.up, { patience, everything: true })));
  } finally {
    server.child.kill("SIGKILL");
    await server.exited;
  }
  return { rounds: Math.min(round, rounds), ledger, problems };
}

const ERROR_LEVEL = 50;

/** Lines of a log that tell of an error, or are no log at all. */
export function errorsIn(log: string): string[] {
  return log.split("\n").filter((line) => {
    if (line === "") return false;
    const { level } = line.startsWith("{") && line.endsWith("}") ? (JSON.parse(line) as { level?: number }) : {};
    // The kill may have cut the last line.
    return level === undefined ? !line.startsWith("{") : level >= ERROR_LEVEL;
  });
}
