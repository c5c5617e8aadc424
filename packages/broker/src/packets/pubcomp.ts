import type { AcknowledgementPacket } from "@hearth/mqtt";
import type { Connection } from "../connection.ts";

/** The end of a QoS 2 message's way to the client (section 4.3.3). */
export function onPubcomp(connection: Connection, { packetId }: AcknowledgementPacket): void {
  if (!connection.session!.completed(packetId)) connection.violates("PUBCOMP before PUBREL");
}
