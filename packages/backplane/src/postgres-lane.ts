import type { Logger } from "@hearth/base";
import type pg from "pg";
import { type SqlValue, UniqueViolation, WriteConflict } from "./database.ts";
import type { Failures } from "./group-commit.ts";
import type { QueuedBatch } from "./write-queue.ts";

const UNIQUE_VIOLATION = "23505";
/** "current transaction is aborted": the consequence of an earlier error, never the reason. */
const ABORTED = "25P02";

type Outcome = { rows: number | null } | { error: Error & { code?: string } };

class ConnectionLostError extends Error {
  constructor(cause: unknown) {
    super(`the connection to PostgreSQL was lost: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
    this.name = "ConnectionLostError";
  }
}

/**
 * The one connection that writes. A group goes out as one pipeline: BEGIN and all statements without waiting for
 * answers, then COMMIT when all have succeeded, so a group costs two round trips and one flush. When one has failed,
 * everything is undone and done again batch by batch under savepoints; conflicts are rare, so that is cheaper than a
 * savepoint for every batch.
 */
export class PostgresLane {
  readonly #log: Logger;
  readonly #toQuery: (sql: string, values: SqlValue[]) => pg.QueryConfig;
  readonly #newClient: () => pg.Client;
  #client: pg.Client | undefined;
  #lost: unknown;

  constructor(log: Logger, toQuery: (sql: string, values: SqlValue[]) => pg.QueryConfig, newClient: () => pg.Client) {
    this.#log = log;
    this.#toQuery = toQuery;
    this.#newClient = newClient;
  }

  /** Rejects when nothing was kept or (connection lost during COMMIT) when nobody knows. */
  async apply(batches: readonly QueuedBatch[]): Promise<Failures> {
    try {
      return await this.#transaction(batches);
    } catch (error) {
      this.#drop();
      // A connection that had died while idle: nothing was sent to COMMIT, so once more is safe.
      if (!(error instanceof ConnectionLostError)) throw error;
      this.#log.warn({ err: error }, "connecting to PostgreSQL again");
      try {
        return await this.#transaction(batches);
      } catch (again) {
        this.#drop();
        throw again;
      }
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  #drop(): void {
    this.#client?.end().catch(() => {});
    this.#client = undefined;
  }

  async #connected(): Promise<pg.Client> {
    if (this.#client && this.#lost === undefined) return this.#client;
    this.#drop();
    const client = this.#newClient();
    this.#lost = undefined;
    client.on("error", (error) => {
      if (this.#client === client) this.#lost = error;
    });
    client.on("end", () => {
      if (this.#client === client) this.#lost ??= new Error("the server closed it");
    });
    await client.connect();
    this.#client = client;
    await client.query("SET synchronous_commit = on");
    return client;
  }

  async #transaction(batches: readonly QueuedBatch[]): Promise<Failures> {
    const client = await this.#connected();
    const outcomes = await this.#send(client, batches, ["BEGIN"]);
    const failed = batches.findIndex((batch, index) => batchFailure(batch, outcomes[index]!) !== undefined);
    if (failed < 0) {
      await this.#commit(client);
      return new Map();
    }
    await this.#send(client, [], ["ROLLBACK"]);
    if (batches.length === 1) return new Map([[batches[0]!, batchFailure(batches[0]!, outcomes[0]!)!]]);
    return await this.#stepwise(client, batches);
  }

  async #stepwise(client: pg.Client, batches: readonly QueuedBatch[]): Promise<Failures> {
    const failures = new Map<QueuedBatch, Error>();
    await this.#send(client, [], ["BEGIN"]);
    for (const batch of batches) {
      const [outcome] = await this.#send(client, [batch], ["SAVEPOINT batch"]);
      const failure = batchFailure(batch, outcome!);
      if (failure) {
        failures.set(batch, failure);
        await this.#send(client, [], ["ROLLBACK TO SAVEPOINT batch"]);
      }
      await this.#send(client, [], ["RELEASE SAVEPOINT batch"]);
    }
    await this.#commit(client);
    return failures;
  }

  async #commit(client: pg.Client): Promise<void> {
    try {
      await client.query("COMMIT");
    } catch (error) {
      throw new Error(`PostgreSQL did not confirm a commit: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Sends everything at once. Returns the outcomes of the batches' writes; throws when the connection is lost. */
  async #send(client: pg.Client, batches: readonly QueuedBatch[], before: readonly string[]): Promise<Outcome[][]> {
    const run = async (query: string | pg.QueryConfig): Promise<Outcome> => {
      try {
        return { rows: (await client.query(query)).rowCount };
      } catch (error) {
        return { error: error as Error };
      }
    };
    const first = before.map(run);
    const writes = batches.map(({ writes }) => writes.map(({ sql, params }) => run(this.#toQuery(sql, [...params]))));
    const started = await Promise.all(first);
    const outcomes = await Promise.all(writes.map((batch) => Promise.all(batch)));
    for (const outcome of [...started, ...outcomes.flat()]) {
      // An error of the server has a code of five characters; anything else comes from the connection.
      if ("error" in outcome && (this.#lost !== undefined || !isStatementError(outcome.error))) {
        throw new ConnectionLostError(outcome.error);
      }
    }
    for (const outcome of started) if ("error" in outcome) throw outcome.error;
    return outcomes;
  }
}

/** Classes 57P (shutdown) and 08 (connection) mean that the session is gone. */
function isStatementError({ code }: Error & { code?: string }): boolean {
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) && !/^(57P|08)/.test(code);
}

function batchFailure({ writes }: QueuedBatch, outcomes: readonly Outcome[]): Error | undefined {
  for (const [index, outcome] of outcomes.entries()) {
    if ("error" in outcome) {
      if (outcome.error.code === UNIQUE_VIOLATION) return new UniqueViolation(index, outcome.error);
      if (outcome.error.code === ABORTED) continue;
      return outcome.error;
    }
    const guard = writes[index]!.rows;
    if (guard !== undefined && outcome.rows !== guard) return new WriteConflict(index);
  }
  const aborted = outcomes.find((outcome) => "error" in outcome);
  return aborted && "error" in aborted ? aborted.error : undefined;
}
