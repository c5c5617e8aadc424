interface Waiting {
  packetId: number;
  qos: 1 | 2;
  reasonCode: number | undefined;
}

export interface AcknowledgementWriter {
  /** Writes PUBACK (QoS 1) or PUBREC (QoS 2). */
  acknowledge(qos: 1 | 2, packetId: number, reasonCode: number): void;
}

/** Keeps PUBACK and PUBREC in the order in which the publications came [MQTT-4.6.0-2, 4.6.0-3], whichever is handled first. */
export class Acknowledgements {
  readonly #out: AcknowledgementWriter;
  #waiting: Waiting[] | undefined;

  constructor(out: AcknowledgementWriter) {
    this.#out = out;
  }

  get waiting(): number {
    return this.#waiting?.length ?? 0;
  }

  now(qos: 1 | 2, packetId: number, reasonCode: number): void {
    if (this.waiting === 0) this.#out.acknowledge(qos, packetId, reasonCode);
    else this.#waiting!.push({ packetId, qos, reasonCode });
  }

  /** Takes a place in the line; call the result once the publication is handled. */
  later(qos: 1 | 2, packetId: number): (reasonCode: number) => void {
    const entry: Waiting = { packetId, qos, reasonCode: undefined };
    this.#waiting ??= [];
    const waiting = this.#waiting;
    waiting.push(entry);
    return (reasonCode) => {
      entry.reasonCode = reasonCode;
      let done = 0;
      while (done < waiting.length && waiting[done]!.reasonCode !== undefined) done += 1;
      for (const one of waiting.splice(0, done)) this.#out.acknowledge(one.qos, one.packetId, one.reasonCode!);
    };
  }
}
