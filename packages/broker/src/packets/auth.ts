import type { AuthPacket } from "@hearth/mqtt";
import type { Connection } from "../connection.ts";

/** No CONNECT with an authentication method is accepted, so none may be continued [MQTT-4.12.0-6] (reference 1.3). */
export function onAuth(connection: Connection, _packet: AuthPacket): void {
  connection.violates("AUTH without enhanced authentication");
}
