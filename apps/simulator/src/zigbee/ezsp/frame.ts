import { octets, u16 } from "../octets.ts";

/** A command of the host (UG100, 3.1). */
export interface EzspCommand {
  sequence: number;
  id: number;
  /** The format of before version 8: an octet for the control and one for the id. */
  legacy: boolean;
  parameters: Buffer;
}

const RESPONSE = 0x80;
/** A callback that was not asked for. */
const ASYNCHRONOUS = 0x10;
const FORMAT = 0x03;
const EXTENDED = 0x01;

/** `undefined` for what is no command. */
export function decodeCommand(frame: Buffer): EzspCommand | undefined {
  const [sequence = 0, control = 0] = frame;
  if (frame.length < 3 || (control & RESPONSE) !== 0) return undefined;
  if (frame.length >= 5 && ((frame[2] ?? 0) & FORMAT) === EXTENDED) {
    return { sequence, id: frame.readUInt16LE(3), legacy: false, parameters: frame.subarray(5) };
  }
  return { sequence, id: frame[2] ?? 0, legacy: true, parameters: frame.subarray(3) };
}

export const encodeResponse = ({ sequence, legacy }: EzspCommand, id: number, parameters: Buffer): Buffer =>
  legacy ? octets(sequence, RESPONSE, id, parameters) : octets(sequence, RESPONSE, EXTENDED, u16(id), parameters);

/** It bears the sequence number of the last response. */
export const encodeCallback = (sequence: number, id: number, parameters: Buffer): Buffer =>
  octets(sequence, RESPONSE | ASYNCHRONOUS, EXTENDED, u16(id), parameters);
