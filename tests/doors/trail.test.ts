import type { Shape, StructureShape } from "@hearth/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Credentials } from "../kit/platform.ts";
import { modelOf } from "./answers.ts";
import {
  allow,
  type Clients,
  type Door,
  type Input,
  openDoor,
  policy,
  refusalOf,
  refusing,
  type Service,
  sender,
} from "./door.ts";
import { handled } from "./handled.ts";
import { sampleInput } from "./samples.ts";

const SERVICE = "iot-managed-integrations";
const MASK = "HIDDEN_DUE_TO_SECURITY_REASONS";
const model = modelOf(SERVICE);

let door: Door;
let role: { session: Credentials; arn: string };
beforeAll(async () => {
  door = await openDoor();
  role = await session("everything", "audited");
});
afterAll(() => door.stop());

const refused = refusing("cloudtrail", () => door.root);

/** A session of a role that may do anything, made by a user. */
async function session(RoleName: string, RoleSessionName: string): Promise<{ session: Credentials; arn: string }> {
  const { root } = door;
  const trust = policy({ Effect: "Allow", Principal: { AWS: door.file.accountId }, Action: "sts:AssumeRole" });
  const { Role } = await root.iam.send("CreateRole", { RoleName, Path: "/ops/", AssumeRolePolicyDocument: trust });
  const rights = { RoleName, PolicyName: "all", PolicyDocument: policy(allow("*")) };
  await root.iam.send("PutRolePolicy", rights);
  const user = await door.user(`${RoleName}-user`, [allow("sts:AssumeRole")]);
  const { Credentials } = await door.as(user).sts.send("AssumeRole", { RoleArn: Role.Arn, RoleSessionName });
  const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
  const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  return { session: keys, arn: Role.Arn };
}

type Event = Record<string, unknown> & { EventName: string; record: Record<string, unknown>; raw: string };

/** Every event that is found by the attribute, the newest first. */
async function events(AttributeKey: string, AttributeValue: string, clients: Clients = door.root): Promise<Event[]> {
  const found: Event[] = [];
  let NextToken: string | undefined;
  do {
    const page: Input = await sender(clients.cloudtrail).send("LookupEvents", {
      LookupAttributes: [{ AttributeKey, AttributeValue }],
      ...(NextToken !== undefined && { NextToken }),
    });
    for (const event of page["Events"] as Record<string, unknown>[]) {
      const raw = String(event["CloudTrailEvent"]);
      found.push({ ...event, EventName: String(event["EventName"]), raw, record: JSON.parse(raw) as Event["record"] });
    }
    NextToken = page["NextToken"] as string | undefined;
  } while (NextToken !== undefined);
  return found;
}

/** Paths of the sensitive members that a value has, `*` for the items of lists. */
function sensitivePaths(name: string, value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const shape = model.shapes[name] as Shape;
  if (shape.sensitive) return [path];
  if (shape.type === "structure" && value && typeof value === "object") {
    return Object.entries(value).flatMap(([member, inner]) => {
      const { shape: of, sensitive } = (shape as StructureShape).members[member]!;
      return sensitive ? [[...path, member]] : sensitivePaths(of, inner, [...path, member]);
    });
  }
  if (shape.type === "list" && Array.isArray(value)) {
    return value.flatMap((inner, index) => sensitivePaths(shape.member, inner, [...path, String(index)]));
  }
  if (shape.type === "map" && value && typeof value === "object") {
    return Object.entries(value).flatMap(([key, inner]) => sensitivePaths(shape.value, inner, [...path, key]));
  }
  return [];
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);

