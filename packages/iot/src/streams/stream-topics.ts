import { isUtf8 } from "node:buffer";
import { InternalError, type Logger, messageOf } from "@hearth/base";
import { ServiceError } from "@hearth/contract";
import type { JobObjects } from "../jobs/job-objects.ts";
import { CborError, type CborValue, decodeCbor, encodeCbor } from "../messaging/cbor.ts";
import type { Message, Outcome, Publisher, ReservedTopic } from "../messaging/message.ts";
import { blocksOf, readBlockRequest, type StreamErrorCode, StreamRejection } from "./blocks.ts";
import type { FileStream, StreamedFile } from "./stream.ts";
import { type Streams, streamReader } from "./streams.ts";

export interface StreamTopicsDeps {
  streams: Pick<Streams, "get">;
  objects: Pick<JobObjects, "head" | "read">;
  log: Logger;
}

type Format = "json" | "cbor";
type Fields = { readonly [name: string]: unknown };

/** Requests of one client that may be under way: each may read 128 KB. */
const IN_FLIGHT = 10;
const TOKEN_BYTES = 64;
/** Bytes of a request; a bitmap is the longest of it. */
const REQUEST_BYTES = 65_536;
const STREAM_ID = /^[a-zA-Z0-9_-]{1,128}$/;

/** The stream topics of devices (reference 2 and 2.1): answers go to the asking client alone. */
export function createStreamTopics({ streams, objects, log }: StreamTopicsDeps): ReservedTopic[] {
  const inFlight = new Map<string, number>();

  /** The file as the stream took it: one that was replaced since is not that file any more. */
  async function checkFile(stream: FileStream, file: StreamedFile): Promise<void> {
    const { etag } = await objects.head(file.object, streamReader(stream, stream.streamId, stream.roleArn));
    if (etag === file.etag) return;
    throw new StreamRejection("ResourceNotFound", `The object of file ${file.fileId} was replaced: update the stream`);
  }

  const describe = (stream: FileStream): Fields[] => [
    {
      s: stream.version,
      ...(stream.description === undefined ? {} : { d: stream.description }),
      r: stream.files.map(({ fileId, size }) => ({ f: fileId, z: size })),
    },
  ];

  async function get(stream: FileStream, request: Fields): Promise<Fields[]> {
    const asked = readBlockRequest(request);
    const file = stream.files.find(({ fileId }) => fileId === asked.fileId);
    if (file === undefined) throw new StreamRejection("ResourceNotFound", `The stream has no file ${asked.fileId}`);
    if (asked.version !== undefined && asked.version !== stream.version) {
      throw new StreamRejection("VersionMismatch", `The stream has version ${stream.version}, not ${asked.version}`);
    }
    const blocks = blocksOf(asked, file.size);
    const [first, last] = [blocks[0], blocks.at(-1)];
    if (first === undefined || last === undefined) return [];
    await checkFile(stream, file);
    return readBlocks(stream, file, asked.blockSize, blocks);
  }

  /** Blocks that follow one another are read at once. */
  async function readBlocks(stream: FileStream, file: StreamedFile, size: number, blocks: number[]): Promise<Fields[]> {
    const reader = streamReader(stream, stream.streamId, stream.roleArn);
    const answers: Fields[] = [];
    for (let from = 0; from < blocks.length; ) {
      let to = from;
      while (blocks[to + 1] === (blocks[to] as number) + 1) to++;
      const start = (blocks[from] as number) * size;
      const end = Math.min(file.size, ((blocks[to] as number) + 1) * size);
      const bytes =
        end > start
          ? await collect(await objects.read(file.object, reader, { first: start, last: end - 1 }))
          : Buffer.alloc(0);
      for (; from <= to; from++) {
        const at = (blocks[from] as number) * size - start;
        const payload = bytes.subarray(at, at + size);
        answers.push({ f: file.fileId, l: payload.length, i: blocks[from], p: payload });
      }
    }
    return answers;
  }

  async function handle(
    method: "describe" | "get",
    format: Format,
    [thingName = "", streamId = ""]: readonly string[],
    { accountId, payload }: Message,
    publisher: Publisher,
  ): Promise<Outcome> {
    let token: string | undefined;
    const say = (answer: "description" | "data" | "rejected", fields: Fields): Message => ({
      accountId,
      topic: `$aws/things/${thingName}/streams/${streamId}/${answer}/${format}`,
      payload: encode(format, token === undefined ? fields : { c: token, ...fields }),
      qos: 1,
      retain: false,
    });
    const client = `${accountId}/${publisher.clientId ?? publisher.principalId}`;
    const busy = inFlight.get(client) ?? 0;
    try {
      if (busy >= IN_FLIGHT) throw new StreamRejection("InvalidRequest", `${IN_FLIGHT} requests are under way already`);
      inFlight.set(client, busy + 1);
      try {
        const request = decode(format, payload);
        token = tokenOf(request);
        if (!STREAM_ID.test(streamId)) throw new StreamRejection("InvalidTopic", "The topic names no stream");
        const stream = await streams.get({ accountId: publisher.accountId, region: publisher.region, streamId });
        const answers = method === "describe" ? describe(stream) : await get(stream, request);
        return { reply: answers.map((fields) => say(method === "describe" ? "description" : "data", fields)) };
      } finally {
        const left = (inFlight.get(client) ?? 1) - 1;
        if (left > 0) inFlight.set(client, left);
        else inFlight.delete(client);
      }
    } catch (error) {
      const [code, message] = rejectionOf(error);
      return { reply: [say("rejected", { o: code, m: message })] };
    }
  }

  function rejectionOf(error: unknown): [StreamErrorCode, string] {
    if (error instanceof StreamRejection) return [error.code, error.message];
    if (error instanceof ServiceError) {
      const code = error.name === "AccessDenied" ? "Unauthorized" : "ResourceNotFound";
      return [code, messageOf(error)];
    }
    log.error({ err: error }, "a request of a device for a file failed");
    return ["ResourceNotFound", "The file cannot be read now; try again later"];
  }

  return (["describe", "get"] as const).flatMap((method) =>
    (["json", "cbor"] as const).map((format) => ({
      filter: `$aws/things/+/streams/+/${method}/${format}`,
      deliver: false,
      handle: (levels, message, publisher) => {
        if (levels.length !== 2) throw new InternalError("a stream topic without its thing or stream");
        return handle(method, format, levels, message, publisher);
      },
    })),
  );
}

