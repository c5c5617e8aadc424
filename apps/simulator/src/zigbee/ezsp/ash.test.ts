import { describe, expect, it } from "vitest";
import { type AshFrame, AshParser, encodeAsh, randomise } from "./ash.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

function parse(...chunks: Buffer[]): (AshFrame | "broken")[] {
  const frames: (AshFrame | "broken")[] = [];
  const parser = new AshParser((frame) => frames.push(frame));
  for (const chunk of chunks) parser.push(chunk);
  return frames;
}

/** The examples of UG101. */
const EXAMPLES: [AshFrame, string][] = [
  [{ kind: "rst" }, "C0 38 BC 7E"],
  [{ kind: "rstack", version: 2, code: 2 }, "C1 02 02 9B 7B 7E"],
  [{ kind: "ack", acknowledges: 1, notReady: false }, "81 60 59 7E"],
  [{ kind: "nak", acknowledges: 6, notReady: false }, "A6 34 DC 7E"],
  [{ kind: "nak", acknowledges: 5, notReady: true }, "AD 85 B7 7E"],
  [{ kind: "data", frame: 2, acknowledges: 5, again: false, data: hex("00 00 00 02") }, "25 42 21 A8 56 A6 09 7E"],
];

describe("ASH frames", () => {
  it.each(EXAMPLES)("%j is as the specification shows it", (frame, octets) => {
    expect(encodeAsh(frame)).toEqual(hex(octets));
    expect(parse(hex(octets))).toEqual([frame]);
  });

  it("carry every octet, stuffed where the line would take it for a sign, octet by octet or many at once", () => {
    const data = randomise(Buffer.from([0x7e, 0x7d, 0x11, 0x13, 0x18, 0x1a, 0x20]));
    const frame: AshFrame = { kind: "data", frame: 7, acknowledges: 0, again: true, data };
    const octets = encodeAsh(frame);
    expect(octets.subarray(1, 13)).toEqual(hex("7D5E 7D5D 7D31 7D33 7D38 7D3A"));
    expect([...octets.subarray(0, -1)].filter((octet) => [0x7e, 0x11, 0x13, 0x18, 0x1a].includes(octet))).toEqual([]);
    expect(parse(octets)).toEqual([frame]);
    expect(parse(...[...octets, ...octets].map((octet) => Buffer.from([octet])))).toEqual([frame, frame]);
  });

  it("that are cancelled count for nothing; those that are damaged, too long or none are broken", () => {
    const rst = encodeAsh({ kind: "rst" });
    expect(parse(hex("25 42 21 1A"), rst, hex("7E 7E"))).toEqual([{ kind: "rst" }]);
    const damaged = encodeAsh({ kind: "data", frame: 2, acknowledges: 5, again: false, data: hex("00 00 00 02") });
    damaged[2] = 0x20;
    expect(parse(damaged, rst)).toEqual(["broken", { kind: "rst" }]);
    expect(parse(hex("25 42 18 21 A8 56 A6 09 7E"), rst)).toEqual(["broken", { kind: "rst" }]);
    expect(parse(Buffer.alloc(1000, 0x55), hex("7E"), rst)).toEqual(["broken", { kind: "rst" }]);
    expect(parse(hex("38 7E"), hex("C0 7E"))).toEqual(["broken", "broken"]);
    // XON and XOFF are the line's.
    expect(parse(hex("11 C0 13 38 BC 7E"))).toEqual([{ kind: "rst" }]);
  });

  it("carry 3 to 220 octets of data", () => {
    const data = (length: number): AshFrame => ({
      ...{ kind: "data", frame: 0, acknowledges: 0, again: false },
      data: Buffer.alloc(length, 0x5a),
    });
    expect(parse(encodeAsh(data(220)))).toEqual([data(220)]);
    expect(() => encodeAsh(data(221))).toThrow(RangeError);
    expect(() => encodeAsh(data(2))).toThrow(RangeError);
  });
});
