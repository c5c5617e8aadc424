import type { AcknowledgementPacket } from "@hearth/mqtt";
import type { Connection } from "../connection.ts";

/** The client has taken a QoS 2 message, or refuses it (section 4.3.3). */
export function onPubrec(connection: Connection, { packetId, reasonCode }: AcknowledgementPacket): void {
  if (!connection.session!.received(packetId, reasonCode)) connection.violates("PUBREC for a message of QoS 1");
}
