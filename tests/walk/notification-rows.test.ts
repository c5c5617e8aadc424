import { UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, expect, test } from "vitest";
import { action, type Claim, type Fleet, openFleet, type Puppet, reporting } from "./fleet.ts";
import { endPeers } from "./peer.ts";
import { openNotifications } from "./stream.ts";

// Rows of the acceptance checklist, section 15 of the reference, by their numbers.
let fleet: Fleet;
let claim: Claim;
let light: Puppet;
beforeAll(async () => {
  fleet = await openFleet();
  claim = await fleet.claim();
  light = await fleet.puppet(claim);
});
afterAll(async () => {
  endPeers();
  await fleet?.close();
});

const about = (one: { resources: string[] }) => one.resources.some((arn) => arn.endsWith(light.id));

test("row 38: records arrive in a stream through an assumed role", async () => {
  const events = await openNotifications(fleet, "events", ["DEVICE_EVENT"]);
  await light.say("DEVICE_EVENT", reporting({ OnOff: true }));
  const { payload } = await events.next("DEVICE_EVENT", about);
  expect(JSON.stringify(payload)).toContain('"OnOff"');
  expect([...events.partitionKeys()]).toEqual([light.id]);
});

test("row 39: a role that trusts the platform for another account is refused, until it trusts it for this one", async () => {
  const states = await openNotifications(fleet, "confused", ["DEVICE_STATE"], "999999999999");
  const witness = await openNotifications(fleet, "witness", ["DEVICE_COMMAND"]);
  await light.say("DEVICE_EVENT", reporting({ OnOff: false }));
  const { TraceId } = await fleet.managed.send("SendManagedThingCommand", {
    ManagedThingId: light.id,
    Endpoints: action("On"),
  });
  await light.say("DEVICE_COMMAND_RESPONSE", {
    traceId: TraceId,
    endpoints: [
      { endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", actions: [{ name: "On", responseCode: 200 }] }] },
    ],
  });
  await witness.next("DEVICE_COMMAND", ({ payload }) => payload["traceId"] === TraceId);
  expect(await states.all()).toEqual([]);

  const trusting = (account: string) =>
    new UpdateAssumeRolePolicyCommand({
      RoleName: "confused",
      PolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "iotmanagedintegrations.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: { StringEquals: { "aws:SourceAccount": account } },
          },
        ],
      }),
    });
  await fleet.iam.send(trusting(fleet.file.accountId));
  expect(JSON.stringify((await states.next("DEVICE_STATE", about)).payload)).toContain('"propertyValue":false');
});

test("row 40: only configured event types are delivered, each to the destination that its configuration names", async () => {
  const [events, states] = await Promise.all(
    ["events-2", "states-2"].map((name) => openNotifications(fleet, name, [])),
  );
  const point = (EventType: "DEVICE_EVENT" | "DEVICE_STATE", DestinationName: string) =>
    fleet.managed.send("UpdateNotificationConfiguration", { EventType, DestinationName });
  await point("DEVICE_EVENT", "events-2");
  await point("DEVICE_STATE", "states-2");
  await light.say("DEVICE_EVENT", reporting({ OnOff: true }));
  await events!.next("DEVICE_EVENT", about);
  await states!.next("DEVICE_STATE", about);
  await fleet.managed.send("DeleteNotificationConfiguration", { EventType: "DEVICE_EVENT" });
  await light.say("DEVICE_EVENT", reporting({ OnOff: false }));
  await states!.next("DEVICE_STATE", about);
  // DEVICE_LIFE_CYCLE has no configuration: what this causes is told nobody.
  await fleet.expect();
  const types = async (of: typeof events) => (await of!.all()).map(({ messageType }) => messageType);
  expect([await types(events), await types(states)]).toEqual([["DEVICE_EVENT"], ["DEVICE_STATE", "DEVICE_STATE"]]);
});
