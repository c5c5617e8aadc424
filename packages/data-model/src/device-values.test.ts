import { describe, expect, test } from "vitest";
import { validateDeviceMessage, validateEvents, validateProperties, validateResponse } from "./device-values.ts";
import type { CapabilityReport, DeviceMessage, MessageCapability } from "./messages.ts";

const report: CapabilityReport = {
  version: "1.0.0",
  endpoints: [
    {
      id: "1",
      deviceTypes: ["Door Lock"],
      capabilities: [
        {
          id: "matter.DoorLock@1.4",
          name: "Door Lock",
          version: "8",
          properties: ["LockState", "DoorState"],
          actions: ["LockDoor", "GetUser"],
          events: ["DoorLockAlarm"],
        },
      ],
    },
  ],
};

const said = (capability: Partial<MessageCapability>, endpointId = "1") => [
  { endpointId, capabilities: [{ id: "matter.DoorLock@1.4", ...capability }] },
];
const CAPABILITY = "endpoints[0].capabilities[0]";

describe("properties of a device", () => {
  test.each([
    ["a value", said({ properties: [{ name: "LockState", value: "Locked" }] })],
    ["null where it may be", said({ properties: [{ name: "LockState", value: null }] })],
    ["an id without version", said({ id: "matter.DoorLock", properties: [{ name: "DoorState", value: "DoorOpen" }] })],
    ["nothing", said({})],
  ])("%s is accepted", (_name, endpoints) => {
    expect(validateProperties(report, endpoints)).toEqual([]);
  });

  test.each([
    [
      "a wrong value",
      said({ properties: [{ name: "LockState", value: 1 }] }),
      `${CAPABILITY}.properties[0].value`,
      "must be a string",
    ],
    [
      "a wrong name",
      said({ properties: [{ name: "LockState", value: "Open" }] }),
      `${CAPABILITY}.properties[0].value`,
      'must be one of "NotFullyLocked", "Locked", "Unlocked", "Unlatched"',
    ],
    [
      "a property that it did not report",
      said({ properties: [{ name: "LockType", value: "Rim" }] }),
      `${CAPABILITY}.properties[0].value`,
      "is not a property of the capability",
    ],
    [
      "a capability that it did not report",
      said({ id: "matter.OnOff@1.4" }),
      `${CAPABILITY}.id`,
      "is not in the capability report",
    ],
    ["an endpoint that it did not report", said({}, "2"), "endpoints[0].endpointId", "is not in the capability report"],
  ])("%s is refused", (_name, endpoints, path, message) => {
    expect(validateProperties(report, endpoints)[0]).toMatchObject({ path, message });
  });
});

describe("events of a device", () => {
  test("are checked by name and parameters", () => {
    const alarm = (parameters?: Record<string, unknown>) => said({ events: [{ name: "DoorLockAlarm", parameters }] });
    expect(validateEvents(report, alarm({ AlarmCode: "LockJammed" }))).toEqual([]);
    expect(validateEvents(report, alarm())).toEqual([]);
    expect(validateEvents(report, alarm({ AlarmCode: 0 }))[0]).toMatchObject({
      member: "AlarmCode",
      path: `${CAPABILITY}.events[0].parameters.AlarmCode`,
      message: "must be a string",
    });
    expect(validateEvents(report, said({ events: [{ name: "DoorStateChange" }] }))[0]).toMatchObject({
      path: `${CAPABILITY}.events[0].name`,
      message: "is not an event of the capability",
    });
  });
});

describe("the answer to a command", () => {
  test.each([
    ["a success", { name: "LockDoor", responseCode: 200, parameters: {} }],
    ["a success that lacks parameters", { name: "LockDoor", responseCode: 204 }],
    ["a built-in action", { name: "ReadState", responseCode: 200 }],
    [
      "a response with parameters",
      { name: "GetUser", responseCode: 200, parameters: { UserIndex: 1, UserName: null } },
    ],
    ["a failure", { name: "LockDoor", responseCode: 501, errors: [{ code: "AD_001", message: "jammed" }] }],
  ])("may be %s", (_name, action) => {
    expect(validateResponse(report, said({ actions: [action] }))).toEqual([]);
  });

  test.each([
    [
      "an action that it does not have",
      { name: "Toggle", responseCode: 200 },
      ".name",
      "is not an action of the capability",
    ],
    ["no code", { name: "LockDoor" }, ".responseCode", "must be an integer from 100 to 599"],
    [
      "a code that is none",
      { name: "LockDoor", responseCode: 600 },
      ".responseCode",
      "must be an integer from 100 to 599",
    ],
    [
      "a wrong parameter",
      { name: "GetUser", responseCode: 200, parameters: { UserIndex: "1" } },
      ".parameters.UserIndex",
      "must be an integer",
    ],
    [
      "an error without code",
      { name: "LockDoor", responseCode: 500, errors: [{ code: "a b", message: "" }] },
      ".errors[0].code",
      "must be 1 to 64 letters, digits or _",
    ],
  ])("may not be %s", (_name, action, path, message) => {
    expect(validateResponse(report, said({ actions: [action] }))[0]).toMatchObject({
      path: `${CAPABILITY}.actions[0]${path}`,
      message,
    });
  });
});

describe("a whole message", () => {
  const message = (
    messageType: DeviceMessage["messageType"],
    capability: Partial<MessageCapability>,
  ): DeviceMessage => ({
    messageType,
    timestamp: "2026-01-01T12:00:00.000Z",
    eventNumber: 1,
    endpoints: said(capability),
  });
  const wrongProperty = { properties: [{ name: "LockState", value: 1 }] };

  test("has its properties and events checked, whatever it is", () => {
    for (const type of ["DEVICE_EVENT", "DEVICE_COMMAND_RESPONSE"] as const) {
      expect(validateDeviceMessage(report, message(type, wrongProperty))).toHaveLength(1);
      expect(validateDeviceMessage(report, message(type, { events: [{ name: "Nope" }] }))).toHaveLength(1);
    }
  });

  test("needs response codes only where it answers", () => {
    const actions = { actions: [{ name: "LockDoor", actionTraceId: "abcdefghijklmno=" }] };
    expect(validateDeviceMessage(report, message("DEVICE_COMMAND_REQUEST", actions))).toEqual([]);
    expect(validateDeviceMessage(report, message("DEVICE_COMMAND_RESPONSE", actions))).toHaveLength(1);
  });

  test("needs no endpoints", () => {
    const removal: DeviceMessage = {
      messageType: "DEVICE_REMOVAL_RESPONSE",
      timestamp: "2026-01-01T12:00:00Z",
      eventNumber: 2,
    };
    expect(validateDeviceMessage(report, removal)).toEqual([]);
  });
});
