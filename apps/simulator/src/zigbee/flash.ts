export interface FlashContent {
  [key: string]: string;
}

/** What a stick keeps without power: octets under a name. */
export class Flash {
  readonly #items = new Map<string, Buffer>();
  readonly #changed: () => void;
  #version = 0;

  constructor(changed: () => void, content: FlashContent = {}) {
    this.#changed = changed;
    for (const [key, hex] of Object.entries(content)) this.#items.set(key, Buffer.from(hex, "hex"));
  }

  /** Counts its changes. */
  get version(): number {
    return this.#version;
  }

  keys(): string[] {
    return [...this.#items.keys()];
  }

  read(key: string): Buffer | undefined {
    return this.#items.get(key);
  }

  write(key: string, value: Buffer): void {
    this.#items.set(key, Buffer.from(value));
    this.#touch();
  }

  delete(key: string): boolean {
    const there = this.#items.delete(key);
    if (there) this.#touch();
    return there;
  }

  /** Everything goes but `kept`. */
  clear(kept?: string): void {
    for (const key of this.keys()) if (key !== kept) this.#items.delete(key);
    this.#touch();
  }

  content(): FlashContent {
    return Object.fromEntries([...this.#items].map(([key, value]) => [key, value.toString("hex")]));
  }

  #touch(): void {
    this.#version += 1;
    this.#changed();
  }
}
