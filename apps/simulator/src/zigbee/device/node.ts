import type { Clock } from "@hearth/base";
import type { VirtualDevice } from "../../virtual-device.ts";
import { linkKeyOf } from "../install-code.ts";
import { octets, u16 } from "../octets.ts";
import type { ZigbeeType } from "../zcl/cluster.ts";
import type { ClusterServer, Destination } from "../zcl/cluster-server.ts";
import type { ZclValue } from "../zcl/data-types.ts";
import { zclTypes } from "../zcl/data-types.ts";
import { isInRange } from "../zcl/general-commands.ts";
import { Endpoint } from "./endpoint.ts";
import { Slumber } from "./slumber.ts";
import { answerZdp, type Binding, Zdp, ZdpStatus, type ZdpSubject } from "./zdp.ts";

export interface ApsFrame {
  cluster: number;
  profile: number;
  sourceEndpoint: number;
  destinationEndpoint: number;
  data: Buffer;
}

/** The network that a device is in; it is heard by the coordinator that has the same identity and key. */
export interface Membership {
  extendedPanId: string;
  key: string;
  address: number;
}

/** The air around a device. */
export interface Surroundings {
  clock: Clock;
  /** To the coordinator of its network; `undefined` is the coordinator's own address. */
  send(from: ZigbeeNode, frame: ApsFrame): void;
  coordinatorAddress(): string;
  announce(from: ZigbeeNode): void;
  /** Tells that it leaves; `rejoin` when it means to come back. */
  leave(from: ZigbeeNode, membership: Membership, rejoin: boolean): void;
  /** Asks to be let in wherever a network is open. */
  seek(from: ZigbeeNode): void;
  changed(): void;
}

export interface NodeSettings {
  id: string;
  type: ZigbeeType;
  eui64: string;
  /** With its CRC. */
  installCode: Buffer;
  secure: boolean;
  sleepy: boolean;
}

/** What a device remembers without power. */
export interface NodeContent {
  membership?: Membership;
  bindings: Binding[];
  clusters: {
    endpoint: number;
    cluster: number;
    values: (readonly [number, ZclValue])[];
    reporting: (readonly [number, { minimum: number; maximum: number; change: number }])[];
  }[];
}

/** Turned away before it was set up, a device looks again after this, and twice as long each time, until it gives up. */
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 60_000;
const SEARCH = 300_000;

/** The device profile's test value of a maker. */
const MANUFACTURER = 0xfff1;

export class ZigbeeNode implements VirtualDevice {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  readonly installCode: string;
  readonly eui64: string;
  readonly linkKey: Buffer;
  /** Comes in under its install code's key only. */
  readonly secure: boolean;
  readonly sleepy: boolean;
  readonly router: boolean;
  readonly endpoints: readonly Endpoint[];
  readonly slumber: Slumber;
  membership: Membership | undefined;
  /** Looks for an open network until it is in one. */
  seeking = false;
  readonly #surroundings: Surroundings;
  readonly #bindings: Binding[] = [];
  #sequence = 0;
  /** Since when it has been looking for a network, how long it pauses next, and what ends the pause. */
  #search = { until: 0, pause: FIRST_PAUSE, cancel: () => {} };
  #framesLeft = Number.POSITIVE_INFINITY;

  constructor(settings: NodeSettings, surroundings: Surroundings) {
    this.id = settings.id;
    this.type = settings.type.name;
    this.eui64 = settings.eui64;
    this.installCode = settings.installCode.toString("hex").toUpperCase();
    this.label = `Z:${settings.eui64}$I:${this.installCode}`;
    this.linkKey = linkKeyOf(settings.installCode);
    this.secure = settings.secure;
    this.sleepy = settings.sleepy;
    this.router = settings.type.router && !settings.sleepy;
    this.#surroundings = surroundings;
    this.slumber = new Slumber(surroundings.clock, settings.sleepy);
    this.endpoints = settings.type.endpoints.map(
      (spec) =>
        new Endpoint(spec, {
          clock: surroundings.clock,
          nextSequence: () => this.#nextSequence(),
          send: (cluster, frame, to) => this.#send(spec.id, cluster, frame, to),
          changed: () => surroundings.changed(),
        }),
    );
  }

  get joined(): boolean {
    return this.membership !== undefined;
  }

  get isMute(): boolean {
    return this.#framesLeft <= 0;
  }

  read(path: string): ZclValue {
    const [cluster, attribute] = this.#resolve(path);
    return cluster.value(attribute.id);
  }

  change(path: string, value: unknown): void {
    const [cluster, attribute, endpoint] = this.#resolve(path);
    cluster.set(attribute, byHand(value, attribute));
    endpoint.settle();
  }

  powerOn(): void {
    if (this.membership) {
      this.slumber.wake();
      this.#surroundings.announce(this);
      return;
    }
    this.#search.cancel();
    this.#search = { until: this.#surroundings.clock.now() + SEARCH, pause: FIRST_PAUSE, cancel: () => {} };
    this.#seek();
  }

