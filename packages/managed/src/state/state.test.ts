import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changesOf, propertyKey, type StoredProperty, sameJson, shadowOf, stateEndpoints } from "./state.ts";

const onOff = (value: unknown, changedAt = "2026-01-01T00:00:00.000Z"): StoredProperty => ({
  endpointId: "1",
  capabilityId: "matter.OnOff@1.4",
  property: "OnOff",
  value,
  changedAt,
});
const stored = (property: StoredProperty) =>
  new Map([[propertyKey(property.endpointId, property.capabilityId, property.property), property]]);
const report = (value: unknown) => [
  { endpointId: "1", capabilityId: "matter.OnOff@1.4", properties: [{ name: "OnOff", value }] },
];

describe("changes of state", () => {
  test("a first value is a change", () => {
    expect(changesOf(new Map(), report(false), "t")).toEqual([onOff(false, "t")]);
  });

  test("the same value again is none", () => {
    expect(changesOf(stored(onOff(true)), report(true), "t")).toEqual([]);
    expect(changesOf(stored(onOff({ a: 1, b: [null] })), report({ b: [null], a: 1 }), "t")).toEqual([]);
  });

  test("another value is one, also null", () => {
    expect(changesOf(stored(onOff(true)), report(null), "t")).toEqual([onOff(null, "t")]);
  });

  test("of several values in one message the last counts", () => {
    expect(changesOf(stored(onOff(true)), [...report(false), ...report(true)], "t")).toEqual([]);
    expect(changesOf(stored(onOff(true)), [...report(true), ...report(false)], "t")).toEqual([onOff(false, "t")]);
  });
});

test("sameJson is JSON equality", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => sameJson(value, JSON.parse(JSON.stringify(value)))));
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const canonical = (value: unknown): string =>
        JSON.stringify(value, (_key, inner) =>
          inner && typeof inner === "object" && !Array.isArray(inner)
            ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => (x < y ? -1 : 1)))
            : inner,
        );
      return sameJson(a, b) === (canonical(a) === canonical(b));
    }),
  );
});

test("state is grouped by endpoint and capability, with the names of the report", () => {
  const level: StoredProperty = { ...onOff(7), capabilityId: "matter.LevelControl@1.4", property: "CurrentLevel" };
  const other: StoredProperty = { ...onOff(false), endpointId: "2" };
  expect(
    stateEndpoints([onOff(true), level, other], (_endpoint, id) => ({ name: id.slice(7, 12), version: "6" })),
  ).toEqual([
    {
      endpointId: "1",
      capabilities: [
        {
          id: "matter.OnOff@1.4",
          name: "OnOff",
          version: "6",
          properties: [{ name: "OnOff", value: { propertyValue: true, lastChangedAt: "2026-01-01T00:00:00.000Z" } }],
        },
        {
          id: "matter.LevelControl@1.4",
          name: "Level",
          version: "6",
          properties: [
            { name: "CurrentLevel", value: { propertyValue: 7, lastChangedAt: "2026-01-01T00:00:00.000Z" } },
          ],
        },
      ],
    },
    {
      endpointId: "2",
      capabilities: [
        {
          id: "matter.OnOff@1.4",
          name: "OnOff",
          version: "6",
          properties: [{ name: "OnOff", value: { propertyValue: false, lastChangedAt: "2026-01-01T00:00:00.000Z" } }],
        },
      ],
    },
  ]);
});

test("the classic shadow mirrors state by endpoint, capability without version, property", () => {
  const level: StoredProperty = { ...onOff(7), capabilityId: "matter.LevelControl@1.4", property: "CurrentLevel" };
  expect(shadowOf([onOff(true), level])).toEqual({
    endpoints: { "1": { "matter.OnOff": { OnOff: true }, "matter.LevelControl": { CurrentLevel: 7 } } },
  });
});

test("an endpoint named like something that every object inherits is mirrored, and nothing else is touched", () => {
  expect(JSON.stringify(shadowOf([{ ...onOff(true), endpointId: "constructor" }]))).toBe(
    '{"endpoints":{"constructor":{"matter.OnOff":{"OnOff":true}}}}',
  );
  expect(Object.keys(Object)).toEqual([]);
});
