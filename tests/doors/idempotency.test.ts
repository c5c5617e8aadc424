import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeOtaDocument } from "../kit/ota-document.ts";
import { makeVendorSecret } from "../kit/vendor-secret.ts";
import { type Door, expectModelled, type Input, openDoor, sender } from "./door.ts";

const SERVICE = "iot-managed-integrations";
const dataDir = mkdtempSync(join(tmpdir(), "hearth-idempotency-"));

let door: Door;
beforeAll(async () => {
  door = await openDoor({ dataDir });
  await send("CreateDestination", { ...destination, Name: "for-configurations" });
  await makeNeeded();
});
afterAll(async () => {
  await door.stop();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
});

const send = (operation: string, input: Input): Promise<Input> => sender(door.root[SERVICE]).send(operation, input);

const destination = {
  Name: "idempotent",
  DeliveryDestinationType: "KINESIS",
  DeliveryDestinationArn: "arn:aws:kinesis:us-east-1:000000000000:stream/notes",
  RoleArn: "arn:aws:iam::000000000000:role/notes",
};

/** The ids of what discoveries and account associations need, once it is there. */
const needed: Record<string, string> = {};
let secret: { arn: string; versionId: string };
const general = () => ({ GeneralAuthorization: [{ AuthMaterialName: "a", SecretsManager: secret }] });

async function makeNeeded(): Promise<void> {
  const made = async (operation: string, input: Input, member: string) =>
    String((await send(operation, input))[member]);
  const CloudConnectorId = await made("CreateCloudConnector", { ...connector, Name: "needed" }, "Id");
  secret = await makeVendorSecret(door.root, door.file);
  const destination = { CloudConnectorId, AuthConfig: general() };
  const ConnectorDestinationId = await made("CreateConnectorDestination", destination, "Id");
  const association = { ConnectorDestinationId, GeneralAuthorization: { AuthMaterialName: "a" } };
  const AccountAssociationId = await made("CreateAccountAssociation", association, "AccountAssociationId");
  const named = { AccountAssociationId };
  while ((await send("GetAccountAssociation", named))["AssociationState"] === "ASSOCIATION_IN_PROGRESS");
  // No function is there that could have activated a user.
  const database = new Sqlite(join(dataDir, "hearth.db"));
  database.prepare("UPDATE account_association SET state = 'ASSOCIATION_SUCCEEDED'").run();
  database.close();
  const S3Url = await makeOtaDocument(door.file, "documents");
  Object.assign(needed, { CloudConnectorId, ConnectorDestinationId, AccountAssociationId, S3Url });
}

const connector = { Name: "idempotent", EndpointConfig: { lambda: { arn: "idempotent" } } };

type Given = Input | (() => Input);
const inputOf = (given: Given): Input => (typeof given === "function" ? given() : given);

/** Each create of a thing that has a ClientToken, other parameters, and how the things are counted. */
const creates: readonly [operation: string, input: Given, others: Input, list: string, items: string][] = [
  [
    "CreateManagedThing",
    {
      Role: "DEVICE",
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
      AuthenticationMaterial: "SN:idempotent;UPC:123456789012",
      MetaData: { b: "1", a: "2" },
    },
    { Name: "another" },
    "ListManagedThings",
    "Items",
  ],
  [
    "CreateProvisioningProfile",
    { ProvisioningType: "FLEET_PROVISIONING", Name: "idempotent" },
    { Name: "another" },
    "ListProvisioningProfiles",
    "Items",
  ],
  ["CreateCloudConnector", connector, { Description: "another" }, "ListCloudConnectors", "Items"],
  [
    "CreateConnectorDestination",
    () => ({ CloudConnectorId: needed["CloudConnectorId"], AuthConfig: general() }),
    { Name: "another" },
    "ListConnectorDestinations",
    "ConnectorDestinationList",
  ],
  [
    "CreateAccountAssociation",
    () => ({
      ConnectorDestinationId: needed["ConnectorDestinationId"],
      GeneralAuthorization: { AuthMaterialName: "a" },
    }),
    { Name: "another" },
    "ListAccountAssociations",
    "Items",
  ],
  [
    "StartDeviceDiscovery",
    () => ({ DiscoveryType: "CLOUD", AccountAssociationId: needed["AccountAssociationId"] }),
    { ConnectorDeviceIdList: ["another"] },
    "ListDeviceDiscoveries",
    "Items",
  ],
  ["CreateOtaTaskConfiguration", { Name: "idempotent" }, { Name: "another" }, "ListOtaTaskConfigurations", "Items"],
  [
    "CreateOtaTask",
    () => ({ S3Url: needed["S3Url"], OtaType: "CONTINUOUS", OtaTargetQueryString: "attributes.a=b" }),
    { Description: "another" },
    "ListOtaTasks",
    "Tasks",
  ],
  ["CreateCredentialLocker", { Name: "idempotent" }, { Name: "another" }, "ListCredentialLockers", "Items"],
  [
    "CreateEventLogConfiguration",
    { ResourceType: "managed-thing", EventLogLevel: "WARN" },
    { EventLogLevel: "ERROR" },
    "ListEventLogConfigurations",
    "EventLogConfigurationList",
  ],
  ["CreateDestination", destination, { Description: "another" }, "ListDestinations", "DestinationList"],
  [
    "CreateNotificationConfiguration",
    { EventType: "DEVICE_EVENT", DestinationName: "for-configurations" },
    { EventType: "DEVICE_STATE" },
    "ListNotificationConfigurations",
    "NotificationConfigurationList",
  ],
];

