import type { Write } from "@hearth/backplane";
import type { Message, Reach } from "@hearth/iot";

/**
 * What managed integrations needs of IoT Core beneath it. Each function returns the writes for the caller's batch, so
 * that a managed thing and its registry thing, certificate and shadow change together.
 */
export interface IotRoom {
  /** Detaches and deactivates the device's certificate, deletes its registry thing and classic shadow. `closed` runs after the commit. */
  forgetDevice(device: {
    accountId: string;
    region: string;
    thingName: string;
    certificateId?: string;
  }): Promise<{ writes: readonly Write[]; closed: () => void }>;
  /** Merges `reported` into the thing's classic shadow. `committed` is called, and the messages go out, after the commit. */
  reportShadow(
    thing: { accountId: string; region: string; thingName: string },
    reported: Record<string, unknown>,
  ): Promise<{ writes: readonly Write[]; messages: readonly Message[]; committed: () => void }>;
  certificatePem(place: { accountId: string; region: string }, certificateId: string): Promise<string | undefined>;
}

/** To devices and subscribers. */
export interface Messaging {
  /** Through the broker, to everyone subscribed. */
  publish(messages: readonly Message[]): Promise<void>;
  /** To one connected client, subscribed or not; false when it is not connected. */
  direct(clientId: string, message: Message): boolean;
  /** Who would get what is published on the topic now, of the client's own session. */
  reach(accountId: string, clientId: string, topic: string): Reach;
}
