import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { connectorEvents } from "@hearth/connector-sdk";
import type { StateProperty } from "@hearth/data-model";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { forward } from "../../examples/lamp-connector/src/forwarder.ts";
import { createBrowser, type SignIn } from "../kit/sign-in.ts";
import { tlsFetch } from "../kit/tls-fetch.ts";
import { startTestVendor } from "../kit/vendor-cloud.ts";
import { makeVendorSecret, policyOf } from "../kit/vendor-secret.ts";
import { action, eventually, type Fleet, lightReport, openFleet } from "./fleet.ts";
import { type Notifications, openNotifications } from "./stream.ts";

const ALICE: SignIn = { username: "alice", password: "correct horse" };
const USER = "u-alice";
const PARTNER = { id: "hearth", secret: "a-secret/with:odd+characters%" };
const FUNCTION = "lamp-connector";
const COMPLETE = "https://app.example.com/done";
const SERVICE = "iotmanagedintegrations.amazonaws.com";

let vendor: Awaited<ReturnType<typeof startTestVendor>>;
let fleet: Fleet;
let notifications: Notifications;
let callback: ReturnType<typeof tlsFetch>;
let functionArn = "";
let connector = "";
let destination = "";
let association = "";
let lamp = "";
let trace = "";
/** What the vendor's token URL has answered, overheard on its way to the platform. */
const granted: { access_token: string; refresh_token: string }[] = [];
let tokenUrl: Server;
const stopping = new AbortController();
let forwarded: Promise<void>;

beforeAll(async () => {
  const out = mkdtempSync(join(tmpdir(), "hearth-lamp-connector-"));
  const building = promisify(execFile)(process.execPath, [
    ...["--import", "tsx", "examples/lamp-connector/build.ts", "--out", out],
  ]);
  vendor = await startTestVendor({
    users: [{ name: ALICE.username, password: ALICE.password, devices: { lamps: 2, fans: 1, cameras: 1 } }],
  });
  fleet = await openFleet({
    functions: process.getuid?.() === 0 ? "protected" : "unprotected",
    outboundAllow: ["127.0.0.1"],
    outboundCa: [vendor.ca],
  });
  const { file, iam, lambda, managed } = fleet;
  callback = tlsFetch({ ca: fleet.ca });
  tokenUrl = createServer({ key: vendor.server.privateKey, cert: vendor.server.certificate }, async (asked, answer) => {
    const { authorization = "", "content-type": type = "" } = asked.headers;
    const headers = { authorization, "content-type": type };
    const got = await vendor.fetch(vendor.cloud.tokenUrl, { method: "POST", headers, body: await text(asked) });
    const said = await got.text();
    granted.push(JSON.parse(said));
    answer.writeHead(got.status, { "content-type": "application/json" }).end(said);
  });
  await new Promise<void>((resolve) => tokenUrl.listen(0, "127.0.0.1", resolve));
  await vendor.cloud.addClient({ ...PARTNER, redirectUris: [file.callbackUrl] });
  notifications = await openNotifications(fleet, "walk", [
    ...(["DEVICE_COMMAND", "DEVICE_EVENT", "DEVICE_LIFE_CYCLE"] as const),
    ...(["ACCOUNT_ASSOCIATION", "CONNECTOR_ERROR_REPORT", "DEVICE_WSS"] as const),
  ]);

  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  const role = { RoleName: FUNCTION, AssumeRolePolicyDocument: policyOf(trust) };
  const { Role } = await iam.send(new CreateRoleCommand(role));
  const Action = ["iotmanagedintegrations:SendConnectorEvent", "iotmanagedintegrations:ListCloudConnectors"];
  const PolicyDocument = policyOf({ Effect: "Allow", Action, Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName: FUNCTION, PolicyName: "events", PolicyDocument }));
  const { stdout } = await building;
  const built = JSON.parse(stdout) as { zip: string; handler: string; runtime: "nodejs22.x" };
  const Variables = {
    VENDOR_URL: vendor.cloud.url,
    VENDOR_CLIENT_ID: PARTNER.id,
    VENDOR_CLIENT_SECRET: PARTNER.secret,
  };
  const made = await lambda.send("CreateFunction", {
    ...{ FunctionName: FUNCTION, Role: Role?.Arn ?? "", Runtime: built.runtime, Handler: built.handler },
    ...{ Code: { ZipFile: new Uint8Array(readFileSync(built.zip)) }, Environment: { Variables }, Timeout: 30 },
  });
  functionArn = made.FunctionArn ?? "";
  rmSync(out, { recursive: true, force: true, maxRetries: 10 });

  const EndpointConfig = { lambda: { arn: functionArn } };
  connector = (await managed.send("CreateCloudConnector", { Name: FUNCTION, EndpointConfig })).Id ?? "";
  const oAuth = {
    ...{ authUrl: vendor.cloud.authorizationUrl, oAuthCompleteRedirectUrl: COMPLETE },
    tokenUrl: `https://127.0.0.1:${(tokenUrl.address() as AddressInfo).port}/`,
    ...{ scope: "devices:read devices:control", tokenEndpointAuthenticationScheme: "HTTP_BASIC" as const },
  };
  const secret = JSON.stringify({ clientId: PARTNER.id, clientSecret: PARTNER.secret });
  const SecretsManager = await makeVendorSecret(fleet, file, secret);
  const given = { CloudConnectorId: connector, AuthConfig: { oAuth }, SecretsManager };
  destination = (await managed.send("CreateConnectorDestination", given)).Id ?? "";

  forwarded = forward({
    settings: { url: vendor.cloud.url, clientId: PARTNER.id, clientSecret: PARTNER.secret, ca: vendor.ca },
    events: connectorEvents({ functionArn, endpoint: file.apiEndpoint, region: file.region, credentials: file }),
    signal: stopping.signal,
    say: () => {},
  });
});
afterEach(() => vendor.cloud.clearFaults());
afterAll(async () => {
  stopping.abort();
  await forwarded;
  await fleet.close();
  tokenUrl.close();
  await vendor.stop();
});

