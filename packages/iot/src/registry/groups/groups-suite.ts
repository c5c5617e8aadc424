import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openTestJobs, type TestJobs } from "../../jobs/test-jobs.ts";
import { AT, jsonOf, type OpenTestRoom, refusalOf } from "../../test-room.ts";

const arn = (resource: string) => `arn:aws:iot:us-east-1:000000000000:${resource}`;

/** Static groups (reference 5), on whatever database `open` gives. */
export function describeGroups(open: OpenTestRoom): void {
  let kit: TestJobs;
  beforeAll(async () => {
    kit = await openTestJobs(open);
  });
  afterAll(async () => {
    await kit.jobs.notices.stop();
    await kit.room.close();
  });

  let made = 0;
  const create = async (parentGroupName?: string, thingGroupName = `group-${++made}`) => {
    await kit.call("CreateThingGroup", { thingGroupName, parentGroupName });
    return thingGroupName;
  };
  const add = (thingName: string, thingGroupName: string) =>
    kit.call("AddThingToThingGroup", { thingName, thingGroupName });
  const groupsOf = async (thingName: string) =>
    ((await kit.call("ListThingGroupsForThing", { thingName })).thingGroups ?? []).flatMap(
      ({ groupName }) => groupName ?? [],
    );
  const membersOf = async (thingGroupName: string, recursive: boolean) =>
    (await kit.call("ListThingsInThingGroup", { thingGroupName, recursive, maxResults: 250 })).things;
  const outcomes = async (attempts: readonly Promise<unknown>[]) => {
    const all = await Promise.allSettled(attempts);
    const reasons = all.flatMap((one) => (one.status === "rejected" ? [(one.reason as Error).name] : []));
    return { done: all.length - reasons.length, reasons: [...new Set(reasons)] };
  };

  test("seven levels, and a parent for good", async () => {
    const names = [await create()];
    for (let level = 2; level <= 7; level++) names.push(await create(names.at(-1)));
    expect(await refusalOf(create(names.at(-1)))).toMatchObject({ name: "InvalidRequestException" });
    const [root = "", , third] = names;
    const described = await kit.call("DescribeThingGroup", { thingGroupName: names[6] as string });
    expect(described.thingGroupMetadata?.rootToParentThingGroups?.map(({ groupName }) => groupName)).toEqual(
      names.slice(0, 6),
    );
    // The same name with another parent is another group.
    expect(await refusalOf(create(third, names[6]))).toMatchObject({ name: "ResourceAlreadyExistsException" });
    expect(await refusalOf(create("absent"))).toMatchObject({ name: "InvalidRequestException" });
    const list = async (recursive: boolean) =>
      ((await kit.call("ListThingGroups", { parentGroup: root, recursive })).thingGroups ?? []).length;
    expect([await list(false), await list(true)]).toEqual([1, 6]);
    await kit.addThings("deep");
    await add("deep", names[6] as string);
    expect(await membersOf(root, true)).toEqual(["deep"]);
    expect(await membersOf(root, false)).toEqual([]);
  });

  test("a hundred children, however they come", async () => {
    const parent = await create();
    await kit.room.database.commit([
      { sql: "UPDATE iot_thing_group SET children = 97 WHERE group_name = ?", params: [parent] },
    ]);
    const { done, reasons } = await outcomes(Array.from({ length: 6 }, () => create(parent)));
    expect({ done, reasons }).toEqual({ done: 3, reasons: ["InvalidRequestException"] });
  });

  test("fifty attributes, merged or replaced", async () => {
    const attributes = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, "v"]));
    const thingGroupName = `group-${++made}`;
    const properties = (of: Record<string, string>, merge?: boolean) => ({
      thingGroupProperties: { attributePayload: { attributes: of, ...(merge === undefined ? {} : { merge }) } },
    });
    expect(
      await refusalOf(kit.call("CreateThingGroup", { thingGroupName, ...properties(attributes(51)) })),
    ).toMatchObject({ name: "InvalidRequestException" });
    await kit.call("CreateThingGroup", { thingGroupName, ...properties(attributes(50)) });
    const update = (of: Record<string, string>, merge?: boolean) =>
      kit.call("UpdateThingGroup", { thingGroupName, ...properties(of, merge) });
    expect(await refusalOf(update({ more: "v" }, true))).toMatchObject({ name: "InvalidRequestException" });
    expect(await update({ a0: "", more: "v" }, true)).toEqual({ version: 2 });
    expect(await update({ only: "this" })).toEqual({ version: 3 });
    const { thingGroupProperties } = await kit.call("DescribeThingGroup", { thingGroupName });
    expect(thingGroupProperties?.attributePayload?.attributes).toEqual({ only: "this" });
  });

  test("ten groups, however they come, and two of one hierarchy never", async () => {
    await kit.addThings("busy");
    const names = await Promise.all(Array.from({ length: 12 }, () => create()));
    expect(await outcomes(names.map((name) => add("busy", name)))).toEqual({
      done: 10,
      reasons: ["InvalidRequestException"],
    });
    expect(await groupsOf("busy")).toHaveLength(10);
    // One goes and another comes within one change.
    const [out = ""] = await groupsOf("busy");
    const into = await create();
    await kit.call("UpdateThingGroupsForThing", {
      thingName: "busy",
      thingGroupsToAdd: [into],
      thingGroupsToRemove: [out],
    });
    expect(await groupsOf("busy")).toHaveLength(10);
    expect(await groupsOf("busy")).toContain(into);

    await kit.addThings("single");
    const root = await create();
    const [left, right] = [await create(root), await create(root)];
    expect(await outcomes([add("single", left), add("single", right), add("single", root)])).toEqual({
      done: 1,
      reasons: ["InvalidRequestException"],
    });
    await kit.call("UpdateThingGroupsForThing", {
      thingName: "single",
      thingGroupsToAdd: [right],
      thingGroupsToRemove: await groupsOf("single").then((names) => names.filter((name) => name !== right)),
    });
    expect(await groupsOf("single")).toEqual([right]);
  });

  test("a group that goes frees its things; one with children stays", async () => {
    await kit.addThings("freed");
    const root = await create();
    const child = await create(root);
    await add("freed", child);
    expect(await refusalOf(kit.call("DeleteThingGroup", { thingGroupName: root }))).toMatchObject({
      name: "InvalidRequestException",
    });
    await kit.call("DeleteThingGroup", { thingGroupName: child });
    expect(await groupsOf("freed")).toEqual([]);
    await kit.call("DeleteThingGroup", { thingGroupName: root });
    for (const table of ["iot_thing_group", "iot_thing_group_ancestor", "iot_thing_group_member"]) {
      const rows = await kit.room.database.query(`SELECT * FROM ${table} WHERE group_name IN (?, ?)`, [root, child]);
      expect(rows).toEqual([]);
    }
  });

  test("children that come while their parent goes are never orphans", async () => {
    const parents = await Promise.all(Array.from({ length: 8 }, () => create()));
    await Promise.all(
      parents.map((parent) =>
        Promise.allSettled([kit.call("DeleteThingGroup", { thingGroupName: parent }), create(parent)]),
      ),
    );
    const orphans = await kit.room.database.query(
      `SELECT g.group_name FROM iot_thing_group g WHERE g.parent_name IS NOT NULL AND NOT EXISTS
         (SELECT 1 FROM iot_thing_group p WHERE p.group_name = g.parent_name)`,
    );
    expect(orphans).toEqual([]);
  });

  describe("membership and continuous jobs are one commit", () => {
    const job = (jobId: string, ...targets: string[]) =>
      kit.call("CreateJob", { jobId, targets, targetSelection: "CONTINUOUS", document: "{}" });
    const stateOf = async (jobId: string, thingName: string) => {
      await kit.pass(0);
      const { execution } = await kit.call("DescribeJobExecution", { jobId, thingName });
      return `${execution?.executionNumber} ${execution?.status}`;
    };

    test("who joins below gets the job, who leaves loses it, who comes back begins anew", async () => {
      await kit.addThings("member");
      const root = await create();
      const [left, right] = [await create(root), await create(root)];
      await job("of-root", arn(`thinggroup/${root}`));
      await kit.pass(0);
      await add("member", left);
      const writes = await kit.room.database.query("SELECT status FROM iot_job_execution WHERE job_id = 'of-root'");
      expect(writes).toEqual([{ status: "QUEUED" }]);
      // From one child to another: still below the target.
      await kit.call("UpdateThingGroupsForThing", {
        thingName: "member",
        thingGroupsToAdd: [right],
        thingGroupsToRemove: [left],
      });
      expect(await stateOf("of-root", "member")).toBe("1 QUEUED");
      await kit.call("RemoveThingFromThingGroup", { thingName: "member", thingGroupName: right });
      expect(await stateOf("of-root", "member")).toBe("1 REMOVED");
      await add("member", root);
      expect(await stateOf("of-root", "member")).toBe("2 QUEUED");
    });

    test("who is a target itself stays when its group goes; of two groups one is enough", async () => {
      await kit.addThings("named", "twice");
      const [one, two] = [await create(), await create()];
      await add("named", one);
      await add("twice", one);
      await add("twice", two);
      await job("mixed", arn(`thinggroup/${one}`), arn(`thinggroup/${two}`), arn("thing/named"));
      await kit.pass(0);
      await kit.call("DeleteThingGroup", { thingGroupName: one });
      expect(await stateOf("mixed", "named")).toBe("1 QUEUED");
      expect(await stateOf("mixed", "twice")).toBe("1 QUEUED");
      await kit.call("RemoveThingFromThingGroup", { thingName: "twice", thingGroupName: two });
      expect(await stateOf("mixed", "twice")).toBe("1 REMOVED");
      // Named as a target now, it begins anew; what is done stays done.
      await kit.say("named", "mixed/update", { status: "SUCCEEDED" });
      await kit.addGroup("of-both", ["named", "twice"]);
      await kit.call("AssociateTargetsWithJob", { jobId: "mixed", targets: [arn("thinggroup/of-both")] });
      expect(await stateOf("mixed", "twice")).toBe("2 QUEUED");
      expect(await stateOf("mixed", "named")).toBe("1 SUCCEEDED");
      const { job: found } = await kit.call("DescribeJob", { jobId: "mixed" });
      expect(found?.jobProcessDetails).toMatchObject({
        numberOfQueuedThings: 1,
        numberOfRemovedThings: 0,
        numberOfSucceededThings: 1,
      });
    });

    test("a thing that goes leaves its groups and its jobs", async () => {
      await kit.addThings("gone", "other");
      const group = await create();
      await add("gone", group);
      await job("left", arn(`thinggroup/${group}`), arn("thing/other"));
      await kit.pass(0);
      await kit.say("gone", "left/update", { status: "IN_PROGRESS", stepTimeoutInMinutes: 5 });
      await kit.call("DeleteThing", { thingName: "gone" });
      expect(await stateOf("left", "gone")).toBe("1 REMOVED");
      expect(await membersOf(group, true)).toEqual([]);
      const timers = await kit.room.database.query("SELECT id FROM hearth_timer WHERE kind = 'job-timeout'");
      expect(timers).toEqual([]);
      // It is another thing when it comes again: not of the group, and with nothing to do.
      await kit.addThings("gone");
      expect(await kit.executionOf("gone")).toBeUndefined();
    });
  });

  test("events tell of groups, hierarchy and membership, once they are switched on", async () => {
    await kit.addThings("heard");
    const silent = await create();
    await kit.pass(0);
    expect(kit.room.sent.filter(({ topic }) => topic.startsWith("$aws/events/"))).toEqual([]);
    const on = ["THING_GROUP", "THING_GROUP_HIERARCHY", "THING_GROUP_MEMBERSHIP"];
    await kit.call("UpdateEventConfigurations", {
      eventConfigurations: Object.fromEntries(on.map((key) => [key, { Enabled: true }])),
    });
    const child = await create(silent);
    await add("heard", child);
    await kit.call("UpdateThingGroup", {
      thingGroupName: child,
      thingGroupProperties: { thingGroupDescription: "heard of" },
    });
    await kit.call("DeleteThingGroup", { thingGroupName: child });
    // The call does not wait for what it tells.
    const events = await vi.waitFor(() => {
      const told = kit.room.sent.filter(({ topic }) => topic.startsWith("$aws/events/"));
      expect(told).toHaveLength(7);
      return told;
    }, 30_000);
    expect(events.map(({ topic }) => topic.slice("$aws/events/".length)).sort()).toEqual(
      [
        `thingGroup/${child}/created`,
        `thingGroup/${child}/updated`,
        `thingGroup/${child}/deleted`,
        `thingGroupHierarchy/thingGroup/${silent}/childThingGroup/${child}/added`,
        `thingGroupHierarchy/thingGroup/${silent}/childThingGroup/${child}/removed`,
        `thingGroupMembership/thingGroup/${child}/thing/heard/added`,
        `thingGroupMembership/thingGroup/${child}/thing/heard/removed`,
      ].sort(),
    );
    const { thingGroupId: parentGroupId } = await kit.call("DescribeThingGroup", { thingGroupName: silent });
    expect(jsonOf(events.find(({ topic }) => topic.endsWith(`${child}/updated`)))).toEqual({
      eventType: "THING_GROUP_EVENT",
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      timestamp: kit.room.clock.now(),
      operation: "UPDATED",
      accountId: AT.accountId,
      thingGroupId: expect.any(String),
      thingGroupName: child,
      versionNumber: 2,
      parentGroupName: silent,
      parentGroupId,
      description: "heard of",
      rootToParentThingGroups: [{ groupArn: arn(`thinggroup/${silent}`), groupId: parentGroupId }],
      attributes: {},
      dynamicGroupMappingId: null,
    });
  });
}
