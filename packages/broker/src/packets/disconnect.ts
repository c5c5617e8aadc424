import { type DisconnectPacket, Reason } from "@hearth/mqtt";
import type { Connection } from "../connection.ts";

/** The client leaves: without its will, unless it asks for it with reason 0x04 (reference 10.1). */
export function onDisconnect(connection: Connection, packet: DisconnectPacket): void {
  const { session } = connection;
  const asked = packet.properties?.sessionExpiryInterval;
  if (session !== undefined && asked !== undefined) {
    // [MQTT-3.14.2-2]
    if (session.expiryInterval === 0 && asked > 0) {
      connection.violates("a session cannot be made to last at its end");
      return;
    }
    session.expiryInterval = Math.min(asked, connection.context.limits.sessionExpiry);
  }
  connection.close({
    reason: "CLIENT_INITIATED_DISCONNECT",
    clientInitiated: true,
    withoutWill: packet.reasonCode === Reason.NormalDisconnection,
  });
}