  #seek(): void {
    this.seeking = true;
    this.#surroundings.seek(this);
  }

  /** The network has sent it away before anything was bound: it was not the one that it belongs to, or not yet. */
  #seekAgain(): void {
    const { clock } = this.#surroundings;
    const { until, pause } = this.#search;
    if (clock.now() + pause > until) return;
    const cancel = clock.after(pause, () => this.membership === undefined && this.#seek());
    this.#search = { until, pause: Math.min(pause * 2, LONGEST_PAUSE), cancel };
  }

  /** Sent away by its network. */
  dismissed(rejoin: boolean): void {
    const isSetUp = this.#bindings.length > 0;
    this.leave(rejoin);
    if (!rejoin && !isSetUp) this.#seekAgain();
  }

  press(): void {
    this.leave(false);
    this.powerOn();
  }

  mute(frames = 0): void {
    this.#framesLeft = frames;
  }

  unmute(): void {
    this.#framesLeft = Number.POSITIVE_INFINITY;
  }

  sleep(): void {
    this.slumber.sleep();
  }

  wake(): void {
    this.slumber.wake();
  }

  reset(): void {
    this.leave(false);
    for (const endpoint of this.endpoints) for (const cluster of endpoint.clusters) cluster.reset();
    this.unmute();
    this.#surroundings.changed();
  }

  /** Let in: it listens for a while, as devices do that are being set up. */
  join(membership: Membership): void {
    this.membership = membership;
    this.seeking = false;
    this.slumber.wake();
    this.#surroundings.changed();
  }

  leave(rejoin: boolean): void {
    const { membership } = this;
    this.seeking = false;
    this.#search.cancel();
    if (!membership) return;
    this.#surroundings.leave(this, membership, rejoin);
    if (rejoin) {
      this.#surroundings.announce(this);
      return;
    }
    this.membership = undefined;
    this.#bindings.length = 0;
    for (const endpoint of this.endpoints) for (const cluster of endpoint.clusters) cluster.reporting.clear();
    this.#surroundings.changed();
  }

  /** Whether a frame of its own goes out now; each one counts towards `mute`. */
  speaks(): boolean {
    if (this.isMute) return false;
    this.#framesLeft -= 1;
    this.slumber.stir();
    return true;
  }

  /** A data frame that arrived. */
  receive(frame: ApsFrame, unicast: boolean): void {
    this.slumber.stir();
    const { destinationEndpoint } = frame;
    const addressed = this.endpoints.filter(
      ({ spec }) => destinationEndpoint === 0xff || spec.id === destinationEndpoint,
    );
    for (const endpoint of addressed) {
      const answer = endpoint.receive(frame.cluster, frame.data, unicast);
      if (answer) {
        this.#surroundings.send(this, {
          ...frame,
          sourceEndpoint: endpoint.spec.id,
          destinationEndpoint: frame.sourceEndpoint,
          data: answer,
        });
      }
      endpoint.settle();
    }
  }

  /** The answer to a request of the device profile. */
  answer(request: number, payload: Buffer): Buffer {
    this.slumber.stir();
    if (request === Zdp.MGMT_LEAVE) return octets(ZdpStatus.SUCCESS);
    if (request === Zdp.MGMT_PERMIT_JOINING) return octets(this.router ? ZdpStatus.SUCCESS : ZdpStatus.NOT_SUPPORTED);
    const answer = answerZdp(this.#subject(), request, payload);
    if (request === Zdp.BIND || request === Zdp.UNBIND) this.#surroundings.changed();
    return answer;
  }

  /** MAC capability flags (Zigbee specification 2.3.2.3.6). */
  get capability(): number {
    if (this.router) return 0x8e;
    return this.sleepy ? 0x80 : 0x8c;
  }

  content(): NodeContent {
    return {
      ...(this.membership ? { membership: this.membership } : {}),
      bindings: this.#bindings,
      clusters: this.#clusters().map(([endpoint, cluster]) => ({
        endpoint: endpoint.spec.id,
        cluster: cluster.spec.id,
        values: cluster.content(),
        reporting: cluster.reporting
          .all()
          .map(([id, { minimum, maximum, change }]) => [id, { minimum, maximum, change }] as const),
      })),
    };
  }

  restore(content: NodeContent): void {
    this.membership = content.membership;
    this.#bindings.push(...content.bindings);
    for (const [endpoint, cluster] of this.#clusters()) {
      const kept = content.clusters.find(
        (other) => other.endpoint === endpoint.spec.id && other.cluster === cluster.spec.id,
      );
      if (!kept) continue;
      cluster.restore(kept.values);
      for (const [id, configuration] of kept.reporting) {
        const attribute = cluster.visible(id);
        if (attribute) cluster.reporting.configure(id, zclTypes[attribute.type].analog, configuration);
      }
    }
  }

  /** Ends its timers. */
  stop(): void {
    this.#search.cancel();
    this.slumber.stop();
    for (const [, cluster] of this.#clusters()) cluster.stop();
  }

  #clusters(): [Endpoint, ClusterServer][] {
    return this.endpoints.flatMap((endpoint) =>
      endpoint.clusters.map((cluster): [Endpoint, ClusterServer] => [endpoint, cluster]),
    );
  }

  #subject(): ZdpSubject {
    return {
      address: this.membership?.address ?? 0xfffe,
      eui64: this.eui64,
      bindings: this.#bindings,
      nodeDescriptor: () => nodeDescriptor(this.router ? 1 : 2, this.capability, MANUFACTURER, 0),
      endpoints: () =>
        this.endpoints.map((endpoint) => ({
          id: endpoint.spec.id,
          profile: endpoint.spec.profile ?? 0x0104,
          inputs: endpoint.spec.server.map(({ id }) => id),
          outputs: [...(endpoint.spec.client ?? [])],
          simpleDescriptor: endpoint.simpleDescriptor(),
        })),
      neighbours: () => [],
    };
  }

  #send(endpoint: number, cluster: number, data: Buffer, to: Destination): void {
    const coordinator = this.#surroundings.coordinatorAddress();
    const profile = 0x0104;
    if (to !== "bound") {
      if (to.address !== coordinator) return;
      this.#surroundings.send(this, { cluster, profile, sourceEndpoint: endpoint, destinationEndpoint: 1, data });
      return;
    }
    for (const binding of this.#bindings) {
      if (binding.endpoint !== endpoint || binding.cluster !== cluster || !("address" in binding.to)) continue;
      // What is bound to another device would go to that one: nothing here listens there.
      if (binding.to.address !== coordinator) continue;
      const destinationEndpoint = binding.to.endpoint;
      this.#surroundings.send(this, { cluster, profile, sourceEndpoint: endpoint, destinationEndpoint, data });
    }
  }

  #nextSequence(): number {
    this.#sequence = (this.#sequence + 1) & 0xff;
    return this.#sequence;
  }

  /** `endpoint/cluster/attribute` by numbers or names; without endpoint or cluster where the name is clear. */
  #resolve(path: string): [ClusterServer, ClusterServer["attributes"][number], Endpoint] {
    const parts = path.split("/");
    const wanted = parts.at(-1) ?? "";
    const [cluster, endpoint] = [parts.at(-2), parts.at(-3)];
    for (const candidate of this.endpoints) {
      if (endpoint !== undefined && Number(endpoint) !== candidate.spec.id) continue;
      for (const server of cluster === undefined ? candidate.clusters : [candidate.find(cluster)]) {
        const attribute = server?.attribute(wanted);
        if (server && attribute && (cluster !== undefined || !/^\d/.test(wanted)))
          return [server, attribute, candidate];
      }
    }
    const names = this.endpoints.flatMap((each) => [...each.attributes()].map(([, { name }]) => name));
    throw new RangeError(`${this.id} has no ${path}; it has ${[...new Set(names)].join(", ")}`);
  }
}

