import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  applyDelete,
  applyUpdate,
  currentShadow,
  difference,
  exists,
  type Json,
  type JsonObject,
  NO_SHADOW,
  parseUpdate,
  readRequest,
  SHADOW_LIMITS,
  type Shadow,
} from "./shadow.ts";
import { acceptedText, deltaText, documentsText, getText } from "./shadow-documents.ts";

const NOW = 1_700_000_000_500;
const SECONDS = 1_700_000_000;

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const update = (shadow: Shadow, request: unknown, now = NOW) =>
  applyUpdate(shadow, parseUpdate(readRequest(bytes(request))), now);
const after = (...requests: unknown[]): Shadow =>
  requests.reduce<Shadow>((shadow, request) => update(shadow, request).next, NO_SHADOW);

const refusal = (run: () => unknown): { name: string; message: string } => {
  try {
    run();
  } catch (error) {
    return { name: (error as Error).name, message: (error as Error).message };
  }
  throw new Error("was not refused");
};

describe("merging (reference 3.1)", () => {
  test("objects merge, scalars and arrays replace, null deletes", () => {
    const shadow = after(
      { state: { desired: { a: { b: 1, c: 2 }, list: [1, 2, 3], gone: true } } },
      { state: { desired: { a: { c: 3 }, list: [4], gone: null } } },
    );
    expect(shadow.state).toEqual({ desired: { a: { b: 1, c: 3 }, list: [4] } });
    expect(shadow.version).toBe(2);
  });

  test("a null section is removed and leaves the other", () => {
    const shadow = after({ state: { desired: { a: 1 }, reported: { a: 1 } } }, { state: { desired: null } });
    expect(shadow.state).toEqual({ reported: { a: 1 } });
    expect(shadow.metadata).toEqual({ reported: { a: { timestamp: SECONDS } } });
  });

  test("a null state empties the document and the version grows", () => {
    const shadow = after({ state: { desired: { a: 1 } } }, { state: null });
    expect(shadow).toMatchObject({ version: 2, state: {}, stateText: "{}" });
  });

  test("an object exists through its leaves: emptied objects and sections go, empty ones add nothing", () => {
    expect(after({ state: { desired: { a: { b: 1 } } } }, { state: { desired: { a: { b: null } } } }).state).toEqual(
      {},
    );
    expect(after({ state: { desired: { a: {} } } }).state).toEqual({});
    expect(after({ state: { desired: { a: 5 } } }, { state: { desired: { a: {} } } }).state).toEqual({
      desired: { a: 5 },
    });
    expect(after({ state: { reported: { a: [] } } }).state).toEqual({ reported: { a: [] } });
  });

  test("every accepted update adds one, even if nothing changed", () => {
    expect(after({ state: {} }, { state: {} }, { state: {} }).version).toBe(3);
  });

  test("only leaves of the request get a new timestamp; arrays are stamped element by element", () => {
    const first = update(NO_SHADOW, { state: { reported: { a: 1, list: [1, { x: 2 }] } } }, NOW).next;
    const second = update(first, { state: { reported: { a: 1 } } }, NOW + 60_000).next;
    expect(second.metadata).toEqual({
      reported: {
        a: { timestamp: SECONDS + 60 },
        list: [{ timestamp: SECONDS }, { x: { timestamp: SECONDS } }],
      },
    });
  });

  test("__proto__ is a member like any other and reaches no prototype", () => {
    const text = '{"desired":{"__proto__":{"polluted":1},"a":{"__proto__":2},"list":[{"__proto__":3}]}}';
    const change = update(after(JSON.parse(`{"state":${text}}`)), { state: {} });
    expect(change.next.stateText).toBe(text);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(deltaText(change)).toContain('"state":{"__proto__":{"polluted":1},"a":{"__proto__":2},');
    expect(change.next.metadataText).toContain(`{"__proto__":{"polluted":{"timestamp":${SECONDS}}}`);
    const removed = update(change.next, JSON.parse('{"state":{"desired":{"__proto__":null,"a":null}}}'));
    expect(removed.next.stateText).toBe('{"desired":{"list":[{"__proto__":3}]}}');
    expect(acceptedText(removed)).toContain('"state":{"desired":{"__proto__":null,"a":null}}');
  });

  test("does not touch what it was given", () => {
    const first = after({ state: { desired: { a: { b: 1 } } } });
    const before = JSON.stringify(first);
    update(first, { state: { desired: { a: { b: null, c: 1 } } } });
    expect(JSON.stringify(first)).toBe(before);
  });
});

