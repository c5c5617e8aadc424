import { ServiceError } from "@hearth/contract";

/** The customer's key that protects the device's data may not be used (reference 13.1). */
export const isLocked = (error: unknown): boolean =>
  error instanceof ServiceError && error.name === "AccessDeniedException";

/** What the device is told: its message is not stored, and is as good later as it is now. */
export const LOCKED = { code: 503, message: "The platform cannot read this device's data now. Say it again later." };