const countOf = async (list: string, items: string): Promise<number> => ((await send(list, {}))[items] as []).length;

/** Members in another order are the same parameters. */
const reversed = (input: Input): Input =>
  Object.fromEntries(
    Object.entries(input)
      .reverse()
      .map(([name, value]) => [
        name,
        typeof value === "object" && value && !Array.isArray(value) ? reversed(value as Input) : value,
      ]),
  );

const answers = new Map<string, Input>();

test.each(creates)("row 4: %s with a token is done once", async (operation, input, others, list, items) => {
  const before = await countOf(list, items);
  const ClientToken = `token-${operation}`;
  const given = { ...inputOf(input), ClientToken };
  // Five at once, and one of them does it.
  const made = await Promise.all(Array.from({ length: 5 }, () => send(operation, given)));
  const [first = {}] = made;
  for (const answer of made) expect(answer).toEqual(first);
  expect(await send(operation, reversed(given))).toEqual(first);
  expect(await countOf(list, items)).toBe(before + 1);
  const attempt = send(operation, { ...given, ...others });
  await expectModelled(SERVICE, operation, "ConflictException", attempt);
  expect(await countOf(list, items)).toBe(before + 1);
  answers.set(operation, first);
});

test("a token that failed may be used again", async () => {
  const given = { ...destination, Name: "second-try", ClientToken: "second-try" };
  const configuration = { EventType: "DEVICE_OTA", DestinationName: "second-try", ClientToken: "retried" };
  const operation = "CreateNotificationConfiguration";
  await expectModelled(SERVICE, operation, "ValidationException", send(operation, configuration));
  await send("CreateDestination", given);
  expect(await send(operation, configuration)).toEqual({ EventType: "DEVICE_OTA" });
});

test("a token is one operation's and one account's", async () => {
  const shared = { ClientToken: "shared" };
  await send("CreateDestination", { ...destination, ...shared, Name: "shared" });
  await send("CreateProvisioningProfile", { ProvisioningType: "FLEET_PROVISIONING", Name: "shared", ...shared });
  const { AccountId, AccessKey } = await door.root.hearth.send("CreateAccount", {});
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
  const other = sender(door.as({ accessKeyId, secretAccessKey })[SERVICE]);
  await other.send("CreateDestination", {
    ...destination,
    ...shared,
    RoleArn: `arn:aws:iam::${AccountId}:role/notes`,
  });
  expect(await countOf("ListDestinations", "DestinationList")).toBe(4);
});

test("tokens outlive a restart", async () => {
  await door.stop(true);
  door = await openDoor({ dataDir });
  for (const [operation, input, others, list, items] of creates) {
    const before = await countOf(list, items);
    const given = { ...inputOf(input), ClientToken: `token-${operation}` };
    expect(await send(operation, given)).toEqual(answers.get(operation));
    const attempt = send(operation, { ...given, ...others });
    await expectModelled(SERVICE, operation, "ConflictException", attempt);
    expect(await countOf(list, items)).toBe(before);
  }
});
