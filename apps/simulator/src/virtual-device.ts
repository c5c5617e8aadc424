/** A device that exists in the simulator alone, and what a person's hand can do to it. */
export interface VirtualDevice {
  readonly id: string;
  /** The catalogue's name of its type: `color-light`. */
  readonly type: string;
  /** The text of its bar code, or of its QR code (Matter). */
  readonly label: string;
  /**
   * Where the protocol has one: the five digits that a person types in (S2), the manual pairing code (Matter), or the
   * install code in hexadecimal.
   */
  readonly pin?: string;
  readonly installCode?: string;
  /** Whether it is in a network now. */
  readonly joined: boolean;
  /** The value at `path`, in the protocol's own names; docs of the simulator list them: `1/6/0`, `1/37/currentValue`. */
  read(path: string): unknown;
  /** A hand on the device: the value changes, and is reported as the device was configured to. */
  change(path: string, value: unknown): void | Promise<void>;
  /**
   * Out of the box: looks for a network to join (Zigbee: an open one; Z-Wave: SmartStart). A Zigbee device that is sent away
   * before it was set up looks again, after 2 s, 4 s … 60 s, for five minutes.
   */
  powerOn(): void | Promise<void>;
  /** The button: pairing mode (Z-Wave inclusion or exclusion; Zigbee and Matter: leaves, then can be found). */
  press(): void | Promise<void>;
  /** Stops to answer after `frames` more of its own; at once without it. `unmute` ends that. */
  mute(frames?: number): void | Promise<void>;
  unmute(): void | Promise<void>;
  sleep(): void;
  wake(): void;
  /** As it left the factory. */
  reset(): void | Promise<void>;
}

export interface VirtualDeviceOptions {
  /** The catalogue's name of its type. */
  type: string;
  /** Hexadecimal: EUI-64 (Zigbee, 16 digits). Made from the seed without it. */
  address?: string;
  /** Asks for an install code (Zigbee) or S2 with authentication (Z-Wave); the catalogue says the default. */
  secure?: boolean;
  sleepy?: boolean;
}

interface Radio {
  /** Where its serial protocol is spoken, on the loopback interface. */
  readonly port: number;
  readonly devices: readonly VirtualDevice[];
  /** The stick is pulled: connections end and none is taken. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}

export interface RadioOptions {
  /** A free one without it. */
  port?: number;
  /** 127.0.0.1 without it. */
  host?: string;
  devices: readonly VirtualDeviceOptions[];
  /** A file that keeps the network over a restart of the simulator; without it the network is in memory only. */
  store?: string;
  /** Zigbee: what runs on the stick; `zstack` without it. */
  coordinator?: CoordinatorKind;
  /** The same seed makes the same addresses, keys and losses. */
  seed?: number;
}

/** Z-Stack (ZNP), or EmberZNet (EZSP over ASH): the names by which zigbee-herdsman calls what drives them. */
export const coordinatorKinds = ["zstack", "ember"] as const;
export type CoordinatorKind = (typeof coordinatorKinds)[number];

/** A coordinator over TCP, and the mesh behind it. */
export interface ZigbeeMesh extends Radio {
  /** `installCodes`: the addresses whose install code the coordinator was given. */
  joinState(): { open: boolean; installCodes: string[] };
  /** Share of the frames on air that are lost, 0 to 1. */
  loss(rate: number): void;
  /** The stick's firmware starts anew by itself, as after a fault; the connection stays. */
  reboot(): void;
}

/** A Z-Wave controller's serial API over TCP, and the nodes around it. */
export interface ZWaveNetwork extends Radio {
  readonly homeId: number;
  joinState(): { mode: "idle" | "inclusion" | "exclusion" | "smart-start" };
}

/** Matter devices on the network: there is no stick, each answers for itself. */
export interface MatterHome {
  readonly port: undefined;
  readonly devices: readonly VirtualDevice[];
  joinState(): { commissionable: number };
  /** All devices are off the network, as when its router is. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  close(): Promise<void>;
}
