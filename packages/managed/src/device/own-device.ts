import type { Publisher } from "@hearth/iot";
import type { ManagedThing } from "../things/managed-thing.ts";

/**
 * Whether the publisher is the device that the thing stands for: the certificate that provisioning gave it. Policies
 * decide who may use a topic; this keeps a wide policy from letting one device speak for another.
 */
export const isOwnDevice = (
  thing: Pick<ManagedThing, "accountId" | "certificateId">,
  publisher: Pick<Publisher, "accountId" | "certificateId">,
): boolean =>
  thing.certificateId !== undefined &&
  thing.accountId === publisher.accountId &&
  thing.certificateId === publisher.certificateId;
