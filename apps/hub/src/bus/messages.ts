import type { JsonObject } from "@hearth/device-sdk";
import { FrameError } from "@hearth/hub-ipc";
import type { BusError } from "./bus.ts";

/** Longest JSON of a message on the bus, in bytes. */
export const MAX_MESSAGE = 1_048_576;
/** The router's numbers may be longer than the sender's. */
export const MAX_FORWARDED = MAX_MESSAGE + 64;

/** What a part and the router say to each other; frames on `bus.sock` are these. */
export type BusMessage =
  | { op: "publish"; topic: string; body: JsonObject }
  | { op: "subscribe" | "unsubscribe"; topic: string }
  | { op: "serve" | "unserve"; service: string }
  /** `id` is the sender's own; the answer carries it. */
  | { op: "request"; id: number; service: string; method: string; body: JsonObject }
  | { op: "answer"; id: number; body: JsonObject }
  | { op: "refusal"; id: number; reason: BusError["reason"]; message: string; code?: string }
  /** Nobody waits for the answer any more. */
  | { op: "cancel"; id: number }
  | { op: "presence"; service: string; there: boolean };

const STRINGS: Readonly<Record<string, readonly string[]>> = {
  publish: ["topic"],
  subscribe: ["topic"],
  unsubscribe: ["topic"],
  serve: ["service"],
  unserve: ["service"],
  request: ["service", "method"],
  answer: [],
  refusal: ["reason", "message"],
  cancel: [],
  presence: ["service"],
};
const WITH_ID = new Set(["request", "answer", "refusal", "cancel"]);
const WITH_BODY = new Set(["publish", "request", "answer"]);
const MAX_NAME = 256;

/** Throws FrameError for what is no message of the bus. */
export function parseBusMessage(json: JsonObject): BusMessage {
  const { op } = json;
  const strings = typeof op === "string" && Object.hasOwn(STRINGS, op) ? STRINGS[op] : undefined;
  if (typeof op !== "string" || !strings) throw new FrameError("a message of the bus has an unknown op");
  for (const name of strings) {
    const value = json[name];
    if (typeof value !== "string" || (name !== "message" && value.length > MAX_NAME)) {
      throw new FrameError(`${op} without a proper ${name}`);
    }
  }
  if (WITH_ID.has(op) && !Number.isSafeInteger(json.id)) throw new FrameError(`${op} without an id`);
  const { body } = json;
  if (WITH_BODY.has(op) && (typeof body !== "object" || body === null || Array.isArray(body))) {
    throw new FrameError(`${op} without a body`);
  }
  return json as unknown as BusMessage;
}
