import { ServiceError } from "@hearth/contract";
import type { JobObjects } from "@hearth/iot";
import type { OtaObjects } from "@hearth/managed";

/** The documents of OTA tasks, read as the service itself: the buckets' policies name it, its account and the task. */
export function managedObjects(objects: Pick<JobObjects, "locate" | "read">): OtaObjects {
  return {
    locate: objects.locate,

    async read(object, { accountId, arn }, limit) {
      const reader = { service: "iotmanagedintegrations.amazonaws.com", accountId, sourceArn: arn } as const;
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of await objects.read(object, reader)) {
        size += chunk.length;
        if (size > limit) throw new ServiceError("EntityTooLarge", `The object has more than ${limit} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    },
  };
}
