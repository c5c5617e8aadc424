import { readdirSync, readFileSync } from "node:fs";
import { Agent } from "node:https";
import { join } from "node:path";
import { startVendorCloud, type VendorCloud } from "@hearth/vendor-cloud";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeCa } from "../kit/certificate-authority.ts";
import { deployConnector } from "../kit/connector-function.ts";
import { startTestPlatform, type TestPlatform } from "../kit/platform.ts";
import { createBrowser, type SignIn } from "../kit/sign-in.ts";
import { tlsFetch } from "../kit/tls-fetch.ts";
import { makeVendorSecret, platformMay, policyOf } from "../kit/vendor-secret.ts";

const ALICE: SignIn = { username: "alice", password: "correct horse" };
const NAMELESS: SignIn = { username: "nameless", password: "battery staple" };
const CLIENT_SECRET = "a-secret/with:odd+characters%";
const COMPLETE = "https://app.example.com/done?from=hearth";

/** Asks the vendor who the token's user is, and does nothing else. It keeps the name of one user to itself. */
const CONNECTOR = `
export const handler = async ({ header, payload }) => {
  const answer = await fetch(process.env.VENDOR + "/users/me", { headers: { authorization: "Bearer " + header.auth.token } });
  if (!answer.ok) return { header: { responseCode: answer.status }, payload: { responseMessage: "the vendor said no" } };
  const { id } = await answer.json();
  const userId = payload.operationName === "AWS.ActivateUser" && id !== "u-nameless" ? id : undefined;
  return { header: { responseCode: 200 }, payload: { responseMessage: "for " + header.auth.token, userId } };
};`;

let vendor: VendorCloud;
let platform: TestPlatform;
let managed: ReturnType<TestPlatform["clients"]>["managed"];
let browse: ReturnType<typeof tlsFetch>;
let callback: ReturnType<typeof tlsFetch>;
let agent: Agent;
/** By user: who has signed in once is not asked for the password again. */
const browsers = new Map<string, ReturnType<typeof createBrowser>>();
let CloudConnectorId: string;
let secret: { arn: string; versionId: string };
const asked: string[] = [];
const logged: string[] = [];
/** What may be read nowhere. */
const needles: string[] = [CLIENT_SECRET];

beforeAll(async () => {
  const ca = await makeCa("CN=Vendor's CA");
  const { certificate, privateKey } = await ca.sign("CN=vendor", { addresses: ["127.0.0.1"] });
  const line = (...given: unknown[]) => void logged.push(JSON.stringify(given));
  const log = { debug: line, info: line, warn: line, error: line, fatal: line, child: () => log } as never;
  platform = await startTestPlatform({
    log,
    functions: process.getuid?.() === 0 ? "protected" : "unprotected",
    outboundAllow: ["127.0.0.1"],
    outboundCa: [ca.certificate],
  });
  vendor = await startVendorCloud({
    key: privateKey,
    certificate,
    users: [ALICE, NAMELESS].map(({ username, password }) => ({ name: username, password })),
    clients: [{ id: "hearth", secret: CLIENT_SECRET, redirectUris: [platform.file.callbackUrl] }],
    log: (said) => asked.push(said),
  });
  agent = new Agent({ keepAlive: true });
  browse = tlsFetch({ ca: ca.certificate, agent });
  callback = tlsFetch({ ca: platform.ca });

  ({ managed } = platform.clients());
  const EndpointConfig = { lambda: { arn: await deployConnector(platform, CONNECTOR, { VENDOR: vendor.url }) } };
  CloudConnectorId = (await managed.send("CreateCloudConnector", { Name: "vendor", EndpointConfig })).Id ?? "";
  secret = await newSecret();
});
afterAll(async () => {
  agent.destroy();
  await platform.stop();
  await vendor.stop();
});
afterEach(() => {
  vendor.clearFaults();
  vendor.setTokenRules({ accessTokenSeconds: 3600 });
});

const newSecret = (more: object = {}) =>
  makeVendorSecret(
    platform.clients(),
    platform.file,
    JSON.stringify({ clientId: "hearth", clientSecret: CLIENT_SECRET, ...more }),
  );

type Scheme = "HTTP_BASIC" | "REQUEST_BODY_CREDENTIALS";

