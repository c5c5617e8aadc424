import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeVendorSecret } from "../kit/vendor-secret.ts";
import { allow, type Clients, type Door, expectModelled, type Input, openDoor, refusalOf, sender } from "./door.ts";

const SERVICE = "iot-managed-integrations";

let door: Door;
let managed: Clients[typeof SERVICE];
let lambda: (name: string) => string;
let secret: { arn: string; versionId: string };
beforeAll(async () => {
  door = await openDoor();
  managed = door.root[SERVICE];
  const { region, accountId } = door.file;
  lambda = (name) => `arn:aws:lambda:${region}:${accountId}:function:${name}`;
  secret = await makeVendorSecret(door.root, door.file);
});
afterAll(() => door.stop());

const refused = (operation: string, error: string, input: Input, clients: Clients = door.root) =>
  expectModelled(SERVICE, operation, error, sender(clients[SERVICE]).send(operation, input));

const endpoint = (name: string) => ({ lambda: { arn: lambda(name) } });
const oAuth = {
  authUrl: "https://vendor.example.com/authorize?audience=home",
  tokenUrl: "https://vendor.example.com/token",
  scope: "devices lights",
  tokenEndpointAuthenticationScheme: "HTTP_BASIC",
  oAuthCompleteRedirectUrl: "https://app.example.com/done",
  proactiveRefreshTokenRenewal: { enabled: true, DaysBeforeRenewal: 30 },
} as const;
const material = (AuthMaterialName: string) => ({ AuthMaterialName, SecretsManager: secret });

const connector = async (name = "connector"): Promise<string> =>
  (await managed.send("CreateCloudConnector", { Name: name, EndpointConfig: endpoint(name) })).Id ?? "";

async function destination(more: Input = {}): Promise<string> {
  const given = {
    CloudConnectorId: await connector(),
    AuthType: "OAUTH",
    AuthConfig: { oAuth },
    SecretsManager: secret,
  };
  return String((await sender(managed).send("CreateConnectorDestination", { ...given, ...more }))["Id"]);
}

