import type { NativeRef } from "../../cdmb/conversion.ts";

/** What Z-Wave knows of one endpoint, as far as tables look at it. */
export interface ZWaveEndpoint {
  /** 0 is the device as a whole. */
  readonly index: number;
  readonly commandClasses: ReadonlySet<number>;
  /** Values that its interview has found, by `valueText`. */
  readonly values: ReadonlySet<string>;
}

/** Command classes by the numbers of the specification. */
export const classes = {
  binarySwitch: 0x25,
  multilevelSwitch: 0x26,
  binarySensor: 0x30,
  multilevelSensor: 0x31,
  meter: 0x32,
  doorLock: 0x62,
  notification: 0x71,
  soundSwitch: 0x79,
  battery: 0x80,
} as const;

/** A value of a command class: `name` is its property and, after a slash, the key of the property. */
export const value = (commandClass: number, name: string): NativeRef => ({ commandClass, value: name });
/** Something that has happened and is no state, of a type of the Notification command class: `{ event, user? }`. */
export const notification = (type: number): NativeRef => ({ notification: type });
/** A command that is more than setting a value. */
export const command = (commandClass: number, name: string): NativeRef => ({ commandClass, command: name });

export const valueText = (commandClass: number, name: string): string => `${commandClass}/${name}`;

export const hasClass =
  (commandClass: number) =>
  ({ commandClasses }: ZWaveEndpoint): boolean =>
    commandClasses.has(commandClass);

export const hasValue =
  (commandClass: number, name: string) =>
  ({ values }: ZWaveEndpoint): boolean =>
    values.has(valueText(commandClass, name));

/**
 * Classes that look after the node, its network or its security: nobody's capability. Basic repeats what another class
 * says better.
 */
const management: ReadonlySet<number> = new Set([
  0x20, 0x22, 0x55, 0x56, 0x59, 0x5a, 0x5e, 0x60, 0x6c, 0x70, 0x72, 0x73, 0x77, 0x7a, 0x82, 0x84, 0x85, 0x86, 0x87,
  0x8e, 0x8f, 0x98, 0x9f,
]);
const tabled: ReadonlySet<number> = new Set(Object.values(classes));

/** What no table knows. */
export const unknownClasses = ({ commandClasses }: ZWaveEndpoint): number[] =>
  [...commandClasses].filter((id) => !management.has(id) && !tabled.has(id)).sort((a, b) => a - b);

/** A node that is a battery and nothing else shows its level as one. */
export const isOnlyBattery = (endpoint: ZWaveEndpoint): boolean =>
  endpoint.commandClasses.has(classes.battery) &&
  ![...endpoint.commandClasses].some((id) => id !== classes.battery && !management.has(id));