async function destination(tokenEndpointAuthenticationScheme: Scheme = "HTTP_BASIC", SecretsManager = secret) {
  const urls = { authUrl: vendor.authorizationUrl, tokenUrl: vendor.tokenUrl, oAuthCompleteRedirectUrl: COMPLETE };
  const oAuth = { ...urls, scope: "devices:read devices:control", tokenEndpointAuthenticationScheme };
  const given = { CloudConnectorId, AuthConfig: { oAuth }, SecretsManager };
  return (await managed.send("CreateConnectorDestination", given)).Id ?? "";
}

const begin = async (ConnectorDestinationId: string) =>
  managed.send("CreateAccountAssociation", { ConnectorDestinationId });
/** The user signs in at the vendor: where the vendor sends the browser. */
async function signIn(authorizationUrl: string, user: SignIn = ALICE): Promise<URL> {
  const browser = browsers.get(user.username) ?? createBrowser(browse);
  browsers.set(user.username, browser);
  const back = await browser.signIn(authorizationUrl, user);
  needles.push(back.searchParams.get("code") ?? CLIENT_SECRET, back.searchParams.get("state") ?? CLIENT_SECRET);
  return back;
}
/** The browser comes to the callback: the answer, and where it is sent on to. */
async function comeBack(url: URL) {
  const answer = await callback(url.href, {});
  return { status: answer.status, location: answer.headers.get("location") };
}
const found = (AccountAssociationId: string) => managed.send("GetAccountAssociation", { AccountAssociationId });
async function linked(ConnectorDestinationId: string): Promise<string> {
  const { AccountAssociationId, OAuthAuthorizationUrl } = await begin(ConnectorDestinationId);
  expect(await comeBack(await signIn(OAuthAuthorizationUrl))).toEqual({ status: 302, location: COMPLETE });
  return AccountAssociationId;
}
const count = (line: string) => asked.filter((said) => said === line).length;
const GRANTED = "POST /oauth/token 200";
const KNEW = "GET /users/me 200";

describe("row 52: the eight steps of account linking, against an authorization server over HTTPS", () => {
  test.each<[Scheme, "S256" | "none"]>([
    ["HTTP_BASIC", "S256"],
    ["HTTP_BASIC", "none"],
    ["REQUEST_BODY_CREDENTIALS", "S256"],
    ["REQUEST_BODY_CREDENTIALS", "none"],
  ])("%s, PKCE %s", async (scheme, pkce) => {
    const ConnectorDestinationId = await destination(scheme, pkce === "S256" ? secret : await newSecret({ pkce }));
    // 1: the app has the association made.
    const { AccountAssociationId, AssociationState, OAuthAuthorizationUrl } = await begin(ConnectorDestinationId);
    expect(AssociationState).toBe("ASSOCIATION_IN_PROGRESS");
    const url = new URL(OAuthAuthorizationUrl);
    expect(url.searchParams.get("client_id")).toBe("hearth");
    expect(url.searchParams.get("code_challenge_method")).toBe(pkce === "S256" ? "S256" : null);
    // 2 and 3: the user signs in and allows, and the vendor sends the browser back with a code.
    const back = await signIn(OAuthAuthorizationUrl);
    expect(`${back.origin}${back.pathname}`).toBe(platform.file.callbackUrl);
    expect(back.searchParams.get("code")).toBeTruthy();
    // 4 to 7: code against tokens, the connector activates the user, the browser goes on.
    const [granted, knew] = [count(GRANTED), count(KNEW)];
    expect(await comeBack(back)).toEqual({ status: 302, location: COMPLETE });
    expect(count(GRANTED) - granted).toBe(1);
    // A function that starts slowly is called again.
    expect(count(KNEW)).toBeGreaterThan(knew);
    // 8: the app knows the association.
    expect(await found(AccountAssociationId)).toMatchObject({
      AssociationState: "ASSOCIATION_SUCCEEDED",
      OAuthAuthorizationUrl: "",
    });
    // The state was good for one time.
    expect(await comeBack(back)).toEqual({ status: 400, location: null });
  });
});

test("row 53: a user who declines comes back to the app with error and error_description", async () => {
  const { AccountAssociationId, OAuthAuthorizationUrl } = await begin(await destination());
  const back = await signIn(OAuthAuthorizationUrl, { ...ALICE, consent: "deny" });
  const { status, location } = await comeBack(back);
  const went = new URL(location ?? "");
  expect([status, `${went.origin}${went.pathname}`]).toEqual([302, "https://app.example.com/done"]);
  expect(Object.fromEntries(went.searchParams)).toEqual({
    from: "hearth",
    error: "access_denied",
    error_description: expect.stringMatching(/./),
  });
  expect(await found(AccountAssociationId)).toMatchObject({ AssociationState: "ASSOCIATION_FAILED" });
});