describe("row 50: cloud connectors", () => {
  test("are made for a function, found by it, changed and deleted", async () => {
    const given = { Name: "hue 1", Description: "lights", EndpointConfig: endpoint("hue"), EndpointType: "LAMBDA" };
    const { Id = "" } = await managed.send("CreateCloudConnector", { ...given, EndpointType: "LAMBDA" });
    await connector("another");
    const shown = { ...given, Id, Type: "UNLISTED" };
    expect(await managed.send("GetCloudConnector", { Identifier: Id })).toEqual(shown);
    expect((await managed.send("ListCloudConnectors", { LambdaArn: lambda("hue") })).Items).toEqual([shown]);
    expect((await managed.send("ListCloudConnectors", { LambdaArn: "hue" })).Items).toEqual([shown]);
    expect((await managed.send("ListCloudConnectors", { LambdaArn: lambda("absent") })).Items).toEqual([]);
    expect((await managed.send("ListCloudConnectors", { Type: "UNLISTED" })).Items).toContainEqual(shown);
    expect((await managed.send("ListCloudConnectors", { Type: "LISTED" })).Items).toEqual([]);

    await managed.send("UpdateCloudConnector", { Identifier: Id, Name: "hue 2" });
    expect(await managed.send("GetCloudConnector", { Identifier: Id })).toEqual({ ...shown, Name: "hue 2" });
    await managed.send("DeleteCloudConnector", { Identifier: Id });
    await refused("GetCloudConnector", "ResourceNotFoundException", { Identifier: Id });
    expect((await managed.send("ListCloudConnectors", { LambdaArn: lambda("hue") })).Items).toEqual([]);
  });

  test("are for functions of the own account, which the caller may invoke", async () => {
    const given = { Name: "n", EndpointConfig: { lambda: { arn: "f" } } };
    const foreign = lambda("f").replace(door.file.accountId, "999999999999");
    const elsewhere = { ...given, EndpointConfig: { lambda: { arn: foreign } } };
    await refused("CreateCloudConnector", "ValidationException", elsewhere);
    await refused("CreateCloudConnector", "ValidationException", { Name: "n", EndpointConfig: {} });
    const credentials = await door.user("no-function", [allow("iotmanagedintegrations:*")]);
    const { message } = await refused("CreateCloudConnector", "AccessDeniedException", given, door.as(credentials));
    expect(message).toContain("lambda:InvokeFunction");
    expect(message).toContain(lambda("f"));
  });

  test("stay while they have destinations", async () => {
    const CloudConnectorId = await connector();
    const id = await destination({ CloudConnectorId });
    await refused("DeleteCloudConnector", "ValidationException", { Identifier: CloudConnectorId });
    await managed.send("DeleteConnectorDestination", { Identifier: id });
    await managed.send("DeleteCloudConnector", { Identifier: CloudConnectorId });
  });

  test("row 49: another account sees a LISTED connector and no UNLISTED one", async () => {
    const hidden = await connector("hidden");
    const listed = await connector("listed");
    const { AccountId, AccessKey } = await door.root.hearth.send("CreateAccount", {});
    const other = door.as({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
    const arn = `arn:aws:secretsmanager:${door.file.region}:${AccountId}:secret:own-aaaaaa`;
    const destinationFor = (CloudConnectorId: string) => ({
      CloudConnectorId,
      AuthConfig: { GeneralAuthorization: [{ ...material("key"), SecretsManager: { ...secret, arn } }] },
    });
    const list = async (Type: "LISTED" | "UNLISTED", CloudConnectorId = listed) =>
      door.root.hearth.send("UpdateCloudConnectorListing", {
        ...{ AccountId: door.file.accountId, CloudConnectorId, Type },
      });
    const seen = async (input = {}) => (await other[SERVICE].send("ListCloudConnectors", input)).Items ?? [];
    for (const Id of [hidden, listed]) {
      await refused("GetCloudConnector", "ResourceNotFoundException", { Identifier: Id }, other);
      await refused("CreateConnectorDestination", "ResourceNotFoundException", destinationFor(Id), other);
    }
    expect(await seen()).toEqual([]);

    await list("LISTED");
    const shown = { Id: listed, Name: "listed", Type: "LISTED", EndpointType: "LAMBDA", EndpointConfig: {} };
    expect(await other[SERVICE].send("GetCloudConnector", { Identifier: listed })).toEqual(shown);
    expect(await seen()).toEqual([shown]);
    expect(await seen({ Type: "LISTED" })).toEqual([shown]);
    expect(await seen({ Type: "UNLISTED" })).toEqual([]);
    expect(await seen({ LambdaArn: lambda("listed") })).toEqual([]);
    expect(await managed.send("GetCloudConnector", { Identifier: listed })).toMatchObject({
      Type: "LISTED",
      EndpointConfig: endpoint("listed"),
    });
    await refused("GetCloudConnector", "ResourceNotFoundException", { Identifier: hidden }, other);
    await refused("UpdateCloudConnector", "ResourceNotFoundException", { Identifier: listed, Name: "mine" }, other);
    await refused("DeleteCloudConnector", "ResourceNotFoundException", { Identifier: listed }, other);

    const { Id: used = "" } = await other[SERVICE].send("CreateConnectorDestination", destinationFor(listed));
    const { message } = await refused("DeleteCloudConnector", "ValidationException", { Identifier: listed });
    expect(message).not.toContain(AccountId);
    expect(message).not.toContain(used);
    await list("UNLISTED");
    await refused("GetCloudConnector", "ResourceNotFoundException", { Identifier: listed }, other);
    await refused("CreateConnectorDestination", "ResourceNotFoundException", destinationFor(listed), other);
    expect(await other[SERVICE].send("GetConnectorDestination", { Identifier: used })).toMatchObject({ Id: used });
    await other[SERVICE].send("DeleteConnectorDestination", { Identifier: used });
    await managed.send("DeleteCloudConnector", { Identifier: listed });
  });

  test("are listed by the installation's own account alone", async () => {
    const { AccountId, AccessKey } = await door.root.hearth.send("CreateAccount", {});
    const other = door.as({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
    const input = { AccountId, CloudConnectorId: "absent", Type: "LISTED" as const };
    const asked = (clients: Clients) => refusalOf(clients.hearth.send("UpdateCloudConnectorListing", input));
    expect(await asked(other)).toMatchObject({ name: "AccessDeniedException" });
    expect(await asked(door.root)).toMatchObject({ name: "ResourceNotFoundException" });
  });
});

describe("row 51: connector destinations", () => {
  test("keep their OAuth settings", async () => {
    const CloudConnectorId = await connector();
    const given = { Name: "dest", Description: "d", AuthType: "OAUTH", AuthConfig: { oAuth }, SecretsManager: secret };
    const Id = await destination({ CloudConnectorId, ...given });
    const shown = { Id, CloudConnectorId, ...given, OAuthCompleteRedirectUrl: oAuth.oAuthCompleteRedirectUrl };
    expect(await managed.send("GetConnectorDestination", { Identifier: Id })).toEqual(shown);
    await destination();
    const { ConnectorDestinationList } = await managed.send("ListConnectorDestinations", { CloudConnectorId });
    expect(ConnectorDestinationList).toEqual([{ Id, CloudConnectorId, Name: "dest", Description: "d" }]);

    const renewal = { enabled: false, DaysBeforeRenewal: 60 };
    const oAuthUpdate = { oAuthCompleteRedirectUrl: "about:blank", proactiveRefreshTokenRenewal: renewal };
    await managed.send("UpdateConnectorDestination", { Identifier: Id, Name: "new", AuthConfig: { oAuthUpdate } });
    const { OAuthCompleteRedirectUrl: _, ...rest } = shown;
    expect(await managed.send("GetConnectorDestination", { Identifier: Id })).toEqual({
      ...rest,
      Name: "new",
      AuthConfig: { oAuth: { ...oAuth, ...oAuthUpdate } },
    });
  });

  test("keep the named secrets of General Authorization", async () => {
    const AuthConfig = { GeneralAuthorization: [material("a"), material("b")] };
    const Identifier = await destination({ AuthType: undefined, AuthConfig, SecretsManager: undefined });
    const second = { ...secret, versionId: "w".repeat(32) };
    const change = {
      AuthMaterialsToAdd: [material("c")],
      AuthMaterialsToUpdate: [{ ...material("b"), SecretsManager: second }],
    };
    const update = (GeneralAuthorizationUpdate: Input) => ({ Identifier, AuthConfig: { GeneralAuthorizationUpdate } });
    await sender(managed).send("UpdateConnectorDestination", update(change));
    const found = await managed.send("GetConnectorDestination", { Identifier });
    expect(found.AuthConfig?.GeneralAuthorization).toEqual([
      material("a"),
      { ...material("b"), SecretsManager: second },
      material("c"),
    ]);
    for (const bad of [
      { AuthMaterialsToAdd: [material("d")] },
      { AuthMaterialsToAdd: [material("a")] },
      { AuthMaterialsToUpdate: [material("absent")] },
    ]) {
      await refused("UpdateConnectorDestination", "ValidationException", update(bad));
    }
    const oAuthUpdate = { oAuthCompleteRedirectUrl: "about:blank" };
    await refused("UpdateConnectorDestination", "ValidationException", { Identifier, AuthConfig: { oAuthUpdate } });
  });

  test.each([
    ["nothing to authenticate with", { AuthConfig: {} }],
    ["OAuth without its settings", { AuthConfig: { GeneralAuthorization: [{ AuthMaterialName: "a" }] } }],
    ["OAuth without a secret", { SecretsManager: undefined }],
    [
      "a name twice",
      { AuthConfig: { oAuth, GeneralAuthorization: [{ AuthMaterialName: "a" }, { AuthMaterialName: "a" }] } },
    ],
    ["an endless scope", { AuthConfig: { oAuth: { ...oAuth, scope: "s".repeat(1025) } } }],
  ])("refuse %s", async (_what, more: Input) => {
    const config = (more["AuthConfig"] ?? { oAuth }) as { GeneralAuthorization?: object[] };
    const whole = config.GeneralAuthorization?.map((one) => ({ ...one, SecretsManager: secret }));
    const AuthConfig = { ...config, ...(whole ? { GeneralAuthorization: whole } : {}) };
    const given = {
      CloudConnectorId: await connector(),
      AuthType: "OAUTH",
      SecretsManager: secret,
      ...more,
      AuthConfig,
    };
    await refused("CreateConnectorDestination", "ValidationException", given);
  });

  test("need permission on the secrets that they name", async () => {
    const credentials = await door.user("no-secret", [allow("iotmanagedintegrations:*")]);
    const given = { CloudConnectorId: await connector(), AuthConfig: { oAuth }, SecretsManager: secret };
    const { message } = await refused(
      "CreateConnectorDestination",
      "AccessDeniedException",
      given,
      door.as(credentials),
    );
    expect(message).toContain("secretsmanager:GetSecretValue");
  });

  test.each([
    ["authUrl", "http://vendor.example.com/authorize", "must be an https URL"],
    ["authUrl", "https://vendor.example.com/authorize#here", "must not have a fragment"],
    ["tokenUrl", "http://vendor.example.com/token", "must be an https URL"],
    ["tokenUrl", "https://10.0.0.1/token", "not on the public internet"],
  ])("have URLs that codes and secrets may go to: %s %s", async (member, url, why) => {
    const config = { CloudConnectorId: await connector(), SecretsManager: secret };
    const given = { ...config, AuthConfig: { oAuth: { ...oAuth, [member]: url } } };
    expect((await refused("CreateConnectorDestination", "ValidationException", given)).message).toContain(why);
  });

  test("stay while an account association uses them", async () => {
    const ConnectorDestinationId = await destination();
    const { AccountAssociationId } = await managed.send("CreateAccountAssociation", { ConnectorDestinationId });
    const { message } = await refused("DeleteConnectorDestination", "ValidationException", {
      Identifier: ConnectorDestinationId,
    });
    expect(message).toContain(AccountAssociationId);
    await managed.send("DeleteAccountAssociation", { AccountAssociationId });
    await managed.send("DeleteConnectorDestination", { Identifier: ConnectorDestinationId });
    await refused("GetConnectorDestination", "ResourceNotFoundException", { Identifier: ConnectorDestinationId });
  });
});

describe("account associations", () => {
  test("begin with the vendor's page, on which the user signs in", async () => {
    const ConnectorDestinationId = await destination();
    const given = { ConnectorDestinationId, Name: "ann", Description: "her lamps", Tags: { team: "x" } };
    const created = await managed.send("CreateAccountAssociation", given);
    const { AccountAssociationId } = created;
    expect(created).toEqual({
      AccountAssociationId,
      AssociationState: "ASSOCIATION_IN_PROGRESS",
      Arn: `arn:aws:iotmanagedintegrations:${door.file.region}:${door.file.accountId}:account-association/${AccountAssociationId}`,
      OAuthAuthorizationUrl: expect.any(String),
    });
    const url = new URL(created.OAuthAuthorizationUrl);
    expect(`${url.origin}${url.pathname}`).toBe("https://vendor.example.com/authorize");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      ...{ audience: "home", response_type: "code", scope: "devices lights", client_id: "client" },
      ...{ code_challenge: expect.stringMatching(/^[\w-]{43}$/), code_challenge_method: "S256" },
      redirect_uri: door.file.callbackUrl,
      state: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await managed.send("GetAccountAssociation", { AccountAssociationId })).toEqual({ ...given, ...created });

    await managed.send("UpdateAccountAssociation", { AccountAssociationId, Name: "anna" });
    const { Items } = await managed.send("ListAccountAssociations", { ConnectorDestinationId });
    const { OAuthAuthorizationUrl: _, ...shown } = created;
    const { Tags: _tags, ...named } = given;
    expect(Items).toEqual([{ ...named, ...shown, Name: "anna" }]);

    expect((await managed.send("ListManagedThingAccountAssociations", { AccountAssociationId })).Items).toEqual([]);
    const refresh = { AccountAssociationId };
    await refused("StartAccountAssociationRefresh", "ConflictException", refresh);
    await managed.send("DeleteAccountAssociation", { AccountAssociationId });
    await refused("GetAccountAssociation", "ResourceNotFoundException", { AccountAssociationId });
  });

  test("by General Authorization need nobody to sign in", async () => {
    const GeneralAuthorization = [material("a")];
    const ConnectorDestinationId = await destination({ AuthType: undefined, AuthConfig: { GeneralAuthorization } });
    const given = { ConnectorDestinationId, GeneralAuthorization: { AuthMaterialName: "a" } };
    const { AccountAssociationId, ...created } = await managed.send("CreateAccountAssociation", given);
    expect(created).toMatchObject({ AssociationState: "ASSOCIATION_IN_PROGRESS", OAuthAuthorizationUrl: "" });
    expect(await managed.send("GetAccountAssociation", { AccountAssociationId })).toMatchObject(given);
    const other = { ...given, GeneralAuthorization: { AuthMaterialName: "absent" } };
    await refused("CreateAccountAssociation", "ValidationException", other);
    await refused("CreateAccountAssociation", "ValidationException", { ConnectorDestinationId });
  });

  test("need permission on the destination's secret", async () => {
    const ConnectorDestinationId = await destination();
    const { AccountAssociationId } = await managed.send("CreateAccountAssociation", { ConnectorDestinationId });
    const credentials = await door.user("no-link", [allow("iotmanagedintegrations:*")]);
    const clients = door.as(credentials);
    for (const [operation, input] of [
      ["CreateAccountAssociation", { ConnectorDestinationId }],
      ["GetAccountAssociation", { AccountAssociationId }],
      ["StartAccountAssociationRefresh", { AccountAssociationId }],
    ] as const) {
      const { message } = await refused(operation, "AccessDeniedException", input, clients);
      expect(message).toContain("secretsmanager:GetSecretValue");
    }
  });

  test("row 47 (part): have tags, on which policies may depend", async () => {
    const ConnectorDestinationId = await destination();
    const given = { ConnectorDestinationId, Tags: { env: "prod" } };
    const { Arn: ResourceArn = "", AccountAssociationId } = await managed.send("CreateAccountAssociation", given);
    await managed.send("TagResource", { ResourceArn, Tags: { Env: "" } });
    expect((await managed.send("ListTagsForResource", { ResourceArn })).tags).toEqual({ env: "prod", Env: "" });
    expect((await managed.send("GetAccountAssociation", { AccountAssociationId })).Tags).toEqual({
      env: "prod",
      Env: "",
    });
    const condition = { StringEquals: { "aws:ResourceTag/env": "prod" } };
    const deny = { Effect: "Deny", Action: "iotmanagedintegrations:DeleteAccountAssociation", Resource: "*" };
    const statements = [allow("*"), { ...deny, Condition: condition }];
    const limited = door.as(await door.user("tag-limited", statements))[SERVICE];
    const held = await refusalOf(limited.send("DeleteAccountAssociation", { AccountAssociationId }));
    expect(held.name).toBe("AccessDeniedException");
    await managed.send("UntagResource", { ResourceArn, TagKeys: ["env"] });
    await limited.send("DeleteAccountAssociation", { AccountAssociationId });
  });

  test("are guarded by their ARN", async () => {
    const ConnectorDestinationId = await destination();
    const { AccountAssociationId, Arn = "" } = await managed.send("CreateAccountAssociation", {
      ConnectorDestinationId,
    });
    const credentials = await door.user("one-association", [
      allow(["iotmanagedintegrations:*", "secretsmanager:GetSecretValue"], [Arn, secret.arn]),
    ]);
    const own = door.as(credentials)[SERVICE];
    await own.send("GetAccountAssociation", { AccountAssociationId });
    const other = await managed.send("CreateAccountAssociation", { ConnectorDestinationId });
    const refusal = await refusalOf(
      own.send("GetAccountAssociation", { AccountAssociationId: other.AccountAssociationId }),
    );
    expect(refusal.name).toBe("AccessDeniedException");
  });
});