describe("version", () => {
  test("another version than the stored one conflicts", () => {
    const shadow = after({ state: {} });
    expect(refusal(() => update(shadow, { state: {}, version: 2 }))).toEqual({
      name: "ConflictException",
      message: "Version conflict",
    });
    expect(update(shadow, { state: {}, version: 1 }).next.version).toBe(2);
  });

  test("goes on after a deletion for 48 h and then starts again", () => {
    const deleted = applyDelete(after({ state: {} }, { state: {} }), "thing", NOW);
    expect(exists(deleted)).toBe(false);
    const soon = currentShadow(deleted, NOW + SHADOW_LIMITS.versionMemory - 1);
    expect(update(soon, { state: {} }).next.version).toBe(3);
    const late = currentShadow(deleted, NOW + SHADOW_LIMITS.versionMemory);
    expect(update(late, { state: {} }).next.version).toBe(1);
  });

  test("a shadow that does not exist cannot be deleted", () => {
    expect(refusal(() => applyDelete(NO_SHADOW, "lamp", NOW))).toEqual({
      name: "ResourceNotFoundException",
      message: "No shadow exists with name: 'lamp'",
    });
    const deleted = applyDelete(after({ state: {} }), "lamp", NOW);
    expect(refusal(() => applyDelete(deleted, "lamp", NOW)).name).toBe("ResourceNotFoundException");
  });
});

describe("refusals (reference 3.4)", () => {
  test.each([
    ["{", "Invalid JSON"],
    ["[]", "Invalid JSON"],
    ["null", "Invalid JSON"],
    [{}, "Missing required node: state"],
    [{ state: 1 }, "State node must be an object"],
    [{ state: [] }, "State node must be an object"],
    [{ state: { desired: 1 } }, "Desired node must be an object"],
    [{ state: { reported: [] } }, "Reported node must be an object"],
    [{ state: {}, version: "1" }, "Invalid version"],
    [{ state: {}, version: 1.5 }, "Invalid version"],
    [{ state: {}, version: null }, "Invalid version"],
    [{ state: {}, clientToken: "x".repeat(65) }, "Invalid clientToken"],
    [{ state: {}, clientToken: "ü".repeat(33) }, "Invalid clientToken"],
    [{ state: {}, clientToken: 1 }, "Invalid clientToken"],
    [{ state: { other: {} } }, "State contains an invalid node"],
    [{ state: { desired: { a: [1, null] } } }, "State contains an invalid node"],
    [{ state: { desired: { a: [{ b: null }] } } }, "State contains an invalid node"],
  ])("%j", (request, message) => {
    expect(refusal(() => update(NO_SHADOW, request))).toEqual({ name: "InvalidRequestException", message });
  });

  const nested = (levels: number, leaf: Json = 1): Json => (levels === 0 ? leaf : { a: nested(levels - 1, leaf) });

  test("eight levels of members are allowed, nine are not, in arrays neither", () => {
    expect(update(NO_SHADOW, { state: { desired: nested(8) } }).next.version).toBe(1);
    expect(update(NO_SHADOW, { state: { desired: nested(8, [1, 2]) } }).next.version).toBe(1);
    for (const deep of [nested(9), nested(8, [[1]]), nested(1, JSON.parse("[".repeat(50_000) + "]".repeat(50_000)))]) {
      expect(
        refusal(() => applyUpdate(NO_SHADOW, parseUpdate({ state: { desired: deep } } as JsonObject), NOW)),
      ).toEqual({
        name: "InvalidRequestException",
        message: "JSON contains too many levels of nesting; maximum is 6",
      });
    }
  });

  test("a document over 8 KB; exactly 8 KB passes", () => {
    const overhead = JSON.stringify({ desired: { a: "" } }).length;
    const fits = { state: { desired: { a: "x".repeat(SHADOW_LIMITS.documentBytes - overhead) } } };
    expect(update(NO_SHADOW, fits).next.stateText.length).toBe(8192);
    const large = { state: { desired: { a: "x".repeat(SHADOW_LIMITS.documentBytes - overhead + 1) } } };
    expect(refusal(() => update(NO_SHADOW, large))).toEqual({
      name: "RequestEntityTooLargeException",
      message: "The payload exceeds the maximum size allowed",
    });
  });

  test("what is not UTF-8", () => {
    expect(refusal(() => readRequest(new Uint8Array([0x7b, 0xff, 0x7d]))).name).toBe(
      "UnsupportedDocumentEncodingException",
    );
  });

  test("root members that nobody knows are ignored", () => {
    expect(update(NO_SHADOW, { state: {}, foo: 1, metadata: {} }).next.version).toBe(1);
  });
});

describe("delta (reference 3.2)", () => {
  const delta = (desired: JsonObject, reported?: JsonObject) => difference(desired, reported, undefined)?.state;

  test("missing and different members, with the path from the root; arrays whole; nothing from reported only", () => {
    expect(
      delta({ a: 1, b: { c: 2, d: 3 }, list: [1, 2], same: "x" }, { b: { c: 2, d: 4 }, list: [1], same: "x", more: 1 }),
    ).toEqual({ a: 1, b: { d: 3 }, list: [1, 2] });
    expect(delta({ a: { b: 1 } }, { a: 1 })).toEqual({ a: { b: 1 } });
    expect(delta({ a: 1 }, { a: { b: 1 } })).toEqual({ a: 1 });
    expect(delta({ list: [{ a: 1, b: 2 }] }, { list: [{ b: 2, a: 1 }] })).toBeUndefined();
    expect(delta({ constructor: 1 }, {})).toEqual({ constructor: 1 });
  });

  test("carries the metadata of the desired members", () => {
    const first = update(NO_SHADOW, { state: { desired: { a: { b: 1 }, c: 2 } } });
    const second = update(first.next, { state: { reported: { c: 2 } }, clientToken: "t" }, NOW + 1000);
    expect(JSON.parse(deltaText(second))).toEqual({
      version: 2,
      timestamp: SECONDS + 1,
      state: { a: { b: 1 } },
      metadata: { a: { b: { timestamp: SECONDS } } },
      clientToken: "t",
    });
  });

  test("is absent when desired and reported agree", () => {
    expect(update(NO_SHADOW, { state: { desired: { a: 1 }, reported: { a: 1, b: 2 } } }).delta).toBeUndefined();
  });
});