test("row 54: an expired access token is renewed unseen; an expired refresh token ends the link, and a new URL links again", async () => {
  // Less than the minute that a token has to be good for: each use finds it as good as expired.
  vendor.setTokenRules({ accessTokenSeconds: 30 });
  const AccountAssociationId = await linked(await destination());
  const search = { DiscoveryType: "CLOUD" as const, AccountAssociationId };
  /** Has the connector search: the vendor grants a token anew, and then knows whose the connector's is. */
  const renewed = async () => {
    const before = asked.length;
    await managed.send("StartDeviceDiscovery", search);
    await expect
      .poll(() => asked.slice(before).filter((said) => said === GRANTED || said === KNEW), { timeout: 30_000 })
      .toEqual(expect.arrayContaining([GRANTED, KNEW]));
    expect(asked.slice(before).indexOf(GRANTED)).toBeLessThan(asked.slice(before).indexOf(KNEW));
  };
  await renewed();
  expect(await found(AccountAssociationId)).toMatchObject({ AssociationState: "ASSOCIATION_SUCCEEDED" });

  vendor.revokeTokens("u-alice", "refresh");
  const { Id = "" } = await managed.send("StartDeviceDiscovery", search);
  const state = async () => (await found(AccountAssociationId)).AssociationState;
  await expect.poll(state, { timeout: 30_000 }).toBe("REFRESH_TOKEN_EXPIRED");
  await expect.poll(async () => (await managed.send("GetDeviceDiscovery", { Identifier: Id })).Status).toBe("FAILED");

  const { OAuthAuthorizationUrl } = await managed.send("StartAccountAssociationRefresh", { AccountAssociationId });
  expect(await state()).toBe("ASSOCIATION_IN_PROGRESS");
  expect(await comeBack(await signIn(OAuthAuthorizationUrl))).toEqual({ status: 302, location: COMPLETE });
  expect(await state()).toBe("ASSOCIATION_SUCCEEDED");
  await renewed();
});

test("a device that was found is registered once, and goes only once it is deregistered", async () => {
  const AccountAssociationId = await linked(await destination());
  const search = { DiscoveryType: "CLOUD" as const, AccountAssociationId };
  const { Id: DeviceDiscoveryId = "" } = await managed.send("StartDeviceDiscovery", search);
  const cluster = { id: "0x0006", revision: 6, attributes: [{ id: "0x0000" }], commands: ["0x00"], events: [] };
  const endpoints = [{ id: "1", deviceTypes: ["On/Off Light"], clusters: [cluster] }];
  const CapabilityReport = { version: "1.0.0", nodeId: "1", endpoints };
  await managed.send("SendConnectorEvent", {
    ...{ ConnectorId: CloudConnectorId, Operation: "DEVICE_DISCOVERY", OperationVersion: "1.0", StatusCode: 200 },
    ...{ DeviceDiscoveryId, Devices: [{ ConnectorDeviceId: "lamp", ConnectorDeviceName: "Lamp", CapabilityReport }] },
  });
  const { Items = [] } = await managed.send("ListDiscoveredDevices", { Identifier: DeviceDiscoveryId });
  const { Id: ManagedThingId = "" } = await managed.send("CreateManagedThing", {
    ...{ Role: "DEVICE", AuthenticationMaterialType: "DISCOVERED_DEVICE" },
    AuthenticationMaterial: Items[0]?.AuthenticationMaterial ?? "",
  });
  const registration = { AccountAssociationId, DeviceDiscoveryId, ManagedThingId };
  expect(await managed.send("RegisterAccountAssociation", registration)).toEqual(registration);
  const inTheWay = { name: "ConflictException", message: expect.stringContaining("registered with") };
  await expect(managed.send("RegisterAccountAssociation", registration)).rejects.toMatchObject(inTheWay);
  await expect(managed.send("DeleteManagedThing", { Identifier: ManagedThingId })).rejects.toMatchObject(inTheWay);
  await managed.send("DeregisterAccountAssociation", { AccountAssociationId, ManagedThingId });
  await managed.send("DeleteManagedThing", { Identifier: ManagedThingId });
});

