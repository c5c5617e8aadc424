import { bitmap, enumeration, integer } from "../../cdmb/converters.ts";
import { attribute, clusters, sends } from "./clusters.ts";
import { hasCluster } from "./endpoint.ts";
import {
  action,
  colorMove,
  colorStep,
  int16,
  optionParameters,
  orNull,
  parameter,
  readable,
  uint8,
  uint8OrNull,
  uint16,
  uint16OrNull,
  upDown,
  writable,
  type ZigbeeMapping,
} from "./mapping.ts";

/** On/Off, Level and Colour Control: the model has taken them from the ZCL, so that names differ and numbers do not. */

const level = integer({ minimum: 0, maximum: 254 });
/** What is not given is the device's own choice. */
const time = { ...parameter("transition", uint16OrNull), otherwise: 0xffff };
const colorTime = parameter("transition", integer({ minimum: 0, maximum: 65_534 }));
const effect = enumeration({ DelayedAllOff: 0, DyingLight: 1 });

export const onOff: ZigbeeMapping = {
  capability: "matter.OnOff@1.4",
  name: "On/Off",
  version: "6",
  when: hasCluster(clusters.onOff.id),
  properties: [
    readable("OnOff", attribute("onOff", "onOff"), "boolean"),
    readable("GlobalSceneControl", attribute("onOff", "globalScene"), "boolean"),
    writable("OnTime", attribute("onOff", "onTime"), uint16),
    writable("OffWaitTime", attribute("onOff", "offWaitTime"), uint16),
    writable("StartUpOnOff", attribute("onOff", "startUp"), orNull(enumeration({ Off: 0, On: 1, Toggle: 2 }), 255)),
  ],
  actions: [
    action("Off", sends("onOff", "off")),
    action("On", sends("onOff", "on")),
    action("Toggle", sends("onOff", "toggle")),
    action("OffWithEffect", sends("onOff", "offWithEffect"), {
      EffectIdentifier: parameter("effect", effect),
      EffectVariant: parameter("variant", uint8),
    }),
    action("OnWithRecallGlobalScene", sends("onOff", "recall")),
    action("OnWithTimedOff", sends("onOff", "onWithTimedOff"), {
      OnOffControl: parameter("control", bitmap({ AcceptOnlyWhenOn: 0 })),
      OnTime: parameter("onTime", uint16),
      OffWaitTime: parameter("offWait", uint16),
    }),
  ],
  reporting: [{ native: attribute("onOff", "onOff"), min: 0, max: 3600 }],
};

const move = {
  MoveMode: parameter("mode", upDown),
  Rate: { ...parameter("rate", uint8OrNull), otherwise: 0xff },
  ...optionParameters,
};
const moveTo = { Level: parameter("level", level), TransitionTime: time, ...optionParameters };
const step = {
  StepMode: parameter("mode", upDown),
  StepSize: parameter("size", uint8),
  TransitionTime: time,
  ...optionParameters,
};

export const levelControl: ZigbeeMapping = {
  capability: "matter.LevelControl@1.4",
  name: "Level Control",
  version: "6",
  when: hasCluster(clusters.level.id),
  properties: [
    readable("CurrentLevel", attribute("level", "current"), uint8OrNull),
    readable("RemainingTime", attribute("level", "remaining")),
    readable("MinLevel", attribute("level", "minimum")),
    readable("MaxLevel", attribute("level", "maximum"), integer({ minimum: 0, maximum: 254 })),
    writable("Options", attribute("level", "options"), bitmap({ ExecuteIfOff: 0, CoupleColorTempToLevel: 1 })),
    writable("OnOffTransitionTime", attribute("level", "transition"), uint16),
    writable("OnLevel", attribute("level", "onLevel"), uint8OrNull),
    writable("OnTransitionTime", attribute("level", "onTransition"), uint16OrNull),
    writable("OffTransitionTime", attribute("level", "offTransition"), uint16OrNull),
    writable("DefaultMoveRate", attribute("level", "moveRate"), uint8OrNull),
    writable("StartUpCurrentLevel", attribute("level", "startUp"), uint8OrNull),
  ],
  actions: [
    action("MoveToLevel", sends("level", "moveTo"), moveTo),
    action("Move", sends("level", "move"), move),
    action("Step", sends("level", "step"), step),
    action("Stop", sends("level", "stop"), optionParameters),
    action("MoveToLevelWithOnOff", sends("level", "moveToWithOnOff"), moveTo),
    action("MoveWithOnOff", sends("level", "moveWithOnOff"), move),
    action("StepWithOnOff", sends("level", "stepWithOnOff"), step),
    action("StopWithOnOff", sends("level", "stopWithOnOff"), optionParameters),
  ],
  reporting: [{ native: attribute("level", "current"), min: 1, max: 3600, change: 1 }],
};

const modes = { CurrentHueAndCurrentSaturation: 0, CurrentXAndCurrentY: 1, ColorTemperatureMireds: 2 };
const coordinate = integer({ minimum: 0, maximum: 65_279 });
const mireds = integer({ minimum: 0, maximum: 65_279 });
const direction = parameter("direction", enumeration({ Shortest: 0, Longest: 1, Up: 2, Down: 3 }));
const limits = {
  ColorTemperatureMinimumMireds: parameter("minimum", mireds),
  ColorTemperatureMaximumMireds: parameter("maximum", mireds),
};

