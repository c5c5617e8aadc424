/** Topics of one generation. One receiver often gathers from some hundred devices in a cycle: all of them have to fit. */
const GENERATION = 256;
/** Longer topics are not worth the memory. */
const CACHED_TOPIC = 512;

/**
 * Remembers what was decided about a topic. Bounded by two generations: what has not been asked for while a whole
 * generation went by is forgotten, without bookkeeping on every hit.
 */
export class VerdictCache<Verdict> {
  #young = new Map<string, Verdict>();
  #old: Map<string, Verdict> | undefined;
  /** Most devices publish to one topic again and again. */
  #lastTopic: string | undefined;
  #lastVerdict: Verdict | undefined;

  get(topic: string): Verdict | undefined {
    if (topic === this.#lastTopic) return this.#lastVerdict;
    const young = this.#young.get(topic);
    const verdict = young ?? this.#old?.get(topic);
    if (verdict === undefined) return undefined;
    if (young === undefined) this.set(topic, verdict);
    this.#lastTopic = topic;
    this.#lastVerdict = verdict;
    return verdict;
  }

  set(topic: string, verdict: Verdict): void {
    if (topic.length > CACHED_TOPIC) return;
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(topic, verdict);
  }
}
