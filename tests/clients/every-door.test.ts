import { once } from "node:events";
import { auth, iot, mqtt, mqtt5 } from "aws-iot-device-sdk-v2";
import { connectAsync, type IClientOptions } from "mqtt";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fleet, openFleet } from "../walk/fleet.ts";

const doors = ["8883", "the TLS port by ALPN", "WebSocket with SigV4"] as const;
type Door = (typeof doors)[number];

let fleet: Fleet;
let key: { certificate: string; privateKey: string };
beforeAll(async () => {
  fleet = await openFleet();
  key = await fleet.identity([{ Effect: "Allow", Action: "iot:*", Resource: "*" }]);
});
afterAll(() => fleet.close());

const webSocketPort = () => Number(new URL(fleet.file.httpsEndpoint).port);
const portOf = (door: Door) => (door === "8883" ? fleet.file.mqttsPort : fleet.file.tlsPort);
const credentials = () => auth.AwsCredentialsProvider.newStatic(fleet.file.accessKeyId, fleet.file.secretAccessKey);

describe.each(doors)("AWS's device SDK through %s", (door) => {
  test("its MQTT 3 client", async () => {
    const clientId = `sdk3-${doors.indexOf(door)}`;
    const builder =
      door === "WebSocket with SigV4"
        ? iot.AwsIotMqttConnectionConfigBuilder.new_with_websockets({
            region: fleet.file.region,
            credentials_provider: credentials(),
          }).with_port(webSocketPort())
        : iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder(key.certificate, key.privateKey).with_port(
            portOf(door),
          );
    const configuration = builder
      .with_certificate_authority(fleet.ca)
      .with_endpoint("localhost")
      .with_client_id(clientId)
      .with_clean_session(true)
      .build();
    const connection = new mqtt.MqttClient().new_connection(configuration);
    await connection.connect();
    const topic = `doors/${clientId}`;
    let heard!: (text: string) => void;
    const message = new Promise<string>((resolve) => {
      heard = resolve;
    });
    await connection.subscribe(topic, mqtt.QoS.AtLeastOnce, (_topic, payload) => {
      heard(Buffer.from(payload).toString());
    });
    await connection.publish(topic, "hello", mqtt.QoS.AtLeastOnce);
    expect(await message).toBe("hello");
    await connection.disconnect();
  });

  test("its MQTT 5 client", async () => {
    const clientId = `sdk5-${doors.indexOf(door)}`;
    const builder =
      door === "WebSocket with SigV4"
        ? iot.AwsIotMqtt5ClientConfigBuilder.newWebsocketMqttBuilderWithSigv4Auth("localhost", {
            credentialsProvider: credentials(),
            region: fleet.file.region,
          }).withPort(webSocketPort())
        : iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromMemory(
            "localhost",
            key.certificate,
            key.privateKey,
          ).withPort(portOf(door));
    const client = new mqtt5.Mqtt5Client(
      builder
        .withCertificateAuthority(fleet.ca)
        .withConnectProperties({ clientId, keepAliveIntervalSeconds: 60 })
        .build(),
    );
    const connected = Promise.race([
      once(client, mqtt5.Mqtt5Client.CONNECTION_SUCCESS),
      once(client, mqtt5.Mqtt5Client.CONNECTION_FAILURE).then(([failure]) => Promise.reject(failure)),
    ]);
    client.start();
    await connected;
    const topicFilter = `doors/${clientId}`;
    await client.subscribe({ subscriptions: [{ topicFilter, qos: mqtt5.QoS.AtLeastOnce }] });
    const message = once(client, mqtt5.Mqtt5Client.MESSAGE_RECEIVED);
    const answer = await client.publish({ topicName: topicFilter, qos: mqtt5.QoS.AtLeastOnce, payload: "hello" });
    expect(answer?.reasonCode).toBe(0);
    const [{ message: received }] = (await message) as [mqtt5.MessageReceivedEvent];
    expect(Buffer.from(received.payload as ArrayBuffer).toString()).toBe("hello");
    const stopped = once(client, mqtt5.Mqtt5Client.STOPPED);
    client.stop();
    await stopped;
    client.close();
  });
});

describe.each(doors)("MQTT.js through %s", (door) => {
  test.each([4, 5] as const)("version %i at each QoS", async (protocolVersion) => {
    const mine: IClientOptions = {
      clientId: `js${protocolVersion}-${doors.indexOf(door)}`,
      protocolVersion,
      reconnectPeriod: 0,
      ca: fleet.ca,
    };
    const client =
      door === "WebSocket with SigV4"
        ? await connectAsync(await fleet.webSocketUrl(), { ...mine, wsOptions: { ca: fleet.ca } })
        : await connectAsync(`mqtts://localhost:${portOf(door)}`, {
            ...mine,
            cert: key.certificate,
            key: key.privateKey,
            ...(door === "8883" ? {} : { ALPNProtocols: ["x-amzn-mqtt-ca"] }),
          });
    const topic = `doors/${mine.clientId}`;
    await client.subscribeAsync(topic, { qos: 2 });
    const heard: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      client.on("message", (_topic, payload, { qos }) => {
        if (heard.push([payload.toString(), qos]) === 3) resolve();
      });
    });
    for (const qos of [0, 1, 2] as const) await client.publishAsync(topic, `at ${qos}`, { qos });
    await all;
    expect(heard.sort()).toEqual([
      ["at 0", 0],
      ["at 1", 1],
      ["at 2", 2],
    ]);
    await client.endAsync();
  });
});
