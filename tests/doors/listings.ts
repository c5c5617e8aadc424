import { vi } from "vitest";
import { makeCa } from "../kit/certificate-authority.ts";
import { openDocuments, otaMayRead } from "../kit/ota-document.ts";
import { allow, type Clients, type Door, type Input, policy, type Service } from "./door.ts";

/** An operation that answers in pages, with what there is to list. */
export interface Listing {
  service: Service;
  operation: string;
  input?: Input | ((accountId: string) => Input);
  /** The token says what is listed, and nothing else may. */
  tokenAlone?: true;
  /** Members: of the page's size, of the token in and out, of the items. */
  size: string;
  token: readonly [into: string, out: string];
  items: string;
  /** What names an item. */
  key?: string;
  /** So many are made, this many of them a page. */
  count: number;
  page: number;
  before?(clients: Clients, door: Door): Promise<unknown>;
  make(clients: Clients, index: number): Promise<unknown>;
  /** A token that the operation did not give, of a form that the model allows. */
  malformed: string;
  /** Some tokens are names behind which the list goes on, whoever made them. */
  refusedAs: string | undefined;
}

const DOCUMENT = policy(allow("iot:Connect"));
const padded = (index: number): string => String(index).padStart(3, "0");

async function destination(clients: Clients, Name: string): Promise<void> {
  const { Account } = await clients.sts.send("GetCallerIdentity", {});
  await clients["iot-managed-integrations"].send("CreateDestination", {
    Name,
    DeliveryDestinationType: "KINESIS",
    DeliveryDestinationArn: `arn:aws:kinesis:us-east-1:${Account}:stream/notes`,
    RoleArn: `arn:aws:iam::${Account}:role/notes`,
  });
}

async function job(clients: Clients, jobId: string, things: readonly string[]): Promise<void> {
  const { Account } = await clients.sts.send("GetCallerIdentity", {});
  const targets = things.map((name) => `arn:aws:iot:us-east-1:${Account}:thing/${name}`);
  await clients.iot.send("CreateJob", { jobId, targets, document: "{}" });
}

const command = (clients: Clients, commandId: string): Promise<unknown> =>
  clients.iot.send("CreateCommand", { commandId, payload: { content: new Uint8Array(1) } });

/** Waits until the job's rollout has come to these things. */
const queued = (clients: Clients, jobId: string, things: readonly string[]): Promise<unknown> =>
  Promise.all(
    things.map((thingName) =>
      vi.waitFor(() => clients.iot.send("DescribeJobExecution", { jobId, thingName }), {
        timeout: 30_000,
        interval: 20,
      }),
    ),
  );

/** What the listings of a service have in common; how many are made unless an entry says so. */
type Usual = Pick<Listing, "service" | "size" | "token" | "malformed" | "refusedAs" | "count" | "page">;
const MANY = { count: 25, page: 10 };

const managed: Usual = {
  ...MANY,
  service: "iot-managed-integrations",
  size: "MaxResults",
  token: ["NextToken", "NextToken"],
  malformed: "A",
  refusedAs: "ValidationException",
};
const registry: Usual = {
  ...MANY,
  service: "iot",
  size: "maxResults",
  token: ["nextToken", "nextToken"],
  malformed: "!",
  refusedAs: "InvalidRequestException",
};
const commands = { ...registry, refusedAs: "ValidationException" } as const;
const marked = { ...registry, size: "pageSize", token: ["marker", "nextMarker"], malformed: "AAAA" } as const;
const identities = {
  ...MANY,
  service: "iam",
  size: "MaxItems",
  token: ["Marker", "Marker"],
  malformed: "!",
  refusedAs: undefined,
} as const;