describe("documents", () => {
  test("accepted holds what the request held, nulls echoed", () => {
    const first = after({ state: { desired: { a: 1, b: { c: 1 } } } });
    const change = update(first, { state: { desired: { a: null, b: { d: [2] } }, reported: null }, clientToken: "t" });
    expect(JSON.parse(acceptedText(change))).toEqual({
      state: { desired: { a: null, b: { d: [2] } }, reported: null },
      metadata: { desired: { b: { d: [{ timestamp: SECONDS }] } } },
      version: 2,
      timestamp: SECONDS,
      clientToken: "t",
    });
  });

  test("documents: before and after, an empty one of version 0 at creation", () => {
    const change = update(NO_SHADOW, { state: { desired: { a: 1 } } });
    expect(JSON.parse(documentsText(change))).toEqual({
      previous: { state: {}, metadata: {}, version: 0 },
      current: {
        state: { desired: { a: 1 } },
        metadata: { desired: { a: { timestamp: SECONDS } } },
        version: 1,
      },
      timestamp: SECONDS,
    });
  });

  test("get holds the delta in the state but not in the metadata", () => {
    const shadow = after({ state: { desired: { a: 1 }, reported: { a: 2 } } });
    expect(JSON.parse(getText(shadow, NOW, "t"))).toEqual({
      state: { desired: { a: 1 }, reported: { a: 2 }, delta: { a: 1 } },
      metadata: { desired: { a: { timestamp: SECONDS } }, reported: { a: { timestamp: SECONDS } } },
      version: 1,
      timestamp: SECONDS,
      clientToken: "t",
    });
    expect(JSON.parse(getText(after({ state: { reported: { a: 2 } } }), NOW)).state).toEqual({ reported: { a: 2 } });
  });
});

describe("properties", () => {
  const key = fc.constantFrom("a", "b", "c", "toString", "__proto__");
  const leaf = fc.oneof(
    fc.integer(),
    fc.string({ maxLength: 4 }),
    fc.boolean(),
    fc.array(fc.integer(), { maxLength: 3 }),
  );
  const { section } = fc.letrec<{ section: Record<string, Json>; member: Json }>((tie) => ({
    section: fc.dictionary(key, tie("member"), { maxKeys: 4 }),
    member: fc.oneof({ depthSize: "small", withCrossShrink: true }, leaf, fc.constant(null), tie("section")),
  }));
  const request = fc.record(
    { desired: fc.oneof(section, fc.constant(null)), reported: fc.oneof(section, fc.constant(null)) },
    { requiredKeys: [] },
  );

  const leaves = (value: Json | undefined, path: string): string[] =>
    value && typeof value === "object" && !Array.isArray(value) && !("timestamp" in value)
      ? Object.entries(value).flatMap(([name, below]) => leaves(below, `${path}/${name}`))
      : [path];

  /** Whether a value is null or an empty object, or holds one. A text that reads so is none. */
  const hollow = (value: Json | undefined): boolean =>
    value === null ||
    (typeof value === "object" &&
      !Array.isArray(value) &&
      (Object.keys(value).length === 0 || Object.values(value).some(hollow)));

  test("text and value agree, metadata mirrors the state, and no empty object or null is stored", () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 6 }), (requests) => {
        const shadow = after(...requests.map((state) => ({ state })));
        expect(JSON.parse(shadow.stateText)).toEqual(shadow.state);
        expect(leaves(shadow.metadata as JsonObject, "").sort()).toEqual(leaves(shadow.state as JsonObject, "").sort());
        if (shadow.stateText !== "{}") expect(hollow(shadow.state as JsonObject)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test("reporting the delta makes it disappear", () => {
    fc.assert(
      fc.property(request, (state) => {
        const change = update(NO_SHADOW, { state });
        if (!change.delta) return;
        expect(update(change.next, { state: { reported: change.delta.state } }).delta).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test("any bytes are read or refused by a modelled error", () => {
    const modelled = [
      "InvalidRequestException",
      "UnsupportedDocumentEncodingException",
      "RequestEntityTooLargeException",
    ];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.json().map(bytes),
          fc.json().map((text) => bytes(`{"state":${text}}`)),
        ),
        (payload) => {
          try {
            applyUpdate(NO_SHADOW, parseUpdate(readRequest(payload)), NOW);
          } catch (error) {
            expect(modelled).toContain((error as Error).name);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
