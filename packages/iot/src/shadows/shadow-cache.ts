import { BoundedMap } from "@hearth/base";
import type { StoredShadow } from "./shadow-store.ts";

/** What an entry costs besides its texts: its objects and its key. */
const ENTRY = 1024;

/**
 * Shadows by key, those used last, up to a weight in bytes: some ten thousands of small ones or some thousands of
 * 8 KB. A fleet that reports in turn misses a map that is a little too small for it every time.
 */
export class ShadowCache {
  readonly #bytes: number;
  readonly #entries = new BoundedMap<string, StoredShadow>(Number.POSITIVE_INFINITY);
  #weight = 0;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  get(key: string): StoredShadow | undefined {
    return this.#entries.get(key);
  }

  /** Without counting as a use. */
  peek(key: string): StoredShadow | undefined {
    return this.#entries.peek(key);
  }

  set(key: string, stored: StoredShadow): void {
    this.#weight += weightOf(stored) - weightOf(this.#entries.peek(key));
    this.#entries.set(key, stored);
    while (this.#weight > this.#bytes) {
      const oldest = this.#entries.keys().next();
      if (oldest.done) return;
      this.delete(oldest.value);
    }
  }

  delete(key: string): void {
    this.#weight -= weightOf(this.#entries.peek(key));
    this.#entries.delete(key);
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }
}

function weightOf(stored: StoredShadow | undefined): number {
  if (stored === undefined) return 0;
  // Parsed they take as much again as their texts.
  return ENTRY + 2 * (stored.shadow.stateText.length + stored.shadow.metadataText.length);
}
