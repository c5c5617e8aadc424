import { setTimeout as pause } from "node:timers/promises";
import { ServerExited, type ServerFile, type SpawnedServer } from "../kit/server-process.ts";
import { certificateOf, clientsOf, notifyStream, provisionDevice, RECORDS } from "./doors.ts";
import { Checker } from "./kill-check.ts";
import { startLoad, type Writers } from "./kill-load.ts";
import { KilledServer, type KilledServerOptions } from "./killed-server.ts";
import { allHaveActed, Ledger } from "./ledger.ts";

export interface Killed {
  rounds: number;
  ledger: Ledger;
  problems: string[];
}

/** Acknowledgements of a round; a fast machine has many more. */
const LEAST = 12;
/** Commands that a kill leaves unanswered are closed soon after. */
const COMMAND_TIMEOUT = { HEARTH_COMMAND_TIMEOUT_SECONDS: "2" };

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
export async function killServerRounds({
  rounds,
  loadEnvironment,
  patience,
  progress,
  ...options
}: KilledServerOptions & {
  rounds: number;
  /** After the preparation the server is stopped and started again with these. */
  loadEnvironment?: Record<string, string>;
  /** Milliseconds until notifications that are owed must have come. */
  patience?: number;
  /** Called after each round. */
  progress?(round: number, ledger: Ledger): void;
}): Promise<Killed> {
  const ledger = new Ledger();
  const checker = new Checker(ledger);
  const server = new KilledServer({ ...options, environment: { ...COMMAND_TIMEOUT, ...options.environment } });
  const { problems } = server;
  let round = 1;
  try {
    const writers = await prepared(server.current);
    if (loadEnvironment) {
      await server.stop();
      server.start(loadEnvironment);
    }
    for (; round <= rounds; round++) {
      const before = ledger.acknowledged;
      const load = startLoad(await server.up, writers, ledger, round);
      await load.first;
      // Once every door has acknowledged something, later when some of them have, at any moment.
      const hasActed = () => (round === 1 ? allHaveActed(ledger) : ledger.acknowledged > before + LEAST);
      while (ledger.problems.length === 0 && !hasActed()) await pause(10);
      await pause(Math.random() * 400);
      load.expectEnd();
      await server.kill();
      await load.ended();
      problems.push(...checker.storedState(options.dataDir));
      server.start();
      // Sometimes the next one does not come far either.
      if (round % 4 === 0) {
        await server.killEarly();
        problems.push(...checker.storedState(options.dataDir));
        server.start();
      }
      problems.push(...(await checker.check(await server.up, { patience })), ...ledger.problems);
      progress?.(round, ledger);
      if (problems.length > 0) break;
    }
    if (problems.length === 0) problems.push(...(await checker.check(await server.up, { patience, everything: true })));
  } finally {
    await server.end();
  }
  return { rounds: Math.min(round, rounds), ledger, problems };
}
