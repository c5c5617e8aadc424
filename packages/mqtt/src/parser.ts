import { checkFirstByte, decodeConnect, decodePacket } from "./decode.ts";
import { type Packet, PacketType, type ProtocolVersion } from "./packets.ts";
import { Reader } from "./reader.ts";
import { MqttError, malformed, Reason } from "./reason.ts";
import { TopicCache } from "./topic-cache.ts";

const OVERLONG = -1;
const NOTHING = new Uint8Array(0);

/** For all parsers: a packet is read from its beginning to its end before the next one. */
const reader = new Reader();

export interface ParserOptions {
  /** Bytes of a whole packet, fixed header included; 268,435,460 is what the format can express. */
  maximumPacketSize?: number;
  /** A server learns the version from CONNECT; a client says what it has asked for. */
  version?: ProtocolVersion;
}

/**
 * Turns a stream of chunks into packets: `push` each chunk, then call `next` until it returns undefined. An
 * `MqttError` (`type: "error"`) is final: the stream cannot be trusted any more and `next` repeats it.
 *
 * A packet that lies within one chunk is decoded in place; its payload is a view of the chunk, all else a copy. No
 * more than one packet of the maximum size and the last chunk are held, and of the chunk only what was not taken yet
 * once `keep` was called.
 */
export class Parser {
  /** What CONNECT asked for; undefined before it. */
  version: ProtocolVersion | undefined;
  maximumPacketSize: number;
  /** Made with the first PUBLISH: most of a fleet's connections are idle. */
  #topics: TopicCache | undefined;
  #bytes: Uint8Array = NOTHING;
  #start = 0;
  #end = 0;
  #owned = false;
  #headerSize = 0;
  #error: MqttError | undefined;

  constructor(options: ParserOptions = {}) {
    this.version = options.version;
    this.maximumPacketSize = options.maximumPacketSize ?? 268_435_460;
  }

  /** Bytes that wait to be parsed. */
  get pending(): number {
    return this.#end - this.#start;
  }

  push(chunk: Uint8Array): void {
    if (this.#error !== undefined) return;
    if (this.pending === 0) {
      // As what it is: `slice` of a Buffer copies nothing.
      this.#bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.#start = 0;
      this.#end = chunk.length;
      this.#owned = false;
      return;
    }
    // Behind `end` nothing was handed out yet, so an own buffer with room can simply grow. It is never compacted
    // in place: payloads of earlier packets may still be views of it.
    if (!this.#owned || this.#bytes.length - this.#end < chunk.length) this.#own(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Has to be called before the last chunk is used for something else; what waits in it is copied. */
  keep(): void {
    if (!this.#owned && this.pending > 0) this.#own(0);
  }

  /** Moves what waits into a buffer of our own with room for as much again, or for `more` bytes. */
  #own(more: number): void {
    const rest = this.pending;
    const needed = rest + more;
    const grown = new Uint8Array(Math.max(needed, Math.min(needed * 2, this.maximumPacketSize)));
    grown.set(this.#bytes.subarray(this.#start, this.#end));
    this.#bytes = grown;
    this.#start = 0;
    this.#end = rest;
    this.#owned = true;
  }

  /** Reads the fixed header at `start`: the packet's whole size, 0 while the header is incomplete. */
  #packetSize(): number {
    let remaining = 0;
    for (let i = 1, factor = 1; i <= 4; i++, factor *= 128) {
      if (this.#start + i >= this.#end) return 0;
      const byte = this.#bytes[this.#start + i]!;
      remaining += (byte & 127) * factor;
      if (byte < 128) {
        // 3.1.1 does not ask for the shortest form.
        if (byte === 0 && i > 1 && this.version === 5) {
          throw malformed("the remaining length is longer than needed [MQTT-1.5.5-1]");
        }
        this.#headerSize = i + 1;
        return 1 + i + remaining;
      }
    }
    return OVERLONG;
  }

  /** The next whole packet, undefined when more bytes are needed, or what is wrong with them. */
  next(): Packet | MqttError | undefined {
    if (this.#error !== undefined) return this.#error;
    if (this.#start === this.#end) {
      this.#release();
      return undefined;
    }
    try {
      return this.#next();
    } catch (thrown) {
      if (!(thrown instanceof MqttError)) throw thrown;
      this.#error = thrown;
      this.#release();
      return thrown;
    }
  }

  /** Lets go of a used-up chunk: an idle connection must not keep the large packet that came last. */
  #release(): void {
    this.#bytes = NOTHING;
    reader.over(NOTHING, 0, 0);
    this.#start = this.#end = 0;
  }

  #next(): Packet | undefined {
    const first = this.#bytes[this.#start]!;
    checkFirstByte(first, this.version);
    const size = this.#packetSize();
    if (size === OVERLONG) throw malformed("the remaining length has more than four bytes [MQTT-1.5.5-1]");
    if (size > this.maximumPacketSize) {
      throw new MqttError(Reason.PacketTooLarge, `a packet of ${size} bytes, more than ${this.maximumPacketSize}`);
    }
    if (size === 0 || this.#start + size > this.#end) return undefined;
    const end = this.#start + size;
    reader.over(this.#bytes, this.#start + this.#headerSize, end);
    this.#start = end;
    if (this.version === undefined) {
      const packet = decodeConnect(reader);
      this.version = packet.version;
      return packet;
    }
    if (first >> 4 === PacketType.publish) this.#topics ??= new TopicCache();
    return decodePacket(first, reader, this.version, this.#topics);
  }
}
