interface Waiting {
  packetId: number;
  qos: 1 | 2;
  reasonCode: number | undefined;
}

/** Keeps PUBACK and PUBREC in the order in which the publications came [MQTT-4.6.0-2, 4.6.0-3], whichever is handled first. */
export class Acknowledgements {
  readonly #send: (qos: 1 | 2, packetId: number, reasonCode: number) => void;
  #waiting: Waiting[] = [];

  /** `send` writes PUBACK (QoS 1) or PUBREC (QoS 2). */
  constructor(send: (qos: 1 | 2, packetId: number, reasonCode: number) => void) {
    this.#send = send;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  now(qos: 1 | 2, packetId: number, reasonCode: number): void {
    if (this.#waiting.length === 0) this.#send(qos, packetId, reasonCode);
    else this.#waiting.push({ packetId, qos, reasonCode });
  }

  /** Takes a place in the line; call the result once the publication is handled. */
  later(qos: 1 | 2, packetId: number): (reasonCode: number) => void {
    const entry: Waiting = { packetId, qos, reasonCode: undefined };
    this.#waiting.push(entry);
    return (reasonCode) => {
      entry.reasonCode = reasonCode;
      let done = 0;
      while (done < this.#waiting.length && this.#waiting[done]!.reasonCode !== undefined) done += 1;
      for (const one of this.#waiting.splice(0, done)) this.#send(one.qos, one.packetId, one.reasonCode!);
    };
  }
}
