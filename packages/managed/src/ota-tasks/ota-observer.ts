import type { Write } from "@hearth/backplane";
import { InternalError } from "@hearth/base";
import type { JobObserver } from "@hearth/iot";
import type { Notifier } from "../notifications/notifier.ts";
import { thingArn } from "../things/managed-thing.ts";
import { otaTaskArn, taskOfJob } from "./ota-task.ts";
import type { OtaTaskStore } from "./ota-task-store.ts";

const timeOf = (milliseconds: number | undefined) =>
  milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();

/**
 * What the jobs of OTA tasks do, told in the same commit: one DEVICE_OTA event for each status of an execution (reference
 * 7.3, reading U24), and the status of the task.
 */
export function createOtaObserver(deps: {
  otaTasks: Pick<OtaTaskStore, "get" | "setStatus" | "remove">;
  notifier: Pick<Notifier, "write" | "wake">;
}): JobObserver {
  const { otaTasks, notifier } = deps;

  return {
    owner: "managed",

    async executionsChanged(changes) {
      const writes: Write[] = [];
      for (const { job, before, after } of changes) {
        if (before?.status === after.status || after.status === "WAITING") continue;
        const taskId = taskOfJob(job.jobId);
        const thing = { accountId: job.accountId, region: job.region, id: after.thingName };
        const payload = {
          taskId,
          taskArn: otaTaskArn(job, taskId),
          managedThingId: after.thingName,
          executionNumber: after.executionNumber,
          retryAttempt: after.retryAttempt,
          status: after.status,
          statusDetails: after.statusDetails,
          queuedAt: timeOf(after.queuedAt),
          startedAt: timeOf(after.startedAt),
          lastUpdatedAt: timeOf(after.updatedAt),
        };
        writes.push(...(await notifier.write({ ...thing, arn: thingArn(thing) }, [{ type: "DEVICE_OTA", payload }])));
      }
      return writes;
    },

    async jobChanged(job) {
      return [otaTasks.setStatus(job, taskOfJob(job.jobId), job.status, job.updatedAt)];
    },

    async jobRemoved(job) {
      return [otaTasks.remove(job, taskOfJob(job.jobId))];
    },

    committed(writes) {
      if (writes.length > 0) notifier.wake();
    },

    async document(job) {
      const task = await otaTasks.get(job, taskOfJob(job.jobId));
      if (task === undefined) throw new InternalError(`job ${job.jobId} has no OTA task`);
      return task.details.document;
    },
  };
}
