import type { Database } from "@hearth/backplane";
import type { Clock, Logger } from "@hearth/base";
import type { KinesisOperations, OperationTable } from "@hearth/contract";
import { putTogether } from "./put-together.ts";
import { recordOperations } from "./record-operations.ts";
import { RETENTION_MS } from "./stream.ts";
import { streamOperations } from "./stream-operations.ts";
import { createStreamStore, type RecordSealer } from "./stream-store.ts";
import type { KeyedHash } from "./token.ts";

const TRIM_EVERY_MS = 60_000;

export interface Streams {
  /** For the API door, service `kinesis`. */
  operations: OperationTable<KinesisOperations>;
  /**
   * Appends one record; resolves once it is durable. `streamArn` must be one of the account and region, otherwise
   * and for a stream that does not exist `ResourceNotFoundException` is thrown; `InvalidArgumentException` for a
   * record above 1 MiB.
   */
  putRecord(
    accountId: string,
    region: string,
    streamArn: string,
    partitionKey: string,
    data: Uint8Array,
  ): Promise<void>;
  /** Removes expired records and finishes deletions, in bounded commits. */
  trim(): Promise<void>;
  /** Trims every minute until the returned function is called; that one waits for a trim in progress. */
  start(): () => Promise<void>;
}

/** Kinesis Data Streams, as far as producers and consumers of records need it. */
export function createStreams(deps: {
  database: Pick<Database, "query" | "commit">;
  clock: Clock;
  log: Logger;
  /** Seals records, signs iterators and tokens; the same in every process of an installation. */
  sealer: KeyedHash & RecordSealer;
}): Streams {
  const { clock, log, sealer: key } = deps;
  const store = createStreamStore(deps.database, deps.sealer);
  const together = putTogether({ store, clock });

  async function trim(): Promise<void> {
    for (const streamId of await store.deleting()) {
      while (!(await store.deleteStep(streamId)));
    }
    while (!(await store.trimStep(clock.now() - RETENTION_MS)));
  }

  let running: Promise<void> | undefined;
  function trimOnce(): Promise<void> {
    running ??= trim()
      .catch((error: unknown) => log.error({ err: error }, "streams could not be trimmed"))
      .finally(() => {
        running = undefined;
      });
    return running;
  }

  const onDeleted = () => {
    together.forget();
    void trimOnce();
  };

  return {
    operations: {
      ...streamOperations({ store, clock, key, onDeleted }),
      ...recordOperations({ store, clock, key }),
    },

    putRecord: (accountId, region, streamArn, partitionKey, data) =>
      together.put({ accountId, region }, streamArn, partitionKey, data),

    trim,

    start() {
      let cancel: () => void = () => {};
      let stopped = false;
      const again = () => {
        if (!stopped) cancel = clock.after(TRIM_EVERY_MS, () => void trimOnce().then(again));
      };
      again();
      return async () => {
        stopped = true;
        cancel();
        await running;
      };
    },
  };
}
