/**
 * Who owns what: a key has one owner at a time, in whichever process it lives. `Claimant` is what a claim says of itself,
 * `Parting` what an owner leaves behind for the next; they and questions with their answers are plain data, which may
 * travel between processes.
 */
export interface Ownership<Claimant, Parting, Question, Answer> {
  /**
   * Makes `owner` the owner of `key`; resolves once every owner before it has let go. Claims of one key are granted in
   * the order in which they were made, and each owner is asked to yield as soon as somebody waits. A claim is not taken
   * back: who does not want the key any more releases it when it comes.
   */
  claim(key: string, owner: Owner<Claimant, Question, Answer>): Promise<Owned<Parting>>;
  /** What the key's owner answers; undefined when it has none, or the owner has nothing to say. */
  ask(key: string, question: Question): Promise<Answer | undefined>;
}

/** Whoever may be made an owner. */
export interface Owner<Claimant, Question, Answer> {
  /** What the owner before is told of this one. */
  readonly claimant: Claimant;
  /**
   * Somebody else waits for the key: end what is done with it, then release it. Called once at most, and perhaps before
   * the owner has heard that its own claim was granted. Does not throw.
   */
  yieldTo(next: Claimant): void;
  answer(question: Question): Promise<Answer | undefined>;
}

/** A key that is owned, until `release`. */
export interface Owned<Parting> {
  /**
   * Higher than that of every owner of the key before: a store that refuses lower ones than it has seen is safe from an
   * owner that does not know yet that it has been overtaken.
   */
  readonly token: number;
  /** What the owner before left behind; undefined when there was none, or it had gone before anybody waited. */
  readonly before: Parting | undefined;
  /**
   * Lets go: the next claim is granted. Only once nothing that was done in the key's name is under way any more, such as
   * a commit. The second call does nothing.
   */
  release(parting?: Parting): void;
}
