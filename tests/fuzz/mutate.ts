import { encode, type ProtocolVersion } from "@hearth/mqtt";
import { conversation } from "./conversation.ts";
import type { Random } from "./random.ts";

/** Bytes at the edges of something: lengths, varints, packet types with and without their flags. */
const edges = [
  0x00, 0x01, 0x04, 0x7f, 0x80, 0xff, 0x10, 0x30, 0x36, 0x40, 0x50, 0x62, 0x70, 0x82, 0xa2, 0xc0, 0xe0, 0xf0,
];

export interface Stream {
  bytes: Buffer;
  /** Cut at random; together they are `bytes`. */
  chunks: Buffer[];
}

function encoded(random: Random, index: number): Buffer[] {
  const version: ProtocolVersion = random.once(2) ? 4 : 5;
  return conversation(random, version, index).map((packet) => Buffer.from(encode(packet, version)));
}

/** Whole packets are repeated, left out, exchanged, or come from another conversation, perhaps of the other version. */
function mutatePackets(random: Random, packets: Buffer[], index: number): void {
  const at = random.int(packets.length);
  switch (random.int(5)) {
    case 0:
      packets.splice(at, 0, packets[at]!);
      break;
    case 1:
      packets.splice(at, 1);
      break;
    case 2: {
      const other = random.int(packets.length);
      [packets[at], packets[other]] = [packets[other]!, packets[at]!];
      break;
    }
    case 3:
      packets.splice(at, 0, ...encoded(random, index).slice(random.int(3)));
      break;
    default:
      packets[at] = Buffer.concat(Array.from({ length: 2 + random.int(40) }, () => packets[at]!));
  }
}

/** Bits and bytes of one packet change; half the time CONNECT is spared, so that the rest is looked at. */
function mutateBytes(random: Random, packets: Buffer[]): void {
  const spared = packets.length > 1 && !random.once(4) ? 1 : 0;
  const which = spared + random.int(packets.length - spared);
  const packet = packets[which]!;
  if (packet.length === 0) return;
  const at = random.int(packet.length);
  const copy = Buffer.from(packet);
  switch (random.int(8)) {
    case 0:
      copy[at] = packet[at]! ^ (1 << random.int(8));
      break;
    case 1:
      copy[at] = random.int(256);
      break;
    case 2:
      copy[at] = random.pick(edges);
      break;
    case 3:
      packets[which] = Buffer.concat([packet.subarray(0, at), Buffer.of(random.pick(edges)), packet.subarray(at)]);
      return;
    case 4:
      packets[which] = Buffer.concat([packet.subarray(0, at), packet.subarray(at + 1 + random.int(4))]);
      return;
    case 5:
      packets[which] = packet.subarray(0, at);
      return;
    case 6:
      // The remaining length no longer says how long the packet is.
      if (copy.length > 1) copy[1] = random.once(2) ? copy[1]! + random.pick([-1, 1]) : random.pick(edges);
      break;
    default:
      if (at + 1 < copy.length) copy.writeUInt16BE(random.pick([0, 1, 0xff, 0x100, 0x7fff, 0xffff]), at);
  }
  packets[which] = copy;
}

function cut(random: Random, bytes: Buffer): Buffer[] {
  const how = random.int(8);
  if (how < 3 || bytes.length === 0) return [bytes];
  const largest = how === 3 ? 1 : how < 6 ? 40 : 200;
  const chunks: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const size = 1 + random.int(largest);
    chunks.push(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return chunks;
}

/** Stream `index` of a run: a conversation, changed in up to five places (one in ten is left as it is), in chunks. */
export function makeStream(random: Random, index: number): Stream {
  const packets = encoded(random, index);
  const changes = random.once(10) ? 0 : 1 + random.int(random.once(4) ? 5 : 2);
  for (let i = 0; i < changes && packets.length > 0; i++) {
    if (random.once(3)) mutatePackets(random, packets, index);
    else mutateBytes(random, packets);
  }
  const bytes = Buffer.concat(packets);
  return { bytes, chunks: cut(random, bytes) };
}
