import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetRetainedMessageCommand,
  GetThingShadowCommand,
  UpdateThingShadowCommand,
} from "@aws-sdk/client-iot-data-plane";
import { CreateStreamCommand, PutRecordCommand } from "@aws-sdk/client-kinesis";
import { createSealer, loadMasterKey } from "@hearth/backplane";
import { createClient } from "@hearth/client";
import Sqlite from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { eventually, openFleet, reporting } from "../walk/fleet.ts";

const dataDir = mkdtempSync(join(tmpdir(), "hearth-sealed-"));
afterAll(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 }));

/** Stands in whatever a home or its devices say of themselves. */
const PLANTED = "SERIAL5F7C1A90B3D2";
const FORMS = [PLANTED, Buffer.from(PLANTED).toString("base64"), Buffer.from(PLANTED).toString("hex")];
const KEPT = ["hearth.json", "master.key"];

/** The files in which the planted text can be read: of the database, its log and all else in the data directory. */
const findings = () =>
  readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !KEPT.includes(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const content = readFileSync(path);
      return FORMS.some((form) => content.includes(form));
    });

const REPORT = {
  version: "1.0.0",
  nodeId: PLANTED,
  endpoints: [
    {
      id: "1",
      deviceTypes: ["Dimmable Light"],
      capabilities: [
        {
          id: "matter.BasicInformation@1.4",
          name: "Basic Information",
          version: "3",
          properties: ["NodeLabel"],
          actions: [],
          events: [],
        },
      ],
    },
  ],
};
const SHADOW = { reported: { serial: PLANTED } };
const PERSISTENT = { clean: false, properties: { sessionExpiryInterval: 3600 } };
const QOS1 = { qos: 1, retain: false, properties: { userProperties: { serial: PLANTED } } } as const;

