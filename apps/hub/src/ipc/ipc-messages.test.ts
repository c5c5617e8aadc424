import type { JsonObject } from "@hearth/device-sdk";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCommandRequest, payloadOf } from "./ipc-messages.ts";

const good = {
  ...{ traceId: "a:b=c_d-1", managedThingId: "thing", nodeId: "1" },
  endpoints: [{ id: "1", capabilities: [{ id: "matter.OnOff", actions: [{ name: "On", ref: "r" }] }] }],
};

test("a command is taken as the reference writes it, and as the device protocol does", () => {
  const taken = {
    ...{ traceId: "a:b=c_d-1", managedThingId: "thing", nodeId: "1" },
    endpoints: [
      { endpointId: "1", capabilities: [{ id: "matter.OnOff", actions: [{ name: "On", ref: "r", parameters: {} }] }] },
    ],
  };
  expect(parseCommandRequest(good)).toEqual(taken);
  expect(parseCommandRequest({ ...good, endpoints: taken.endpoints })).toEqual(taken);
});

test("whatever a program sends is a command or a reason, and never more than the limits", () => {
  const many = (count: number, item: unknown) => Array(count).fill(item);
  const [endpoint] = good.endpoints;
  const [capability] = endpoint?.capabilities ?? [];
  const tooMuch = [
    many(41, endpoint),
    [{ id: "1", capabilities: many(41, capability) }],
    [{ id: "1", capabilities: [{ id: "x", actions: many(101, { name: "On" }) }] }],
    [{ id: "x".repeat(513), capabilities: [] }],
  ];
  for (const endpoints of tooMuch)
    expect(parseCommandRequest({ ...good, endpoints } as JsonObject)).toBeTypeOf("string");
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 6 }),
      fc.constantFrom("traceId", "managedThingId", "endpoints", "nodeId"),
      (json, name) => {
        const payload = payloadOf({ payload: { ...good, [name]: JSON.parse(json) } });
        const parsed = parseCommandRequest(payload as JsonObject);
        if (typeof parsed !== "string") expect(parsed.endpoints.length).toBeGreaterThan(0);
      },
    ),
  );
});
