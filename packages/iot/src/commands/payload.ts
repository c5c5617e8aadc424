import { CborFloat, type CborValue, encodeCbor } from "../messaging/cbor.ts";
import { invalid, type ParameterValue, type Values } from "./parameters.ts";

/** What a device gets: the payload of a command without parameters is sent as it is. */
export interface Payload {
  content: Uint8Array;
  contentType?: string;
}

/** Reference 14. */
export const PAYLOAD_BYTES = 32 * 1024;
const DEPTH = 16;

const PLACEHOLDER = /\$\{aws:iot:commandexecution::parameter:([.$a-zA-Z0-9_-]{1,192})\}/g;
const WHOLE = /^\$\{aws:iot:commandexecution::parameter:([.$a-zA-Z0-9_-]{1,192})\}$/;
/** A text of JSON; the template is known to be JSON. What follows tells a member's name. */
const TEXT = /"(?:[^"\\]|\\.)*"(\s*:)?/g;

/**
 * A JSON document in whose texts parameters stand. Throws ValidationException when it is not JSON, is too deep, or
 * names what is no parameter.
 */
export function checkTemplate(template: string, names: ReadonlySet<string>, format: "JSON" | "CBOR"): void {
  let document: unknown;
  try {
    document = JSON.parse(template);
  } catch {
    throw invalid("payloadTemplate must be JSON; a placeholder stands in quotes");
  }
  checkDocument(document, names, format, 0);
}

function checkDocument(value: unknown, names: ReadonlySet<string>, format: "JSON" | "CBOR", depth: number): void {
  if (typeof value === "string") {
    for (const [, name = ""] of value.matchAll(PLACEHOLDER)) {
      if (!names.has(name)) throw invalid(`payloadTemplate: ${name} is not among mandatoryParameters`);
    }
  } else if (typeof value === "number") {
    if (format === "CBOR" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw invalid("payloadTemplate: an integer beyond 2^53 has to come by a parameter, for CBOR");
    }
  } else if (typeof value === "object" && value !== null) {
    if (depth >= DEPTH) throw invalid(`payloadTemplate is deeper than ${DEPTH} levels`);
    for (const [key, member] of Object.entries(value)) {
      if (key.search(PLACEHOLDER) >= 0) throw invalid("payloadTemplate: a placeholder cannot be a member's name");
      checkDocument(member, names, format, depth + 1);
    }
  }
}

/**
 * The template with the parameters' values: a text that is one placeholder becomes the value itself, with its type;
 * within a longer text it becomes part of the text. Throws ValidationException when the result is too large.
 */
export function renderTemplate(template: string, format: "JSON" | "CBOR", values: Values): Payload {
  const content = format === "JSON" ? Buffer.from(asJson(template, values)) : asCbor(template, values);
  if (content.length > PAYLOAD_BYTES) throw invalid(`With these parameters the payload exceeds ${PAYLOAD_BYTES} bytes`);
  return { content, contentType: format === "JSON" ? "application/json" : "application/cbor" };
}

/** Text by text, so that everything else stays as it was written: numbers keep all their digits. */
const asJson = (template: string, values: Values): string =>
  template.replace(TEXT, (token: string, colon: string | undefined) => {
    if (colon !== undefined || !token.includes("commandexecution::parameter")) return token;
    const text = JSON.parse(token) as string;
    const whole = WHOLE.exec(text)?.[1];
    if (whole === undefined) return JSON.stringify(filled(text, values));
    const { S, B, I, L, UL, D, BIN } = valueFor(values, whole);
    if (BIN !== undefined) return JSON.stringify(Buffer.from(BIN).toString("base64"));
    // UL may be written with zeroes before it, which JSON does not allow.
    return UL !== undefined ? String(BigInt(UL)) : JSON.stringify(S ?? B ?? I ?? L ?? D);
  });

function asCbor(template: string, values: Values): Uint8Array {
  const fill = (value: unknown): CborValue => {
    if (typeof value === "string") {
      const whole = WHOLE.exec(value)?.[1];
      if (whole === undefined) return filled(value, values);
      const { S, B, I, L, UL, D, BIN } = valueFor(values, whole);
      if (D !== undefined) return new CborFloat(D);
      return UL !== undefined ? BigInt(UL) : (S ?? B ?? I ?? L ?? BIN);
    }
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== "object" || value === null) return value as CborValue;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fill(member)]));
  };
  return encodeCbor(fill(JSON.parse(template)));
}

function filled(text: string, values: Values): string {
  return text.replace(PLACEHOLDER, (_, name: string) => {
    const { S, B, I, L, UL, D, BIN } = valueFor(values, name);
    return BIN !== undefined ? Buffer.from(BIN).toString("base64") : String(S ?? B ?? I ?? L ?? UL ?? D);
  });
}

const valueFor = (values: Values, name: string): ParameterValue => values[name] ?? {};
