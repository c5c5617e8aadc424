import { silentLogger } from "@hearth/base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Message } from "../messaging/message.ts";
import { createRouter } from "../messaging/router.ts";
import { AT, jsonOf, type OpenTestRoom, openTestRoom, refusalOf, requestOf, type TestRoom } from "../test-room.ts";

const BY = { principalId: "tester" };

/** On whatever database `open` gives. */
export function describeShadows(open: OpenTestRoom): void {
  let room: TestRoom;
  beforeAll(async () => {
    room = await open();
  });
  afterAll(() => room.close());

  const topics = (messages: readonly Message[] = []): string[] => messages.map((message) => message.topic);
  const body = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
  const data = () => room.iot.operations["iot-data"];
  const read = async (payload: Promise<{ payload?: Uint8Array }>): Promise<Record<string, unknown>> =>
    JSON.parse(Buffer.from((await payload).payload ?? []).toString());

  describe("topics", () => {
    test("an update publishes accepted, delta and documents; a get shows the delta", async () => {
      const updated = await room.publish("$aws/things/lamp/shadow/update", {
        state: { desired: { on: true }, reported: { on: false } },
        clientToken: "t1",
      });
      const base = "$aws/things/lamp/shadow";
      expect(topics(updated.publish)).toEqual([
        `${base}/update/accepted`,
        `${base}/update/delta`,
        `${base}/update/documents`,
      ]);
      expect(jsonOf(updated.publish?.[0])).toMatchObject({ version: 1, clientToken: "t1" });
      expect(jsonOf(updated.publish?.[1])).toMatchObject({ version: 1, state: { on: true }, clientToken: "t1" });
      expect(jsonOf(updated.publish?.[2])).toMatchObject({ previous: { version: 0 }, current: { version: 1 } });

      const got = await room.publish(`${base}/get`, "", {});
      expect(topics(got.publish)).toEqual([`${base}/get/accepted`]);
      expect(jsonOf(got.publish?.[0])).toMatchObject({ version: 1, state: { delta: { on: true } } });
    });

    test("a named shadow lives beside the classic one", async () => {
      const updated = await room.publish("$aws/things/lamp/shadow/name/fan/update", {
        state: { reported: { speed: 1 } },
      });
      expect(topics(updated.publish)).toEqual([
        "$aws/things/lamp/shadow/name/fan/update/accepted",
        "$aws/things/lamp/shadow/name/fan/update/documents",
      ]);
      expect(jsonOf(updated.publish?.[0])).toMatchObject({ version: 1 });
      expect(await read(room.call(data().GetThingShadow, { thingName: "lamp" }))).not.toHaveProperty(
        "state.reported.speed",
      );
    });

    test("refusals are published with their code, message and the token", async () => {
      const missing = await room.publish("$aws/things/none/shadow/get", { clientToken: "t" });
      expect(missing.publish?.[0]?.topic).toBe("$aws/things/none/shadow/get/rejected");
      expect(jsonOf(missing.publish?.[0])).toEqual({
        code: 404,
        message: "No shadow exists with name: 'none'",
        timestamp: room.clock.now() / 1000,
        clientToken: "t",
      });
      const conflict = await room.publish("$aws/things/lamp/shadow/update", {
        state: {},
        version: 77,
        clientToken: "t",
      });
      expect(jsonOf(conflict.publish?.[0])).toMatchObject({ code: 409, message: "Version conflict", clientToken: "t" });
      const broken = await room.publish("$aws/things/lamp/shadow/update", "{");
      expect(jsonOf(broken.publish?.[0])).toMatchObject({ code: 400, message: "Invalid JSON" });
      const named = await room.publish("$aws/things/lamp/shadow/name/a b/get", "");
      expect(jsonOf(named.publish?.[0])).toMatchObject({ code: 400, message: "Invalid shadow name" });
      const long = await room.publish("$aws/things/lamp/shadow/update", {
        state: { desired: { a: "x".repeat(9000) } },
      });
      expect(jsonOf(long.publish?.[0])).toMatchObject({ code: 413 });
    });

    test.each([
      ["standard", 100],
      ["aws", 10],
    ] as const)(
      "under %s no more than %i requests are in flight for one thing on one connection",
      async (profile, most) => {
        const other = await openTestRoom({ database: room.database, profile });
        const update = (client: string, thing = `busy-${profile}`) =>
          other.publish(
            `$aws/things/${thing}/shadow/update`,
            { state: { reported: { client } } },
            { clientId: client },
          );
        const all = await Promise.all([
          ...Array.from({ length: most + 1 }, () => update("a")),
          update("b"),
          update("a", "other"),
        ]);
        const codes = all.map((outcome) => (jsonOf(outcome.publish?.[0]) as { code?: number }).code);
        expect(codes.filter((code) => code === 429)).toHaveLength(1);
        expect(codes[most]).toBe(429);
        expect(jsonOf((await update("a")).publish?.[0])).not.toHaveProperty("code");
        await other.close();
      },
    );

    test("through the router, which also delivers the request", async () => {
      const delivered: string[] = [];
      const router = createRouter({ reserved: room.iot.reservedTopics, log: silentLogger });
      router.attach({
        deliver(message) {
          delivered.push(message.topic);
          return undefined;
        },
        deliverTogether: async () => {},
        reply: () => false,
        store: async () => {},
      });
      const message = {
        accountId: AT.accountId,
        topic: "$aws/things/routed/shadow/update",
        payload: body({ state: {} }),
      };
      await router.publish({ ...message, qos: 1, retain: false }, { ...AT, clientId: "c", principalId: "p" });
      expect(delivered).toEqual([
        "$aws/things/routed/shadow/update",
        "$aws/things/routed/shadow/update/accepted",
        "$aws/things/routed/shadow/update/documents",
      ]);
    });
  });

  describe("operations", () => {
    test("update, get, delete; what changes goes out on MQTT too", async () => {
      room.sent.length = 0;
      const input = { thingName: "http", payload: body({ state: { desired: { a: 1 } }, clientToken: "t" }) };
      const accepted = await read(room.call(data().UpdateThingShadow, input));
      expect(accepted).toMatchObject({ state: { desired: { a: 1 } }, version: 1, clientToken: "t" });
      expect(topics(room.sent).map((topic) => topic.split("/").pop())).toEqual(["accepted", "delta", "documents"]);

      expect(await read(room.call(data().GetThingShadow, { thingName: "http" }))).toMatchObject({
        state: { desired: { a: 1 }, delta: { a: 1 } },
        version: 1,
      });

      room.sent.length = 0;
      expect(await read(room.call(data().DeleteThingShadow, { thingName: "http" }))).toEqual({
        version: 1,
        timestamp: room.clock.now() / 1000,
      });
      expect(topics(room.sent)).toEqual(["$aws/things/http/shadow/delete/accepted"]);
      expect(await refusalOf(room.call(data().GetThingShadow, { thingName: "http" }))).toEqual({
        name: "ResourceNotFoundException",
        message: "No shadow exists with name: 'http'",
      });
      expect((await refusalOf(room.call(data().DeleteThingShadow, { thingName: "http" }))).name).toBe(
        "ResourceNotFoundException",
      );
      expect(await read(room.call(data().UpdateThingShadow, input))).toMatchObject({ version: 2 });
    });

    test("an error publishes nothing", async () => {
      room.sent.length = 0;
      const input = { thingName: "http2", payload: body({ state: {}, version: 3 }) };
      expect((await refusalOf(room.call(data().UpdateThingShadow, input))).name).toBe("ConflictException");
      expect(room.sent).toEqual([]);
    });

    test("a version forgotten after 48 h starts again, and its row is swept", async () => {
      const input = { thingName: "old", payload: body({ state: {} }) };
      await room.call(data().UpdateThingShadow, input);
      await room.call(data().DeleteThingShadow, { thingName: "old" });
      room.clock.advance(48 * 3_600_000);
      await room.call(data().UpdateThingShadow, { thingName: "sweeper", payload: body({ state: {} }) });
      await room.call(data().DeleteThingShadow, { thingName: "sweeper" });
      expect(await room.database.query("SELECT * FROM iot_shadows WHERE thing_name = 'old'")).toEqual([]);
      expect(await read(room.call(data().UpdateThingShadow, input))).toMatchObject({ version: 1 });
    });

    test("lists named shadows in pages, without the classic and deleted ones", async () => {
      for (const shadowName of ["c", "a", "b", "$package"]) {
        await room.call(data().UpdateThingShadow, { thingName: "many", shadowName, payload: body({ state: {} }) });
      }
      await room.call(data().UpdateThingShadow, { thingName: "many", payload: body({ state: {} }) });
      await room.call(data().DeleteThingShadow, { thingName: "many", shadowName: "b" });
      const list = data().ListNamedShadowsForThing;
      const first = await room.call(list, { thingName: "many", pageSize: 2 });
      expect(first.results).toEqual(["$package", "a"]);
      expect(first.nextToken).toMatch(/^[a-zA-Z0-9=_-]+$/);
      const second = await room.call(list, { thingName: "many", pageSize: 2, nextToken: first.nextToken });
      expect(second).toMatchObject({ results: ["c"], nextToken: undefined });
      expect((await room.call(list, { thingName: "nobody" })).results).toEqual([]);
      for (const nextToken of ["xyz", "ab", "7b7d", "5b315d"]) {
        expect((await refusalOf(room.call(list, { thingName: "many", nextToken }))).name).toBe(
          "InvalidRequestException",
        );
      }
    });

    test("an account sees its own shadows only", async () => {
      await room.call(data().UpdateThingShadow, { thingName: "mine", payload: body({ state: {} }) });
      const other = requestOf({ ...AT, accountId: "111111111111" });
      expect((await refusalOf(room.call(data().GetThingShadow, { thingName: "mine" }, other))).name).toBe(
        "ResourceNotFoundException",
      );
    });

    test("asks for permission on the thing or its shadow", () => {
      expect(data().GetThingShadow?.resources?.({ thingName: "t" }, room.request)).toEqual([
        "arn:aws:iot:us-east-1:000000000000:thing/t",
      ]);
      expect(data().GetThingShadow?.resources?.({ thingName: "t", shadowName: "s" }, room.request)).toEqual([
        "arn:aws:iot:us-east-1:000000000000:thing/t/s",
      ]);
    });
  });

  describe("many writers", () => {
    const key = { ...AT, thingName: "crowded" };

    test("concurrent updates all count, in one room and against another on the same database", async () => {
      const other = await openTestRoom({ database: room.database });
      const update = (shadows: typeof room.iot.shadows, name: string) =>
        shadows.update(key, { state: { reported: { [name]: 1 } } }, BY);
      // Writers that reach the same version by different ways must not overwrite each other.
      const names = Array.from({ length: 60 }, (_, index) => `k${index}`);
      await Promise.all(names.map((name, index) => update((index % 2 ? other : room).iot.shadows, name)));
      const document = JSON.parse(await room.iot.shadows.get(key)) as { version: number; state: { reported: object } };
      expect(document.version).toBe(60);
      expect(Object.keys(document.state.reported).sort()).toEqual([...names].sort());
    });

    test("a planned update goes into the caller's batch and conflicts with what came between", async () => {
      const planned = await room.iot.shadows.planUpdate(key, { state: { reported: { planned: true } } });
      expect(JSON.parse(await room.iot.shadows.get(key))).not.toHaveProperty("state.reported.planned");
      await room.iot.shadows.update(key, { state: { reported: { between: true } } }, BY);
      await expect(room.database.commit(planned.writes)).rejects.toThrow("guard");

      const again = await room.iot.shadows.planUpdate(key, { state: { reported: { planned: true } } });
      await room.database.commit(again.writes);
      again.committed();
      const outcome = await room.iot.shadows.update(key, { state: {} }, BY);
      expect(JSON.parse(outcome.accepted())).toMatchObject({ version: again.version + 1 });
      expect(jsonOf(again.messages[0])).toMatchObject({
        state: { reported: { planned: true } },
        version: again.version,
      });
    });

    test("a plan that was committed without telling costs a retry, not an update", async () => {
      const planned = await room.iot.shadows.planUpdate(key, { state: { reported: { silent: true } } });
      await room.iot.shadows.get(key);
      await room.database.commit(planned.writes);
      await room.iot.shadows.update(key, { state: { reported: { later: true } } }, BY);
      expect(JSON.parse(await room.iot.shadows.get(key))).toMatchObject({
        version: planned.version + 1,
        state: { reported: { silent: true, later: true } },
      });
    });
  });
}
