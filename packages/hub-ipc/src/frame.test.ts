import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, FrameError, FrameReader } from "./index.ts";

test("frames come out whole however the socket cuts them", () => {
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())), { maxLength: 8 }),
      fc.array(fc.nat(40), { maxLength: 60 }),
      (bodies, cuts) => {
        const messages = bodies.map((body) => JSON.parse(JSON.stringify(body)));
        let rest = Buffer.concat(messages.map((message) => encodeFrame(message)));
        const reader = new FrameReader();
        const seen = cuts.flatMap((cut) => {
          const chunk = rest.subarray(0, cut);
          rest = rest.subarray(cut);
          return reader.push(chunk);
        });
        seen.push(...reader.push(rest));
        expect(seen).toEqual(messages);
        expect(reader.unfinished).toBe(false);
      },
    ),
  );
});

test("what is no frame ends the reading with a reason", () => {
  const header = (length: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    return bytes;
  };
  expect(() => new FrameReader().push(header(0x3fffffff))).toThrow(/longer than 262144/);
  expect(() => new FrameReader().push(Buffer.concat([header(2), Buffer.from("[]")]))).toThrow(FrameError);
  expect(() => new FrameReader().push(Buffer.concat([header(1), Buffer.from("{")]))).toThrow(FrameError);
  expect(() => new FrameReader().push(header(0))).toThrow(FrameError);
  expect(() => encodeFrame({ text: "x".repeat(20) }, 16)).toThrow(/longer than a frame/);
});

test("any bytes at all are frames, a FrameError, or waited for within the limit", () => {
  const someLengths = fc.oneof(fc.nat(64), fc.nat(0xffffffff)).map((length) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(length);
    return bytes;
  });
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
    someLengths,
  );
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 20 }), (chunks) => {
      const reader = new FrameReader(64);
      try {
        for (const bytes of chunks) for (const message of reader.push(bytes)) expect(message).toBeTypeOf("object");
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    }),
  );
});
