/** Prints what happens as it happens: seconds since the start, a mark, words. */
export class Timeline {
  readonly #start = Date.now();
  readonly #out: NodeJS.WritableStream & { isTTY?: boolean };
  readonly #isTerminal: boolean;

  constructor(out: NodeJS.WritableStream & { isTTY?: boolean } = process.stdout) {
    this.#out = out;
    this.#isTerminal = out.isTTY === true;
  }

  title(text: string): void {
    this.#out.write(`${this.#cleared}\n${text}\n\n`);
  }

  /** `who` is the app, the cloud, the light or the stream. */
  step(who: string, what: string): void {
    this.#out.write(`${this.#cleared}${this.#seconds()} s  ${who.padEnd(7)} ${what}\n`);
  }

  /** What is being waited for; on a terminal only, where the next step takes its place. */
  doing(what: string): void {
    if (this.#isTerminal) this.#out.write(`${this.#cleared}${this.#seconds()} s  … ${what}`);
  }

  #seconds(): string {
    return ((Date.now() - this.#start) / 1000).toFixed(2).padStart(6);
  }

  get #cleared(): string {
    return this.#isTerminal ? "\r\u001b[K" : "";
  }
}

/** Asks until there is an answer. Rejects after `timeout` ms, saying what was waited for. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  timeout = 20_000,
  interval = 50,
): Promise<T> {
  const end = Date.now() + timeout;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`waited ${timeout / 1000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
}
