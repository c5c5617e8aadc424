import type { ServiceClient, ServiceOperations } from "@hearth/client";

export interface StreamedNotification {
  messageType: string;
  resources: string[];
  payload: Record<string, unknown>;
}

/** Reads notifications from a stream with one shard, from now on. */
export class StreamReader {
  readonly #kinesis: ServiceClient<ServiceOperations["kinesis"]>;
  #iterator: string;
  readonly #unread: StreamedNotification[] = [];

  private constructor(kinesis: ServiceClient<ServiceOperations["kinesis"]>, iterator: string) {
    this.#kinesis = kinesis;
    this.#iterator = iterator;
  }

  static async open(kinesis: ServiceClient<ServiceOperations["kinesis"]>, streamName: string): Promise<StreamReader> {
    const { Shards } = await kinesis.listShards({ StreamName: streamName });
    const shard = Shards?.[0]?.ShardId;
    if (shard === undefined) throw new Error(`the stream ${streamName} has no shard`);
    const { ShardIterator } = await kinesis.getShardIterator({
      StreamName: streamName,
      ShardId: shard,
      ShardIteratorType: "TRIM_HORIZON",
    });
    if (ShardIterator === undefined) throw new Error(`no iterator for the stream ${streamName}`);
    return new StreamReader(kinesis, ShardIterator);
  }

  /** The next notification that fits; undefined when none has come yet. Those before it are skipped. */
  async next(fits: (notification: StreamedNotification) => boolean): Promise<StreamedNotification | undefined> {
    const { Records, NextShardIterator } = await this.#kinesis.getRecords({ ShardIterator: this.#iterator });
    this.#iterator = NextShardIterator ?? this.#iterator;
    for (const record of Records ?? []) {
      this.#unread.push(JSON.parse(new TextDecoder().decode(record.Data)) as StreamedNotification);
    }
    const index = this.#unread.findIndex(fits);
    return index < 0 ? undefined : this.#unread.splice(index, 1)[0];
  }
}
