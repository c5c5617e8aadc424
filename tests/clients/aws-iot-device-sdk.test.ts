import { once } from "node:events";
import { iotidentity, iotshadow, mqtt_request_response } from "aws-iot-device-sdk-v2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, type Fleet, openFleet } from "../walk/fleet.ts";
import { connectMqtt5, connectMqtt311, type DeviceKey, stopMqtt5 } from "./aws-device-connections.ts";

/** What the service clients of the SDK take: one of its two MQTT clients, connected. */
interface Transport {
  identity(): iotidentity.IotIdentityClientv2;
  shadow(): iotshadow.IotShadowClientv2;
  close(): Promise<void>;
}

const limits = { maxRequestResponseSubscriptions: 6, maxStreamingSubscriptions: 3, operationTimeoutInSeconds: 10 };

const transports = {
  async "MQTT 3.1.1"(fleet: Fleet, key: DeviceKey, clientId: string): Promise<Transport> {
    const connection = await connectMqtt311(fleet, key, clientId);
    return {
      identity: () => iotidentity.IotIdentityClientv2.newFromMqtt311(connection, limits),
      shadow: () => iotshadow.IotShadowClientv2.newFromMqtt311(connection, limits),
      close: async () => {
        await connection.disconnect();
      },
    };
  },

  async "MQTT 5"(fleet: Fleet, key: DeviceKey, clientId: string): Promise<Transport> {
    const client = await connectMqtt5(fleet, key, clientId);
    return {
      identity: () => iotidentity.IotIdentityClientv2.newFromMqtt5(client, limits),
      shadow: () => iotshadow.IotShadowClientv2.newFromMqtt5(client, limits),
      close: () => stopMqtt5(client),
    };
  },
};

describe.each(["MQTT 3.1.1", "MQTT 5"] as const)("AWS's device SDK for JavaScript, %s", (version) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await openFleet();
  });
  afterAll(() => fleet.close());

  test("claim, permanent certificate, reconnect, named shadow with its delta", async () => {
    const claim = await fleet.claim();
    const { id, info } = await fleet.expect();
    const parameters = { ...info };

    const claiming = await transports[version](fleet, claim, `claim-${info.SerialNumber}`);
    const identity = claiming.identity();
    const made = await identity.createKeysAndCertificate({});
    expect(made.certificateId).toMatch(/^[0-9a-f]{64}$/);
    const { certificateOwnershipToken } = made;
    const { templateName } = claim;
    const refusal = await identity
      .registerThing({
        templateName,
        certificateOwnershipToken,
        parameters: { ...parameters, SerialNumber: "WRONG" },
      })
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(mqtt_request_response.ServiceError);
    expect((refusal as mqtt_request_response.ServiceError).modeledError).toMatchObject({
      statusCode: 403,
      errorCode: "ACCESS_DENIED",
    });
    const registered = await identity.registerThing({ templateName, certificateOwnershipToken, parameters });
    expect(registered).toEqual({
      thingName: id,
      deviceConfiguration: { managedThingId: id, clientId: id },
    });
    identity.close();
    await claiming.close();

    const own = { certificate: made.certificatePem ?? "", privateKey: made.privateKey ?? "" };
    const device = await transports[version](fleet, own, id);
    const shadow = device.shadow();
    const named = { thingName: id, shadowName: "night" };
    const deltas: iotshadow.model.ShadowDeltaUpdatedEvent[] = [];
    const updates: iotshadow.model.ShadowUpdatedEvent[] = [];
    const deltaStream = shadow.createNamedShadowDeltaUpdatedStream(named);
    const updateStream = shadow.createNamedShadowUpdatedStream(named);
    deltaStream.on("incomingPublish", ({ message }) => deltas.push(message));
    updateStream.on("incomingPublish", ({ message }) => updates.push(message));
    const established = [deltaStream, updateStream].map((stream) => once(stream, "subscriptionStatus"));
    deltaStream.open();
    updateStream.open();
    await Promise.all(established);

    const missing = await shadow.getNamedShadow(named).catch((error: unknown) => error);
    expect((missing as mqtt_request_response.ServiceError).modeledError).toMatchObject({ code: 404 });
    const accepted = await shadow.updateNamedShadow({ ...named, state: { desired: { dim: 3 }, reported: { dim: 1 } } });
    expect(accepted).toMatchObject({ version: 1, state: { desired: { dim: 3 }, reported: { dim: 1 } } });
    await eventually("the delta", async () => deltas.find(({ version }) => version === 1));
    expect(deltas[0]).toMatchObject({ state: { dim: 3 } });
    await eventually("the documents", async () => updates.find(({ current }) => current?.version === 1));
    const conflict = await shadow
      .updateNamedShadow({ ...named, state: { reported: { dim: 3 } }, version: 9 })
      .catch((error: unknown) => error);
    expect((conflict as mqtt_request_response.ServiceError).modeledError).toMatchObject({ code: 409 });
    expect(await shadow.getNamedShadow(named)).toMatchObject({ version: 1, state: { delta: { dim: 3 } } });
    expect(await shadow.deleteNamedShadow(named)).toMatchObject({ version: 1 });
    deltaStream.close();
    updateStream.close();
    shadow.close();
    await device.close();
  });
});
