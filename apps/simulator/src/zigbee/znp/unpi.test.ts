import { describe, expect, it } from "vitest";
import { encodeUnpi, FrameType, type UnpiFrame, UnpiParser } from "./unpi.ts";

const PING = Buffer.from("fe00210120", "hex");
const PONG = Buffer.from("fe02610179061d", "hex");

function parse(...chunks: Buffer[]): UnpiFrame[] {
  const frames: UnpiFrame[] = [];
  const parser = new UnpiParser((frame) => frames.push(frame));
  for (const chunk of chunks) parser.push(chunk);
  return frames;
}

describe("UNPI frames", () => {
  it("are start, length, command, data and the exclusive or of all but the start", () => {
    expect(encodeUnpi({ type: FrameType.SREQ, subsystem: 1, id: 1, data: Buffer.alloc(0) })).toEqual(PING);
    expect(encodeUnpi({ type: FrameType.SRSP, subsystem: 1, id: 1, data: Buffer.from([0x79, 0x06]) })).toEqual(PONG);
    expect(parse(PONG)).toEqual([{ type: 3, subsystem: 1, id: 1, data: Buffer.from([0x79, 0x06]) }]);
  });

  it("are taken as they come, octet by octet or many at once", () => {
    const octetByOctet = [...PONG, ...PING].map((octet) => Buffer.from([octet]));
    expect(parse(...octetByOctet)).toEqual(parse(Buffer.concat([PONG, PING])));
    expect(parse(...octetByOctet)).toHaveLength(2);
  });

  it("are found again behind what is none", () => {
    const broken = Buffer.from(PONG);
    broken[6] = 0;
    const tooLong = Buffer.from([0xfe, 0xff, 0x21]);
    expect(parse(Buffer.from([0xef, 0x00]), broken, tooLong, PING)).toEqual(parse(PING));
  });

  it("carry 250 octets of data and no more", () => {
    const data = Buffer.alloc(250, 7);
    const frame = { type: FrameType.AREQ, subsystem: 4, id: 0x81, data };
    expect(parse(encodeUnpi(frame))).toEqual([frame]);
    expect(() => encodeUnpi({ ...frame, data: Buffer.alloc(251) })).toThrow(RangeError);
  });
});
