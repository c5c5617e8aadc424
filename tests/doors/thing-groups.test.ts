import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clients, type Door, type Input, openDoor, refusing } from "./door.ts";

let door: Door;
let iot: Clients["iot"];
let arnOf: (resource: string) => string;
beforeAll(async () => {
  door = await openDoor();
  ({ iot } = door.root);
  arnOf = (resource) => `arn:aws:iot:${door.file.region}:${door.file.accountId}:${resource}`;
  await Promise.all(["lamp", "fan"].map((thingName) => iot.send("CreateThing", { thingName })));
});
afterAll(() => door.stop());

const refused = refusing("iot", () => door.root);
const named = (...names: string[]) =>
  names.map((groupName) => ({ groupName, groupArn: arnOf(`thinggroup/${groupName}`) }));

describe("groups", () => {
  test("live from creation to deletion", async () => {
    const properties = { thingGroupDescription: "a house", attributePayload: { attributes: { street: "Main" } } };
    const created = await iot.send("CreateThingGroup", { thingGroupName: "house", thingGroupProperties: properties });
    expect(created).toEqual({
      thingGroupName: "house",
      thingGroupArn: arnOf("thinggroup/house"),
      thingGroupId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const again = { thingGroupName: "house", thingGroupProperties: properties };
    expect(await iot.send("CreateThingGroup", again)).toEqual(created);
    await iot.send("CreateThingGroup", { thingGroupName: "room", parentGroupName: "house" });
    expect(await iot.send("DescribeThingGroup", { thingGroupName: "house" })).toEqual({
      ...created,
      version: 1,
      thingGroupProperties: properties,
      thingGroupMetadata: { creationDate: expect.any(Number), rootToParentThingGroups: [] },
    });
    expect((await iot.send("DescribeThingGroup", { thingGroupName: "room" })).thingGroupMetadata).toMatchObject({
      parentGroupName: "house",
      rootToParentThingGroups: named("house"),
    });
    const update = (more: Input) => ({ thingGroupName: "house", thingGroupProperties: {}, ...more });
    const merged = { attributePayload: { attributes: { street: "", floor: "2" }, merge: true } };
    const { version } = await iot.send(
      "UpdateThingGroup",
      update({ thingGroupProperties: merged, expectedVersion: 1 }),
    );
    expect(version).toBe(2);
    expect((await iot.send("DescribeThingGroup", { thingGroupName: "house" })).thingGroupProperties).toEqual({
      thingGroupDescription: "a house",
      attributePayload: { attributes: { floor: "2" } },
    });
    await refused("UpdateThingGroup", "VersionConflictException", update({ expectedVersion: 1 }));
    await refused("CreateThingGroup", "ResourceAlreadyExistsException", { thingGroupName: "house" });
    await refused("CreateThingGroup", "InvalidRequestException", { thingGroupName: "no name" });
    await refused("DeleteThingGroup", "InvalidRequestException", { thingGroupName: "house" });
    await refused("DeleteThingGroup", "VersionConflictException", { thingGroupName: "room", expectedVersion: 7 });
    await iot.send("DeleteThingGroup", { thingGroupName: "room", expectedVersion: 1 });
    await iot.send("DeleteThingGroup", { thingGroupName: "house" });
    // A group that is not there counts as deleted.
    await iot.send("DeleteThingGroup", { thingGroupName: "house" });
    await refused("DescribeThingGroup", "ResourceNotFoundException", { thingGroupName: "house" });
  });

  test("hold things, and list them with those below", async () => {
    await iot.send("CreateThingGroup", { thingGroupName: "all" });
    await iot.send("CreateThingGroup", { thingGroupName: "below", parentGroupName: "all" });
    await iot.send("CreateThingGroup", { thingGroupName: "deepest", parentGroupName: "below" });
    await iot.send("CreateThingGroup", { thingGroupName: "beside" });
    await iot.send("AddThingToThingGroup", { thingGroupName: "all", thingName: "lamp" });
    await iot.send("AddThingToThingGroup", {
      thingGroupArn: arnOf("thinggroup/deepest"),
      thingArn: arnOf("thing/fan"),
    });
    const things = async (thingGroupName: string, recursive?: boolean) =>
      (await iot.send("ListThingsInThingGroup", { thingGroupName, recursive })).things;
    expect(await things("all")).toEqual(["lamp"]);
    expect(await things("all", true)).toEqual(["fan", "lamp"]);
    const groups = async (input: Input) => (await iot.send("ListThingGroups", input)).thingGroups;
    expect(await groups({ parentGroup: "all" })).toEqual(named("below"));
    expect(await groups({ parentGroup: "all", recursive: true })).toEqual(named("below", "deepest"));
    expect(await groups({ recursive: false })).toEqual(named("all", "beside"));
    expect(await groups({ namePrefixFilter: "be" })).toEqual(named("below", "beside"));
    await iot.send("UpdateThingGroupsForThing", {
      thingName: "lamp",
      thingGroupsToAdd: ["below", "beside"],
      thingGroupsToRemove: ["all"],
    });
    expect((await iot.send("ListThingGroupsForThing", { thingName: "lamp" })).thingGroups).toEqual(
      named("below", "beside"),
    );
    const both = { thingName: "lamp", thingGroupName: "all" };
    await refused("AddThingToThingGroup", "InvalidRequestException", both);
    await refused("AddThingToThingGroup", "InvalidRequestException", { thingName: "lamp" });
    await refused("AddThingToThingGroup", "ResourceNotFoundException", { ...both, thingName: "absent" });
    await refused("RemoveThingFromThingGroup", "InvalidRequestException", { thingGroupName: "all" });
    await refused("UpdateThingGroupsForThing", "InvalidRequestException", { thingGroupsToAdd: ["all"] });
    await iot.send("RemoveThingFromThingGroup", { thingName: "lamp", thingGroupName: "below" });
    await iot.send("RemoveThingFromThingGroup", { thingName: "lamp", thingGroupName: "below" });
    expect(await things("below")).toEqual([]);
  });
});

test("events are switched on and off", async () => {
  const before = await iot.send("DescribeEventConfigurations", {});
  expect(before.eventConfigurations?.["JOB"]).toEqual({ Enabled: false });
  await iot.send("UpdateEventConfigurations", { eventConfigurations: { JOB: { Enabled: true } } });
  const after = await iot.send("DescribeEventConfigurations", {});
  expect(after).toMatchObject({
    eventConfigurations: { JOB: { Enabled: true }, JOB_EXECUTION: { Enabled: false } },
    creationDate: expect.any(Number),
    lastModifiedDate: expect.any(Number),
  });
  await refused("UpdateEventConfigurations", "InvalidRequestException", {
    eventConfigurations: { THING_TYPE: { Enabled: true } },
  });
});

/** Each noun of `iot` that has tags: how one is made with them, and refused. */
const nouns: readonly [type: string, create: string, input: (id: string) => Input, refusedAs?: string][] = [
  ["thinggroup", "CreateThingGroup", (thingGroupName) => ({ thingGroupName })],
  [
    "command",
    "CreateCommand",
    (commandId) => ({ commandId, payload: { content: new Uint8Array(1) } }),
    "ValidationException",
  ],
  ["job", "CreateJob", (jobId) => ({ jobId, targets: [arnOf("thing/lamp")], document: "{}" })],
  ["jobtemplate", "CreateJobTemplate", (jobTemplateId) => ({ jobTemplateId, description: "d", document: "{}" })],
];

describe.each(nouns)("tags of a %s", (type, create, input, refusedAs = "InvalidRequestException") => {
  const send = (operation: string, given: Input): Promise<Input> =>
    (iot as unknown as { send(operation: string, given: Input): Promise<Input> }).send(operation, given);
  const tagsOf = async (resourceArn: string) => (await iot.send("ListTagsForResource", { resourceArn })).tags;

  test("are given, overwritten, removed and bounded", async () => {
    const resourceArn = arnOf(`${type}/tagged`);
    const tags = [
      { Key: "env", Value: "dev" },
      { Key: "empty", Value: "" },
    ];
    await send(create, { ...input("tagged"), tags });
    expect(await tagsOf(resourceArn)).toEqual([
      { Key: "empty", Value: "" },
      { Key: "env", Value: "dev" },
    ]);
    await iot.send("TagResource", { resourceArn, tags: [{ Key: "env", Value: "prod" }, { Key: "who" }] });
    await iot.send("UntagResource", { resourceArn, tagKeys: ["empty", "never there"] });
    expect(await tagsOf(resourceArn)).toEqual([
      { Key: "env", Value: "prod" },
      { Key: "who", Value: "" },
    ]);
    const many = Array.from({ length: 49 }, (_, index) => ({ Key: `k${index}` }));
    await refused("TagResource", "LimitExceededException", { resourceArn, tags: many });
    await refused("TagResource", "InvalidRequestException", { resourceArn, tags: [{ Key: "aws:x" }] });
    await refused(create, refusedAs, { ...input("twice"), tags: [{ Key: "a" }, { Key: "a" }] });
    const absent = { resourceArn: arnOf(`${type}/absent`) };
    await refused("TagResource", "ResourceNotFoundException", { ...absent, tags: [{ Key: "a" }] });
    await refused("UntagResource", "ResourceNotFoundException", { ...absent, tagKeys: ["a"] });
    await refused("ListTagsForResource", "ResourceNotFoundException", absent);
  });
});
