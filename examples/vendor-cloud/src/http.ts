import type { IncomingMessage, ServerResponse } from "node:http";

/** A refusal that the caller is told: `{"error": code, "message": message}`. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export type JsonObject = Record<string, unknown>;

/** At most `limit` bytes; throws a 413 beyond. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLong = () => new Refusal(413, "too_large", `a body has at most ${limit} bytes`, { connection: "close" });
  if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLong();
  const chunks: Buffer[] = [];
  let length = 0;
  // Left open beyond the limit: the refusal still has to go out over it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length;
    if (length > limit) throw tooLong();
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks, length);
}

export async function readJson(request: IncomingMessage, limit: number): Promise<JsonObject> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? ""))
    throw new Refusal(415, "unsupported_media_type", "the body has to be application/json", { connection: "close" });
  const body = await readBody(request, limit);
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch {
    throw new Refusal(400, "bad_json", "the body is not JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new Refusal(400, "bad_json", "the body has to be a JSON object");
  return parsed as JsonObject;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, {
    ...(text ? { "content-type": "application/json" } : {}),
    "content-length": String(Buffer.byteLength(text)),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(text);
}

export function sendHtml(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { ...HTML_HEADERS, "content-length": String(Buffer.byteLength(html)) });
  response.end(html);
}

/**
 * No script, no frame, nothing from elsewhere. There is no `form-action`: browsers apply it to the redirects after the
 * form as well, and those lead to the partner's callback and on to wherever that sends the user.
 */
export const HTML_HEADERS: Record<string, string> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Answers with the refusal; anything else is a fault of ours, of which the caller learns nothing. */
export function sendRefusal(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const refusal = error instanceof Refusal ? error : new Refusal(500, "internal", "something went wrong here");
  sendJson(response, refusal.status, { error: refusal.code, message: refusal.message }, refusal.headers);
}
