import type { Clock } from "@hearth/base";
import type { Air, Coordinator, CoordinatorDeps } from "../coordinator.ts";
import type { ApsFrame, ZigbeeNode } from "../device/node.ts";
import type { FlashContent } from "../flash.ts";
import { euiToWire, octets, u16 } from "../octets.ts";
import { AshLink, Code } from "./ash-link.ts";
import { EmberStatus, EzspStatus, FrameId } from "./codes.ts";
import { ConfigId, configurationValue, createConfigurationCommands, PolicyId } from "./configuration-commands.ts";
import { decodeCommand, type EzspCommand, encodeCallback, encodeResponse } from "./frame.ts";
import { createMessagingCommands, Incoming, incomingMessage } from "./messaging-commands.ts";
import { createMemory, type EzspCommands, type Ncp, type NcpMemory } from "./ncp.ts";
import { createNetworkCommands } from "./network-commands.ts";
import { createSecurityCommands } from "./security-commands.ts";
import { Tokens } from "./tokens.ts";

/** Joining that nothing ends. */
const FOREVER = 0xff;
/** A transient key for every device. */
const ANYBODY = "FFFFFFFFFFFFFFFF";
/** The trust centre's policy (`EzspDecisionBitmask`). */
const Policy = { ALLOW_JOINS: 0x01, INSTALL_CODE_ONLY: 0x10 } as const;
/** `EmberDeviceUpdate` and `EmberJoinDecision`. */
const Update = { SECURED_REJOIN: 0, UNSECURED_JOIN: 1, LEFT: 2 } as const;
const Decision = { USE_PRECONFIGURED_KEY: 0, NO_ACTION: 3 } as const;
const DEVICE_ANNOUNCEMENT = 0x0013;

/** An EmberZNet network co-processor: EZSP 13 over ASH. Its network is up when the host has said so. */
export class EzspCoordinator implements Coordinator, Ncp {
  readonly tokens: Tokens;
  readonly air: Air;
  readonly clock: Clock;
  readonly eui64: string;
  readonly #link: AshLink;
  readonly #commands: EzspCommands;
  memory: NcpMemory = createMemory();
  started = false;
  #known: { version: number; network: Tokens["network"] } | undefined;
  /** Of the last response. */
  #sequence = 0;
  #announcements = 0;
  #permitUntil = 0;
  #cancelPermit = () => {};

