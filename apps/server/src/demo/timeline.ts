/** Prints what happens as it happens: seconds since the start, a mark, words. */
export class Timeline {
  readonly #start = Date.now();
  readonly #out: NodeJS.WritableStream;

  constructor(out: NodeJS.WritableStream = process.stdout) {
    this.#out = out;
  }

  title(text: string): void {
    this.#out.write(`\n${text}\n\n`);
  }

  /** `who` is the app, the cloud, the light or the stream. */
  step(who: string, what: string): void {
    const seconds = ((Date.now() - this.#start) / 1000).toFixed(2).padStart(6);
    this.#out.write(`${seconds} s  ${who.padEnd(7)} ${what}\n`);
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
