import type { Packet, ProtocolVersion } from "@hearth/mqtt";
import type { LimitName } from "./limits.ts";
import type { OutboundAliases } from "./outbound-aliases.ts";

/** A rate that allows no more for now. */
export interface HeldBack {
  limit: LimitName;
  /** Milliseconds until it allows one more. */
  wait: number;
}

/** The connection of a session, as far as deliveries need it. */
export interface Receiver {
  readonly version: ProtocolVersion;
  /** Messages of QoS 1 and 2 that may wait for the end of their handshake. */
  readonly sendMaximum: number;
  readonly maximumPacketSize: number;
  /** Of its topics, where the client wants them (MQTT 5). */
  readonly outboundAliases: OutboundAliases | undefined;
  /** So much waits in the socket that messages above QoS 0 are better held back … */
  readonly holding: boolean;
  /** … and QoS 0 messages dropped. */
  readonly overflowing: boolean;
  mayReceive(topic: string): boolean;
  /** Why it may not. */
  receiveDenial(topic: string): string;
  /** Takes one of the connection's publications for this second; false when there are none left. */
  spend(): boolean;
  /** What keeps messages above QoS 0 from leaving now: a rate. */
  heldBack(): HeldBack | undefined;
  write(frame: Uint8Array): void;
  send(packet: Packet): void;
}
