import { enumeration, integer } from "../../cdmb/converters.ts";
import { attribute, clusters, receivedRef, sends } from "./clusters.ts";
import { hasCluster } from "./endpoint.ts";
import { action, optional, parameter, readable, uint16, uint32, writable, type ZigbeeMapping } from "./mapping.ts";

const lockStates = { NotFullyLocked: 0, Locked: 1, Unlocked: 2 };
const doorStates = {
  DoorOpen: 0,
  DoorClosed: 1,
  DoorJammed: 2,
  DoorForcedOpen: 3,
  DoorUnspecifiedError: 4,
};
const lockTypes = {
  DeadBolt: 0,
  Magnetic: 1,
  Other: 2,
  Mortise: 3,
  Rim: 4,
  LatchBolt: 5,
  CylindricalLock: 6,
  TubularLock: 7,
  InterconnectedLock: 8,
  DeadLatch: 9,
  DoorFurniture: 10,
};
const doorState = enumeration(doorStates);

/** Operation events (ZCL 7.3.2.17.40): which source and code mean what. */
const sources = new Map([
  [0x00, "Keypad"],
  [0x01, "Remote"],
  [0x02, "Manual"],
  [0x03, "RFID"],
]);
const operations = new Map([
  [0x01, "Lock"],
  [0x02, "Unlock"],
  [0x07, "Lock"],
  [0x08, "Lock"],
  [0x09, "Unlock"],
  [0x0a, "Lock"],
  [0x0b, "Lock"],
  [0x0d, "Lock"],
  [0x0e, "Unlock"],
]);
/** Alarm codes (ZCL table 7-8). */
const alarms = new Map([
  [0, "LockJammed"],
  [1, "LockFactoryReset"],
  [3, "LockRadioPowerCycled"],
  [4, "WrongCodeEntryLimit"],
  [5, "FrontEsceutcheonRemoved"],
  [6, "DoorForcedOpen"],
]);

const pin = { PINCode: optional("pin") };

export const doorLock: ZigbeeMapping = {
  capability: "matter.DoorLock@1.4",
  name: "Door Lock",
  version: "8",
  when: hasCluster(clusters.doorLock.id),
  properties: [
    readable("LockState", attribute("doorLock", "state"), (value) =>
      value === 0xff ? null : enumeration(lockStates).read(value),
    ),
    readable("LockType", attribute("doorLock", "type"), enumeration(lockTypes)),
    readable("ActuatorEnabled", attribute("doorLock", "actuator"), "boolean"),
    readable("DoorState", attribute("doorLock", "door"), (value) => (value === 0xff ? null : doorState.read(value))),
    writable("DoorOpenEvents", attribute("doorLock", "opened"), uint32),
    writable("DoorClosedEvents", attribute("doorLock", "closed"), uint32),
    writable("OpenPeriod", attribute("doorLock", "openPeriod"), uint16),
    writable("AutoRelockTime", attribute("doorLock", "autoRelock"), uint32),
    writable(
      "SoundVolume",
      attribute("doorLock", "volume"),
      // The ZCL numbers 0 silent, 1 low, 2 high (table 7-13); Matter has added 3.
      enumeration({ Silent: 0, Low: 1, High: 2 }),
    ),
    writable(
      "OperatingMode",
      attribute("doorLock", "mode"),
      enumeration({ Normal: 0, Vacation: 1, Privacy: 2, NoRemoteLockUnlock: 3, Passage: 4 }),
    ),
    readable("RequirePINforRemoteOperation", attribute("doorLock", "pinRequired"), "boolean"),
  ],
  actions: [
    action("LockDoor", sends("doorLock", "lock"), pin),
    action("UnlockDoor", sends("doorLock", "unlock"), pin),
    action("UnlockWithTimeout", sends("doorLock", "unlockWithTimeout"), {
      Timeout: parameter("timeout", integer({ minimum: 0, maximum: 0xffff })),
      ...pin,
    }),
  ],
  events: [
    {
      name: "DoorStateChange",
      native: attribute("doorLock", "door"),
      when(value, { previous }) {
        const DoorState = doorState.read(value);
        return previous === undefined || previous === value || DoorState === undefined ? undefined : { DoorState };
      },
    },
    {
      name: "LockOperation",
      native: receivedRef(clusters.doorLock.id, clusters.doorLock.received.operation.id),
      when(value) {
        const { source, code, user } = value as { source?: number; code?: number; user?: number };
        const LockOperationType = operations.get(code ?? 0);
        if (!LockOperationType) return undefined;
        const OperationSource = sources.get(source ?? 0xff) ?? "Unspecified";
        return {
          LockOperationType,
          OperationSource,
          UserIndex: user === undefined || user === 0xffff ? null : user,
          FabricIndex: null,
          SourceNode: null,
        };
      },
    },
    {
      name: "DoorLockAlarm",
      native: receivedRef(clusters.alarms.id, clusters.alarms.received.alarm.id),
      when(value) {
        const { code, cluster } = value as { code?: number; cluster?: number };
        const AlarmCode = cluster === clusters.doorLock.id ? alarms.get(code ?? 0xff) : undefined;
        return AlarmCode === undefined ? undefined : { AlarmCode };
      },
    },
  ],
  reporting: [
    { native: attribute("doorLock", "state"), min: 0, max: 3600 },
    { native: attribute("doorLock", "door"), min: 0, max: 3600 },
  ],
};
