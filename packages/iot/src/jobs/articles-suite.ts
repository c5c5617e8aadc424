import { afterEach, beforeEach, expect, test } from "vitest";
import type { OpenTestRoom } from "../test-room.ts";
import { openTestJobs, type TestJobs } from "./test-jobs.ts";

const arn = (resource: string) => `arn:aws:iot:us-east-1:000000000000:${resource}`;

/** What the articles say of jobs (their table's rows 20 to 23). */
export function describeArticles(open: OpenTestRoom): void {
  let kit: TestJobs;
  beforeEach(async () => {
    kit = await openTestJobs(open);
  });
  afterEach(async () => {
    await kit.jobs.notices.stop();
    await kit.room.close();
  });
  const detailsOf = async (jobId: string) => (await kit.call("DescribeJob", { jobId })).job;

  test("article row 20: the three documents come as they are, and an operation that the device does not know is FAILED", async () => {
    await kit.addThings("lamp");
    const documents = [
      {
        operation: "update-firmware",
        url: "https://my-bucket.s3.amazonaws.com/firmware-v2.0.bin",
        version: "2.0",
        checksum: "sha256:abc123",
      },
      {
        operation: "update-config",
        config: { logLevel: "DEBUG", reportInterval: 30, sensors: ["temperature", "humidity"] },
      },
      { operation: "reboot", delay: 60 },
      { operation: "sing" },
    ];
    const known = ["update-firmware", "update-config", "reboot"];
    for (const document of documents) {
      const jobId = document.operation;
      await kit.call("CreateJob", { jobId, targets: [arn("thing/lamp")], document: JSON.stringify(document) });
      await kit.pass(0);
      const { body } = await kit.say("lamp", "start-next");
      const { jobDocument } = body["execution"] as { jobDocument: typeof document };
      expect(jobDocument).toEqual(document);
      const report = known.includes(jobDocument.operation)
        ? { status: "SUCCEEDED" }
        : { status: "FAILED", statusDetails: { reason: "Unknown operation" } };
      await kit.say("lamp", `${jobId}/update`, report);
      await kit.pass(1_000);
    }
    const { executionSummaries } = await kit.call("ListJobExecutionsForThing", { thingName: "lamp" });
    expect(executionSummaries?.map(({ jobExecutionSummary }) => jobExecutionSummary?.status).sort()).toEqual([
      "FAILED",
      "SUCCEEDED",
      "SUCCEEDED",
      "SUCCEEDED",
    ]);
    const { execution } = await kit.call("DescribeJobExecution", { jobId: "sing", thingName: "lamp" });
    expect(execution?.statusDetails?.detailsMap).toEqual({ reason: "Unknown operation" });
  });

  test("article row 21: a thing and a group of things are targets", async () => {
    await kit.addThings("alone");
    await kit.addGroup("ThermostatGroup", ["one", "two"]);
    await kit.call("CreateJob", {
      jobId: "firmware-update-2024",
      targets: [arn("thing/alone"), arn("thinggroup/ThermostatGroup")],
      document: '{"operation":"reboot","delay":60}',
    });
    await kit.pass(0);
    expect(
      kit
        .told("jobs/notify-next")
        .map(({ topic }) => topic)
        .sort(),
    ).toEqual(["alone", "one", "two"].map((name) => `$aws/things/${name}/jobs/notify-next`));
  });

  test("article row 22: 10 a minute, doubled after each 10 successes, never more than 50", async () => {
    const names = Array.from({ length: 170 }, (_, index) => `thing-${String(index).padStart(3, "0")}`);
    await kit.addGroup("fleet", names);
    await kit.call("CreateJob", {
      jobId: "job",
      targets: [arn("thinggroup/fleet")],
      document: "{}",
      jobExecutionsRolloutConfig: {
        maximumPerMinute: 50,
        exponentialRate: {
          baseRatePerMinute: 10,
          incrementFactor: 2,
          rateIncreaseCriteria: { numberOfSucceededThings: 10 },
        },
      },
    });
    const perMinute: number[] = [];
    for (let minute = 0; minute < 5; minute++) {
      await kit.pass(60_000);
      const told = kit.told("jobs/notify-next").filter(({ body }) => "execution" in body);
      perMinute.push(told.length);
      // All succeed at the minute's end: ten of them, and the next minute is twice as fast.
      const some = minute === 0 ? told : told.slice(0, 10);
      for (const { topic } of some) await kit.say(topic.split("/")[2] ?? "", "job/update", { status: "SUCCEEDED" });
    }
    for (const [minute, rate] of [10, 20, 40, 50, 50].entries()) {
      expect(perMinute[minute], `minute ${minute}: ${perMinute}`).toBeLessThanOrEqual(rate + 1);
      expect(perMinute[minute], `minute ${minute}: ${perMinute}`).toBeGreaterThanOrEqual(rate - 1);
    }
  });

  test("article row 23: an execution that falls silent is TIMED_OUT after the minutes that were set", async () => {
    await kit.addThings("silent");
    await kit.call("CreateJob", {
      jobId: "job",
      targets: [arn("thing/silent")],
      document: "{}",
      timeoutConfig: { inProgressTimeoutInMinutes: 30 },
    });
    // The minutes begin when it starts, not when it is queued.
    await kit.pass(45 * 60_000);
    await kit.say("silent", "start-next");
    const status = async () =>
      (await kit.call("DescribeJobExecution", { jobId: "job", thingName: "silent" })).execution?.status;
    await kit.pass(30 * 60_000 - 1);
    expect(await status()).toBe("IN_PROGRESS");
    await kit.pass(1);
    expect(await status()).toBe("TIMED_OUT");
    await kit.pass(1_000);
    expect(await detailsOf("job")).toMatchObject({
      status: "COMPLETED",
      jobProcessDetails: { numberOfTimedOutThings: 1 },
    });
  });
}
