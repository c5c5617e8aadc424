import { CommandClass, MultiChannelCCCommandEncapsulation, Security2CC, SecurityCC } from "@zwave-js/cc";
import { keyPairFromRawECDHPrivateKey, SecurityClass, SPANState } from "@zwave-js/core";
import {
  createMockZWaveRequestFrame,
  type MockController,
  MockNode,
  type MockZWaveFrame,
  MockZWaveFrameType,
  type MockZWaveRequestFrame,
} from "@zwave-js/testing";
import { createDefaultMockNodeBehaviors } from "zwave-js/Testing";
import type { VirtualDevice } from "../virtual-device.ts";
import {
  answerTo,
  changeBy,
  pathAt,
  type ReceivedCommand,
  type Report,
  reportOf,
  valuesOf,
  wakeUp,
} from "./command-classes.ts";
import type { NodeCommandClass, NodeSecurity, NodeType } from "./device-types.ts";
import { dskGroups, hidden, qrCodeText } from "./qr-code.ts";
import { inTheAir, whetherSealed } from "./sealed-frames.ts";
import type { StoredNode } from "./store.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const MANUFACTURER = 0xfffe;
const APPLICATION_VERSION = 0x0100;

const keysOf: Readonly<Record<NodeSecurity, readonly SecurityClass[]>> = {
  none: [],
  optional: [SecurityClass.S2_Authenticated, SecurityClass.S2_Unauthenticated],
  authenticated: [SecurityClass.S2_Authenticated],
  "access-control": [SecurityClass.S2_AccessControl],
  s0: [SecurityClass.S0_Legacy],
};

/** Every class of keys, so that what is not granted is known not to be. */
const ALL_KEYS = [
  SecurityClass.S2_Unauthenticated,
  SecurityClass.S2_Authenticated,
  SecurityClass.S2_AccessControl,
  SecurityClass.S0_Legacy,
];

/** Security 2's commands that this file looks at. */
const SECURITY_2 = {
  id: 0x9f,
  nonceGet: 0x01,
  nonceReport: 0x02,
  messageEncapsulation: 0x03,
  kexSet: 0x06,
  publicKeyReport: 0x08,
};
const SECURITY_0 = { id: 0x98, nonceReport: 0x80, networkKeyVerify: 0x07, networkKeySet: 0x06 };
const MULTI_CHANNEL = { id: 0x60, version: 4 };
const BOOTSTRAP_STATE = "Security2_bootstrapState";
const FINALIZING = 4;
/**
 * What a node takes at least between the steps of its key exchange. A host listens for the next step when the last has been
 * acknowledged, and not earlier.
 */
const KEY_STEP = 15;
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A report, which may have to be told again until then. */
interface Told {
  report: () => Report;
  until: number;
}

/** What the network does for a node. */
export interface NodeSurroundings {
  readonly controller: MockController;
  /** A button was pressed. */
  onPress(node: VirtualNode): void;
  /** The node looks for its network. */
  onPowerOn(node: VirtualNode): void;
  /** Something that has to be remembered has changed. */
  onChange(): void;
}

export interface VirtualNodeOptions {
  id: string;
  type: NodeType;
  security: NodeSecurity;
  sleepy: boolean;
  privateKey: Bytes;
}

/** A Z-Wave node: its functions, its keys, and the person in front of it. */
export class VirtualNode implements VirtualDevice {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  readonly pin?: string;
  readonly dsk: Uint8Array;
  readonly nodeType: NodeType;
  readonly sleepy: boolean;
  /** Looks for a network by SmartStart. */
  announcing = false;
  /** Its button was pressed and nobody has heard it yet. */
  learning = false;
  #bySmartStart = false;
  readonly #security: NodeSecurity;
  readonly #privateKey: Bytes;
  readonly #publicKey: Bytes;
  readonly #around: NodeSurroundings;
  readonly #values: Map<string, unknown>;
  #granted = new Map<SecurityClass, Bytes>();
  #node: MockNode | undefined;
  /** Sent frames that are left before it falls silent. */
  #framesLeft = Number.POSITIVE_INFINITY;
  #awake = true;
  #wakeUpInterval = 3_600;
  #unsolicited: Promise<void> = Promise.resolve();
  #last: Told | undefined;

