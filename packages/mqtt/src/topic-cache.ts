import { decodeText } from "./reader.ts";

const SLOTS = 32;

/**
 * Remembers the topics that a connection publishes to, so that a repeated topic costs a comparison of bytes and always
 * yields the same string (whose hash the engine then knows). Direct-mapped and bounded: a device that uses thousands
 * of topics only loses the benefit.
 */
export class TopicCache {
  #bytes: (Uint8Array | undefined)[] = [];
  #texts: string[] = [];

  read(bytes: Uint8Array, offset: number, length: number): string {
    let hash = length;
    const end = offset + length;
    for (let i = offset; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1);
    const known = this.#bytes[slot];
    if (known !== undefined && known.length === length && same(known, bytes, offset)) return this.#texts[slot]!;
    const text = decodeText(bytes, offset, length);
    if (length <= 256) {
      this.#bytes[slot] = bytes.slice(offset, end);
      this.#texts[slot] = text;
    }
    return text;
  }
}

function same(known: Uint8Array, bytes: Uint8Array, offset: number): boolean {
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[offset + i]) return false;
  return true;
}
