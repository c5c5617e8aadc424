import { isUtf8 } from "node:buffer";

/** What a device says in a request on its jobs topics (reference 4.2). Every input is hostile until it is read here. */

export type RejectCode =
  | "InvalidTopic"
  | "InvalidJson"
  | "InvalidRequest"
  | "InvalidStateTransition"
  | "ResourceNotFound"
  | "VersionMismatch"
  | "InternalError"
  | "RequestThrottled"
  | "TerminalStateReached";

/** A request that is refused on `…/rejected`. */
export class Rejection extends Error {
  override readonly name = "Rejection";
  readonly code: RejectCode;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: RejectCode, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.code = code;
    this.members = members;
  }
}

export type Request = { readonly [name: string]: unknown };

/** What AWS takes as a message (reference 1.5), though a broker of one's own may take larger ones. */
const MAX_BYTES = 131_072;
const MAX_DEPTH = 8;
const TOKEN_BYTES = 64;
const DETAILS = 10;
const DETAIL_KEY = /^[a-zA-Z0-9:_-]{1,128}$/;
const DETAIL_CHARACTERS = 1_024;
const MAX_MINUTES = 10_080;

const invalid = (message: string): Rejection => new Rejection("InvalidRequest", message);
/** A member that is null counts as left out. */
const own = (request: Request, name: string): unknown =>
  Object.hasOwn(request, name) ? (request[name] ?? undefined) : undefined;

/** An empty payload asks without members. Throws Rejection InvalidJson, or InvalidRequest for one that is too large. */
export function readRequest(payload: Uint8Array): Request {
  if (payload.length === 0) return {};
  if (payload.length > MAX_BYTES) throw invalid(`A request takes at most ${MAX_BYTES} bytes`);
  if (!isUtf8(payload)) throw new Rejection("InvalidJson", "The request is not UTF-8");
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  if (depthOf(text) > MAX_DEPTH) throw new Rejection("InvalidJson", "The request is nested too deeply");
  let value: unknown;
  try {
    value = JSON.parse(text.toString("utf8"));
  } catch {
    throw new Rejection("InvalidJson", "The request is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Rejection("InvalidJson", "The request is not a JSON object");
  }
  return value as Request;
}

/** Before anything recursive touches it. */
function depthOf(text: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const byte = text[index];
    if (quoted) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}

export function clientTokenOf(request: Request): string | undefined {
  const token = own(request, "clientToken");
  if (token === undefined) return undefined;
  if (typeof token !== "string" || Buffer.byteLength(token) > TOKEN_BYTES) {
    throw invalid(`clientToken takes text of at most ${TOKEN_BYTES} bytes`);
  }
  return token;
}

/** At most 10 pairs, keys of 128 and values of 1,024 characters (reference 4.6). */
export function detailsOf(request: Request): Readonly<Record<string, string>> | undefined {
  const details = own(request, "statusDetails");
  if (details === undefined || details === null) return undefined;
  if (typeof details !== "object" || Array.isArray(details)) throw invalid("statusDetails takes an object of text");
  return checkDetails(Object.entries(details));
}

export function checkDetails(entries: readonly (readonly [string, unknown])[]): Readonly<Record<string, string>> {
  if (entries.length > DETAILS) throw invalid(`statusDetails takes at most ${DETAILS} pairs`);
  for (const [key, value] of entries) {
    if (!DETAIL_KEY.test(key)) throw invalid("statusDetails: a key takes 1 to 128 of a-z, A-Z, 0-9, :, _ and -");
    if (typeof value !== "string" || value.length === 0 || value.length > DETAIL_CHARACTERS || /\p{C}/u.test(value)) {
      throw invalid(`statusDetails: ${key} takes text of 1 to ${DETAIL_CHARACTERS} characters`);
    }
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

/** 1 to 10,080 minutes, or -1: none. */
export function stepTimeoutOf(request: Request): number | undefined {
  const minutes = own(request, "stepTimeoutInMinutes");
  return minutes === undefined ? undefined : checkStepTimeout(minutes);
}

export function checkStepTimeout(minutes: unknown): number {
  if (!Number.isInteger(minutes) || ((minutes as number) < 1 && minutes !== -1) || (minutes as number) > MAX_MINUTES) {
    throw invalid(`stepTimeoutInMinutes takes 1 to ${MAX_MINUTES}, or -1`);
  }
  return minutes as number;
}

/** A number, or its decimal digits as text. */
export function numberOf(request: Request, name: string): number | undefined {
  const value = own(request, name);
  if (value === undefined) return undefined;
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (!Number.isSafeInteger(number) || (number as number) < 0) throw invalid(`${name} takes a whole number`);
  return number as number;
}

export function booleanOf(request: Request, name: string, otherwise: boolean): boolean {
  const value = own(request, name);
  if (value === undefined) return otherwise;
  if (typeof value !== "boolean") throw invalid(`${name} takes true or false`);
  return value;
}

export function textOf(request: Request, name: string): string {
  const value = own(request, name);
  if (typeof value !== "string") throw invalid(`${name} is needed, as text`);
  return value;
}
