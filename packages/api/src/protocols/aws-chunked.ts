import { createHash, type Hash, timingSafeEqual } from "node:crypto";
import { type ByteStream, type ChunkSignatures, ServiceError } from "@hearth/contract";

/**
 * The bytes of a request that come piece by piece, checked against what its headers declare of them (AWS: "Signature
 * calculations: transfer payload in multiple chunks", "Trailing checksums").
 */

const LONGEST_LINE = 8_192;
/** AWS's clients send 64 KiB to 1 MiB; a chunk whose signature is checked is held until it is whole. */
const LARGEST_SIGNED_CHUNK = 16 * 1024 * 1024;
const MOST_TRAILERS = 20;
const EMPTY_HASH = createHash("sha256").digest("hex");

const incomplete = (why: string): ServiceError =>
  new ServiceError("IncompleteBody", `The request body terminated unexpectedly: ${why}.`);
const unequal = (): ServiceError =>
  new ServiceError("SignatureDoesNotMatch", "The signature of a chunk is not the one that its bytes give.");

interface Declared {
  headers: Readonly<Record<string, string>>;
  incoming: AsyncIterable<Uint8Array>;
  /** Absent where the request was not signed by a secret. */
  chunks?: ChunkSignatures;
}

/** Iterating throws `IncompleteBody`, `XAmzContentSHA256Mismatch`, `SignatureDoesNotMatch`, `InvalidArgument`. */
export function payloadStream({ headers, incoming, chunks }: Declared): ByteStream {
  const declared = headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD";
  if (declared.startsWith("STREAMING-")) return chunked(headers, incoming, declared, chunks);
  if (/^[0-9a-f]{64}$/.test(declared)) return hashed(incoming, declared);
  if (declared === "UNSIGNED-PAYLOAD") return incoming;
  throw new ServiceError("InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-… or a SHA-256.");
}

async function* hashed(incoming: AsyncIterable<Uint8Array>, declared: string): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const bytes of incoming) {
    hash.update(bytes);
    yield bytes;
  }
  if (hash.digest("hex") !== declared) {
    throw new ServiceError(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
}

const KINDS: Readonly<Record<string, { signed: boolean; trailer: boolean }>> = {
  "STREAMING-UNSIGNED-PAYLOAD-TRAILER": { signed: false, trailer: true },
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD": { signed: true, trailer: false },
  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER": { signed: true, trailer: true },
};

function chunked(
  headers: Readonly<Record<string, string>>,
  incoming: AsyncIterable<Uint8Array>,
  declared: string,
  chunks: ChunkSignatures | undefined,
): ByteStream {
  const kind = Object.hasOwn(KINDS, declared) ? KINDS[declared] : undefined;
  if (!kind)
    throw new ServiceError("InvalidArgument", `x-amz-content-sha256 ${declared.slice(0, 64)} is not supported.`);
  if (kind.signed && !chunks)
    throw new ServiceError("InvalidArgument", "Chunks are signed by requests signed in the header.");
  const length = headers["x-amz-decoded-content-length"] ?? "";
  if (!/^\d{1,15}$/.test(length)) {
    throw new ServiceError("MissingContentLength", "You must provide the x-amz-decoded-content-length HTTP header.");
  }
  const trailers: Record<string, string> = Object.create(null);
  const bytes = decode(incoming, { length: Number(length), ...kind, chunks, trailers });
  return { [Symbol.asyncIterator]: () => bytes, trailers };
}

interface Decoding {
  length: number;
  signed: boolean;
  trailer: boolean;
  chunks: ChunkSignatures | undefined;
  trailers: Record<string, string>;
}

async function* decode(incoming: AsyncIterable<Uint8Array>, asked: Decoding): AsyncGenerator<Uint8Array> {
  const { signed, chunks, trailers } = asked;
  const source = createSource(incoming);
  let previous = chunks?.seed ?? "";
  let total = 0;
  const check = (given: string | undefined, expected: string): void => {
    if (given === undefined || given.length !== expected.length) throw unequal();
    if (!timingSafeEqual(Buffer.from(given), Buffer.from(expected))) throw unequal();
    previous = expected;
  };
  for (;;) {
    const [size, signature] = chunkHead(await source.line());
    total += size;
    if (total > asked.length) throw incomplete("it is longer than x-amz-decoded-content-length");
    if (signed) {
      if (size > LARGEST_SIGNED_CHUNK) throw new ServiceError("InvalidArgument", "A chunk is larger than 16 MiB.");
      const parts: Uint8Array[] = [];
      const hash = createHash("sha256");
      for await (const part of source.take(size)) parts.push(kept(hash, part));
      check(signature, chunks!.chunk(previous, size === 0 ? EMPTY_HASH : hash.digest("hex")));
      yield* parts;
    } else yield* source.take(size);
    if (size === 0) break;
    if ((await source.line()) !== "") throw incomplete("a chunk is longer than it says");
  }
  let text = "";
  for (let count = 0; asked.trailer || signed; count++) {
    const line = await source.line(true);
    if (line === undefined || line === "") break;
    const colon = line.indexOf(":");
    if (colon < 1 || count >= MOST_TRAILERS)
      throw new ServiceError("InvalidArgument", "The request's trailer is malformed.");
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "x-amz-trailer-signature") {
      if (signed) check(value, chunks!.trailer(previous, createHash("sha256").update(text).digest("hex")));
      text = "";
      continue;
    }
    trailers[name] = value;
    text += `${name}:${value}\n`;
  }
  if (signed && asked.trailer && text !== "") throw unequal();
  await source.end();
  if (total !== asked.length) throw incomplete("it is shorter than x-amz-decoded-content-length");
}

function kept(hash: Hash, part: Uint8Array): Uint8Array {
  hash.update(part);
  return part;
}

/** `<hex size>[;chunk-signature=<hex>]` */
function chunkHead(line: string): [size: number, signature: string | undefined] {
  const found = /^([0-9a-fA-F]{1,10})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  if (!found) throw incomplete("a chunk has no proper head");
  return [Number.parseInt(found[1]!, 16), found[2]];
}

/** Lines and runs of bytes out of buffers of any size. */
function createSource(incoming: AsyncIterable<Uint8Array>) {
  const iterator = incoming[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  /** False at the end. */
  async function more(): Promise<boolean> {
    const next = await iterator.next();
    if (next.done) return false;
    const { buffer, byteOffset, byteLength } = next.value;
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    return true;
  }
  async function line(): Promise<string>;
  async function line(mayEnd: true): Promise<string | undefined>;
  async function line(mayEnd = false): Promise<string | undefined> {
    for (;;) {
      const end = rest.indexOf("\r\n");
      if (end >= 0 && end <= LONGEST_LINE) {
        const text = rest.toString("latin1", 0, end);
        rest = rest.subarray(end + 2);
        return text;
      }
      if (rest.length > LONGEST_LINE) throw incomplete("a line in it does not end");
      if (await more()) continue;
      if (mayEnd && rest.length === 0) return undefined;
      throw incomplete("it ends within a chunk");
    }
  }
  return {
    line,
    async *take(count: number): AsyncGenerator<Uint8Array> {
      for (let left = count; left > 0; ) {
        if (rest.length === 0 && !(await more())) throw incomplete("it ends within a chunk");
        const part = rest.subarray(0, left);
        rest = rest.subarray(part.length);
        left -= part.length;
        if (part.length > 0) yield part;
      }
    },
    /** Reads what is left, which is nothing in a proper request. */
    async end(): Promise<void> {
      if (rest.length > 0 || (await more())) throw incomplete("it goes on behind its end");
    },
  };
}
