import { type ConnectPacket, encode, type Packet, Parser, type ProtocolVersion, Reason } from "@hearth/mqtt";
import type { Stream } from "./mutate.ts";

const verdicts: ReadonlySet<number> = new Set([
  Reason.MalformedPacket,
  Reason.ProtocolError,
  Reason.UnsupportedProtocolVersion,
  Reason.PacketTooLarge,
]);

interface Parsed {
  version: ProtocolVersion | undefined;
  connect: ConnectPacket | undefined;
  packets: Packet["type"][];
  /** What was understood, said again. */
  bytes: Buffer[];
  /** The reason code that ended it; 0 when more bytes would be welcome. */
  verdict: number;
}

function parse(chunks: readonly Buffer[], maximumPacketSize: number): Parsed {
  const parser = new Parser({ maximumPacketSize });
  const parsed: Parsed = { version: undefined, connect: undefined, packets: [], bytes: [], verdict: 0 };
  let size = 0;
  for (const chunk of chunks) {
    parser.push(chunk);
    size += chunk.length;
    for (let packet = parser.next(); packet !== undefined; packet = parser.next()) {
      if (packet.type === "error") {
        if (!verdicts.has(packet.reasonCode)) throw new Error(`the parser's verdict is ${packet.reasonCode}`);
        if (parser.next() !== packet) throw new Error("an error was not final");
        return { ...parsed, version: parser.version, verdict: packet.reasonCode };
      }
      if (packet.type === "connect") parsed.connect = packet;
      parsed.packets.push(packet.type);
      // A packet has at least two bytes.
      if (parsed.packets.length * 2 > size) throw new Error("more packets than bytes");
      parsed.bytes.push(Buffer.from(encode(packet, parser.version!)));
    }
    if (parser.pending > maximumPacketSize + chunk.length) throw new Error("the parser holds more than a packet");
  }
  parsed.version = parser.version;
  return parsed;
}

/**
 * Parses a stream in its chunks and whole, and gives its CONNECT, if that can be read. Throws when the parser does, when it says
 * something other than a packet or a verdict of the standard, and when the cuts make a difference.
 */
export function runParser({ bytes, chunks }: Stream, maximumPacketSize: number): ConnectPacket | undefined {
  const cut = parse(chunks, maximumPacketSize);
  const whole = parse([bytes], maximumPacketSize);
  if (
    cut.verdict !== whole.verdict ||
    cut.version !== whole.version ||
    cut.packets.join() !== whole.packets.join() ||
    !Buffer.concat(cut.bytes).equals(Buffer.concat(whole.bytes))
  ) {
    throw new Error(`cut: ${cut.packets} ${cut.verdict}; whole: ${whole.packets} ${whole.verdict}`);
  }
  return whole.connect;
}
