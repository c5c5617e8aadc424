import { isUtf8 } from "node:buffer";
import { CborError, decodeCbor } from "../messaging/cbor.ts";
import type { CommandStatus, Report, Results } from "./execution.ts";

/** What a device says of an execution on its response topics (reference 14). Every input is hostile until it is read here. */

export type ReportFormat = "json" | "cbor";

/** A report that says nothing that can be done; the message says why. */
export class ReportInvalid extends Error {
  override readonly name = "ReportInvalid";
}

type Fields = Readonly<Record<string, unknown>>;

const REPORT_BYTES = 32 * 1024;
const TOKEN_BYTES = 64;
const STATUSES: readonly string[] = ["CREATED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED", "TIMED_OUT"];
const REASON_CODE = /^[A-Z0-9_-]{1,64}$/;
const REASON_DESCRIPTION = /^\P{C}{0,1024}$/u;
const RESULT_NAME = /^[a-zA-Z0-9_-]{1,32}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
const own = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);

/** Throws `ReportInvalid`. */
export function readFields(payload: Uint8Array, format: ReportFormat): Fields {
  if (payload.length > REPORT_BYTES) throw new ReportInvalid(`The response is larger than ${REPORT_BYTES} bytes`);
  let value: unknown;
  try {
    if (format === "cbor") value = decodeCbor(payload, { bytes: REPORT_BYTES });
    else if (isUtf8(payload)) value = JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch (error) {
    if (!(error instanceof CborError || error instanceof SyntaxError)) throw error;
  }
  if (!isFields(value)) throw new ReportInvalid(`The response is not an object in ${format.toUpperCase()}`);
  return value;
}

/** Throws `ReportInvalid`. */
export function clientTokenOf(fields: Fields): string | undefined {
  const token = own(fields, "clientToken");
  if (token === undefined) return undefined;
  if (typeof token !== "string" || Buffer.byteLength(token) > TOKEN_BYTES) {
    throw new ReportInvalid(`clientToken must be text of at most ${TOKEN_BYTES} bytes`);
  }
  return token;
}

/** Throws `ReportInvalid`. */
export function reportOf(fields: Fields, format: ReportFormat): Report {
  const status = own(fields, "status");
  if (typeof status !== "string" || !STATUSES.includes(status)) {
    throw new ReportInvalid("status must be IN_PROGRESS, SUCCEEDED, FAILED, REJECTED or TIMED_OUT");
  }
  const reason = reasonOf(own(fields, "statusReason"));
  const result = resultsOf(own(fields, "result"), format);
  return { status: status as CommandStatus, ...(reason && { reason }), ...(result && { result }) };
}

function reasonOf(given: unknown): Report["reason"] {
  if (given === undefined || given === null) return undefined;
  const reasonCode = isFields(given) ? own(given, "reasonCode") : undefined;
  const reasonDescription = isFields(given) ? own(given, "reasonDescription") : undefined;
  if (typeof reasonCode !== "string" || !REASON_CODE.test(reasonCode)) {
    throw new ReportInvalid("statusReason needs a reasonCode that matches [A-Z0-9_-]{1,64}");
  }
  if (reasonDescription === undefined) return { reasonCode };
  if (typeof reasonDescription !== "string" || !REASON_DESCRIPTION.test(reasonDescription)) {
    throw new ReportInvalid("reasonDescription must be text of at most 1,024 characters, none of them a control");
  }
  return { reasonCode, reasonDescription };
}

function resultsOf(given: unknown, format: ReportFormat): Results | undefined {
  if (given === undefined || given === null) return undefined;
  if (!isFields(given)) throw new ReportInvalid("result must be an object");
  const entries = Object.entries(given).map(([name, value]): [string, Results[string]] => {
    if (!RESULT_NAME.test(name)) throw new ReportInvalid("The names in result must match [a-zA-Z0-9_-]{1,32}");
    return [name, resultOf(name, value, format)];
  });
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

function resultOf(name: string, given: unknown, format: ReportFormat): Results[string] {
  const [[member, value] = [], ...others] = isFields(given) ? Object.entries(given) : [];
  if (others.length === 0) {
    if (member === "s" && typeof value === "string" && value.length > 0) return { S: value };
    if (member === "b" && typeof value === "boolean") return { B: value };
    if (member === "bin" && format === "cbor" && value instanceof Uint8Array && value.length > 0) return { BIN: value };
    if (member === "bin" && format === "json" && typeof value === "string" && BASE64.test(value)) {
      return { BIN: new Uint8Array(Buffer.from(value, "base64")) };
    }
  }
  throw new ReportInvalid(`result.${name} must have one of s (text), b (a boolean) and bin (bytes; base64 in JSON)`);
}