  private constructor(options: VirtualNodeOptions, publicKey: Bytes, around: NodeSurroundings) {
    this.id = options.id;
    this.type = options.type.name;
    this.nodeType = options.type;
    this.sleepy = options.sleepy;
    this.#security = options.security;
    this.#privateKey = options.privateKey;
    this.#publicKey = publicKey;
    this.#around = around;
    this.#values = new Map(Object.entries(options.type.values));
    this.dsk = publicKey.slice(0, 16);
    const groups = dskGroups(this.dsk);
    if (this.#isS2) this.pin = groups[0]!;
    this.label = qrCodeText({
      requestedKeys: keysOf[options.security].reduce((bits, key) => bits | (1 << key), 0),
      dsk: this.dsk,
      genericDeviceClass: options.type.genericDeviceClass,
      specificDeviceClass: options.type.specificDeviceClass,
      installerIcon: options.type.installerIcon,
      manufacturerId: MANUFACTURER,
      productType: 1,
      productId: options.type.productId,
      applicationVersion: APPLICATION_VERSION,
    });
  }

  static async create(options: VirtualNodeOptions, around: NodeSurroundings): Promise<VirtualNode> {
    const { publicKey } = await keyPairFromRawECDHPrivateKey(options.privateKey);
    return new VirtualNode(options, publicKey, around);
  }

  get #isS2(): boolean {
    return this.#security !== "none" && this.#security !== "s0";
  }

  /** SmartStart's first contact is part of S2. */
  get canSmartStart(): boolean {
    return this.#isS2;
  }

  get joined(): boolean {
    return this.#node !== undefined;
  }

  get nodeId(): number | undefined {
    return this.#node?.id;
  }

  /** Whether its radio is on at all. */
  get audible(): boolean {
    return this.#framesLeft > 0;
  }

  /** Whether a frame for it would arrive and be acknowledged. */
  get reachable(): boolean {
    return this.#node !== undefined && this.#awake && this.audible;
  }

