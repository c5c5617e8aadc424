import { createSecureContext } from "node:tls";
import type { DeviceCredential } from "@hearth/device-sdk";
import { type LoadClient, openClient } from "../mqtt/client.ts";
import { frame, text } from "../mqtt/packets.ts";

export interface Light {
  id: string;
  stop(): void;
}

/**
 * A lamp on the wire of docs/device-protocol.md: answers each command with the action's outcome and the new value, at QoS 1,
 * in a session that outlives the connection as the device SDK's. `answered` is told when an answer has left.
 */
export async function connectLight(
  port: number,
  ca: string,
  credential: DeviceCredential,
  answered: (traceId: string, at: number) => void,
): Promise<Light> {
  const { certificate: cert, privateKey: key, managedThingId: id } = credential;
  let client: LoadClient | undefined;
  let on = false;
  let eventNumber = Date.now();
  let packetId = 0;
  const topic = text(`north/${id}/control`);

  const answer = (command: string) => {
    const traceId = /"traceId":"([^"]*)"/.exec(command)?.[1] ?? "";
    on = !on;
    eventNumber += 1;
    packetId = (packetId % 65_535) + 1;
    const now = Date.now();
    const payload =
      `{"messageType":"DEVICE_COMMAND_RESPONSE","traceId":"${traceId}","timestamp":"${new Date(now).toISOString()}",` +
      `"eventNumber":${eventNumber},"endpoints":[{"endpointId":"1","capabilities":[{"id":"matter.OnOff@1.4",` +
      `"actions":[{"name":"Toggle","responseCode":200,"parameters":{}}],"properties":[{"name":"OnOff","value":${on}}]}]}]}`;
    client?.socket.write(frame(0x32, topic, Buffer.from([packetId >> 8, packetId & 255]), Buffer.from(payload)));
    answered(traceId, now);
  };

  client = await openClient(
    { port },
    {
      clientId: id,
      clean: false,
      context: createSecureContext({ ca, cert, key }),
      onPacket(first, data, at, end) {
        // PUBLISH at QoS 1; its PUBACK leaves in one write with the answer.
        if (first >> 4 !== 3 || ((first >> 1) & 3) !== 1) return;
        const name = data.readUInt16BE(at);
        const identifier = at + 2 + name;
        client?.socket.cork();
        client?.socket.write(Buffer.from([0x40, 2, data[identifier] ?? 0, data[identifier + 1] ?? 0]));
        answer(data.toString("utf8", identifier + 2, end));
        client?.socket.uncork();
      },
    },
  );
  await client.subscribe(`south/${id}/#`, 1);
  return { id, stop: () => void client?.socket.destroy() };
}
