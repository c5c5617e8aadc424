import { Flash } from "../flash.ts";
import { euiFromWire, euiToWire, octets, u32 } from "../octets.ts";

/** `EmberNetworkParameters`, as they travel. */
export interface NetworkParameters {
  extendedPanId: string;
  panId: number;
  power: number;
  channel: number;
  /** Join method, network manager, update id and channels: kept as they were given. */
  rest: Buffer;
}

export function decodeParameters(wire: Buffer): NetworkParameters {
  return {
    extendedPanId: euiFromWire(wire.subarray(0, 8)),
    panId: wire.readUInt16LE(8),
    power: wire.readInt8(10),
    channel: wire.readUInt8(11),
    rest: wire.subarray(12, 20),
  };
}

export const PARAMETERS_LENGTH = 20;

const PARAMETERS = "network.parameters";
const KEY = "network.key";
const KEY_SEQUENCE = "network.key-sequence";
const FRAME_COUNTER = "network.frame-counter";
const TRUST_CENTRE_KEY = "trust-centre.key";
const LINK_KEY = "link-key.";
/** The frame counter is written each so many frames, and goes on this much further after a restart: none is used twice. */
export const COUNTER_STEP = 0x1000;

/** What stands in the tokens of a network processor: its network and its keys. */
export class Tokens extends Flash {
  get parameters(): Buffer | undefined {
    return this.read(PARAMETERS);
  }

  get network(): { extendedPanId: string; key: string } | undefined {
    const [parameters, key] = [this.read(PARAMETERS), this.read(KEY)];
    if (!parameters || !key) return undefined;
    return { extendedPanId: decodeParameters(parameters).extendedPanId, key: key.toString("hex") };
  }

  get networkKey(): Buffer | undefined {
    return this.read(KEY);
  }

  get keySequence(): number {
    return this.read(KEY_SEQUENCE)?.[0] ?? 0;
  }

  get trustCentreKey(): Buffer | undefined {
    return this.read(TRUST_CENTRE_KEY);
  }

  get frameCounter(): number {
    return this.read(FRAME_COUNTER)?.readUInt32LE(0) ?? 0;
  }

  set frameCounter(value: number) {
    this.write(FRAME_COUNTER, u32(value));
  }

  stepFrameCounter(): void {
    this.frameCounter += COUNTER_STEP;
  }

  form(parameters: Buffer, key: Buffer, keySequence: number, trustCentreKey: Buffer): void {
    this.write(PARAMETERS, parameters);
    this.write(KEY, key);
    this.write(KEY_SEQUENCE, octets(keySequence));
    this.write(TRUST_CENTRE_KEY, trustCentreKey);
  }

  /** The network and its keys; link keys stay. */
  leave(): void {
    for (const key of [PARAMETERS, KEY, KEY_SEQUENCE, FRAME_COUNTER, TRUST_CENTRE_KEY]) this.delete(key);
  }

  linkKey(index: number): { eui64: string; key: Buffer } | undefined {
    const entry = this.read(LINK_KEY + index);
    return entry && { eui64: euiFromWire(entry.subarray(0, 8)), key: entry.subarray(8) };
  }

  linkKeyOf(eui64: string): Buffer | undefined {
    const wanted = euiToWire(eui64);
    const name = this.keys().find((key) => key.startsWith(LINK_KEY) && this.read(key)?.subarray(0, 8).equals(wanted));
    return name === undefined ? undefined : this.read(name)?.subarray(8);
  }

  setLinkKey(index: number, eui64: string, key: Buffer): void {
    this.write(LINK_KEY + index, octets(euiToWire(eui64), key));
  }

  eraseLinkKey(index: number): boolean {
    return this.delete(LINK_KEY + index);
  }

  clearLinkKeys(): void {
    for (const key of this.keys()) if (key.startsWith(LINK_KEY)) this.delete(key);
  }
}
