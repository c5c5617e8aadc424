import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clients, type Door, openDoor, refusalOf, refusing, sender } from "./door.ts";
import { send as sendWire, sign } from "./wire.ts";

let door: Door;
let data: Clients["iot-data"];
beforeAll(async () => {
  door = await openDoor();
  data = door.root["iot-data"];
});
afterAll(() => door.stop());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const payloadOf = (document: unknown): Uint8Array => bytes(JSON.stringify(document));
const read = ({ payload }: { payload?: Uint8Array }): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
const refused = refusing("iot-data", () => door.root);

const update = async (thingName: string, document: unknown, shadowName?: string): Promise<Record<string, unknown>> =>
  read(await data.send("UpdateThingShadow", { thingName, payload: payloadOf(document), ...named(shadowName) }));
const get = async (thingName: string, shadowName?: string): Promise<Record<string, unknown>> =>
  read(await data.send("GetThingShadow", { thingName, ...named(shadowName) }));
const named = (shadowName?: string): { shadowName?: string } => (shadowName ? { shadowName } : {});

describe.each([undefined, "$named:1_a-b"])("the shadow %s", (shadowName) => {
  const thing = shadowName ? "with-names" : "classic";

  test("is made, merged, read and deleted", async () => {
    await refused("GetThingShadow", "ResourceNotFoundException", { thingName: thing, ...named(shadowName) });
    const before = Math.floor(Date.now() / 1000);
    const first = await update(
      thing,
      {
        state: { desired: { on: true, rgb: [1, 2], deep: { a: 1, b: 2 } }, reported: { on: false } },
        clientToken: "t",
      },
      shadowName,
    );
    const leaf = { timestamp: expect.any(Number) };
    expect(first).toEqual({
      state: { desired: { on: true, rgb: [1, 2], deep: { a: 1, b: 2 } }, reported: { on: false } },
      metadata: { desired: { on: leaf, rgb: [leaf, leaf], deep: { a: leaf, b: leaf } }, reported: { on: leaf } },
      version: 1,
      timestamp: expect.any(Number),
      clientToken: "t",
    });
    expect(first["timestamp"]).toBeGreaterThanOrEqual(before);

    const second = await update(thing, { state: { desired: { deep: { a: null, b: 3 } } } }, shadowName);
    expect(second).toMatchObject({ version: 2, state: { desired: { deep: { b: 3 } } } });
    expect(second).not.toHaveProperty("clientToken");
    const whole = await get(thing, shadowName);
    expect(whole).toMatchObject({
      state: {
        desired: { on: true, rgb: [1, 2], deep: { b: 3 } },
        reported: { on: false },
        delta: { on: true, rgb: [1, 2], deep: { b: 3 } },
      },
      version: 2,
    });
    expect((whole["state"] as { desired: { deep: object } }).desired.deep).toEqual({ b: 3 });
    expect(whole["metadata"]).not.toHaveProperty("delta");

    const { payload } = await data.send("DeleteThingShadow", { thingName: thing, ...named(shadowName) });
    expect(read({ payload })).toEqual({ version: 2, timestamp: expect.any(Number) });
    for (const operation of ["GetThingShadow", "DeleteThingShadow"]) {
      const { message } = await refused(operation, "ResourceNotFoundException", {
        thingName: thing,
        ...named(shadowName),
      });
      expect(message).toBe(`No shadow exists with name: '${shadowName ?? thing}'`);
    }
    expect(await update(thing, { state: { reported: { back: 1 } } }, shadowName)).toMatchObject({ version: 3 });
  });

  test("refuses a version that is not its own", async () => {
    const thingName = `${thing}-versioned`;
    await update(thingName, { state: { desired: { a: 1 } } }, shadowName);
    expect(await update(thingName, { state: { desired: { a: 2 } }, version: 1 }, shadowName)).toMatchObject({
      version: 2,
    });
    const payload = payloadOf({ state: { desired: { a: 3 } }, version: 1 });
    const stale = { thingName, payload, ...named(shadowName) };
    expect(await refused("UpdateThingShadow", "ConflictException", stale)).toMatchObject({
      message: "Version conflict",
    });
    expect(await get(thingName, shadowName)).toMatchObject({ state: { desired: { a: 2 } }, version: 2 });
  });

  const nested = (levels: number): object => (levels === 0 ? {} : { n: levels === 1 ? 1 : nested(levels - 1) });
  const malformed: readonly [message: string | RegExp, document: string][] = [
    [/payload/, ""],
    [/JSON/, "{"],
    [/JSON|object/, "[]"],
    ["Missing required node: state", "{}"],
    ["State node must be an object", '{"state":1}'],
    ["Desired node must be an object", '{"state":{"desired":1}}'],
    ["Reported node must be an object", '{"state":{"reported":[]}}'],
    ["Invalid version", '{"state":{},"version":"x"}'],
    ["Invalid clientToken", JSON.stringify({ state: {}, clientToken: "x".repeat(65) })],
    ["State contains an invalid node", '{"state":{"desired":{"a":[1,null]}}}'],
    [/nesting/, JSON.stringify({ state: { desired: nested(9) } })],
  ];
  test.each(malformed)("refuses what is: %s (%s)", async (message, document) => {
    const input = { thingName: thing, payload: bytes(document), ...named(shadowName) };
    const refusal = await refused("UpdateThingShadow", "InvalidRequestException", input);
    if (typeof message === "string") expect(refusal.message).toBe(message);
    else expect(refusal.message).toMatch(message);
  });

  test("may be eight levels deep", async () => {
    await update(`${thing}-deep`, { state: { desired: nested(8) } }, shadowName);
  });

  test("refuses more than 8 KB, and another encoding than UTF-8", async () => {
    const input = { thingName: thing, ...named(shadowName) };
    const large = payloadOf({ state: { desired: { text: "x".repeat(8200) } } });
    const tooLarge = await refused("UpdateThingShadow", "RequestEntityTooLargeException", { ...input, payload: large });
    expect(tooLarge.message).toBe("The payload exceeds the maximum size allowed");
    const latin = new Uint8Array([...bytes('{"state":{"desired":{"a":"'), 0xe9, ...bytes('"}}}')]);
    await refused("UpdateThingShadow", "UnsupportedDocumentEncodingException", { ...input, payload: latin });
  });
});

