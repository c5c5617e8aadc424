import type { Json, JsonObject } from "@hearth/device-sdk";
import type { ActionMapping } from "../../cdmb/conversion.ts";
import { ActionError } from "../../plugins/action-error.ts";
import { classes, hasClass, hasValue, notification, value, type ZWaveEndpoint } from "./endpoint.ts";
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

/** Events of the notification type Access Control: who has turned the lock. Those that did not end in a turn are none. */
const ACCESS_CONTROL = 6;
const operations = new Map<unknown, { LockOperationType: string; OperationSource: string }>([
  [1, { LockOperationType: "Lock", OperationSource: "Manual" }],
  [2, { LockOperationType: "Unlock", OperationSource: "Manual" }],
  [3, { LockOperationType: "Lock", OperationSource: "Remote" }],
  [4, { LockOperationType: "Unlock", OperationSource: "Remote" }],
  [5, { LockOperationType: "Lock", OperationSource: "Keypad" }],
  [6, { LockOperationType: "Unlock", OperationSource: "Keypad" }],
  [9, { LockOperationType: "Lock", OperationSource: "Auto" }],
]);
const JAMMED = 11;
const nobody = { FabricIndex: null, SourceNode: null };

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
      name: "LockOperation",
      native: notification(ACCESS_CONTROL),
      when(happened) {
        const { event, user } = happened as { event?: number; user?: number };
        const operation = operations.get(event);
        return operation && { ...operation, UserIndex: user ?? null, ...nobody };
      },
    },
    {
      // A lock without notifications tells that it was turned, and not by whom.
      name: "LockOperation",
      native: mode,
      when(now, { previous, native }) {
        const [was, is] = [lockState(previous ?? null), lockState(now)];
        if (native.commandClasses.has(classes.notification) || was === undefined || was === is) return undefined;
        const LockOperationType = is === "Locked" ? "Lock" : is === "Unlocked" ? "Unlock" : undefined;
        return LockOperationType && { LockOperationType, OperationSource: "Unspecified", UserIndex: null, ...nobody };
      },
    },
    {
      name: "DoorLockAlarm",
      native: value(classes.notification, "Access Control/Lock state"),
      when: (now, { previous }) => (now === JAMMED && previous !== JAMMED ? { AlarmCode: "LockJammed" } : undefined),
    },
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