describe("row 112: every operation leaves one record", () => {
  const inputs = handled[SERVICE].map((operation) => ({ operation, input: sampleInput(model, operation, "full") }));
  let byName: ReadonlyMap<string, Event[]>;
  beforeAll(async () => {
    // Whether it succeeds is not asked here: a call that fails is a call.
    for (const { operation, input } of inputs) await door.call(SERVICE, operation, input, role.session).catch(() => {});
    const all = await events("Username", "audited");
    const names = new Set(all.map(({ EventName }) => EventName));
    byName = new Map([...names].map((name) => [name, all.filter(({ EventName }) => EventName === name)]));
  });

  test.each(inputs)("$operation", ({ operation, input }) => {
    const { accountId, region } = door.file;
    const [event, ...more] = byName.get(operation) ?? [];
    expect(more).toEqual([]);
    const readOnly = /^(Get|List)/.test(operation);
    const { record } = event!;
    expect(event).toMatchObject({
      EventId: record["eventID"],
      EventSource: "iotmanagedintegrations.amazonaws.com",
      ReadOnly: String(readOnly),
      AccessKeyId: role.session.accessKeyId,
      EventTime: new Date(String(record["eventTime"])).getTime() / 1000,
    });
    expect(record).toMatchObject({
      eventVersion: "1.09",
      userIdentity: {
        type: "AssumedRole",
        principalId: expect.stringMatching(/^AROA[A-Z0-9]+:audited$/),
        arn: `arn:aws:sts::${accountId}:assumed-role/everything/audited`,
        accountId,
        accessKeyId: role.session.accessKeyId,
        sessionContext: {
          sessionIssuer: {
            type: "Role",
            principalId: expect.stringMatching(/^AROA[A-Z0-9]+$/),
            arn: role.arn,
            accountId,
            userName: "everything",
          },
          attributes: { creationDate: expect.stringMatching(/^\d{4}-.*Z$/), mfaAuthenticated: "false" },
        },
      },
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      eventSource: "iotmanagedintegrations.amazonaws.com",
      eventName: operation,
      awsRegion: region,
      sourceIPAddress: "127.0.0.1",
      userAgent: expect.any(String),
      requestID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      eventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      readOnly,
      eventType: "AwsApiCall",
      managementEvent: true,
      recipientAccountId: accountId,
      eventCategory: "Management",
    });
    const failed = record["errorCode"] !== undefined;
    if (readOnly || failed) expect(record["responseElements"]).toBeNull();
    else expect(record["responseElements"]).toMatchObject({ "X-Frame-Options": "DENY", Pragma: "no-cache" });

    const parameters = record["requestParameters"];
    if (Object.keys(input).length === 0) expect(parameters).toBeNull();
    else expect(Object.keys(parameters as object).sort()).toEqual(Object.keys(input).sort());
    const name = model.operations[operation]?.input;
    for (const path of name ? sensitivePaths(name, input) : []) {
      expect(at(parameters, path), path.join(".")).toBe(MASK);
    }
  });
});

