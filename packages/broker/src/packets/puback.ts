import type { AcknowledgementPacket } from "@hearth/mqtt";
import type { Connection } from "../connection.ts";

/** The client has taken a QoS 1 message, or refused it for good; either way it is done with. */
export function onPuback(connection: Connection, { packetId }: AcknowledgementPacket): void {
  if (!connection.session!.acknowledge(packetId)) connection.violates("PUBACK for a message of QoS 2");
}
