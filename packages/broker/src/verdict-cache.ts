const GENERATION = 128;
/** Longer topics are not worth the memory. */
const CACHED_TOPIC = 512;

/**
 * Remembers what was decided about a topic. Bounded by two generations: what has not been asked for while a whole
 * generation went by is forgotten, without bookkeeping on every hit.
 */
export class VerdictCache<Verdict> {
  /** Made when first needed: most of a fleet's connections are idle. */
  #young: Map<string, Verdict> | undefined;
  #old: Map<string, Verdict> | undefined;

  get(topic: string, decide: (topic: string) => Verdict): Verdict {
    const young = this.#young?.get(topic);
    if (young !== undefined) return young;
    const verdict = this.#old?.get(topic) ?? decide(topic);
    if (topic.length > CACHED_TOPIC) return verdict;
    if (this.#young === undefined || this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(topic, verdict);
    return verdict;
  }

  clear(): void {
    this.#young = undefined;
    this.#old = undefined;
  }
}
