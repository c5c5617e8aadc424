import fc from "fast-check";
import { parser as oracleParser } from "mqtt-packet";
import { expect, test } from "vitest";
import { packets } from "../test/arbitrary.ts";
import { fromOracle } from "../test/oracle.ts";
import { encode, type Packet, Parser, type ProtocolVersion } from "./index.ts";

const runs = process.env["HEARTH_LONG"] === "1" ? 300_000 : 3_000;

interface Leniency {
  /** What we say about it. */
  ours: RegExp;
  clause: string;
  /** Only there; absent: in both versions and all types. */
  version?: ProtocolVersion;
  types?: readonly number[];
}

const properties5 = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 15];

/** What mqtt-packet takes although the standard does not. Nothing else may be refused by us and taken by it. */
const theirLeniencies: readonly Leniency[] = [
  { ours: /^a string is not UTF-8/, clause: "MQTT-1.5.4-1" },
  { ours: /^a string holds U\+0000/, clause: "MQTT-1.5.4-2" },
  { ours: /^a variable byte integer is longer than needed/, clause: "MQTT-1.5.5-1", version: 5 },
  { ours: /^packet identifier 0/, clause: "MQTT-2.2.1-3" },
  // Types that it does not look at to the end.
  { ours: /^bytes are left behind/, clause: "2.1.4", types: [1, 2, 4, 5, 6, 7, 11, 12, 13, 14, 15] },
  // It takes a missing number for -1, and a missing string in a property for null.
  { ours: /^the packet ends too early/, clause: "2.1.4", version: 4, types: [2, 3, 4, 5, 6, 7, 9] },
  { ours: /^the packet ends too early/, clause: "2.1.4", version: 5 },
  { ours: /^a string is longer than its packet/, clause: "1.5.4", version: 5, types: properties5 },
  { ours: /^properties are longer than their packet/, clause: "2.2.2.1", version: 5, types: properties5 },
  { ours: /^property \w+ (does not belong here|appears twice)/, clause: "2.2.2.2", version: 5, types: properties5 },
  { ours: /^\w+ is neither 0 nor 1/, clause: "2.2.2.2", version: 5, types: [1, 2, 3] },
  { ours: /^\w+ is 0/, clause: "2.2.2.2", version: 5, types: [1, 2, 3, 8] },
  { ours: /^the response topic is no topic name/, clause: "MQTT-3.3.2-14", version: 5, types: [1, 3] },
  { ours: /^authentication data without a method/, clause: "3.1.2.11.10", version: 5, types: [1, 2, 15] },
  { ours: /^will QoS 3/, clause: "MQTT-3.1.2-12", types: [1] },
  { ours: /^an empty will topic/, clause: "MQTT-4.7.3-1", types: [1] },
  { ours: /^a password without a user name/, clause: "MQTT-3.1.2-22", version: 4, types: [1] },
  { ours: /^protocol (MQTT|MQIsdp) level/, clause: "MQTT-3.1.2-2", types: [1] },
  { ours: /^session present with a refusal/, clause: "MQTT-3.2.2-6", types: [2] },
  { ours: /^DUP with QoS 0/, clause: "MQTT-3.3.1-2", types: [3] },
  { ours: /^an empty topic/, clause: "MQTT-4.7.3-1", version: 4, types: [3] },
  { ours: /^neither topic nor alias/, clause: "3.3.2.1", version: 5, types: [3] },
  { ours: /^SUBSCRIBE without a filter/, clause: "MQTT-3.8.3-2", types: [8] },
  { ours: /^no-local on a shared filter/, clause: "MQTT-3.8.3-4", version: 5, types: [8] },
  { ours: /^UNSUBSCRIBE without a filter/, clause: "MQTT-3.10.3-2", types: [10] },
  // It does not know how many packets there were before.
  { ours: /^a second CONNECT/, clause: "MQTT-3.1.0-2", types: [1] },
];

/** What mqtt-packet refuses although the standard allows it, by what it says. */
const ourAllowances: readonly { theirs: RegExp; clause: string; type: Packet["type"] }[] = [
  // An AUTH of Success may leave everything out.
  { theirs: /^Invalid auth reason code/, clause: "3.15.2.1", type: "auth" },
];