const errorOf = (work: Promise<unknown>) => work.then(() => undefined).catch((error: Error) => error);
const nameOf = async (work: Promise<unknown>) => (await errorOf(work))?.name;
const stateOf = async (AccountAssociationId = association) =>
  (await fleet.managed.send("GetAccountAssociation", { AccountAssociationId })).AssociationState;
const SOURCE = () => `arn:aws:iotmanagedintegrations:${fleet.file.region}:${fleet.file.accountId}:account-association/`;
const permit = (StatementId: string, SourceArn: string) =>
  fleet.lambda.send("AddPermission", {
    ...{ FunctionName: FUNCTION, StatementId, Action: "lambda:InvokeFunction", Principal: SERVICE, SourceArn },
  });

/** The user signs in at the vendor, and the browser goes on to where the platform sends it. */
async function signIn(authorizationUrl: string): Promise<URL> {
  const back = await createBrowser(vendor.fetch).signIn(authorizationUrl, ALICE);
  const { headers } = await callback(back.href, {});
  return new URL(headers.get("location") ?? "about:blank");
}

async function discover() {
  const search = { DiscoveryType: "CLOUD" as const, AccountAssociationId: association };
  const { Id: Identifier = "" } = await fleet.managed.send("StartDeviceDiscovery", search);
  await eventually("the end of the discovery", async () => {
    const { Status } = await fleet.managed.send("GetDeviceDiscovery", { Identifier });
    return Status === "RUNNING" ? undefined : Status;
  });
  const devices = [];
  for (let NextToken: string | undefined; ; ) {
    const page = { Identifier, MaxResults: 100, ...(NextToken ? { NextToken } : {}) };
    const answer = await fleet.managed.send("ListDiscoveredDevices", page);
    devices.push(...(answer.Items ?? []));
    NextToken = answer.NextToken;
    if (!NextToken) return { id: Identifier, devices };
  }
}
type Discovery = Awaited<ReturnType<typeof discover>>;

/** Finds, creates and associates a device: the id of its managed thing. */
async function adopt({ id: DeviceDiscoveryId, devices }: Discovery, connectorDeviceId: string): Promise<string> {
  const found = devices.find(({ ConnectorDeviceId }) => ConnectorDeviceId === connectorDeviceId);
  const { Id: ManagedThingId = "" } = await fleet.managed.send("CreateManagedThing", {
    ...{ Role: "DEVICE" as const, Name: connectorDeviceId, AuthenticationMaterialType: "DISCOVERED_DEVICE" as const },
    AuthenticationMaterial: found?.AuthenticationMaterial ?? "",
  });
  expect(await fleet.status(ManagedThingId)).toBe("UNASSOCIATED");
  const three = { AccountAssociationId: association, DeviceDiscoveryId, ManagedThingId };
  expect(await fleet.managed.send("RegisterAccountAssociation", three)).toEqual(three);
  expect(await fleet.status(ManagedThingId)).toBe("ACTIVATED");
  return ManagedThingId;
}
const deregister = (ManagedThingId: string) =>
  fleet.managed.send("DeregisterAccountAssociation", { AccountAssociationId: association, ManagedThingId });

