import type { Clock } from "@hearth/base";
import { type AshFrame, AshParser, encodeAsh } from "./ash.ts";

interface AshLinkDeps {
  clock: Clock;
  write(octets: Buffer): void;
  /** The host has sent this frame of EZSP. */
  deliver(data: Buffer): void;
  /** The host wants the processor to start anew. */
  reset(): void;
}

/** Why a network processor was reset, or has failed (UG101, table of codes). */
export const Code = { POWER_ON: 2, WATCHDOG: 3, SOFTWARE: 0x0b, TIMEOUTS: 0x51 } as const;

const VERSION = 2;
/** Frames that may be under way without an acknowledgement. */
const WINDOW = 5;
/** Milliseconds until an acknowledgement is missed: at first, and at most. */
const FIRST_PATIENCE = 1600;
const LONGEST_PATIENCE = 3200;
/** So many misses in a row, and the link has failed. */
const MISSES = 4;
/** A host that is not ready says so again within this many milliseconds, or it is ready. */
const NOT_READY = 1000;
/** Frames that wait for a host: more than a processor has buffers for are lost. */
const MOST_WAITING = 250;

interface Outgoing {
  data: Buffer;
  /** Held while the host is not ready for those. */
  isCallback: boolean;
}

/** The network processor's end of an ASH link (UG101, 4 to 6): in order, nothing twice, and again what was lost. */
export class AshLink {
  readonly #deps: AshLinkDeps;
  readonly #parser: AshParser;
  /** Before the host's first RST nothing is spoken; after a failure only ERROR. */
  #state: "waiting" | "connected" | "failed" = "waiting";
  #waiting: Outgoing[] = [];
  /** Sent and not acknowledged, the oldest first; the number of the first of them. */
  #sent: Outgoing[] = [];
  #oldest = 0;
  /** The number of the host's next frame, and what it was told of that. */
  #expected = 0;
  #told = 0;
  /** A frame was missed and asked for again. */
  #rejecting = false;
  #misses = 0;
  #patience = FIRST_PATIENCE;
  #cancelPatience = () => {};
  #notReady = false;
  #cancelNotReady = () => {};

  constructor(deps: AshLinkDeps) {
    this.#deps = deps;
    this.#parser = new AshParser((frame) => this.#take(frame));
  }

  receive(octets: Uint8Array): void {
    this.#parser.push(octets);
  }

  /** `isCallback` for what the processor says of its own accord. */
  send(data: Buffer, isCallback: boolean): void {
    if (this.#state !== "connected" || this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push({ data, isCallback });
    this.#flush();
  }

  /** The processor has started anew, which the host is told where it had not asked for it. */
  restarted(code: number): void {
    this.#clear();
    this.#state = "waiting";
    this.#write({ kind: "rstack", version: VERSION, code });
  }

  /** Without power: nothing is known, nothing said. */
  stop(): void {
    this.#clear();
    this.#state = "waiting";
  }

  #take(frame: AshFrame | "broken"): void {
    if (frame !== "broken" && frame.kind === "rst") {
      this.#deps.reset();
      this.#clear();
      this.#state = "connected";
      this.#write({ kind: "rstack", version: VERSION, code: Code.SOFTWARE });
      return;
    }
    if (this.#state === "waiting") return;
    if (this.#state === "failed") {
      this.#write({ kind: "error", version: VERSION, code: Code.TIMEOUTS });
      return;
    }
    if (frame === "broken") {
      this.#reject();
      return;
    }
    if (!("acknowledges" in frame)) return;
    if (!this.#acknowledge(frame.acknowledges)) {
      if (frame.kind === "data") this.#reject();
      return;
    }
    if (frame.kind === "data") this.#arrive(frame);
    else {
      this.#hold(frame.notReady);
      if (frame.kind === "nak") this.#sendAgain();
    }
    this.#flush();
    // What was sent meanwhile has carried the acknowledgement.
    if (this.#told !== this.#expected) this.#tell("ack");
  }

  #arrive({ frame, again, data }: Extract<AshFrame, { kind: "data" }>): void {
    if (frame !== this.#expected) {
      // One that had arrived is acknowledged once more; one that comes too early is missed before it.
      if (again) this.#tell("ack");
      else this.#reject();
      return;
    }
    this.#expected = next(frame);
    this.#rejecting = false;
    if (again) this.#tell("ack");
    this.#deps.deliver(data);
  }

  /** Whether the number is one of a frame that is under way, or the next. */
  #acknowledge(number: number): boolean {
    const count = (number - this.#oldest) & 7;
    if (count > this.#sent.length) return false;
    if (count > 0) {
      this.#sent.splice(0, count);
      this.#oldest = number;
      this.#misses = 0;
      this.#patience = FIRST_PATIENCE;
      this.#await();
    }
    return true;
  }

  #hold(notReady: boolean): void {
    this.#cancelNotReady();
    this.#notReady = notReady;
    if (!notReady) return;
    this.#cancelNotReady = this.#deps.clock.after(NOT_READY, () => {
      this.#notReady = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#sent.length < WINDOW) {
      const index = this.#waiting.findIndex(({ isCallback }) => !this.#notReady || !isCallback);
      const [outgoing] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (!outgoing) return;
      this.#sent.push(outgoing);
      this.#writeData(this.#sent.length - 1, false);
      if (this.#sent.length === 1) this.#await();
    }
  }

  #sendAgain(): void {
    for (let index = 0; index < this.#sent.length; index += 1) this.#writeData(index, true);
    this.#await();
  }

  #writeData(index: number, again: boolean): void {
    const outgoing = this.#sent[index];
    if (!outgoing) return;
    this.#told = this.#expected;
    const frame = (this.#oldest + index) & 7;
    this.#write({ kind: "data", frame, again, acknowledges: this.#expected, data: outgoing.data });
  }

  #await(): void {
    this.#cancelPatience();
    if (this.#sent.length === 0) return;
    this.#cancelPatience = this.#deps.clock.after(this.#patience, () => {
      this.#misses += 1;
      if (this.#misses >= MISSES) {
        this.#clear();
        this.#state = "failed";
        this.#write({ kind: "error", version: VERSION, code: Code.TIMEOUTS });
        return;
      }
      this.#patience = Math.min(this.#patience * 2, LONGEST_PATIENCE);
      this.#sendAgain();
    });
  }

  #reject(): void {
    if (this.#rejecting) return;
    this.#rejecting = true;
    this.#tell("nak");
  }

  #tell(kind: "ack" | "nak"): void {
    this.#told = this.#expected;
    this.#write({ kind, acknowledges: this.#expected, notReady: false });
  }

  #clear(): void {
    this.#cancelPatience();
    this.#cancelNotReady();
    this.#waiting = [];
    this.#sent = [];
    this.#oldest = 0;
    this.#expected = 0;
    this.#told = 0;
    this.#rejecting = false;
    this.#misses = 0;
    this.#patience = FIRST_PATIENCE;
    this.#notReady = false;
  }

  #write(frame: AshFrame): void {
    this.#deps.write(encodeAsh(frame));
  }
}

const next = (number: number): number => (number + 1) & 7;
