import { expect, test } from "vitest";
import { MqttError, Parser, type ProtocolVersion } from "./index.ts";

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ""), "hex"));

/** [what, bytes in hex, version of the connection (0: before CONNECT), reason code] */
const cases: [string, string, 0 | ProtocolVersion, number][] = [
  ["packet type 0", "00 00", 4, 0x81],
  ["AUTH in 3.1.1", "f0 00", 4, 0x81],
  ["anything before CONNECT", "c0 00", 0, 0x82],
  ["a second CONNECT", "10 0c 0004 4d515454 04 02 0000 0000", 4, 0x82],
  ["PINGREQ with flags", "c1 00", 4, 0x81],
  ["SUBSCRIBE without its flags", "80 06 0001 0001 61 00", 4, 0x81],
  ["PUBREL without its flags", "60 02 0001", 4, 0x81],
  ["PUBLISH with QoS 3", "36 05 0001 61 0001", 4, 0x81],
  ["DUP with QoS 0", "38 03 0001 61", 4, 0x81],
  ["remaining length of five bytes", "30 ff ff ff ff 01", 4, 0x81],
  ["a remaining length longer than needed in 5", "c0 80 00", 5, 0x81],
  ["a topic longer than its packet", "30 03 0009 61", 4, 0x81],
  ["an empty topic in 3.1.1", "30 02 0000", 4, 0x81],
  ["an empty topic without alias in 5", "30 03 0000 00", 5, 0x82],
  ["packet identifier 0", "32 05 0001 61 0000", 4, 0x82],
  ["NUL in a topic", "30 03 0001 00", 4, 0x81],
  ["a surrogate in UTF-8", "30 05 0003 eda080", 4, 0x81],
  ["an overlong form in UTF-8", "30 04 0002 c080", 4, 0x81],
  ["a truncated character", "30 03 0001 c3", 4, 0x81],
  ["bytes behind PUBACK", "40 03 0001 00", 4, 0x81],
  ["bytes behind PINGREQ", "c0 01 00", 4, 0x81],
  ["a reason code that PUBACK does not have", "40 03 0001 04", 5, 0x82],
  ["a reason code that SUBACK does not have", "90 04 0001 00 03", 5, 0x82],
  ["a reason code that UNSUBACK does not have", "b0 04 0001 00 01", 5, 0x82],
  ["a reason code that DISCONNECT does not have", "e0 01 01", 5, 0x82],
  ["a reason code that AUTH does not have", "f0 01 01", 5, 0x82],
  ["SUBSCRIBE without filters", "82 02 0001", 4, 0x82],
  ["UNSUBSCRIBE without filters", "a2 02 0001", 4, 0x82],
  ["SUBSCRIBE with QoS 3", "82 06 0001 0001 61 03", 4, 0x81],
  ["SUBSCRIBE with 5's options in 3.1.1", "82 06 0001 0001 61 04", 4, 0x81],
  ["SUBSCRIBE with reserved options", "82 07 0001 00 0001 61 40", 5, 0x81],
  ["retain handling 3", "82 07 0001 00 0001 61 30", 5, 0x82],
  ["no-local on a shared filter", "82 0f 0001 00 0009 2473686172652f612f 04", 5, 0x82],
  ["subscription identifier 0", "82 09 0001 02 0b00 0001 61 00", 5, 0x82],
  ["two subscription identifiers", "82 0b 0001 04 0b01 0b02 0001 61 00", 5, 0x82],
  ["an unknown property", "30 06 0001 61 02 7f00", 5, 0x81],
  ["a property out of place", "30 07 0001 61 03 210001", 5, 0x81],
  ["a property twice", "30 08 0001 61 04 0100 0101", 5, 0x82],
  ["a flag of 2", "30 06 0001 61 02 0102", 5, 0x82],
  ["a response topic with a wildcard", "30 08 0001 61 04 08 0001 23", 5, 0x82],
  ["properties longer than the packet", "30 05 0001 61 09 01", 5, 0x81],
  ["a property length longer than needed", "30 05 0001 61 8000", 5, 0x81],
  ["protocol level 6", "10 0c 0004 4d515454 06 02 0000 0000", 0, 0x84],
  ["protocol 3.1", "10 0e 0006 4d5149736470 03 02 0000 0000", 0, 0x84],
  ["another protocol", "10 0c 0004 41424344 04 02 0000 0000", 0, 0x81],
  ["the reserved connect flag", "10 0c 0004 4d515454 04 03 0000 0000", 0, 0x81],
  ["will flags without a will", "10 0c 0004 4d515454 04 2a 0000 0000", 0, 0x81],
  ["will QoS 3", "10 10 0004 4d515454 04 1e 0000 0000 0001 61 0000", 0, 0x81],
  ["a password without a user", "10 0e 0004 4d515454 04 42 0000 0000 0000", 0, 0x81],
  ["an empty will topic", "10 10 0004 4d515454 04 06 0000 0000 0000 0000", 0, 0x81],
  ["CONNECT that ends early", "10 0b 0004 4d515454 04 02 0000 00", 0, 0x81],
  ["CONNECT with bytes left", "10 0d 0004 4d515454 04 02 0000 0000 00", 0, 0x81],
  ["receive maximum 0", "10 10 0004 4d515454 05 02 0000 03 210000 0000", 0, 0x82],
  ["maximum packet size 0", "10 12 0004 4d515454 05 02 0000 05 2700000000 0000", 0, 0x82],
  ["authentication data without method", "10 11 0004 4d515454 05 02 0000 04 16000100 0000", 0, 0x82],
  ["a packet above the maximum size", "30 c9 01 0001", 4, 0x95],
];

test.each(cases)("%s", (_what, hex, version, reasonCode) => {
  const parser = new Parser({ ...(version === 0 ? {} : { version }), maximumPacketSize: 200 });
  // Byte by byte, so that nothing is refused later than its last byte.
  let result: unknown;
  for (const byte of bytesOf(hex)) {
    parser.push(Uint8Array.of(byte));
    result = parser.next();
    if (result !== undefined) break;
  }
  expect(result).toBeInstanceOf(MqttError);
  expect((result as MqttError).reasonCode).toBe(reasonCode);
});

test("the version of a refused CONNECT stays unknown", () => {
  const parser = new Parser();
  parser.push(bytesOf("10 0c 0004 4d515454 06 02 0000 0000"));
  expect(parser.next()).toBeInstanceOf(MqttError);
  expect(parser.version).toBeUndefined();
});

test("a large packet announced by few bytes takes little memory", () => {
  const parser = new Parser({ version: 4 });
  parser.push(bytesOf("30 ff ff ff 7f"));
  parser.push(bytesOf("0001 61"));
  expect(parser.next()).toBeUndefined();
  expect(parser.pending).toBe(8);
});
