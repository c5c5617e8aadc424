/**
 * Publications of QoS 2 from a client whose handshake is under way: their identifiers, from PUBLISH until PUBREL. The
 * message itself goes on at once (section 4.3.3, "Method B"); the identifier keeps a repeated PUBLISH from going on again.
 */
export class InboundExchanges {
  /** True once PUBREC may be sent; the promise is of that moment. */
  readonly #exchanges = new Map<number, Promise<void> | true>();

  get size(): number {
    return this.#exchanges.size;
  }

  /** What PUBREC has to wait for when the PUBLISH is a repetition; undefined when it is new. */
  find(packetId: number): Promise<void> | true | undefined {
    return this.#exchanges.get(packetId);
  }

  /** `handled` resolves when the publication and its identifier are durable. A failure forgets the identifier. */
  begin(packetId: number, handled: Promise<void> | undefined): void {
    if (handled === undefined) {
      this.#exchanges.set(packetId, true);
      return;
    }
    this.#exchanges.set(packetId, handled);
    handled.then(
      () => {
        if (this.#exchanges.get(packetId) === handled) this.#exchanges.set(packetId, true);
      },
      () => {
        if (this.#exchanges.get(packetId) === handled) this.#exchanges.delete(packetId);
      },
    );
  }

  /** PUBREL. */
  end(packetId: number): void {
    this.#exchanges.delete(packetId);
  }
}
