import { FakeClock } from "@hearth/base";
import { beforeEach, describe, expect, it } from "vitest";
import { type AshFrame, AshParser, encodeAsh } from "./ash.ts";
import { AshLink, Code } from "./ash-link.ts";

const text = (word: string) => Buffer.from(word, "latin1");
const RSTACK: AshFrame = { kind: "rstack", version: 2, code: 11 };
const ack = (acknowledges: number, notReady = false): AshFrame => ({ kind: "ack", acknowledges, notReady });
const data = (frame: number, acknowledges: number, word: string, again = false): AshFrame => ({
  ...{ kind: "data", frame, acknowledges, again },
  data: text(word),
});

describe("the processor's end of an ASH link", () => {
  let clock: FakeClock;
  let said: (AshFrame | "broken")[];
  let delivered: string[];
  let resets: number;
  let link: AshLink;
  const hear = (...frames: AshFrame[]) => {
    for (const frame of frames) link.receive(encodeAsh(frame));
  };
  /** What it has said since it was last asked. */
  const news = () => said.splice(0);

  beforeEach(() => {
    clock = new FakeClock();
    said = [];
    delivered = [];
    resets = 0;
    const parser = new AshParser((frame) => said.push(frame));
    link = new AshLink({
      clock,
      write: (octets) => parser.push(octets),
      deliver: (frame) => delivered.push(frame.toString("latin1")),
      reset: () => {
        resets += 1;
      },
    });
    hear({ kind: "rst" });
  });

  it("is reset by the host, and says nothing before that", () => {
    expect([news(), resets]).toEqual([[RSTACK], 1]);
    link.stop();
    hear(data(0, 0, "one"));
    link.send(text("two"), true);
    expect([news(), delivered]).toEqual([[], []]);
  });

  it("takes frames in order and once, and asks once for what it has missed", () => {
    news();
    hear(data(0, 0, "one"));
    expect(news()).toEqual([ack(1)]);
    hear(data(2, 0, "three"), data(3, 0, "four"));
    expect(news()).toEqual([{ kind: "nak", acknowledges: 1, notReady: false }]);
    hear(data(0, 0, "one", true));
    expect(news()).toEqual([ack(1)]);
    hear(data(1, 0, "two", true), data(2, 0, "three", true));
    expect(delivered).toEqual(["one", "two", "three"]);
    expect(news().at(-1)).toEqual(ack(3));
    const damaged = encodeAsh(data(3, 0, "four"));
    damaged[1] = (damaged[1] ?? 0) ^ 1;
    link.receive(damaged);
    expect(news()).toEqual([{ kind: "nak", acknowledges: 3, notReady: false }]);
  });

  it("lets its answer carry the acknowledgement, and sends at most five frames without one", () => {
    news();
    for (const word of ["a__", "b__", "c__", "d__", "e__", "f__"]) link.send(text(word), true);
    expect(news()).toHaveLength(5);
    hear(ack(2));
    expect(news()).toEqual([data(5, 0, "f__")]);
    hear(ack(6));
    link.send(text("g__"), true);
    // Not acknowledged by a number that was never sent.
    hear(ack(3));
    hear({ kind: "nak", acknowledges: 6, notReady: false });
    expect(news()).toEqual([data(6, 0, "g__"), data(6, 0, "g__", true)]);
  });

  it("sends again what is not acknowledged, and has failed when that does not help", () => {
    news();
    link.send(text("one"), true);
    expect(news()).toEqual([data(0, 0, "one")]);
    clock.advance(1600);
    expect(news()).toEqual([data(0, 0, "one", true)]);
    clock.advance(3200);
    clock.advance(3200);
    expect(news()).toHaveLength(2);
    clock.advance(3200);
    const failed: AshFrame = { kind: "error", version: 2, code: Code.TIMEOUTS };
    expect(news()).toEqual([failed]);
    hear(ack(1));
    expect(news()).toEqual([failed]);
    hear({ kind: "rst" });
    expect(news()).toEqual([RSTACK]);
  });

  it("keeps callbacks from a host that is not ready, for a second, and answers it", () => {
    news();
    hear(ack(0, true));
    link.send(text("callback"), true);
    link.send(text("answer"), false);
    expect(news()).toEqual([data(0, 0, "answer")]);
    clock.advance(1000);
    expect(news()).toEqual([data(1, 0, "callback")]);
    hear(ack(2, true), ack(2));
    link.send(text("another"), true);
    expect(news()).toEqual([data(2, 0, "another")]);
  });

  it("tells that it has started anew, and is silent until the host has followed", () => {
    news();
    link.restarted(Code.WATCHDOG);
    link.send(text("lost"), true);
    hear(data(0, 0, "lost"));
    expect(news()).toEqual([{ kind: "rstack", version: 2, code: 3 }]);
    expect(delivered).toEqual([]);
  });
});