/** Node descriptor (Zigbee specification 2.3.2.3). */
export function nodeDescriptor(logicalType: number, capability: number, manufacturer: number, server: number): Buffer {
  const frequency2400 = 0x40;
  const revision21 = 0x2a00;
  return octets(
    logicalType,
    frequency2400,
    capability,
    u16(manufacturer),
    82,
    u16(128),
    u16(revision21 | server),
    u16(128),
    0,
  );
}

/** A value as a hand sets it: text is taken for what the attribute holds. */
function byHand(value: unknown, attribute: ClusterServer["attributes"][number]): ZclValue {
  const codec = zclTypes[attribute.type];
  const example = codec.decode(codec.encode(attribute.value), 0)?.value;
  const told = `${attribute.name} does not take ${String(value)}`;
  if (typeof example === "string") return String(value);
  if (typeof example === "boolean") {
    const known = new Map<unknown, boolean>([
      [true, true],
      [false, false],
      ["true", true],
      ["false", false],
      ["on", true],
      ["off", false],
      [1, true],
      [0, false],
      ["1", true],
      ["0", false],
    ]).get(value);
    if (known === undefined) throw new RangeError(`${told}: true or false`);
    return known;
  }
  const number = typeof value === "boolean" ? Number(value) : Number(value === "" ? Number.NaN : value);
  if (!Number.isFinite(number)) throw new RangeError(`${told}: a number`);
  const held = codec.decode(codec.encode(number), 0)?.value;
  if (!isInRange(attribute, number) || (attribute.type !== "single" && held !== number)) {
    throw new RangeError(`${told}: it is out of the range`);
  }
  return number;
}
