import type { Connection } from "../connection.ts";

/** [MQTT-3.12.4-1] */
export function onPingreq(connection: Connection): void {
  connection.send({ type: "pingresp" });
}