function decode(format: Format, payload: Uint8Array): Fields {
  const refuse = (): StreamRejection =>
    new StreamRejection(
      format === "json" ? "InvalidJson" : "InvalidCbor",
      `The request is no ${format.toUpperCase()} object`,
    );
  if (payload.length > REQUEST_BYTES) throw refuse();
  if (payload.length === 0) return {};
  let value: unknown;
  try {
    if (format === "cbor") value = decodeCbor(payload, { bytes: REQUEST_BYTES });
    else if (isUtf8(payload)) value = JSON.parse(Buffer.from(payload).toString("utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof CborError)) throw error;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array)
    throw refuse();
  return value as Fields;
}

/** JSON carries bytes in base64. */
function encode(format: Format, fields: Fields): Uint8Array {
  if (format === "cbor") return encodeCbor(fields as CborValue);
  const { p } = fields;
  return Buffer.from(
    JSON.stringify(p instanceof Uint8Array ? { ...fields, p: Buffer.from(p).toString("base64") } : fields),
  );
}

function tokenOf(request: Fields): string | undefined {
  const token = Object.hasOwn(request, "c") ? request["c"] : undefined;
  if (token === undefined) return undefined;
  if (typeof token !== "string" || Buffer.byteLength(token) > TOKEN_BYTES) {
    throw new StreamRejection("InvalidRequest", `c takes text of at most ${TOKEN_BYTES} bytes`);
  }
  return token;
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}
