/** Counts what is under way, so that a test or a stop can wait until nothing is. */
export class Activity {
  #running = 0;
  #waiting: (() => void)[] = [];

  get busy(): boolean {
    return this.#running > 0;
  }

  begin(): void {
    this.#running++;
  }

  end(): void {
    this.#running--;
    if (this.#running > 0) return;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Runs `work` as part of the activity. It must not reject. */
  track(work: () => Promise<void>): void {
    this.begin();
    void work().finally(() => this.end());
  }

  async idle(): Promise<void> {
    while (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }
}