export const colorControl: ZigbeeMapping = {
  capability: "matter.ColorControl@1.4",
  name: "Color Control",
  version: "7",
  when: hasCluster(clusters.color.id),
  properties: [
    readable("CurrentHue", attribute("color", "hue"), level),
    readable("CurrentSaturation", attribute("color", "saturation"), level),
    readable("RemainingTime", attribute("color", "remaining")),
    readable("CurrentX", attribute("color", "x"), coordinate),
    readable("CurrentY", attribute("color", "y"), coordinate),
    readable("ColorTemperatureMireds", attribute("color", "temperature")),
    readable("ColorMode", attribute("color", "mode"), enumeration(modes)),
    writable("Options", attribute("color", "options"), bitmap({ ExecuteIfOff: 0 })),
    readable("EnhancedCurrentHue", attribute("color", "enhancedHue")),
    readable(
      "EnhancedColorMode",
      attribute("color", "enhancedMode"),
      enumeration({ ...modes, EnhancedCurrentHueAndCurrentSaturation: 3 }),
    ),
    readable("ColorLoopActive", attribute("color", "loop"), enumeration({ Inactive: 0, Active: 1 })),
    readable("ColorLoopDirection", attribute("color", "loopDirection"), enumeration({ Decrement: 0, Increment: 1 })),
    readable("ColorLoopTime", attribute("color", "loopTime")),
    readable("ColorLoopStartEnhancedHue", attribute("color", "loopStart")),
    readable("ColorLoopStoredEnhancedHue", attribute("color", "loopStored")),
    readable(
      "ColorCapabilities",
      attribute("color", "capabilities"),
      bitmap({ HueSaturation: 0, EnhancedHue: 1, ColorLoop: 2, XY: 3, ColorTemperature: 4 }),
    ),
    readable("ColorTempPhysicalMinMireds", attribute("color", "coldest")),
    readable("ColorTempPhysicalMaxMireds", attribute("color", "warmest")),
    readable("CoupleColorTempToLevelMinMireds", attribute("color", "couple")),
    writable(
      "StartUpColorTemperatureMireds",
      attribute("color", "startUp"),
      integer({ minimum: 1, maximum: 65_279, none: 65_535 }),
    ),
  ],
  actions: [
    action("MoveToHue", sends("color", "hue"), {
      Hue: parameter("hue", level),
      Direction: direction,
      TransitionTime: colorTime,
      ...optionParameters,
    }),
    action("MoveHue", sends("color", "moveHue"), {
      MoveMode: parameter("mode", colorMove),
      Rate: parameter("rate", uint8),
      ...optionParameters,
    }),
    action("StepHue", sends("color", "stepHue"), {
      StepMode: parameter("mode", colorStep),
      StepSize: parameter("size", uint8),
      TransitionTime: parameter("transition", uint8),
      ...optionParameters,
    }),
    action("MoveToSaturation", sends("color", "saturation"), {
      Saturation: parameter("saturation", level),
      TransitionTime: colorTime,
      ...optionParameters,
    }),
    action("MoveSaturation", sends("color", "moveSaturation"), {
      MoveMode: parameter("mode", colorMove),
      Rate: parameter("rate", uint8),
      ...optionParameters,
    }),
    action("StepSaturation", sends("color", "stepSaturation"), {
      StepMode: parameter("mode", colorStep),
      StepSize: parameter("size", uint8),
      TransitionTime: parameter("transition", uint8),
      ...optionParameters,
    }),
    action("MoveToHueAndSaturation", sends("color", "hueAndSaturation"), {
      Hue: parameter("hue", level),
      Saturation: parameter("saturation", level),
      TransitionTime: colorTime,
      ...optionParameters,
    }),
    action("MoveToColor", sends("color", "color"), {
      ColorX: parameter("x", coordinate),
      ColorY: parameter("y", coordinate),
      TransitionTime: colorTime,
      ...optionParameters,
    }),
    action("MoveColor", sends("color", "moveColor"), {
      RateX: parameter("x", int16),
      RateY: parameter("y", int16),
      ...optionParameters,
    }),
    action("StepColor", sends("color", "stepColor"), {
      StepX: parameter("x", int16),
      StepY: parameter("y", int16),
      TransitionTime: colorTime,
      ...optionParameters,
    }),
    action("MoveToColorTemperature", sends("color", "temperature"), {
      ColorTemperatureMireds: parameter("temperature", mireds),
      TransitionTime: colorTime,
      ...optionParameters,
    }),
    action("EnhancedMoveToHue", sends("color", "enhancedHue"), {
      EnhancedHue: parameter("hue", uint16),
      Direction: direction,
      TransitionTime: colorTime,
      ...optionParameters,
    }),
    action("StopMoveStep", sends("color", "stop"), optionParameters),
    action("MoveColorTemperature", sends("color", "moveTemperature"), {
      MoveMode: parameter("mode", colorMove),
      Rate: parameter("rate", uint16),
      ...limits,
      ...optionParameters,
    }),
    action("StepColorTemperature", sends("color", "stepTemperature"), {
      StepMode: parameter("mode", colorStep),
      StepSize: parameter("size", uint16),
      TransitionTime: colorTime,
      ...limits,
      ...optionParameters,
    }),
  ],
  reporting: [
    { native: attribute("color", "hue"), min: 1, max: 3600, change: 1 },
    { native: attribute("color", "saturation"), min: 1, max: 3600, change: 1 },
    { native: attribute("color", "x"), min: 1, max: 3600, change: 1 },
    { native: attribute("color", "y"), min: 1, max: 3600, change: 1 },
    { native: attribute("color", "temperature"), min: 1, max: 3600, change: 1 },
    { native: attribute("color", "mode"), min: 1, max: 3600 },
  ],
};
