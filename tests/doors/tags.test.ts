import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { makeOtaDocument } from "../kit/ota-document.ts";
import { makeVendorSecret } from "../kit/vendor-secret.ts";
import { allow, type Clients, type Door, expectModelled, type Input, openDoor, refusalOf, sender } from "./door.ts";

const SERVICE = "iot-managed-integrations";

let door: Door;
let absent: (type: string) => string;
let S3Url: string;
beforeAll(async () => {
  door = await openDoor();
  S3Url = await makeOtaDocument(door.file, "documents");
  const { region, accountId } = door.file;
  absent = (type) => `arn:aws:iotmanagedintegrations:${region}:${accountId}:${type}/absent`;
});
afterAll(() => door.stop());

const send = (operation: string, input: Input, clients: Clients = door.root): Promise<Input> =>
  sender(clients[SERVICE]).send(operation, input);
const refused = (operation: string, error: string, input: Input) =>
  expectModelled(SERVICE, operation, error, send(operation, input));

let made = 0;
const thing = (more: Input = {}): Input => ({
  Role: "DEVICE",
  AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
  AuthenticationMaterial: `SN:TAG-${++made};UPC:123456789012`,
  ...more,
});

/** How an account association is made, of a destination of its own. */
async function association(): Promise<Input> {
  const { region, accountId } = door.file;
  const arn = `arn:aws:lambda:${region}:${accountId}:function:tagged`;
  const connector = await send("CreateCloudConnector", { Name: "tagged", EndpointConfig: { lambda: { arn } } });
  const { Id } = await send("CreateConnectorDestination", {
    CloudConnectorId: connector["Id"],
    AuthType: "OAUTH",
    AuthConfig: {
      oAuth: {
        authUrl: "https://vendor.example.com/authorize",
        tokenUrl: "https://vendor.example.com/token",
        tokenEndpointAuthenticationScheme: "HTTP_BASIC",
      },
    },
    SecretsManager: await makeVendorSecret(door.root, door.file),
  });
  return { ConnectorDestinationId: Id };
}

/** An OTA task that nothing matches. */
const otaTask = () => ({ S3Url, OtaType: "CONTINUOUS", OtaTargetQueryString: "attributes.nobody=has" });

/** Each type that has tags and can be made: how one is made, read and deleted, and the member that names it. */
const types: readonly [type: string, create: string, input: () => Input | Promise<Input>, member?: string][] = [
  ["account-association", "CreateAccountAssociation", association, "AccountAssociationId"],
  ["managed-thing", "CreateManagedThing", thing],
  ["credential-locker", "CreateCredentialLocker", () => ({ Name: "locker" })],
  ["provisioning-profile", "CreateProvisioningProfile", () => ({ ProvisioningType: "FLEET_PROVISIONING" })],
  ["ota-task", "CreateOtaTask", otaTask, "TaskId"],
];

