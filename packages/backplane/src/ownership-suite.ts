import { describe, expect, test } from "vitest";
import type { Owned, Owner, Ownership } from "./ownership.ts";

type Under = Ownership<string, string, string, string>;

/** An owner that keeps what it is told; it lets go when the test says so. */
class Tried implements Owner<string, string, string> {
  readonly claimant: string;
  readonly asked: string[] = [];
  owned: Owned<string> | undefined;

  constructor(claimant: string) {
    this.claimant = claimant;
  }

  yieldTo(next: string): void {
    this.asked.push(next);
  }

  async answer(question: string): Promise<string | undefined> {
    return question === "nothing" ? undefined : `${this.claimant}: ${question}`;
  }

  claim(ownership: Under, key: string): Promise<void> {
    return ownership.claim(key, this).then((owned) => {
      this.owned = owned;
    });
  }
}

/**
 * What every ownership promises. `open` returns two ways to one and the same, new ownership, such as those of two nodes;
 * `settle` resolves when everything that is under way between them has arrived.
 */
export function describeOwnership(
  name: string,
  open: () => Promise<{ here: Under; there: Under; settle(): Promise<void> }>,
): void {
  describe(`Ownership ${name}`, () => {
    test("a key that nobody has is granted, and others do not wait for it", async () => {
      const { here, there } = await open();
      const [one, two] = [new Tried("one"), new Tried("two")];
      await one.claim(here, "a");
      await two.claim(there, "b");
      expect([one.owned?.before, two.owned?.before, one.asked, two.asked]).toEqual([undefined, undefined, [], []]);
    });

    test("the owner is asked to yield, and the next one starts only after it has let go", async () => {
      const { here, there, settle } = await open();
      const [old, next] = [new Tried("old"), new Tried("next")];
      await old.claim(here, "a");
      const claimed = next.claim(there, "a");
      await settle();
      expect(old.asked).toEqual(["next"]);
      expect(next.owned).toBeUndefined();
      old.owned?.release("what it leaves");
      await claimed;
      expect(next.owned?.before).toBe("what it leaves");
      expect(next.asked).toEqual([]);
    });

    test("an owner that has gone by itself leaves nothing behind", async () => {
      const { here, there, settle } = await open();
      const [old, next] = [new Tried("old"), new Tried("next")];
      await old.claim(here, "a");
      old.owned?.release("nobody waited");
      await settle();
      await next.claim(there, "a");
      expect([old.asked, next.owned?.before]).toEqual([[], undefined]);
    });

    test("claims are granted in their order, each owner asked for the next, once", async () => {
      const { here, there, settle } = await open();
      const tried = ["first", "second", "third", "fourth"].map((claimant) => new Tried(claimant));
      const order: string[] = [];
      const claims: Promise<void>[] = [];
      for (const [index, owner] of tried.entries()) {
        claims.push(owner.claim(index % 2 === 0 ? here : there, "a").then(() => void order.push(owner.claimant)));
        await settle();
      }
      for (const [index, owner] of tried.entries()) {
        await claims[index];
        await settle();
        expect(order).toEqual(tried.slice(0, index + 1).map(({ claimant }) => claimant));
        expect(owner.asked).toEqual(tried.slice(index + 1, index + 2).map(({ claimant }) => claimant));
        owner.owned?.release(owner.claimant);
      }
      expect(tried.map(({ owned }) => owned?.before)).toEqual([undefined, "first", "second", "third"]);
    });

    test("tokens grow from owner to owner", async () => {
      const { here, there, settle } = await open();
      let last = Number.NEGATIVE_INFINITY;
      for (const ownership of [here, there, there, here]) {
        const owner = new Tried("one of many");
        await owner.claim(ownership, "a");
        expect(owner.owned?.token).toBeGreaterThan(last);
        last = owner.owned?.token ?? 0;
        owner.owned?.release();
        await settle();
      }
    });

    test("a second release does not take the key from the next owner", async () => {
      const { here, there, settle } = await open();
      const [old, next, third] = [new Tried("old"), new Tried("next"), new Tried("third")];
      await old.claim(here, "a");
      const claimed = next.claim(there, "a");
      await settle();
      old.owned?.release();
      await claimed;
      const waits = third.claim(here, "a");
      await settle();
      old.owned?.release();
      await settle();
      expect(third.owned).toBeUndefined();
      next.owned?.release();
      await waits;
      expect(third.owned).toBeDefined();
    });

    test("questions reach the owner from everywhere, and nobody when there is none", async () => {
      const { here, there, settle } = await open();
      const owner = new Tried("owner");
      expect(await here.ask("a", "who")).toBeUndefined();
      await owner.claim(here, "a");
      await settle();
      expect([await here.ask("a", "who"), await there.ask("a", "who")]).toEqual(["owner: who", "owner: who"]);
      expect([await there.ask("a", "nothing"), await there.ask("b", "who")]).toEqual([undefined, undefined]);
      owner.owned?.release();
      await settle();
      expect(await there.ask("a", "who")).toBeUndefined();
    });
  });
}