  constructor({ content, changed, air, clock, eui64, write }: CoordinatorDeps) {
    this.tokens = new Tokens(changed, content);
    this.air = air;
    this.clock = clock;
    this.eui64 = eui64;
    this.#link = new AshLink({
      clock,
      write,
      deliver: (frame) => this.#execute(frame),
      reset: () => this.#restart(),
    });
    this.#commands = {
      ...createConfigurationCommands(this),
      ...createNetworkCommands(this),
      ...createSecurityCommands(this),
      ...createMessagingCommands(this),
    };
  }

  get network(): Tokens["network"] {
    // Each frame asks for it, for each device.
    const { version } = this.tokens;
    if (this.#known?.version !== version) this.#known = { version, network: this.tokens.network };
    return this.#known.network;
  }

  get permitsJoin(): boolean {
    return this.started && this.clock.now() < this.#permitUntil;
  }

  get indirectTimeout(): number {
    return configurationValue(this, ConfigId.INDIRECT_TRANSMISSION_TIMEOUT);
  }

  installCodes(): string[] {
    return [...this.memory.transientKeys.keys()].filter((eui64) => eui64 !== ANYBODY && this.#transientKey(eui64));
  }

  linkKeyFor(eui64: string): Buffer | undefined {
    const policy = this.memory.policies.get(PolicyId.TRUST_CENTER) ?? 0;
    if ((policy & Policy.ALLOW_JOINS) === 0) return undefined;
    const own = this.#transientKey(eui64) ?? this.tokens.linkKeyOf(eui64);
    return own ?? (policy & Policy.INSTALL_CODE_ONLY ? undefined : this.#transientKey(ANYBODY));
  }

  content(): FlashContent {
    return this.tokens.content();
  }

  /** The line is as it was: a host begins with a reset. */
  connected(): void {}

  receive(octetsOfHost: Buffer): void {
    this.#link.receive(octetsOfHost);
  }

  welcome(node: ZigbeeNode, address: number): void {
    this.#tellOf(node, address, Update.UNSECURED_JOIN, Decision.USE_PRECONFIGURED_KEY);
  }

  announced(node: ZigbeeNode, address: number): void {
    this.#announcements = (this.#announcements + 1) & 0xff;
    const data = octets(this.#announcements, u16(address), euiToWire(node.eui64), node.capability);
    const frame = { profile: 0, cluster: DEVICE_ANNOUNCEMENT, sourceEndpoint: 0, destinationEndpoint: 0, data };
    this.callback(FrameId.INCOMING_MESSAGE_HANDLER, incomingMessage(this, address, frame, Incoming.BROADCAST));
  }

  left(node: ZigbeeNode, address: number, rejoin: boolean): void {
    if (rejoin) this.#tellOf(node, address, Update.SECURED_REJOIN, Decision.NO_ACTION);
    else this.#tellOf(node, address, Update.LEFT, Decision.NO_ACTION);
  }

  incoming(address: number, frame: ApsFrame): void {
    // Only endpoints that the host has added have somebody who listens.
    if (!this.memory.endpoints.has(frame.destinationEndpoint)) return;
    this.callback(FrameId.INCOMING_MESSAGE_HANDLER, incomingMessage(this, address, frame, Incoming.UNICAST));
  }

  powerOff(): void {
    this.#restart();
    this.#link.stop();
  }

  reboot(): void {
    this.#restart();
    this.#link.restarted(Code.WATCHDOG);
  }

  stop(): void {
    this.#cancelPermit();
    this.#link.stop();
  }

  // Ncp: what the commands do.

  callback(id: number, parameters: Buffer): void {
    if (this.memory.agreed) this.#link.send(encodeCallback(this.#sequence, id, parameters), true);
  }

  bringUp(): void {
    this.started = true;
    this.#tellStatus(EmberStatus.NETWORK_UP);
  }

  takeDown(): void {
    this.permitJoin(0, false);
    this.started = false;
    this.#tellStatus(EmberStatus.NETWORK_DOWN);
  }

  permitJoin(seconds: number, told: boolean): void {
    const was = this.permitsJoin;
    this.#cancelPermit();
    this.#permitUntil = seconds === FOREVER ? Number.POSITIVE_INFINITY : this.clock.now() + seconds * 1000;
    if (seconds > 0 && seconds !== FOREVER) {
      this.#cancelPermit = this.clock.after(seconds * 1000, () => this.permitJoin(0, told));
    }
    if (told && (seconds > 0 || was)) {
      this.#tellStatus(seconds > 0 ? EmberStatus.NETWORK_OPENED : EmberStatus.NETWORK_CLOSED);
    }
    if (seconds > 0) this.air.admissionChanged();
  }

  /** Only the tokens are left. */
  #restart(): void {
    this.permitJoin(0, false);
    this.started = false;
    this.memory = createMemory();
    this.#sequence = 0;
  }

  #transientKey(eui64: string): Buffer | undefined {
    const entry = this.memory.transientKeys.get(eui64);
    return entry && this.clock.now() < entry.until ? entry.key : undefined;
  }

  #tellOf(node: ZigbeeNode, address: number, update: number, decision: number): void {
    const parent = u16(0);
    const told = octets(u16(address), euiToWire(node.eui64), update, decision, parent);
    this.callback(FrameId.TRUST_CENTER_JOIN_HANDLER, told);
  }

  /** After the response to the command that has brought it about. */
  #tellStatus(status: number): void {
    const { memory } = this;
    setImmediate(() => {
      if (memory === this.memory) this.callback(FrameId.STACK_STATUS_HANDLER, octets(status));
    });
  }

  #execute(frame: Buffer): void {
    const command = decodeCommand(frame);
    if (!command) return;
    this.#sequence = command.sequence;
    const [id, parameters] = this.#respond(command);
    this.#link.send(encodeResponse(command, id, parameters), false);
  }

  #respond({ id, parameters }: EzspCommand): [id: number, parameters: Buffer] {
    const refused = (status: number): [number, Buffer] => [FrameId.INVALID_COMMAND, octets(status)];
    if (id !== FrameId.VERSION && !this.memory.agreed) return refused(EzspStatus.VERSION_NOT_SET);
    const handler = this.#commands[id];
    if (!handler) return refused(EzspStatus.INVALID_FRAME_ID);
    try {
      return [id, handler(parameters)];
    } catch (error) {
      // The command ends before its parameters do.
      if (error instanceof RangeError) return refused(EzspStatus.INVALID_VALUE);
      throw error;
    }
  }
}
