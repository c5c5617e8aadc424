import type { Owned, Owner, Ownership } from "./ownership.ts";

interface Claim<Claimant, Parting, Question, Answer> {
  owner: Owner<Claimant, Question, Answer>;
  grant(owned: Owned<Parting>): void;
}

/** One owner, and whoever waits for it to let go. */
interface Holder<Claimant, Parting, Question, Answer> {
  owner: Owner<Claimant, Question, Answer>;
  waiting: Claim<Claimant, Parting, Question, Answer>[] | undefined;
}

/** Ownership within one process: the owner of a key is an entry of a map. */
export function createOwnership<Claimant, Parting, Question, Answer>(): Ownership<Claimant, Parting, Question, Answer> {
  const holders = new Map<string, Holder<Claimant, Parting, Question, Answer>>();
  let lastToken = 0;

  class InProcess implements Owned<Parting> {
    readonly token: number;
    readonly before: Parting | undefined;
    readonly #key: string;
    readonly #holder: Holder<Claimant, Parting, Question, Answer>;

    constructor(key: string, holder: Holder<Claimant, Parting, Question, Answer>, before: Parting | undefined) {
      lastToken += 1;
      this.token = lastToken;
      this.before = before;
      this.#key = key;
      this.#holder = holder;
      holders.set(key, holder);
    }

    release(parting?: Parting): void {
      if (holders.get(this.#key) !== this.#holder) return;
      const [next, ...others] = this.#holder.waiting ?? [];
      if (next === undefined) {
        holders.delete(this.#key);
        return;
      }
      const { owner } = next;
      next.grant(new InProcess(this.#key, { owner, waiting: others.length > 0 ? others : undefined }, parting));
      const [after] = others;
      if (after !== undefined) owner.yieldTo(after.owner.claimant);
    }
  }

  return {
    claim(key, owner) {
      const holder = holders.get(key);
      if (holder === undefined) return Promise.resolve(new InProcess(key, { owner, waiting: undefined }, undefined));
      return new Promise((grant) => {
        const claim = { owner, grant };
        if (holder.waiting === undefined) {
          holder.waiting = [claim];
          holder.owner.yieldTo(owner.claimant);
        } else holder.waiting.push(claim);
      });
    },
    ask: async (key, question) => holders.get(key)?.owner.answer(question),
  };
}
