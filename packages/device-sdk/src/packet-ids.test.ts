import { describe, expect, test } from "vitest";
import { PacketIds } from "./packet-ids.ts";

describe("packet identifiers", () => {
  test("are never given twice while they are taken, round after round", () => {
    const ids = new PacketIds();
    const taken = [ids.allocate(), ids.allocate(), ids.allocate()];
    expect(taken).toEqual([1, 2, 3]);
    ids.deallocate(2);
    let last = 3;
    for (; last < 65_535; last++) {
      const id = ids.allocate();
      ids.deallocate(id);
      if (id !== last + 1) break;
    }
    expect(last).toBe(65_535);
    expect([ids.allocate(), ids.allocate()]).toEqual([2, 4]);
  });

  test("of what is sent again stay, the others are free after a loss", () => {
    const ids = new PacketIds();
    for (let n = 0; n < 5; n++) ids.allocate();
    ids.retain([2, 5]);
    ids.clear();
    let again = 0;
    ids.reuse(2, () => {
      again = ids.allocate();
    });
    expect(again).toBe(2);
    expect(ids.getLastAllocated()).toBe(2);
    expect([ids.allocate(), ids.allocate(), ids.allocate()]).toEqual([3, 4, 6]);
  });
});
