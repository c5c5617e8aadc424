import { withoutSecrets } from "./masking.ts";

/** The most of a function's answer that is read, in characters. */
export const LONGEST_ANSWER = 256 * 1024;
/** As long as a Message of SendConnectorEvent may be. */
const LONGEST_MESSAGE = 256;

/** What a connector said in time (reference 9.3). */
export type ConnectorAnswer =
  | { kind: "acknowledged"; message?: string; userId?: unknown }
  | { kind: "refused" | "failed"; responseCode: number; message?: string }
  | { kind: "malformed"; why: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Texts of connectors as they may stand in events and logs: one line, bounded, and never with the user's token. */
export function maskedMessage(text: string, token: string): string {
  return withoutSecrets(text, [token])
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    .slice(0, LONGEST_MESSAGE);
}

/** Reads the reply of a connector: any 2xx is the acknowledgement, 4xx its refusal (U25). */
export function parseAnswer(payload: string, token: string): ConnectorAnswer {
  if (payload.length > LONGEST_ANSWER) {
    return { kind: "malformed", why: `the answer has more than ${LONGEST_ANSWER} characters` };
  }
  let answer: unknown;
  try {
    answer = JSON.parse(payload);
  } catch {
    return { kind: "malformed", why: "the answer is not JSON" };
  }
  if (!isObject(answer)) return { kind: "malformed", why: "the answer is not a JSON object" };
  const { header, payload: body = {} } = answer;
  if (!isObject(header)) return { kind: "malformed", why: "the answer has no header" };
  if (!isObject(body)) return { kind: "malformed", why: "the answer's payload is not a JSON object" };
  const code = header["responseCode"];
  if (typeof code !== "number" || !Number.isInteger(code)) {
    return { kind: "malformed", why: "header.responseCode is not an integer" };
  }
  const said = body["responseMessage"] ?? body["Message"];
  const message = typeof said === "string" ? maskedMessage(said, token) : undefined;
  if (code >= 200 && code < 300) return { kind: "acknowledged", message, userId: body["userId"] };
  if (code >= 400 && code < 500) return { kind: "refused", responseCode: code, message };
  if (code >= 500 && code < 600) return { kind: "failed", responseCode: code, message };
  return { kind: "malformed", why: `header.responseCode ${code} is no answer to a request` };
}
