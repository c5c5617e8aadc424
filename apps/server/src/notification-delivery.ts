import type { Auth } from "@hearth/auth";
import type { DeliverRecord, Target } from "@hearth/managed";
import type { Streams } from "@hearth/stand-ins";

/**
 * Puts records where destinations point, under the role that the destination names: the role must trust the platform for
 * this account, and may do the target's action on it. `targets` by the service in the ARN.
 */
export function createRecordDelivery(
  auth: Pick<Auth, "assumeRoleForService">,
  targets: () => Readonly<Record<string, Target>>,
): DeliverRecord {
  return async (delivery, signal) => {
    const [, , service = ""] = delivery.targetArn.split(":");
    const target = targets()[service];
    if (!target) throw new Error(`notifications cannot go to ${delivery.targetArn}`);
    const role = await auth.assumeRoleForService({
      roleArn: delivery.roleArn,
      service: "iotmanagedintegrations.amazonaws.com",
      sourceAccount: delivery.accountId,
      sourceArn: `arn:aws:iotmanagedintegrations:${delivery.region}:${delivery.accountId}:*`,
    });
    await role.authorize(target.action, delivery.targetArn);
    await target.put(delivery, signal);
  };
}

/** Streams of this installation. */
export const ownStreams = (streams: Pick<Streams, "putRecord">): Target => ({
  action: "kinesis:PutRecord",
  async put({ accountId, region, targetArn, partitionKey, data }) {
    await streams.putRecord(accountId, region, targetArn, partitionKey, data);
  },
});
