/** How a topic is written to a client: its alias, and whether the client knows it already. */
export interface AliasUse {
  alias: number;
  known: boolean;
}

/** The topic aliases of what one client is sent (section 3.3.2.3.4): given to the first topics that come, for good. */
export class OutboundAliases {
  readonly #maximum: number;
  readonly #aliases = new Map<string, number>();
  /** Left for further topics. */
  #bytes: number;

  /** `bytes`: what all topics with an alias may take. */
  constructor(maximum: number, bytes: number) {
    this.#maximum = maximum;
    this.#bytes = bytes;
  }

  /** Undefined when the topic has no alias and there is none left. */
  use(topic: string): AliasUse | undefined {
    const alias = this.#aliases.get(topic);
    if (alias !== undefined) return { alias, known: true };
    return this.#hasRoom(topic) ? { alias: this.#aliases.size + 1, known: false } : undefined;
  }

  /** A packet with the topic, and the alias that `use` gave, has been written. */
  learn(topic: string): void {
    if (this.#aliases.has(topic) || !this.#hasRoom(topic)) return;
    this.#aliases.set(topic, this.#aliases.size + 1);
    this.#bytes -= Buffer.byteLength(topic);
  }

  #hasRoom(topic: string): boolean {
    return this.#aliases.size < this.#maximum && Buffer.byteLength(topic) <= this.#bytes;
  }
}