describe("row 56: AWS.ActivateUser", () => {
  test("the userId is stored: events of that user are taken, of another are not", async () => {
    const AccountAssociationId = await linked(await destination());
    const search = { DiscoveryType: "CLOUD" as const, AccountAssociationId };
    const { Id: DeviceDiscoveryId = "" } = await managed.send("StartDeviceDiscovery", search);
    const found = (UserId: string) =>
      managed.send("SendConnectorEvent", {
        ...{ ConnectorId: CloudConnectorId, Operation: "DEVICE_DISCOVERY", OperationVersion: "1.0", StatusCode: 200 },
        ...{ DeviceDiscoveryId, UserId },
      });
    await expect(found("u-nameless")).rejects.toThrow();
    expect(await found("u-alice")).toEqual({ ConnectorId: CloudConnectorId });
  });

  test("without a userId the association is ASSOCIATION_FAILED", async () => {
    const { AccountAssociationId, OAuthAuthorizationUrl } = await begin(await destination());
    const { location } = await comeBack(await signIn(OAuthAuthorizationUrl, NAMELESS));
    expect(new URL(location ?? "").searchParams.get("error_description")).toContain("without a userId");
    expect(await found(AccountAssociationId)).toMatchObject({
      AssociationState: "ASSOCIATION_FAILED",
      ErrorMessage: expect.stringContaining("without a userId"),
    });
  });
});

test("row 108: client id and secret are read at each use; without its policy the secret links nobody", async () => {
  const { secretsmanager } = platform.clients();
  const ConnectorDestinationId = await destination();
  const { AccountAssociationId, OAuthAuthorizationUrl } = await begin(ConnectorDestinationId);
  await secretsmanager.send("DeleteResourcePolicy", { SecretId: secret.arn });
  const { location } = await comeBack(await signIn(OAuthAuthorizationUrl));
  expect(new URL(location ?? "").searchParams.get("error_description")).toContain("The secret could not be read");
  expect(await found(AccountAssociationId)).toMatchObject({ AssociationState: "ASSOCIATION_FAILED" });
  await expect(begin(ConnectorDestinationId)).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining("secretsmanager:GetSecretValue"),
  });
  const elsewhere = policyOf({
    ...platformMay("secretsmanager:GetSecretValue", platform.file),
    Condition: {
      StringEquals: { "aws:SourceArn": "arn:aws:iotmanagedintegrations:us-east-1:1:account-association/1" },
    },
  });
  await secretsmanager.send("PutResourcePolicy", { SecretId: secret.arn, ResourcePolicy: elsewhere });
  await expect(begin(ConnectorDestinationId)).rejects.toMatchObject({ name: "AccessDeniedException" });
  const ResourcePolicy = policyOf(platformMay("secretsmanager:GetSecretValue", platform.file));
  await secretsmanager.send("PutResourcePolicy", { SecretId: secret.arn, ResourcePolicy });
  const again = await managed.send("StartAccountAssociationRefresh", { AccountAssociationId });
  expect(await comeBack(await signIn(again.OAuthAuthorizationUrl))).toEqual({ status: 302, location: COMPLETE });
});

test("a token URL that answers HTML ends in a state that can be begun again", async () => {
  const { AccountAssociationId, OAuthAuthorizationUrl } = await begin(await destination());
  vendor.setFaults({ tokenHtml: 1 });
  const { location } = await comeBack(await signIn(OAuthAuthorizationUrl));
  expect(new URL(location ?? "").searchParams.get("error_description")).toContain("not JSON");
  const again = await managed.send("StartAccountAssociationRefresh", { AccountAssociationId });
  expect(await comeBack(await signIn(again.OAuthAuthorizationUrl))).toEqual({ status: 302, location: COMPLETE });
});

test("no code, state or client secret is readable in the data directory, the log and the audit trail", async () => {
  const { dataDir } = platform;
  const files = readdirSync(dataDir).filter((name) => name.startsWith("hearth.db"));
  expect(files).not.toEqual([]);
  const texts = [...files.map((name) => readFileSync(join(dataDir, name), "latin1")), ...logged];
  const LookupAttributes = [
    { AttributeKey: "EventSource" as const, AttributeValue: "iotmanagedintegrations.amazonaws.com" },
  ];
  const { Events = [] } = await platform.clients().cloudtrail.send("LookupEvents", { LookupAttributes });
  expect(Events.map(({ EventName }) => EventName)).toContain("StartAccountAssociationRefresh");
  texts.push(...Events.map(({ CloudTrailEvent = "" }) => CloudTrailEvent));
  for (const needle of new Set(needles)) {
    expect(texts.filter((text) => text.includes(needle)).length, needle).toBe(0);
  }
});
