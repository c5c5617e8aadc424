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
  /** What a radio itself says of its devices stands, even where the disk does not take it: it will say so again. */
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
  let turn: Promise<unknown> = Promise.resolve();
  index(Object.entries(file.value).map(([deviceId, record]) => ({ deviceId, ...record })));

  function index(all: readonly BoundDevice[]): void {
    devices = new Map(all.map((device) => [device.deviceId, device]));
    things = new Map(all.map((device) => [device.managedThingId, device]));
  }

  const write = (all: readonly BoundDevice[]): Promise<void> =>
    file.replace(
      Object.fromEntries(all.map(({ deviceId, managedThingId, protocol }) => [deviceId, { managedThingId, protocol }])),
    );

  /** One change after the other, each from what the one before has left. */
  function change(run: (all: readonly BoundDevice[]) => Promise<void>): Promise<void> {
    const done = turn.then(() => run([...devices.values()]));
    turn = done.catch(() => {});
    return done;
  }

  return {
    devices: () => [...devices.values()],
    byThing: (managedThingId) => things.get(managedThingId),
    byDevice: (deviceId) => devices.get(deviceId),
    bind: (device) =>
      change(async (all) => {
        const known = devices.get(device.deviceId);
        if (known?.managedThingId === device.managedThingId && known.protocol === device.protocol) return;
        const isOther = ({ deviceId, managedThingId }: BoundDevice) =>
          deviceId !== device.deviceId && managedThingId !== device.managedThingId;
        const next = [...all.filter(isOther), device];
        await write(next);
        index(next);
      }),
    unbind: (deviceId) =>
      change(async (all) => {
        if (!devices.has(deviceId)) return;
        const next = all.filter((one) => one.deviceId !== deviceId);
        await write(next);
        index(next);
      }),
    reconcile: (protocol, bound) =>
      change(async (all) => {
        const same = (one: BoundDevice) => devices.get(one.deviceId)?.managedThingId === one.managedThingId;
        const others = all.filter((one) => one.protocol !== protocol);
        if (all.length - others.length === bound.length && bound.every(same)) return;
        const next = [...others, ...bound];
        index(next);
        await write(next);
      }),
  };
}
