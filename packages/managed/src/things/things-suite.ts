import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { disconnectRequested } from "@hearth/iot";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AT, event, type OpenTestRoom, OTHER, REPORT, refusalOf, type TestRoom, UPC } from "../test-room.ts";

/** Managed things and their life, on whatever database `open` gives. */
export function describeThings(open: OpenTestRoom): void {
  let room: TestRoom;
  const operations = () => room.managed.operations;
  const lifeOf = async (id: string) =>
    (await room.notified(id))
      .filter(({ type }) => type === "DEVICE_LIFE_CYCLE")
      .map(({ payload }) => payload["status"]);
  const certificateStatus = async (certificateId: string) =>
    (await room.call(room.iot.operations.iot.DescribeCertificate, { certificateId })).certificateDescription?.status;

  beforeAll(async () => {
    room = await open();
    await room.configure("life", ["DEVICE_LIFE_CYCLE", "DEVICE_STATE"]);
  });
  afterAll(() => room.close());

  test("a direct device's life is one DEVICE_LIFE_CYCLE a change, whatever else it says", async () => {
    const { id, certificateId } = await room.light("life-1");
    const details = await room.call(operations().GetManagedThing, { Identifier: id });
    expect(details).toMatchObject({
      ProvisioningStatus: "ACTIVATED",
      ActivatedAt: room.clock.now() / 1000,
      SerialNumber: "life-1",
      UniversalProductCode: UPC,
    });
    await room.report({ id, certificateId }, REPORT);
    await room.say({ id, certificateId }, event({ OnOff: true }));
    await room.call(operations().UpdateManagedThing, { Identifier: id, Name: "lamp" });
    await room.call(operations().DeleteManagedThing, { Identifier: id });
    await room.call(operations().DeleteManagedThing, { Identifier: id });
    await room.call(operations().DeleteManagedThing, { Identifier: id, Force: true });
    expect(await lifeOf(id)).toEqual(["UNASSOCIATED", "DISCOVERED", "ACTIVATED", "DELETE_IN_PROGRESS", "DELETED"]);
    expect(await refusalOf(room.status(id))).toEqual({
      name: "ResourceNotFoundException",
      message: "Managed Thing resource not found.",
    });
  });

  test("the event has the envelope and the details of its thing", async () => {
    const id = await room.create("life-2");
    await room.outbox.idle();
    const arn = `arn:aws:iotmanagedintegrations:us-east-1:000000000000:managed-thing/${id}`;
    const now = new Date(room.clock.now()).toISOString();
    expect(room.delivered.find(({ partitionKey }) => partitionKey === id)).toEqual({
      streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/life",
      partitionKey: id,
      notification: {
        version: "1.0.0",
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        messageType: "DEVICE_LIFE_CYCLE",
        source: "aws.iotmanagedintegrations",
        customerAccountId: AT.accountId,
        timestamp: now,
        region: AT.region,
        resources: [arn],
        payload: { deviceDetails: { id, arn, createdAt: now, updatedAt: now }, status: "UNASSOCIATED" },
      },
    });
  });

  describe("the hook", () => {
    test.each([
      ["a serial that nobody waits for", "hook-unknown", UPC],
      ["another product code", "hook-1", "000000000000"],
      ["no product code", "hook-1", ""],
    ])("refuses %s", async (_name, serial, code) => {
      if (serial === "hook-1") await room.create("hook-1").catch(() => "exists");
      await expect(room.provision(serial, code)).rejects.toThrow("403 ACCESS_DENIED");
    });

    test("takes an article number for the code", async () => {
      const { Id = "" } = await room.call(operations().CreateManagedThing, {
        Role: "DEVICE",
        AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
        AuthenticationMaterial: "SN:hook-ean;EAN:4006381333931",
      });
      expect((await room.provision("hook-ean", "4006381333931")).id).toBe(Id);
      expect(await room.status(Id)).toBe("DISCOVERED");
    });

    test("of two things with one serial takes the one with the product code", async () => {
      await room.create("hook-two");
      const { Id = "" } = await room.call(operations().CreateManagedThing, {
        Role: "DEVICE",
        AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
        AuthenticationMaterial: "SN:hook-two;UPC:111111111111",
      });
      expect((await room.provision("hook-two", "111111111111")).id).toBe(Id);
    });

    test("refuses one that is activated, and one that is going", async () => {
      const { id, certificateId } = await room.light("hook-live");
      await expect(room.provision("hook-live")).rejects.toThrow("403 ACCESS_DENIED");
      await room.call(operations().DeleteManagedThing, { Identifier: id });
      await expect(room.provision("hook-live")).rejects.toThrow("403 ACCESS_DENIED");
      expect(await certificateStatus(certificateId)).toBe("ACTIVE");
    });

    test("a refused device leaves no thing behind and its certificate inactive", async () => {
      await expect(room.provision("hook-nobody")).rejects.toThrow("403");
      const { things = [] } = await room.call(room.iot.operations.iot.ListThings, {});
      const names = things.map(({ thingName }) => thingName ?? "");
      for (const name of names) expect(await room.status(name)).toBeDefined();
    });
  });

  test("a device provisioned again before it reported: one certificate, its events count anew, no second event", async () => {
    const id = await room.create("again");
    const first = await room.provision("again");
    const closed: unknown[] = [];
    const stop = room.bus.subscribe(disconnectRequested, (request) => closed.push(request));
    const second = await room.provision("again");
    stop();
    expect(second.id).toBe(id);
    expect(await certificateStatus(first.certificateId)).toBe("INACTIVE");
    expect(await certificateStatus(second.certificateId)).toBe("ACTIVE");
    expect(closed).toMatchObject([{ certificateId: first.certificateId }]);
    expect(await room.report(first, REPORT)).toMatchObject({ code: 404 });
    expect(await room.report(second, REPORT)).toBeUndefined();
    expect(await room.say(second, event({ OnOff: true }, { eventNumber: 1 }))).toBeUndefined();
    expect(await room.state(id)).toEqual({ "1/OnOff": true });
    expect(await lifeOf(id)).toEqual(["UNASSOCIATED", "DISCOVERED", "ACTIVATED"]);
  });

  test("of two devices with one serial provisioned at once, one certificate stays", async () => {
    const id = await room.create("twins");
    const twins = await Promise.all([room.provision("twins"), room.provision("twins")]);
    const statuses = await Promise.all(twins.map(({ certificateId }) => certificateStatus(certificateId)));
    expect(statuses.sort()).toEqual(["ACTIVE", "INACTIVE"]);
    expect(await lifeOf(id)).toEqual(["UNASSOCIATED", "DISCOVERED"]);
  });

  test("the same device is created once; by token the same answer, with other parameters a conflict", async () => {
    const input = {
      Role: "DEVICE" as const,
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE" as const,
      AuthenticationMaterial: `SN:once;UPC:${UPC}`,
      ClientToken: "token-once",
    };
    const answers = await Promise.all([1, 2, 3].map(() => room.call(operations().CreateManagedThing, input)));
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(await room.call(operations().CreateManagedThing, input)).toEqual(answers[0]);
    expect((await refusalOf(room.call(operations().CreateManagedThing, { ...input, Name: "x" }))).name).toBe(
      "ConflictException",
    );
    expect((await refusalOf(room.create("once"))).name).toBe("ConflictException");
    expect(await lifeOf(answers[0]?.Id ?? "")).toEqual(["UNASSOCIATED"]);
    expect((await room.call(operations().CreateManagedThing, input, OTHER)).Id).not.toBe(answers[0]?.Id);
  });

  test("lists filter by sealed members and turn pages without gap or repeat", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) {
      const { Id = "" } = await room.call(operations().CreateManagedThing, {
        Role: "DEVICE",
        AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
        AuthenticationMaterial: `SN:page-${index};UPC:${UPC}`,
        Owner: index === 3 ? "bob" : "alice",
      });
      ids.push(Id);
    }
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await room.call(operations().ListManagedThings, { OwnerFilter: "alice", MaxResults: 2, NextToken });
      expect(page.Items?.length).toBeLessThanOrEqual(2);
      seen.push(...(page.Items ?? []).map(({ Id }) => Id));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(seen).toEqual(ids.filter((_, index) => index !== 3).sort());
    const found = async (input: object, at = AT) =>
      (await room.call(operations().ListManagedThings, input, at)).Items?.map(({ Id }) => Id);
    expect(await found({ OwnerFilter: "bob" })).toEqual([ids[3]]);
    expect(await found({ SerialNumberFilter: "page-3" })).toEqual([ids[3]]);
    expect(await found({ SerialNumberFilter: "page-3", OwnerFilter: "alice" })).toEqual([]);
    expect(await found({ OwnerFilter: "bob" }, OTHER)).toEqual([]);
    await room.call(operations().UpdateManagedThing, { Identifier: ids[3] ?? "", Owner: "carol" });
    expect(await found({ OwnerFilter: "bob" })).toEqual([]);
    expect(await found({ OwnerFilter: "carol" })).toEqual([ids[3]]);
  });

  test.each([
    ["an empty one", ""],
    ["one with a character that PostgreSQL cannot keep", "AA"],
    ["no base64url", "not base64!"],
  ])("a page token that no list has given is refused: %s", async (_name, NextToken) => {
    for (const list of [
      () => room.call(operations().ListManagedThings, { NextToken }),
      () => room.call(operations().ListDestinations, { NextToken }),
      () => room.call(operations().ListProvisioningProfiles, { NextToken }),
      () => room.call(operations().ListNotificationConfigurations, { NextToken }),
    ]) {
      expect((await refusalOf(list())).name).toBe("ValidationException");
    }
  });

  test("two accounts with one serial see and move their own thing only", async () => {
    const mine = await room.light("shared");
    const theirs = await room.light("shared", OTHER);
    expect(theirs.id).not.toBe(mine.id);
    expect((await refusalOf(room.status(theirs.id))).name).toBe("ResourceNotFoundException");
    expect((await refusalOf(room.status(mine.id, OTHER))).name).toBe("ResourceNotFoundException");
    expect((await refusalOf(room.call(operations().DeleteManagedThing, { Identifier: theirs.id }))).name).toBe(
      "ResourceNotFoundException",
    );
    // Even with the certificate and the id of the other, a publisher stays in its own account.
    expect(await room.say(theirs, event({ OnOff: true }), AT)).toMatchObject({ code: 404 });
    expect(await room.say({ ...mine, id: theirs.id }, event({ OnOff: true }), OTHER)).toMatchObject({ code: 404 });
    await room.say(mine, event({ OnOff: true }));
    expect(await room.state(mine.id)).toEqual({ "1/OnOff": true });
    const { Endpoints } = await room.call(operations().GetManagedThingState, { ManagedThingId: theirs.id }, OTHER);
    expect(Endpoints).toEqual([]);
    expect(await room.notified(theirs.id)).toEqual([]);
  });

  test("what is sensitive is not in the database as it is", async () => {
    const secrets = ["planted-serial", "planted-owner", "planted-name", "planted-tag", "PLANTED-MODEL"];
    const { Id = "" } = await room.call(operations().CreateManagedThing, {
      Role: "DEVICE",
      AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
      AuthenticationMaterial: `SN:planted-serial;UPC:${UPC}`,
      Owner: "planted-owner",
      Name: "planted-name",
      Model: "PLANTED-MODEL",
      Tags: { secret: "planted-tag" },
      ClientToken: "planting",
    });
    expect(await room.call(operations().GetManagedThing, { Identifier: Id })).toMatchObject({ Owner: "planted-owner" });
    const tables = ["managed_thing", "hearth_outbox", "hearth_timer", "iot_idempotency"];
    const rows = await Promise.all(tables.map((table) => room.database.query(`SELECT * FROM ${table}`)));
    const texts = rows.map((row) => Buffer.from(textOf(row)));
    const files = readdirSync(room.directory).map((name) => readFileSync(join(room.directory, name)));
    for (const secret of secrets) {
      for (const bytes of [...texts, ...files]) expect(bytes.includes(secret)).toBe(false);
    }
    // The search itself finds what is there.
    expect([...texts, ...files].some((bytes) => bytes.includes(Id))).toBe(true);
  });
}

/** Rows as text, bytes as the characters that they are. */
const textOf = (rows: readonly unknown[]): string =>
  JSON.stringify(rows, (_key, value: unknown) => {
    const buffer = value as { type?: string; data?: number[] };
    if (buffer?.type === "Buffer" && buffer.data) return Buffer.from(buffer.data).toString("latin1");
    return value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value;
  });
