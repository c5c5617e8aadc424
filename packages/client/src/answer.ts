import type { ServiceModel, StructureShape } from "@hearth/contract";
import { fromBase64 } from "./base64.ts";
import { readError, readResult } from "./query.ts";

/** An error that the service answered. `name` is the modelled name. */
export class ServiceException extends Error {
  readonly status: number;
  readonly requestId: string | undefined;
  /** The members of the error's body. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    name: string,
    message: string,
    status: number,
    requestId?: string,
    members: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = name;
    this.status = status;
    this.requestId = requestId;
    this.members = members;
  }
}

/** What an answer that is none of success says. */
export function exceptionOf(response: Response, bytes: Uint8Array): ServiceException {
  const text = new TextDecoder().decode(bytes);
  const requestId = response.headers.get("x-amzn-requestid") ?? undefined;
  if (text.startsWith("<")) {
    const error = readError(text);
    if (error) return new ServiceException(error.name, error.message, response.status, requestId);
  }
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = JSON.parse(text);
    if (parsed !== null && typeof parsed === "object") body = parsed as Record<string, unknown>;
  } catch {
    // An answer without JSON has its name in the header or nowhere.
  }
  const type = String(response.headers.get("x-amzn-errortype") ?? body["__type"] ?? `Http${response.status}`);
  const name = type.split(":")[0]?.split("#").at(-1) ?? type;
  const message = String(body["message"] ?? body["Message"] ?? response.statusText);
  return new ServiceException(name, message, response.status, requestId, body);
}

/** The output that a successful answer holds. */
export function readOutput(model: ServiceModel, name: string, bytes: Uint8Array): unknown {
  if (model.protocol === "query") return readResult(model, name, new TextDecoder().decode(bytes));
  const output = model.operations[name]?.output;
  const shape = output ? (model.shapes[output] as StructureShape) : undefined;
  const payload = Object.entries(shape?.members ?? {}).find(([, member]) => member.payload);
  if (payload) {
    const blob = model.shapes[payload[1].shape]?.type === "blob";
    return { [payload[0]]: blob ? bytes : parse(bytes) };
  }
  return bytes.length === 0 ? {} : fromJson(model, output, parse(bytes));
}

const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** Turns base64 members back into bytes, as the contract declares them. */
function fromJson(model: ServiceModel, name: string | undefined, value: unknown): unknown {
  const shape = name ? model.shapes[name] : undefined;
  if (!shape || value === null || value === undefined) return value;
  if (shape.type === "blob" && typeof value === "string") return fromBase64(value);
  if (shape.type === "list" && Array.isArray(value)) return value.map((item) => fromJson(model, shape.member, item));
  if (shape.type === "structure" && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([member, inner]) => [member, fromJson(model, shape.members[member]?.shape, inner)]),
    );
  }
  return value;
}
