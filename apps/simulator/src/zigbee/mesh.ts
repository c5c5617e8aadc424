import { createHash } from "node:crypto";
import { type Clock, systemClock } from "@hearth/base";
import { zigbeeType } from "../catalogue.ts";
import type { CoordinatorKind, RadioOptions, ZigbeeMesh } from "../virtual-device.ts";
import type { Air, Coordinator, CoordinatorDeps, Delivery } from "./coordinator.ts";
import { type ApsFrame, type Membership, type Surroundings, ZigbeeNode } from "./device/node.ts";
import { EzspCoordinator } from "./ezsp/coordinator.ts";
import { HostPort } from "./host-port.ts";
import { GLOBAL_LINK_KEY, withCrc } from "./install-code.ts";
import { type MeshContent, readMeshFile, writeMeshFile } from "./mesh-file.ts";
import { createRandom, type Random } from "./random.ts";
import { ZnpCoordinator } from "./znp/coordinator.ts";

/** First octets of the addresses: locally administered, so that they are nobody's. */
const DEVICE_PREFIX = "0248656100";
const COORDINATOR_PREFIX = "02486561FF";
/** Changes within this many milliseconds are written to the store together. */
const STORE_DELAY = 50;

/** Two sticks have two addresses. */
const COORDINATOR_SEEDS: Readonly<Record<CoordinatorKind, string>> = { zstack: "coordinator", ember: "ember" };

const coordinators: Readonly<Record<CoordinatorKind, new (deps: CoordinatorDeps) => Coordinator>> = {
  zstack: ZnpCoordinator,
  ember: EzspCoordinator,
};

/** Starts a coordinator on a TCP port, and the devices around it: off, unless the store says that they are in its network. */
export const startZigbeeMesh = (options: RadioOptions): Promise<ZigbeeMesh> => startMesh(options, systemClock);

/** The same on a clock of one's own. */
export async function startMesh(options: RadioOptions, clock: Clock): Promise<ZigbeeMesh> {
  const kept = options.store === undefined ? undefined : readMeshFile(options.store);
  const mesh = new Mesh(options, clock, kept);
  await mesh.open();
  return mesh;
}

class Mesh implements ZigbeeMesh, Air, Surroundings {
  readonly clock: Clock;
  readonly devices: readonly ZigbeeNode[];
  readonly #coordinator: Coordinator;
  readonly #port: HostPort;
  readonly #store: string | undefined;
  readonly #kind: CoordinatorKind;
  /** The address that was burned in; a host may have given the stick another. */
  readonly #eui64: string;
  /** Losses have numbers of their own, so that the same seed loses the same frames whatever was joined before. */
  readonly #losses: Random;
  readonly #random: Random;
  #lossRate = 0;
  #cancelWrite: (() => void) | undefined;
  /** The stick has power. */
  #powered = true;

  constructor(options: RadioOptions, clock: Clock, kept: MeshContent | undefined) {
    this.clock = clock;
    const seed = options.seed ?? 1;
    this.#random = createRandom(seed);
    this.#losses = createRandom(seed ^ 0x5eed);
    this.#store = options.store;
    this.#kind = options.coordinator ?? "zstack";
    // A store of another kind of stick is a house whose stick was replaced: the devices stay.
    const stick = (kept?.coordinator.kind ?? "zstack") === this.#kind ? kept?.coordinator : undefined;
    this.#eui64 =
      stick?.eui64 ??
      COORDINATOR_PREFIX + derived(seed, COORDINATOR_SEEDS[this.#kind], 3).toString("hex").toUpperCase();
    this.devices = this.#createDevices(options, kept);
    this.#coordinator = new coordinators[this.#kind]({
      content: stick?.nv,
      changed: () => this.changed(),
      air: this,
      clock,
      random: this.#random,
      eui64: this.#eui64,
      write: (octets) => this.#port.write(octets),
    });
    this.#port = new HostPort({ host: options.host ?? "127.0.0.1", port: options.port ?? 0 }, this.#coordinator);
  }

  get port(): number {
    return this.#port.port;
  }

  open(): Promise<void> {
    return this.#port.open();
  }

