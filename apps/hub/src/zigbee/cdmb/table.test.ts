import { library } from "@hearth/data-model";
import type { Json } from "@hearth/device-sdk";
import { describe, expect, test } from "vitest";
import { type NativeRef, sourcesOfEndpoint, viewEndpoint } from "../../cdmb/conversion.ts";
import { fixedSize, T } from "../zcl.ts";
import { attributeType, commandOf } from "./clusters.ts";
import type { ZigbeeEndpoint } from "./endpoint.ts";
import { zigbeeTable } from "./table.ts";
import { decodeTime, encodeTime } from "./timer.ts";

const namesOf = (list: unknown): string[] =>
  Array.isArray(list) ? list.map(({ name }) => name) : Object.keys((list as object | undefined) ?? {});

describe.each(zigbeeTable)("$capability", (mapping) => {
  const document = library.capability(mapping.capability);

  test("is a capability of the library, and all that it shows is in it", () => {
    if (!document) throw new Error("not in the library");
    expect(mapping.version).toBe(document.extrinsicVersion);
    expect(document.title?.startsWith(mapping.name) || document.name === mapping.name).toBe(true);
    const { properties, actions, events } = document as unknown as Record<string, unknown>;
    expect(namesOf(properties)).toEqual(expect.arrayContaining(mapping.properties.map(({ name }) => name)));
    expect(namesOf(actions)).toEqual(expect.arrayContaining((mapping.actions ?? []).map(({ name }) => name)));
    expect(namesOf(events)).toEqual(expect.arrayContaining((mapping.events ?? []).map(({ name }) => name)));
  });

  test("an action's parameters are the library's, and each of its fields has a place in the command", () => {
    const documented = (document?.actions ?? []) as unknown as {
      name: string;
      request?: { parameters?: Record<string, unknown> };
    }[];
    for (const { name, native, parameters, run } of mapping.actions ?? []) {
      if (run) continue;
      const { cluster, command } = native as { cluster: number; command: number };
      const layout = commandOf(cluster, command)?.fields.map(([field]) => field);
      const known = Object.keys(documented.find((one) => one.name === name)?.request?.parameters ?? {});
      expect(known).toEqual(expect.arrayContaining(Object.keys(parameters ?? {})));
      expect(layout).toEqual(expect.arrayContaining(Object.values(parameters ?? {}).map((one) => one.native)));
    }
  });

  test("what can be written in the library is what can be written here, and every attribute has a type", () => {
    const documented = document?.properties as unknown as Record<string, { mutable?: boolean }>;
    for (const property of mapping.properties) {
      if (property.write || property.update) expect(documented[property.name]?.mutable, property.name).toBe(true);
    }
    for (const ref of sourcesOfEndpoint(viewEndpoint([{ ...mapping, when: () => true }], "1", nothing))) {
      if ("attribute" in ref) expect(typeOf(ref), JSON.stringify(ref)).toBeDefined();
    }
    for (const { native } of mapping.reporting ?? []) expect(typeOf(native)).toBeDefined();
  });
});

const nothing: ZigbeeEndpoint = {
  id: 1,
  deviceType: 0,
  inputs: new Set(),
  outputs: new Set(),
  missing: new Set(),
};
const typeOf = (ref: NativeRef) => attributeType(ref["cluster"] as number, ref["attribute"] as number);

test("a timer's time is whole minutes, and what it cannot hold is refused", () => {
  for (const seconds of [0, 60, 3540, 3600, 86_400, 255 * 3600 + 59 * 60]) {
    expect(decodeTime(encodeTime(seconds))).toBe(seconds);
  }
  expect(decodeTime(encodeTime(61))).toBe(120);
  expect(decodeTime(0x0041)).toBeUndefined();
  for (const wrong of [-1, 1.5, 256 * 3600, "60", undefined]) {
    expect(() => encodeTime(wrong)).toThrow("Duration");
  }
});

test("what is read of an attribute and written back is the attribute again", () => {
  const context = { native: nothing, known: () => undefined };
  const call = (converter: unknown, value: Json): Json | undefined =>
    typeof converter === "function" ? converter(value, context) : value;
  let pairs = 0;
  for (const { capability, properties } of zigbeeTable) {
    for (const { name, native, read, write } of properties) {
      if (!write) continue;
      const size = fixedSize(typeOf(native as NativeRef) as number) ?? 1;
      const most = 2 ** (8 * size) - 1;
      const isSigned = [T.int8, T.int16].some((type) => type === typeOf(native as NativeRef));
      for (let step = 0; step <= 256; step += 1) {
        const unsigned = Math.floor((most * step) / 256);
        const value = isSigned ? unsigned - (most + 1) / 2 : unsigned;
        let written: Json | undefined;
        try {
          const model = call(read, value);
          if (model === undefined) continue;
          written = call(write, model);
        } catch {
          // The model has narrower bounds than the attribute.
          continue;
        }
        // Bits that the model does not name are not written.
        if (typeof call(read, value) === "object" && call(read, value) !== null) {
          expect(call(read, written as Json)).toEqual(call(read, value));
        } else expect(written, `${capability} ${name}`).toBe(value);
        pairs += 1;
      }
    }
  }
  expect(pairs).toBeGreaterThan(1000);
});
