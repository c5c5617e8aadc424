import { once } from "node:events";
import { iot, mqtt, mqtt5 } from "aws-iot-device-sdk-v2";
import type { Fleet } from "../walk/fleet.ts";

export interface DeviceKey {
  certificate: string;
  privateKey: string;
}

/** The MQTT 3.1.1 client of AWS's device SDK, connected. */
export async function connectMqtt311(
  fleet: Fleet,
  key: DeviceKey,
  clientId: string,
): Promise<mqtt.MqttClientConnection> {
  const configuration = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(key.certificate, key.privateKey)
    .with_certificate_authority(fleet.ca)
    .with_endpoint("localhost")
    .with_port(fleet.file.mqttsPort)
    .with_client_id(clientId)
    .with_clean_session(true)
    .build();
  const connection = new mqtt.MqttClient().new_connection(configuration);
  await connection.connect();
  return connection;
}

/** Its MQTT 5 client, connected. */
export async function connectMqtt5(fleet: Fleet, key: DeviceKey, clientId: string): Promise<mqtt5.Mqtt5Client> {
  const configuration = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
    "localhost",
    key.certificate,
    key.privateKey,
  )
    .withCertificateAuthority(fleet.ca)
    .withPort(fleet.file.mqttsPort)
    .withConnectProperties({ clientId, keepAliveIntervalSeconds: 60 })
    .build();
  const client = new mqtt5.Mqtt5Client(configuration);
  const connected = Promise.race([
    once(client, mqtt5.Mqtt5Client.CONNECTION_SUCCESS),
    once(client, mqtt5.Mqtt5Client.CONNECTION_FAILURE).then(([failure]) => Promise.reject(failure)),
  ]);
  client.start();
  await connected;
  return client;
}

export async function stopMqtt5(client: mqtt5.Mqtt5Client): Promise<void> {
  const stopped = once(client, mqtt5.Mqtt5Client.STOPPED);
  client.stop();
  await stopped;
  client.close();
}