describe("hostile documents", () => {
  test("do not reach a prototype", async () => {
    const payload = bytes('{"state":{"desired":{"__proto__":{"polluted":true}}}}');
    await data.send("UpdateThingShadow", { thingName: "hostile", payload });
    const { payload: stored } = await data.send("GetThingShadow", { thingName: "hostile" });
    expect(new TextDecoder().decode(stored)).toContain('"__proto__":{"polluted":true}');
    await update("hostile", { state: { desired: { constructor: { prototype: { polluted: true } }, toString: 1 } } });
    expect(await get("hostile")).toMatchObject({ state: { desired: { toString: 1 } } });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("lists of named shadows", () => {
  test("hold the names alone, and none for an unknown thing", async () => {
    for (const shadowName of ["b", "a"]) await update("lister", { state: {} }, shadowName);
    await update("lister", { state: {} });
    const listed = await data.send("ListNamedShadowsForThing", { thingName: "lister" });
    expect(listed).toEqual({ results: ["a", "b"], timestamp: expect.any(Number) });
    const none = await data.send("ListNamedShadowsForThing", { thingName: "nobody" });
    expect(none).toEqual({ results: [], timestamp: expect.any(Number) });
  });
});

describe("publishing", () => {
  test("answers that it is done", async () => {
    await data.send("Publish", { topic: "a/b c/ü", qos: 1, payload: bytes("x") });
    await data.send("Publish", {
      topic: "a",
      qos: 0,
      retain: true,
      contentType: "text/plain",
      responseTopic: "answers",
      messageExpiry: 60,
      payloadFormatIndicator: "UTF8_DATA",
      correlationData: Buffer.from("c").toString("base64"),
      payload: bytes("x"),
    });
    const signing = { credentials: door.file, region: door.file.region, service: "iotdata" };
    for (const service of ["iotdata", "iotdevicegateway"]) {
      const plain = { method: "POST", path: "/topics/bare/slashes?qos=1", headers: {}, body: "x" };
      const signed = await sign(door.file.apiEndpoint, plain, { ...signing, service });
      const answer = await sendWire(door.file.apiEndpoint, signed);
      expect(answer.status, answer.text).toBe(200);
      expect(JSON.parse(answer.text)).toEqual({ message: "OK", traceId: expect.any(String) });
    }
  });

  test.each([
    ["a wildcard", { topic: "a/+/b" }],
    ["a wildcard", { topic: "a/#" }],
    ["a null character", { topic: "a\u0000b" }],
    ["a response topic with a wildcard", { topic: "a", responseTopic: "r/#" }],
    ["more than 256 bytes", { topic: "ü".repeat(129) }],
    ["more than 128 KB", { topic: "a", payload: new Uint8Array(128 * 1024 + 1) }],
    ["correlation data that are not base64", { topic: "a", correlationData: "!" }],
  ])("refuses %s", async (_, input) => {
    await refused("Publish", "InvalidRequestException", { qos: 1, ...input });
  });
});

describe("another method", () => {
  test.each([
    ["GetThingShadow", "PATCH", "/things/x/shadow"],
    ["ListNamedShadowsForThing", "DELETE", "/api/things/shadow/ListNamedShadowsForThing/x"],
    ["Publish", "DELETE", "/topics/x"],
  ])("than %s's is not allowed", async (_, method, path) => {
    const { apiEndpoint, region } = door.file;
    const signed = await sign(
      apiEndpoint,
      { method, path, headers: {} },
      { credentials: door.file, region, service: "iotdata" },
    );
    expect(await sendWire(apiEndpoint, signed)).toMatchObject({ status: 405, error: "MethodNotAllowedException" });
  });
});

test("who may read one thing's shadow may not read another's", async () => {
  const { region, accountId } = door.file;
  const Resource = `arn:aws:iot:${region}:${accountId}:thing/mine`;
  const reader = door.as(await door.user("reader", [{ Effect: "Allow", Action: "iot:GetThingShadow", Resource }]));
  await update("mine", { state: { desired: { a: 1 } } });
  await update("yours", { state: { desired: { a: 1 } } });
  await reader["iot-data"].send("GetThingShadow", { thingName: "mine" });
  for (const [operation, input] of [
    ["GetThingShadow", { thingName: "yours" }],
    ["UpdateThingShadow", { thingName: "mine", payload: payloadOf({ state: {} }) }],
    ["GetThingShadow", { thingName: "absent" }],
  ] as const) {
    const denied = sender(reader["iot-data"]).send(operation, input);
    expect(await refusalOf(denied)).toMatchObject({ name: "ForbiddenException", status: 403, message: "Forbidden" });
  }
});