const command = async (name: string, parameters: Record<string, unknown> = {}) => {
  const given = { ManagedThingId: lamp, AccountAssociationId: association, Endpoints: action(name, parameters) };
  trace = (await fleet.managed.send("SendManagedThingCommand", given)).TraceId ?? "";
  const told = await notifications.next("DEVICE_COMMAND", ({ payload }) => payload["traceId"] === trace);
  return told.payload["result"];
};
/** A property as GetManagedThingState tells it. */
async function property(ManagedThingId: string, name: string): Promise<unknown> {
  const { Endpoints } = await fleet.managed.send("GetManagedThingState", { ManagedThingId });
  const properties = Endpoints[0]?.capabilities?.flatMap((one) => one.properties as StateProperty[]);
  return properties?.find((one) => one.name === name)?.value.propertyValue;
}

describe("row 63: the function's policy decides whether the platform may call the connector", () => {
  const refused = async () => {
    expect(await stateOf()).toBe("ASSOCIATION_FAILED");
    const { payload } = await notifications.next("CONNECTOR_ERROR_REPORT");
    expect(payload).toMatchObject({
      ...{ connectorId: connector, operationName: "AWS.ActivateUser", errorCode: "ACCESS_DENIED" },
      message: expect.stringMatching(/./),
    });
  };
  const again = async () =>
    signIn(
      (await fleet.managed.send("StartAccountAssociationRefresh", { AccountAssociationId: association }))
        .OAuthAuthorizationUrl,
    );

  test("without a statement it may not", async () => {
    const given = { ConnectorDestinationId: destination, Name: "alice" };
    const { AccountAssociationId, OAuthAuthorizationUrl } = await fleet.managed.send("CreateAccountAssociation", given);
    association = AccountAssociationId;
    expect((await signIn(OAuthAuthorizationUrl)).searchParams.get("error_description")).toContain("ACCESS_DENIED");
    await refused();
  });

  test("in the name of another association neither", async () => {
    await permit("another", `${SOURCE()}another`);
    expect((await again()).searchParams.get("error_description")).toContain("ACCESS_DENIED");
    await refused();
  });

  test("in the name of this one it may", async () => {
    await permit("this", `${SOURCE()}${association}`);
    expect((await again()).href).toBe(COMPLETE);
    expect(await stateOf()).toBe("ASSOCIATION_SUCCEEDED");
  });

  test("and a command fails when the statement is taken away", async () => {
    lamp = await adopt(await discover(), "lamp-u-alice-1");
    await fleet.lambda.send("RemovePermission", { FunctionName: FUNCTION, StatementId: "this" });
    expect(await command("On")).toBe("failed");
    const { payload } = await notifications.next("CONNECTOR_ERROR_REPORT");
    expect(payload).toMatchObject({ operationName: "AWS.SendCommand", errorCode: "ACCESS_DENIED", traceId: trace });
    expect(vendor.cloud.devices(USER)[0]?.state).toMatchObject({ on: false });
    await permit("all", `${SOURCE()}*`);
  });
});

test("row 46: ACCOUNT_ASSOCIATION, CONNECTOR_ERROR_REPORT and DEVICE_WSS come through the stream", async () => {
  const all = await notifications.all();
  const of = (type: string) => all.filter(({ messageType }) => messageType === type).map(({ payload }) => payload);
  expect(of("ACCOUNT_ASSOCIATION").map((payload) => payload["associationState"])).toEqual([
    ...["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_FAILED", "ASSOCIATION_IN_PROGRESS", "ASSOCIATION_FAILED"],
    ...["ASSOCIATION_IN_PROGRESS", "ASSOCIATION_SUCCEEDED"],
  ]);
  expect(of("CONNECTOR_ERROR_REPORT")).toHaveLength(3);
  const hub = await fleet.puppet(await fleet.claim(), { ...lightReport, endpoints: [] }, "CONTROLLER");
  await hub.say("DEVICE_WSS", { role: "provisioner", status: "STARTED" }, "setup");
  expect((await notifications.next("DEVICE_WSS")).payload).toEqual({
    ...{ managedThingId: hub.id, role: "provisioner", status: "STARTED" },
  });
});

