import { afterAll, beforeAll, expect, test } from "vitest";
import { AT, type OpenTestRoom, openTestRoom, requestOf, type TestRoom } from "../test-room.ts";
import type { Json, ShadowUpdate } from "./shadow.ts";

const DAY = 24 * 3_600_000;
const RING = 5;
const BY = { principalId: "tester" };

/** On whatever database `open` gives; rings have five entries. */
export function describeShadowHistory(open: OpenTestRoom): void {
  let room: TestRoom;
  beforeAll(async () => {
    room = await open({ shadowHistory: { entries: RING, age: 30 * DAY } });
  });
  afterAll(() => room.close());

  /** Beside the first on its database, with its clock and limits of its own. */
  const beside = (entries: number): Promise<TestRoom> =>
    openTestRoom({ database: room.database, clock: room.clock, shadowHistory: { entries, age: 30 * DAY } });
  const reported = (state: { [key: string]: Json }): ShadowUpdate => ({ state: { reported: state } });
  const keyOf = (thingName: string) => ({ ...AT, thingName });
  /** Changes `thing` a second after whatever came before. */
  const report = async (thing: string, state: { [key: string]: Json }, on = room): Promise<void> => {
    room.clock.advance(1000);
    await on.iot.shadows.update(keyOf(thing), reported(state), BY);
  };
  const list = async (thing: string, more: object = {}, on = room) => {
    const found = await on.call(on.iot.hearthOperations.ListShadowHistory, { ThingName: thing, ...more });
    return {
      versions: found.Items.map(({ Version }) => Version),
      changes: found.Items.map((i) => i.Changes),
      ...found,
    };
  };
  const at = (thing: string, milliseconds: number, on = room) =>
    on
      .call(on.iot.hearthOperations.GetShadowAt, { ThingName: thing, Timestamp: milliseconds / 1000 })
      .then(({ Version, State }) => [Version, State])
      .catch((error: Error) => error.name);
  const rows = async (thing: string): Promise<number> => {
    const sql = "SELECT ordinal FROM iot_shadow_history WHERE thing_name = ?";
    return (await room.database.query(sql, [thing])).length;
  };

  test("who changed what: by a device, by an API caller, by the platform", async () => {
    const device = { principalId: "c".repeat(64), clientId: "lamp-1", sourceIp: "192.0.2.7" };
    await room.publish("$aws/things/lamp/shadow/update", reported({ on: true, level: 3, gone: 1 }), device);
    const payload = Buffer.from(JSON.stringify({ state: { desired: { on: false }, reported: { gone: null } } }));
    await room.call(room.iot.operations["iot-data"].UpdateThingShadow, { thingName: "lamp", payload });
    const planned = await room.iot.shadows.planUpdate(keyOf("lamp"), { state: { reported: { level: 4 } } });
    await room.database.commit(planned.writes);
    planned.committed();
    await room.publish("$aws/things/lamp/shadow/name/night/update", reported({ on: true }), device);
    await room.publish("$aws/things/lamp/shadow/delete", "", device);

    const time = room.clock.now() / 1000;
    const byDevice = { PrincipalId: device.principalId, ClientId: "lamp-1", SourceIp: "192.0.2.7" };
    const { Items, NextToken } = await list("lamp");
    expect(NextToken).toBeUndefined();
    expect(Items).toEqual([
      { Version: 3, Timestamp: time, Kind: "DELETE", Actor: byDevice, Changes: { desired: null, reported: null } },
      {
        ...{ Version: 3, Timestamp: time, Kind: "UPDATE", Actor: { PrincipalId: "platform" } },
        Changes: { reported: { level: 4 } },
      },
      {
        ...{ Version: 2, Timestamp: time, Kind: "UPDATE" },
        Actor: { PrincipalId: `${AT.accountId}/${AT.accountId}`, SourceIp: "127.0.0.1" },
        Changes: { desired: { on: false }, reported: { gone: null } },
      },
      {
        ...{ Version: 1, Timestamp: time, Kind: "UPDATE", Actor: byDevice },
        Changes: { reported: { on: true, level: 3, gone: 1 } },
      },
    ]);
    const named = await list("lamp", { ShadowName: "night" });
    expect(named).toMatchObject({ versions: [1], changes: [{ reported: { on: true } }] });
    const other = requestOf({ ...AT, accountId: "111111111111" });
    const foreign = await room.call(room.iot.hearthOperations.ListShadowHistory, { ThingName: "lamp" }, other);
    expect(foreign.Items).toEqual([]);
  });

  test("refused updates leave no trace", async () => {
    await report("strict", { a: 1 });
    const stale = room.publish("$aws/things/strict/shadow/update", { ...reported({ a: 2 }), version: 9 });
    expect(JSON.stringify((await stale).publish?.[0]?.topic)).toContain("rejected");
    expect((await list("strict")).versions).toEqual([1]);
  });

  test("the state at a moment, also between deletion and birth", async () => {
    const start = room.clock.now();
    await report("moment", { a: 1 });
    await report("moment", { a: 2, b: [1, { c: 2 }] });
    room.clock.advance(1000);
    await room.iot.shadows.remove(keyOf("moment"), BY);
    await report("moment", { a: 3 });
    expect(await at("moment", start + 999)).toBe("ResourceNotFoundException");
    expect(await at("moment", start + 1000)).toEqual([1, { reported: { a: 1 } }]);
    expect(await at("moment", start + 1999)).toEqual([1, { reported: { a: 1 } }]);
    expect(await at("moment", start + 2500)).toEqual([2, { reported: { a: 2, b: [1, { c: 2 }] } }]);
    expect(await at("moment", start + 3500)).toBe("ResourceNotFoundException");
    expect(await at("moment", start + 4000)).toEqual([3, { reported: { a: 3 } }]);
    expect(await at("moment", start + 9000 * DAY)).toEqual([3, { reported: { a: 3 } }]);
    expect(await at("nobody", start)).toBe("ResourceNotFoundException");
    const whole = await room.call(room.iot.hearthOperations.GetShadowAt, {
      ThingName: "moment",
      Timestamp: (start + 1000) / 1000,
    });
    expect(whole).toEqual({
      Version: 1,
      Timestamp: (start + 1000) / 1000,
      Actor: { PrincipalId: "tester" },
      State: { reported: { a: 1 } },
      Metadata: { reported: { a: { timestamp: Math.floor((start + 1000) / 1000) } } },
    });
  });

  test("a ring forgets the oldest, and pages and times choose among the rest", async () => {
    const start = room.clock.now();
    for (let n = 1; n <= 12; n++) await report("ring", { n });
    expect(await rows("ring")).toBe(RING);
    const all = await list("ring");
    expect(all.versions).toEqual([12, 11, 10, 9, 8]);
    // What came before the oldest is gone, and with it what the oldest changed.
    expect(all.changes).toEqual([...[12, 11, 10, 9].map((n) => ({ reported: { n } })), undefined]);
    expect(await at("ring", start + 7999)).toBe("ResourceNotFoundException");
    expect(await at("ring", start + 8000)).toEqual([8, { reported: { n: 8 } }]);

    const pages: unknown[] = [];
    for (let NextToken: string | undefined; ; ) {
      const page = await list("ring", { MaxResults: 2, NextToken });
      pages.push(page.versions);
      NextToken = page.NextToken;
      if (NextToken === undefined) break;
    }
    expect(pages).toEqual([[12, 11], [10, 9], [8]]);
    const From = (start + 9000) / 1000;
    expect(await list("ring", { From, To: From + 1 })).toMatchObject({ versions: [10, 9] });
  });

  test("it goes on over a deletion whose version is forgotten", async () => {
    await report("reborn", { a: 1 });
    await room.iot.shadows.remove(keyOf("reborn"), BY);
    room.clock.advance(2 * DAY);
    await report("other", {});
    await room.iot.shadows.remove(keyOf("other"), BY);
    expect(await room.database.query("SELECT version FROM iot_shadows WHERE thing_name = 'reborn'")).toEqual([]);
    const second = await beside(RING);
    await report("reborn", { b: 1 }, second);
    expect((await list("reborn")).changes).toEqual([
      { reported: { b: 1 } },
      { reported: null },
      { reported: { a: 1 } },
    ]);
    await second.close();
  });

  test("what is too old goes, but for what the shadow still was then", async () => {
    const start = room.clock.now();
    await report("aged", { n: 1 });
    await report("aged", { n: 2 });
    await report("died", { n: 1 });
    await room.iot.shadows.remove(keyOf("died"), BY);
    room.clock.advance(29 * DAY);
    await report("aged", { n: 3 });
    room.clock.advance(2 * DAY);
    expect(await list("aged")).toMatchObject({ versions: [3], changes: [{ reported: { n: 3 } }] });
    expect(await at("aged", start + 20 * DAY)).toEqual([2, { reported: { n: 2 } }]);
    expect(await at("aged", start + 1500)).toBe("ResourceNotFoundException");
    await room.timers.idle();
    expect([await rows("aged"), await rows("died")]).toEqual([2, 0]);
    expect(await at("aged", start + 20 * DAY)).toEqual([2, { reported: { n: 2 } }]);
  });

  test("while none is kept nothing is written, and nobody guesses what came meanwhile", async () => {
    const off = await beside(0);
    const start = room.clock.now();
    await report("gap", { n: 1 });
    await report("gap", { n: 2 }, off);
    expect(await at("gap", start + 2500)).toEqual([2, { reported: { n: 2 } }]);
    await report("gap", { n: 3 }, off);
    expect(await at("gap", start + 2500)).toBe("ResourceNotFoundException");
    await report("gap", { n: 4 });
    expect(await list("gap")).toMatchObject({ versions: [4, 1], changes: [undefined, { reported: { n: 1 } }] });
    expect(await at("gap", start + 2500)).toBe("ResourceNotFoundException");
    expect(await list("gap", {}, off)).toMatchObject({ versions: [] });
    await off.close();
  });

  test("two servers, one ring", async () => {
    const other = await beside(RING);
    const count = 10;
    await Promise.all(
      Array.from({ length: count }, (_, n) =>
        (n % 2 ? room : other).iot.shadows.update(keyOf("shared"), reported({ [`k${n}`]: n }), BY),
      ),
    );
    const { versions, changes } = await list("shared");
    expect(versions).toEqual([10, 9, 8, 7, 6]);
    for (const change of changes.slice(0, -1)) {
      expect(Object.keys((change as { reported: object }).reported)).toHaveLength(1);
    }
    await other.close();
  });

  test("it goes with its thing", async () => {
    await report("leaving", { a: 1 });
    const gone = await room.iot.forgetDevice(keyOf("leaving"));
    await room.database.commit(gone.writes);
    gone.closed();
    expect(await rows("leaving")).toBe(0);
    await report("leaving", { a: 2 });
    expect(await list("leaving")).toMatchObject({ versions: [1], changes: [{ reported: { a: 2 } }] });
  });

  test("neither state nor actors lie open in the table", async () => {
    const secret = "verysecretvalue";
    await room.iot.shadows.update(keyOf("sealed"), reported({ secret }), { principalId: "p", clientId: secret });
    const [row] = await room.database.query<{ document: Uint8Array; actor: Uint8Array }>(
      "SELECT document, actor FROM iot_shadow_history WHERE thing_name = 'sealed'",
    );
    for (const bytes of [row?.document, row?.actor]) expect(Buffer.from(bytes ?? []).includes(secret)).toBe(false);
  });

  test("a smaller ring shows no more than it holds, and the sweep takes the rest", async () => {
    for (let n = 1; n <= RING; n++) await report("shrunk", { n });
    const smaller = await beside(3);
    await report("shrunk", { n: 6 }, smaller);
    // The sixth has taken the slot of the fifth, so what it changed is not known.
    expect(await list("shrunk", {}, smaller)).toMatchObject({
      versions: [6, 4],
      changes: [undefined, { reported: { n: 4 } }],
    });
    expect(await rows("shrunk")).toBe(RING);
    // Only one may sweep: the server with the larger ring is gone.
    await room.timers.stop();
    room.clock.advance(DAY);
    await smaller.timers.idle();
    expect(await rows("shrunk")).toBe(2);
    await smaller.close();
  });
}