describe.each(types)("row 47: tags of a %s", (_type, create, input, member = "Id") => {
  const get = create.replace("Create", "Get");
  const created = async (Tags?: Input) => {
    const { Arn, TaskArn, [member]: id } = await send(create, { ...(await input()), ...(Tags && { Tags }) });
    const name = member === "AccountAssociationId" ? member : "Identifier";
    return { ResourceArn: String(Arn ?? TaskArn), named: { [name]: id } };
  };
  const tagsOf = async (ResourceArn: string) => (await send("ListTagsForResource", { ResourceArn }))["tags"];

  test("are given, listed, overwritten and removed; case counts and a value may be empty", async () => {
    const { ResourceArn, named } = await created({ env: "dev", Env: "" });
    expect(await tagsOf(ResourceArn)).toEqual({ env: "dev", Env: "" });
    await send("TagResource", { ResourceArn, Tags: { env: "prod", "ключ 1+-=._:/@": "знач" } });
    const all = { env: "prod", Env: "", "ключ 1+-=._:/@": "знач" };
    expect(await tagsOf(ResourceArn)).toEqual(all);
    expect((await send(get, named))["Tags"]).toEqual(all);
    await send("UntagResource", { ResourceArn, TagKeys: ["Env", "never there"] });
    await send("UntagResource", { ResourceArn, TagKeys: ["env", "ключ 1+-=._:/@"] });
    expect(await tagsOf(ResourceArn)).toEqual({});
    expect((await send(get, named))["Tags"]).toBeUndefined();
  });

  test("are 50 at most, with 128 and 256 characters", async () => {
    const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key-${index}`, "v"]));
    const { ResourceArn } = await created({ ...fifty, "key-0": "é".repeat(256) });
    await refused("TagResource", "InvalidRequestException", { ResourceArn, Tags: { another: "" } });
    // Overwriting adds nothing.
    await send("TagResource", { ResourceArn, Tags: { "key-1": "w" } });
    expect(await tagsOf(ResourceArn)).toEqual({ ...fifty, "key-0": "é".repeat(256), "key-1": "w" });
    await refused(create, "ValidationException", { ...(await input()), Tags: { ...fifty, another: "" } });
    await refused(create, "ValidationException", { ...(await input()), Tags: { ["k".repeat(129)]: "" } });
    await refused("TagResource", "InvalidRequestException", { ResourceArn, Tags: { k: "v".repeat(257) } });
  });

  test("cannot have the platform's prefix", async () => {
    const { ResourceArn } = await created();
    for (const key of ["aws:createdBy", "AWS:x"]) {
      await refused(create, "ValidationException", { ...(await input()), Tags: { [key]: "x" } });
      await refused("TagResource", "InvalidRequestException", { ResourceArn, Tags: { [key]: "x" } });
      await refused("UntagResource", "InvalidRequestException", { ResourceArn, TagKeys: [key] });
    }
  });

  test("given at the same time are all kept", async () => {
    const { ResourceArn } = await created();
    const keys = Array.from({ length: 8 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => send("TagResource", { ResourceArn, Tags: { [key]: key } })));
    expect(await tagsOf(ResourceArn)).toEqual(Object.fromEntries(keys.map((key) => [key, key])));
  });

  test("go with their resource", async () => {
    const { ResourceArn, named } = await created({ a: "b" });
    await send(create.replace("Create", "Delete"), named);
    // An OTA task goes once its executions have gone.
    await vi.waitFor(() => refused("ListTagsForResource", "ResourceNotFoundException", { ResourceArn }), 30_000);
  });
});

test("nothing is found under another region, account or an id that is not there", async () => {
  for (const type of [
    "managed-thing",
    "provisioning-profile",
    "credential-locker",
    "ota-task",
    "account-association",
  ]) {
    for (const [operation, more] of [
      ["ListTagsForResource", {}],
      ["TagResource", { Tags: { a: "b" } }],
      ["UntagResource", { TagKeys: ["a"] }],
    ] as const) {
      await refused(operation, "ResourceNotFoundException", { ResourceArn: absent(type), ...more });
    }
  }
  const { Arn } = await send("CreateManagedThing", thing({ Tags: { a: "b" } }));
  const elsewhere = String(Arn).replace(door.file.region, "eu-west-1");
  await refused("ListTagsForResource", "ResourceNotFoundException", { ResourceArn: elsewhere });
  const foreign = await refusalOf(
    send("ListTagsForResource", { ResourceArn: String(Arn).replace(door.file.accountId, "111111111111") }),
  );
  expect(foreign.name).toBe("AccessDeniedException");
});

describe("row 48: conditions on tags", () => {
  const four = ["Create", "Delete", "Get", "Update"].map((verb) => `iotmanagedintegrations:${verb}ManagedThing`);
  const prod = (key: string) => ({ StringEquals: { [key]: "prod" } });

  test("the env=prod policy blocks exactly the calls that it names", async () => {
    const { accountId, region } = door.file;
    const things = `arn:aws:iotmanagedintegrations:${region}:${accountId}:managed-thing/*`;
    const limited = door.as(
      await door.user("limited", [
        { Effect: "Deny", Action: four[0], Resource: things, Condition: prod("aws:RequestTag/env") },
        { Effect: "Deny", Action: four, Resource: things, Condition: prod("aws:ResourceTag/env") },
        allow(four),
      ]),
    );
    const outcomes: Record<string, string> = {};
    const attempt = async (name: string, operation: string, input: Input) => {
      outcomes[name] = await send(operation, input, limited).then(
        () => "done",
        ({ name }: Error) => name,
      );
    };
    for (const [env, Tags] of [
      ["prod", { env: "prod" }],
      ["dev", { env: "dev" }],
      ["untagged", undefined],
    ] as const) {
      await attempt(`Create ${env}`, "CreateManagedThing", thing(Tags && { Tags }));
      const { Id } = await send("CreateManagedThing", thing(Tags && { Tags }));
      const Identifier = String(Id);
      await attempt(`Get ${env}`, "GetManagedThing", { Identifier });
      await attempt(`Update ${env}`, "UpdateManagedThing", { Identifier, Name: "x" });
      await attempt(`Delete ${env}`, "DeleteManagedThing", { Identifier });
    }
    expect(outcomes).toEqual({
      ...Object.fromEntries(
        ["Create", "Get", "Update", "Delete"].flatMap((verb) => [
          [`${verb} prod`, "AccessDeniedException"],
          [`${verb} dev`, "done"],
          [`${verb} untagged`, "done"],
        ]),
      ),
    });
    // What does not exist is not found by whoever may ask, as before.
    expect((await refusalOf(send("GetManagedThing", { Identifier: "absent" }, limited))).name).toBe(
      "ResourceNotFoundException",
    );
  });

  test("several values are alternatives, keys may be restricted, and every call on a thing is guarded", async () => {
    const all = "iotmanagedintegrations:*";
    const { Id, Arn } = await send("CreateManagedThing", thing({ Tags: { env: "test" } }));
    const { Id: other, Arn: otherArn } = await send("CreateManagedThing", thing({ Tags: { env: "prod" } }));
    const tester = door.as(
      await door.user("tester", [
        { ...allow(all), Condition: { StringEquals: { "aws:ResourceTag/env": ["dev", "test"] } } },
        {
          Effect: "Deny",
          Action: all,
          Resource: "*",
          Condition: { "ForAnyValue:StringEquals": { "aws:TagKeys": "env" } },
        },
      ]),
    );
    const calls: readonly [operation: string, input: (id: string, arn: string) => Input][] = [
      ["GetManagedThing", (Identifier) => ({ Identifier })],
      ["GetManagedThingCapabilities", (Identifier) => ({ Identifier })],
      ["GetManagedThingConnectivityData", (Identifier) => ({ Identifier })],
      ["GetManagedThingState", (ManagedThingId) => ({ ManagedThingId })],
      ["ListTagsForResource", (_, ResourceArn) => ({ ResourceArn })],
      ["TagResource", (_, ResourceArn) => ({ ResourceArn, Tags: { team: "x" } })],
      ["UntagResource", (_, ResourceArn) => ({ ResourceArn, TagKeys: ["team"] })],
    ];
    for (const [operation, input] of calls) {
      await send(operation, input(String(Id), String(Arn)), tester);
      const { name } = await refusalOf(send(operation, input(String(other), String(otherArn)), tester));
      expect(`${operation} ${name}`).toBe(`${operation} AccessDeniedException`);
    }
    const command = { ManagedThingId: String(other), Endpoints: [{ endpointId: "1", capabilities: [] }] };
    const Endpoints = [
      {
        endpointId: "1",
        capabilities: [{ id: "matter.OnOff@1.4", name: "n", version: "1", actions: [{ name: "On" }] }],
      },
    ];
    const denied = await refusalOf(send("SendManagedThingCommand", { ...command, Endpoints }, tester));
    expect(denied.name).toBe("AccessDeniedException");
    for (const [operation, input] of [
      ["TagResource", { ResourceArn: Arn, Tags: { env: "prod" } }],
      ["UntagResource", { ResourceArn: Arn, TagKeys: ["env"] }],
    ] as const) {
      expect((await refusalOf(send(operation, input, tester))).name).toBe("AccessDeniedException");
    }
  });
});