test("row 15: a lamp of the vendor's is found, created, associated, commanded, heard and deleted", async () => {
  const discovery = await discover();
  expect(discovery.devices.map(({ ConnectorDeviceId }) => ConnectorDeviceId).sort()).toEqual([
    ...["camera-u-alice-1", "fan-u-alice-1", "lamp-u-alice-1", "lamp-u-alice-2"],
  ]);
  expect(await property(lamp, "OnOff")).toBe(false);
  expect(await command("On")).toBe("succeeded");
  expect(vendor.cloud.devices(USER).find(({ id }) => id === "lamp-u-alice-1")?.state).toMatchObject({ on: true });
  expect(await property(lamp, "OnOff")).toBe(true);

  vendor.cloud.simulate("lamp-u-alice-1", { on: false });
  const { payload } = await notifications.next("DEVICE_EVENT");
  expect(JSON.stringify(payload)).toContain('"OnOff"');
  await eventually("the switch", async () => ((await property(lamp, "OnOff")) === false ? true : undefined));

  const second = await adopt(discovery, "lamp-u-alice-2");
  await deregister(second);
  await fleet.managed.send("DeleteManagedThing", { Identifier: second });
  const deleted = await notifications.next("DEVICE_LIFE_CYCLE", (told) => told.payload["status"] === "DELETED");
  expect(deleted.resources).toEqual([expect.stringContaining(second)]);
});

test("rows 61 and 62: a discovered camera shows its capabilities by name, and is listed until it is taken back", async () => {
  const camera = await adopt(await discover(), "camera-u-alice-1");
  const { CapabilityReport } = await fleet.managed.send("GetManagedThingCapabilities", { Identifier: camera });
  expect(CapabilityReport?.endpoints).toMatchObject([
    {
      ...{ id: "1", deviceTypes: ["Camera"] },
      capabilities: [
        { id: "matter.OnOff@1.4", name: "On/Off", properties: ["OnOff"], actions: ["Off", "On", "ReadState"] },
        { id: "matter.OccupancySensing@1.4", properties: ["Occupancy"], events: ["OccupancyChanged"] },
      ],
    },
  ]);
  expect(await property(camera, "OnOff")).toBe(true);
  vendor.cloud.simulate("camera-u-alice-1", { motion: true });
  const moved = await notifications.next("DEVICE_EVENT", ({ payload }) =>
    JSON.stringify(payload).includes("Occupancy"),
  );
  expect(JSON.stringify(moved.payload)).toContain("OccupancyChanged");

  const listed = async () =>
    (await fleet.managed.send("ListManagedThingAccountAssociations", { AccountAssociationId: association })).Items?.map(
      ({ ManagedThingId }) => ManagedThingId,
    );
  expect((await listed())?.sort()).toEqual([lamp, camera].sort());
  await deregister(camera);
  expect(await listed()).toEqual([lamp]);
  expect(await fleet.status(camera)).toBe("UNASSOCIATED");
});

/** What the connector said of its pages, as the audit trail has kept it. */
async function codesOf(discovery: string): Promise<unknown[]> {
  const { apiEndpoint: endpoint, region, accessKeyId, secretAccessKey } = fleet.file;
  const trail = new CloudTrailClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const LookupAttributes = [{ AttributeKey: "EventName" as const, AttributeValue: "SendConnectorEvent" }];
  const { Events = [] } = await trail.send(new LookupEventsCommand({ LookupAttributes }));
  return Events.map(({ CloudTrailEvent = "{}" }) => JSON.parse(CloudTrailEvent).requestParameters)
    .filter((said) => said?.DeviceDiscoveryId === discovery)
    .map((said) => said.StatusCode);
}

