import { onOwnStage } from "../own-stage.ts";
import { eventually, type Timeline } from "../timeline.ts";
import { createJob, type FirmwareStage, setFirmwareStage, startDevice } from "./firmware-stage.ts";

const PATIENCE = 60_000;

/**
 * Firmware over the air: a server of the demo's own, two images in a bucket, of which one is signed by a wrong key, a job
 * for each, and `examples/firmware-update` that does them: SUCCEEDED and FAILED.
 */
export async function demoFirmware(): Promise<void> {
  await onOwnStage("New firmware for a lamp, over the air", async ({ directory, closing, line }) => {
    line.doing("a server");
    const stage = await setFirmwareStage(directory, closing, (who, what) => line.step(who, what));
    const device = startDevice(stage, (said) => line.step("lamp", said));
    closing(() => device.stop());
    for (const [jobId, version, wanted] of [
      ["lamp-2-0", "2.0", "SUCCEEDED"],
      ["lamp-2-1", "2.1", "FAILED"],
    ] as const) {
      await createJob(stage, jobId, version);
      line.step("app", `job ${jobId}: version ${version} for ${stage.thingName}`);
      await report(stage, jobId, wanted, line);
    }
    await device.stop();
  });
}

/** Waits for the job's end, and prints what the platform knows of it. Throws when it is not the one that was wanted. */
async function report({ iot, thingName }: FirmwareStage, jobId: string, wanted: string, line: Timeline) {
  const job = await eventually(
    `the end of ${jobId}`,
    async () => {
      const { job } = await iot.describeJob({ jobId });
      return job?.status === "COMPLETED" ? job : undefined;
    },
    PATIENCE,
  );
  const { execution } = await iot.describeJobExecution({ jobId, thingName });
  const { numberOfSucceededThings, numberOfFailedThings } = job.jobProcessDetails ?? {};
  line.step(
    "cloud",
    `${jobId} is ${job.status}: ${numberOfSucceededThings} succeeded, ${numberOfFailedThings} failed; the execution of ` +
      `${thingName} is ${execution?.status}: ${JSON.stringify(execution?.statusDetails?.detailsMap)}`,
  );
  if (execution?.status !== wanted) throw new Error(`the execution of ${jobId} should be ${wanted}`);
}
