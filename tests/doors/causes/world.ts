import { CreatePolicyCommand } from "@aws-sdk/client-iot";
import { FakeClock, type Logger, silentLogger } from "@hearth/base";
import type { RawClient } from "../../../packages/broker/test/kit.ts";
import { type Fleet, openFleet } from "../../walk/fleet.ts";
import { endPeers } from "../../walk/peer.ts";

/** A platform whose limits can be reached with a few packets, its clock, and what its log was told. */
export type World = Fleet & { clock: FakeClock; lines: Record<string, unknown>[] };

export const POLICY = "open";

async function openWorld(limits: object): Promise<World> {
  const clock = new FakeClock(Date.now());
  const lines: Record<string, unknown>[] = [];
  const info = (line: Record<string, unknown>, message: string) => {
    if (message === "connection event") lines.push(line);
  };
  const log = Object.assign(Object.create(silentLogger), { info, child: () => log }) as Logger;
  const fleet = await openFleet({ clock, log, openMqttPort: 0, openMqttPolicy: POLICY, limits } as never);
  const document = {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: "iot:*", Resource: "*" },
      { Sid: "NotHere", Effect: "Deny", Action: ["iot:Publish", "iot:Receive"], Resource: fleet.arn("topic/closed") },
      { Sid: "NotYou", Effect: "Deny", Action: "iot:Connect", Resource: fleet.arn("client/refused 0x87") },
    ],
  };
  await fleet.iot.send(new CreatePolicyCommand({ policyName: POLICY, policyDocument: JSON.stringify(document) }));
  return { ...fleet, clock, lines };
}

/** Limits that one packet reaches, limits of an account and of a second, and those that let everything else happen. */
const LIMITS = {
  sizes: {
    ...{ packetSize: 2000, payload: 500, clientId: 50, topic: 100, slashes: 5, shareName: 5, clientPacketSize: 50 },
    ...{ subscriptionsPerPacket: 3, subscriptionsPerConnection: 2, subscriptionBytes: 60, receiveMaximum: 1 },
    ...{ topicAliases: 2, aliasBytes: 60, contentType: 5, correlationData: 5, userProperties: 10 },
    ...{ retainedMessages: 1, retainedBytes: 300, queuedMessages: 1 },
  },
  rates: {
    ...{ connectionsPerAccount: 3, connectsPerSecond: 3, connectsPerSecondPerClient: 2, durableSessions: 1 },
    ...{ subscriptionsPerAccount: 3, subscriptionsPerSecond: 4, shareGroups: 1, shareMembers: 1 },
    ...{ retainedPerSecond: 2, retainedPerSecondPerTopic: 1, publishesPerSecond: 5, inboundPerSecond: 7 },
    ...{ bytesPerSecond: 1000, queuedPerSecond: 1, qos2: false, subscriptionIdentifiers: false },
  },
  doors: { backlog: 1000, unacknowledged3: 20, unacknowledged5: 10, webSocketDuration: 10 },
};
export type Limited = keyof typeof LIMITS;

export async function openWorlds(): Promise<Record<Limited, World>> {
  const { sizes, rates, doors } = LIMITS;
  return { sizes: await openWorld(sizes), rates: await openWorld(rates), doors: await openWorld(doors) };
}

let open: RawClient[] = [];

/** Its socket goes when the test ends. */
export function owned(client: RawClient): RawClient {
  open.push(client);
  return client;
}

/** Ends what the test has opened. */
export function endClients(): void {
  for (const { socket } of open) socket.destroy();
  open = [];
  endPeers();
}
