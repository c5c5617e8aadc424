import { type ServiceClient, ServiceException, type ServiceOperations } from "@hearth/client";
import { eventually } from "./timeline.ts";

type Managed = ServiceClient<ServiceOperations["iot-managed-integrations"]>;

const EVENT_TYPES = ["DEVICE_LIFE_CYCLE", "DEVICE_COMMAND", "DEVICE_EVENT", "DEVICE_STATE"] as const;

/**
 * A stream, a role that may write to it, a destination, and the configurations that lead there. There is one
 * configuration for each event type in an account: those that exist are lent and given back.
 */
export async function borrowNotifications(
  clients: {
    managed: Managed;
    kinesis: ServiceClient<ServiceOperations["kinesis"]>;
    iam: ServiceClient<ServiceOperations["iam"]>;
  },
  place: { accountId: string; region: string },
  name: string,
): Promise<{ giveBack(): Promise<void> }> {
  const { managed, kinesis, iam } = clients;
  const undo: (() => Promise<unknown>)[] = [];
  const giveBack = async () => {
    for (const step of undo.reverse()) await step().catch(() => undefined);
  };
  try {
    await kinesis.createStream({ StreamName: name, ShardCount: 1 });
    undo.push(() => kinesis.deleteStream({ StreamName: name }));
    await eventually("the stream", async () => {
      const { StreamDescriptionSummary } = await kinesis.describeStreamSummary({ StreamName: name });
      return StreamDescriptionSummary?.StreamStatus === "ACTIVE" ? true : undefined;
    });

    const streamArn = `arn:aws:kinesis:${place.region}:${place.accountId}:stream/${name}`;
    await iam.createRole({ RoleName: name, AssumeRolePolicyDocument: trustPolicy(place) });
    undo.push(() => iam.deleteRole({ RoleName: name }));
    await iam.putRolePolicy({
      RoleName: name,
      PolicyName: "write",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "kinesis:PutRecord", Resource: streamArn }],
      }),
    });
    undo.push(() => iam.deleteRolePolicy({ RoleName: name, PolicyName: "write" }));

    await managed.createDestination({
      Name: name,
      DeliveryDestinationArn: streamArn,
      DeliveryDestinationType: "KINESIS",
      RoleArn: `arn:aws:iam::${place.accountId}:role/${name}`,
    });
    undo.push(() => managed.deleteDestination({ Name: name }));
    for (const EventType of EVENT_TYPES) {
      const before = await destinationOf(managed, EventType);
      if (before === undefined) {
        await managed.createNotificationConfiguration({ EventType, DestinationName: name });
        undo.push(() => managed.deleteNotificationConfiguration({ EventType }));
      } else {
        await managed.updateNotificationConfiguration({ EventType, DestinationName: name });
        undo.push(() => managed.updateNotificationConfiguration({ EventType, DestinationName: before }));
      }
    }
    return { giveBack };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

async function destinationOf(managed: Managed, EventType: (typeof EVENT_TYPES)[number]): Promise<string | undefined> {
  try {
    return (await managed.getNotificationConfiguration({ EventType })).DestinationName;
  } catch (error) {
    if (error instanceof ServiceException && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

/** As the developer guide has it: only the service, and only for this account (reference 7.1). */
const trustPolicy = ({ accountId, region }: { accountId: string; region: string }): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "iotmanagedintegrations.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: { "aws:SourceAccount": accountId },
          ArnLike: { "aws:SourceArn": `arn:aws:iotmanagedintegrations:${region}:${accountId}:*` },
        },
      },
    ],
  });