  /** Basic, generic and specific class, then the command classes of its information frame. */
  get information(): number[] {
    return [0x04, this.nodeType.genericDeviceClass, this.nodeType.specificDeviceClass, ...this.#supported()];
  }

  read(path: string): unknown {
    if (!this.#values.has(path))
      throw new Error(`${this.id} has no ${path}; it has ${[...this.#values.keys()].join(", ")}`);
    return this.#values.get(path);
  }

  change(path: string, value: unknown): void {
    if (typeof value !== typeof this.read(path)) throw new TypeError(`${path} is a ${typeof this.read(path)}`);
    this.#values.set(path, value);
    this.#around.onChange();
    // A sleeping node turns its radio on for what it has to tell. A state that is told late, or again, is the one of then.
    const endpoint = this.nodeType.endpoints ? { endpoint: Number(path.split("/")[0]) } : {};
    this.#tell(() => ({ ...reportOf(path, isEvent(path) ? value : this.read(path)), ...endpoint }));
  }

  powerOn(): void {
    this.unmute();
    this.#awake = true;
    // SmartStart without keys at the end was none: the node goes back to where it was (S2, SmartStart).
    if (this.joined && this.#bySmartStart && this.#granted.size === 0) {
      this.leave();
      this.#around.onChange();
    }
    this.#around.onPowerOn(this);
  }

  press(): void {
    this.learning = true;
    this.#around.onPress(this);
  }

  mute(frames = 0): void {
    this.#framesLeft = frames;
  }

  unmute(): void {
    this.#framesLeft = Number.POSITIVE_INFINITY;
  }

  sleep(): void {
    if (this.sleepy) this.#awake = false;
  }

  wake(): void {
    if (!this.sleepy) return;
    this.#awake = true;
    this.#tell(() => wakeUp.notification);
  }

  reset(): void {
    this.leave();
    for (const [path, value] of Object.entries(this.nodeType.values)) this.#values.set(path, value);
    this.#around.onChange();
  }

  /** Forgets its network and the network's keys. */
  leave(): void {
    this.#node = undefined;
    this.#granted.clear();
    this.learning = false;
    this.announcing = false;
    this.#awake = true;
  }

  /** Becomes node `nodeId`; `granted` are the keys that it had before a restart of the simulator. */
  async join(nodeId: number, granted?: ReadonlyMap<SecurityClass, Bytes>): Promise<MockNode> {
    const { controller } = this.#around;
    const node = await MockNode.create({
      controller,
      id: nodeId,
      capabilities: {
        txDelay: 0,
        isListening: !this.sleepy,
        isFrequentListening: false,
        manufacturerId: MANUFACTURER,
        productType: 1,
        productId: this.nodeType.productId,
        firmwareVersion: "1.0",
        basicDeviceClass: 4,
        genericDeviceClass: this.nodeType.genericDeviceClass,
        specificDeviceClass: this.nodeType.specificDeviceClass,
        supportsSecurity: this.#security !== "none",
        securityClasses: new Set(keysOf[this.#security]),
        commandClasses: [
          { ccId: 0x5e, version: 2 },
          { ccId: 0x72, version: 1 },
          { ccId: 0x86, version: 3 },
          { ccId: 0x6c, version: 1 },
          ...(this.#isS2 ? [{ ccId: SECURITY_2.id, version: 1 }] : []),
          ...(this.#security === "s0" ? [{ ccId: SECURITY_0.id, version: 1 }] : []),
          ...(this.sleepy ? [{ ccId: wakeUp.id, version: wakeUp.version }] : []),
          ...(this.nodeType.endpoints ? [{ ccId: MULTI_CHANNEL.id, version: MULTI_CHANNEL.version }] : []),
          ...this.nodeType.commandClasses.map(this.#mocked),
        ],
        endpoints: (this.nodeType.endpoints ?? []).map(({ commandClasses, ...classes }) => ({
          ...classes,
          commandClasses: commandClasses.map(this.#mocked),
        })),
      },
    });
    node.ecdhKeyPair = { publicKey: this.#publicKey, privateKey: this.#privateKey };
    node.defineBehavior(...createDefaultMockNodeBehaviors());
    this.#defineBehavior(node);
    this.#node = node;
    this.#awake = true;
    this.#bySmartStart = this.announcing;
    this.#granted = new Map(granted);
    if (granted) await this.#useKeys(node);
    return node;
  }

  stored(): StoredNode {
    return {
      type: this.type,
      privateKey: Buffer.from(this.#privateKey).toString("hex"),
      nodeId: this.nodeId,
      granted: Object.fromEntries([...this.#granted].map(([key, value]) => [key, Buffer.from(value).toString("hex")])),
      values: Object.fromEntries(this.#values),
    };
  }

  async restore(stored: StoredNode): Promise<MockNode | undefined> {
    for (const path of this.#values.keys()) if (path in stored.values) this.#values.set(path, stored.values[path]);
    if (stored.nodeId === undefined) return undefined;
    const granted = Object.entries(stored.granted).map(
      ([key, value]) => [Number(key), Uint8Array.from(Buffer.from(value, "hex"))] as const,
    );
    return await this.join(stored.nodeId, new Map(granted));
  }

  /** As the mocks have it. */
  readonly #mocked = ({ id, version, says }: NodeCommandClass) => ({
    ...{ ccId: id, version, secure: this.#security !== "none" },
    ...says,
  });

  #supported(): number[] {
    const { commandClasses, endpoints } = this.nodeType;
    const own = [...(endpoints ? [MULTI_CHANNEL] : []), ...commandClasses].map(({ id }) => id);
    const security = this.#isS2 ? [SECURITY_2.id] : this.#security === "s0" ? [SECURITY_0.id] : [];
    return [0x5e, 0x72, 0x86, 0x6c, ...security, ...(this.sleepy ? [wakeUp.id] : []), ...own];
  }

  #defineBehavior(node: MockNode): void {
    const send = node.sendToController.bind(node);
    node.sendToController = async (frame) => {
      if (node !== this.#node) return undefined;
      if (frame.type === MockZWaveFrameType.Request && this.#framesLeft-- <= 0) {
        this.#framesLeft = 0;
        return undefined;
      }
      if (node.state.has(BOOTSTRAP_STATE) && this.#granted.size === 0) await wait(KEY_STEP);
      return await send(inTheAir(node, frame)).catch(() => undefined);
    };
    node.defineBehavior({
      handleCC: async (controller, _, received) => {
        const command = received as unknown as ReceivedCommand;
        node.clearReceivedControllerFrames();
        node.clearSentControllerFrames();
        await this.#followSecurity(node, command);
        const endpoint = command.endpointIndex || 1;
        const values = valuesOf(this.#values, endpoint);
        const change = changeBy(command, values);
        if (change) {
          const [path, value] = change;
          this.#values.set(pathAt(endpoint, path), value);
          this.#around.onChange();
          return { action: "ok" };
        }
        if (wakeUp.isNoMoreInformation(command)) {
          this.sleep();
          return { action: "ok" };
        }
        if (wakeUp.isIntervalSet(command)) {
          if (typeof command.wakeUpInterval === "number") this.#wakeUpInterval = command.wakeUpInterval;
          return { action: "ok" };
        }
        const answer =
          answerTo(command, values) ?? wakeUp.answerTo(command, this.#wakeUpInterval, controller.ownNodeId);
        return answer && { action: "sendCC", cc: this.#commandClass(answer) };
      },
      transformResponse: (_controller, _self, _received, response) => {
        // A node that is to be authenticated hides the part of its key that is on its label (S2, key exchange).
        if (response.action === "sendCC" && isCommand(response.cc, SECURITY_2.id, SECURITY_2.publicKeyReport)) {
          const authenticated = [...node.capabilities.securityClasses].some(
            (key) => key === SecurityClass.S2_Authenticated || key === SecurityClass.S2_AccessControl,
          );
          if (authenticated) (response.cc as unknown as { publicKey: Uint8Array }).publicKey = hidden(this.#publicKey);
        }
        return response;
      },
    });
  }

  /** The mocks take every key that was asked for as granted; a node knows what it was given. */
  async #followSecurity(node: MockNode, command: ReceivedCommand): Promise<void> {
    if (isCommand(command, SECURITY_2.id, SECURITY_2.kexSet) && command.echo !== true) {
      const granted = Array.isArray(command.grantedKeys) ? (command.grantedKeys as SecurityClass[]) : [];
      for (const key of node.capabilities.securityClasses) {
        // The others stay unmentioned: a node that knew itself to have no key at all could not take the temporary one.
        if (!granted.includes(key)) this.#setKeyKnown(node, key, false);
      }
      node.capabilities.securityClasses = new Set(granted);
      return;
    }
    if (isCommand(command, SECURITY_2.id, SECURITY_2.nonceGet)) {
      const state = node.state.get(BOOTSTRAP_STATE) as { stage: number; keys?: Map<SecurityClass, Bytes> } | undefined;
      if (state?.stage !== FINALIZING || !state.keys) return;
      this.#granted = new Map(state.keys);
      // The mock believes in keys of its own of the controller's, and would seal with the highest of those.
      for (const key of ALL_KEYS) this.#setKeyKnown(node, key, this.#granted.has(key));
      this.#around.onChange();
      return;
    }
    if (isCommand(command, SECURITY_0.id, SECURITY_0.networkKeySet) && command.networkKey instanceof Uint8Array) {
      this.#granted = new Map([[SecurityClass.S0_Legacy, Uint8Array.from(command.networkKey)]]);
      for (const key of ALL_KEYS) this.#setKeyKnown(node, key, key === SecurityClass.S0_Legacy);
      this.#around.onChange();
      return;
    }
    if (isCommand(command, SECURITY_2.id, SECURITY_2.nonceReport) && this.#last && Date.now() < this.#last.until) {
      // The controller could not decipher the report: it goes again, now that both have new nonces.
      const { report, until } = this.#last;
      this.#last = undefined;
      this.#tell(report, until);
    }
  }

  #setKeyKnown(node: MockNode, key: SecurityClass, known: boolean): void {
    node.encodingContext.setSecurityClass(node.id, key, known);
    node.encodingContext.setSecurityClass(node.controller.ownNodeId, key, known);
  }

  async #useKeys(node: MockNode): Promise<void> {
    const { securityManager, securityManager2 } = node.securityManagers;
    for (const key of ALL_KEYS) {
      const value = this.#granted.get(key);
      this.#setKeyKnown(node, key, value !== undefined);
      if (!value) continue;
      if (key === SecurityClass.S0_Legacy && securityManager) securityManager.networkKey = value;
      else await securityManager2?.setKey(key, value);
    }
  }

  #commandClass(report: Report): CommandClass {
    const nodeId = this.#around.controller.ownNodeId;
    const plain = new CommandClass({
      ...{ nodeId, ccId: report.commandClass, ccCommand: report.command },
      payload: Uint8Array.from(report.payload),
    });
    if (report.endpoint === undefined) return plain;
    const ends = { endpointIndex: report.endpoint, destination: 0 };
    return new MultiChannelCCCommandEncapsulation({ nodeId, ...ends, encapsulated: plain });
  }

  /**
   * Sends what nobody has asked for, one after the other, in the security that the node was given; again until `until`, when
   * the controller could not decipher it.
   */
  #tell(report: () => Report, until = Date.now() + 2_000): void {
    const node = this.#node;
    if (!node || this.#framesLeft <= 0) return;
    this.#unsolicited = this.#unsolicited
      .then(async () => {
        for (let attempt = 0; attempt < 3 && node === this.#node && this.#framesLeft > 0; attempt++) {
          // The nonce that the node asks for now is no complaint about what it has told before.
          this.#last = undefined;
          const sealed = await this.#seal(node, this.#commandClass(report()));
          const sent = whetherSealed(sealed);
          await node.sendToController(createMockZWaveRequestFrame(sealed, { ackRequested: false }));
          // The host has begun anew in this moment: there was nothing any more to seal it with.
          if (isCommand(sealed, SECURITY_2.id, SECURITY_2.messageEncapsulation) && !(await sent)) continue;
          if (this.#granted.size > 0) this.#last = { report, until };
          return;
        }
      })
      .catch(() => undefined);
  }

  async #seal(node: MockNode, plain: CommandClass): Promise<CommandClass> {
    const controller = node.controller.ownNodeId;
    const { securityManager, securityManager2 } = node.securityManagers;
    if (this.#granted.has(SecurityClass.S0_Legacy) && this.#granted.size === 1 && securityManager) {
      const nonce = await this.#askForNonce(node, SECURITY_0.id, 0x40, SECURITY_0.nonceReport);
      const sealed = SecurityCC.encapsulate(node.id, securityManager, plain);
      sealed.nonce = nonce.nonce as Bytes;
      return sealed;
    }
    if (this.#granted.size === 0 || !securityManager2) return plain;
    // Without the controller's entropy (neither its own, nor a state that both share) the node has to ask for it first.
    const { type } = securityManager2.getSPANState(controller);
    if (type === SPANState.None || type === SPANState.LocalEI) {
      await this.#askForNonce(node, SECURITY_2.id, SECURITY_2.nonceGet, SECURITY_2.nonceReport);
    }
    return Security2CC.encapsulate(plain, node.id, node.securityManagers);
  }

  async #askForNonce(node: MockNode, ccId: number, get: number, report: number): Promise<ReceivedCommand> {
    const payload = ccId === SECURITY_2.id ? [Math.floor(Math.random() * 256)] : [];
    const request = this.#commandClass({ commandClass: ccId, command: get, payload });
    const isAnswer = (frame: MockZWaveFrame): frame is MockZWaveRequestFrame =>
      frame.type === MockZWaveFrameType.Request && isCommand(frame.payload, ccId, report);
    const answer = node.expectControllerFrame(isAnswer, { timeout: 1_000 });
    await node.sendToController(createMockZWaveRequestFrame(request, { ackRequested: false }));
    return (await answer).payload as unknown as ReceivedCommand;
  }
}

function isCommand(command: object, ccId: number, ccCommand: number): boolean {
  const { ccId: id, ccCommand: own } = command as { ccId?: number; ccCommand?: number };
  return id === ccId && own === ccCommand;
}

/** Values of the command class Notification are things that happen, each of them once. */
const isEvent = (path: string): boolean => path.split("/")[1] === "113";
