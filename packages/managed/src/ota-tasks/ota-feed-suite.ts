import { afterEach, beforeEach, expect, test } from "vitest";
import { AT, type OpenTestRoom, refusalOf } from "../test-room.ts";
import { arnOf, MINUTE, openTestOta, type TestOta } from "./test-ota.ts";

/** What goes with the commits of things and jobs: who comes to continuous tasks, and what is told. */
export function describeOtaFeed(open: OpenTestRoom): void {
  let kit: TestOta;
  beforeEach(async () => {
    kit = await openTestOta(open);
  });
  afterEach(() => kit.close());

  test("a continuous task takes what matches at its beginning and whatever comes to match, once each", async () => {
    const ids = await kit.things(4);
    const [one = "", two = "", three = "", four = ""] = ids;
    await kit.edit(one, { owner: "us" });
    await kit.edit(two, { owner: "them" });
    const taskId = await kit.create({ OtaType: "CONTINUOUS", OtaTargetQueryString: "attributes.owner=us" });
    await kit.pass(1_000);
    expect(await kit.executions(taskId)).toEqual({ [one]: ["0 QUEUED"] });
    await kit.run(one, taskId, "SUCCEEDED");
    await kit.edit(one, { owner: "us", room: "hall" });
    await kit.edit(two, { owner: "us" });
    await kit.edit(three, { owner: "them" });
    const created = await kit.room.call(kit.operations().CreateManagedThing, {
      Role: "DEVICE",
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
      AuthenticationMaterial: "SN:NEW;UPC:829576019524;",
      MetaData: { owner: "us" },
    });
    await kit.pass(1_000);
    const fresh = created.Id ?? "";
    expect(await kit.executions(taskId)).toEqual({
      [one]: ["0 SUCCEEDED"],
      [two]: ["0 QUEUED"],
      [fresh]: ["0 QUEUED"],
    });
    // Who leaves is not asked any more; who comes back is asked anew. Who is deleted leaves.
    await kit.edit(two, { owner: "them" });
    await kit.room.call(kit.operations().DeleteManagedThing, { Identifier: fresh });
    await kit.pass(1_000);
    expect(await kit.executions(taskId)).toEqual({
      [one]: ["0 SUCCEEDED"],
      [two]: ["0 REMOVED"],
      [fresh]: ["0 REMOVED"],
    });
    await kit.edit(two, { owner: "us" });
    await kit.pass(1_000);
    expect((await kit.executions(taskId))[two]).toEqual(["0 REMOVED", "0 QUEUED"]);
    // A look at all things that is made twice, as after a kill, finds nothing new.
    await kit.room.database.commit([
      { sql: "UPDATE ota_task SET feed_cursor = '' WHERE id = ?", params: [taskId], rows: 1 },
      kit.room.timers.arm("ota-feed", `${AT.accountId}/${AT.region}/${taskId}`, kit.room.clock.now()),
    ]);
    kit.room.timers.wake();
    const before = await kit.executions(taskId);
    await kit.pass(1_000);
    expect(await kit.executions(taskId)).toEqual(before);
    expect(before).not.toHaveProperty(four);
    expect((await kit.task(taskId)).Status).toBe("IN_PROGRESS");
    await kit.room.call(kit.operations().DeleteOtaTask, { Identifier: taskId });
    await kit.pass(1_000);
    expect(await refusalOf(kit.task(taskId))).toMatchObject({ name: "ResourceNotFoundException" });
    await kit.edit(four, { owner: "us" });
  });

  test("a continuous task rolls out at its rate what matches at its beginning", async () => {
    for (const id of await kit.things(5)) await kit.edit(id, { owner: "us" });
    const taskId = await kit.create({
      OtaType: "CONTINUOUS",
      OtaTargetQueryString: "attributes.owner:u*",
      TaskConfigurationId: await kit.configured({ RolloutConfig: { MaximumPerMinute: 1 } }),
    });
    const seen: number[] = [];
    for (let minute = 0; minute < 5; minute++) {
      await kit.pass(MINUTE);
      seen.push(await kit.begun(taskId));
    }
    expect(seen.at(-1)).toBe(5);
    expect(seen[0]).toBeLessThanOrEqual(2);
    expect(seen).toEqual(seen.map((_, minute) => Math.min(5, (seen[0] ?? 0) + minute)));
  });

  test("each status of an execution is told once, with the commit that makes it", async () => {
    await kit.room.configure("ota", ["DEVICE_OTA"]);
    const id = await kit.room.create("SN1");
    const taskId = await kit.create({
      Target: [arnOf(id)],
      OtaTaskExecutionRetryConfig: { RetryConfigCriteria: [{ FailureType: "ALL", MinNumberOfRetries: 1 }] },
    });
    await kit.pass(1_000);
    await kit.say(id, "start-next");
    await kit.say(id, `ota-${taskId}/update`, { status: "IN_PROGRESS", statusDetails: { progress: "50" } });
    await kit.say(id, `ota-${taskId}/update`, { status: "FAILED", statusDetails: { reason: "flash" } });
    await kit.run(id, taskId, "SUCCEEDED");
    await kit.pass(1_000);
    const told = await kit.room.notified(id);
    expect(told.map(({ payload }) => `${payload["retryAttempt"]} ${payload["status"]}`)).toEqual([
      "0 QUEUED",
      "0 IN_PROGRESS",
      "0 FAILED",
      "1 QUEUED",
      "1 IN_PROGRESS",
      "1 SUCCEEDED",
    ]);
    expect(told[2]).toEqual({
      type: "DEVICE_OTA",
      payload: {
        taskId,
        taskArn: `arn:aws:iotmanagedintegrations:us-east-1:${AT.accountId}:ota-task/${taskId}`,
        managedThingId: id,
        executionNumber: 1,
        retryAttempt: 0,
        status: "FAILED",
        statusDetails: { reason: "flash" },
        queuedAt: expect.stringMatching(/Z$/),
        startedAt: expect.stringMatching(/Z$/),
        lastUpdatedAt: expect.stringMatching(/Z$/),
      },
    });
  });

  test("whoever is edited while tasks begin is in those that it matches, once, and in no others", async () => {
    const ids = await kit.things(20);
    const owners = ["us", "them"] as const;
    await Promise.all(ids.map((id, index) => kit.edit(id, { owner: owners[index % 2] ?? "" })));
    const tasks: Promise<string>[] = [];
    const edits: Promise<unknown>[] = [];
    for (let round = 0; round < 3; round++) {
      for (const owner of owners) {
        const OtaTargetQueryString = `attributes.owner=${owner}`;
        tasks.push(kit.create({ OtaType: "CONTINUOUS", OtaTargetQueryString, Description: owner }));
      }
      for (const [index, id] of ids.entries()) {
        if (index % 3 === 0) edits.push(kit.edit(id, { owner: owners[(index + round) % 2] ?? "" }));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    const created = await Promise.all(tasks);
    await Promise.all(edits);
    await kit.pass(1_000);
    for (const taskId of created) {
      const { Description } = await kit.task(taskId);
      const open = Object.entries(await kit.executions(taskId))
        .filter(([, attempts]) => attempts.at(-1) !== "0 REMOVED")
        .map(([id]) => id);
      const matching: string[] = [];
      for (const id of ids) {
        const { MetaData } = await kit.room.call(kit.operations().GetManagedThingMetaData, { Identifier: id });
        if (MetaData?.["owner"] === Description) matching.push(id);
      }
      expect(open.sort()).toEqual(matching.sort());
    }
  });
}
