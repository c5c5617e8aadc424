/**
 * `node --import tsx tests/upgrade/make-fixture.ts <directory>`: fills an installation with something of every kind
 * and leaves its store, its master key and what must be found again in `<directory>`. Run on the commit of a release,
 * its outcome is what later releases have to migrate.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { PublishCommand, UpdateThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { createMemoryCredentialStore } from "@hearth/device-sdk";
import { lightReport, openFleet, reporting } from "../walk/fleet.ts";
import { endPeers } from "../walk/peer.ts";
import { openNotifications } from "../walk/stream.ts";

const target = process.argv[2];
if (target === undefined) throw new Error("name the directory of the fixture");
const SERIAL = "PLANTEDSERIAL0042";
const dataDir = mkdtempSync(join(tmpdir(), "hearth-fixture-"));
const fleet = await openFleet({ dataDir });
const { managed, iotData, file } = fleet;

// A device that has been through its whole setup, and has a state.
const claim = await fleet.claim();
const info = { SerialNumber: SERIAL, UniversalProductCode: "123456789012" };
const light = {
  Role: "DEVICE",
  AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
  AuthenticationMaterial: `SN:${SERIAL};UPC:123456789012;`,
  Name: "lamp",
  Owner: "the.owner",
  Tags: { room: "kitchen" },
  MetaData: { floor: "1" },
  ClientToken: "the-token-of-the-lamp",
} as const;
const { Id: lightId = "" } = await managed.send("CreateManagedThing", light);
const credential = await fleet.provision(claim, info, createMemoryCredentialStore(), true);
await openNotifications(fleet, "upgrade");
const puppet = await fleet.animate(credential, lightId, lightReport);
await puppet.say("DEVICE_EVENT", reporting({ OnOff: true }));
const stored = async () => JSON.stringify(await managed.send("GetManagedThingState", { ManagedThingId: lightId }));
while (!(await stored()).includes("true")) await new Promise((resolve) => setTimeout(resolve, 20));

// One that waits for its device, and one whose deletion its device has not confirmed.
const waiting = await fleet.expect();
const { Id: goingId = "" } = await fleet.puppet(claim).then(async ({ id, peer }) => {
  peer.kill();
  await managed.send("DeleteManagedThing", { Identifier: id });
  return { Id: id };
});

// Notifications that cannot be delivered yet: the stream does not exist.
const { RoleArn = "" } = await managed.send("GetDestination", { Name: "upgrade" });
await managed.send("CreateDestination", {
  Name: "later",
  DeliveryDestinationArn: `arn:aws:kinesis:${file.region}:${file.accountId}:stream/later`,
  DeliveryDestinationType: "KINESIS",
  RoleArn,
});
await managed.send("UpdateNotificationConfiguration", { EventType: "DEVICE_LIFE_CYCLE", DestinationName: "later" });
const late = await fleet.expect();

// MQTT: a session with something queued, a retained message, shadows.
const statements = [{ Effect: "Allow", Action: "iot:*", Resource: "*" }];
const key = await fleet.identity(statements, "sensor");
const session = { clientId: "sensor", clean: false, protocolVersion: 4 } as const;
const sensor = await fleet.connect(key, session);
await sensor.subscribe(["queued/#"]);
sensor.kill();
while (await isConnected("sensor")) await new Promise((resolve) => setTimeout(resolve, 20));
async function isConnected(clientId: string): Promise<boolean> {
  const { Events } = await fleet.hearth.send("ListConnectionEvents", { ClientId: clientId });
  return !Events.some(({ EventType }) => EventType === "Disconnect");
}
const publish = (topic: string, payload: string, retain = false) =>
  iotData.send(new PublishCommand({ topic, qos: 1, retain, payload: new TextEncoder().encode(payload) }));
await publish("queued/one", `for ${SERIAL}`);
await publish("kept/one", `kept ${SERIAL}`, true);
const shadow = { state: { desired: { serial: SERIAL } } };
for (const shadowName of [undefined, "named"]) {
  const payload = new TextEncoder().encode(JSON.stringify(shadow));
  await iotData.send(new UpdateThingShadowCommand({ thingName: "sensor", shadowName, payload }));
}

endPeers();
await fleet.platform.stop(true);
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "hearth.db.gz"), gzipSync(readFileSync(join(dataDir, "hearth.db")), { level: 9 }));
copyFileSync(join(dataDir, "master.key"), join(target, "master.key"));
const expected = {
  serial: SERIAL,
  accessKeyId: file.accessKeyId,
  light: { id: lightId, input: light, credential },
  waiting: waiting.id,
  going: goingId,
  late: late.id,
  sensor: { certificate: key.certificate, privateKey: key.privateKey, ...session },
  queued: { topic: "queued/one", text: `for ${SERIAL}` },
  kept: { topic: "kept/one", text: `kept ${SERIAL}` },
  shadow,
};
writeFileSync(join(target, "expected.json"), `${JSON.stringify(expected, null, 2)}\n`);
rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