test("row 57: two pages that say more is to come and a last one are one finished discovery of all devices", async () => {
  vendor.cloud.addDevices(USER, "lamp", 116);
  const { id, devices } = await discover();
  const told = await eventually("the trail of three pages", async () => {
    const codes = await codesOf(id);
    return codes.includes(200) && codes.length >= 3 ? codes : undefined;
  });
  // Each of them once, unless the machine was slow: who could not tell all of them in time begins anew.
  expect(new Set(told)).toEqual(new Set([200, 302]));
  expect(new Set(devices.map(({ ConnectorDeviceId }) => ConnectorDeviceId)).size).toBe(120);
  expect(devices).toHaveLength(120);
  expect(await fleet.managed.send("GetDeviceDiscovery", { Identifier: id })).toMatchObject({ Status: "SUCCEEDED" });
});

test("row 60: the four operations of SendConnectorEvent are the connector's account's, and no other's", async () => {
  const { AccessKey } = await fleet.hearth.send("CreateAccount", { AccountName: "another" });
  const credentials = {
    ...{ accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" },
  };
  const another = fleet.platform.clients(credentials).managed;
  const search = { DiscoveryType: "CLOUD" as const, AccountAssociationId: association };
  // The connector itself has nothing to tell yet: it is called again and again.
  vendor.cloud.setFaults({ apiHtml: true });
  const { Id: DeviceDiscoveryId = "" } = await fleet.managed.send("StartDeviceDiscovery", search);
  const cluster = (members: object) => ({ MatterEndpoint: { id: "1", clusters: [{ id: "0x0006", ...members }] } });
  const about = { ConnectorId: connector, OperationVersion: "1.0", UserId: USER };
  const device = { ...about, ConnectorDeviceId: "lamp-u-alice-1" };
  const events = [
    { ...about, Operation: "DEVICE_DISCOVERY" as const, StatusCode: 200, DeviceDiscoveryId, Devices: [] },
    { ...device, Operation: "DEVICE_EVENT" as const, ...cluster({ attributes: { "0x0000": true } }) },
    {
      ...{ ...device, Operation: "DEVICE_COMMAND_RESPONSE" as const, StatusCode: 200, TraceId: "absent" },
      ...cluster({ attributes: { "0x0000": false }, commands: { "0x00": {} } }),
    },
    { ...device, Operation: "DEVICE_COMMAND_REQUEST" as const, ...cluster({ commands: { "0x01": {} } }) },
  ];
  for (const event of events) {
    expect([event.Operation, await nameOf(another.send("SendConnectorEvent", event))]).toEqual([
      ...[event.Operation, "ResourceNotFoundException"],
    ]);
    expect(await fleet.managed.send("SendConnectorEvent", event)).toEqual({ ConnectorId: connector });
  }
});

/** Whether the vendor holds the link's two tokens for good ones. */
const activity = () => {
  const { access_token = "", refresh_token = "" } = granted.at(-1) ?? {};
  return Promise.all(
    [access_token, refresh_token].map(async (token) => {
      const body = new URLSearchParams({ token, client_id: PARTNER.id, client_secret: PARTNER.secret });
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const answer = await vendor.fetch(vendor.cloud.introspectionUrl, { method: "POST", headers, body });
      return ((await answer.json()) as { active: boolean }).active;
    }),
  );
};

test("row 59: unlinked, both tokens are revoked at the vendor, nothing of the user's is left, and events are refused", async () => {
  const { id: Identifier } = await discover();
  expect(await activity()).toEqual([true, true]);
  await deregister(lamp);
  await fleet.managed.send("DeleteAccountAssociation", { AccountAssociationId: association });
  await eventually("the end of the association", async () =>
    (await nameOf(stateOf())) === "ResourceNotFoundException" ? true : undefined,
  );
  expect(await activity()).toEqual([false, false]);
  for (const gone of [
    fleet.managed.send("GetDeviceDiscovery", { Identifier }),
    fleet.managed.send("GetManagedThing", { Identifier: lamp }),
  ]) {
    expect(await nameOf(gone)).toBe("ResourceNotFoundException");
  }
  const late = fleet.managed.send("SendConnectorEvent", {
    ...{ ConnectorId: connector, Operation: "DEVICE_EVENT", OperationVersion: "1.0", UserId: USER },
    ...{ ConnectorDeviceId: "lamp-u-alice-1" },
    MatterEndpoint: { id: "1", clusters: [{ id: "0x0006", attributes: { "0x0000": true } }] },
  });
  expect(await nameOf(late)).toBe("ResourceNotFoundException");
});
