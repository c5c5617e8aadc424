import { type AttributeRecord, Global, type ReadResult, Status, ZclStatusError } from "../zcl.ts";
import {
  type Admission,
  type ClusterAddress,
  type CommandRequest,
  type DpkDevice,
  type DpkEvent,
  RadioGoneError,
  type ZigbeeDpk,
} from "./dpk.ts";

/** A device in memory: attributes by `<endpoint>/<cluster>/<id>`, and what its commands do. */
export interface MemoryZigbeeDevice extends DpkDevice {
  attributes: Map<string, Omit<AttributeRecord, "id">>;
  /** Returns the payload of a cluster's own answer, or nothing for the default response. */
  obey?(to: ClusterAddress, request: CommandRequest): Buffer | undefined;
}

/** A stack without a radio: for tests of all that is above a DPK, and for whoever writes another one. */
export interface MemoryDpk extends ZigbeeDpk {
  readonly open: boolean;
  readonly installCodes: readonly string[];
  /** Out of the box: joins when the network is open and it is admitted; false when it could not. */
  powerOn(device: MemoryZigbeeDevice): boolean;
  /** A hand on the device: the attribute changes and is reported. */
  change(address: string, endpoint: number, cluster: number, record: AttributeRecord): void;
  /** A frame that the device sends by itself: a global one, or a command of this cluster. */
  send(address: string, endpoint: number, cluster: number, command: number, payload: Buffer, global?: boolean): void;
  /** What the next requests wait for, or fail with; undefined: nothing. */
  trouble: (() => Promise<void>) | undefined;
  /** The coordinator answers to nothing. */
  silent: boolean;
  emit(event: DpkEvent): void;
}

export function createMemoryDpk(admit: Admission = () => "awaited"): MemoryDpk {
  const devices = new Map<string, MemoryZigbeeDevice>();
  const listeners: ((event: DpkEvent) => void)[] = [];
  const installCodes: string[] = [];
  const emit = (event: DpkEvent) => {
    for (const listener of listeners) listener(event);
  };
  const attributesOf = async ({ address }: { address: string }) => {
    await dpk.trouble?.();
    const device = devices.get(address);
    if (!device) throw new Error(`no device ${address}`);
    return device.attributes;
  };
  const key = ({ endpoint, cluster }: Omit<ClusterAddress, "address">, id: number) => `${endpoint}/${cluster}/${id}`;

  const dpk: MemoryDpk = {
    open: false,
    installCodes,
    trouble: undefined,
    silent: false,
    emit,
    async start() {
      if (dpk.silent) throw new RadioGoneError();
      return { network: "memory" };
    },
    stop: async () => {},
    ping: () => (dpk.silent ? new Promise(() => {}) : Promise.resolve()),
    async permitJoin(seconds) {
      Object.assign(dpk, { open: seconds > 0 });
    },
    addInstallCode: async (material) => void installCodes.push(material),
    devices: () => [...devices.values()],
    interview: async (address) => void (await attributesOf({ address })),
    async read(to, ids) {
      const attributes = await attributesOf(to);
      const result: ReadResult = { records: [], missing: [] };
      for (const id of ids) {
        const found = attributes.get(key(to, id));
        if (found) result.records.push({ id, ...found });
        else result.missing.push(id);
      }
      return result;
    },
    async discover(to, limit) {
      const attributes = await attributesOf(to);
      const prefix = `${to.endpoint}/${to.cluster}/`;
      return [...attributes]
        .filter(([path]) => path.startsWith(prefix))
        .slice(0, limit)
        .map(([path, { type }]) => ({ id: Number(path.slice(prefix.length)), type }));
    },
    async write(to, records) {
      const attributes = await attributesOf(to);
      for (const { id, type, data } of records) {
        if (!attributes.has(key(to, id))) throw new ZclStatusError(Status.unsupportedAttribute);
        attributes.set(key(to, id), { type, data });
      }
    },
    async command(to, request) {
      await attributesOf(to);
      return devices.get(to.address)?.obey?.(to, request) ?? Buffer.alloc(0);
    },
    bind: async (to) => void (await attributesOf(to)),
    configureReporting: async (to) => void (await attributesOf(to)),
    async leave(address) {
      await attributesOf({ address });
      devices.delete(address);
    },
    forget: (address) => void devices.delete(address),
    async reset() {
      devices.clear();
      installCodes.length = 0;
    },
    on: (listener) => void listeners.push(listener),
    powerOn(device) {
      if (!dpk.open || admit(device.address) === "stranger") return false;
      devices.set(device.address, device);
      emit({ kind: "joined", address: device.address });
      emit({ kind: "interviewed", address: device.address });
      return true;
    },
    change(address, endpoint, cluster, { id, type, data }) {
      devices.get(address)?.attributes.set(key({ endpoint, cluster }, id), { type, data });
      const head = Buffer.from([id & 0xff, id >> 8, type]);
      dpk.send(address, endpoint, cluster, Global.report, Buffer.concat([head, data]), true);
    },
    send(address, endpoint, cluster, command, payload, global = false) {
      const data = Buffer.concat([Buffer.from([global ? 0x18 : 0x19, 0, command]), payload]);
      emit({ kind: "frame", address, endpoint, cluster, data });
    },
  };
  return dpk;
}
