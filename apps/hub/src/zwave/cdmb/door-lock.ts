import type { Json, JsonObject } from "@hearth/device-sdk";
import type { ActionMapping } from "../../cdmb/conversion.ts";
import { ActionError } from "../../plugins/action-error.ts";
import { classes, hasClass, hasValue, value, type ZWaveEndpoint } from "./endpoint.ts";
import type { ZWaveMapping } from "./switches.ts";

/** Modes (Door Lock command class): unsecured in several ways, secured, and a lock that does not know. */
const SECURED = 255;
const UNSECURED = 0;
const UNSECURED_WITH_TIMEOUT = 1;
const UNKNOWN = 254;

const mode = value(classes.doorLock, "currentMode");
const door = value(classes.doorLock, "doorStatus");

const lockState = (now: Json): string | undefined =>
  typeof now !== "number" ? undefined : now === SECURED ? "Locked" : now === UNKNOWN ? "NotFullyLocked" : "Unlocked";
const doorState = (now: Json): string | undefined =>
  now === "open" ? "DoorOpen" : now === "closed" ? "DoorClosed" : undefined;

const turn = (name: string, wanted: number): ActionMapping<ZWaveEndpoint> => ({
  name,
  run: (parameters) => {
    onlyPin(parameters);
    return [{ write: value(classes.doorLock, "targetMode"), value: wanted }];
  },
  affects: ["LockState"],
});

/** A controller in a lock's network needs no PIN over Z-Wave: one that is given is not sent. */
function onlyPin(parameters: JsonObject): void {
  const other = Object.keys(parameters).find((name) => name !== "PINCode" && name !== "Timeout");
  if (other !== undefined) throw new ActionError("InvalidParameters", `there is no parameter ${other}`, 400);
}

export const doorLock: ZWaveMapping = {
  capability: "matter.DoorLock@1.4",
  name: "Door Lock",
  version: "8",
  when: hasClass(classes.doorLock),
  properties: [
    { name: "LockState", native: mode, read: lockState },
    { name: "DoorState", when: hasValue(classes.doorLock, "doorStatus"), native: door, read: doorState },
  ],
  actions: [
    turn("LockDoor", SECURED),
    turn("UnlockDoor", UNSECURED),
    turn("UnlockWithTimeout", UNSECURED_WITH_TIMEOUT),
  ],
  events: [
    {
      name: "DoorStateChange",
      native: door,
      when(now, { previous }) {
        const DoorState = doorState(now);
        return previous === undefined || previous === now || DoorState === undefined ? undefined : { DoorState };
      },
    },
  ],
};
