import { afterAll, beforeAll, expect, test } from "vitest";
import { AT, type OpenTestRoom, refusalOf, type TestRoom } from "../test-room.ts";
import { canonicalJson } from "./idempotency.ts";

/** On whatever database `open` gives. */
export function describeIdempotency(open: OpenTestRoom): void {
  let room: TestRoom;
  let runs = 0;
  beforeAll(async () => {
    room = await open();
  });
  afterAll(() => room.close());

  const create = (ClientToken: string | undefined, Name: string, at = AT): Promise<{ id: number; secret: string }> =>
    room.iot.idempotency.idempotently("Create", { ClientToken, Name }, at, async (remember) => {
      const answer = { id: ++runs, secret: `key of ${Name}` };
      await room.database.commit(remember(answer));
      return answer;
    });

  test("a repeat gets the first answer, which is sealed; other parameters conflict", async () => {
    const first = await create("t1", "a");
    expect(await create("t1", "a")).toEqual(first);
    expect((await refusalOf(create("t1", "b"))).name).toBe("ConflictException");
    const rows = await room.database.query<{ answer: Uint8Array }>("SELECT answer FROM iot_idempotency");
    expect(rows.some((row) => Buffer.from(row.answer).includes("key of"))).toBe(false);
  });

  test("tokens are an account's own; without one every call runs", async () => {
    const first = await create("t2", "a");
    expect(await create("t2", "a", { ...AT, accountId: "111111111111" })).not.toEqual(first);
    expect(await create(undefined, "a")).not.toEqual(await create(undefined, "a"));
  });

  test("of calls at the same time one counts", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => create("t3", "a")));
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
  });

  test("a failed call is not remembered", async () => {
    const failed = room.iot.idempotency.idempotently("Create", { ClientToken: "t4" }, AT, async () => {
      throw new Error("no");
    });
    expect((await refusalOf(failed)).message).toBe("no");
    expect(await create("t4", "a")).toMatchObject({ secret: "key of a" });
  });

  test("is forgotten after 24 h", async () => {
    const first = await create("t5", "a");
    room.clock.advance(24 * 3_600_000 - 1);
    expect(await create("t5", "a")).toEqual(first);
    room.clock.advance(1);
    expect(await create("t5", "b")).not.toEqual(first);
  });

  test("canonical JSON does not depend on the order of members or on absent ones", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "x" }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}');
    expect(canonicalJson({ blob: new Uint8Array([1, 2]) })).toBe('{"blob":"AQI="}');
  });
}
