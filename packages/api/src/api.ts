import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline as pipe } from "node:stream/promises";
import { uuid } from "@hearth/base";
import { type AuditedCall, type ByteStream, ServiceError, type ServiceModel } from "@hearth/contract";
import { auditedCall } from "./audit.ts";
import { DEVICE_SERVICES, namesAuthorizer, scopeService } from "./credential-scope.ts";
import { added, type Exchange } from "./exchange.ts";
import { failureOf } from "./failures.ts";
import { pipeline } from "./pipeline.ts";
import { protocolOf, protocols } from "./protocols/protocols.ts";
import { ClientGone, dropBody, headerBytes, headOf, incomingBody, type RequestHead, receiveBody } from "./receive.ts";
import type { ApiDeps, Limits } from "./traits.ts";
import type { WireRequest, WireResponse } from "./wire.ts";

const MIB = 1024 * 1024;

/**
 * AWS: "Kinesis Data Streams quotas" allows 10 MiB a PutRecords (about 14 MiB as base64 in JSON); "Lambda quotas" a zip of
 * 50 MiB (67 MiB as base64); PutLogEvents 1 MiB of messages, which JSON may write longer.
 */
const LIMITS: Limits = {
  // S3: DeleteObjects names 1,000 keys, CompleteMultipartUpload 10,000 parts.
  bodyBytes: { kinesis: 15 * MIB, lambda: 68 * MIB, logs: 4 * MIB, s3: 4 * MIB, other: MIB },
  bodyMilliseconds: 30_000,
  headerBytes: 32 * 1024,
};

/** Of all large bodies at once: strangers may begin them. The largest fits twice. */
const LARGE_BODIES = 160 * MIB;
const LARGE = 16 * MIB;

export interface Api {
  /**
   * Serves one request of an HTTP/1.1 or HTTP/2 server. Never throws. `listener`: its name, of those that have one;
   * whose policy it must satisfy.
   */
  handle(request: IncomingMessage, response: ServerResponse, listener?: string): void;
  /** From now on connections are closed behind their answers; resolves when every request that came is answered. */
  drain(): Promise<void>;
}

interface Outcome {
  answer: WireResponse;
  model?: ServiceModel;
  operation?: string;
  /** Name of the error, absent for a success. */
  error?: string;
  audited?: AuditedCall;
}

/** Answers hold secrets and states of the moment: no cache on the way may keep one, no page may show or run one. */
const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store, no-cache",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  pragma: "no-cache",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** Of an object: how it is cached its owner says, and clients take every such header for one that the owner gave. */
const { "cache-control": _cache, pragma: _pragma, ...OBJECT_HEADERS } = ANSWER_HEADERS;

