import { createHash } from "node:crypto";
import { Environment, LogDestination, Logger, LogLevel, MemoryStorageDriver, StorageService } from "@matter/main";
import type { MatterHome, RadioOptions } from "../virtual-device.ts";
import { createMatterDevice, type MatterDevice } from "./matter-device.ts";

/** matter.js has one log for its process: what goes wrong with the devices is nobody's but theirs. */
function beQuiet(): void {
  Logger.destinations["default"] = LogDestination({ name: "default", level: LogLevel.FATAL });
}

/** See `startMatterHome`. */
export async function createHome(options: RadioOptions): Promise<MatterHome> {
  if (options.store !== undefined)
    throw new RangeError("Matter devices keep nothing over a restart: leave --store out");
  beQuiet();
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
  const numbers = new Map<string, number>();
  const devices: MatterDevice[] = [];
  for (const [index, device] of options.devices.entries()) {
    const number = (numbers.get(device.type) ?? 0) + 1;
    numbers.set(device.type, number);
    const id = `${device.type}-${number}`;
    const environment = new Environment(`simulated ${id}`, Environment.default);
    const storage = new StorageService(environment);
    storage.registerDriver(MemoryStorageDriver);
    storage.configuredDriver = MemoryStorageDriver.id;
    const secret = createHash("sha256").update(`${seed} ${id}`).digest();
    const port = options.port === undefined ? 0 : options.port + index;
    devices.push(await createMatterDevice({ id, type: device.type, secret, environment, port }));
  }
  return {
    devices,
    port: undefined,
    joinState: () => ({ commissionable: devices.filter(({ joined }) => !joined).length }),
    async cut() {
      for (const device of devices) await device.offline();
    },
    async restore() {
      for (const device of devices) await device.online();
    },
    async close() {
      await Promise.all(devices.map((device) => device.close()));
    },
  };
}
