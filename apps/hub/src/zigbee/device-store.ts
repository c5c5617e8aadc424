import { join } from "node:path";
import type { Logger } from "@hearth/base";
import { openJsonFile } from "../state/json-file.ts";
import type { DpkDevice } from "./dpk/dpk.ts";

/** What the bridge itself has learnt of a device; bindings and addresses are the stack's. */
export interface StoredDevice {
  /** As it was when it was last interviewed, so that it can be described while the coordinator is away. */
  info: DpkDevice;
  managedThingId?: string;
  /** Taken away by force while the coordinator was gone: it is told when that is back. */
  forgotten?: boolean;
  /** It was asked to leave, and nobody knows what became of that: this process was killed meanwhile. */
  leaving?: boolean;
  /** Reporting is configured, and what it lacks is known. */
  configured?: boolean;
  /** By endpoint: its IAS zone's type. */
  zoneTypes: { [endpoint: string]: number };
  /** `<endpoint>/<cluster>/<attribute>` that it has said it does not have. */
  missing: string[];
  /** `<endpoint>/<cluster>` that no table knows: its attributes. */
  raw: { [cluster: string]: number[] };
}

export interface DeviceStore {
  get(address: string): StoredDevice | undefined;
  all(): readonly StoredDevice[];
  /** Resolves when it is durable; undefined forgets the device. */
  put(address: string, device: StoredDevice | undefined): Promise<void>;
  clear(): Promise<void>;
}

type Devices = { readonly [address: string]: StoredDevice };

/** Damaged: the state before the last change is taken, and the log says so. */
export async function openDeviceStore(directory: string, log: Logger): Promise<DeviceStore> {
  const file = await openJsonFile<Devices>(
    join(directory, "zigbee-devices.json"),
    parse,
    {},
    {
      recover: ({ message }) => log.error({ message }, "the state before the last change is taken"),
    },
  );
  let devices = file.value;
  async function replace(next: Devices): Promise<void> {
    const before = devices;
    devices = next;
    try {
      await file.replace(next);
    } catch (error) {
      if (devices === next) devices = before;
      throw error;
    }
  }
  return {
    get: (address) => (Object.hasOwn(devices, address) ? devices[address] : undefined),
    all: () => Object.values(devices),
    put(address, device) {
      const { [address]: _, ...others } = devices;
      return replace(device ? { ...others, [address]: device } : others);
    },
    clear: () => replace({}),
  };
}

function parse(json: unknown): Devices {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new Error("it holds no devices");
  return Object.fromEntries(
    Object.entries(json).map(([address, device]) => {
      const { info, managedThingId, forgotten, leaving, configured, zoneTypes, missing, raw } =
        device as Partial<StoredDevice>;
      if (typeof info !== "object" || info === null || !Array.isArray(info.endpoints)) {
        throw new Error(`device ${address} has no endpoints`);
      }
      return [
        address,
        {
          info,
          ...(typeof managedThingId === "string" ? { managedThingId } : {}),
          ...(forgotten === true ? { forgotten } : {}),
          ...(leaving === true ? { leaving } : {}),
          ...(configured === true ? { configured } : {}),
          zoneTypes: typeof zoneTypes === "object" && zoneTypes !== null ? zoneTypes : {},
          raw: typeof raw === "object" && raw !== null ? raw : {},
          missing: Array.isArray(missing) ? missing.filter((one) => typeof one === "string") : [],
        },
      ];
    }),
  );
}
