interface Waiting {
  packetId: number;
  reasonCode: number | undefined;
}

/** Keeps PUBACKs in the order in which the publications came [MQTT-4.6.0-2], whichever is handled first. */
export class Acknowledgements {
  readonly #send: (packetId: number, reasonCode: number) => void;
  #waiting: Waiting[] = [];

  constructor(send: (packetId: number, reasonCode: number) => void) {
    this.#send = send;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  now(packetId: number, reasonCode: number): void {
    if (this.#waiting.length === 0) this.#send(packetId, reasonCode);
    else this.#waiting.push({ packetId, reasonCode });
  }

  /** Takes a place in the line; call the result once the publication is handled. */
  later(packetId: number): (reasonCode: number) => void {
    const entry: Waiting = { packetId, reasonCode: undefined };
    this.#waiting.push(entry);
    return (reasonCode) => {
      entry.reasonCode = reasonCode;
      let done = 0;
      while (done < this.#waiting.length && this.#waiting[done]!.reasonCode !== undefined) done += 1;
      for (const { packetId, reasonCode } of this.#waiting.splice(0, done)) this.#send(packetId, reasonCode!);
    };
  }
}