export const listings: readonly Listing[] = [
  {
    ...MANY,
    service: "hearth",
    operation: "ListAccounts",
    size: "MaxResults",
    token: ["NextToken", "NextToken"],
    items: "Accounts",
    key: "AccountId",
    malformed: "A",
    refusedAs: undefined,
    // The installation's own is there already, and the other listings' come later.
    make: async (clients, index) => index > 0 && clients.hearth.send("CreateAccount", {}),
  },
  {
    ...managed,
    operation: "ListManagedThings",
    items: "Items",
    key: "Id",
    make: (clients, index) =>
      clients["iot-managed-integrations"].send("CreateManagedThing", {
        Role: "DEVICE",
        AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
        AuthenticationMaterial: `SN:page-${index};UPC:123456789012`,
      }),
  },
  {
    ...managed,
    operation: "ListOtaTaskConfigurations",
    items: "Items",
    key: "TaskConfigurationId",
    make: (clients, index) =>
      clients["iot-managed-integrations"].send("CreateOtaTaskConfiguration", { Name: `configuration ${index}` }),
  },
  {
    ...managed,
    operation: "ListOtaTasks",
    items: "Tasks",
    key: "TaskId",
    before: async (clients, door) => {
      const { Account = "" } = await clients.sts.send("GetCallerIdentity", {});
      const documents = openDocuments(door.file, "paged");
      await documents.create();
      await documents.allow(otaMayRead("paged", "", { ...door.file, accountId: Account }));
      await documents.put("job.json", {});
      documents.close();
    },
    make: (clients) =>
      clients["iot-managed-integrations"].send("CreateOtaTask", {
        S3Url: "s3://paged/job.json",
        OtaType: "CONTINUOUS",
        OtaTargetQueryString: "attributes.nobody=has",
      }),
  },
  {
    ...managed,
    operation: "ListCredentialLockers",
    items: "Items",
    key: "Id",
    make: (clients, index) =>
      clients["iot-managed-integrations"].send("CreateCredentialLocker", { Name: `locker ${index}` }),
  },
  {
    ...managed,
    service: "hearth",
    operation: "ListDeviceProfiles",
    items: "Items",
    key: "ProductCode",
    make: (clients, index) =>
      clients.hearth.send("PutDeviceProfile", { ProductCode: String(123456780000 + index), Brand: "b" }),
  },
  {
    ...managed,
    service: "hearth",
    operation: "ListNotificationTargets",
    items: "Items",
    key: "Name",
    make: (clients, index) =>
      clients.hearth.send("CreateNotificationTarget", {
        Type: "WEBHOOK",
        Name: padded(index),
        Url: "https://192.0.1.1/",
      }),
  },
  {
    ...managed,
    service: "hearth",
    operation: "ListShadowHistory",
    input: { ThingName: "paged-history" },
    items: "Items",
    key: "Version",
    make: (clients, index) =>
      clients["iot-data"].send("UpdateThingShadow", {
        thingName: "paged-history",
        payload: new TextEncoder().encode(`{"state":{"reported":{"k":${index}}}}`),
      }),
  },
  {
    ...managed,
    operation: "ListDestinations",
    items: "DestinationList",
    key: "Name",
    make: (clients, index) => destination(clients, `ü ${padded(index)}`),
  },
  {
    ...managed,
    operation: "ListProvisioningProfiles",
    items: "Items",
    key: "Id",
    count: 5,
    page: 2,
    make: (clients) =>
      clients["iot-managed-integrations"].send("CreateProvisioningProfile", { ProvisioningType: "FLEET_PROVISIONING" }),
  },
  {
    ...managed,
    operation: "ListCloudConnectors",
    items: "Items",
    key: "Id",
    count: 5,
    page: 2,
    make: (clients, index) =>
      clients["iot-managed-integrations"].send("CreateCloudConnector", {
        Name: `c${index}`,
        EndpointConfig: { lambda: { arn: `c${index}` } },
      }),
  },
  {
    ...managed,
    operation: "ListNotificationConfigurations",
    items: "NotificationConfigurationList",
    key: "EventType",
    count: 5,
    page: 2,
    before: (clients) => destination(clients, "only"),
    make: (clients, index) =>
      clients["iot-managed-integrations"].send("CreateNotificationConfiguration", {
        EventType: (["DEVICE_STATE", "DEVICE_EVENT", "DEVICE_OTA", "DEVICE_WSS", "DEVICE_COMMAND"] as const)[index]!,
        DestinationName: "only",
      }),
  },
  {
    ...managed,
    operation: "ListEventLogConfigurations",
    items: "EventLogConfigurationList",
    key: "Id",
    count: 5,
    page: 2,
    make: (clients, index) =>
      clients["iot-managed-integrations"].send("CreateEventLogConfiguration", {
        ResourceType: "managed-thing",
        ResourceId: `thing${index}`,
        EventLogLevel: "INFO",
      }),
  },
  {
    ...registry,
    operation: "ListThings",
    items: "things",
    key: "thingName",
    make: (clients, index) => clients.iot.send("CreateThing", { thingName: `t:${padded(index)}` }),
  },
  {
    ...registry,
    operation: "ListThingGroups",
    items: "thingGroups",
    key: "groupName",
    make: (clients, index) => clients.iot.send("CreateThingGroup", { thingGroupName: `g:${padded(index)}` }),
  },
  {
    ...registry,
    operation: "ListThingsInThingGroup",
    input: { thingGroupName: "paged" },
    items: "things",
    count: 5,
    page: 2,
    before: (clients) => clients.iot.send("CreateThingGroup", { thingGroupName: "paged" }),
    make: async (clients, index) => {
      await clients.iot.send("CreateThing", { thingName: `t${index}` });
      await clients.iot.send("AddThingToThingGroup", { thingGroupName: "paged", thingName: `t${index}` });
    },
  },
  {
    ...registry,
    operation: "ListThingGroupsForThing",
    input: { thingName: "grouped" },
    items: "thingGroups",
    key: "groupName",
    count: 5,
    page: 2,
    before: (clients) => clients.iot.send("CreateThing", { thingName: "grouped" }),
    make: async (clients, index) => {
      await clients.iot.send("CreateThingGroup", { thingGroupName: `g${index}` });
      await clients.iot.send("AddThingToThingGroup", { thingGroupName: `g${index}`, thingName: "grouped" });
    },
  },
  {
    ...registry,
    operation: "ListJobs",
    items: "jobs",
    key: "jobId",
    count: 5,
    page: 2,
    before: (clients) => clients.iot.send("CreateThing", { thingName: "worker" }),
    make: (clients, index) => job(clients, `j${index}`, ["worker"]),
  },
  {
    ...registry,
    operation: "ListJobExecutionsForJob",
    input: { jobId: "executed" },
    items: "executionSummaries",
    key: "thingArn",
    count: 5,
    page: 2,
    before: async (clients) => {
      const names = [0, 1, 2, 3, 4].map((index) => `t${index}`);
      await Promise.all(names.map((thingName) => clients.iot.send("CreateThing", { thingName })));
      await job(clients, "executed", names);
      await queued(clients, "executed", names);
    },
    make: async () => undefined,
  },
  {
    ...registry,
    operation: "ListJobExecutionsForThing",
    input: { thingName: "worker" },
    items: "executionSummaries",
    key: "jobId",
    count: 5,
    page: 2,
    before: (clients) => clients.iot.send("CreateThing", { thingName: "worker" }),
    make: async (clients, index) => {
      await job(clients, `j${index}`, ["worker"]);
      await queued(clients, `j${index}`, ["worker"]);
    },
  },
  {
    ...commands,
    operation: "ListCommands",
    items: "commands",
    key: "commandId",
    count: 5,
    page: 2,
    make: (clients, index) => command(clients, `page-${index}`),
  },
  {
    ...commands,
    operation: "ListCommandExecutions",
    input: (accountId) => ({
      targetArn: `arn:aws:iot:us-east-1:${accountId}:client/paged`,
      startedTimeFilter: { after: "2020-01-01T00:00" },
    }),
    items: "commandExecutions",
    key: "executionId",
    count: 5,
    page: 2,
    before: (clients) => command(clients, "paged"),
    make: async (clients) => {
      const { Account } = await clients.sts.send("GetCallerIdentity", {});
      const arn = `arn:aws:iot:us-east-1:${Account}:`;
      await clients["iot-jobs-data"].send("StartCommandExecution", {
        commandArn: `${arn}command/paged`,
        targetArn: `${arn}client/paged`,
      });
    },
  },
  {
    ...registry,
    operation: "ListJobTemplates",
    items: "jobTemplates",
    key: "jobTemplateId",
    count: 5,
    page: 2,
    make: (clients, index) =>
      clients.iot.send("CreateJobTemplate", { jobTemplateId: `t${index}`, description: "d", document: "{}" }),
  },
  {
    ...registry,
    operation: "ListManagedJobTemplates",
    items: "managedJobTemplates",
    key: "templateName",
    count: 8,
    page: 3,
    make: async () => undefined,
  },
  {
    ...marked,
    operation: "ListPolicies",
    items: "policies",
    key: "policyName",
    make: (clients, index) =>
      clients.iot.send("CreatePolicy", { policyName: `p${padded(index)}`, policyDocument: DOCUMENT }),
  },
  {
    ...marked,
    operation: "ListCACertificates",
    items: "certificates",
    key: "certificateId",
    count: 5,
    page: 2,
    make: async (clients, index) =>
      clients.iot.send("RegisterCACertificate", {
        caCertificate: (await makeCa(`CN=page ${index}`)).certificate,
        certificateMode: "SNI_ONLY",
      }),
  },
  {
    ...marked,
    operation: "ListCertificates",
    items: "certificates",
    key: "certificateId",
    count: 5,
    page: 2,
    make: (clients) => clients.iot.send("CreateKeysAndCertificate", {}),
  },
  {
    ...MANY,
    service: "iot-data",
    operation: "ListNamedShadowsForThing",
    input: { thingName: "paged" },
    size: "pageSize",
    token: ["nextToken", "nextToken"],
    items: "results",
    malformed: "!",
    refusedAs: "InvalidRequestException",
    make: (clients, index) =>
      clients["iot-data"].send("UpdateThingShadow", {
        thingName: "paged",
        shadowName: `s${padded(index)}`,
        payload: new TextEncoder().encode('{"state":{}}'),
      }),
  },
  {
    ...MANY,
    service: "kinesis",
    operation: "ListStreams",
    size: "Limit",
    token: ["NextToken", "NextToken"],
    items: "StreamNames",
    malformed: "no/name",
    refusedAs: "InvalidArgumentException",
    make: (clients, index) => clients.kinesis.send("CreateStream", { StreamName: `s${padded(index)}`, ShardCount: 1 }),
  },
  {
    ...MANY,
    service: "kinesis",
    operation: "ListShards",
    size: "MaxResults",
    token: ["NextToken", "NextToken"],
    input: { StreamName: "sharded" },
    tokenAlone: true,
    items: "Shards",
    key: "ShardId",
    malformed: "AAAA",
    refusedAs: "InvalidArgumentException",
    before: (clients) => clients.kinesis.send("CreateStream", { StreamName: "sharded", ShardCount: 25 }),
    make: async () => undefined,
  },
  {
    ...identities,
    operation: "ListUsers",
    items: "Users",
    key: "UserName",
    make: (clients, index) => clients.iam.send("CreateUser", { UserName: `u${padded(index)}` }),
  },
  {
    ...identities,
    operation: "ListRoles",
    items: "Roles",
    key: "RoleName",
    make: (clients, index) =>
      clients.iam.send("CreateRole", {
        RoleName: `r${padded(index)}`,
        AssumeRolePolicyDocument: policy({
          Effect: "Allow",
          Principal: { AWS: "000000000000" },
          Action: "sts:AssumeRole",
        }),
      }),
  },
];
