import type { Clock } from "@hearth/base";
import type { ApsFrame, ZigbeeNode } from "../device/node.ts";
import { euiToWire, octets, u16, u32 } from "../octets.ts";
import type { Random } from "../random.ts";
import { createAfCommands } from "./af-commands.ts";
import { createConfigurationCommands } from "./configuration-commands.ts";
import { type AfEndpoint, type Air, type MtCommands, type NetworkProcessor, Subsystem } from "./mt.ts";
import {
  coordinatorAddress,
  forgetDevice,
  formNetwork,
  initialise,
  type Network,
  networkOf,
  rememberDevice,
} from "./network.ts";
import type { NvMemory } from "./nv.ts";
import { createSysCommands } from "./sys-commands.ts";
import { FrameType, type UnpiFrame } from "./unpi.ts";
import { createUtilCommands } from "./util-commands.ts";
import { createZdoCommands } from "./zdo-commands.ts";

export interface CoordinatorDeps {
  nv: NvMemory;
  air: Air;
  clock: Clock;
  random: Random;
  /** The address that was burned in. */
  eui64: string;
  /** To the host, if one is there. */
  write(frame: UnpiFrame): void;
}

/** As `devStates_t`: initialised but not started, and a coordinator that has started. */
const DevState = { HOLD: 0, ZB_COORD: 9 } as const;
/** Joining that nothing ends. */
const FOREVER = 0xff;

/** A Z-Stack 3.x.0 network processor: it runs what its flash says, and forgets the rest without power. */
export class Coordinator implements NetworkProcessor {
  readonly nv: NvMemory;
  readonly air: Air;
  readonly clock: Clock;
  readonly #deps: CoordinatorDeps;
  readonly #commands: ReadonlyMap<number, MtCommands>;
  started = false;
  endpoints = new Map<number, AfEndpoint>();
  groups = new Set<string>();
  requiresInstallCode = false;
  #known: { version: number; network: Network | undefined } | undefined;
  #permitUntil = 0;
  #cancelPermit = () => {};
  #transaction = 0;

  constructor(deps: CoordinatorDeps) {
    this.#deps = deps;
    this.nv = deps.nv;
    this.air = deps.air;
    this.clock = deps.clock;
    initialise(this.nv, deps.eui64, deps.random);
    const util = createUtilCommands(this);
    this.#commands = new Map<number, MtCommands>([
      [Subsystem.SYS, createSysCommands(this)],
      [Subsystem.AF, createAfCommands(this)],
      [Subsystem.ZDO, createZdoCommands(this)],
      [Subsystem.SAPI, util.sapi],
      [Subsystem.UTIL, util.util],
      [Subsystem.APP_CNF, createConfigurationCommands(this)],
    ]);
  }

  get eui64(): string {
    return coordinatorAddress(this.nv);
  }

  get deviceState(): number {
    return this.started ? DevState.ZB_COORD : DevState.HOLD;
  }

  get network(): Network | undefined {
    // Each frame asks for it, for each device.
    if (this.#known?.version !== this.nv.version) {
      this.#known = { version: this.nv.version, network: networkOf(this.nv) };
    }
    return this.#known.network;
  }

  get permitsJoin(): boolean {
    return this.started && this.clock.now() < this.#permitUntil;
  }

  /** A command of the host. */
  receive({ type, subsystem, id, data }: UnpiFrame): void {
    const handler = this.#commands.get(subsystem)?.[id];
    if (!handler) {
      // RPC error: no such command id (MT API 2.1.2), with the command that was refused.
      if (type === FrameType.SREQ) this.#write(FrameType.SRSP, 0, 0, octets(0x02, (type << 5) | subsystem, id));
      return;
    }
    let answer: Buffer | undefined;
    try {
      answer = handler(data);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // The command ends before its parameters do.
      if (type === FrameType.SREQ) this.#write(FrameType.SRSP, 0, 0, octets(0x04, (type << 5) | subsystem, id));
      return;
    }
    if (answer && type === FrameType.SREQ) this.#write(FrameType.SRSP, subsystem, id, answer);
  }

  indicate(subsystem: number, id: number, data: Buffer): void {
    this.#write(FrameType.AREQ, subsystem, id, data);
  }

  reset(clear: boolean): void {
    if (clear) {
      this.nv.clear();
      initialise(this.nv, this.#deps.eui64, this.#deps.random);
    }
    this.started = false;
    this.endpoints = new Map();
    this.groups = new Set();
    this.permitJoin(0);
  }

  start(form: boolean): boolean {
    const had = this.network !== undefined;
    if (form || !had) formNetwork(this.nv, this.#deps.random);
    this.started = true;
    const state = octets(DevState.ZB_COORD);
    setImmediate(() => this.indicate(Subsystem.ZDO, 0xc0, state));
    return had;
  }

  permitJoin(seconds: number): void {
    this.#cancelPermit();
    this.#permitUntil = seconds === FOREVER ? Number.POSITIVE_INFINITY : this.clock.now() + seconds * 1000;
    if (seconds > 0 && seconds !== FOREVER) {
      this.#cancelPermit = this.clock.after(seconds * 1000, () => this.permitJoin(0));
    }
    if (this.started) this.indicate(Subsystem.ZDO, 0xcb, octets(seconds));
    if (seconds > 0) this.air.admissionChanged();
  }

  /** A device was let in (Trust Center Device Indication), and says that it is there. */
  welcome(node: ZigbeeNode, address: number): void {
    rememberDevice(this.nv, node.eui64, address);
    this.indicate(Subsystem.ZDO, 0xca, octets(u16(address), euiToWire(node.eui64), u16(0)));
  }

  announced(node: ZigbeeNode, address: number): void {
    const own = u16(address);
    this.indicate(Subsystem.ZDO, 0xc1, octets(own, own, euiToWire(node.eui64), node.capability));
  }

  left(node: ZigbeeNode, address: number, rejoin: boolean): void {
    if (!rejoin) forgetDevice(this.nv, node.eui64);
    this.indicate(Subsystem.ZDO, 0xc9, octets(u16(address), euiToWire(node.eui64), 0, 0, rejoin ? 1 : 0));
  }

  /** A data frame of a device. */
  incoming(address: number, frame: ApsFrame): void {
    const { cluster, sourceEndpoint, destinationEndpoint, data } = frame;
    // Only endpoints that the host has registered have somebody who listens.
    if (!this.endpoints.has(destinationEndpoint)) return;
    this.#transaction = (this.#transaction + 1) & 0xff;
    const linkQuality = 160;
    const head = octets(u16(0), u16(cluster), u16(address), sourceEndpoint, destinationEndpoint, 0, linkQuality, 0);
    const time = u32(this.clock.now() % 0xffff_ffff);
    this.indicate(Subsystem.AF, 0x81, octets(head, time, this.#transaction, data.length, data, u16(address), 29));
  }

  stop(): void {
    this.#cancelPermit();
  }

  #write(type: number, subsystem: number, id: number, data: Buffer): void {
    this.#deps.write({ type, subsystem, id, data });
  }
}
