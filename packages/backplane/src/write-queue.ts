import { InternalError } from "@hearth/base";
import type { SqlValue, Write } from "./database.ts";
import { checkParam } from "./params.ts";

/** What the writer gets: see `Group` in sqlite-writer.mjs. */
export interface Group {
  texts: string[];
  values: SqlValue[];
  /** All parameters that are bytes, one after another: a copy of each for the other thread would cost more than its bytes. */
  bytes: Uint8Array<ArrayBuffer>;
  /** For each of them its place in `values`, where it stands as null, and its length. */
  lengths: Uint32Array<ArrayBuffer>;
  batches: number;
}

/** A batch as it waits: its parameters are copied, so the caller may reuse its buffers. */
export interface QueuedBatch {
  writes: readonly { sql: string; rows: number | undefined; params: readonly SqlValue[] }[];
  bytes: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

const WRITE_OVERHEAD = 32;
const VALUE_OVERHEAD = 8;

/** Copies a batch and estimates its size. Throws `InternalError` for a parameter that no database takes. */
export function queueBatch(writes: readonly Write[], resolve: () => void, reject: (error: Error) => void): QueuedBatch {
  let bytes = 0;
  const copies = writes.map(({ sql, rows, params }) => {
    if (rows !== undefined && !(Number.isInteger(rows) && rows >= 0))
      throw new InternalError(`a guard of ${rows} rows`);
    bytes += WRITE_OVERHEAD;
    const copied = params.map((value) => {
      checkParam(value, sql);
      bytes += VALUE_OVERHEAD;
      if (typeof value === "string") bytes += value.length;
      if (!(value instanceof Uint8Array)) return value;
      bytes += value.byteLength;
      return Buffer.from(value);
    });
    return { sql, rows, params: copied };
  });
  return { writes: copies, bytes, resolve, reject };
}

/** Flattens batches into one message; each SQL text travels once. */
export function encodeGroup(batches: readonly QueuedBatch[]): Group {
  const indexes = new Map<string, number>();
  const values: SqlValue[] = [];
  const blobs: Uint8Array[] = [];
  const lengths: number[] = [];
  let size = 0;
  for (const batch of batches) {
    values.push(batch.writes.length);
    for (const { sql, rows, params } of batch.writes) {
      let index = indexes.get(sql);
      if (index === undefined) {
        index = indexes.size;
        indexes.set(sql, index);
      }
      values.push(index, rows ?? -1, params.length);
      for (const value of params) {
        if (value instanceof Uint8Array) {
          blobs.push(value);
          lengths.push(values.length, value.byteLength);
          size += value.byteLength;
          values.push(null);
        } else values.push(value);
      }
    }
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const blob of blobs) {
    bytes.set(blob, at);
    at += blob.byteLength;
  }
  return { texts: [...indexes.keys()], values, bytes, lengths: new Uint32Array(lengths), batches: batches.length };
}

/** First in, first out; `take` hands out as many batches as fit into one transaction. */
export class WriteQueue {
  #batches: QueuedBatch[] = [];
  #bytes = 0;
  readonly #maxBatches: number;
  readonly #maxBytes: number;

  constructor(maxBatches: number, maxBytes: number) {
    this.#maxBatches = maxBatches;
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#batches.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(batch: QueuedBatch): void {
    this.#batches.push(batch);
    this.#bytes += batch.bytes;
  }

  /** At least one batch when there is one, even if it is larger than the limit. */
  take(): QueuedBatch[] {
    let count = 0;
    let bytes = 0;
    for (const batch of this.#batches) {
      if (count > 0 && (count >= this.#maxBatches || bytes + batch.bytes > this.#maxBytes)) break;
      count++;
      bytes += batch.bytes;
    }
    this.#bytes -= bytes;
    if (count === this.#batches.length) {
      const all = this.#batches;
      this.#batches = [];
      return all;
    }
    return this.#batches.splice(0, count);
  }
}
