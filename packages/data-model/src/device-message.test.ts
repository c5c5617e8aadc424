import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_MESSAGE_BYTES, parseDeviceMessage } from "./device-message.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (value: unknown) => parseDeviceMessage(bytes(JSON.stringify(value)));

const event = (changes: object = {}) => ({
  messageType: "DEVICE_EVENT",
  timestamp: "2026-01-01T12:00:00.000Z",
  eventNumber: 42,
  endpoints: [
    { endpointId: "1", capabilities: [{ id: "matter.OnOff", properties: [{ name: "OnOff", value: true }] }] },
  ],
  ...changes,
});
const withCapability = (changes: object) =>
  event({ endpoints: [{ endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", ...changes }] }] });
const command = (changes: object = {}) => ({
  messageType: "DEVICE_COMMAND",
  traceId: "9f1c",
  timestamp: "2026-01-01T12:00:00Z",
  endpoints: [
    { endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", actions: [{ name: "On", parameters: {} }] }] },
  ],
  ...changes,
});

describe("a device message", () => {
  test.each([
    ["an event", event()],
    ["an event with nanoseconds", event({ timestamp: "2026-01-01T12:00:00.123456789Z" })],
    ["an event in another zone", event({ timestamp: "2026-01-01T12:00:00+02:00" })],
    ["a command", command()],
    ["a response", { ...command({ messageType: "DEVICE_COMMAND_RESPONSE", eventNumber: 43 }) }],
    ["a removal", { messageType: "DEVICE_REMOVAL", timestamp: "2026-01-01T12:00:00Z" }],
    [
      "the answer to a removal",
      { messageType: "DEVICE_REMOVAL_RESPONSE", timestamp: "2026-01-01T12:00:00Z", eventNumber: 0, responseCode: 200 },
    ],
    [
      "errors",
      withCapability({ actions: [{ name: "On", responseCode: 500, errors: [{ code: "E", message: "no" }] }] }),
    ],
    ["a null value", withCapability({ properties: [{ name: "OnOff", value: null }] })],
  ])("%s is read", (_name, value) => {
    expect(parse(value)).toEqual(value);
  });

  const at = "endpoints[0].capabilities[0]";
  test.each([
    ["an unknown type", event({ messageType: "toString" }), "messageType"],
    ["no time", event({ timestamp: undefined }), "timestamp"],
    ["a time that is none", event({ timestamp: "2026-13-01T12:00:00Z" }), "timestamp"],
    ["a time with ten digits", event({ timestamp: "2026-01-01T12:00:00.1234567890Z" }), "timestamp"],
    ["no number from a device", event({ eventNumber: undefined }), "eventNumber"],
    ["a number that is none", event({ eventNumber: "42" }), "eventNumber"],
    ["a number below zero", event({ eventNumber: -1 }), "eventNumber"],
    ["a number beyond exactness", event({ eventNumber: 2 ** 53 }), "eventNumber"],
    ["a command without trace", command({ traceId: undefined }), "traceId"],
    ["a trace that is none", command({ traceId: "a b" }), "traceId"],
    ["no endpoints", event({ endpoints: undefined }), "endpoints"],
    ["an empty list of endpoints", event({ endpoints: [] }), "endpoints"],
    ["41 endpoints", event({ endpoints: Array.from({ length: 41 }, () => event().endpoints[0]) }), "endpoints"],
    ["an endpoint that is none", event({ endpoints: [1] }), "endpoints[0]"],
    [
      "a wrong endpoint id",
      event({ endpoints: [{ ...event().endpoints[0], endpointId: "#" }] }),
      "endpoints[0].endpointId",
    ],
    ["a wrong capability id", withCapability({ id: "matter/OnOff" }), `${at}.id`],
    ["a property without value", withCapability({ properties: [{ name: "OnOff" }] }), `${at}.properties[0].value`],
    ["a property without name", withCapability({ properties: [{ value: 1 }] }), `${at}.properties[0].name`],
    [
      "101 properties",
      withCapability({ properties: Array.from({ length: 101 }, () => ({ name: "A", value: 1 })) }),
      `${at}.properties`,
    ],
    [
      "parameters that are a list",
      withCapability({ events: [{ name: "A", parameters: [] }] }),
      `${at}.events[0].parameters`,
    ],
    [
      "a code that is text",
      withCapability({ actions: [{ name: "A", responseCode: "200" }] }),
      `${at}.actions[0].responseCode`,
    ],
    [
      "an error without message",
      withCapability({ actions: [{ name: "A", errors: [{ code: "E" }] }] }),
      `${at}.actions[0].errors[0]`,
    ],
    ["a name that is an object", withCapability({ name: {} }), `${at}.name`],
    [
      "a removal code that is text",
      { messageType: "DEVICE_REMOVAL_RESPONSE", timestamp: "2026-01-01T12:00:00Z", eventNumber: 1, responseCode: "ok" },
      "responseCode",
    ],
  ])("with %s is refused", (_name, value, path) => {
    expect(parse(value)).toMatchObject([{ path }]);
  });

  const deep = `${"[".repeat(60_000)}${"]".repeat(60_000)}`;
  test.each([
    ["not JSON", bytes("{"), "must be JSON in UTF-8"],
    ["not UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "must be JSON in UTF-8"],
    ["no object", bytes("[]"), "must be a JSON object"],
    ["nothing", new Uint8Array(), "must be JSON in UTF-8"],
    ["too large", new Uint8Array(MAX_MESSAGE_BYTES + 1).fill(0x20), "must have at most 131072 bytes"],
    ["nested without end", bytes(`{"endpoints":${deep}}`), "must be nested at most 32 deep"],
    ["an attack on prototypes", bytes('{"messageType":"DEVICE_EVENT","__proto__":{"a":1}}'), "must not name __proto__"],
    ["a hidden attack on prototypes", bytes('{"a":[{"\\u005f_proto__":1}]}'), "must not name __proto__"],
  ])("that is %s is refused", (_name, payload, message) => {
    expect(parseDeviceMessage(payload)).toMatchObject([{ path: "payload", message }]);
  });

  test("may be any bytes", () => {
    const mutated = fc
      .tuple(fc.constantFrom(event(), command()), fc.nat(), fc.string({ maxLength: 3 }))
      .map(([value, at, text]) => {
        const json = JSON.stringify(value);
        const cut = at % json.length;
        return bytes(json.slice(0, cut) + text + json.slice(cut + text.length));
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytes), mutated), (payload) => {
        const parsed = parseDeviceMessage(payload);
        if (Array.isArray(parsed)) expect(parsed).not.toHaveLength(0);
        else expect(typeof parsed.messageType).toBe("string");
      }),
    );
  });
});
