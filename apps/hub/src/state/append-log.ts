import { constants } from "node:fs";
import * as nodeFiles from "node:fs/promises";
import { join } from "node:path";
import type { JsonObject } from "@hearth/device-sdk";
import { type Files, isMissing, syncDirectory } from "./json-file.ts";
import { encodeRecord, lastPosition, MAX_RECORD, scanRecords } from "./record-lines.ts";
import type { AppendLog } from "./state.ts";

const SEGMENT = 262_144;
const HEAD = "head";
/** Each write is on disk when it ends, its length too: half the way of a write and a datasync. */
const DURABLE = constants.O_RDWR | constants.O_DSYNC;

interface Segment {
  /** Position of its first record, which is its name. */
  first: number;
  size: number;
}

interface Waiting {
  text: string;
  resolve(position: number): void;
  reject(error: unknown): void;
}

/**
 * Opens the log in its own directory, which is made if need be. A tail that was cut by a crash is removed. `forget` is
 * not synced: after a power cut some forgotten records may be there again.
 */
export async function openAppendLog(
  directory: string,
  { segmentBytes = SEGMENT, files = nodeFiles }: { segmentBytes?: number; files?: Files } = {},
): Promise<AppendLog> {
  await files.mkdir(directory, { recursive: true, mode: 0o700 });
  const log = new SegmentedLog(directory, segmentBytes, files);
  try {
    await log.open();
  } catch (error) {
    await log.close();
    throw error;
  }
  return log;
}

class SegmentedLog implements AppendLog {
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #files: Files;
  #segments: Segment[] = [];
  #handle: nodeFiles.FileHandle | undefined;
  #head: nodeFiles.FileHandle | undefined;
  #first = 1;
  #next = 1;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #heading: Promise<unknown> = Promise.resolve();
  /** Something that nobody was told of may stand behind the last record. */
  #torn = false;
  #closed = false;

  constructor(directory: string, segmentBytes: number, files: Files) {
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    this.#files = files;
  }

  get first(): number {
    return this.#first;
  }

  get next(): number {
    return this.#next;
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  async open(): Promise<void> {
    const names = (await this.#files.readdir(this.#directory)).filter((name) => /^\d{16}\.log$/.test(name)).sort();
    for (const name of names) {
      const handle = await this.#files.open(join(this.#directory, name), "r");
      try {
        this.#segments.push({ first: Number(name.slice(0, 16)), size: (await handle.stat()).size });
      } finally {
        await handle.close();
      }
    }
    const last = this.#segments.at(-1);
    if (last) await this.#resume(last);
    else await this.#roll();
    this.#head = await this.#files.open(join(this.#directory, HEAD), constants.O_RDWR | constants.O_CREAT, 0o600);
    const head = lastPosition(await this.#head.readFile()).position;
    this.#first = Math.max(this.#segments[0]?.first ?? this.#next, Math.min(head, this.#next));
    await this.#drop();
  }

  append(record: JsonObject): Promise<number> {
    if (this.#closed) return Promise.reject(new Error("the log is closed"));
    const text = JSON.stringify(record);
    if (text.length > MAX_RECORD) {
      return Promise.reject(new Error(`a record of ${text.length} characters is longer than ${MAX_RECORD}`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async forget(upTo: number): Promise<void> {
    const first = Math.min(upTo + 1, this.#next);
    if (first <= this.#first) return;
    this.#first = first;
    await this.#drop();
    this.#heading = this.#heading.then(
      () => this.#head?.write(encodeRecord(this.#first, "{}"), 0),
      () => {},
    );
    await this.#heading;
  }

  read(from: number): AsyncIterable<{ position: number; record: JsonObject }> {
    return this.#read(from, this.#next);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
    await this.#heading.catch(() => {});
    await this.#handle?.close();
    await this.#head?.close();
  }

  async *#read(from: number, end: number): AsyncGenerator<{ position: number; record: JsonObject }> {
    let position = Math.max(from, this.#first);
    while (position < end) {
      const index = this.#segments.findLastIndex((segment) => segment.first <= position);
      const segment = this.#segments[Math.max(index, 0)];
      const after = this.#segments[Math.max(index, 0) + 1]?.first ?? end;
      if (!segment) return;
      for (const line of scanRecords(await this.#bytesOf(segment))) {
        if (line.position < Math.max(position, this.#first) || line.position >= end) continue;
        yield { position: line.position, record: JSON.parse(line.text) };
      }
      position = Math.max(after, this.#first);
    }
  }

  async #bytesOf(segment: Segment): Promise<Buffer> {
    const { size } = segment;
    try {
      return (await this.#files.readFile(this.#path(segment))).subarray(0, size);
    } catch (error) {
      // Forgotten since.
      if (isMissing(error)) return Buffer.alloc(0);
      throw error;
    }
  }

  #path(segment: Segment): string {
    return join(this.#directory, `${String(segment.first).padStart(16, "0")}.log`);
  }

  async #resume(last: Segment): Promise<void> {
    const bytes = await this.#files.readFile(this.#path(last));
    const { end, position } = lastPosition(bytes);
    this.#next = Math.max(position + 1, last.first);
    this.#handle = await this.#files.open(this.#path(last), DURABLE);
    last.size = end;
    if (end < bytes.length) await this.#cut(last);
  }

  async #cut(segment: Segment): Promise<void> {
    this.#torn = true;
    await this.#handle?.truncate(segment.size);
    this.#torn = false;
  }

  async #roll(): Promise<Segment> {
    const segment = { first: this.#next, size: 0 };
    // What an attempt that failed has left under this name holds nothing that anybody was told of.
    const handle = await this.#files.open(this.#path(segment), DURABLE | constants.O_CREAT | constants.O_TRUNC, 0o600);
    try {
      await syncDirectory(this.#directory, this.#files);
    } catch (error) {
      await handle.close();
      throw error;
    }
    await this.#handle?.close();
    this.#handle = handle;
    this.#segments.push(segment);
    return segment;
  }

  async #flush(): Promise<void> {
    // Others of the same moment come along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#batch();
      try {
        await this.#write(batch.map(({ text }) => text));
      } catch (error) {
        for (const { reject } of batch) reject(error);
        continue;
      }
      for (const { resolve } of batch) {
        resolve(this.#next);
        this.#next += 1;
      }
    }
    this.#flushing = undefined;
  }

  /** At most about a segment's worth. */
  #batch(): Waiting[] {
    let length = 0;
    const end = this.#waiting.findIndex(({ text }, index) => {
      length += text.length;
      return index > 0 && length > this.#segmentBytes;
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #write(texts: string[]): Promise<void> {
    let segment = this.#segments.at(-1) as Segment;
    if (this.#torn) await this.#cut(segment);
    if (segment.size >= this.#segmentBytes && segment.first < this.#next) {
      segment = await this.#roll();
      await this.#drop();
    }
    const handle = this.#handle as nodeFiles.FileHandle;
    const bytes = Buffer.from(texts.map((text, index) => encodeRecord(this.#next + index, text)).join(""));
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, segment.size + done);
        done += bytesWritten;
      }
    } catch (error) {
      await this.#cut(segment).catch(() => {});
      throw error;
    }
    segment.size += bytes.length;
  }

  /** Removes the segments of which nothing is wanted; never the last, which knows the next position. */
  async #drop(): Promise<void> {
    while ((this.#segments[1]?.first ?? Number.POSITIVE_INFINITY) <= this.#first) {
      const segment = this.#segments.shift() as Segment;
      await this.#files.rm(this.#path(segment), { force: true });
    }
  }
}
