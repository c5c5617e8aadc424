/**
 * Publications of QoS 2 from a client whose handshake is under way: their identifiers, from PUBLISH until PUBREL. The
 * message itself goes on at once (section 4.3.3, "Method B"); the identifier keeps a repeated PUBLISH from going on again.
 */
export class InboundExchanges {
  /** True once PUBREC may be sent; the promise is of that moment. */
  #exchanges: Map<number, Promise<void> | true> | undefined;

  get size(): number {
    return this.#exchanges?.size ?? 0;
  }

  /** What PUBREC has to wait for when the PUBLISH is a repetition; undefined when it is new. */
  find(packetId: number): Promise<void> | true | undefined {
    return this.#exchanges?.get(packetId);
  }

  /** `handled` resolves when the publication and its identifier are durable. A failure forgets the identifier. */
  begin(packetId: number, handled: Promise<void> | undefined): void {
    this.#exchanges ??= new Map();
    const exchanges = this.#exchanges;
    exchanges.set(packetId, handled ?? true);
    if (handled === undefined) return;
    handled.then(
      () => {
        if (exchanges.get(packetId) === handled) exchanges.set(packetId, true);
      },
      () => {
        if (exchanges.get(packetId) === handled) exchanges.delete(packetId);
      },
    );
  }

  /** PUBREL. */
  end(packetId: number): void {
    this.#exchanges?.delete(packetId);
  }
}