/** The API door: every service behind one endpoint, told apart by the credential scope. */
export function createApi(deps: ApiDeps): Api {
  const limits: Limits = { ...LIMITS, ...deps.limits };
  const bySigningName = new Map<string, ServiceModel[]>();
  for (const model of Object.values(deps.services)) {
    for (const name of model.signingNames) bySigningName.set(name, [...(bySigningName.get(name) ?? []), model]);
  }
  const deviceServices = DEVICE_SERVICES.flatMap((name) => deps.services[name] ?? []);
  let open = 0;
  let largeBodies = 0;
  let drained: (() => void)[] | undefined;

  function candidatesOf(head: RequestHead): readonly ServiceModel[] {
    const service = scopeService(head);
    if (service !== undefined) {
      const models = bySigningName.get(service);
      if (models) return models;
      throw new ServiceError("InvalidSignatureException", "Credential is scoped to a service that is not served here.");
    }
    if ((head.peerCertificate || namesAuthorizer(head)) && deviceServices.length > 0) return deviceServices;
    throw new ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token");
  }

  /** The request with its body, or with the stream of it for an operation that takes it so. */
  async function received(
    request: IncomingMessage,
    head: RequestHead,
    candidates: readonly ServiceModel[],
  ): Promise<WireRequest> {
    if (candidates.some((model) => takesStream(model, head))) {
      return { ...head, body: new Uint8Array(), incoming: incomingBody(request) };
    }
    const limit = limits.bodyBytes[candidates[0]!.service] ?? limits.bodyBytes.other;
    return { ...head, body: await receiveBody(request, limit, limits.bodyMilliseconds, deps.clock) };
  }

  /** Bytes of memory that a body may take, where that is much; 0 else. */
  function largeBody(request: IncomingMessage, candidates: readonly ServiceModel[]): number {
    const limit = limits.bodyBytes[candidates[0]!.service] ?? limits.bodyBytes.other;
    const bytes = Math.min(limit, Number(request.headers["content-length"] ?? limit));
    if (bytes <= LARGE) return 0;
    if (largeBodies + bytes > LARGE_BODIES) {
      throw new ServiceError("ServiceUnavailableException", "Too many large requests are under way. Try again.");
    }
    return bytes;
  }

  /** Undefined when the client broke off. */
  async function answerTo(
    request: IncomingMessage,
    head: RequestHead,
    requestId: string,
  ): Promise<Outcome | undefined> {
    let candidates: readonly ServiceModel[] = [];
    let exchange: Exchange | undefined;
    let large = 0;
    try {
      if (headerBytes(head) > limits.headerBytes) {
        throw new ServiceError("RequestHeaderFieldsTooLargeException", "The request's headers are too large.");
      }
      candidates = candidatesOf(head);
      large = largeBody(request, candidates);
      largeBodies += large;
      exchange = { request: await received(request, head, candidates), requestId, candidates };
      for (const step of pipeline) await step(exchange, deps);
      const { model, match } = added(exchange.matched);
      const answer = complete(added(exchange.response), requestId);
      return { answer, model, operation: match.name, audited: auditedCall(exchange, answer, undefined) };
    } catch (thrown) {
      if (thrown instanceof ClientGone) return undefined;
      const model = exchange?.matched?.model ?? candidates[0];
      const match = exchange?.matched?.match;
      const { failure, defect } = failureOf(thrown, model, match?.operation);
      if (defect) {
        const where = { requestId, service: model?.service, operation: match?.name };
        deps.log.error({ ...where, err: defect.cause }, defect.reason);
      }
      const answer = complete(protocolOf(model, head).serializeFailure(model, failure, requestId), requestId);
      const audited = auditedCall(exchange, answer, failure);
      return { answer, model, operation: match?.name, error: failure.shape ?? failure.code, audited };
    } finally {
      largeBodies -= large;
    }
  }

  async function serve(request: IncomingMessage, response: ServerResponse, listener?: string): Promise<void> {
    const sent = new Promise<void>((resolve) => response.once("finish", resolve).once("close", resolve));
    const requestId = uuid();
    const head = headOf(request, deps.clock.now(), listener);
    const outcome = await answerTo(request, head, requestId);
    if (!outcome) return;
    const { answer, model, operation, error, audited } = outcome;
    if (error !== undefined && model?.protocol === "rest-xml") await dropBody(request, deps.clock);
    if (audited) deps.audit?.(audited);
    const served = {
      service: model?.service,
      operation,
      status: answer.status,
      error,
      milliseconds: deps.clock.now() - head.receivedAt,
    };
    if (model && operation !== undefined) deps.record?.(model.service, operation, error ?? "Success");
    deps.metrics?.(served);
    deps.log.debug({ requestId, ...served }, "request");
    await send(request, response, answer, drained !== undefined || !request.complete);
    await sent;
  }

  return {
    handle(request, response, listener) {
      open++;
      serve(request, response, listener)
        .catch((cause: unknown) => {
          deps.log.error({ err: cause }, "an answer could not be sent");
          response.destroy();
        })
        .finally(() => {
          open--;
          if (open === 0) for (const done of drained ?? []) done();
        });
    },
    drain() {
      drained ??= [];
      const waiting = drained;
      return open === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
    },
  };
}

const complete = (answer: WireResponse, requestId: string): WireResponse => ({
  ...answer,
  headers: {
    ...(answer.headers["etag"] ? OBJECT_HEADERS : ANSWER_HEADERS),
    ...answer.headers,
    "x-amzn-requestid": requestId,
  },
});

/** Only an operation that is found by the request's head may take its body as a stream. */
function takesStream(model: ServiceModel, head: RequestHead): boolean {
  const protocol = protocols[model.protocol];
  if (!protocol.streams) return false;
  try {
    return protocol.streams(model, protocol.match(model, { ...head, body: new Uint8Array() }));
  } catch {
    // The pipeline says so in its own place.
    return false;
  }
}

/** `last`: the connection ends behind this answer (HTTP/1.1; HTTP/2 sessions are closed by their listener). */
async function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: WireResponse,
  last: boolean,
): Promise<void> {
  const { body: given } = answer;
  const stream = given !== undefined && typeof given === "object" && Symbol.asyncIterator in given ? given : undefined;
  // The client is gone.
  if (response.destroyed || response.writableEnded) return close(stream);
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (last && request.httpVersionMajor < 2) response.setHeader("connection", "close");
  if (stream) {
    if (request.method === "HEAD") await close(stream);
    else return pipe(Readable.from(stream, { objectMode: false }), response);
  }
  // A text leaves in one piece with the head, bytes would not.
  const body = stream ? undefined : (given as string | Uint8Array | undefined);
  const bodiless = answer.status === 204 || answer.status === 304;
  // Who is asked for the head alone says how long the rest would be.
  if (!bodiless && !response.hasHeader("content-length"))
    response.setHeader("content-length", Buffer.byteLength(body ?? ""));
  if (body && request.method !== "HEAD" && !bodiless) response.end(body);
  else response.end();
}

async function close(stream: ByteStream | undefined): Promise<void> {
  await stream?.[Symbol.asyncIterator]().return?.();
}