describe("a record", () => {
  const managed = (clients: Clients) => sender(clients[SERVICE]);
  const thing = (SerialNumber: string, more: Input = {}): Input => ({
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:${SerialNumber};UPC:123456789012`,
    ...more,
  });
  const only = async (key: string, value: string): Promise<Event> => {
    const found = await events(key, value);
    expect(found).toHaveLength(1);
    return found[0]!;
  };

  test("holds what a change answered, with the answer's headers, and what it was about", async () => {
    const secret = "PLANTED-SERIAL-1";
    const answer = await managed(door.root).send("CreateManagedThing", thing(secret, { Name: "lamp", Brand: "Acme" }));
    const { record, raw, ...event } = await only("ResourceName", String(answer["Arn"]));
    expect(event).toMatchObject({
      EventName: "CreateManagedThing",
      Username: "root",
      Resources: [{ ResourceType: "AWS::IoTManagedIntegrations::ManagedThing", ResourceName: answer["Arn"] }],
    });
    expect(record["userIdentity"]).toEqual({
      type: "Root",
      principalId: door.file.accountId,
      arn: `arn:aws:iam::${door.file.accountId}:root`,
      accountId: door.file.accountId,
      accessKeyId: door.file.accessKeyId,
    });
    expect(record["requestParameters"]).toEqual({
      Role: "DEVICE",
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
      AuthenticationMaterial: MASK,
      Name: "lamp",
      Brand: MASK,
      ClientToken: expect.any(String),
    });
    expect(record["responseElements"]).toEqual({
      ...answer,
      "Content-Type": "application/json",
      "Cache-Control": "no-store, no-cache",
      "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
      Pragma: "no-cache",
      "X-Amzn-Requestid": record["requestID"],
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
    });
    expect(raw).not.toContain(secret);
    expect(raw).not.toContain("Acme");
    await only("EventId", String(event["EventId"]));
    expect(await only("ResourceName", String(answer["Id"]))).toMatchObject({ EventId: event["EventId"] });
    const things = await events("ResourceType", "AWS::IoTManagedIntegrations::ManagedThing");
    expect(things.map(({ EventId }) => EventId)).toContain(event["EventId"]);
    const tasks = await events("ResourceType", "AWS::IoTManagedIntegrations::OtaTask");
    expect(tasks.map(({ EventId }) => EventId)).not.toContain(event["EventId"]);
    expect(await events("ResourceType", "AWS::IoT::Thing")).toEqual([]);
  });

  test("tells who was refused, and why, without what they sent", async () => {
    const denied = await door.user("denied");
    const clients = door.as(denied);
    const refusal = await refusalOf(managed(clients).send("CreateManagedThing", thing("PLANTED-SERIAL-2")));
    const { record, raw } = await only("AccessKeyId", denied.accessKeyId);
    expect(record).toMatchObject({
      userIdentity: { type: "IAMUser", userName: "denied", arn: expect.stringContaining(":user/denied") },
      errorCode: "AccessDeniedException",
      errorMessage: refusal.message,
      responseElements: null,
    });
    expect(raw).not.toContain("PLANTED-SERIAL");
  });

  test("hides a secret that an error's words repeat", async () => {
    const user = await door.user("clumsy", [allow("*")]);
    const clients = door.as(user);
    // The wrong form of a member that holds a secret, and a member that does not exist.
    const call = door.call(
      SERVICE,
      "CreateManagedThing",
      { ...thing("x"), SerialNumber: "PLANTED SERIAL\u0000" },
      user,
    );
    await refusalOf(call);
    const stray = door.call(SERVICE, "CreateManagedThing", { ...thing("y"), Tags: "PLANTED-TAGS" }, user);
    await refusalOf(stray);
    const found = await events("AccessKeyId", user.accessKeyId, clients);
    expect(found.map(({ EventName }) => EventName)).toEqual(["CreateManagedThing", "CreateManagedThing"]);
    expect(found.map(({ raw }) => raw).join()).not.toContain("PLANTED");
  });

  test("is its account's alone", async () => {
    const { AccessKey } = await door.root.hearth.send("CreateAccount", {});
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
    const other = door.as({ accessKeyId, secretAccessKey });
    await managed(other).send("ListManagedThings", {});
    const { Events } = await other.cloudtrail.send("LookupEvents", {});
    expect(Events?.map(({ EventName }) => EventName)).toEqual(["ListManagedThings"]);
    expect(await events("AccessKeyId", accessKeyId)).toEqual([]);
  });
});

describe("LookupEvents", () => {
  const lookup = (input: Input) => sender(door.root.cloudtrail).send("LookupEvents", input);
  const namesOf = (answer: Input) => (answer["Events"] as { EventName: string }[]).map(({ EventName }) => EventName);
  const attribute = (AttributeKey: string, AttributeValue: string): Input => ({
    LookupAttributes: [{ AttributeKey, AttributeValue }],
  });

  test("finds by each attribute, in a range of time, page by page", async () => {
    const user = await door.user("pager", [allow("*")]);
    const clients = door.as(user);
    const service: Service = SERVICE;
    for (let n = 0; n < 5; n++) await clients[service].send("ListManagedThings", {});
    await clients[service].send("RegisterCustomEndpoint", {});
    const mine = await events("Username", "pager");
    expect(mine.map(({ EventName }) => EventName)).toEqual([
      "RegisterCustomEndpoint",
      ...Array(5).fill("ListManagedThings"),
    ]);

    const pages: string[] = [];
    let NextToken: unknown;
    do {
      const page = await lookup({
        ...attribute("Username", "pager"),
        MaxResults: 4,
        ...(NextToken ? { NextToken } : {}),
      });
      pages.push(String(namesOf(page).length));
      NextToken = page["NextToken"];
    } while (NextToken);
    expect(pages).toEqual(["4", "2"]);

    const writes = await events("ReadOnly", "false");
    expect(writes.map((event) => event["Username"])).toContain("pager");
    expect(new Set(writes.map((event) => event["ReadOnly"]))).toEqual(new Set(["false"]));
    expect((await events("EventSource", "iotmanagedintegrations.amazonaws.com")).length).toBeGreaterThan(6);
    expect(await events("EventSource", "s3.amazonaws.com")).toEqual([]);
    expect(await events("EventName", "RegisterCustomEndpoint")).not.toEqual([]);
    expect(await events("EventId", "not-an-id")).toEqual([]);

    const now = Number(mine[0]!["EventTime"]);
    expect(namesOf(await lookup({ StartTime: new Date((now + 60) * 1000) }))).toEqual([]);
    expect(namesOf(await lookup({ EndTime: new Date((now - 3600) * 1000) }))).toEqual([]);
    const around = { StartTime: new Date((now - 60) * 1000), EndTime: new Date(now * 1000) };
    expect(namesOf(await lookup({ ...attribute("Username", "pager"), ...around }))).toHaveLength(6);
    expect(namesOf(await lookup({ EventCategory: "insight" }))).toEqual([]);
  });

  test("refuses what it cannot look up by", async () => {
    for (const MaxResults of [0, 51]) await refused("LookupEvents", "InvalidMaxResultsException", { MaxResults });
    await refused("LookupEvents", "InvalidNextTokenException", { NextToken: "AAAA" });
    await refused("LookupEvents", "InvalidEventCategoryException", { EventCategory: "network" });
    const times = { StartTime: new Date(2_000), EndTime: new Date(1_000) };
    await refused("LookupEvents", "InvalidTimeRangeException", times);
    const two = [
      ...(attribute("EventName", "a")["LookupAttributes"] as object[]),
      { AttributeKey: "EventId", AttributeValue: "b" },
    ];
    for (const input of [
      { LookupAttributes: two },
      attribute("Colour", "red"),
      attribute("ReadOnly", "perhaps"),
      attribute("EventName", "a\u0000"),
    ]) {
      await refused("LookupEvents", "InvalidLookupAttributesException", input);
    }
  });
});
