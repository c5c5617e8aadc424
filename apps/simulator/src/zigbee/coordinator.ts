import type { Clock } from "@hearth/base";
import type { ApsFrame, ZigbeeNode } from "./device/node.ts";
import type { FlashContent } from "./flash.ts";
import type { Random } from "./random.ts";

/** What becomes of a frame for one device, as its sender learns it. */
export type Delivery = "delivered" | "no-route" | "unacknowledged" | "expired";

/** How a coordinator reaches the devices of its network. */
export interface Air {
  /** `arrive` where and when the frame arrives, `confirm` with what became of it. */
  unicast(address: number, arrive: (node: ZigbeeNode) => void, confirm: (outcome: Delivery) => void): void;
  /** A device's own frame to the coordinator. */
  reply(from: ZigbeeNode, arrive: () => void): void;
  broadcast(toSleepers: boolean, arrive: (node: ZigbeeNode) => void): void;
  /** Devices of this coordinator's network. */
  members(): readonly ZigbeeNode[];
  /** Who is let in, and under which key, has changed. */
  admissionChanged(): void;
}

/** From here on addresses are broadcasts; the last reaches those that sleep too (Zigbee specification 3.6.5). */
export const FIRST_BROADCAST = 0xfff8;
export const ALL_DEVICES = 0xffff;

/** An endpoint that a host has registered. */
export interface HostEndpoint {
  id: number;
  profile: number;
  device: number;
  version: number;
  inputs: number[];
  outputs: number[];
}

export interface CoordinatorDeps {
  /** What its flash held when it last had power. */
  content: FlashContent | undefined;
  /** The flash has changed. */
  changed(): void;
  air: Air;
  clock: Clock;
  random: Random;
  /** The address that was burned in. */
  eui64: string;
  /** To the host, if one is there. */
  write(octets: Buffer): void;
}

/** A stick: what the mesh asks of it and tells it, whatever protocol its host speaks. */
export interface Coordinator {
  readonly eui64: string;
  /** It runs its network. */
  readonly started: boolean;
  /** The network that its flash knows, with the key in hexadecimal. */
  readonly network: { readonly extendedPanId: string; readonly key: string } | undefined;
  readonly permitsJoin: boolean;
  /** Milliseconds that it keeps a frame for a child that sleeps. */
  readonly indirectTimeout: number;
  /** Addresses of the devices whose install code it was given. */
  installCodes(): string[];
  /** The key under which it sends the network's to a device that wants to come in; `undefined`: it sends none. */
  linkKeyFor(eui64: string): Buffer | undefined;
  /** What its flash holds. */
  content(): FlashContent;
  /** A host has opened the port. */
  connected(): void;
  receive(octets: Buffer): void;
  /** A device was let in. */
  welcome(node: ZigbeeNode, address: number): void;
  /** It says that it is there. */
  announced(node: ZigbeeNode, address: number): void;
  left(node: ZigbeeNode, address: number, rejoin: boolean): void;
  /** A data frame of a device. */
  incoming(address: number, frame: ApsFrame): void;
  powerOff(): void;
  /** Its firmware starts anew by itself, as a watchdog makes it do; the port stays open. */
  reboot(): void;
  /** Ends its timers. */
  stop(): void;
}
