import type { Clock } from "@hearth/base";
import type { Air, Coordinator, CoordinatorDeps, HostEndpoint } from "../coordinator.ts";
import type { ApsFrame, ZigbeeNode } from "../device/node.ts";
import type { FlashContent } from "../flash.ts";
import { GLOBAL_LINK_KEY } from "../install-code.ts";
import { euiToWire, octets, u16, u32 } from "../octets.ts";
import { createAfCommands } from "./af-commands.ts";
import { createConfigurationCommands, installCodesOf, linkKeyFor } from "./configuration-commands.ts";
import { type MtCommands, type NetworkProcessor, Subsystem } from "./mt.ts";
import {
  coordinatorAddress,
  forgetDevice,
  formNetwork,
  initialise,
  type Network,
  networkOf,
  rememberDevice,
} from "./network.ts";
import { NvMemory } from "./nv.ts";
import { createSysCommands, resetIndication } from "./sys-commands.ts";
import { encodeUnpi, FrameType, type UnpiFrame, UnpiParser } from "./unpi.ts";
import { createUtilCommands } from "./util-commands.ts";
import { createZdoCommands } from "./zdo-commands.ts";

/** Z-Stack's NWK_INDIRECT_MSG_TIMEOUT. */
const INDIRECT_TIMEOUT = 7_000;
/** As `devStates_t`: initialised but not started, and a coordinator that has started. */
const DevState = { HOLD: 0, ZB_COORD: 9 } as const;
/** Joining that nothing ends. */
const FOREVER = 0xff;
/** A watchdog's reset (MT API, SYS_RESET_IND). */
const WATCHDOG = 2;

/** A Z-Stack 3.x.0 network processor: it runs what its flash says, and forgets the rest without power. */
export class ZnpCoordinator implements Coordinator, NetworkProcessor {
  readonly nv: NvMemory;
  readonly air: Air;
  readonly clock: Clock;
  readonly #deps: CoordinatorDeps;
  readonly #commands: ReadonlyMap<number, MtCommands>;
  readonly indirectTimeout = INDIRECT_TIMEOUT;
  started = false;
  endpoints = new Map<number, HostEndpoint>();
  groups = new Set<string>();
  requiresInstallCode = false;
  #known: { version: number; network: Network | undefined } | undefined;
  #permitUntil = 0;
  #cancelPermit = () => {};
  #transaction = 0;
  #parser = this.#createParser();

  constructor(deps: CoordinatorDeps) {
    this.#deps = deps;
    this.nv = new NvMemory(deps.changed, deps.content);
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

  installCodes(): string[] {
    return installCodesOf(this.nv);
  }

  linkKeyFor(eui64: string): Buffer | undefined {
    return linkKeyFor(this.nv, eui64) ?? (this.requiresInstallCode ? undefined : GLOBAL_LINK_KEY);
  }

  content(): FlashContent {
    return this.nv.content();
  }

  connected(): void {
    this.#parser = this.#createParser();
  }

  receive(octetsOfHost: Buffer): void {
    this.#parser.push(octetsOfHost);
  }

  #createParser(): UnpiParser {
    return new UnpiParser((frame) => this.#execute(frame));
  }

  /** A command of the host. */
  #execute({ type, subsystem, id, data }: UnpiFrame): void {
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
      this.nv.erase();
      initialise(this.nv, this.#deps.eui64, this.#deps.random);
    }
    this.started = false;
    this.endpoints = new Map();
    this.groups = new Set();
    this.permitJoin(0);
  }

  powerOff(): void {
    this.reset(false);
  }

  reboot(): void {
    this.reset(false);
    this.indicate(Subsystem.SYS, 0x80, resetIndication(WATCHDOG));
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

  /** Trust Center Device Indication. */
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
    this.#deps.write(encodeUnpi({ type, subsystem, id, data }));
  }
}
