import type { PublishPacket } from "@hearth/mqtt";

/** What one device was told by `notify-next`: each execution, and each empty queue, is to come once. */
export class ToldOnce {
  /** Executions by `<job>/<number>`, in the order of their coming; `-` for an empty queue. */
  readonly told: string[] = [];
  /** Redeliveries of what a kill left without its acknowledgement. */
  redelivered = 0;
  readonly #problem: (problem: string) => void;
  /** Packet identifiers of deliveries that the server may not know to have come. */
  readonly #seen = new Map<number, string>();

  readonly #mayMiss: boolean;

  /** `mayMiss`: a device without a session, which hears nothing of what comes while it is away. */
  constructor(problem: (problem: string) => void, mayMiss: boolean) {
    this.#problem = problem;
    this.#mayMiss = mayMiss;
  }

  take({ packetId, dup, qos, payload }: PublishPacket): void {
    const body = JSON.parse(Buffer.from(payload).toString()) as {
      execution?: { jobId: string; executionNumber: number };
    };
    const what = body.execution ? `${body.execution.jobId}/${body.execution.executionNumber}` : "-";
    if (qos > 0) {
      // [MQTT-4.4.0-1]: only with the same identifier, and marked.
      if (dup && this.#seen.get(packetId) === what) {
        this.redelivered += 1;
        return;
      }
      this.#seen.set(packetId, what);
    }
    const isAgain = what === "-" ? this.told.at(-1) === "-" && !this.#mayMiss : this.told.includes(what);
    if (isAgain) {
      this.#problem(`was told of ${what} again, after ${this.told.join(", ")}`);
    }
    this.told.push(what);
  }
}
