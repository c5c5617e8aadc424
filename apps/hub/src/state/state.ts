import type { JsonObject } from "@hearth/device-sdk";

/** A JSON file that is always whole: the old one or the new one, whatever happens in between. */
export interface JsonFile<T> {
  readonly value: T;
  /** Resolves when the new value is durable: temporary file, fsync, rename, fsync of the directory. One at a time. */
  replace(next: T, options?: ReplaceOptions): Promise<void>;
}

export interface ReplaceOptions {
  /** What the file held is not to be found again: neither the value before nor a damaged one is kept. */
  forget?: boolean;
}

/** A file that does not hold what it should. The message names the file, what is wrong and what to do. */
export class DamagedFileError extends Error {
  override readonly name = "DamagedFileError";
  readonly path: string;

  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** A log of records that survives kills: what `append` has resolved for is there again after any crash. */
export interface AppendLog {
  /** Resolves, with the record's position, once it is durable; appends of the same moment share one fsync. */
  append(record: JsonObject): Promise<number>;
  /** Records up to and including this position are not wanted any more. */
  forget(upTo: number): Promise<void>;
  /** In order, from `from` on; ends where the log ended when it was called. */
  read(from: number): AsyncIterable<{ position: number; record: JsonObject }>;
  /** Position of the first record that is kept, and the one that the next append gets. */
  readonly first: number;
  readonly next: number;
  /** On disk. */
  readonly bytes: number;
  close(): Promise<void>;
}
