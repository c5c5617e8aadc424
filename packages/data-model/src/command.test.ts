import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateCommand } from "./command.ts";
import type { CapabilityReport, CommandAction, CommandEndpoint } from "./messages.ts";

const report: CapabilityReport = {
  version: "1.0.0",
  endpoints: [
    {
      id: "1",
      deviceTypes: ["Dimmable Light"],
      capabilities: [
        {
          id: "matter.OnOff@1.4",
          name: "On/Off",
          version: "6",
          properties: ["OnOff", "OnTime", "StartUpOnOff"],
          actions: ["Off", "On", "OnWithTimedOff", "OffWithEffect"],
          events: [],
        },
        {
          id: "acme.Lamp@1.0",
          name: "Lamp",
          version: "1",
          properties: ["Glow"],
          actions: ["Sparkle"],
          events: [],
        },
      ],
    },
  ],
};

const command = (action: Partial<CommandAction>, id = "matter.OnOff@1.4", endpointId = "1"): CommandEndpoint[] => [
  { endpointId, capabilities: [{ id, name: "On/Off", version: "6", actions: [action as CommandAction] }] },
];

const ACTION = "[0].capabilities[0].actions[0]";

describe("a command", () => {
  test.each([
    ["without parameters", command({ name: "On" })],
    ["with empty parameters", command({ name: "On", parameters: {} })],
    ["for the latest version", command({ name: "On" }, "matter.OnOff@$latest")],
    [
      "with parameters",
      command({ name: "OnWithTimedOff", parameters: { OnOffControl: { AcceptOnlyWhenOn: 1 }, OnTime: 50 } }),
    ],
    [
      "with an enumeration",
      command({ name: "OffWithEffect", parameters: { EffectIdentifier: "DyingLight", EffectVariant: 0 } }),
    ],
    ["UpdateState", command({ name: "UpdateState", parameters: { OnTime: 5, StartUpOnOff: null } })],
    // Whether a property may be written is for the device to say (reference 5.2).
    ["UpdateState of what is not mutable", command({ name: "UpdateState", parameters: { OnOff: true } })],
    ["ReadState of one property", command({ name: "ReadState", parameters: { propertiesToRead: ["OnOff"] } })],
    ["ReadState of all", command({ name: "ReadState", parameters: { propertiesToRead: ["*"] } })],
    ["for a capability without schema", command({ name: "Sparkle", parameters: { any: [1] } }, "acme.Lamp@1.0")],
    [
      "UpdateState for a capability without schema",
      command({ name: "UpdateState", parameters: { Glow: 1 } }, "acme.Lamp@1.0"),
    ],
  ])("%s may go", (_name, endpoints) => {
    expect(validateCommand(report, endpoints)).toEqual([]);
  });

  test.each([
    [
      "for an endpoint that is not there",
      command({ name: "On" }, undefined, "2"),
      "[0].endpointId",
      "is not an endpoint of the device",
    ],
    [
      "for a capability that is not there",
      command({ name: "Move" }, "matter.LevelControl@1.4"),
      "[0].capabilities[0].id",
      "is not a capability of the endpoint",
    ],
    [
      "for another version",
      command({ name: "On" }, "matter.OnOff@1.3"),
      "[0].capabilities[0].id",
      "is not a capability of the endpoint",
    ],
    // The capability knows Toggle, this device does not.
    [
      "for an action that is not reported",
      command({ name: "Toggle" }),
      `${ACTION}.name`,
      "is not an action of the capability",
    ],
    ["for an unknown action", command({ name: "constructor" }), `${ACTION}.name`, "is not an action of the capability"],
    [
      "with a parameter that is none",
      command({ name: "On", parameters: { x: 1 } }),
      `${ACTION}.parameters.x`,
      "is not a parameter",
    ],
    [
      "with a wrong number",
      command({ name: "OnWithTimedOff", parameters: { OnTime: 65_535 } }),
      `${ACTION}.parameters.OnTime`,
      "must be at most 65534",
    ],
    [
      "with a wrong bit",
      command({ name: "OnWithTimedOff", parameters: { OnOffControl: { Bit9: 1 } } }),
      `${ACTION}.parameters.OnOffControl.Bit9`,
      "is not allowed",
    ],
    [
      "with parameters that are no object",
      command({ name: "On", parameters: [] as never }),
      `${ACTION}.parameters`,
      "must be an object",
    ],
    [
      "UpdateState of nothing",
      command({ name: "UpdateState", parameters: {} }),
      `${ACTION}.parameters`,
      "must name a property",
    ],
    [
      "UpdateState of what is not reported",
      command({ name: "UpdateState", parameters: { OffWaitTime: 1 } }),
      `${ACTION}.parameters.OffWaitTime`,
      "is not a property of the capability",
    ],
    [
      "UpdateState to a wrong value",
      command({ name: "UpdateState", parameters: { OnTime: "5" } }),
      `${ACTION}.parameters.OnTime`,
      "must be an integer",
    ],
    [
      "UpdateState to a null",
      command({ name: "UpdateState", parameters: { OnTime: null } }),
      `${ACTION}.parameters.OnTime`,
      "must be an integer",
    ],
    [
      "ReadState of nothing",
      command({ name: "ReadState" }),
      `${ACTION}.parameters.propertiesToRead`,
      "must be a list of names, or of * alone",
    ],
    [
      "ReadState of all and more",
      command({ name: "ReadState", parameters: { propertiesToRead: ["OnOff", "*"] } }),
      `${ACTION}.parameters.propertiesToRead[1]`,
      "is not a property of the capability",
    ],
    [
      "ReadState with more",
      command({ name: "ReadState", parameters: { propertiesToRead: ["*"], x: 1 } }),
      `${ACTION}.parameters.x`,
      "is not a parameter of ReadState",
    ],
    ["without endpoints", [], "", "must have 1 to 5 items"],
    ["for six endpoints", Array.from({ length: 6 }, () => command({ name: "On" })[0]!), "", "must have 1 to 5 items"],
    [
      "without actions",
      [{ endpointId: "1", capabilities: [{ id: "matter.OnOff@1.4", name: "On/Off", version: "6", actions: [] }] }],
      "[0].capabilities[0].actions",
      "must have 1 to 5 items",
    ],
  ])("%s is refused", (_name, endpoints, path, message) => {
    expect(validateCommand(report, endpoints)[0]).toMatchObject({ path, message });
  });

  test("says which endpoint, capability and member is meant", () => {
    expect(validateCommand(report, command({ name: "UpdateState", parameters: { OnTime: -1 } }))).toEqual([
      {
        endpointId: "1",
        capabilityId: "matter.OnOff@1.4",
        member: "OnTime",
        path: "[0].capabilities[0].actions[0].parameters.OnTime",
        message: "must be at least 0",
      },
    ]);
  });

  test("nested too deep is refused", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 10_000; i++) deep = [deep];
    expect(
      validateCommand(report, command({ name: "Sparkle", parameters: { deep } }, "acme.Lamp@1.0"))[0],
    ).toMatchObject({
      message: "must be nested at most 32 deep",
    });
  });

  test("may carry any JSON in its parameters", () => {
    const parameters = fc.dictionary(
      fc.constantFrom("OnTime", "OnOffControl", "OffWaitTime", "OnOff", "__proto__"),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.constantFrom("OnWithTimedOff", "UpdateState", "ReadState"), parameters, (name, value) => {
        expect(Array.isArray(validateCommand(report, command({ name, parameters: value })))).toBe(true);
      }),
    );
  });
});
