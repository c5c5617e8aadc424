import type { LibraryCapability } from "./matter-library.ts";

const matter = (name: string) => ({ $ref: `/schema-versions/definition/matter.${name}@1.4` });
const read = { retrievable: true, mutable: false, reportable: true };
const written = { retrievable: true, mutable: true, reportable: true };

/** Vendor 0x1577 is AWS (reference 5.1). The local ids are those of Matter where it has such a cluster. */
const capability = (name: string, title: string, description: string, localId: string, rest: object) =>
  ({
    $id: `/schema-versions/capability/aws.${name}@1.0`,
    $ref: "/schema-versions/definition/aws.capability@1.0",
    name: title,
    title,
    description,
    version: "1.0",
    extrinsicId: `0x1577${localId}`,
    extrinsicVersion: "1",
    properties: {},
    actions: [],
    events: [],
    ...rest,
  }) satisfies LibraryCapability;

/** What the reference names in the namespace `aws` (reference 7.3, 10.11; U10, U37). */
export const awsCapabilities: readonly LibraryCapability[] = [
  capability("DoorLock", "Door Lock", "A lock of a door, and whether it can be turned.", "0101", {
    properties: {
      LockState: { extrinsicId: "0x0000", value: { ...matter("DoorLock.LockStateEnum"), nullable: true }, ...read },
      LockType: { extrinsicId: "0x0001", value: matter("DoorLock.LockTypeEnum"), ...read },
      ActuatorEnabled: { extrinsicId: "0x0002", value: matter("bool"), ...read },
      DoorState: { extrinsicId: "0x0003", value: { ...matter("DoorLock.DoorStateEnum"), nullable: true }, ...read },
      AutoRelockTime: { extrinsicId: "0x0023", value: matter("uint32"), ...written },
    },
    actions: ["LockDoor", "UnlockDoor"].map((name, id) => ({
      name,
      extrinsicId: `0x0${id}`,
      request: { parameters: { PINCode: { extrinsicId: "0", value: matter("octstr") } } },
    })),
    events: [
      {
        name: "DoorLockAlarm",
        extrinsicId: "0x00",
        request: { parameters: { AlarmCode: { extrinsicId: "0", value: matter("DoorLock.AlarmCodeEnum") } } },
      },
      {
        name: "DoorStateChange",
        extrinsicId: "0x01",
        request: { parameters: { DoorState: { extrinsicId: "0", value: matter("DoorLock.DoorStateEnum") } } },
      },
    ],
  }),
  capability("OnOff", "On/Off", "Something that is on or off.", "0006", {
    properties: {
      OnOff: { extrinsicId: "0x0000", value: matter("bool"), ...read },
      OnTime: { extrinsicId: "0x4001", value: matter("uint16"), ...written },
      OffWaitTime: { extrinsicId: "0x4002", value: matter("uint16"), ...written },
    },
    actions: ["Off", "On", "Toggle"].map((name, id) => ({ name, extrinsicId: `0x0${id}` })),
  }),
  capability("Timer", "Timer", "A timer that counts down, in seconds.", "1001", {
    properties: {
      TimerState: { extrinsicId: "0x0000", value: { $ref: "/schema-versions/definition/aws.TimerState@1.0" }, ...read },
      Duration: { extrinsicId: "0x0001", value: matter("uint32"), ...written },
      RemainingTime: { extrinsicId: "0x0002", value: { ...matter("uint32"), nullable: true }, ...read },
    },
    actions: [
      {
        name: "Start",
        extrinsicId: "0x00",
        request: { parameters: { Duration: { extrinsicId: "0", value: matter("uint32") } } },
      },
      ...["Pause", "Resume", "Cancel"].map((name, id) => ({ name, extrinsicId: `0x0${id + 1}` })),
    ],
    events: [{ name: "Expired", extrinsicId: "0x00" }],
  }),
];
