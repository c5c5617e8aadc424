import type { Clients } from "./doors.ts";

export interface StreamRecord {
  sequence: string;
  data: string;
}

/** Reads a stream with one shard from its beginning, over any number of server starts. */
export class StreamTail {
  readonly #name: string;
  #last: string | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** The records that have come since the last call. */
  async read(kinesis: Clients["kinesis"]): Promise<StreamRecord[]> {
    const { Shards } = await kinesis.send("ListShards", { StreamName: this.#name });
    const { ShardIterator } = await kinesis.send("GetShardIterator", {
      StreamName: this.#name,
      ShardId: Shards?.[0]?.ShardId ?? "",
      ...(this.#last === undefined
        ? { ShardIteratorType: "TRIM_HORIZON" }
        : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: this.#last }),
    });
    const found: StreamRecord[] = [];
    let iterator = ShardIterator;
    while (iterator !== undefined) {
      const { Records, NextShardIterator } = await kinesis.send("GetRecords", { ShardIterator: iterator });
      for (const record of Records ?? []) {
        this.#last = record.SequenceNumber;
        found.push({
          sequence: record.SequenceNumber ?? "",
          data: Buffer.from(record.Data ?? new Uint8Array()).toString(),
        });
      }
      if (!Records || Records.length === 0) break;
      iterator = NextShardIterator;
    }
    return found;
  }
}
