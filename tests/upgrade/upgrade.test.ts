import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { GetRetainedMessageCommand, GetThingShadowCommand } from "@aws-sdk/client-iot-data-plane";
import { CreateStreamCommand, GetRecordsCommand, GetShardIteratorCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { action, eventually, type Fleet, lightReport, openFleet, reporting } from "../walk/fleet.ts";

/** Of each release that people may come from: made on its commit by `make-fixture.ts`. */
const releases = readdirSync(import.meta.dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());

test("there is a release to come from", () => expect(releases.length).toBeGreaterThan(0));

describe.each(releases.map(({ name }) => name))("the store of release %s", (release) => {
  const fixture = join(import.meta.dirname, release);
  const expected = JSON.parse(readFileSync(join(fixture, "expected.json"), "utf8"));
  const dataDir = mkdtempSync(join(tmpdir(), "hearth-upgrade-"));
  let fleet: Fleet;

  beforeAll(async () => {
    writeFileSync(join(dataDir, "hearth.db"), gunzipSync(readFileSync(join(fixture, "hearth.db.gz"))), { mode: 0o600 });
    copyFileSync(join(fixture, "master.key"), join(dataDir, "master.key"));
    chmodSync(join(dataDir, "master.key"), 0o600);
    chmodSync(dataDir, 0o700);
    fleet = await openFleet({ dataDir });
  });
  afterAll(async () => {
    await fleet?.close();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 10 });
  });

  test("opens under its own keys", () => {
    expect(fleet.file.accessKeyId).toBe(expected.accessKeyId);
  });

  test("has its managed things with their details, status, tags and state", async () => {
    const { light, waiting, going, late } = expected;
    expect(await fleet.managed.send("GetManagedThing", { Identifier: light.id })).toMatchObject({
      ProvisioningStatus: "ACTIVATED",
      SerialNumber: expected.serial,
      Name: light.input.Name,
      Owner: light.input.Owner,
      Tags: light.input.Tags,
    });
    const statuses = await Promise.all([waiting, going, late].map((id) => fleet.status(id)));
    expect(statuses).toEqual(["UNASSOCIATED", "DELETE_IN_PROGRESS", "UNASSOCIATED"]);
    const state = await fleet.managed.send("GetManagedThingState", { ManagedThingId: light.id });
    expect(JSON.stringify(state)).toContain('"propertyValue":true');
    const found = await fleet.managed.send("ListManagedThings", { SerialNumberFilter: expected.serial });
    expect(found.Items?.map(({ Id }) => Id)).toEqual([light.id]);
  });

  test("row 104 (part): shows the serial number nowhere any more", () => {
    const files = ["hearth.db", "hearth.db-wal"].map((name) => readFileSync(join(dataDir, name)));
    expect(gunzipSync(readFileSync(join(fixture, "hearth.db.gz"))).includes(expected.serial)).toBe(true);
    expect(files.some((content) => content.includes(expected.serial))).toBe(false);
  });

  test("knows which answers it has given", async () => {
    const { Id } = await fleet.managed.send("CreateManagedThing", expected.light.input);
    expect(Id).toBe(expected.light.id);
  });

  test("has its shadows and retained messages", async () => {
    for (const shadowName of [undefined, "named"]) {
      const { payload } = await fleet.iotData.send(new GetThingShadowCommand({ thingName: "sensor", shadowName }));
      expect(JSON.parse(Buffer.from(payload ?? []).toString())).toMatchObject(expected.shadow);
    }
    const kept = await fleet.iotData.send(new GetRetainedMessageCommand({ topic: expected.kept.topic }));
    expect(Buffer.from(kept.payload ?? []).toString()).toBe(expected.kept.text);
  });

  test("has what waits for a session", async () => {
    const { certificate, privateKey, ...session } = expected.sensor;
    const sensor = await fleet.connect({ certificate, privateKey }, session);
    expect((await sensor.next(expected.queued.topic)).text).toBe(expected.queued.text);
  });

  test("lets its devices in, and takes their reports and commands", async () => {
    const { light } = expected;
    const puppet = await fleet.animate(light.credential, light.id, lightReport);
    const reported = reporting({ OnOff: false });
    await puppet.say("DEVICE_EVENT", { ...reported, eventNumber: 100 });
    await eventually("the state", async () => {
      const state = await fleet.managed.send("GetManagedThingState", { ManagedThingId: light.id });
      return JSON.stringify(state).includes('"propertyValue":false') || undefined;
    });
    const { TraceId } = await fleet.managed.send("SendManagedThingCommand", {
      ManagedThingId: light.id,
      Endpoints: action("On"),
    });
    expect((await puppet.peer.next(`south/${light.id}/control`)).json).toMatchObject({ traceId: TraceId });
  });

  test("delivers the notifications that it could not deliver before", async () => {
    const { kinesis } = fleet;
    await kinesis.send(new CreateStreamCommand({ StreamName: "later", ShardCount: 1 }));
    const shard = { StreamName: "later", ShardId: "shardId-000000000000", ShardIteratorType: "TRIM_HORIZON" } as const;
    await eventually(
      "the notification",
      async () => {
        const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(shard));
        const { Records } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
        const texts = (Records ?? []).map(({ Data }) => Buffer.from(Data ?? []).toString());
        return texts.some((text) => text.includes(expected.late)) || undefined;
      },
      40_000,
    );
  });
});
