import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { Target } from "./target.ts";

/** How AWS's client is made; its standard credential chain, unless a test says otherwise. */
export interface KinesisOptions {
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/**
 * Streams of the real Kinesis, by the credentials of the server's environment. The destination's role is evaluated here
 * first, as for every target; the environment's principal must be allowed kinesis:PutRecord at AWS besides.
 */
export function createKinesis(options: KinesisOptions = {}): Target {
  const clients = new Map<string, Promise<KinesisClient>>();
  const clientOf = (region: string): Promise<KinesisClient> => {
    // Read by installations that deliver to AWS.
    const client =
      clients.get(region) ??
      import("@aws-sdk/client-kinesis").then(({ KinesisClient }) => new KinesisClient({ region, ...options }));
    clients.set(region, client);
    return client;
  };
  return {
    action: "kinesis:PutRecord",
    async put({ targetArn, partitionKey, data }, signal) {
      const { PutRecordCommand } = await import("@aws-sdk/client-kinesis");
      const client = await clientOf(targetArn.split(":")[3] ?? "");
      const record = { StreamARN: targetArn, PartitionKey: partitionKey, Data: data };
      await client.send(new PutRecordCommand(record), { abortSignal: signal });
    },
    close() {
      for (const client of clients.values()) void client.then((one) => one.destroy());
    },
  };
}
