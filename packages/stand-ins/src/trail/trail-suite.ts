import { gunzipSync } from "node:zlib";
import type { Database, Sealer } from "@hearth/backplane";
import { FakeClock, silentLogger } from "@hearth/base";
import { type AuditedCall, type RequestContext, ServiceError, services } from "@hearth/contract";
import { beforeEach, describe, expect, test } from "vitest";
import { HISTORY_MS } from "./lookup-operations.ts";
import { createTrail, type Trail } from "./trail.ts";
import { SETTLED_MS } from "./trail-delivery.ts";

const REGION = "us-east-1";
const DAY = 86_400_000;

let accounts = 0;

/** Rules of the trail that need a store, and a clock that is moved. */
export function trailSuite(store: { database: Database; sealer: Sealer }): void {
  describe("the trail", () => {
    let clock: FakeClock;
    let accountId: string;
    let failing: boolean;
    let commits: number[];
    let trail: Trail;
    const refuse = () => Promise.reject(new ServiceError("NoSuchBucket", "there are no buckets here"));
    const writer = { checkWrite: refuse, write: refuse };
    beforeEach(() => {
      clock = new FakeClock();
      accountId = String(++accounts).padStart(12, "0");
      failing = false;
      commits = [];
      const { database, sealer } = store;
      const watched: Pick<Database, "query" | "commit"> = {
        query: (sql, params) => database.query(sql, params),
        async commit(writes) {
          if (failing) throw new Error("the disk is full");
          commits.push(writes.length);
          await database.commit(writes);
        },
      };
      trail = createTrail({ database: watched, clock, log: silentLogger, sealer, writer });
    });

    const call = (more: Partial<AuditedCall> = {}): AuditedCall => ({
      model: services["iot-managed-integrations"]!,
      operation: "RegisterCustomEndpoint",
      input: {},
      output: { EndpointAddress: "devices.example" },
      responseHeaders: {},
      resources: ["*"],
      principal: {
        type: "Root",
        accountId,
        arn: `arn:aws:iam::${accountId}:root`,
        principalId: accountId,
        accessKeyId: "AKIAEXAMPLE",
      },
      accountId,
      region: REGION,
      requestId: "r",
      sourceIp: "127.0.0.1",
      userAgent: "test",
      at: clock.now(),
      ...more,
    });
    const lookup = async (input: Parameters<NonNullable<Trail["operations"]["LookupEvents"]>["handle"]>[0] = {}) => {
      const request = { accountId, region: REGION } as RequestContext;
      return trail.operations.LookupEvents!.handle(input, request);
    };
    const records = async () =>
      ((await lookup()).Events ?? []).map(({ CloudTrailEvent = "" }) => JSON.parse(CloudTrailEvent));

    test("keeps events for 90 days, and removes them behind it", async () => {
      for (let day = 0; day < 3; day++) {
        for (let n = 0; n < 2; n++) trail.record(call());
        clock.advance(DAY);
      }
      expect(await records()).toHaveLength(6);
      clock.advance(HISTORY_MS - DAY - 1);
      expect(await records()).toHaveLength(2);
      await trail.trim();
      expect(await records()).toHaveLength(2);
      const [row] = await store.database.query<{ events: number }>(
        "SELECT COUNT(*) AS events FROM trail_event WHERE account_id = ?",
        [accountId],
      );
      expect(Number(row!.events)).toBe(2);
    });

    test("takes many events in few commits, and the last of them when it stops", async () => {
      const stop = trail.start();
      for (let n = 0; n < 600; n++) trail.record(call());
      await stop();
      expect(commits).toEqual([256, 256, 88]);
    });

    test("holds on to its events while the store refuses them", async () => {
      failing = true;
      for (let n = 0; n < 300; n++) trail.record(call());
      expect(await records()).toEqual([]);
      failing = false;
      expect(await records()).toHaveLength(50);
      expect(commits).toEqual([256, 44]);
    });

    test("pages through events of one millisecond and of a rare kind without gap or repeat", async () => {
      for (let n = 0; n < 30; n++)
        trail.record(call({ operation: n % 3 === 0 ? "GetCustomEndpoint" : "RegisterCustomEndpoint" }));
      for (const [attribute, count] of [
        [undefined, 30],
        ["true", 10],
      ] as const) {
        const LookupAttributes = attribute ? [{ AttributeKey: "ReadOnly" as const, AttributeValue: attribute }] : [];
        const ids: (string | undefined)[] = [];
        let NextToken: string | undefined;
        do {
          const page = await lookup({ LookupAttributes, MaxResults: 7, ...(NextToken && { NextToken }) });
          ids.push(...(page.Events ?? []).map(({ EventId }) => EventId));
          NextToken = page.NextToken;
        } while (NextToken);
        expect(ids).toHaveLength(count);
        expect(new Set(ids).size).toBe(count);
      }
    });

    test("delivers what a trail does not have yet, once, and goes on from where it stood", async () => {
      const request = (): RequestContext => ({ accountId, region: REGION, now: clock.now() }) as RequestContext;
      const files: { key: string; events: string[] }[] = [];
      let away = false;
      const kept = createTrail({
        ...{ database: store.database, clock, log: silentLogger, sealer: store.sealer },
        writer: {
          async checkWrite() {},
          async write({ key }, _, body) {
            if (away) throw new ServiceError("NoSuchBucket", "it is gone");
            const { Records } = JSON.parse(gunzipSync(body as Uint8Array).toString());
            files.push({ key, events: Records.map(({ eventName }: { eventName: string }) => eventName) });
            return { etag: "" };
          },
        },
      });
      const { operations } = kept;
      const Name = "main";
      await operations.CreateTrail!.handle({ Name, S3BucketName: "audit" }, request());
      kept.record(call({ operation: "CreateManagedThing" }));
      clock.advance(1);
      await operations.StartLogging!.handle({ Name }, request());
      kept.record(call({ operation: "GetCustomEndpoint" }));
      clock.advance(60_000);
      kept.record(call());
      clock.advance(SETTLED_MS - 1);
      away = true;
      await kept.deliver();
      expect(await operations.GetTrailStatus!.handle({ Name }, request())).toMatchObject({
        LatestDeliveryError: "NoSuchBucket",
      });
      away = false;
      await kept.deliver();
      await kept.deliver();
      clock.advance(2);
      await kept.deliver();
      expect(files.map(({ events }) => events)).toEqual([["GetCustomEndpoint"], ["RegisterCustomEndpoint"]]);
      const { LatestDeliveryError, IsLogging } = await operations.GetTrailStatus!.handle({ Name }, request());
      expect([LatestDeliveryError, IsLogging]).toEqual([undefined, true]);
      await operations.StopLogging!.handle({ Name }, request());
      await operations.DeleteTrail!.handle({ Name }, request());
      expect((await operations.ListTrails!.handle({}, request())).Trails).toEqual([]);
    });

    test("keeps events as long as an event data store asks", async () => {
      const request = { accountId, region: REGION, now: clock.now() } as RequestContext;
      const { operations } = trail;
      const selector = { Name: "all", FieldSelectors: [{ Field: "eventCategory", Equals: ["Management"] }] };
      const { EventDataStoreArn = "" } = await operations.CreateEventDataStore!.handle(
        { Name: "lake", RetentionPeriod: 100, TerminationProtectionEnabled: false, AdvancedEventSelectors: [selector] },
        request,
      );
      trail.record(call());
      await lookup();
      const events = async () => {
        await trail.trim();
        const sql = "SELECT COUNT(*) AS events FROM trail_event WHERE account_id = ?";
        const [row] = await store.database.query<{ events: number }>(sql, [accountId]);
        return Number(row!.events);
      };
      clock.advance(99 * DAY);
      expect(await events()).toBe(1);
      const update = { EventDataStore: EventDataStoreArn, RetentionPeriod: 98, Name: "pond" };
      expect(await operations.UpdateEventDataStore!.handle(update, request)).toMatchObject({
        ...{ Name: "pond", RetentionPeriod: 98, AdvancedEventSelectors: [selector] },
      });
      expect(await events()).toBe(0);
      await operations.DeleteEventDataStore!.handle({ EventDataStore: EventDataStoreArn }, request);
      expect((await operations.ListEventDataStores!.handle({}, request)).EventDataStores).toEqual([]);
    });

    test("tells a call that a service makes for somebody", async () => {
      const invokedBy = "iotmanagedintegrations.amazonaws.com";
      trail.record(call({ invokedBy }));
      const [record] = await records();
      expect(record).toMatchObject({
        userIdentity: { type: "Root", invokedBy },
        sourceIPAddress: invokedBy,
        userAgent: invokedBy,
      });
    });

    test("leaves out what is too large, and names a new connector's ARN", async () => {
      const Id = "c1";
      trail.record(call({ operation: "CreateCloudConnector", input: { Name: "n" }, output: { Id } }));
      clock.advance(1);
      trail.record(call({ operation: "CreateManagedThing", input: { Name: "n".repeat(200_000) }, output: { Id } }));
      const [large, connector] = await records();
      expect(large.requestParameters).toBeNull();
      expect(large.responseElements).toMatchObject({ Id });
      const Arn = `arn:aws:iotmanagedintegrations:${REGION}:${accountId}:cloud-connector/${Id}`;
      expect(connector).toMatchObject({ readOnly: false, responseElements: { Id, Arn } });
    });
  });
}
