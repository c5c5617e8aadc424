import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";
import { eventually, type Fleet } from "./fleet.ts";

/** The envelope of a notification (reference 7.2). */
export interface Notification {
  version: string;
  messageId: string;
  messageType: string;
  source: string;
  customerAccountId: string;
  timestamp: string;
  region: string;
  resources: string[];
  payload: Record<string, unknown>;
}

export const eventTypes = ["DEVICE_LIFE_CYCLE", "DEVICE_COMMAND", "DEVICE_EVENT", "DEVICE_STATE"] as const;

type FurtherType =
  | "ACCOUNT_ASSOCIATION"
  | "CONNECTOR_ERROR_REPORT"
  | "DEVICE_COMMAND_REQUEST"
  | "DEVICE_DISCOVERY_STATUS"
  | "DEVICE_OTA"
  | "DEVICE_WSS";

export interface Notifications {
  /** All that has come so far, in the order of the stream. */
  all(): Promise<readonly Notification[]>;
  /** The first that fits and that no earlier call has taken; waits for it. */
  next(type: string, fits?: (notification: Notification) => boolean): Promise<Notification>;
  /** As next, and the partition key of its record. */
  partitionKeys(): ReadonlySet<string>;
}

/**
 * Reference 7.1 in its order: stream, permission policy, role with its trust policy, destination, configurations. The
 * stream is read with the official client over its own transport, HTTP/2.
 */
export async function openNotifications(
  fleet: Fleet,
  name = "walk",
  types: readonly (FurtherType | (typeof eventTypes)[number])[] = eventTypes,
  /** Whom the role trusts the platform to act for. */
  sourceAccount = fleet.file.accountId,
): Promise<Notifications> {
  const { kinesis, iam, managed, file } = fleet;
  await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: 1 }));
  await eventually("the stream", async () => {
    const { StreamDescriptionSummary } = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: name }));
    return StreamDescriptionSummary?.StreamStatus === "ACTIVE" ? true : undefined;
  });
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "iotmanagedintegrations.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: {
              StringEquals: { "aws:SourceAccount": sourceAccount },
              ArnLike: { "aws:SourceArn": `arn:aws:iotmanagedintegrations:${file.region}:${file.accountId}:*` },
            },
          },
        ],
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: name,
      PolicyName: "write",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "kinesis:PutRecord", Resource: "*" }],
      }),
    }),
  );
  await managed.send("CreateDestination", {
    Name: name,
    DeliveryDestinationArn: `arn:aws:kinesis:${file.region}:${file.accountId}:stream/${name}`,
    DeliveryDestinationType: "KINESIS",
    RoleArn: Role?.Arn ?? "",
  });
  for (const EventType of types) {
    await managed.send("CreateNotificationConfiguration", { EventType, DestinationName: name });
  }

  const { Shards } = await kinesis.send(new ListShardsCommand({ StreamName: name }));
  const shard = { StreamName: name, ShardId: Shards?.[0]?.ShardId, ShardIteratorType: "TRIM_HORIZON" as const };
  let iterator = (await kinesis.send(new GetShardIteratorCommand(shard))).ShardIterator;
  const came: Notification[] = [];
  const taken = new Set<Notification>();
  const keys = new Set<string>();

  async function all(): Promise<readonly Notification[]> {
    const { Records, NextShardIterator } = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator }));
    iterator = NextShardIterator;
    for (const { Data, PartitionKey } of Records ?? []) {
      came.push(JSON.parse(Buffer.from(Data ?? []).toString()) as Notification);
      keys.add(PartitionKey ?? "");
    }
    return came;
  }

  return {
    all,
    partitionKeys: () => keys,
    next: (type, fits = () => true) =>
      eventually(`a ${type} notification`, async () => {
        const found = (await all()).find((one) => one.messageType === type && !taken.has(one) && fits(one));
        if (found) taken.add(found);
        return found;
      }),
  };
}