test("row 104: no stored row shows a planted serial number, nor does a database of an earlier version", async () => {
  const fleet = await openFleet({ dataDir });
  const { managed, iotData, kinesis } = fleet;
  const claim = await fleet.claim();
  const { Id = "" } = await managed.send("CreateManagedThing", {
    Role: "DEVICE",
    AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
    AuthenticationMaterial: `SN:${PLANTED};UPC:829576019524;`,
    Owner: PLANTED,
    Name: PLANTED,
    Tags: { [PLANTED]: PLANTED },
  });
  // Nobody reads this stream: what is told of the device stays in the outbox.
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${fleet.file.region}:${fleet.file.accountId}:${resource}`;
  await managed.send("CreateDestination", {
    Name: "nowhere",
    DeliveryDestinationType: "KINESIS",
    DeliveryDestinationArn: arn("kinesis", "stream/nowhere"),
    RoleArn: `arn:aws:iam::${fleet.file.accountId}:role/nobody`,
  });
  await managed.send("CreateNotificationConfiguration", { EventType: "DEVICE_STATE", DestinationName: "nowhere" });
  const info = { SerialNumber: PLANTED, UniversalProductCode: "829576019524" };
  const device = await fleet.animate(await fleet.provision(claim, info, undefined, true), Id, REPORT);
  await device.say("DEVICE_EVENT", reporting({ NodeLabel: PLANTED }, "matter.BasicInformation@1.4"));
  const state = () => managed.send("GetManagedThingState", { ManagedThingId: Id });
  const shown = await eventually("the state", async () => {
    const answer = await state();
    return JSON.stringify(answer).includes(PLANTED) ? answer.Endpoints : undefined;
  });

  const someone = await fleet.identity([{ Effect: "Allow", Action: "*", Resource: "*" }]);
  const away = await fleet.connect(someone, {
    ...PERSISTENT,
    clientId: "away",
    will: {
      topic: "wills",
      payload: Buffer.from(PLANTED),
      qos: 1,
      retain: false,
      properties: { willDelayInterval: 3000 },
    },
  });
  await away.subscribe("news/#", 1);
  away.kill();
  const speaker = await fleet.connect(someone, { clientId: "speaker" });
  await speaker.client.publishAsync("news/one", PLANTED, QOS1);
  await speaker.client.publishAsync("kept", PLANTED, { ...QOS1, retain: true });
  await iotData.send(
    new UpdateThingShadowCommand({ thingName: "plant", payload: Buffer.from(JSON.stringify({ state: SHADOW })) }),
  );
  await kinesis.send(new CreateStreamCommand({ StreamName: "records", ShardCount: 1 }));
  await eventually("the stream", () =>
    kinesis
      .send(new PutRecordCommand({ StreamName: "records", PartitionKey: "p", Data: Buffer.from(PLANTED) }))
      .catch(() => undefined),
  );
  const secretOptions = { endpoint: fleet.file.apiEndpoint, region: fleet.file.region, credentials: fleet.file };
  await createClient("secretsmanager", secretOptions).send("CreateSecret", { Name: "planted", SecretString: PLANTED });
  const outbox = new Sqlite(join(dataDir, "hearth.db"), { readonly: true });
  expect(outbox.prepare("SELECT COUNT(*) AS n FROM hearth_outbox").get()).not.toEqual({ n: 0 });
  expect(outbox.prepare("SELECT COUNT(*) AS n FROM broker_message").get()).not.toEqual({ n: 0 });
  outbox.close();

  expect(findings()).toEqual([]);
  await fleet.close(true);
  expect(findings()).toEqual([]);

  asAnEarlierVersionHadIt(shown);
  expect(findings()).toEqual([join(dataDir, "hearth.db")]);

  const again = await openFleet({ dataDir });
  expect(findings()).toEqual([]);
  expect((await again.managed.send("GetManagedThingState", { ManagedThingId: Id })).Endpoints).toEqual(shown);
  expect(await again.managed.send("GetManagedThing", { Identifier: Id })).toMatchObject({
    SerialNumber: PLANTED,
    Owner: PLANTED,
  });
  expect((await again.managed.send("GetManagedThingCapabilities", { Identifier: Id })).CapabilityReport).toMatchObject(
    REPORT,
  );
  const shadow = await again.iotData.send(new GetThingShadowCommand({ thingName: "plant" }));
  expect(JSON.parse(Buffer.from(shadow.payload ?? []).toString())).toMatchObject({ state: SHADOW, version: 1 });
  const retained = await again.iotData.send(new GetRetainedMessageCommand({ topic: "kept" }));
  expect(Buffer.from(retained.payload ?? []).toString()).toBe(PLANTED);
  const back = await again.connect(someone, { ...PERSISTENT, clientId: "away" });
  expect((await back.next("news/one")).text).toBe(PLANTED);
  await back.end();
  await again.close(true);
  expect(findings()).toEqual([]);
});

/** Puts plain text back where earlier versions had it, and seals the thing's details by the master key alone. */
function asAnEarlierVersionHadIt(endpoints: unknown): void {
  const database = new Sqlite(join(dataDir, "hearth.db"));
  const sealer = createSealer(loadMasterKey({ file: join(dataDir, "master.key") }));
  const run = (sql: string, ...params: unknown[]) => {
    expect(database.prepare(sql).run(...params).changes, sql).toBeGreaterThan(0);
  };
  const one = (sql: string) =>
    database.prepare(sql).get() as { wrapped: Buffer; details: Buffer; will_sealed: Buffer; place: string };
  expect(JSON.stringify(endpoints)).toContain(PLANTED);
  const dataKey = createSealer(sealer.open(one("SELECT wrapped FROM data_key").wrapped, "managed.data-key"));
  const thing = one("SELECT details, account_id || '/' || region AS place FROM managed_thing");
  const details = dataKey.openText(thing.details.subarray(9), `managed-thing:${thing.place}`);
  run(
    "UPDATE managed_thing SET details = ?, capability_report = ?, capability_report_sealed = NULL",
    sealer.seal(details, "managed-thing"),
    JSON.stringify(REPORT),
  );
  run("UPDATE managed_property SET value = ?, value_sealed = NULL", JSON.stringify(PLANTED));
  const metadata = { reported: { serial: { timestamp: 1_700_000_000 } } };
  run(
    "UPDATE iot_shadows SET state = ?, metadata = ?, document = NULL WHERE thing_name = 'plant'",
    JSON.stringify(SHADOW),
    JSON.stringify(metadata),
  );
  const message = [Buffer.from(PLANTED), JSON.stringify({ userProperties: [["serial", PLANTED]] })];
  run("UPDATE broker_message SET payload = ?, properties = ?, sealed = NULL", ...message);
  run("UPDATE broker_retained SET payload = ?, properties = ?, sealed = NULL WHERE topic = 'kept'", ...message);
  run(
    "UPDATE broker_session SET will = ?, will_sealed = NULL WHERE client_id = 'away'",
    sealer.openText(one("SELECT will_sealed FROM broker_session WHERE client_id = 'away'").will_sealed, "mqtt.will"),
  );
  run("UPDATE stream_records SET data = ?, sealed = NULL", Buffer.from(PLANTED));
  run("DELETE FROM hearth_sealed_rows");
  database.close();
}
