import { createMemoryCredentialStore, createMqttAgent, provision } from "@hearth/device-sdk";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { allow, type Door, expectModelled, type Input, openDoor, type Service, sender } from "./door.ts";

const SERVICE = "iot-managed-integrations";

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.stop());

const to = (service: Service, operation: string, input: Input): Promise<Input> =>
  sender(door.root[service]).send(operation, input);
const send = (operation: string, input: Input) => to(SERVICE, operation, input);
const publish = (Schema: Input, Type = "capability") => to("hearth", "CreateSchemaVersion", { Type, Schema });
const refused = (operation: string, error: string, input: Input, service: Service = SERVICE) =>
  expectModelled(service, operation, error, to(service, operation, input));
const refusedToPublish = (error: string, Schema: Input, Type = "capability") =>
  refused("CreateSchemaVersion", error, { Type, Schema }, "hearth");

const path = (id: string, type = "capability") => `/schema-versions/${type}/${id}`;
const lamp = (id: string, more: Input = {}): Input => ({
  $id: path(id),
  name: "Lamp",
  description: "A lamp with a mood",
  extrinsicId: "0x12340001",
  extrinsicVersion: "1",
  properties: { Glow: { extrinsicId: "0x0000", value: { type: "boolean" } } },
  actions: [
    {
      name: "Pulse",
      extrinsicId: "0x01",
      request: { parameters: { Times: { extrinsicId: "0", value: { type: "integer", maximum: 5 } } } },
    },
  ],
  ...more,
});
const mood = (id: string, values: string[]): Input => ({
  $id: path(id, "definition"),
  $ref: path("aws.enum@1.0", "definition"),
  name: "Mood",
  type: "string",
  enum: values,
  extrinsicIdMap: Object.fromEntries(values.map((value, i) => [value, String(i)])),
});

const reported = (id: string, more: Input = {}) => ({
  id,
  name: "Lamp",
  version: "1",
  properties: ["Glow"],
  actions: ["Pulse"],
  events: [],
  ...more,
});
const reportOf = (...capabilities: object[]) => ({
  version: "1.0.0",
  nodeId: "n",
  endpoints: [{ id: "1", deviceTypes: ["Lamp"], capabilities }],
});
const item = (id: string, Schema: Input) => ({
  Format: "AWS",
  CapabilityId: id,
  ExtrinsicId: "0x12340001",
  ExtrinsicVersion: 1,
  Schema,
});

let made = 0;
const creation = (more: Input = {}) => ({
  Role: "DEVICE",
  AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
  AuthenticationMaterial: `SN:SCHEMA-${++made};UPC:123456789012`,
  ...more,
});
const create = async (more: Input = {}) => ({ Identifier: (await send("CreateManagedThing", creation(more)))["Id"] });