  joinState(): { open: boolean; installCodes: string[] } {
    return { open: this.#coordinator.permitsJoin, installCodes: this.#coordinator.installCodes() };
  }

  loss(rate: number): void {
    this.#lossRate = Math.min(Math.max(rate, 0), 1);
  }

  async cut(): Promise<void> {
    this.#powered = false;
    this.#coordinator.powerOff();
    await this.#port.close();
  }

  reboot(): void {
    if (this.#powered) this.#coordinator.reboot();
  }

  async restore(): Promise<void> {
    this.#powered = true;
    await this.#port.open();
  }

  async close(): Promise<void> {
    this.#powered = false;
    this.#cancelWrite?.();
    if (this.#cancelWrite) this.#write();
    this.#coordinator.stop();
    for (const device of this.devices) device.stop();
    await this.#port.close();
  }

  // Surroundings: what a device does in the air.

  send(from: ZigbeeNode, frame: ApsFrame): void {
    const address = from.membership?.address;
    this.reply(from, () => {
      if (address !== undefined) this.#coordinator.incoming(address, frame);
    });
  }

  coordinatorAddress(): string {
    return this.#coordinator.eui64;
  }

  announce(from: ZigbeeNode): void {
    this.reply(from, () => {
      if (from.membership) this.#coordinator.announced(from, from.membership.address);
    });
  }

  leave(from: ZigbeeNode, membership: Membership, rejoin: boolean): void {
    // It speaks its last while it is still a member.
    if (!this.#hears(membership) || from.isMute || this.#isLost()) return;
    this.#coordinator.left(from, membership.address, rejoin);
  }

  seek(from: ZigbeeNode): void {
    setImmediate(() => this.#admit(from));
  }

  changed(): void {
    if (this.#store === undefined || this.#cancelWrite) return;
    this.#cancelWrite = this.clock.after(STORE_DELAY, () => this.#write());
  }

  // Air: what the coordinator does in it.

  unicast(address: number, arrive: (node: ZigbeeNode) => void, confirm: (outcome: Delivery) => void): void {
    const node = this.members().find(({ membership }) => membership?.address === address);
    setImmediate(() => {
      if (!node) return confirm("no-route");
      node.slumber.hold(
        this.#coordinator.indirectTimeout,
        () => {
          if (node.isMute || !this.#hears(node.membership) || this.#isLost()) return confirm("unacknowledged");
          confirm("delivered");
          arrive(node);
        },
        () => confirm("expired"),
      );
    });
  }

  broadcast(toSleepers: boolean, arrive: (node: ZigbeeNode) => void): void {
    setImmediate(() => {
      for (const node of this.members()) {
        if ((node.sleepy && !toSleepers) || node.isMute || this.#isLost()) continue;
        node.slumber.hold(
          this.#coordinator.indirectTimeout,
          () => arrive(node),
          () => {},
        );
      }
    });
  }

  reply(from: ZigbeeNode, arrive: () => void): void {
    if (!this.#hears(from.membership) || !from.speaks() || this.#isLost()) return;
    setImmediate(() => {
      if (this.#powered && this.#coordinator.started) arrive();
    });
  }

  members(): readonly ZigbeeNode[] {
    return this.devices.filter((device) => this.#hears(device.membership));
  }

  admissionChanged(): void {
    for (const device of this.devices) if (device.seeking) this.seek(device);
  }

  #hears(membership: Membership | undefined): boolean {
    const { network } = this.#coordinator;
    return (
      membership !== undefined && network?.extendedPanId === membership.extendedPanId && network.key === membership.key
    );
  }

  #isLost(): boolean {
    return this.#lossRate > 0 && this.#losses() < this.#lossRate;
  }

  /** The trust centre sends the network key under the link key that it has for the device; whether that opens it, is the device's. */
  #admit(device: ZigbeeNode): void {
    const { network, permitsJoin } = this.#coordinator;
    if (!device.seeking || device.isMute || !this.#powered || !permitsJoin || !network) return;
    const key = this.#coordinator.linkKeyFor(device.eui64);
    if (!key) return;
    const opens = key.equals(device.linkKey) || (!device.secure && key.equals(GLOBAL_LINK_KEY));
    if (!opens) return;
    const address = this.#freeAddress();
    device.join({ extendedPanId: network.extendedPanId, key: network.key, address });
    this.#coordinator.welcome(device, address);
    this.announce(device);
  }

  /** Stochastic addressing (Zigbee specification 3.6.1.7). */
  #freeAddress(): number {
    const taken = new Set(this.devices.map(({ membership }) => membership?.address));
    for (;;) {
      const address = 1 + Math.floor(this.#random() * 0xfff6);
      if (!taken.has(address)) return address;
    }
  }

  #createDevices(options: RadioOptions, kept: MeshContent | undefined): ZigbeeNode[] {
    const counts = new Map<string, number>();
    const addresses = new Set<string>();
    return options.devices.map(({ type: name, address, secure = false, sleepy = false }) => {
      const type = zigbeeType(name);
      const count = (counts.get(type.name) ?? 0) + 1;
      counts.set(type.name, count);
      const id = `${type.name}-${count}`;
      const seed = options.seed ?? 1;
      const eui64 = (address ?? DEVICE_PREFIX + derived(seed, id, 3).toString("hex")).toUpperCase();
      if (!/^[0-9A-F]{16}$/.test(eui64)) throw new RangeError(`${eui64} is no EUI-64: 16 hexadecimal digits`);
      if (addresses.has(eui64)) throw new RangeError(`two devices have the address ${eui64}`);
      addresses.add(eui64);
      const installCode = withCrc(derived(seed, eui64, 16));
      const node = new ZigbeeNode({ id, type, eui64, installCode, secure, sleepy }, this);
      const before = kept?.devices.find((other) => other.eui64 === eui64 && other.type === type.name);
      if (before) node.restore(before.content);
      return node;
    });
  }

  #write(): void {
    this.#cancelWrite = undefined;
    if (this.#store === undefined) return;
    writeMeshFile(this.#store, {
      coordinator: { kind: this.#kind, eui64: this.#eui64, nv: this.#coordinator.content() },
      devices: this.devices.map((device) => ({ eui64: device.eui64, type: device.type, content: device.content() })),
    });
  }
}

/** The same for the same seed and name, whatever else is in the mesh. */
const derived = (seed: number, name: string, length: number): Buffer =>
  createHash("sha256").update(`${seed}/${name}`).digest().subarray(0, length);
