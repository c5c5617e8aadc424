import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { generate, parser as oracleParser } from "mqtt-packet";
import { describe, expect, test } from "vitest";
import { packets } from "../test/arbitrary.ts";
import { fromOracle, toOracle } from "../test/oracle.ts";
import { encode, encodePublish, MqttError, type Packet, Parser, type ProtocolVersion, withPacketId } from "./index.ts";

const versions: ProtocolVersion[] = [4, 5];

/** A parser that already knows the version, unless CONNECT is what comes. */
const parserFor = (packet: Packet, version: ProtocolVersion): Parser =>
  new Parser(packet.type === "connect" ? {} : { version });

function only(parser: Parser, bytes: Uint8Array): Packet {
  parser.push(bytes);
  const packet = parser.next();
  expect(parser.next()).toBeUndefined();
  if (packet === undefined || packet.type === "error") throw packet ?? new Error("nothing parsed");
  return packet;
}

/** Absent and undefined members are the same; views become plain arrays. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array || Array.isArray(value)) return Array.from(value, plain);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}

describe.each(versions)("version %i", (version) => {
  test("the parser reads back what the encoder writes", () => {
    fc.assert(
      fc.property(packets(version), (packet) => {
        expect(plain(only(parserFor(packet, version), encode(packet, version)))).toEqual(plain(packet));
      }),
      { numRuns: 600 },
    );
  });

  test("mqtt-packet reads what the encoder writes", () => {
    fc.assert(
      fc.property(packets(version), (packet) => {
        const seen: Packet[] = [];
        const oracle = oracleParser({ protocolVersion: version });
        oracle.on("packet", (parsed) => seen.push(fromOracle(parsed, version)));
        oracle.on("error", (error) => {
          throw error;
        });
        oracle.parse(Buffer.from(encode(packet, version)));
        expect(seen.map(plain)).toEqual([plain(packet)]);
      }),
      { numRuns: 600 },
    );
  });

  test("the parser reads what mqtt-packet writes", () => {
    fc.assert(
      fc.property(packets(version), (packet) => {
        const bytes = generate(toOracle(packet, version), { protocolVersion: version });
        expect(plain(only(parserFor(packet, version), bytes))).toEqual(plain(packet));
      }),
      { numRuns: 600 },
    );
  });

  test("chunks may be cut anywhere", () => {
    const streams = fc.tuple(
      fc.array(
        packets(version).filter((packet) => packet.type !== "connect"),
        { minLength: 1, maxLength: 6 },
      ),
      fc.array(fc.nat(200), { maxLength: 20 }),
    );
    fc.assert(
      fc.property(streams, ([sent, cuts]) => {
        const bytes = Buffer.concat(sent.map((packet) => Buffer.from(encode(packet, version))));
        const parser = new Parser({ version });
        const received: (Packet | MqttError)[] = [];
        const drain = () => {
          for (let packet = parser.next(); packet !== undefined; packet = parser.next()) {
            received.push(packet);
            if (packet.type === "error") break;
          }
        };
        let offset = 0;
        for (const size of cuts) {
          parser.push(bytes.subarray(offset, offset + size));
          offset = Math.min(offset + size, bytes.length);
          // Every third time the packets are left for later, as a paused connection does.
          if (size % 3 > 0) drain();
        }
        parser.push(bytes.subarray(offset));
        drain();
        expect(received.map((packet) => plain(packet))).toEqual(sent.map(plain));
        expect(parser.pending).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test("no bytes make the parser throw or hang", () => {
    const mutations = fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(packets(version), mutations, fc.boolean(), (packet, changes, fresh) => {
        let bytes = [...encode(packet, version)];
        for (const [where, value, how] of changes) {
          const index = where % bytes.length;
          if (how === 0) bytes[index] = value;
          else if (how === 1) bytes.splice(index, 0, value);
          else if (bytes.length > 1) bytes = bytes.slice(0, index + 1);
        }
        const parser = new Parser(fresh ? { maximumPacketSize: 300 } : { version, maximumPacketSize: 300 });
        parser.push(Uint8Array.from(bytes));
        for (let i = 0; i <= bytes.length; i++) {
          const next = parser.next();
          if (next === undefined) return;
          if (next.type === "error") {
            expect([0x81, 0x82, 0x84, 0x95]).toContain(next.reasonCode);
            expect(parser.next()).toBe(next);
            return;
          }
          // Whatever was understood can be said again.
          encode(next, parser.version!);
        }
        throw new Error("more packets than bytes");
      }),
      { numRuns: 1500 },
    );
  });
});

test("random bytes end in packets, silence or an error", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(undefined, 4 as const, 5 as const),
      (bytes, version) => {
        const parser = new Parser({ version });
        parser.push(bytes);
        let next = parser.next();
        for (let i = 0; i < 60 && next !== undefined && next.type !== "error"; i++) next = parser.next();
        expect(next === undefined || next instanceof MqttError).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

test.each(versions)("one frame serves many receivers (version %i)", (version) => {
  const message = { topic: "a/b", payload: Uint8Array.of(1, 2, 3), retain: false, dup: false };
  const frame = encodePublish({ ...message, qos: 1, packetId: 0 }, version);
  const first = withPacketId(frame, 7, true);
  const second = withPacketId(frame, 65_000, false);
  const read = (bytes: Uint8Array) => only(new Parser({ version }), bytes);
  expect(read(first)).toMatchObject({ qos: 1, packetId: 7, topic: "a/b" });
  expect(read(second)).toMatchObject({ qos: 1, packetId: 65_000, payload: Uint8Array.of(1, 2, 3) });
  expect(encodePublish({ ...message, qos: 0, packetId: 0 }, version).packetIdOffset).toBe(0);
});

test("long strings and large payloads survive", () => {
  const topic = "ü".repeat(30_000);
  const payload = new Uint8Array(300_000).fill(7);
  for (const version of versions) {
    const packet = { type: "publish" as const, topic, payload, qos: 1 as const, retain: true, dup: true, packetId: 9 };
    const read = only(new Parser({ version }), encode(packet, version));
    expect(read.type === "publish" && read.topic === topic && Buffer.compare(read.payload, payload) === 0).toBe(true);
  }
  const tooLong = { type: "unsubscribe" as const, packetId: 1, filters: ["ü".repeat(40_000)] };
  expect(() => encode(tooLong, 4)).toThrow(RangeError);
});

test("a byte order mark belongs to the text [MQTT-1.5.4-3]", () => {
  const packet = { type: "unsubscribe" as const, packetId: 1, filters: ["\ufeffa"] };
  expect(only(new Parser({ version: 5 }), encode(packet, 5))).toMatchObject({ filters: ["\ufeffa"] });
});

test("a repeated topic is the same string, and a similar one is not", () => {
  const parser = new Parser({ version: 4 });
  const publish = (topic: string) =>
    only(
      parser,
      encode({ type: "publish", topic, payload: new Uint8Array(), qos: 0, retain: false, dup: false, packetId: 0 }, 4),
    );
  // "Aa" and "BB" have the same hash with the factor 31.
  for (const topic of ["x/Aa", "x/BB", "x/Aa", "x/Aa", "x/BB"]) expect(publish(topic)).toMatchObject({ topic });
});

test.each(["read", "refused"])("a parser that waits keeps nothing of what it has %s", async (how) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const held = () => {
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const size = 32 * 1024 * 1024;
  const message = { topic: "t", qos: 0 as const, retain: false, dup: false, packetId: 0 };
  const parser = new Parser({ version: 4 });
  const before = held();
  const take = () => {
    const bytes = encode({ type: "publish", ...message, payload: new Uint8Array(size) }, 4);
    if (how === "refused") bytes[6] = 0;
    parser.push(bytes);
    expect(parser.next()?.type).toBe(how === "read" ? "publish" : "error");
    if (how === "read") expect(parser.next()).toBeUndefined();
  };
  take();
  // The engine gives large buffers back a little after it has collected them.
  await expect.poll(() => held() - before, { timeout: 30_000 }).toBeLessThan(size / 2);
  expect(parser.pending).toBe(0);
});
