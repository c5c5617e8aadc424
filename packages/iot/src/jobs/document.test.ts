import { expect, test } from "vitest";
import { checkDocument, presignedIn, withParameters, withUrls } from "./document.ts";

const PRESIGN = "${aws:iot:s3-presigned-url:https://s3.us-east-1.amazonaws.com/bucket/a.bin}";

test.each([
  ["not JSON", "{", "is not JSON"],
  ["a list", "[]", "not a JSON object"],
  ["text", '"x"', "not a JSON object"],
  ["null", "null", "not a JSON object"],
  ["too long", JSON.stringify({ a: "x".repeat(33_000) }), "more than 32768 bytes"],
  ["too deep", `{"a":${"[".repeat(100)}${"]".repeat(100)}}`, "nested too deeply"],
  ["32 KB of brackets", "[".repeat(32_000), "is not JSON"],
  ["a prototype", '{"a":{"__proto__":{"b":1}}}', "__proto__"],
  ["an unknown placeholder", '{"a":"${aws:iot:package:p:version:1:artifact}"}', "is not known"],
  ["a parameter without a name", '{"a":"${aws:iot:parameter:}"}', "is not known"],
])("%s is refused", (_, text, why) => {
  expect(() => checkDocument(text)).toThrow(
    expect.objectContaining({ name: "InvalidRequestException", message: expect.stringContaining(why) }),
  );
});

test("placeholders are found wherever strings are", () => {
  const text = JSON.stringify({ steps: [{ url: PRESIGN, who: "${aws:iot:parameter:user} and ${other}" }] });
  const { parameters, presigned } = checkDocument(text);
  expect([...parameters]).toEqual(["user"]);
  expect([...presigned]).toEqual(["https://s3.us-east-1.amazonaws.com/bucket/a.bin"]);
});

test("a parameter cannot break out of its string, and may ask for a URL", () => {
  const text = '{ "who": "u: ${aws:iot:parameter:user}", "url": "${aws:iot:parameter:url}" }';
  const put = withParameters(text, { user: '", "admin": true, "x": "', url: PRESIGN });
  expect(JSON.parse(put)).toEqual({ who: 'u: ", "admin": true, "x": "', url: PRESIGN });
  expect([...presignedIn(put)]).toEqual(["https://s3.us-east-1.amazonaws.com/bucket/a.bin"]);
  const url = 'https://objects.example/a.bin?X-Amz-Signature="';
  const done = withUrls(put, new Map([["https://s3.us-east-1.amazonaws.com/bucket/a.bin", url]]));
  expect(JSON.parse(done)).toMatchObject({ url });
});

test("what has no placeholders stays as it was written", () => {
  const text = '{ "a" : 1.0 }';
  expect(withParameters(text, { a: "b" })).toBe(text);
  expect(withUrls(text, new Map())).toBe(text);
  expect(presignedIn(text).size).toBe(0);
  expect(withParameters('{"a":"${aws:iot:parameter:toString}"}', {})).toContain("toString");
});
