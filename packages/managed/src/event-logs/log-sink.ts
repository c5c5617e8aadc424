import type { Place } from "../place.ts";

/** Where logs of the platform and of devices go: groups and streams are made where they are missing. */
export interface LogSink {
  /** Resolves once the events, in order of `at` (milliseconds), are durable. */
  put(place: Place, group: string, stream: string, events: readonly { at: number; message: string }[]): Promise<void>;
}

/** Reference 13.2: what the service-linked role may write to. */
export const EVENT_LOG_GROUP = "/aws/iotmanagedintegrations/events";
export const DEVICE_LOG_GROUP = "/aws/iotmanagedintegrations/devices";
