/** The little of MQTT 3.1.1 that a load needs, as Buffers that are made once. */

const HEAD = 12;

/** Byte offsets in a prepared PUBLISH that change with each message. */
export interface Prepared {
  bytes: Buffer;
  /** Of the payload; a stamp fills its first 12 bytes. */
  payloadAt: number;
  /** Of the packet identifier; 0 at QoS 0. */
  packetIdAt: number;
}

/** The least payload: time of sending (float64) and index of the publisher (uint32). */
export const STAMP_BYTES = HEAD;

export function frame(first: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  let rest = body.length;
  do {
    const digit = rest % 128;
    rest = Math.floor(rest / 128);
    length.push(rest > 0 ? digit | 128 : digit);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

/** CONNECT without a keep alive. */
export const connectPacket = (clientId: string, clean: boolean): Buffer =>
  frame(0x10, text("MQTT"), Buffer.from([4, clean ? 2 : 0, 0, 0]), text(clientId));

export const subscribePacket = (filter: string, qos: number): Buffer =>
  frame(0x82, Buffer.from([0, 1]), text(filter), Buffer.from([qos]));

export function publishPacket(topic: string, payload: number, qos: number, publisher: number): Prepared {
  const head = [text(topic), ...(qos > 0 ? [Buffer.alloc(2)] : [])];
  const bytes = frame(0x30 | (qos << 1), ...head, Buffer.alloc(payload, 0x78));
  const payloadAt = bytes.length - payload;
  bytes.writeUInt32LE(publisher, payloadAt + 8);
  return { bytes, payloadAt, packetIdAt: qos > 0 ? payloadAt - 2 : 0 };
}

/** Called for each packet that is whole: its first byte, and where its variable header begins and ends. */
export type OnPacket = (first: number, data: Buffer, at: number, end: number) => void;

/** Cuts a stream into packets in place; only a packet that a read has cut in two is copied. */
export function packetReader(onPacket: OnPacket): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    const data = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (;;) {
      let at = start + 1;
      let length = 0;
      let scale = 1;
      let digit = 128;
      while (digit >= 128 && at < data.length) {
        digit = data[at++] as number;
        length += (digit & 127) * scale;
        scale *= 128;
      }
      if (digit >= 128 || at + length > data.length) break;
      onPacket(data[start] as number, data, at, at + length);
      start = at + length;
    }
    rest = start < data.length ? data.subarray(start) : undefined;
  };
}
