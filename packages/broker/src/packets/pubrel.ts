import { type AcknowledgementPacket, Reason } from "@hearth/mqtt";
import type { Connection } from "../connection.ts";

/**
 * The client will not repeat a publication of QoS 2. PUBCOMP, after which it may use the identifier for another message,
 * follows when it is durable that the identifier is free (section 4.3.3).
 */
export function onPubrel(connection: Connection, { packetId }: AcknowledgementPacket): void {
  const { context } = connection;
  const session = connection.session!;
  const known = session.inbound.find(packetId);
  if (known !== undefined && known !== true) {
    connection.violates("PUBREL before PUBREC");
    return;
  }
  const complete = (reasonCode: number) => connection.send({ type: "pubcomp", packetId, reasonCode });
  if (known === undefined) {
    complete(Reason.PacketIdentifierNotFound);
    return;
  }
  session.inbound.end(packetId);
  if (!session.durable) {
    complete(Reason.Success);
    return;
  }
  connection.publishing(
    context.store.commit([context.store.forgetReceived(session, packetId)]).then(() => {
      if (connection.state === "open") complete(Reason.Success);
    }),
  );
}
