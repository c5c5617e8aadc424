import type { BoundDevice } from "../cdmb/cdmb-service.ts";
import type { JsonFile } from "../state/state.ts";

/** What the registry keeps on disk: by device id. */
export type RegistryRecords = Readonly<Record<string, { managedThingId: string; protocol: string }>>;

/** Which managed thing is which device of which radio. The radios hold the same for their own devices. */
export interface Registry {
  devices(): BoundDevice[];
  byThing(managedThingId: string): BoundDevice | undefined;
  byDevice(deviceId: string): BoundDevice | undefined;
  /** Ends what either of them was bound to before. Resolves when durable. */
  bind(device: BoundDevice): Promise<void>;
  unbind(deviceId: string): Promise<void>;
  /** What a radio itself says of its devices stands. */
  reconcile(protocol: string, bound: readonly BoundDevice[]): Promise<void>;
}

/** Checks what the file holds. Throws for what is none of ours. */
export function parseRegistry(json: unknown): RegistryRecords {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new Error("no object");
  for (const [deviceId, record] of Object.entries(json)) {
    if (typeof record?.managedThingId !== "string" || typeof record.protocol !== "string") {
      throw new Error(`${deviceId} has no managedThingId or protocol`);
    }
  }
  return json as RegistryRecords;
}

export function createRegistry(file: JsonFile<RegistryRecords>): Registry {
  let devices = new Map<string, BoundDevice>();
  let things = new Map<string, BoundDevice>();
  index(Object.entries(file.value).map(([deviceId, record]) => ({ deviceId, ...record })));

  function index(all: readonly BoundDevice[]): void {
    devices = new Map(all.map((device) => [device.deviceId, device]));
    things = new Map(all.map((device) => [device.managedThingId, device]));
  }

  async function replace(all: readonly BoundDevice[]): Promise<void> {
    index(all);
    await file.replace(
      Object.fromEntries(all.map(({ deviceId, managedThingId, protocol }) => [deviceId, { managedThingId, protocol }])),
    );
  }

  const others = (device: BoundDevice) =>
    [...devices.values()].filter(
      ({ deviceId, managedThingId }) => deviceId !== device.deviceId && managedThingId !== device.managedThingId,
    );

  return {
    devices: () => [...devices.values()],
    byThing: (managedThingId) => things.get(managedThingId),
    byDevice: (deviceId) => devices.get(deviceId),
    async bind(device) {
      const known = devices.get(device.deviceId);
      if (known?.managedThingId === device.managedThingId && known.protocol === device.protocol) return;
      await replace([...others(device), device]);
    },
    async unbind(deviceId) {
      if (devices.has(deviceId)) await replace([...devices.values()].filter((one) => one.deviceId !== deviceId));
    },
    async reconcile(protocol, bound) {
      const same = (one: BoundDevice) => devices.get(one.deviceId)?.managedThingId === one.managedThingId;
      const mine = [...devices.values()].filter((one) => one.protocol === protocol);
      if (mine.length === bound.length && bound.every(same)) return;
      await replace([...[...devices.values()].filter((one) => one.protocol !== protocol), ...bound]);
    },
  };
}