describe("schemas of an account", () => {
  test("row 32: a version is published once, and $latest is the newest", async () => {
    expect(await publish(lamp("acme.Lamp@1.9"))).toMatchObject({
      SchemaVersionedId: "acme.Lamp@1.9",
      Type: "capability",
    });
    const { message } = await refusedToPublish("ConflictException", lamp("acme.Lamp@1.9"));
    expect(message).toContain("acme.Lamp@1.9");
    await refusedToPublish("ConflictException", lamp("acme.Lamp@1.9", { description: "Something else" }));
    await publish(lamp("acme.Lamp@1.10"));
    await publish(lamp("acme.Lamp@1.2.1"));
    const latest = { Type: "capability", SchemaVersionedId: "acme.Lamp@$latest" };
    expect(await send("GetSchemaVersion", latest)).toMatchObject({ SemanticVersion: "1.10", Visibility: "PRIVATE" });
    const listed = await send("ListSchemaVersions", {
      Type: "capability",
      SemanticVersion: "$latest",
      Namespace: "acme",
    });
    expect(listed["Items"]).toEqual([expect.objectContaining({ SchemaId: "acme.Lamp", SemanticVersion: "1.10" })]);
    await to("hearth", "DeleteSchemaVersion", { Type: "capability", SchemaVersionedId: "acme.Lamp@1.10" });
    expect(await send("GetSchemaVersion", latest)).toMatchObject({ SemanticVersion: "1.9" });
  });

  test("row 31: filters by type and namespace find what ships and what was published, in three formats", async () => {
    await publish(mood("registry.Mood@1.0", ["Calm", "Wild"]), "definition");
    const value = { $ref: path("registry.Mood@1.0", "definition") };
    const extrinsicProperties = { manufacturerCode: "0x1234" };
    const document = lamp("registry.Lamp@1.0", {
      properties: { Mood: { extrinsicId: "0x0000", extrinsicProperties, value } },
    });
    await publish(document);
    const found = async (filter: Input) =>
      ((await send("ListSchemaVersions", { MaxResults: 1000, ...filter }))["Items"] as { SchemaId: string }[]).map(
        ({ SchemaId }) => SchemaId,
      );
    expect(await found({ Type: "definition", Namespace: "matter" })).toContain("matter.uint16");
    expect(await found({ Type: "definition", Namespace: "aws" })).toContain("aws.bitmap");
    expect(await found({ Type: "capability", Namespace: "matter" })).toContain("matter.OnOff");
    expect(await found({ Type: "definition", Namespace: "registry" })).toEqual(["registry.Mood"]);
    expect(await found({ Type: "capability", Visibility: "PRIVATE", Namespace: "registry" })).toEqual([
      "registry.Lamp",
    ]);
    expect(await found({ Type: "capability", Visibility: "PUBLIC", Namespace: "registry" })).toEqual([]);
    const asked = { Type: "capability", SchemaVersionedId: "registry.Lamp@1.0" };
    expect((await send("GetSchemaVersion", asked))["Schema"]).toEqual(document);
    expect((await send("GetSchemaVersion", { ...asked, Format: "ZCL" }))["Schema"]).toEqual(document);
    expect((await send("GetSchemaVersion", { ...asked, Format: "CONNECTOR" }))["Schema"]).toEqual({
      ...document,
      properties: { Mood: { extrinsicId: "0x0000", value } },
    });
  });

  test("belong to it alone", async () => {
    await publish(lamp("mine.Lamp@1.0"));
    const { AccessKey } = await door.root.hearth.send("CreateAccount", { AccountName: "other" });
    const other = door.as({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
    const asked = { Type: "capability", SchemaVersionedId: "mine.Lamp@1.0" } as const;
    await expectModelled(
      SERVICE,
      "GetSchemaVersion",
      "ResourceNotFoundException",
      other[SERVICE].send("GetSchemaVersion", asked),
    );
    await other.hearth.send("CreateSchemaVersion", { Type: "capability", Schema: lamp("mine.Lamp@1.0") });
  });

  test("row 26: 50,000 characters pass and 50,001 do not, published or brought by a thing", async () => {
    const sized = (id: string, characters: number): Input => {
      const rest = JSON.stringify({ ...lamp(id), $defs: { Pad: { default: "" } } }).length;
      return { ...lamp(id), $defs: { Pad: { default: "x".repeat(characters - rest) } } };
    };
    expect(JSON.stringify(sized("size.Lamp@1.0", 50_000))).toHaveLength(50_000);
    await publish(sized("size.Lamp@1.0", 50_000));
    const { message } = await refusedToPublish("ValidationException", sized("size.Lamp@1.1", 50_001));
    expect(message).toContain("50000");
    const id = "size.Own@1.0";
    await create({ CapabilitySchemas: [item(id, sized(id, 50_000))] });
    const over = creation({ CapabilitySchemas: [item(id, sized(id, 50_001))] });
    await refused("CreateManagedThing", "ValidationException", over);
  });

  test.each([
    ["the namespace aws", lamp("aws.Lamp@1.0")],
    ["the namespace matter", lamp("matter.Lamp@1.0")],
    ["the vendor 0x1577", lamp("reserved.Lamp@1.0", { extrinsicId: "0x15770001" })],
    ["the vendor 0", lamp("reserved.Lamp@1.0", { extrinsicId: "0x0006" })],
  ])("row 27: %s is refused to customers", async (_name, document) => {
    await refusedToPublish("ValidationException", document);
    const id = String(document["$id"]).slice(path("").length);
    const CapabilitySchemas = [{ ...item(id, document), ExtrinsicId: document["extrinsicId"] }];
    await refused("CreateManagedThing", "ValidationException", creation({ CapabilitySchemas }));
  });

  test("refer to what exists, and what is referred to stays", async () => {
    const value = { $ref: path("refer.Mood@1.0", "definition") };
    const document = lamp("refer.Lamp@1.0", { properties: { Mood: { extrinsicId: "0x0000", value } } });
    await refusedToPublish("ValidationException", document);
    await publish(mood("refer.Mood@1.0", ["Calm"]), "definition");
    await publish(document);
    const definition = { Type: "definition", SchemaVersionedId: "refer.Mood@1.0" };
    const { message } = await refused("DeleteSchemaVersion", "ConflictException", definition, "hearth");
    expect(message).toContain("refer.Lamp@1.0");
    await to("hearth", "DeleteSchemaVersion", { Type: "capability", SchemaVersionedId: "refer.Lamp@1.0" });
    await to("hearth", "DeleteSchemaVersion", definition);
    await refused("DeleteSchemaVersion", "ResourceNotFoundException", definition, "hearth");
    const shipped = { Type: "definition", SchemaVersionedId: "aws.bitmap@1.0" };
    await refused("DeleteSchemaVersion", "ResourceNotFoundException", shipped, "hearth");
  });

  test("may be published by whom a policy lets", async () => {
    const { region, accountId } = door.file;
    const resource = `arn:aws:hearth:${region}:${accountId}:schema-version/definition/*`;
    const user = door.as(await door.user("publisher", [allow("hearth:CreateSchemaVersion", resource)]));
    await user.hearth.send("CreateSchemaVersion", { Type: "definition", Schema: mood("policy.Mood@1.0", ["Calm"]) });
    const capability = user.hearth.send("CreateSchemaVersion", { Type: "capability", Schema: lamp("policy.Lamp@1.0") });
    await expectModelled("hearth", "CreateSchemaVersion", "AccessDeniedException", capability);
  });
});

describe("schemas of a managed thing", () => {
  const id = "own.Lamp@1.0";
  const onOff = {
    ...reported("matter.OnOff@1.4"),
    name: "On/Off",
    version: "6",
    properties: ["OnOff"],
    actions: ["On"],
  };

  test("are listed for each endpoint, with those of the library", async () => {
    const thing = await create({
      CapabilitySchemas: [item(id, lamp(id)), item("own.Other@1.0", lamp("own.Other@1.0"))],
      CapabilityReport: reportOf(reported(id), onOff),
    });
    const { Items } = await send("ListManagedThingSchemas", thing);
    expect(Items).toEqual([
      { CapabilityId: "own.Other@1.0", Schema: lamp("own.Other@1.0") },
      { EndpointId: "1", CapabilityId: "matter.OnOff@1.4", Schema: expect.objectContaining({ extrinsicId: "0x0006" }) },
      { EndpointId: "1", CapabilityId: id, Schema: lamp(id) },
    ]);
    const filtered = await send("ListManagedThingSchemas", { ...thing, EndpointIdFilter: "1", CapabilityIdFilter: id });
    expect(filtered["Items"]).toEqual([expect.objectContaining({ CapabilityId: id })]);
    const first = await send("ListManagedThingSchemas", { ...thing, MaxResults: 2 });
    const rest = await send("ListManagedThingSchemas", { ...thing, MaxResults: 2, NextToken: first["NextToken"] });
    expect([...(first["Items"] as object[]), ...(rest["Items"] as object[])]).toEqual(Items);
    await send("DeleteManagedThing", { ...thing, Force: true });
    await refused("ListManagedThingSchemas", "ResourceNotFoundException", thing);
  });

  test("say what its report may name", async () => {
    const CapabilitySchemas = [item(id, lamp(id))];
    const wrong = reportOf(reported(id, { properties: ["Glow", "Heat"] }));
    await refused(
      "CreateManagedThing",
      "ValidationException",
      creation({ CapabilitySchemas, CapabilityReport: wrong }),
    );
    const thing = await create({ CapabilitySchemas, CapabilityReport: reportOf(reported(id)) });
    const { message } = await refused("UpdateManagedThing", "ValidationException", {
      ...thing,
      CapabilityReport: wrong,
    });
    expect(message).toMatch(/Heat.*own\.Lamp@1\.0/);
    const hot = lamp(id, { properties: { Heat: { extrinsicId: "0x0000", value: { type: "integer" } } } });
    // What was reported would no longer be known.
    await refused("UpdateManagedThing", "ValidationException", { ...thing, CapabilitySchemas: [item(id, hot)] });
    const both = {
      CapabilitySchemas: [item(id, hot)],
      CapabilityReport: reportOf(reported(id, { properties: ["Heat"] })),
    };
    await send("UpdateManagedThing", { ...thing, ...both });
    const { Items } = await send("ListManagedThingSchemas", { ...thing, EndpointIdFilter: "1" });
    expect(Items).toEqual([{ EndpointId: "1", CapabilityId: id, Schema: hot }]);
    await send("UpdateManagedThing", { ...thing, CapabilitySchemas: [], CapabilityReport: reportOf() });
    expect((await send("ListManagedThingSchemas", thing))["Items"]).toEqual([]);
  });

  test.each<[string, object[], string]>([
    ["with another id around it", [item("own.Else@1.0", lamp(id))], "CapabilityId"],
    ["with another external id around it", [{ ...item(id, lamp(id)), ExtrinsicId: "7" }], "ExtrinsicId"],
    ["with another version around it", [{ ...item(id, lamp(id)), ExtrinsicVersion: 2 }], "ExtrinsicVersion"],
    ["twice", [item(id, lamp(id)), item(id, lamp(id))], "twice"],
    [
      "with extrinsic properties in the format CONNECTOR",
      [
        {
          ...item(
            id,
            lamp(id, {
              properties: { Glow: { extrinsicId: "0", extrinsicProperties: { cli: "x" }, value: { type: "null" } } },
            }),
          ),
          Format: "CONNECTOR",
        },
      ],
      "extrinsicProperties",
    ],
    ["that breaks a rule", [item(id, lamp(id, { extrinsicVersion: "one" }))], "extrinsicVersion"],
  ])("are refused %s", async (_name, CapabilitySchemas, said) => {
    const { message } = await refused("CreateManagedThing", "ValidationException", creation({ CapabilitySchemas }));
    expect(message).toContain(said);
  });
});

describe("a device", () => {
  test("row 23: a report at its limits is stored and returned, one over is not, by the API and by MQTT", async () => {
    const names = (count: number) => Array.from({ length: count }, (_unused, i) => `n${i}`);
    const many = (count: number) => Array.from({ length: count }, (_unused, i) => reported(`limit.Cap${i}@1.0`));
    const endpoint = (endpointId: string, more: object = {}) => ({
      id: endpointId,
      deviceTypes: ["Lamp"],
      capabilities: many(1),
      ...more,
    });
    const report = (count: number, first: object) => ({
      version: "1.0.0",
      nodeId: "n",
      endpoints: [endpoint("1", first), ...Array.from({ length: count - 1 }, (_unused, i) => endpoint(String(i + 2)))],
    });
    const capability = (properties: number, actions: number, events: number) => ({
      capabilities: [
        reported("limit.Names@1.0", { properties: names(properties), actions: names(actions), events: names(events) }),
        ...many(39),
      ],
    });
    const allowed = report(40, { deviceTypes: names(50), ...capability(100, 100, 100) });
    const over: [string, object][] = [
      ["endpoints", report(41, {})],
      ["capabilities", report(1, { capabilities: many(41) })],
      ["deviceTypes", report(1, { deviceTypes: names(51) })],
      ["properties", report(1, capability(101, 0, 0))],
      ["actions", report(1, capability(0, 101, 0))],
      ["events", report(1, capability(0, 0, 101))],
    ];

    const byApi = await create({ CapabilityReport: allowed });
    expect((await send("GetManagedThingCapabilities", byApi))["CapabilityReport"]).toEqual(allowed);
    for (const [, CapabilityReport] of over) {
      await refused("CreateManagedThing", "ValidationException", creation({ CapabilityReport }));
    }

    const templateName = "schemas";
    const profile = await door.root[SERVICE].send("CreateProvisioningProfile", {
      ProvisioningType: "FLEET_PROVISIONING",
      Name: templateName,
    });
    const SerialNumber = "SCHEMA-MQTT";
    await create({ AuthenticationMaterial: `SN:${SerialNumber};UPC:123456789012` });
    const where = { host: door.file.mqttHost, port: door.file.mqttsPort, ca: door.ca };
    const identity = await provision({
      ...where,
      claimCertificate: profile.ClaimCertificate ?? "",
      claimPrivateKey: profile.ClaimCertificatePrivateKey ?? "",
      templateName,
      parameters: { SerialNumber, UniversalProductCode: "123456789012" },
      store: createMemoryCredentialStore(),
      attempts: 1,
    });
    const { managedThingId, certificate, privateKey, clientId } = identity;
    const agent = createMqttAgent({ connection: { ...where, certificate, privateKey, clientId } });
    agent.start();
    await agent.whenConnected();
    const topic = `$aws/managed-integrations/${managedThingId}/capabilities`;
    const answers: string[] = [];
    for (const outcome of ["accepted", "rejected"]) {
      await agent.subscribe(`${topic}/${outcome}`, (_topic, payload) => {
        answers.push(`${outcome} ${payload}`);
      });
    }
    const answerTo = async (document: object) => {
      const before = answers.length;
      await agent.publish(topic, JSON.stringify(document));
      await vi.waitFor(() => expect(answers.length).toBe(before + 1), 30_000);
      return answers[before];
    };
    expect(await answerTo(allowed)).toMatch(/^accepted /);
    const stored = await send("GetManagedThingCapabilities", { Identifier: managedThingId });
    expect(stored["CapabilityReport"]).toEqual(allowed);
    for (const [member, document] of over)
      expect(await answerTo(document)).toMatch(new RegExp(`^rejected .*${member}`));

    // Its own schemas hold for what is sent to it.
    const id = "mqtt.Lamp@1.0";
    await send("UpdateManagedThing", {
      Identifier: managedThingId,
      CapabilitySchemas: [item(id, lamp(id))],
      CapabilityReport: reportOf(reported(id)),
    });
    const command = (Times: unknown) => ({
      ManagedThingId: managedThingId,
      Endpoints: [
        {
          endpointId: "1",
          capabilities: [{ id, name: "Lamp", version: "1", actions: [{ name: "Pulse", parameters: { Times } }] }],
        },
      ],
    });
    const { message } = await refused("SendManagedThingCommand", "ValidationException", command(6));
    expect(message).toContain("must be at most 5");
    await send("SendManagedThingCommand", command(5));
    await agent.stop();
  });
});
