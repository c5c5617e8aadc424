import { readFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { createClient } from "@hearth/client";
import { createMemoryCredentialStore, type DeviceCredential, provision } from "@hearth/device-sdk";
import type { ServerFile } from "../kit/server-process.ts";
import type { Door } from "./mqtt-peer.ts";

export const NOTIFICATIONS = "notifications";
export const RECORDS = "records";
const UPC = "829576019524";

export type Clients = ReturnType<typeof clientsOf>;

/** Our own clients, signing with the root key. */
export function clientsOf(file: ServerFile) {
  const options = { endpoint: file.apiEndpoint, region: file.region, credentials: file, maxAttempts: 1 };
  return {
    managed: createClient("iot-managed-integrations", options),
    iot: createClient("iot", options),
    iotData: createClient("iot-data", options),
    kinesis: createClient("kinesis", options),
    iam: createClient("iam", options),
    sts: createClient("sts", options),
    hearth: createClient("hearth", options),
  };
}

/** Where a device connects to. */
export const placeOf = (file: ServerFile) => ({
  host: file.mqttHost,
  port: file.mqttsPort,
  ca: readFileSync(file.caFile, "utf8"),
});

/** The open MQTT port. */
export const openDoor =
  ({ openMqttPort = 0 }: ServerFile): Door =>
  () =>
    connectTcp(openMqttPort, "127.0.0.1");

/** The MQTT port that asks for a certificate. */
export function mutualTlsDoor(
  file: ServerFile,
  { certificate, privateKey }: { certificate: string; privateKey: string },
): Door {
  const place = placeOf(file);
  return () => connectTls({ ...place, servername: place.host, cert: certificate, key: privateKey });
}

export const policyDocument = (statement: Record<string, unknown>): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });

/** A stream that every notification goes to. */
export async function notifyStream({ managed, kinesis, iam }: Clients, file: ServerFile): Promise<void> {
  await kinesis.send("CreateStream", { StreamName: NOTIFICATIONS, ShardCount: 1 });
  await iam.send("CreateRole", {
    RoleName: "notify",
    AssumeRolePolicyDocument: policyDocument({
      Principal: { Service: "iotmanagedintegrations.amazonaws.com" },
      Action: "sts:AssumeRole",
    }),
  });
  await iam.send("PutRolePolicy", {
    RoleName: "notify",
    PolicyName: "write",
    PolicyDocument: policyDocument({ Action: "kinesis:PutRecord", Resource: "*" }),
  });
  await managed.send("CreateDestination", {
    Name: "stream",
    DeliveryDestinationArn: `arn:aws:kinesis:${file.region}:${file.accountId}:stream/${NOTIFICATIONS}`,
    DeliveryDestinationType: "KINESIS",
    RoleArn: `arn:aws:iam::${file.accountId}:role/notify`,
  });
  for (const EventType of ["DEVICE_LIFE_CYCLE", "DEVICE_COMMAND", "DEVICE_EVENT", "DEVICE_STATE"] as const) {
    await managed.send("CreateNotificationConfiguration", { EventType, DestinationName: "stream" });
  }
}

/** A certificate that may do everything over MQTT. */
export async function certificateOf(
  { iot }: Clients,
  policyName = "everything",
): Promise<{ certificate: string; privateKey: string }> {
  const keys = await iot.send("CreateKeysAndCertificate", { setAsActive: true });
  await iot.send("CreatePolicy", {
    policyName,
    policyDocument: policyDocument({ Action: "iot:*", Resource: "*" }),
  });
  await iot.send("AttachPolicy", { policyName, target: keys.certificateArn ?? "" });
  return { certificate: keys.certificatePem ?? "", privateKey: keys.keyPair?.PrivateKey ?? "" };
}

/** A device that has traded its claim for a permanent certificate, and where the SDK keeps that. */
export interface ProvisionedDevice {
  credential: DeviceCredential;
  store: ReturnType<typeof createMemoryCredentialStore>;
}

export async function provisionDevice(
  { managed }: Clients,
  file: ServerFile,
  SerialNumber: string,
): Promise<ProvisionedDevice> {
  const profile = await managed.send("CreateProvisioningProfile", {
    ProvisioningType: "FLEET_PROVISIONING",
    Name: `profile-${SerialNumber}`,
  });
  await managed.send("CreateManagedThing", {
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:${SerialNumber};UPC:${UPC}`,
  });
  const store = createMemoryCredentialStore();
  const credential = await provision({
    ...placeOf(file),
    claimCertificate: profile.ClaimCertificate ?? "",
    claimPrivateKey: profile.ClaimCertificatePrivateKey ?? "",
    templateName: profile.Name ?? "",
    parameters: { SerialNumber, UniversalProductCode: UPC },
    store,
  });
  return { credential, store };
}
