import { describe, expect, test } from "vitest";
import { LONGEST_ANSWER, maskedMessage, parseAnswer } from "./connector-answer.ts";

const said = (header: unknown, payload?: unknown) => JSON.stringify({ header, payload });

describe("a connector's answer", () => {
  test.each([
    [said({ responseCode: 200 }), { kind: "acknowledged" }],
    [said({ responseCode: 202 }, { responseMessage: "m" }), { kind: "acknowledged", message: "m" }],
    [said({ responseCode: 200 }, { Message: "m", userId: "u" }), { kind: "acknowledged", message: "m", userId: "u" }],
    [said({ responseCode: 200 }, { responseMessage: 7 }), { kind: "acknowledged" }],
    [said({ responseCode: 401 }), { kind: "refused", responseCode: 401 }],
    [said({ responseCode: 404 }, { Message: "none" }), { kind: "refused", responseCode: 404, message: "none" }],
    [said({ responseCode: 503 }), { kind: "failed", responseCode: 503 }],
  ])("%s", (payload, expected) => expect(parseAnswer(payload, "token")).toEqual(expected));

  test.each([
    ["", /not JSON/],
    ["<html>", /not JSON/],
    ["null", /JSON object/],
    ["[]", /JSON object/],
    ['"200"', /JSON object/],
    ["{}", /no header/],
    [said([]), /no header/],
    [said({ responseCode: "200" }), /not an integer/],
    [said({ responseCode: 200.5 }), /not an integer/],
    [said({}), /not an integer/],
    [said({ responseCode: 100 }), /no answer/],
    [said({ responseCode: 302 }), /no answer/],
    [said({ responseCode: 600 }), /no answer/],
    [said({ responseCode: 200 }, []), /payload/],
    [said({ responseCode: 200 }, { x: "x".repeat(LONGEST_ANSWER) }), /characters/],
    ["[".repeat(100_000), /not JSON/],
  ])("that is malformed: %#", (payload, why) => {
    expect(parseAnswer(payload, "token")).toEqual({ kind: "malformed", why: expect.stringMatching(why) });
  });

  test("never carries the token on, nor more than a line of 256 characters", () => {
    const message = maskedMessage(`no\r\nbearer se.cret+ nor se.cret+ ${"x".repeat(1000)}`, "se.cret+");
    expect(message).toMatch(/^no bearer \*\*\* nor \*\*\* x+$/);
    expect(message).toHaveLength(256);
  });

  test("never carries the token on in another form, nor what a secret of JSON holds", () => {
    const token = 'a/b+c==~d"';
    const forms = [encodeURIComponent(token), JSON.stringify(token), Buffer.from(token).toString("base64")];
    for (const form of [token, ...forms]) expect(maskedMessage(`bearer ${form}`, token)).not.toContain(form);
    const material = JSON.stringify({ user: "someone", password: "pass word/1", n: 7, short: "ab" });
    expect(maskedMessage(`"pass word/1" of someone: pass%20word%2F1 ab 7`, material)).toBe('"***" of ***: *** ab 7');
    expect(maskedMessage("{} is {not} it", "{not} it")).toBe("{} is ***");
  });
});
