import { type ActionContext, ActionError, type JsonObject } from "@hearth/device-sdk";
import { describe, expect, test } from "vitest";
import { createLight, type LightState } from "./light.ts";

const context: ActionContext = {
  traceId: "t",
  endpointId: "1",
  capabilityId: "matter.OnOff@1.4",
  signal: new AbortController().signal,
};

function lit() {
  const changes: LightState[] = [];
  const light = createLight((state) => changes.push(state));
  const act = (capability: string, action: string, parameters: JsonObject = {}) =>
    light.capabilities[`matter.${capability}@1.4`]?.actions?.[action]?.(parameters, context);
  return { light, changes, act };
}

describe("light", () => {
  test("goes on, off and over", () => {
    const { light, changes, act } = lit();
    act("OnOff", "On");
    act("OnOff", "On");
    act("OnOff", "Off");
    act("OnOff", "Toggle");
    expect(changes.map(({ on }) => on)).toEqual([true, false, true]);
    expect(light.capabilities["matter.OnOff@1.4"]?.properties?.["OnOff"]?.get()).toBe(true);
  });

  test("takes a level, with and without switching", () => {
    const { light, act } = lit();
    act("LevelControl", "MoveToLevel", { Level: 100, TransitionTime: 0 });
    expect(light.state).toEqual({ on: false, level: 100 });
    act("LevelControl", "MoveToLevelWithOnOff", { Level: 120 });
    expect(light.state).toEqual({ on: true, level: 120 });
    act("LevelControl", "MoveToLevelWithOnOff", { Level: 0 });
    expect(light.state).toEqual({ on: false, level: 1 });
  });

  test.each([undefined, null, "10", -1, 255, 1.5])("refuses the level %s", (Level) => {
    const { light, act } = lit();
    const parameters: JsonObject = Level === undefined ? {} : { Level };
    expect(() => act("LevelControl", "MoveToLevel", parameters)).toThrow(ActionError);
    expect(light.state).toEqual({ on: false, level: 254 });
  });
});
