import { type DisconnectPacket, Reason } from "@hearth/mqtt";
import type { Connection } from "../connection.ts";

/** The codes that section 3.14.2.1 gives to a client. */
const fromClients: ReadonlySet<number> = new Set([
  0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
]);

/** The client leaves: without its will, unless it asks for it with reason 0x04 (reference 10.1). */
export function onDisconnect(connection: Connection, packet: DisconnectPacket): void {
  const { session } = connection;
  if (!fromClients.has(packet.reasonCode)) {
    // [MQTT-3.14.2-1]
    connection.violates(`reason code ${packet.reasonCode} is not for a client to send`);
    return;
  }
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
