import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Credentials } from "../kit/platform.ts";
import {
  allow,
  type Clients,
  type Door,
  type Input,
  openDoor,
  policy,
  refusalOf,
  type Service,
  sender,
} from "./door.ts";

const OTHER = "111122223333";

let door: Door;
let other: Clients;
let made: Made;
beforeAll(async () => {
  door = await openDoor();
  const { AccessKey } = await door.root.hearth.send("CreateAccount", { AccountId: OTHER });
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
  other = door.as({ accessKeyId, secretAccessKey });
  made = await furnish(door.root);
});
afterAll(() => door.stop());

/** What an account has in these tests. Names are the same in every account. */
interface Made {
  managedThing: string;
  profile: string;
  certificate: string;
  certificateArn: string;
  groupArn: string;
  iterator: string;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const IOT_POLICY = policy(allow("iot:Connect"));
const NAME = "same-name";

async function furnish(clients: Clients): Promise<Made> {
  const { iot, kinesis, iam, "iot-data": data, "iot-managed-integrations": managed } = clients;
  const { Account } = await clients.sts.send("GetCallerIdentity", {});
  await iot.send("CreateThing", { thingName: NAME });
  const { thingGroupArn = "" } = await iot.send("CreateThingGroup", { thingGroupName: NAME });
  await iot.send("AddThingToThingGroup", { thingGroupName: NAME, thingName: NAME });
  const targets = [`arn:aws:iot:us-east-1:${Account}:thing/${NAME}`];
  await iot.send("CreateJob", { jobId: NAME, targets, document: "{}" });
  await iot.send("CreateJobTemplate", { jobTemplateId: NAME, description: NAME, document: "{}" });
  await iot.send("CreateCommand", { commandId: NAME, payload: { content: bytes("x") } });
  await iot.send("CreatePolicy", { policyName: NAME, policyDocument: IOT_POLICY });
  const { certificateId = "", certificateArn = "" } = await iot.send("CreateKeysAndCertificate", { setAsActive: true });
  await iot.send("AttachPolicy", { policyName: NAME, target: certificateArn });
  await iot.send("AttachThingPrincipal", { thingName: NAME, principal: certificateArn });
  const payload = bytes('{"state":{"desired":{"a":1}}}');
  await data.send("UpdateThingShadow", { thingName: NAME, payload });
  await data.send("UpdateThingShadow", { thingName: NAME, shadowName: "named", payload });
  await kinesis.send("CreateStream", { StreamName: NAME, ShardCount: 1 });
  await kinesis.send("PutRecord", { StreamName: NAME, PartitionKey: "k", Data: bytes("x") });
  const start = { StreamName: NAME, ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" } as const;
  const { ShardIterator = "" } = await kinesis.send("GetShardIterator", start);
  await iam.send("CreateUser", { UserName: NAME });
  await iam.send("PutUserPolicy", { UserName: NAME, PolicyName: NAME, PolicyDocument: IOT_POLICY });
  const trust = { Effect: "Allow", Principal: { AWS: Account }, Action: "sts:AssumeRole" };
  await iam.send("CreateRole", { RoleName: NAME, AssumeRolePolicyDocument: policy(trust) });
  await iam.send("PutRolePolicy", { RoleName: NAME, PolicyName: NAME, PolicyDocument: IOT_POLICY });
  const { Id: profile = "" } = await managed.send("CreateProvisioningProfile", {
    ProvisioningType: "FLEET_PROVISIONING",
    Name: NAME,
  });
  const { Id: managedThing = "" } = await managed.send("CreateManagedThing", {
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: "SN:same;UPC:123456789012",
  });
  await managed.send("RegisterCustomEndpoint", {});
  await managed.send("CreateDestination", {
    Name: NAME,
    DeliveryDestinationType: "KINESIS",
    DeliveryDestinationArn: `arn:aws:kinesis:us-east-1:${Account}:stream/${NAME}`,
    RoleArn: `arn:aws:iam::${Account}:role/${NAME}`,
  });
  await managed.send("CreateNotificationConfiguration", { EventType: "DEVICE_STATE", DestinationName: NAME });
  return {
    managedThing,
    profile,
    certificate: certificateId,
    certificateArn,
    groupArn: thingGroupArn,
    iterator: ShardIterator,
  };
}

/** What the second account sees before it has anything: nothing. */
const lists: readonly [service: Service, operation: string, items: string, input?: Input][] = [
  ["iot-managed-integrations", "ListManagedThings", "Items"],
  ["iot-managed-integrations", "ListProvisioningProfiles", "Items"],
  ["iot-managed-integrations", "ListDestinations", "DestinationList"],
  ["iot-managed-integrations", "ListNotificationConfigurations", "NotificationConfigurationList"],
  ["iot", "ListThings", "things"],
  ["iot", "ListThingGroups", "thingGroups"],
  ["iot", "ListJobs", "jobs"],
  ["iot", "ListJobTemplates", "jobTemplates"],
  ["iot", "ListCommands", "commands"],
  ["iot", "ListPolicies", "policies"],
  ["iot", "ListCertificates", "certificates"],
  ["iot", "ListProvisioningTemplates", "templates"],
  ["iot-data", "ListNamedShadowsForThing", "results", { thingName: NAME }],
  ["kinesis", "ListStreams", "StreamNames"],
  ["iam", "ListUsers", "Users"],
  ["iam", "ListRoles", "Roles"],
];

type Reach = [service: Service, operation: string, error: string, input: (its: Made) => Input];
const reach = (...one: Reach): Reach => one;

const NOT_FOUND = "ResourceNotFoundException";
const NO_ENTITY = "NoSuchEntityException";
/** Whatever names something of the first account: it is not there. */
const reaches: readonly Reach[] = [
  ...[
    "GetManagedThing",
    "GetManagedThingCapabilities",
    "GetManagedThingCertificate",
    "GetManagedThingConnectivityData",
  ].map((operation) =>
    reach("iot-managed-integrations", operation, NOT_FOUND, (its) => ({ Identifier: its.managedThing })),
  ),
  ...["UpdateManagedThing", "DeleteManagedThing"].map((operation) =>
    reach("iot-managed-integrations", operation, NOT_FOUND, (its) => ({ Identifier: its.managedThing })),
  ),
  reach("iot-managed-integrations", "DeleteManagedThing", NOT_FOUND, (its) => ({
    Identifier: its.managedThing,
    Force: true,
  })),
  reach("iot-managed-integrations", "GetManagedThingState", NOT_FOUND, (its) => ({ ManagedThingId: its.managedThing })),
  reach("iot-managed-integrations", "SendManagedThingCommand", NOT_FOUND, (its) => ({
    ManagedThingId: its.managedThing,
    Endpoints: [
      {
        endpointId: "1",
        capabilities: [{ id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [{ name: "On" }] }],
      },
    ],
  })),
  ...["GetProvisioningProfile", "DeleteProvisioningProfile"].map((operation) =>
    reach("iot-managed-integrations", operation, NOT_FOUND, (its) => ({ Identifier: its.profile })),
  ),
  reach("iot-managed-integrations", "GetCustomEndpoint", NOT_FOUND, () => ({})),
  ...["GetDestination", "UpdateDestination", "DeleteDestination"].map((operation) =>
    reach("iot-managed-integrations", operation, NOT_FOUND, () => ({ Name: NAME })),
  ),
  ...["GetNotificationConfiguration", "DeleteNotificationConfiguration"].map((operation) =>
    reach("iot-managed-integrations", operation, NOT_FOUND, () => ({ EventType: "DEVICE_STATE" })),
  ),
  ...["DescribeThing", "UpdateThing", "ListThingPrincipals", "ListThingPrincipalsV2"].map((operation) =>
    reach("iot", operation, NOT_FOUND, () => ({ thingName: NAME })),
  ),
  ...["DescribeThingGroup", "ListThingsInThingGroup"].map((operation) =>
    reach("iot", operation, NOT_FOUND, () => ({ thingGroupName: NAME })),
  ),
  reach("iot", "ListThingGroupsForThing", NOT_FOUND, () => ({ thingName: NAME })),
  reach("iot", "AddThingToThingGroup", NOT_FOUND, () => ({ thingGroupName: NAME, thingName: NAME })),
  ...[
    ...["DescribeJob", "GetJobDocument", "UpdateJob", "CancelJob", "DeleteJob", "ListJobExecutionsForJob"],
    ...["DescribeJobExecution", "CancelJobExecution", "DeleteJobExecution"],
  ].map((operation) =>
    reach("iot", operation, NOT_FOUND, () => ({ jobId: NAME, thingName: NAME, executionNumber: 1 })),
  ),
  ...["DescribeJobTemplate", "DeleteJobTemplate"].map((operation) =>
    reach("iot", operation, NOT_FOUND, () => ({ jobTemplateId: NAME })),
  ),
  ...["thing", "thinggroup"].map((kind) =>
    reach("iot", "CreateJob", NOT_FOUND, () => ({
      jobId: "intruder",
      targets: [`arn:aws:iot:us-east-1:${OTHER}:${kind}/${NAME}`],
      document: "{}",
    })),
  ),
  ...["GetCommand", "UpdateCommand"].map((operation) =>
    reach("iot", operation, NOT_FOUND, () => ({ commandId: NAME })),
  ),
  reach("iot-jobs-data", "StartCommandExecution", NOT_FOUND, () => ({
    commandArn: `arn:aws:iot:us-east-1:${OTHER}:command/${NAME}`,
    targetArn: `arn:aws:iot:us-east-1:${OTHER}:thing/${NAME}`,
  })),
  ...["GetPolicy", "DeletePolicy", "ListPolicyVersions", "ListTargetsForPolicy"].map((operation) =>
    reach("iot", operation, NOT_FOUND, () => ({ policyName: NAME })),
  ),
  ...["DescribeProvisioningTemplate", "DeleteProvisioningTemplate"].map((operation) =>
    reach("iot", operation, NOT_FOUND, () => ({ templateName: NAME })),
  ),
  ...["DescribeCertificate", "DeleteCertificate"].map((operation) =>
    reach("iot", operation, NOT_FOUND, (its) => ({ certificateId: its.certificate })),
  ),
  reach("iot", "UpdateCertificate", NOT_FOUND, (its) => ({ certificateId: its.certificate, newStatus: "REVOKED" })),
  ...["GetThingShadow", "DeleteThingShadow"].flatMap((operation) => [
    reach("iot-data", operation, NOT_FOUND, () => ({ thingName: NAME })),
    reach("iot-data", operation, NOT_FOUND, () => ({ thingName: NAME, shadowName: "named" })),
  ]),
  ...["DescribeStream", "DescribeStreamSummary", "DeleteStream", "ListShards"].map((operation) =>
    reach("kinesis", operation, NOT_FOUND, () => ({ StreamName: NAME })),
  ),
  ...["GetUser", "DeleteUser", "ListAccessKeys", "ListUserPolicies"].map((operation) =>
    reach("iam", operation, NO_ENTITY, () => ({ UserName: NAME })),
  ),
  ...["GetRole", "DeleteRole", "ListRolePolicies"].map((operation) =>
    reach("iam", operation, NO_ENTITY, () => ({ RoleName: NAME })),
  ),
];

describe("an account that has nothing", () => {
  test.each(lists)("%s %s lists nothing of another's", async (service, operation, items, input = {}) => {
    const answer = await sender(other[service]).send(operation, input);
    expect(answer[items]).toEqual([]);
    const own = await sender(door.root[service]).send(operation, input);
    expect(own[items]).not.toEqual([]);
  });

  test.each(reaches)("%s %s does not reach another's", async (service, operation, error, input) => {
    const refusal = await refusalOf(sender(other[service]).send(operation, input(made)));
    expect(refusal.name).toBe(error);
  });

  test("may not name another's by ARN either", async () => {
    const { region, accountId } = door.file;
    const stream = `arn:aws:kinesis:${region}:${accountId}:stream/${NAME}`;
    const refusals: readonly [Service, string, Input][] = [
      ["kinesis", "DescribeStreamSummary", { StreamARN: stream }],
      ["kinesis", "PutRecord", { StreamARN: stream, PartitionKey: "k", Data: bytes("x") }],
      ["kinesis", "GetRecords", { ShardIterator: made.iterator }],
      ["iot", "ListAttachedPolicies", { target: made.certificateArn }],
      ["iot", "ListTagsForResource", { resourceArn: made.groupArn }],
      ["sts", "AssumeRole", { RoleArn: `arn:aws:iam::${accountId}:role/${NAME}`, RoleSessionName: "intruder" }],
    ];
    for (const [service, operation, input] of refusals) {
      const { status, name } = await refusalOf(sender(other[service]).send(operation, input));
      expect([400, 403, 404], `${operation}: ${name}`).toContain(status);
      expect(name).toMatch(/^(AccessDenied(Exception)?|ResourceNotFoundException|InvalidArgumentException)$/);
    }
  });
});

describe("two accounts", () => {
  let its: Made;
  beforeAll(async () => {
    its = await furnish(other);
  });

  test("have the same names, and each its own things under them", async () => {
    expect(its.managedThing).not.toBe(made.managedThing);
    const thingOf = async (clients: Clients) => (await clients.iot.send("DescribeThing", { thingName: NAME })).thingArn;
    expect(await thingOf(other)).toContain(`:${OTHER}:`);
    expect(await thingOf(door.root)).toContain(`:${door.file.accountId}:`);
    const payload = bytes('{"state":{"desired":{"a":2}}}');
    await other["iot-data"].send("UpdateThingShadow", { thingName: NAME, payload });
    const { payload: first } = await door.root["iot-data"].send("GetThingShadow", { thingName: NAME });
    expect(new TextDecoder().decode(first)).toContain('"a":1');
  });

  test("do not share what a user of one may", async () => {
    const { iam } = other;
    await iam.send("CreateUser", { UserName: "all" });
    await iam.send("PutUserPolicy", { UserName: "all", PolicyName: "all", PolicyDocument: policy(allow("*")) });
    const { AccessKey } = await iam.send("CreateAccessKey", { UserName: "all" });
    const key: Credentials = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
    const user = door.as(key);
    const { things } = await user.iot.send("ListThings", {});
    expect(things?.map(({ thingArn }) => thingArn)).toEqual([`arn:aws:iot:us-east-1:${OTHER}:thing/${NAME}`]);
    const attempt = user["iot-managed-integrations"].send("GetManagedThing", { Identifier: made.managedThing });
    // `*` covers every ARN, so what is refused is not the right but the thing: it is not there.
    expect((await refusalOf(attempt)).name).toBe(NOT_FOUND);
  });

  test("let a role of one be assumed by whom of the other it trusts", async () => {
    const trust = { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${OTHER}:root` }, Action: "sts:AssumeRole" };
    await door.root.iam.send("CreateRole", { RoleName: "shared", AssumeRolePolicyDocument: policy(trust) });
    const PolicyDocument = policy(allow("iot:ListThings"));
    await door.root.iam.send("PutRolePolicy", { RoleName: "shared", PolicyName: "p", PolicyDocument });
    const RoleArn = `arn:aws:iam::${door.file.accountId}:role/shared`;
    const asked = { RoleArn, RoleSessionName: "guest" };
    const guests: [string, object[]][] = [
      ["entitled", [allow("sts:AssumeRole", RoleArn)]],
      ["not-entitled", []],
    ];
    for (const [UserName, statements] of guests) {
      await other.iam.send("CreateUser", { UserName });
      if (statements.length > 0) {
        const document = policy(...statements);
        await other.iam.send("PutUserPolicy", { UserName, PolicyName: "p", PolicyDocument: document });
      }
      const { AccessKey } = await other.iam.send("CreateAccessKey", { UserName });
      const guest = door.as({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
      if (statements.length === 0) {
        expect(await refusalOf(guest.sts.send("AssumeRole", asked))).toMatchObject({
          name: "AccessDenied",
          status: 403,
        });
        continue;
      }
      const { Credentials: given } = await guest.sts.send("AssumeRole", asked);
      const session = door.as({
        accessKeyId: given?.AccessKeyId ?? "",
        secretAccessKey: given?.SecretAccessKey ?? "",
        sessionToken: given?.SessionToken ?? "",
      });
      const { things } = await session.iot.send("ListThings", {});
      expect(things?.[0]?.thingArn).toContain(`:${door.file.accountId}:`);
    }
  });

  test("lose nothing when the other deletes its own", async () => {
    const { iot, kinesis, "iot-managed-integrations": managed } = other;
    await managed.send("DeleteNotificationConfiguration", { EventType: "DEVICE_STATE" });
    await managed.send("DeleteDestination", { Name: NAME });
    await managed.send("DeleteProvisioningProfile", { Identifier: its.profile });
    await managed.send("DeleteManagedThing", { Identifier: its.managedThing });
    await kinesis.send("DeleteStream", { StreamName: NAME });
    await iot.send("DetachThingPrincipal", { thingName: NAME, principal: its.certificateArn });
    await iot.send("DeleteThing", { thingName: NAME });
    const mine = door.root["iot-managed-integrations"];
    await mine.send("GetNotificationConfiguration", { EventType: "DEVICE_STATE" });
    await mine.send("GetDestination", { Name: NAME });
    await mine.send("GetProvisioningProfile", { Identifier: made.profile });
    await mine.send("GetManagedThing", { Identifier: made.managedThing });
    await door.root.kinesis.send("DescribeStreamSummary", { StreamName: NAME });
    await door.root.iot.send("DescribeThing", { thingName: NAME });
  });
});
