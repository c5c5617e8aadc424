import { describe, expect, test } from "vitest";
import { services } from "../services.ts";
import { compilePattern } from "./pattern.ts";

const patterns = new Set(
  Object.values(services).flatMap((model) =>
    Object.values(model.shapes).flatMap((shape) =>
      "pattern" in shape && shape.pattern !== undefined ? [shape.pattern] : [],
    ),
  ),
);

describe("compilePattern", () => {
  test("every pattern of every service can be expressed", () => {
    expect(patterns.size).toBeGreaterThan(100);
    for (const pattern of patterns) expect(() => compilePattern(pattern), pattern).not.toThrow();
  });

  test("compiles once", () => {
    expect(compilePattern("[a-z]")).toBe(compilePattern("[a-z]"));
  });

  test.each([
    ["[\\p{Graph}\\x20]*", ["a !~", ""], ["ä", "\t", "\n"]],
    ["[\\p{Upper}\\p{Digit}_]+", ["A_9"], ["a"]],
    ["[^\\p{Cntrl}]*", ["ä b"], ["\u0007", "\n"]],
    ["[^\\p{C}]+", ["ä b"], ["\u0007", "\u200b"]],
    ["\\p{Alpha}\\p{Digit}", ["a1"], ["1a"]],
    ["[a\\x{0022}]+", ['a"'], ["0022"]],
    ["[a-z\\_\\#[]+", ["a_#["], ["\\"]],
    ["^([1-9]|[12][0-9]|3[01])$|^LAST$", ["31", "LAST"], ["32", "LAST "]],
    ["$|^(https):\\/\\/.*", ["", "https://a"], ["x", "http://a"]],
    ["0[xX][0-9a-fA-F]+$|^[0-9]+", ["0x1F", "12"], ["0x", "1F", "0x1 12"]],
  ])("%s", (pattern, good, bad) => {
    for (const value of good) expect(compilePattern(pattern).test(value), value).toBe(true);
    for (const value of bad) expect(compilePattern(pattern).test(value), value).toBe(false);
  });

  test("expressions rewritten for linear time accept and refuse what the originals do", () => {
    const rewritten: [pattern: string, values: string[]][] = [
      [".*[a-zA-Z0-9_.,@/:#-]*.*", ["", "a", "ä b", "a\nb", "\n"]],
      [".*[a-zA-Z0-9_.,@/:#-]+.*", ["", "a", "ä", "ä a ä", "é\na", "a\né", "--", "ä\u2028a"]],
      [
        "-----BEGIN CERTIFICATE-----.*(.|\\n)*-----END CERTIFICATE-----\\n?",
        ["-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----", "x"].flatMap(
          (text) => [text, `${text}\n`, `${text}\n\n`, `${text}\n${text}`, ` ${text}`],
        ),
      ],
      [
        "arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+",
        [
          "arn:aws:kinesis:us-east-1:000000000000:stream/a",
          "arn:aws-cn:kinesis:x:000000000000:stream/",
          "arn:aws:sqs:x:1:stream/a",
        ],
      ],
      [
        "arn:aws.*:kinesis:.*:\\d{12}:.*stream/\\S+",
        ["arn:aws:kinesis:us-east-1:000000000000:stream/a/consumer/b:1", "arn:aws:kinesis:us-east-1:0:stream/a"],
      ],
      [
        "^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+",
        [
          "arn:aws:kinesis:us-east-1:000000000000:stream/a/consumer/b:1",
          "arn:aws:kinesis:us-east-1:000000000000:stream/a",
        ],
      ],
      [
        "^[1-9]+.[0-9]+",
        ["1.0", "12.34", "1", "10", "100", "101", "1000", "012", "1.", ".1", "1..1", "1\n1", "10.1", "1x0"],
      ],
    ];
    for (const [pattern, values] of rewritten) {
      expect(patterns, pattern).toContain(pattern);
      for (const value of values) {
        expect(compilePattern(pattern).test(value), `${pattern} ${value}`).toBe(
          new RegExp(`^(?:${pattern})$`, "u").test(value),
        );
      }
    }
  });

  test("no pattern backtracks over repeated text", () => {
    for (const pattern of patterns) {
      const expression = compilePattern(pattern);
      const parts = new Set([
        ...(pattern.match(/[a-zA-Z0-9:/._@-]/g) ?? []),
        ..."a0-/: .,=*\n",
        "a:",
        "a/",
        "a-",
        "a.",
      ]);
      for (const part of parts) {
        for (const start of ["", "arn:aws:iot:", "arn:aws:kinesis:"]) {
          const text = `${start}${part.repeat(30_000)}\u0000`;
          const before = process.cpuUsage();
          expression.test(text);
          const { user } = process.cpuUsage(before);
          // Linear time is about a millisecond of the processor's, quadratic time is seconds.
          expect(user / 1_000, `${pattern} with ${JSON.stringify(part)}`).toBeLessThan(1_000);
        }
      }
    }
  });

  test("a hostile certificate is refused in one pass", () => {
    const hostile = `-----BEGIN CERTIFICATE-----${"\n-----END CERTIFICATE----".repeat(40_000)}`;
    expect(compilePattern("-----BEGIN CERTIFICATE-----.*(.|\\n)*-----END CERTIFICATE-----\\n?").test(hostile)).toBe(
      false,
    );
  });
});