/** The packet with other bytes behind its first and as many of them as its length says. */
function mutate(packet: Packet, version: ProtocolVersion, changes: readonly (readonly [number, number, number])[]) {
  const whole = encode(packet, version);
  let bodyAt = 2;
  while (whole[bodyAt - 1]! > 127) bodyAt++;
  let first = whole[0]!;
  const body = [...whole.subarray(bodyAt)];
  for (const [where, value, how] of changes) {
    const at = where % (body.length + 1);
    if (how === 0 && at < body.length) body[at] = value;
    if (how === 1) body.splice(at, 0, value);
    if (how === 2) body.splice(at, 1);
    if (how === 3 && where % 5 === 0) body.length = at;
    if (how === 4 && where % 8 === 0) first ^= 1 << (value % 8);
  }
  const length: number[] = [];
  for (let rest = body.length; ; rest = Math.floor(rest / 128)) {
    length.push((rest % 128) + (rest > 127 ? 128 : 0));
    if (rest < 128) break;
  }
  return Buffer.from([first, ...length, ...body]);
}

type Verdict = { packet: Packet } | { refusal: string };

function ours(bytes: Buffer, version: ProtocolVersion, cuts: readonly number[]): Verdict {
  const parser = new Parser(bytes[0]! >> 4 === 1 ? {} : { version });
  let offset = 0;
  for (const size of [...cuts, bytes.length]) {
    parser.push(bytes.subarray(offset, offset + size));
    offset += size;
    const packet = parser.next();
    if (packet?.type === "error") return { refusal: packet.message };
    if (packet !== undefined) return { packet };
  }
  return { refusal: "it is not whole" };
}

function theirs(bytes: Buffer, version: ProtocolVersion): Verdict {
  let verdict: Verdict = { refusal: "it is not whole" };
  const oracle = oracleParser({ protocolVersion: version });
  oracle.on("error", (error) => {
    verdict = { refusal: error.message };
  });
  // It goes on after an error, and says both; what it refuses it sometimes reads wrongly first.
  oracle.on("packet", (parsed) => {
    if ("refusal" in verdict && verdict.refusal === "it is not whole") {
      verdict = { packet: fromOracle(parsed, parsed.cmd === "connect" ? (parsed.protocolVersion as 4 | 5) : version) };
    }
  });
  oracle.parse(bytes);
  return verdict;
}

/** Members that are comparable: its map of user properties has lost the order and the repetitions. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array || Array.isArray(value)) return Array.from(value, comparable);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([name, member]) => member !== undefined && name !== "userProperties");
  const kept = members.map(([name, member]) => [name, comparable(member)] as const);
  return Object.fromEntries(kept.filter(([name, member]) => name !== "properties" || Object.keys(member!).length > 0));
}

const byte = fc.oneof(fc.constantFrom(0, 1, 2, 4, 0x7f, 0x80, 0xff, 0x24, 0x2b), fc.nat(255));
const changes = fc.array(fc.tuple(fc.nat(), byte, fc.nat(4)), { maxLength: 4 });
const cuts = fc.array(fc.nat(30), { maxLength: 4 });

test.each([4, 5] as const)(
  "mqtt-packet's verdict on mutated bytes is ours, but for its known leniencies (%i)",
  (version) => {
    fc.assert(
      fc.property(packets(version), changes, cuts, (packet, how, where) => {
        const bytes = mutate(packet, version, how);
        const mine = ours(bytes, version, where);
        const other = theirs(bytes, version);
        const type = bytes[0]! >> 4;
        if ("packet" in mine && "packet" in other) {
          expect(comparable(mine.packet)).toEqual(comparable(other.packet));
        } else if ("packet" in mine && "refusal" in other) {
          const allowed = ourAllowances.some((one) => one.type === mine.packet.type && one.theirs.test(other.refusal));
          expect(allowed || `only mqtt-packet refuses ${mine.packet.type}: ${other.refusal}`).toBe(true);
        } else if ("refusal" in mine && "packet" in other) {
          const known = theirLeniencies.some(
            (one) =>
              one.ours.test(mine.refusal) &&
              (one.version === undefined || one.version === version || type === 1) &&
              (one.types === undefined || one.types.includes(type)),
          );
          expect(known || `mqtt-packet takes type ${type}: ${mine.refusal}`).toBe(true);
        }
      }),
      { numRuns: runs },
    );
  },
);
